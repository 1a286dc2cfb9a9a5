"""Codes against cases, partners, any variable, or other codes, with the denominator named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, Self

import numpy as np
import pandas as pd

from optima_research.coding.qualitative.codes._case_counts import SHARES, CaseCounts, groups_of_cases
from optima_research.coding.qualitative.codes._code_matrix_words import (
    denominator,
    matrix_note,
    matrix_sentence,
    matrix_table,
)
from optima_research.coding.qualitative.projects._codes_in_use import codes_used, refuse_folders
from optima_research.coding.qualitative.projects.project import CodedProject
from optima_research.coding.quantitative.items import require_choice
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.results import Estimate, Protect, PublicationTable, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Measure = Literal["share_cases", "cases", "codings", "share_codings", "words", "share_words"]
_OWN_GROUPS = {"case", "source", "coder"}


def code_matrix(
    project: CodedProject,
    rows: str | Sequence[str] = "code",
    columns: str | Sequence[str] = "case",
    *,
    measure: Measure = "share_cases",
    coder: str | None = None,
    branch: bool = False,
    draws: int = 2000,
    seed: int = 20,
) -> CodeMatrix:
    """Cross codes with cases, with a variable of cases, or with codes.

    Parameters
    ----------
    project : CodedProject
    rows, columns : str or sequence of str
        One side at least holds codes: ``code`` (every code used), a path or several. The other holds codes too, or
        groups: ``case``, ``source``, ``coder`` (over the cases where the coder marked anything), a variable of cases or
        sources (``partner``, ``role``).
    measure : str
        ``share_cases``: share of the group's cases that mention the code (default: one person, one voice); between
        codes, share of the cases of the column's code that mention the row's. ``cases``: their number. Only for
        groups: ``codings``, distinct passages; ``share_codings``, over those of all codes in the group, shown or not
        (a passage with two codes counts twice); ``words``, words of the passages; ``share_words``, over all words of
        the group's texts, so that long interviews do not weigh more.
    coder : str, optional
        Only that coder's codings; by default a passage counts once however many coders marked it.
    branch : bool
        Whether a code includes its sub-codes.
    draws, seed :
        Permutations of the groups over cases, for the test that they differ; 0 for none.

    Returns
    -------
    CodeMatrix
        ``values`` (rows × columns), ``bases`` (cases of each group, or of each code of the columns), ``mentions``
        (cases behind each cell), ``tests`` (``statistic p_value p_adjusted`` a code).

    Raises
    ------
    AnalysisError
        Unknown code or variable, no codes on either side, passages or words between codes, a case in several groups
        (a variable of sources, and someone interviewed twice).

    Notes
    -----
    The test permutes whole cases between groups (an interviewee with thirty passages is one witness) and adjusts by
    Benjamini and Hochberg; the smallest p it can give is ``1 / (draws + 1)``. Its statistic is the spread of the share
    shown; for numbers, that of ``share_cases``. No test where every group is one case, nor for coders, who all read
    the same cases. A case without a value of the variable is in no group.

    Examples
    --------
    >>> from optima_research.coding.qualitative import coded_project
    >>> names = ["E1", "E2", "E3"]
    >>> project = coded_project(
    ...     pd.DataFrame({"name": names, "text": "Le budget est voté."}),
    ...     pd.DataFrame({"source": ["E1", "E2"], "start": 3, "end": 9, "code": "budget"}),
    ...     cases=pd.DataFrame({"name": names, "role": ["élu", "élu", "DGS"]}))
    >>> code_matrix(project, "code", "role", draws=0).values.loc["budget"].to_dict()
    {'élu': 1.0, 'DGS': 0.0}
    >>> code_matrix(project, "role", "code", draws=0).values["budget"].to_dict()
    {'élu': 1.0, 'DGS': 0.0}
    """
    require_choice("measure", measure, Measure)
    spans = project.codings_of(coder)
    down = _bears_codes(project, rows, in_doubt=True)
    across = _bears_codes(project, columns, in_doubt=False)
    if down and across:
        return _between_codes(project, spans, rows, columns, measure, branch=branch)
    if not down and not across:
        if isinstance(rows, str) and rows not in _OWN_GROUPS | set(project.variables["variable"]):
            project.require_codes([rows], "rows")
        raise AnalysisError(
            _("Neither side of the matrix holds codes."), parameter="rows", hint='rows="code"'
        )
    by, wanted, parameter = (str(columns), rows, "columns") if down else (str(rows), columns, "rows")
    paths = _paths(project, spans, wanted, "rows" if down else "columns")
    if not branch and not isinstance(wanted, str):
        refuse_folders(project, spans, wanted)
    groups = groups_of_cases(project, spans, by, parameter)
    counts = CaseCounts(project, spans, paths, groups, branch=branch, by_coder=by == "coder")
    values, denominators = counts.measure(measure)
    mentions = counts.measure("cases")[0]
    return CodeMatrix(
        values=values if down else values.T,
        bases=counts.cases_in_group(),
        mentions=mentions if down else mentions.T,
        denominators=denominators,
        tests=None if by in _OWN_GROUPS else counts.permutation_tests(measure, draws, seed),
        rows="code" if down else by,
        columns=by if down else "code",
        measure=measure,
        draws=draws,
    )


@dataclass(frozen=True, eq=False, repr=False)
class CodeMatrix(Result):
    """Codes against groups or codes, one measure."""

    values: pd.DataFrame
    bases: pd.Series
    mentions: pd.DataFrame
    denominators: pd.Series
    tests: pd.DataFrame | None
    rows: str
    columns: str
    measure: str
    draws: int
    shown: PublicationTable | None = None

    @property
    def by_code(self) -> pd.DataFrame:
        """The values with codes in rows, wherever they are in the matrix."""
        return self.values if self.rows == "code" else self.values.T

    @property
    def denominator(self) -> str:
        """What the cells are counted over, in words."""
        return denominator(self.measure, self.rows, self.columns)

    def table(self) -> PublicationTable:
        """Rows and columns as asked for; the number of cases in the heading, or in the first column."""
        return self.shown if self.shown is not None else matrix_table(self)

    def protected(self, protect: Protect) -> Self:
        """The matrix without the groups a policy hides: those of too few people, and what would give them away.

        The test compares all groups, hidden ones included; it is dropped with the first of them.
        """
        table = protect(self.table())
        if table.suppressed is None:
            return replace(self, shown=table)
        names = [str(name) for name in self.values.columns]
        hidden = table.suppressed.reindex(columns=names).set_axis(self.values.columns, axis=1)
        hidden = hidden.set_axis(self.values.index).astype(bool)
        lost = hidden.all(axis=0 if self.rows == "code" else 1).reindex(self.bases.index)
        rest = replace(
            self, values=self.values.mask(hidden), mentions=self.mentions.mask(hidden),
            bases=self.bases.mask(lost), denominators=self.denominators.mask(lost),
            tests=None if hidden.to_numpy().any() else self.tests,
        )  # fmt: skip
        note = table.note.replace(matrix_note(self), matrix_note(rest))
        columns = tuple(
            c for c in matrix_table(rest).columns if rest.tests is not None or c.kind != "p_value"
        )
        return replace(rest, shown=replace(table, columns=columns, reading=matrix_sentence(rest), note=note))

    def sentence(self) -> str:
        """The code that differs most between groups, or that none can be said to; between codes, the closest."""
        return matrix_sentence(self)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Heat map with the values written in."""
        from optima_research.coding.qualitative._figures import heat_map

        share = self.measure in SHARES
        title = f"{self.denominator[:1].upper()}{self.denominator[1:]}" + (" (%)" if share else "")
        hidden = None
        if self.shown is not None and self.shown.suppressed is not None:
            hidden = self.shown.suppressed[[str(name) for name in self.values.columns]].to_numpy()
        names = {"code": _("Code"), "case": _("Case"), "source": _("Source"), "coder": _("Coder")}
        return heat_map(
            self.values * (100 if share else 1), names.get(self.columns, self.columns), ax=ax, title=title,
            stub=names.get(self.rows, self.rows), hidden=hidden,
        )  # fmt: skip

    def statistics(self) -> dict[str, Estimate | float]:
        """Every cell that may be told."""
        found: dict[str, Estimate | float] = {}
        for name, row in self.values.iterrows():
            found |= {f"{name}|{column}": float(value) for column, value in row.dropna().items()}
        return found


