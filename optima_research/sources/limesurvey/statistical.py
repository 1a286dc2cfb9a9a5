"""The two exports made for statistical programs: SPSS (``.sps`` + ``.dat``) and R (syntax + data)."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from pathlib import Path

from optima_research.errors import SourceError
from optima_research.language import _
from optima_research.sources.files import require_file

__all__ = ["Labelled", "read_r_pair", "read_spss_pair"]

_LIMIT = 1 << 28
_SPSS_FORMAT = re.compile(r"^ V(\d+) (A\d+|F[\d.]+|DATETIME[\d.]+)\.?\s*$", re.MULTILINE)
_SPSS_LABEL = re.compile(r'^VARIABLE LABELS V(\d+) "((?:[^"]|"\+\n"|"")*)"\.', re.MULTILINE)
_SPSS_VALUES = re.compile(r"^VALUE LABELS\s+V(\d+)\n(.*?)\.\n", re.MULTILINE | re.DOTALL)
_SPSS_VALUE = re.compile(r'^ ("(?:[^"]|"")*"|-?[\d.]+) "((?:[^"]|"")*)"', re.MULTILINE)
_SPSS_NAME = re.compile(r"^RENAME VARIABLES \( V(\d+) = (\S+) \)\.", re.MULTILINE)
_R_STRING = r'"((?:[^"\\]|\\.)*)"'
_R_NAME = re.compile(rf"names\(data\)\[(\d+)\] <- {_R_STRING}")
_R_LABEL = re.compile(rf"attributes\(data\)\$variable\.labels\[(\d+)\] <- {_R_STRING}")
_R_FACTOR = re.compile(
    r"data\[, (\d+)\] <- factor\(data\[, \d+\], levels=c\((.*?)\),\s*labels=c\((.*?)\)\)", re.DOTALL
)
_R_ITEM = re.compile(rf"{_R_STRING}|(-?[\d.]+)")


@dataclass
class Labelled:
    """Columns of a statistical export: names, labels, value labels, and cells as text."""

    path: Path
    names: list[str]
    labels: dict[int, str] = field(default_factory=dict)
    values: dict[int, dict[str, str]] = field(default_factory=dict)
    cells: list[list[str]] = field(default_factory=list)


def read_spss_pair(path: Path) -> Labelled:
    """Read an SPSS pair from either of its files; the other stands beside it."""
    syntax = _beside(path, ".sps", "SPSS_syntax_file")
    data = _beside(path, ".dat", "SPSS_data_file")
    text = _text(syntax).replace("\r\n", "\n")
    count = len(_SPSS_FORMAT.findall(text))
    if count == 0:
        raise SourceError(
            _("This syntax file was not written by LimeSurvey."),
            where=syntax.name,
            hint=_("Export both SPSS files again from LimeSurvey, and keep them side by side."),
        )
    names = {int(n): name for n, name in _SPSS_NAME.findall(text)}
    found = Labelled(data, [names.get(n, f"V{n}") for n in range(1, count + 1)])
    found.labels = {int(n) - 1: _joined(label) for n, label in _SPSS_LABEL.findall(text)}
    for number, block in _SPSS_VALUES.findall(f"{text}\n"):
        pairs = _SPSS_VALUE.findall(block)
        found.values[int(number) - 1] = {code.strip('"'): label.replace('""', '"') for code, label in pairs}
    # An apostrophe within a text is doubled, and nothing else is quoted.
    found.cells = _cells(data, separator=",", quote="'", width=count)
    return found


def read_r_pair(path: Path) -> Labelled:
    """Read an R pair from either of its files; the other stands beside it."""
    syntax = _beside(path, ".R", "R_syntax_file")
    data = _beside(path, ".csv", "R_data_file")
    text = _text(syntax)
    cells = _cells(data, separator=",", quote='"', width=None)
    header, rows = cells[0], cells[1:]
    names = {int(n): _unescaped(name) for n, name in _R_NAME.findall(text)}
    if not names:
        raise SourceError(
            _("This syntax file was not written by LimeSurvey."),
            where=syntax.name,
            hint=_("Export both R files again from LimeSurvey, and keep them side by side."),
        )
    # Timings come after the columns that the syntax names: they keep the name of the data's own header.
    found = Labelled(data, [names.get(n, title) for n, title in enumerate(header, start=1)])
    found.labels = {int(n) - 1: _unescaped(label) for n, label in _R_LABEL.findall(text)}
    for number, levels, labels in _R_FACTOR.findall(text):
        codes = [_unescaped(a) or b for a, b in _R_ITEM.findall(levels)]
        shown = [_unescaped(a) or b for a, b in _R_ITEM.findall(labels)]
        found.values[int(number) - 1] = dict(zip(codes, shown, strict=False))
    found.cells = rows
    return found


def _beside(path: Path, suffix: str, stem: str) -> Path:
    if path.suffix.lower() == suffix.lower():
        return path
    near = [
        other
        for other in sorted(path.parent.iterdir())
        if other.suffix.lower() == suffix.lower() and (stem in other.name or other.stem == path.stem)
    ]
    same = [other for other in near if _survey_of(other) == _survey_of(path)]
    chosen = same or near
    if len(chosen) != 1:
        raise SourceError(
            _("The file « {suffix} » that goes with this one is not beside it.", suffix=suffix)
            if not chosen
            else _("Several files could go with this one."),
            where=path.name,
            got=", ".join(other.name for other in chosen[:4]) or None,
            hint=_("Keep the two files of the pair side by side, under the names LimeSurvey gave them."),
        )
    return require_file(chosen[0])


def _survey_of(path: Path) -> str:
    number = re.search(r"\d{4,}", path.name)
    return number[0] if number else path.stem.removesuffix("_spss").removesuffix("_R")


def _text(path: Path) -> str:
    if path.stat().st_size > _LIMIT:
        raise SourceError(
            _("The file is too large for an export of this kind."),
            where=path.name,
            expected=_("at most {size} MB", size=_LIMIT >> 20),
            hint=_("Export the survey archive (.lsa) or the CSV instead: they hold more, and read faster."),
        )
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _cells(path: Path, *, separator: str, quote: str, width: int | None) -> list[list[str]]:
    stream = io.StringIO(_text(path), newline="")
    rows: list[list[str]] = []
    try:
        for row in csv.reader(stream, delimiter=separator, quotechar=quote):
            if not row:
                continue
            width = width or len(row)
            if len(row) != width:
                raise SourceError(
                    _("A line does not have as many cells as the header."),
                    where=_("{file}, line {line}", file=path.name, line=len(rows) + 1),
                    expected=width,
                    got=len(row),
                    hint=_("The file is cut short or was edited by hand: export it again."),
                )
            rows.append(row)
    except csv.Error:
        raise SourceError(
            _("The file cannot be read as delimited text."),
            where=path.name,
            hint=_("The file is cut short or was edited by hand: export it again."),
        ) from None
    if not rows:
        raise SourceError(_("The file is empty."), where=path.name, hint=_("Export or download it again."))
    return rows


def _joined(label: str) -> str:
    return label.replace('"+\n"', "").replace('""', '"')


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)
