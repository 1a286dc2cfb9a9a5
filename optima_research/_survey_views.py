"""How a survey shows itself: labelled columns for the analyst, counts (never a row of data) for the reader."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.codebook import ItemSetKind, Measure, MissingKind, Role
from optima_research.errors import SurveyError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_percent
from optima_research.language.typography import typeset

if TYPE_CHECKING:
    from optima_research.survey import Survey

TICKABLE = {MissingKind.NO_ANSWER, MissingKind.NOT_ASKED_OR_NO_ANSWER}


def labelled(survey: Survey, name: str) -> pd.Series:
    """One column as labels: a categorical for coded answers, the values themselves for numbers, text and dates."""
    variable = survey.codebook[name]
    values = survey.answers[name]
    counted = _counted(survey, name)
    if counted is not None:
        shown = survey.missing[name].isin([str(kind) for kind in TICKABLE]) | values.notna()
        codes = np.where(values.eq(counted).fillna(False), 0, 1)
        codes = np.where(shown, codes, -1)
        return pd.Series(pd.Categorical.from_codes(codes, [_("Yes"), _("No")]), index=values.index, name=name)
    if not variable.values:
        return values
    positions = pd.Index(variable.codes).get_indexer(pd.Index(values))
    labels = _distinct(list(variable.values.values()), list(variable.codes))
    return pd.Series(
        pd.Categorical.from_codes(positions, labels, ordered=variable.is_ordered),
        index=values.index,
        name=name,
    )


def numbers(survey: Survey, name: str) -> pd.Series:
    """One column as float64."""
    variable = survey.codebook[name]
    values = survey.answers[name]
    if variable.scores:
        return values.map(variable.scores).astype("float64")
    if pd.api.types.is_bool_dtype(values.dtype) or pd.api.types.is_numeric_dtype(values.dtype):
        return values.astype("float64")
    if _counted(survey, name) is not None:
        return labelled(survey, name).map({_("Yes"): 1.0, _("No"): 0.0}).astype("float64")
    converted = pd.to_numeric(values, errors="coerce")
    if converted.isna().equals(values.isna()):
        return converted.astype("float64")
    if variable.is_ordered:
        ranks = {code: float(rank) for rank, code in enumerate(variable.codes, start=1)}
        return values.map(ranks).astype("float64")
    raise SurveyError(
        _("Column « {name} » does not hold numbers.", name=name),
        hint=_("Recode it first, or analyse it as categories."),
    )


def survey_lines(survey: Survey) -> list[str]:
    """The survey in a few lines of text."""
    lines = [typeset(f"{name} : {value}") for name, value in _facts(survey)]
    return [f"Survey {survey.name}".rstrip(), *lines]


def survey_html(survey: Survey) -> str:
    """The same facts as a small table."""
    rows = "".join(
        f'<tr><th style="text-align:left">{escape(name)}</th><td>{escape(value)}</td></tr>'
        for name, value in _facts(survey)
    )
    return f'<table><caption style="text-align:left">{escape(survey.name or _("Survey"))}</caption>{rows}</table>'


def _facts(survey: Survey) -> list[tuple[str, str]]:
    facts = [(_("respondents"), format_count(survey.n)), (_("variables"), _kinds_of_variables(survey))]
    for role, name in ((Role.WAVE, _("waves")), (Role.PARTNER, _("partners"))):
        column = survey.column(role)
        if column is not None:
            facts.append((name, format_count(survey.answers[column].nunique())))
    facts.append((_("answered cells"), _completeness(survey)))
    facts.append((_("cleaning steps"), format_count(len(survey.trail))))
    if survey.participants is not None:
        facts.append((_("quarantined identifying columns"), format_count(len(survey.participants.columns))))
    return facts


def _kinds_of_variables(survey: Survey) -> str:
    counts = pd.Series([str(variable.measure) for variable in survey.codebook]).value_counts()
    names = {
        Measure.NOMINAL: _("nominal"),
        Measure.ORDINAL: _("ordinal"),
        Measure.INTERVAL: _("interval"),
        Measure.RATIO: _("ratio"),
        Measure.TEXT: _("text"),
        Measure.DATE: _("date"),
    }
    parts = [f"{counts[str(kind)]} {name}" for kind, name in names.items() if str(kind) in counts]
    return f"{len(survey.columns)} ({', '.join(parts)})"


def _completeness(survey: Survey) -> str:
    asked = ~survey.missing.isin([str(MissingKind.NOT_ASKED), str(MissingKind.NOT_APPLICABLE)])
    total = int(asked.to_numpy().sum())
    return (
        format_percent(float(survey.answers.notna().to_numpy().sum()) / total)
        if total
        else format_percent(None)
    )


def _counted(survey: Survey, name: str) -> str | None:
    """The code that means "ticked" when the column is an option of a multiple answer (its free texts are not)."""
    variable = survey.codebook[name]
    if variable.item_set is None or variable.role != Role.ITEM:
        return None
    for group in survey.codebook.sets:
        if group.name == variable.item_set and group.kind is ItemSetKind.MULTIPLE and name in group.members:
            return group.counted
    return None


def _distinct(labels: list[str], codes: list[object]) -> list[str]:
    # Two codes under one label would make an invalid categorical; the code tells them apart.
    return [
        f"{label} ({code})" if labels.count(label) > 1 else label
        for label, code in zip(labels, codes, strict=True)
    ]
