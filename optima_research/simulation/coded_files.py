"""Coded interviews as tools write them: NVivo for Windows in REFI-QDA, and a Taguette database.

NVivo: byte-order mark, CRLF, offsets in UTF-16 code units, one selection a coding, every selection signed by the owner
of the project, the coder on the coding alone. Taguette: HTML, offsets in UTF-8 bytes, authors in its log of commands.
"""

from __future__ import annotations

import json
import sqlite3
import zipfile
from collections.abc import Mapping
from datetime import datetime, timedelta
from html import escape as html_escape
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5
from xml.sax.saxutils import escape, quoteattr

import pandas as pd

__all__ = ["write_nvivo", "write_taguette"]

_SPACE = UUID("5ad1ca75-0000-4000-8000-000000000064")
_TAGUETTE_TABLES = """PRAGMA application_id = 1416066164;
CREATE TABLE projects (id INTEGER PRIMARY KEY, name TEXT, description TEXT, created TEXT);
CREATE TABLE documents (id INTEGER PRIMARY KEY, name TEXT, description TEXT, filename TEXT, created TEXT,
    project_id INTEGER, text_direction TEXT, contents TEXT);
CREATE TABLE tags (id INTEGER PRIMARY KEY, project_id INTEGER, path TEXT, description TEXT);
CREATE TABLE highlights (id INTEGER PRIMARY KEY, document_id INTEGER, start_offset INTEGER, end_offset INTEGER,
    snippet TEXT);
CREATE TABLE highlight_tags (highlight_id INTEGER, tag_id INTEGER);
CREATE TABLE commands (id INTEGER PRIMARY KEY, date TEXT, user_login TEXT, project_id INTEGER, document_id INTEGER,
    payload TEXT);
"""


