"""Quality flags: attention items, speed, careless answers. Flags are columns; it takes two to exclude."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from optima_research.cleaning.careless import SYNONYMS, careless
from optima_research.cleaning.filters import usable_dates
from optima_research.cleaning.steps import matching_code, require_columns, step
from optima_research.codebook import Measure, Role, Variable
from optima_research.errors import CleaningError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_percent
from optima_research.results import Column, Estimate, PublicationTable, Result
from optima_research.results.style import axes
from optima_research.survey import Survey

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FASTEST = 1 / 3
"""A third of the median time: under it nobody reads the questions (survey custom)."""
EVEN_ODD, LOOSE_SYNONYMS, OUTLIER = -0.30, 0.22, 0.999
"""Consistency under 0.30; synonyms under 0.22 (Meade and Craig 2012); outside 99.9 % of the chi-square."""
PREFIX = "flag_"


@dataclass(frozen=True, eq=False, repr=False)
class Flags(Result):
    """How many respondents each flag marks, and how many carry several independent ones.

    Attributes
    ----------
    counts : DataFrame
        ``label family n share`` indexed by flag.
    families : Series
        Number of independent families of flags → number of respondents.
    n : int
    """

    counts: pd.DataFrame
    families: pd.Series
    n: int

    def table(self) -> PublicationTable:
        """One row a flag."""
        return PublicationTable(
            title=_("Quality flags"),
            body=self.counts.set_axis(self.counts["label"]),
            columns=(
                Column("n", _("Respondents"), kind="count"),
                Column("share", _("Share"), kind="percent"),
            ),
            stub=_("Flag"),
            reading=self.sentence(),
            name="flags",
        )

    def sentence(self) -> str:
        """How many respondents carry two independent flags or more."""
        several = int(self.families[self.families.index >= 2].sum())
        return _(
            "{n} respondents out of {total} ({share}) carry at least two independent flags.",
            n=format_count(several),
            total=format_count(self.n),
            share=format_percent(several / self.n if self.n else None),
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Respondents by number of independent flags."""
        ax = axes(ax)
        ax.barh([str(count) for count in self.families.index], self.families.to_numpy(), color="#004488")
        ax.set_xlabel(_("Respondents"))
        ax.set_ylabel(_("Independent flags"))
        return ax

    def statistics(self) -> dict[str, Estimate | float]:
        """Share of respondents each flag marks."""
        return {str(name): float(share) for name, share in self.counts["share"].items()}


@step
def flag_attention(survey: Survey, expected: Mapping[str, Any], *, reason: str) -> Survey:
    """Flag those who missed an attention item ("Cochez « Plutôt d'accord »").

    Parameters
    ----------
    survey : Survey
    expected : mapping
        Attention item → the code it asks for. No answer is no failure.
    reason : str
    """
    require_columns(survey, expected, "expected")
    failed = pd.Series(False, index=survey.answers.index)
    for name, code in expected.items():
        column = survey.answers[name]
        failed |= (column != matching_code(column, code)).fillna(False)
    parameters = {"expected": {name: str(code) for name, code in expected.items()}}
    return _flagged(
        survey, "attention", failed, _("missed an attention item"), "flag_attention", reason, parameters
    )


@step
def flag_speeders(
    survey: Survey,
    *,
    reason: str,
    fraction: float = FASTEST,
    start: str = "startdate",
    end: str = "submitdate",
) -> Survey:
    """Flag those who went too fast to read: under a fraction of the median time.

    Parameters
    ----------
    survey : Survey
        With ``timings`` (seconds a page), a respondent's speed is the median over pages of time / median time of the
        page, so that one long break hides nothing; without, it is the time between the two dates.
    reason : str
    fraction : float
        A third by default.
    start, end : str
        Columns of the dates.

    Raises
    ------
    CleaningError
        An anonymous LimeSurvey wrote 1980-01-01 everywhere: there is no time to check.
    """
    speed = relative_speed(survey, start=start, end=end)
    parameters = {"fraction": fraction, "start": start, "end": end}
    return _flagged(
        survey, "speed", speed < fraction, _("answered too fast to read"), "flag_speeders", reason, parameters
    )


def relative_speed(survey: Survey, *, start: str = "startdate", end: str = "submitdate") -> pd.Series:
    """Time taken divided by the median time (by page where the tool timed pages); missing where unknown."""
    if survey.timings is not None and survey.timings.shape[1]:
        # LimeSurvey writes the total beside the pages; it counts as one page only when it is alone.
        pages = survey.timings.apply(pd.to_numeric, errors="coerce").astype(float)
        pages = pages.drop(
            columns=[
                name for name in pages if str(name).casefold() == "interviewtime" and len(pages.columns) > 1
            ]
        )
        pages = pages.where(pages > 0)
        return (pages / pages.median()).median(axis=1).reindex(survey.answers.index)
    if start not in survey.columns or end not in survey.columns:
        raise CleaningError(
            _("There is no time to check: neither pages nor dates were timed."),
            where=survey.name or None,
            hint=_("Export the timings with the answers, or name the two dates: start=…, end=…."),
        )
    seconds = (usable_dates(survey, end) - usable_dates(survey, start)).dt.total_seconds()
    return seconds / seconds.median()


