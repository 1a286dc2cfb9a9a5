"""Cells matched to a questionnaire, made into a survey: answers, kinds of missing, codebook, quarantine, timings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from optima_research.codebook import MISSING_DTYPE, Codebook, MissingKind, Variable
from optima_research.errors import SourceError
from optima_research.language import _
from optima_research.sources.files import sha256_of
from optima_research.sources.identifiers import identifies
from optima_research.sources.limesurvey.absence import kinds_of, reach_of
from optima_research.sources.limesurvey.coding import Coding
from optima_research.sources.limesurvey.columns import Column
from optima_research.sources.limesurvey.decoding import ANSWERED, Decoded, decode
from optima_research.sources.limesurvey.matching import Place
from optima_research.sources.limesurvey.quarantine import quarantine_of
from optima_research.sources.limesurvey.raw import Raw
from optima_research.sources.limesurvey.variables import item_sets, meta_variable, variables_of
from optima_research.sources.nir import refuse_nir
from optima_research.sources.report import ImportReport
from optima_research.survey import Survey
from optima_research.trail import Trail

__all__ = ["assemble"]

_QUARANTINED = ("token", "ipaddr", "refurl")
_DATED = ("submitdate", "startdate", "datestamp")
_KIND = {kind: place for place, kind in enumerate(MISSING_DTYPE.categories)}


def assemble(raw: Raw) -> Survey:
    """The survey that a matched file holds.

    Raises
    ------
    SourceError
        No response ids, or ids that are not numbers, or used twice.
    """
    index = _ids(raw)
    identifying = _identifying(raw)
    decoded = _decoded(raw)
    meta, layers = _meta(raw)
    layers |= _kinds(decoded, meta)
    extra = {place.name: _as_text(raw, place) for place in _extras(raw)}
    layers |= {name: _blank_kinds(found) for name, found in extra.items()}
    cells = {**{column.name: found for column, found in decoded.items()}, **extra}
    codebook = _codebook(raw, list(meta), list(decoded), list(extra), layers)
    kinds = {name: pd.Categorical.from_codes(codes, dtype=MISSING_DTYPE) for name, codes in layers.items()}
    survey = Survey(
        answers=pd.DataFrame(
            {**meta, **{n: found.values for n, found in cells.items()}}, index=index, copy=False
        ),
        missing=pd.DataFrame(kinds, index=index, copy=False),
        codebook=codebook,
        trail=Trail(raw.path.name, sha256_of(raw.path)),
        participants=quarantine_of(index, identifying, raw.participants),
        timings=_timings(raw, index),
        name=codebook.title,
        report=_report(raw, decoded, told_apart=all(v.missing_told_apart for v in codebook)),
    )
    return refuse_nir(survey)


def _decoded(raw: Raw) -> dict[Column, Decoded]:
    return {
        place.column: decode(
            raw.cells.pop(place.position), raw.coding(place.column), exact=raw.exact, masked=raw.masked
        )
        for place in raw.match.of("question")
        if place.column is not None and place.position in raw.cells
    }


def _codebook(
    raw: Raw,
    meta: list[str],
    columns: list[Column],
    extra: list[str],
    layers: Mapping[str, npt.NDArray[np.int8]],
) -> Codebook:
    language = raw.match.language if raw.answers == "long" else raw.structure.language
    either = _KIND[MissingKind.NOT_ASKED_OR_NO_ANSWER]
    unclear = {column.name for column in columns if (layers[column.name] == either).any()}
    return Codebook(
        [
            *(meta_variable(name) for name in meta),
            *variables_of(columns, raw.structure, unclear=unclear, language=language),
            *(
                Variable(name, label=name, measure="text", source=name, missing_told_apart=raw.exact)
                for name in extra
            ),
        ],
        item_sets(columns, language, raw.structure.language),
        title=raw.structure.titles.get(language) or raw.structure.title,
    )


def _as_text(raw: Raw, place: Place) -> Decoded:
    return decode(raw.cells.pop(place.position), Coding("text"), exact=raw.exact)


def _extras(raw: Raw) -> list[Place]:
    taken: dict[str, int] = {}
    places = []
    for place in raw.match.of("extra"):
        if place.position not in raw.cells:
            continue
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
    # Without any response, LimeSurvey writes one line of empty cells.
    if len(cells) == 0 or (len(cells) == 1 and not cells[0].as_py()):
        raise SourceError(
            _("The export holds no response."),
            where=raw.path.name,
            hint=_("Export again once there are responses, complete and incomplete ones included."),
        )
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
        if place.name == "submitdate" and _meaningless(found):
            raw.notes.append(
                _(
                    "An anonymous survey: LimeSurvey wrote 1980-01-01 for every date, which tells no time and no order."
                )
            )
        values[place.name] = found.values
        kinds[place.name] = _blank_kinds(found)
    return values, kinds


def _meaningless(dates: Decoded) -> bool:
    stamps = np.asarray(dates.values)
    known = stamps[~np.isnat(stamps)]
    return len(known) > 0 and bool((known < np.datetime64("1981-01-01")).all())


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


def _kinds(decoded: Mapping[Column, Decoded], meta: Mapping[str, object]) -> dict[str, npt.NDArray[np.int8]]:
    columns = list(decoded)
    states = {column.name: found.states for column, found in decoded.items()}
    last, submitted = meta.get("lastpage"), meta.get("submitdate")
    reach = reach_of(
        columns,
        states,
        last_page=None if last is None else np.asarray(pd.Series(last).fillna(0), dtype=np.int64),
        submitted=None if submitted is None else np.asarray(pd.Series(submitted).notna()),
    )
    return kinds_of(columns, states, reach)


def _identifying(raw: Raw) -> dict[str, object]:
    """Columns that identify; a file's name and title may name its author, so uploads are among them."""
    found: dict[str, object] = {}
    for place in raw.match.places:
        upload = place.column is not None and place.column.type == "|" and place.column.role == "main"
        meta = place.kind == "meta" and place.name in _QUARANTINED
        if (
            upload
            or meta
            or place.kind == "participant"
            or (place.kind == "extra" and _identifies(raw, place))
        ):
            found[place.name] = _as_text(raw, place).values
    return found


def _identifies(raw: Raw, place: Place) -> bool:
    sample = raw.cells[place.position].slice(0, 2000).cast(pa.string()).unique().drop_null()
    return identifies(place.header, sample.to_pylist())


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


def _report(raw: Raw, decoded: Mapping[Column, Decoded], *, told_apart: bool) -> ImportReport:
    collisions = {column.name: raw.coding(column).collisions for column in decoded}
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
        unknown={column.name: found.unknown for column, found in decoded.items() if found.unknown},
        collisions={name: shared for name, shared in collisions.items() if shared},
        unmasked=sum(found.unmasked for found in decoded.values()),
        told_apart=told_apart,
        notes=tuple(raw.notes),
    )
