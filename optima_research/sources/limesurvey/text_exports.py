"""Response CSV and VV files: found out, matched, and read into :class:`Raw`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from optima_research.errors import SourceError
from optima_research.language import _
from optima_research.sources.delimited import Probe, probe, read_cells
from optima_research.sources.limesurvey.coding import coding_of, storage_of
from optima_research.sources.limesurvey.matching import Match, Place, match_columns
from optima_research.sources.limesurvey.raw import Raw
from optima_research.sources.limesurvey.structure import Structure

__all__ = ["is_vv", "read_csv", "read_vv"]

NOT_SHOWN = "{question_not_shown}"
_ESCAPES = (("{tab}", "\t"), ("{cr}", "\r"), ("{newline}", "\n"))
_CONVERTED = (("1", "2"), ("1", "0"))


def is_vv(found: Probe) -> bool:
    """Whether a delimited file is a VV export: tabs, and a second header line of codes that begins with ``id``."""
    return found.separator == "\t" and len(found.header) > 1 and found.header[1][:1] == ("id",)


def read_csv(path: Path, structure: Structure) -> Raw:
    """Read a response CSV of any header form, separator and answer form."""
    found = probe(path)
    match = match_columns(found.header[0], structure, where=path.name)
    cells = read_cells(found, coded=_coded(match))
    columns = {place.position: cells.column(place.position) for place in match.places}
    answers, language = _answer_form(columns, match, structure)
    yes, no = _yes_and_no(columns, match) if answers == "short" else ("Y", "N")
    raw = Raw(
        path=path,
        form=_("LimeSurvey CSV"),
        structure=structure,
        match=match,
        cells=columns,
        exact=False,
        masked=True,
        answers=answers,
        language=language,
        yes=yes,
        no=no,
    )
    _note_converted(raw)
    _note_resaved(found, raw)
    _refuse_lost_zeros(raw)
    return raw


def read_vv(path: Path, structure: Structure) -> Raw:
    """Read a VV file (v1: stored names, v2: ExpressionScript codes); NULL and empty are told apart."""
    found = probe(path, header_rows=2, separators="\t")
    match = match_columns(found.header[1], structure, where=path.name)
    cells = read_cells(found, coded=_coded(match))
    return Raw(
        path=path,
        form=_("LimeSurvey VV"),
        structure=structure,
        match=match,
        cells={place.position: _unescaped(cells.column(place.position)) for place in match.places},
        exact=True,
    )


def _coded(match: Match) -> set[int]:
    """Columns of few values: closed answers and short metas."""
    few = {"lastpage", "startlanguage"}
    coded = {place.position for place in match.of("meta") if place.name in few}
    for place in match.of("question"):
        if place.column is not None and storage_of(place.column) in ("integer_codes", "text_codes", "number"):
            coded.add(place.position)
    return coded


def _answer_form(
    columns: dict[int, pa.ChunkedArray], match: Match, structure: Structure
) -> tuple[Literal["short", "long"], str]:
    """Codes or full answers, and in which language: whichever reads most of the distinct texts."""
    distinct = _distinct(columns, match)
    forms: list[tuple[Literal["short", "long"], str]] = [("short", structure.language)]
    first = match.language if match.language in structure.languages else structure.language
    forms += [("long", language) for language in dict.fromkeys([first, *structure.languages])]
    scores = []
    for answers, language in forms:
        read = 0
        for place, texts in distinct:
            if place.column is None:
                continue
            coding = coding_of(place.column, answers=answers, language=language, base=structure.language)
            said = set(coding.accepts) | coding.empty | coding.hidden | coding.unclear
            read += sum(text in said for text in texts)
        scores.append(read)
    return forms[scores.index(max(scores))]


def _distinct(columns: dict[int, pa.ChunkedArray], match: Match) -> list[tuple[Place, list[str]]]:
    found = []
    for place in match.of("question"):
        column = columns[place.position]
        closed = place.column is not None and storage_of(place.column) in ("integer_codes", "text_codes")
        if closed and column.num_chunks:
            texts = column.unify_dictionaries().chunk(0).dictionary.to_pylist()
            found.append((place, [text for text in texts if text][:2000]))
    return found


def _yes_and_no(columns: dict[int, pa.ChunkedArray], match: Match) -> tuple[str, str]:
    """What the export wrote for yes and no, where it was asked to convert them."""
    seen: Counter[str] = Counter()
    for place, texts in _distinct(columns, match):
        if place.column is not None and place.column.type in "YMP":
            seen.update(texts)
    if not seen or set(seen) <= {"Y", "N"}:
        return "Y", "N"
    for yes, no in _CONVERTED:
        if set(seen) <= {yes, no, "Y", "N"}:
            # Only one of the two may have been converted.
            return ("Y" if "Y" in seen else yes), ("N" if "N" in seen else no)
    return "Y", "N"


def _unescaped(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """VV's escapes undone, in LimeSurvey's order; ``{question_not_shown}`` becomes null."""
    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
        return pa.chunked_array(
            [pa.DictionaryArray.from_arrays(c.indices, _plain(c.dictionary)) for c in column.chunks] or [],
            type=column.type,
        )
    return pa.chunked_array([_plain(chunk) for chunk in column.chunks], type=pa.string())


def _plain(text: pa.Array) -> pa.Array:
    text = pc.if_else(pc.equal(text, NOT_SHOWN), pa.scalar(None, pa.string()), text)
    if not pc.any(pc.match_substring(text, "{")).as_py():
        return text
    quoted = pc.starts_with(text, "{quote}")
    text = pc.if_else(quoted, pc.binary_join_element_wise('"', pc.utf8_slice_codeunits(text, 7), ""), text)
    for escape, character in _ESCAPES:
        text = pc.replace_substring(text, escape, character)
    return pc.replace_substring(text, "{lbrace}", "{")


def _note_converted(raw: Raw) -> None:
    names = [p.name for p in raw.match.of("question") if p.column is not None and p.column.type == "Y"]
    if raw.no != "N" and names:
        raw.notes.append(
            _(
                "The export was asked to write « {no} » for no: LimeSurvey then writes it for yes/no questions left "
                "blank too ({names}), and nothing tells them apart.",
                no=raw.no,
                names=", ".join(names[:6]),
            )
        )


def _note_resaved(found: Probe, raw: Raw) -> None:
    signs = _resaved(found)
    if signs:
        raw.notes.append(
            _(
                "This copy does not look as LimeSurvey writes it ({signs}): a program saved it again.",
                signs=", ".join(signs),
            )
        )


def _resaved(found: Probe) -> list[str]:
    signs = []
    if not found.bom:
        signs.append(_("no byte order mark"))
    if not found.crlf:
        signs.append(_("Unix line ends"))
    if not found.quoted:
        signs.append(_("cells without quotes"))
    if found.encoding == "cp1252":
        signs.append(_("Windows encoding"))
    return signs


def _refuse_lost_zeros(raw: Raw) -> None:
    """Codes such as 01 that come back as 1: a spreadsheet took them for numbers."""
    lost: list[tuple[str, str, str]] = []
    for place, texts in _distinct(raw.cells, raw.match):
        codes = raw.coding(place.column).accepts if place.column is not None else {}
        short = {code.lstrip("0") or "0": code for code in codes if code.isdigit() and code.startswith("0")}
        hits = [text for text in texts if text not in codes and text in short]
        lost += [(place.name, text, short[text]) for text in hits[:1]]
    if lost:
        name, text, code = lost[0]
        raise SourceError(
            _("A spreadsheet saved this file again and took codes for numbers: their zeros are lost."),
            where=_("{file}, column « {column} »", file=raw.path.name, column=name),
            expected=code,
            got=_("{text}, and {n} other columns", text=text, n=len(lost) - 1),
            hint=_("Take the file LimeSurvey wrote, and never save it from a spreadsheet."),
        )