def write_nvivo(
    path: Path,
    texts: Mapping[str, str],
    codings: pd.DataFrame,
    codes: Mapping[str, str],
    cases: pd.DataFrame,
    attributes: pd.DataFrame,
    *,
    owner: str,
    day: datetime,
) -> None:
    """Write a ``.qdpx`` with the traits of NVivo 12 for Windows.

    Parameters
    ----------
    path : Path
    texts : mapping
        Name of a source → its text, LF.
    codings : DataFrame
        ``source start end code coder``, code points.
    codes : mapping
        Path → definition.
    cases : DataFrame
        ``name``, ``sources`` (a list) and variables.
    attributes : DataFrame
        ``source`` and variables of the sources.
    owner : str
        Who signs every selection.
    day : datetime
    """
    coders = sorted({owner, *codings["coder"]})
    users = "".join(
        f'<User guid="{_guid("user", c)}" name={quoteattr(c)} id={quoteattr(c[:2].upper())}/>' for c in coders
    )
    kept = {
        "case": [n for n in cases if n not in ("name", "sources")],
        "source": [n for n in attributes if n != "source"],
    }
    variables = "".join(
        f'<Variable guid="{_guid("variable", name)}" name={quoteattr(f"{family}:{name}")} typeOfVariable="Text"/>'
        for family, names in (("Personnes", kept["case"]), ("Entretiens", kept["source"]))
        for name in names
    )
    known = attributes.set_index("source")
    stamp = f'creationDateTime="{day:%Y-%m-%dT%H:%M:%SZ}"'
    spans = {name: codings[codings["source"] == name] for name in texts}
    sources = "".join(
        f'<TextSource guid="{_guid("source", name)}" name={quoteattr(name)} plainTextPath="internal://'
        f'{_guid("source", name)}.txt" creatingUser="{_guid("user", owner)}" {stamp}>'
        + "".join(_selection(text, row, owner, stamp) for row in spans[name].itertuples())
        + _values(known.loc[name])
        + "</TextSource>"
        for name, text in texts.items()
    )
    xml = (
        f'<?xml version="1.0" encoding="utf-8"?>\n<Project xmlns="urn:QDA-XML:project:1.0" name="Pilotage" '
        f'origin="NVivo 12.6.0.959" creatingUserGUID="{_guid("user", owner)}" {stamp}><Users>{users}</Users>'
        f"<CodeBook><Codes>{_code_tree(codes, '')}</Codes></CodeBook><Variables>{variables}</Variables>"
        f"<Cases>{''.join(_case(row, kept['case']) for row in cases.to_dict('records'))}</Cases>"
        f"<Sources>{sources}</Sources></Project>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        _member(archive, "project.qde", xml, day)
        for name, text in texts.items():
            _member(
                archive, f"Sources/{_guid('source', name)}.txt", "\ufeff" + text.replace("\n", "\r\n"), day
            )


def write_taguette(
    path: Path, texts: Mapping[str, str], codings: pd.DataFrame, codes: Mapping[str, str], *, day: datetime
) -> None:
    """Write a Taguette project database; the parameters are those of :func:`write_nvivo`.

    Texts went through a word processor: curly apostrophes, one paragraph a line.
    """
    path.unlink(missing_ok=True)
    base = sqlite3.connect(path)
    base.executescript(_TAGUETTE_TABLES)
    base.execute("INSERT INTO projects VALUES (1, 'Pilotage', '', ?)", (f"{day:%Y-%m-%d}",))
    curly = {name: text.replace("'", "’") for name, text in texts.items()}
    rank = {name: number for number, name in enumerate(texts, start=1)}
    for name, number in rank.items():
        html = "\n".join(
            f"<p>{html_escape(line, quote=False)}</p>" for line in curly[name].split("\n") if line
        )
        row = (number, name, "", f"{name}.docx", f"{day:%Y-%m-%d %H:%M:%S}", html)
        base.execute("INSERT INTO documents VALUES (?, ?, ?, ?, ?, 1, 'LEFT_TO_RIGHT', ?)", row)
    tags = {code: number for number, code in enumerate(codes, start=1)}
    for code, number in tags.items():
        base.execute("INSERT INTO tags VALUES (?, 1, ?, ?)", (number, code, codes[code]))
    keys = ["source", "start", "end", "coder"]
    for number, (key, rows) in enumerate(codings.groupby(keys, sort=False), start=1):
        name, start, end, coder = (str(key[0]), int(key[1]), int(key[2]), str(key[3]))
        bytes_ = [len(curly[name][:place].encode()) for place in (start, end)]
        snippet = html_escape(curly[name][start:end], quote=False)
        base.execute("INSERT INTO highlights VALUES (?, ?, ?, ?, ?)", (number, rank[name], *bytes_, snippet))
        own = [tags[code] for code in rows["code"]]
        base.executemany("INSERT INTO highlight_tags VALUES (?, ?)", [(number, tag) for tag in own])
        payload = json.dumps({"type": "highlight_add", "highlight_id": number, "tags": own})
        when = f"{day + timedelta(minutes=number):%Y-%m-%d %H:%M:%S}"
        base.execute(
            "INSERT INTO commands VALUES (?, ?, ?, 1, ?, ?)", (number, when, coder, rank[name], payload)
        )
    base.commit()
    base.close()
    _forget_the_library(path)


def _forget_the_library(path: Path) -> None:
    """SQLite signs its files with its own version (bytes 96 to 99): the same data must give the same bytes."""
    with path.open("r+b") as file:
        file.seek(96)
        file.write((3_040_001).to_bytes(4, "big"))


def _guid(kind: str, name: str) -> str:
    return str(uuid5(_SPACE, f"{kind} {name}"))


def _utf16(text: str, place: int) -> int:
    """What NVivo counts before a code point of the LF text: CRLF is two, a character beyond the BMP too."""
    before = text[:place].replace("\n", "\r\n")
    return len(before.encode("utf-16-le")) // 2


def _selection(text: str, row: object, owner: str, stamp: str) -> str:
    source, start, end, code, coder = (
        getattr(row, name) for name in ("source", "start", "end", "code", "coder")
    )
    key = f"{source} {start} {end} {code} {coder}"
    return (
        f'<PlainTextSelection guid="{_guid("selection", key)}" startPosition="{_utf16(text, start)}" '
        f'endPosition="{_utf16(text, end)}" creatingUser="{_guid("user", owner)}" '
        f"name={quoteattr(text[start:end][:255])} {stamp}>"
        f'<Coding guid="{_guid("coding", key)}" creatingUser="{_guid("user", coder)}" {stamp}>'
        f'<CodeRef targetGUID="{_guid("code", code)}"/></Coding></PlainTextSelection>'
    )


def _code_tree(codes: Mapping[str, str], parent: str) -> str:
    """Codes under a path, their definitions first; a parent that is no code itself is a folder."""
    depth = len(parent)
    heads = dict.fromkeys(
        parent + path[depth:].partition("/")[0] for path in codes if path.startswith(parent)
    )
    return "".join(
        f'<Code guid="{_guid("code", head)}" name={quoteattr(head.rpartition("/")[2])} '
        f'isCodable="{str(head in codes).lower()}"><Description>{escape(codes.get(head, ""))}</Description>'
        f"{_code_tree(codes, head + '/')}</Code>"
        for head in heads
    )


def _case(row: Mapping[str, Any], variables: list[str]) -> str:
    references = "".join(f'<SourceRef targetGUID="{_guid("source", s)}"/>' for s in row["sources"])
    values, name = _values(pd.Series({name: row[name] for name in variables})), str(row["name"])
    return f'<Case guid="{_guid("case", name)}" name={quoteattr(name)}>{values}{references}</Case>'


def _values(values: pd.Series) -> str:
    return "".join(
        f'<VariableValue><VariableRef targetGUID="{_guid("variable", str(name))}"/><TextValue>{escape(str(value))}'
        "</TextValue></VariableValue>"
        for name, value in values.items()
        if value
    )


def _member(archive: zipfile.ZipFile, name: str, text: str, day: datetime) -> None:
    info = zipfile.ZipInfo(name, day.timetuple()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, text.encode("utf-8"))
