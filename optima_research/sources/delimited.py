"""Delimited text (CSV, VV, tab-separated): encoding and separator found out, cells read by Arrow, nothing guessed."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import mmap
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv

from optima_research.errors import SourceError
from optima_research.language import _
from optima_research.sources.files import require_file

__all__ = ["Probe", "column_text", "probe", "read_cells"]

_SAMPLE = 1 << 18
_BLOCKS = (1 << 22, 1 << 26, 1 << 28)
_MOJIBAKE = re.compile(rb"\xc3[\xa0-\xbf]|\xc2[\xa0-\xbf]|\xe2\x80[\x93-\xa6]")


@dataclass(frozen=True)
class Probe:
    """What the beginning of a delimited file shows.

    ``header`` holds the first records, ``width`` the number of fields; ``quoted`` whether every cell of the sample
    is quoted, ``crlf`` whether its lines end as Windows and LimeSurvey end them; ``narrow`` the places of the columns
    that take few values there.
    """

    path: Path
    encoding: str
    bom: bool
    separator: str
    header: tuple[tuple[str, ...], ...]
    width: int
    crlf: bool
    quoted: bool
    narrow: frozenset[int] = frozenset()


def probe(path: str | Path, *, header_rows: int = 1, separators: str = ",;\t|") -> Probe:
    """Find out encoding, separator and header of a delimited text file.

    Parameters
    ----------
    path : str or Path
    header_rows : int
        Records above the data.
    separators : str
        Candidates. The one kept gives the same number of fields in every record of the beginning of the file, read
        with quotes honoured, and the most fields.

    Returns
    -------
    Probe

    Raises
    ------
    SourceError
        Binary content, two encodings in one file, no separator that fits.

    Notes
    -----
    Encoding: byte order mark, else strict UTF-8, else strict cp1252. Nothing is detected beyond that: statistical
    detection is wrong on short French texts.
    """
    path = require_file(path)
    encoding, bom = _encoding(path)
    with path.open("rb") as stream:
        sample = stream.read(_SAMPLE)
    text = _decoded(sample, encoding, path)
    whole = len(sample) < _SAMPLE
    candidates = []
    for separator in dict.fromkeys(separators + _between_quotes(text)):
        records = list(_records(text, separator, whole=whole))
        width, steady = _width(records, header_rows)
        if width:
            candidates.append((width > 1, steady, width, separator, records))
    if not candidates:
        raise SourceError(
            _("No separator gives the same number of columns in every line."),
            where=path.name,
            expected=" ".join(repr(s) for s in separators),
            hint=_("The file may be cut short, or edited by hand: export it again."),
        )
    _several, _steady, width, separator, records = max(candidates, key=lambda candidate: candidate[:3])
    if len(records) < header_rows or any(len(record) != width for record in records[:header_rows]):
        raise SourceError(
            _("The header is incomplete."), where=path.name, hint=_("Export or download it again.")
        )
    first_line = text.split("\n", 1)[0]
    return Probe(
        path=path,
        encoding=encoding,
        bom=bom,
        separator=separator,
        header=tuple(tuple(record) for record in records[:header_rows]),
        width=width,
        crlf=first_line.endswith("\r") or "\r\n" in text,
        quoted=_all_quoted(text, separator),
        narrow=_narrow(records[header_rows:], width),
    )


def read_cells(source: Probe, *, coded: Collection[int] = ()) -> pa.Table:
    """Read every cell as text.

    Parameters
    ----------
    source : Probe
    coded : collection of int
        Positions of columns that take few values: read as dictionaries (each distinct text once).

    Returns
    -------
    pyarrow.Table
        Columns ``"0"``, ``"1"`` ...; no cell is null, an empty one is ``""``.

    Raises
    ------
    SourceError
        A line with too few or too many fields (its number is given, never its content), a cell of more than 256 MB,
        bytes that the encoding does not have, a file cut within a cell.
    """
    _refuse_unfinished(source)
    names = [str(position) for position in range(source.width)]
    few = pa.dictionary(pa.int32(), pa.string())
    types = {name: few if position in coded else pa.string() for position, name in enumerate(names)}
    for block in _BLOCKS:
        try:
            return pa_csv.read_csv(
                source.path,
                read_options=pa_csv.ReadOptions(
                    column_names=names,
                    skip_rows_after_names=len(source.header),
                    encoding="utf8" if source.encoding.startswith("utf-8") else source.encoding,
                    block_size=block,
                ),
                parse_options=pa_csv.ParseOptions(delimiter=source.separator, newlines_in_values=True),
                convert_options=pa_csv.ConvertOptions(column_types=types, strings_can_be_null=False),
            )
        except pa.ArrowInvalid as error:
            if "straddl" in str(error):
                continue
            raise _misread(source, str(error)) from None
        except UnicodeError as error:
            raise _misread(source, str(error)) from None
    raise SourceError(
        _("A cell holds more than {size} MB of text.", size=_BLOCKS[-1] >> 20),
        where=source.path.name,
        hint=_("A quote was probably opened and never closed: export the file again."),
    )


def column_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column as plain strings, whether or not it was read as a dictionary."""
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column


