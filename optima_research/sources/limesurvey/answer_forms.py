"""What an export holds: codes or full answers, in which language, yes and no converted or not, zeros lost or not."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyarrow as pa

from optima_research.errors import SourceError
from optima_research.language import _
from optima_research.sources.limesurvey.coding import Answers, coding_of, storage_of
from optima_research.sources.limesurvey.matching import Match, Place
from optima_research.sources.limesurvey.raw import Raw
from optima_research.sources.limesurvey.structure import Structure

__all__ = ["coded_positions", "raw_of"]

_CONVERTED = (("1", "2"), ("1", "0"))


def raw_of(
    path: Path,
    form: str,
    structure: Structure,
    match: Match,
    cells: dict[int, pa.ChunkedArray],
    *,
    exact: bool,
) -> Raw:
    """A matched export, once the form of its answers is found out.

    Raises
    ------
    SourceError
        Codes whose zeros a spreadsheet has lost.
    """
    answers, language = _answer_form(cells, match, structure)
    yes, no = _yes_and_no(cells, match) if answers == "short" else ("Y", "N")
    raw = Raw(
        path=path,
        form=form,
        structure=structure,
        match=match,
        cells=cells,
        exact=exact,
        masked=True,
        answers=answers,
        language=language,
        yes=yes,
        no=no,
    )
    if answers == "long" and language != structure.language:
        raw.notes.append(
            _(
                "Labels are in « {language} », not in the base language « {base} »: they were turned back into codes.",
                language=language,
                base=structure.language,
            )
        )
    _note_converted(raw)
    _refuse_lost_zeros(raw)
    return raw


def coded_positions(match: Match) -> set[int]:
    """Columns of few values: closed answers and short metas."""
    few = {"lastpage", "startlanguage"}
    coded = {place.position for place in match.of("meta") if place.name in few}
    for place in match.of("question"):
        if place.column is not None and storage_of(place.column) in ("integer_codes", "text_codes", "number"):
            coded.add(place.position)
    return coded


def _answer_form(
    columns: dict[int, pa.ChunkedArray], match: Match, structure: Structure
) -> tuple[Answers, str]:
    """Codes or full answers, and in which language: whichever reads most of the distinct texts."""
    distinct = _distinct(columns, match)
    forms: list[tuple[Answers, str]] = [("short", structure.language)]
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
            coded = pa.types.is_dictionary(column.type)
            texts = (
                column.unify_dictionaries().chunk(0).dictionary if coded else column.unique()
            ).to_pylist()
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
