"""Several factors at once: analysis of variance of type II, whose answer does not depend on how groups are coded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.comparison._mean_kernels import Floats
from optima_research.comparison._noncentral_kernels import noncentral_f_bounds
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_level, format_p
from optima_research.results import Column, Estimate, PublicationTable, Result
from optima_research.results.frames import Data, categories, label_of, numeric, require

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_FACTORS = 3


@dataclass(frozen=True, eq=False, repr=False)
class FactorialAnova(Result):
    """Type II analysis of variance.

    Parameters
    ----------
    outcome_label : str
    terms : DataFrame
        Index term (``a``, ``b``, ``a:b``); ``sum_squares df f p_value partial_eta_squared low high``.
    residual_df, residual_sum_squares : float
    n, n_missing : int
    """

    outcome_label: str
    terms: pd.DataFrame
    residual_df: float
    residual_sum_squares: float
    n: int
    n_missing: int
    level: float = 0.95

    def table(self) -> PublicationTable:
        """One row a term."""
        columns = (
            Column("df", _("df"), decimals=0), Column("f", "F", decimals=2), Column("p_value", "p", kind="p_value"),
            Column("partial_eta_squared", _("partial η²"), decimals=3),
            Column(("low", "high"), format_level(self.level), kind="interval", decimals=3),
        )  # fmt: skip
        return PublicationTable(
            title=_("Analysis of variance: {outcome}", outcome=self.outcome_label), body=self.terms, columns=columns,
            stub=_("Term"), name="factorial_anova",
            scope=_("{n} respondents, {missing} left out (missing).", n=format_count(self.n), missing=self.n_missing),
            note=_("Type II sums of squares: each term beside all those that do not contain it."),
        )  # fmt: skip

    def sentence(self) -> str:
        """Terms that make a difference."""
        found = self.terms[self.terms["p_value"] < 1 - self.level]
        if found.empty:
            return _(
                "On « {outcome} », no factor can be told to make a difference.", outcome=self.outcome_label
            )
        parts = [f"{term} (p {format_p(row['p_value'])})" for term, row in found.iterrows()]
        return _("« {outcome} » depends on: {terms}.", outcome=self.outcome_label, terms=" ; ".join(parts))

    def plot(self, ax: Axes | None = None) -> Axes:
        """Partial η² with their intervals."""
        from optima_research.comparison.figures import interval_dots

        shown = self.terms.iloc[::-1]
        return interval_dots(
            ax, labels=list(map(str, shown.index)), values=shown["partial_eta_squared"].to_numpy(),
            low=shown["low"].to_numpy(), high=shown["high"].to_numpy(), axis_label=_("partial η²"),
        )  # fmt: skip

    def statistics(self) -> dict[str, Estimate | float]:
        """Partial η² of each term."""
        return {
            str(row.Index): Estimate(row.partial_eta_squared, row.low, row.high, level=self.level, n=self.n)
            for row in self.terms.itertuples()
        }


def factorial_anova(
    data: Data, outcome: str, factors: Sequence[str], *, level: float = 0.95
) -> FactorialAnova:
    """Analysis of variance with two or three factors and their interactions, type II.

    Parameters
    ----------
    data : Survey or DataFrame, one row a respondent
    outcome : str
        A number or a scale score.
    factors : list of str
        Two or three columns of categories.
    level : float

    Returns
    -------
    FactorialAnova
        ``terms`` (``sum_squares df f p_value partial_eta_squared low high``)

    Raises
    ------
    AnalysisError
        A combination of levels without respondents: its interaction cannot be estimated.

    Notes
    -----
    Type II as R ``car::Anova``. Type III is meaningful with sum-to-zero coding only, and tools print it without warning
    under other codings; it is not offered. Two-sided intervals of partial η² by the noncentral F.

    Examples
    --------
    >>> data = pd.DataFrame({"y": [1.0, 2, 3, 4, 3, 5, 6, 8], "a": list("xxxxyyyy"), "b": list("uuvvuuvv")})
    >>> factorial_anova(data, "y", ["a", "b"]).terms["f"].round(2).tolist()
    [14.4, 10.0, 0.4]
    """
    names = list(factors)
    require(data, [outcome, *names])
    if not 2 <= len(names) <= MOST_FACTORS or len(set(names)) < len(names):
        raise AnalysisError(
            _("Give two or three different factors."), parameter="factors", hint=_("Use compare().")
        )
    y = numeric(data, outcome).to_numpy()
    codes = np.column_stack([categories(data, name).cat.codes for name in names])
    held = np.isfinite(y) & (codes >= 0).all(axis=1)
    y, codes = y[held], codes[held]
    blocks = _blocks(codes, names)
    full = np.column_stack([np.ones(len(y)), *blocks.values()])
    df = float(len(y) - np.linalg.matrix_rank(full))
    if np.linalg.matrix_rank(full) < full.shape[1] or df < 1:
        raise AnalysisError(
            _("A combination of the factors has no respondent: its interaction cannot be estimated."),
            where=" × ".join(names), hint=_("Merge levels, or compare one factor at a time."),
        )  # fmt: skip
    residual = _residual(full, y)
    rows = {term: _term(term, blocks, y, residual, df, level) for term in blocks}
    headings = ["sum_squares", "df", "f", "p_value", "partial_eta_squared", "low", "high"]
    terms = pd.DataFrame.from_dict(rows, orient="index", columns=headings)
    return FactorialAnova(label_of(data, outcome), terms, df, residual, len(y), int((~held).sum()), level)


def _blocks(codes: np.ndarray, names: list[str]) -> dict[str, Floats]:
    """Columns of each main effect and interaction, without their first level."""
    main = [(codes[:, [i]] == np.unique(codes[:, i])[1:]).astype(float) for i in range(len(names))]
    blocks: dict[str, Floats] = {}
    for order in range(1, len(names) + 1):
        for chosen in combinations(range(len(names)), order):
            block = np.ones((len(codes), 1))
            for i in chosen:
                block = (block[:, :, None] * main[i][:, None, :]).reshape(len(codes), -1)
            blocks[":".join(names[i] for i in chosen)] = block
    return blocks


def _term(
    term: str, blocks: dict[str, Floats], y: Floats, residual: float, df: float, level: float
) -> tuple[float, ...]:
    from scipy import special

    parts = set(term.split(":"))
    others = [block for name, block in blocks.items() if not parts <= set(name.split(":"))]
    without = np.column_stack([np.ones(len(y)), *others])
    gain = _residual(without, y) - _residual(np.column_stack([without, blocks[term]]), y)
    width = float(blocks[term].shape[1])
    f = gain / width / (residual / df)
    share = gain / (gain + residual)
    low, high = (ncp / (ncp + df) for ncp in noncentral_f_bounds(f, width, df, level))
    return gain, width, f, float(special.fdtrc(width, df, f)), share, min(low, share), max(high, share)


def _residual(x: Floats, y: Floats) -> float:
    fitted = x @ np.linalg.lstsq(x, y, rcond=None)[0]
    return float(((y - fitted) ** 2).sum())