def _between_codes(
    project: CodedProject,
    spans: pd.DataFrame,
    rows: str | Sequence[str],
    columns: str | Sequence[str],
    measure: Measure,
    *,
    branch: bool,
) -> CodeMatrix:
    """Cases that mention both codes of a cell, or their share of those that mention the column's."""
    if measure not in {"cases", "share_cases"}:
        raise AnalysisError(
            _("Between codes, only cases are counted."),
            parameter="measure",
            got=measure,
            hint=_("For passages that meet, see cooccurrence(project)."),
        )
    down, across = _paths(project, spans, rows, "rows"), _paths(project, spans, columns, "columns")
    every = list(dict.fromkeys([*down, *across]))
    groups = groups_of_cases(project, spans, "case", "rows")
    counts = CaseCounts(project, spans, every, groups, branch=branch, by_coder=False)
    together = counts.mentioned_together()
    bases = pd.Series(np.diag(together), index=every).reindex(across)
    both = together.loc[down, across].rename_axis("code")
    values = both / bases.where(bases > 0) if measure == "share_cases" else both.astype(float)
    return CodeMatrix(values, bases, both, bases.astype(float), None, "code", "code", measure, 0)


def _bears_codes(project: CodedProject, wanted: str | Sequence[str], *, in_doubt: bool) -> bool:
    """Whether a side of the matrix names codes; ``in_doubt`` settles a name that is a code and a variable."""
    if not isinstance(wanted, str) or wanted in {"code", "codes"}:
        return True
    is_code = wanted in set(project.codes["path"])
    is_group = wanted in _OWN_GROUPS or wanted in set(project.variables["variable"])
    return in_doubt if is_code and is_group else is_code


def _paths(
    project: CodedProject, spans: pd.DataFrame, wanted: str | Sequence[str], parameter: str
) -> list[str]:
    if isinstance(wanted, str) and wanted in {"code", "codes"}:
        return codes_used(spans)
    return project.require_codes([wanted] if isinstance(wanted, str) else wanted, parameter)
