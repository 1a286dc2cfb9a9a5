"""Cells matched to a questionnaire, made into a survey: answers, kinds of missing, codebook, quarantine, timings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from optima_research.codebook import MISSING_DTYPE, Codebook, MissingKind, Variable
from optima_research.errors import SourceError
from optima_research.language import _
from optima_research.sources.files import sha256_of
from optima_research.sources.limesurvey.absence import kinds_of, reach_of
from optima_research.sources.limesurvey.coding import Coding, coding_of
from optima_research.sources.limesurvey.columns import Column
from optima_research.sources.limesurvey.decoding import ANSWERED, Decoded, decode, text_array
from optima_research.sources.limesurvey.matching import Match, Place
from optima_research.sources.limesurvey.quarantine import quarantine_of
from optima_research.sources.limesurvey.report import ImportReport
from optima_research.sources.limesurvey.structure import Structure
from optima_research.sources.limesurvey.variables import item_sets, meta_variable, variables_of
from optima_research.survey import Survey
from optima_research.trail import Trail

__all__ = ["Raw", "assemble"]

_QUARANTINED = ("token", "ipaddr", "refurl")
_DATED = ("submitdate", "startdate", "datestamp")
_KIND = {kind: place for place, kind in enumerate(MISSING_DTYPE.categories)}


@dataclass
class Raw:
    """A file once its columns are matched.

    ``cells`` holds one Arrow column a place, and is emptied as columns are decoded: a large export must not stand
    twice in memory. ``exact`` says that null is NULL and an empty text was shown; ``masked`` that texts starting
    with ``=`` were masked. ``answers`` is how the answers were written.
    """

    path: Path
    form: str
    structure: Structure
    match: Match
    cells: dict[int, pa.ChunkedArray]
    exact: bool
    masked: bool = False
    answers: Literal["short", "long"] = "short"
    language: str = ""
    yes: str = "Y"
    no: str = "N"
    participants: pd.DataFrame | None = None
    timings: pd.DataFrame | None = None
    notes: list[str] = field(default_factory=list)

    def coding(self, column: Column) -> Coding:
        """How to read a column of this file."""
        return coding_of(
            column,
            answers=self.answers,
            language=self.language or self.structure.language,
            base=self.structure.language,
            yes=self.yes,
            no=self.no,
        )


def assemble(raw: Raw) -> Survey:
    """The survey that a matched file holds.

    Raises
    ------
    SourceError
        No response ids, or ids that are not numbers, or used twice.
    """
    index = _ids(raw)
    questions = raw.match.of("question")
    columns = [place.column for place in questions if place.column is not None]
    decoded: dict[str, Decoded] = {}
    codings: dict[str, Coding] = {}
    upload: dict[str, pa.ChunkedArray] = {}
    for place, column in zip(questions, columns, strict=True):
        codings[column.name] = coding = raw.coding(column)
        cells = raw.cells.pop(place.position)
        if column.type == "|" and column.role == "main":
            # A file's name and title may name its author.
            upload[column.name] = cells
        else:
            decoded[column.name] = decode(cells, coding, exact=raw.exact, masked=raw.masked)
    kept = [column for column in columns if column.name in decoded]
    meta, meta_kinds = _meta(raw)
    kinds = _kinds(kept, decoded, meta)
    unclear = {
        name for name, codes in kinds.items() if (codes == _KIND[MissingKind.NOT_ASKED_OR_NO_ANSWER]).any()
    }
    extra = {
        place.name: decode(raw.cells.pop(place.position), Coding("text"), exact=raw.exact)
        for place in _extras(raw)
    }
    answers = {
        **meta,
        **{name: d.values for name, d in decoded.items()},
        **{n: d.values for n, d in extra.items()},
    }
    layers = {**meta_kinds, **kinds, **{name: _blank_kinds(d) for name, d in extra.items()}}
    language = raw.match.language if raw.answers == "long" else raw.structure.language
    base = raw.structure.language
    codebook = Codebook(
        [
            *(meta_variable(name) for name in meta),
            *variables_of(kept, raw.structure, unclear=unclear, language=language),
            *(
                Variable(name, label=name, measure="text", source=name, missing_told_apart=raw.exact)
                for name in extra
            ),
        ],
        item_sets(kept, language, base),
        title=raw.structure.titles.get(language) or raw.structure.title,
    )
    return Survey(
        answers=pd.DataFrame(answers, index=index, copy=False),
        missing=pd.DataFrame(
            {name: pd.Categorical.from_codes(codes, dtype=MISSING_DTYPE) for name, codes in layers.items()},
            index=index,
            copy=False,
        ),
        codebook=codebook,
        trail=Trail(raw.path.name, sha256_of(raw.path)),
        participants=quarantine_of(index, _identifying(raw, upload), raw.participants),
        timings=_timings(raw, index),
        name=codebook.title,
        report=_report(raw, decoded, codings, told_apart=not unclear and raw.exact),
    )


def _extras(raw: Raw) -> list[Place]:
    taken: dict[str, int] = {}
    places = []
    for place in raw.match.of("extra"):
        taken[place.name] = taken.get(place.name, 0) + 1
        number = taken[place.name]
        places.append(place if number == 1 else replace(place, name=f"{place.name} ({number})"))
    return places


def _ids(raw: Raw) -> pd.Index:
    place = next((p for p in raw.match.of("meta") if p.name == "id"), None)
    if place is None:
        count = len(next(iter(raw.cells.values()))) if raw.cells else 0
        raw.notes.append(_("The file holds no response id: responses are numbered in file order."))
        return pd.RangeIndex(1, count + 1, name="id")
    cells = raw.cells.pop(place.position)
    try:
        ids = pd.Index(cells.cast(pa.string()).cast(pa.int64()).to_numpy(), name="id")
    except pa.ArrowInvalid:
        raise SourceError(
            _("A response id is not a whole number."),
            where=_("{file}, column « {column} »", file=raw.path.name, column=place.header),
            hint=_("The file was edited by hand, or saved again by a spreadsheet: take the original export."),
        ) from None
    if cells.null_count or ids.has_duplicates:
        raise SourceError(
            _("{n} response ids are used more than once.", n=int(ids.duplicated().sum())),
            where=_("{file}, column « {column} »", file=raw.path.name, column=place.header),
            hint=_("Two exports stacked by hand? Read them apart, then stack the surveys."),
        )
    return ids


def _meta(raw: Raw) -> tuple[dict[str, object], dict[str, npt.NDArray[np.int8]]]:
    values: dict[str, object] = {}
    kinds: dict[str, npt.NDArray[np.int8]] = {}
    for place in raw.match.of("meta"):
        if place.name in ("id", *_QUARANTINED) or place.position not in raw.cells:
            continue
        storage: Literal["date", "number", "text"] = "text"
        if place.name in _DATED:
            storage = "date"
        elif place.name == "lastpage":
            storage = "number"
        found = decode(raw.cells.pop(place.position), Coding(storage), exact=raw.exact)
        if found.unknown:
            _refuse_respelled(raw, place, found)
        values[place.name] = found.values
        kinds[place.name] = _blank_kinds(found)
    return values, kinds


def _refuse_respelled(raw: Raw, place: Place, found: Decoded) -> None:
    """LimeSurvey always writes dates as 2026-03-02 11:56:00; anything else was rewritten by a spreadsheet."""
    raise SourceError(
        _("The dates of this file were rewritten: a spreadsheet saved it again, and lost part of it."),
        where=_("{file}, column « {column} »", file=raw.path.name, column=place.header),
        expected="2026-03-02 11:56:00",
        got=next(iter(found.unknown)),
        hint=_(
            "Take the file LimeSurvey wrote, and never save it from a spreadsheet: codes such as 01 lose their zeros."
        ),
    )


def _blank_kinds(found: Decoded) -> npt.NDArray[np.int8]:
    return np.where(found.states == ANSWERED, np.int8(-1), np.int8(_KIND[MissingKind.NO_ANSWER])).astype(
        np.int8
    )


def _kinds(
    columns: list[Column], decoded: Mapping[str, Decoded], meta: Mapping[str, object]
) -> dict[str, npt.NDArray[np.int8]]:
    states = {column.name: decoded[column.name].states for column in columns}
    last, submitted = meta.get("lastpage"), meta.get("submitdate")
    reach = reach_of(
        columns,
        states,
        last_page=None if last is None else np.asarray(pd.Series(last).fillna(0), dtype=np.int64),
        submitted=None if submitted is None else np.asarray(pd.Series(submitted).notna()),
    )
    return kinds_of(columns, states, reach)


def _identifying(raw: Raw, upload: Mapping[str, pa.ChunkedArray]) -> dict[str, object]:
    found: dict[str, object] = {}
    for place in raw.match.places:
        if place.kind == "participant" or (place.kind == "meta" and place.name in _QUARANTINED):
            found[place.name] = decode(raw.cells.pop(place.position), Coding("text"), exact=raw.exact).values
    return found | {name: text_array(cells) for name, cells in upload.items()}


def _timings(raw: Raw, index: pd.Index) -> pd.DataFrame | None:
    places = raw.match.of("timing")
    if places:
        coding = Coding("number")
        columns = {p.name: decode(raw.cells.pop(p.position), coding, exact=raw.exact).values for p in places}
        return pd.DataFrame(columns, index=index)
    if raw.timings is None:
        return None
    # A timings table may hold more rows than there are responses.
    return raw.timings.reindex(index)


def _report(
    raw: Raw, decoded: Mapping[str, Decoded], codings: Mapping[str, Coding], *, told_apart: bool
) -> ImportReport:
    return ImportReport(
        source=raw.path.name,
        form=raw.form,
        headers=raw.match.headers,
        answers=raw.answers,
        language=raw.language or raw.structure.language,
        matched=len(raw.match.of("question")),
        renamed=raw.match.renamed,
        extra=tuple(place.name for place in raw.match.of("extra")),
        absent=raw.match.absent,
        unknown={name: found.unknown for name, found in decoded.items() if found.unknown},
        collisions={name: c.collisions for name, c in codings.items() if c.collisions and name in decoded},
        unmasked=sum(found.unmasked for found in decoded.values()),
        told_apart=told_apart,
        notes=tuple(raw.notes),
    )
