"""Hours as people type them: « 7h30 », « 7,5 », « 7.30 », the last of which can be read in two ways."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from optima_research.cleaning.steps import require_columns, step
from optima_research.codebook import Measure, Variable
from optima_research.errors import CleaningError
from optima_research.language import _
from optima_research.survey import Survey

if TYPE_CHECKING:
    from optima_research.results import PublicationTable

Point = Literal["minutes", "hundredths"]

_CLOCK = re.compile(r"(\d{1,3}) ?[hH:] ?(\d{2})?(?: ?min)?")
_COMMA = re.compile(r"\d{1,3}(?:,\d+)?")
_POINT = re.compile(r"(\d{1,3})\.(\d{1,2})")


def hours_notations(survey: Survey, name: str) -> PublicationTable:
    """How the hours of a column are written, and what they add up to under each reading of the point.

    Parameters
    ----------
    survey : Survey
    name : str
        Text column.

    Returns
    -------
    PublicationTable
        One row a notation: cells, hours where « 7.30 » is 7 h 30, hours where it is 7,30 h.

    Examples
    --------
    >>> from optima_research.codebook import Codebook
    >>> typed = pd.DataFrame({"h": ["7h30", "7,5", "7.30", "idem"]})
    >>> table = hours_notations(Survey.build(typed, Codebook([Variable("h", measure="text")])), "h")
    >>> table.body["minutes"].tolist()[:3]
    [7.5, 7.5, 7.5]
    """
    from optima_research.results import Column, PublicationTable

    text = _text(survey, name)
    kinds = text.map(_notation)
    names = {"clock": "7h30", "comma": "7,5", "point": "7.30", "none": _("not read")}
    body = pd.DataFrame(
        {
            "cells": kinds.value_counts().reindex(list(names), fill_value=0),
            "minutes": _read(text, "minutes").groupby(kinds).sum().reindex(list(names)),
            "hundredths": _read(text, "hundredths").groupby(kinds).sum().reindex(list(names)),
        }
    )
    columns = (
        Column("cells", _("Cells"), kind="count"),
        Column("minutes", _("Hours if 7.30 is 7 h 30"), decimals=1),
        Column("hundredths", _("Hours if 7.30 is 7,30 h"), decimals=1),
    )
    note = _("Of the {n} cells with a point, {odd} have more than 59 after it.",
             n=int((kinds == "point").sum()), odd=int(_beyond(text).sum()))  # fmt: skip
    # A log of how cells are typed counts the whole file, never a group: nothing to suppress.
    return PublicationTable(
        _("How hours are written"), body.set_index(pd.Index(names.values())), columns, stub=_("Notation"),
        note=note, policy="journal", name="hours_notations",
    )  # fmt: skip


@step
def read_hours(survey: Survey, name: str, *, into: str, point: Point, reason: str) -> Survey:
    """Read typed hours as decimal hours in a new column; what « 7.30 » means is declared, never guessed.

    Parameters
    ----------
    survey : Survey
    name : str
        Text column: « 7h30 », « 7 h 30 », « 7:30 », « 7,5 », « 7 », « 7.30 ».
    into : str
        New column; cells that are none of these are missing there.
    point : {"minutes", "hundredths"}
        What follows a point: minutes (7.30 is 7 h 30) or hundredths of an hour (7.30 is 7 h 18).
    reason : str
        What the convention rests on; it goes to the trail with the counts of :func:`hours_notations`.

    Raises
    ------
    CleaningError
        More than 59 after a point where minutes are declared.

    Examples
    --------
    >>> from optima_research.codebook import Codebook
    >>> typed = pd.DataFrame({"h": ["7h30", "7,5", "7.30", "idem"]})
    >>> survey = Survey.build(typed, Codebook([Variable("h", measure="text")]))
    >>> read_hours(survey, "h", into="hours", point="minutes", reason="Fiche en heures et minutes").answers[
    ...     "hours"].tolist()
    [7.5, 7.5, 7.5, <NA>]
    """
    require_columns(survey, [name], "name")
    text = _text(survey, name)
    odd = text[_beyond(text)]
    if point == "minutes" and len(odd):
        raise CleaningError(
            _("« {value} » cannot be hours and minutes.", value=odd.iloc[0]), where=name, parameter="point",
            hint=_("{n} cells have more than 59 after the point: read them as hundredths, or correct them.",
                   n=len(odd)),
        )  # fmt: skip
    variable = Variable(into, label=into, measure=Measure.RATIO, unit="h", source=name)
    parameters = {"name": name, "into": into, "point": point}
    return survey.with_columns(
        {into: _read(text, point).astype("Float64")}, [variable], rule="read_hours", reason=reason,
        parameters=parameters,
    )  # fmt: skip


def _text(survey: Survey, name: str) -> pd.Series:
    return survey.answers[name].astype("string").fillna("").str.strip()


def _notation(text: str) -> str:
    for kind, pattern in (("clock", _CLOCK), ("comma", _COMMA), ("point", _POINT)):
        if pattern.fullmatch(text):
            return kind
    return "none"


def _beyond(text: pd.Series) -> pd.Series:
    """Cells with a point that cannot be minutes: more than 59 after it."""
    after = pd.to_numeric(text.str.extract(r"^\d{1,3}\.(\d{2})$")[0])
    return after > 59


def _read(text: pd.Series, point: Point) -> pd.Series:
    """Decimal hours; distinct texts are read once."""
    known = {typed: _hours(typed, point) for typed in text.unique()}
    return text.map(known).astype(float)


def _hours(text: str, point: Point) -> float:
    if found := _CLOCK.fullmatch(text):
        return int(found[1]) + int(found[2] or 0) / 60
    if _COMMA.fullmatch(text):
        return float(text.replace(",", "."))
    if found := _POINT.fullmatch(text):
        return int(found[1]) + int(found[2].ljust(2, "0")) / 60 if point == "minutes" else float(text)
    return float(np.nan)