@step
def flag_careless(
    survey: Survey,
    *,
    reason: str,
    grids: Sequence[str] | None = None,
    scales: Sequence[str] | None = None,
    straight: float = 0.5,
    even_odd: float = EVEN_ODD,
    outlier: float = OUTLIER,
    synonyms: float = LOOSE_SYNONYMS,
    alike: float = SYNONYMS,
) -> Survey:
    """Flag straight lines, inconsistent answers and outlying profiles (three independent families).

    Parameters
    ----------
    survey : Survey
    reason : str
    grids, scales : as for :func:`optima_research.cleaning.careless.careless`
    straight : float
        Share of the grids answered in a straight line from which the first flag is raised.
    even_odd, synonyms : float
        Even-odd inconsistency above which, consistency on synonyms below which, the second is raised.
    outlier : float
        Level of the chi-square distribution of the squared Mahalanobis distance for the third.
    alike : float
        Correlation that makes two items synonyms.
    """
    from scipy.stats import chi2

    result = careless(survey, grids=grids, scales=scales, synonyms=alike)
    index = result.indices
    raised = {
        "straight_line": (index["straight_grids"] >= straight, _("answered most grids in a straight line")),
        "inconsistent": (
            (index["even_odd"] > even_odd) | (index["synonyms"] < synonyms),
            _("answered similar items inconsistently"),
        ),
        "outlier": (index["mahalanobis"] > chi2.ppf(outlier, result.n_items), _("answers unlike anybody's")),
    }
    parameters = {
        "grids": None if grids is None else list(grids),
        "scales": None if scales is None else list(scales),
        "straight": straight,
        "even_odd": even_odd,
        "outlier": outlier,
        "synonyms": synonyms,
        "alike": alike,
    }
    columns = {PREFIX + name: marks.astype("Int64") for name, (marks, _label) in raised.items()}
    variables = [_flag_variable(name, label) for name, (_marks, label) in raised.items()]
    return survey.with_columns(columns, variables, rule="flag_careless", reason=reason, parameters=parameters)


def quality_flags(survey: Survey) -> Flags:
    """Count the flags raised so far."""
    names = _flag_names(survey)
    marks = survey.answers[names].fillna(0).astype(bool)
    rows = [
        (
            survey.codebook[name].label,
            survey.codebook[name].group,
            int(marks[name].sum()),
            float(marks[name].mean()),
        )
        for name in names
    ]
    counts = pd.DataFrame(rows, columns=["label", "family", "n", "share"], index=pd.Index(names, name="flag"))
    families = _families_raised(survey).value_counts().sort_index()
    return Flags(counts, families, survey.n)


@step
def drop_flagged(survey: Survey, *, reason: str, at_least: int = 2) -> Survey:
    """Leave out those who carry at least two independent flags.

    Parameters
    ----------
    survey : Survey
    reason : str
    at_least : int
        Independent families needed. One alone excludes honest people: in a small team someone does agree with
        everything. Flags of one family (two signs of a straight line) count once.

    Raises
    ------
    CleaningError
        No flag was raised before, or one single flag is asked to exclude.
    """
    if at_least < 2:
        raise CleaningError(
            _("One flag alone does not exclude a respondent."),
            parameter="at_least",
            hint=_("Use at least two independent flags, or drop(condition) with a reason of its own."),
        )
    if not _flag_names(survey):
        raise CleaningError(
            _("No flag was raised yet."), hint=_("Call flag_attention, flag_speeders or flag_careless first.")
        )
    return survey.kept(
        _families_raised(survey) < at_least,
        rule="drop_flagged",
        reason=reason,
        parameters={"at_least": at_least},
        excludes="two independent flags",
    )


def _flag_names(survey: Survey) -> list[str]:
    return [
        variable.name for variable in survey.codebook.with_role(Role.FLAG) if variable.name in survey.columns
    ]


def _families_raised(survey: Survey) -> pd.Series:
    families: dict[str, np.ndarray[Any, np.dtype[np.bool_]]] = {}
    for name in _flag_names(survey):
        family = survey.codebook[name].group or name
        marks = survey.answers[name].fillna(0).to_numpy(dtype=bool)
        families[family] = families.get(family, np.zeros(survey.n, dtype=bool)) | marks
    return pd.Series(np.sum(list(families.values()), axis=0) if families else 0, index=survey.answers.index)


def _flagged(
    survey: Survey,
    family: str,
    marks: pd.Series,
    label: str,
    rule: str,
    reason: str,
    parameters: Mapping[str, Any],
) -> Survey:
    name = PREFIX + family
    return survey.with_columns(
        {name: marks.astype("Int64")},
        [_flag_variable(family, label)],
        rule=rule,
        reason=reason,
        parameters=parameters,
    )


def _flag_variable(family: str, label: str) -> Variable:
    return Variable(
        PREFIX + family,
        label=label,
        measure=Measure.NOMINAL,
        values={1: _("Yes"), 0: _("No")},
        role=Role.FLAG,
        group=family,
    )
