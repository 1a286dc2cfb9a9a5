"""A screening report of every variable: what is odd before any analysis, as a table, a page, and an exit status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.cleaning._checks import Look, check_label, problems
from optima_research.cleaning.steps import expand
from optima_research.codebook import ItemSetKind, MissingKind, Role
from optima_research.language import _
from optima_research.language.numbers import format_count
from optima_research.results import Column, Estimate, PublicationTable, Result
from optima_research.results.files import write_text
from optima_research.results.style import axes
from optima_research.survey import Survey

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SEVERITIES = ("error", "warning", "note")


@dataclass(frozen=True, eq=False, repr=False)
class Screening(Result):
    """What was looked at and what was found.

    Attributes
    ----------
    problems : DataFrame
        ``variable check severity n detail``, in the order of the columns.
    variables : DataFrame
        ``label measure n distinct low median high`` and one column a kind of missing, indexed by variable.
    survey : Survey
        Read by the page for its small plots.
    """

    problems: pd.DataFrame
    variables: pd.DataFrame
    survey: Survey

    @property
    def exit_status(self) -> int:
        """1 where an error was found (a code not in the list, a wrong type, an identifier), else 0."""
        return int((self.problems["severity"] == "error").any())

    def table(self) -> PublicationTable:
        """One row a problem."""
        body = self.problems.assign(
            check=[check_label(check) for check in self.problems["check"]],
            severity=[_severity_label(severity) for severity in self.problems["severity"]],
        )
        return PublicationTable(
            title=_("Screening of the variables"),
            body=body.set_index("variable"),
            columns=(
                Column("severity", _("Severity"), kind="text"),
                Column("check", _("Check"), kind="text"),
                Column("n", _("Cells"), kind="count"),
                Column("detail", _("Detail"), kind="text"),
            ),
            stub=_("Variable"),
            reading=self.sentence(),
            name="screening",
        )

    def sentence(self) -> str:
        """Number of variables and problems by severity."""
        counts = self.problems["severity"].value_counts()
        return _(
            "{n} variables screened; errors: {errors}, warnings: {warnings}, notes: {notes}.",
            n=format_count(len(self.variables)),
            errors=format_count(counts.get("error", 0)),
            warnings=format_count(counts.get("warning", 0)),
            notes=format_count(counts.get("note", 0)),
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Missing answers of each variable, by kind (the most incomplete first, at most thirty)."""
        kinds = [kind for kind in self.variables.columns if kind in set(MissingKind)]
        shares = self.variables[kinds] / max(self.survey.n, 1)
        shown = shares.loc[shares.sum(axis=1).sort_values(ascending=False, kind="stable").index[:30]].iloc[
            ::-1
        ]
        ax = axes(ax, width="full", rows=len(shown))
        left = np.zeros(len(shown))
        greys = [
            str(round(0.15 + 0.7 * position / max(len(kinds) - 1, 1), 3)) for position in range(len(kinds))
        ]
        for kind, grey in zip(kinds, greys, strict=True):
            label = MissingKind(kind).label
            ax.barh([str(name) for name in shown.index], shown[kind], left=left, color=grey, label=label)
            left = left + shown[kind].to_numpy()
        ax.set_xlim(0, 1)
        ax.set_xlabel(_("Share of respondents"))
        ax.legend(frameon=False, fontsize=8)
        return ax

    def statistics(self) -> dict[str, Estimate | float]:
        """Problems by severity."""
        counts = self.problems["severity"].value_counts()
        return {f"screening_{severity}": float(counts.get(severity, 0)) for severity in _SEVERITIES}

    def write_page(self, path: str | Path) -> Path:
        """Write the report as one HTML file without script or outside resource, a small plot a variable.

        A working document of the team: it shows the distribution of every variable, small cells included.
        """
        from optima_research.cleaning._screening_page import screening_page

        return write_text(Path(path), screening_page(self))


def screen(survey: Survey, *, columns: Sequence[str] = ()) -> Screening:
    """Look at every variable before any analysis.

    Parameters
    ----------
    survey : Survey
    columns : sequence of str
        Columns or sets; everything by default.

    Examples
    --------
    >>> from optima_research.codebook import Codebook, Variable
    >>> book = Codebook([Variable("q", measure="ordinal", values={1: "Non", 2: "Oui"})])
    >>> report = screen(Survey.build(pd.DataFrame({"q": [1, 2, 6]}), book))
    >>> report.problems[["variable", "check", "n"]].iloc[0].tolist(), report.exit_status
    (['q', 'codes_not_in_list', np.int64(1)], 1)
    """
    names = expand(survey, columns) if columns else survey.columns
    ticks = {
        member
        for group in survey.codebook.sets
        if group.kind is ItemSetKind.MULTIPLE
        for member in group.members
        if survey.codebook[member].role == Role.ITEM
    }
    looks = [_look(survey, name, name in ticks) for name in names]
    rows = [
        (look.variable.name, problem.check, problem.severity, problem.n, problem.detail)
        for look in looks
        for problem in problems(look)
    ]
    found = pd.DataFrame(rows, columns=["variable", "check", "severity", "n", "detail"])
    facts = pd.DataFrame([_facts(look) for look in looks], index=pd.Index(names, name="variable"))
    kinds = pd.DataFrame(
        {str(kind): [int((look.kinds == str(kind)).sum()) for look in looks] for kind in MissingKind},
        index=facts.index,
    )
    return Screening(found, facts.join(kinds.loc[:, kinds.sum() > 0]), survey)


def _look(survey: Survey, name: str, is_tick: bool) -> Look:
    values = survey.answers[name]
    return Look(survey.codebook[name], values, survey.missing[name], values.value_counts(), is_tick)


def _facts(look: Look) -> dict[str, object]:
    numbers = (
        look.values.dropna().astype(float) if look.is_number and len(look.counts) else pd.Series(dtype=float)
    )
    return {
        "label": look.variable.shown,
        "measure": str(look.variable.measure),
        "n": int(look.values.notna().sum()),
        "distinct": len(look.counts),
        "low": numbers.min(),
        "median": numbers.median(),
        "high": numbers.max(),
    }


def _severity_label(severity: str) -> str:
    return {"error": _("error"), "warning": _("warning"), "note": _("note")}[severity]