def _encoding(path: Path) -> tuple[str, bool]:
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        start = data[:4]
        if start.startswith(codecs.BOM_UTF8):
            _check_utf8(path, data, bom=True)
            return "utf-8-sig", True
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16", True
        if (place := data.find(b"\x00")) >= 0:
            raise SourceError(
                _("The file holds a null byte: it is not a text file, or it is damaged."),
                where=_("{file}, byte {byte}", file=path.name, byte=place),
                hint=_("Give the file exactly as the tool wrote it."),
            )
        return ("utf-8", False) if _check_utf8(path, data, bom=False) else ("cp1252", False)


def _check_utf8(path: Path, data: mmap.mmap, *, bom: bool) -> bool:
    """Whether the bytes are UTF-8; a file that is partly UTF-8 is refused, for every guess would spoil a part."""
    if data.find(b"\x00") >= 0:
        raise SourceError(
            _("The file holds a null byte: it is not a text file, or it is damaged."),
            where=_("{file}, byte {byte}", file=path.name, byte=data.find(b"\x00")),
            hint=_("Give the file exactly as the tool wrote it."),
        )
    decoder = codecs.getincrementaldecoder("utf-8")()
    done = 0
    try:
        for start in range(0, len(data), 1 << 24):
            done = start
            decoder.decode(data[start : start + (1 << 24)], False)
        decoder.decode(b"", True)
    except UnicodeDecodeError as error:
        byte = done + error.start
        if bom or _MOJIBAKE.search(data):
            raise SourceError(
                _("The file mixes two encodings: part of it is UTF-8 and part is not."),
                where=_("{file}, byte {byte}", file=path.name, byte=byte),
                hint=_("Go back to the file the tool wrote; this copy was pasted together."),
            ) from None
        return False
    return True


def _decoded(sample: bytes, encoding: str, path: Path) -> str:
    try:
        return codecs.getincrementaldecoder(encoding)().decode(sample, False)
    except UnicodeDecodeError as error:
        raise SourceError(
            _("The bytes are neither UTF-8 nor Windows Western European (cp1252)."),
            where=_("{file}, byte {byte}", file=path.name, byte=error.start),
            hint=_("Save the file as CSV UTF-8, or give it as the tool wrote it."),
        ) from None


def _records(text: str, separator: str, *, whole: bool) -> Iterator[list[str]]:
    """Records of the sample; the last one is left out where the sample stops before the end of the file."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    pending: list[str] | None = None
    try:
        for record in itertools.islice(reader, 200):
            if pending:
                yield pending
            pending = record
    except csv.Error:
        return
    if pending and (whole or reader.line_num < text.count("\n")):
        yield pending


def _width(records: list[list[str]], header_rows: int) -> tuple[int, bool]:
    """Number of fields, and whether every record has as many; 0 where the header and half the records do not agree.

    Damage further down must not hide the separator: it is named when the cells are read.
    """
    if not records or not records[0]:
        return 0, False
    counts = [len(record) for record in records[header_rows:] if record]
    same = counts.count(len(records[0]))
    return (len(records[0]) if same >= 0.5 * len(counts) else 0), same == len(counts)


def _narrow(records: list[list[str]], width: int) -> frozenset[int]:
    full = [record for record in records if len(record) == width]
    if len(full) < 50:
        return frozenset(range(width))
    return frozenset(
        place for place in range(width) if len({record[place] for record in full}) <= 0.5 * len(full)
    )


def _between_quotes(text: str) -> str:
    """The one character between the first two quoted cells, whatever it is: LimeSurvey lets it be chosen."""
    found = re.match(r'"(?:[^"]|"")*"([^"\w\s])"', text)
    return found[1] if found else ""


def _all_quoted(text: str, separator: str) -> bool:
    # Written again with every cell quoted, the first records must be what the file holds; a header alone would not do,
    # since other programs quote the cells that hold spaces, and headers do.
    plain = text.replace("\r\n", "\n")
    first = itertools.islice(csv.reader(io.StringIO(plain, newline=""), delimiter=separator), 3)
    lines = [separator.join('"' + cell.replace('"', '""') + '"' for cell in record) for record in first]
    return bool(lines) and plain.startswith("\n".join(lines))


def _refuse_unfinished(source: Probe) -> None:
    with source.path.open("rb") as stream:
        stream.seek(-min(stream.seek(0, io.SEEK_END), 4), io.SEEK_END)
        end = stream.read()
    if source.encoding == "utf-16":
        return
    if source.quoted and not end.rstrip(b"\r\n").endswith(b'"'):
        raise SourceError(
            _("The file stops in the middle of a cell: it is cut short."),
            where=source.path.name,
            hint=_("Export or download it again."),
        )


def _misread(source: Probe, message: str) -> SourceError:
    """The error in our words: Arrow's message quotes the respondent's line."""
    line = _first_bad_line(source) if "columns" in message else None
    if line is not None:
        number, found = line
        return SourceError(
            _("A line does not have as many cells as the header."),
            where=_("{file}, line {line}", file=source.path.name, line=number),
            expected=source.width,
            got=found,
            hint=_("The file is cut short or was edited by hand: export it again."),
        )
    return SourceError(
        _("The file cannot be read as delimited text."),
        where=source.path.name,
        hint=_("The file is cut short or was edited by hand: export it again."),
    )


def _first_bad_line(source: Probe) -> tuple[int, int] | None:
    with source.path.open("r", encoding=source.encoding, newline="") as stream:
        reader = csv.reader(stream, delimiter=source.separator)
        try:
            for record in reader:
                if record and len(record) != source.width:
                    return reader.line_num, len(record)
        except (csv.Error, UnicodeError):
            return None
    return None
