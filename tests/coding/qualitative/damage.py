"""Accidents that leave a file of its kind: an XML still XML, a database still SQLite, a table still a table.

Random bytes seldom get past the first check of a format; these reach what lies behind it.
"""

from __future__ import annotations

import csv
import io
import random
import re
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

EVIL_TEXTS = (
    "", " ", "-1", "0", "1", "-0", "007", "12.0", "1e3", "1e999", "-1e999", "nan", "inf", "NaN", "2.5",
    "9" * 30, "-" + "9" * 30,
    "٣", "½", "x", "/", "a//b", "/a", "a/", "a/b/c", "a/" * 200, " > ", ">", "A" * 3000, "é" * 50, "😀" * 9,
    "\u202e", "{x}",
    "{0}", "%s", "\ufeff", "\u2028", "\u0085", "=1+1", "None", "true", "****", "-*t", "*a_b", "../x", "relative:///x",
    "relative:///" + "x" * 300, "internal://", "internal:///..", "{", "00000000-0000-0000-0000-000000000000",
)  # fmt: skip
_CELLS = (*EVIL_TEXTS, None, 0, -1, 2**62, -(2**62), 1.5, 1e300, -1e300, b"\x00\xff", b"", "a\x00b")
_RECODINGS = ("utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "cp1252", "latin-1", "utf-32")
_ATTRIBUTE = re.compile(r'([A-Za-z]+)="([^"]*)"')
_ELEMENT = re.compile(r"<([A-Za-z]+)\b[^<>]*?/>|<([A-Za-z]+)\b[^<>]*>[^<]*</\2>")
_XML_PIECES = (
    "<!DOCTYPE a [<!ENTITY b 'c'>]>", "&b;", "&", "<", "]]>", "<![CDATA[ < & ]]>", "<!-- x -->", "<?x y?>", "&#xD800;",
    "&#0;", "&#x1F692;", "\r", "\x01", "<Description>", "<PlainTextContent>", "</Code>", "<a>" * 400, "<Code>" * 300,
    "<Code/>", "<Coding/>", "<CodeRef/>", "<Case/>", "<Set><MemberCode/></Set>", "<Sources/>", "<PlainTextSelection/>",
    '<Source xmlns=""/>', "<x:y/>", '<Description>a "b" & <c></Description>',
    '<VariableValue><IntegerValue/></VariableValue>',
)  # fmt: skip


def damaged_xml(data: bytes, rng: random.Random) -> bytes:
    """Attributes, elements, references and encodings of a REFI-QDA document."""
    text = data.decode("utf-8", "replace")
    for _round in range(rng.choice((1, 1, 2, 4, 12))):
        text = rng.choice(_XML)(text, rng)
    return recoded(text, rng)


def damaged_qdpx(data: bytes, rng: random.Random) -> bytes:
    """The project file or a text of an archive; rarely its members are doubled or compressed otherwise."""
    out = io.BytesIO()
    method = rng.choice(
        (zipfile.ZIP_DEFLATED,) * 8 + (zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
    )
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", method) as new:
        victim = rng.choice([*old.namelist(), *(n for n in old.namelist() if n.endswith(".qde"))])
        for name in old.namelist():
            content = old.read(name)
            if name == victim:
                content = (damaged_xml if name.endswith(".qde") else damaged_text)(content, rng)
            new.writestr(name, content)
            if rng.random() < 0.02:
                new.writestr(name.swapcase(), content)
    return out.getvalue()


def damaged_text(data: bytes, rng: random.Random) -> bytes:
    """Line ends, marks and encodings of a plain text."""
    text = data.decode("utf-8", "replace")
    for _round in range(rng.choice((1, 1, 2, 5))):
        place = rng.randrange(len(text) + 1)
        kind = rng.randrange(5)
        if kind == 0:
            text = text[:place] + rng.choice(EVIL_TEXTS) + text[place:]
        elif kind == 1:
            text = text.replace("\n", rng.choice(("\r", "\r\n", "\n\n", "\x0b", "\u2028", "")))
        elif kind == 2:
            text = (
                text[:place]
                + rng.choice(("\n**** ", "\n****", "\n0001 *a_b", " *", "*_", "\n-*", "\x00"))
                + text[place:]
            )
        elif kind == 3:
            text = text[:place]
        else:
            text = text[:place] + text[place : place + 60] * rng.randrange(2, 40) + text[place:]
    return recoded(text, rng)


def damaged_table(data: bytes, rng: random.Random) -> bytes:
    """Cells, headings, widths, quotes and encodings of a CSV."""
    text = data.decode("utf-8-sig", "replace")
    separator = max(";,\t", key=text.count)
    rows = list(csv.reader(io.StringIO(text), delimiter=separator))
    for _round in range(rng.choice((1, 1, 2, 5))):
        row = rng.choice(rows)
        kind = rng.randrange(6)
        if kind <= 2 and row:
            row[rng.randrange(len(row))] = rng.choice(EVIL_TEXTS)
        elif kind == 3:
            row.append(rng.choice(EVIL_TEXTS))
        elif kind == 4 and row:
            row.pop(rng.randrange(len(row)))
        else:
            rows.insert(rng.randrange(len(rows) + 1), list(rng.choice(rows)))
    out = io.StringIO()
    ends = rng.choice(("\n", "\r\n", "\r"))
    csv.writer(out, delimiter=rng.choice((separator, separator, ",", "\t")), lineterminator=ends).writerows(
        rows
    )
    return recoded(out.getvalue(), rng)


def damaged_database(data: bytes, rng: random.Random) -> bytes:
    """Wrong types, missing tables and columns, loops and repeats by SQL; or the header and the pages by hand."""
    if rng.random() < 0.4:
        return _damaged_pages(data, rng)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.db"
        path.write_bytes(data)
        base = sqlite3.connect(path, isolation_level=None)
        base.execute("PRAGMA journal_mode = OFF")
        base.execute("PRAGMA synchronous = OFF")
        for _round in range(rng.choice((1, 1, 2, 4, 10))):
            _damage_by_sql(base, rng)
        base.close()
        return path.read_bytes()


def recoded(text: str, rng: random.Random) -> bytes:
    """Text as bytes, one time in eight in another encoding than UTF-8."""
    encoding = rng.choice(_RECODINGS) if rng.random() < 0.125 else "utf-8"
    return text.encode(encoding, "replace")


def _damage_by_sql(base: sqlite3.Connection, rng: random.Random) -> None:
    tables = [r[0] for r in base.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    if not tables:
        return
    table = rng.choice(tables)
    columns = [r[1] for r in base.execute(f'PRAGMA table_info("{table}")')]
    column = rng.choice(columns)
    one = f'rowid = (SELECT rowid FROM "{table}" ORDER BY rowid LIMIT 1 OFFSET {rng.randrange(3)})'
    kind = rng.randrange(10)
    statement: str
    values: tuple[object, ...] = ()
    if kind <= 4:
        everywhere = rng.random() < 0.2
        statement = f'UPDATE "{table}" SET "{column}" = ?' + ("" if everywhere else f" WHERE {one}")
        values = (rng.choice(_CELLS),)
    elif kind == 5:
        statement = f'UPDATE "{table}" SET "{column}" = "{rng.choice(columns)}"'
    elif kind == 6:
        statement = f'ALTER TABLE "{table}" RENAME COLUMN "{column}" TO "{column}_x"'
    elif kind == 7:
        statement = rng.choice((f'DROP TABLE "{table}"', f'DELETE FROM "{table}"'))
    elif kind == 8:
        # The same table without its keys: identifiers may then repeat, be text, or be missing.
        base.execute(f'CREATE TABLE "{table}_y" AS SELECT * FROM "{table}"')
        base.execute(f'DROP TABLE "{table}"')
        statement = f'ALTER TABLE "{table}_y" RENAME TO "{table}"'
    else:
        statement = f'INSERT INTO "{table}" SELECT * FROM "{table}"'
    try:
        base.execute(statement, values)
    except sqlite3.Error:
        return


def _damaged_pages(data: bytes, rng: random.Random) -> bytes:
    found = bytearray(data)
    size = int.from_bytes(data[16:18], "big") or 4096
    for _round in range(rng.choice((1, 2, 4, 16))):
        page = rng.randrange(max(1, len(data) // size)) * size
        # The first bytes of a page say what it is and where its cells are; the first hundred, what the file is.
        place = page + rng.choice((rng.randrange(12), rng.randrange(120), rng.randrange(size)))
        if place < len(found) and place >= 16:
            found[place] = rng.choice((0, 1, 2, 5, 10, 13, 0x7F, 0x80, 0xFF, rng.randrange(256)))
    if rng.random() < 0.2:
        found = found[: rng.randrange(len(found))]
    return bytes(found)


def _attribute(text: str, rng: random.Random) -> str:
    """One attribute takes a wrong value, or that of another (a repeated identifier, a code under itself)."""
    found = list(_ATTRIBUTE.finditer(text))
    if not found:
        return text
    one, other = rng.choice(found), rng.choice(found)
    evil = other[2] if rng.random() < 0.4 else rng.choice(EVIL_TEXTS).replace("<", "").replace('"', "")
    if rng.random() < 0.1:
        return text[: one.start()] + text[one.end() :]
    return text[: one.start(2)] + evil + text[one.end(2) :]


def _element(text: str, rng: random.Random) -> str:
    """A leaf is dropped, repeated, moved, renamed or wrapped."""
    found = list(_ELEMENT.finditer(text))
    if not found:
        return text
    one, other = rng.choice(found), rng.choice(found)
    piece = other[0]
    kind = rng.randrange(5)
    if kind == 0:
        piece = ""
    elif kind == 1:
        piece = one[0] * rng.randrange(2, 30)
    elif kind == 2:
        name = rng.choice(
            ("Code", "Case", "Coding", "Set", "User", "Note", "Link", "PDFSelection", "Transcript")
        )
        piece = f"<{name}>{one[0]}</{name}>" * rng.randrange(1, 4)
    elif kind == 3:
        depth = rng.randrange(1, 200)
        piece = "<Code>" * depth + one[0] + "</Code>" * depth
    return text[: one.start()] + piece + text[one.end() :]


def _piece(text: str, rng: random.Random) -> str:
    place = rng.choice([m.start() for m in re.finditer("[<>]", text)] or [0]) + rng.randrange(2)
    return text[:place] + rng.choice(_XML_PIECES) + text[place:]


def _declared(text: str, rng: random.Random) -> str:
    encoding = rng.choice(
        ("utf-16", "latin-1", "cp1252", "ascii", "utf-7", "idna", "hex", "x", "undefined", "cp037")
    )
    return text.replace('encoding="utf-8"', f'encoding="{encoding}"')


_XML: tuple[Callable[[str, random.Random], str], ...] = (
    _attribute, _attribute, _attribute, _element, _element, _piece, _declared,
)  # fmt: skip
