"""How many factors? Eigenvalues compared with those of the same answers shuffled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.coding.quantitative._item_moments import FloatArray
from optima_research.coding.quantitative.items import read_items
from optima_research.language import _
from optima_research.language.numbers import format_count, format_number, format_percent
from optima_research.results import Column, Estimate, PublicationTable, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from optima_research.results.frames import Data


def parallel_analysis(
    data: Data, items: Sequence[str], seed: int, *, n_draws: int = 200, quantile: float = 0.95
) -> ParallelAnalysis:
    """Horn's parallel analysis on permuted answers.

    Parameters
    ----------
    data : DataFrame or Survey
        Rows complete on the items are used.
    items : list of str
        At least three.
    seed : int
    n_draws : int
        Number of times the answers to each item are shuffled among respondents, which keeps every distribution and
        breaks every link.
    quantile : float
        Of the shuffled eigenvalues an observed one must exceed; the 95th percentile, not the mean, which over-extracts.

    Returns
    -------
    ParallelAnalysis
        ``suggested`` (components above the reference, counted from the first), ``suggested_factors`` (the same on the
        correlation matrix with squared multiple correlations on its diagonal, which tends to keep too many),
        ``eigenvalues`` (one row a rank: ``observed reference observed_factor reference_factor``), ``n``, ``n_missing``.

    Raises
    ------
    ScaleError
        Fewer than three items, a constant item.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> answers = pd.DataFrame(rng.standard_normal((300, 1)) + rng.standard_normal((300, 4)), columns=list("abcd"))
    >>> parallel_analysis(answers, list("abcd"), seed=1).suggested
    1
    """
    read = read_items(data, items, at_least=3)
    moments = read.moments()
    rows = read.rows()
    observed = _eigenvalues(rows)
    rng = np.random.default_rng(seed)
    shuffled = np.array([_eigenvalues(rng.permuted(rows, axis=0)) for _draw in range(n_draws)])
    reference = np.quantile(shuffled, quantile, axis=0)
    table = pd.DataFrame(
        {
            "observed": observed[0],
            "reference": reference[0],
            "observed_factor": observed[1],
            "reference_factor": reference[1],
        },
        index=pd.RangeIndex(1, len(read.names) + 1, name="rank"),
    )
    return ParallelAnalysis(
        n=moments.n,
        n_missing=moments.n_rows - moments.n,
        eigenvalues=table,
        suggested=_leading(observed[0] > reference[0]),
        suggested_factors=_leading(observed[1] > reference[1]),
        n_draws=n_draws,
        quantile=quantile,
        seed=seed,
    )


@dataclass(frozen=True, eq=False, repr=False)
class ParallelAnalysis(Result):
    """Eigenvalues against those of shuffled answers; see :func:`parallel_analysis`."""

    n: int
    n_missing: int
    eigenvalues: pd.DataFrame
    suggested: int
    suggested_factors: int
    n_draws: int
    quantile: float
    seed: int

    def table(self) -> PublicationTable:
        """Observed and reference eigenvalues."""
        columns = (
            Column("observed", _("Observed"), decimals=2, group=_("Components")),
            Column("reference", _("Shuffled"), decimals=2, group=_("Components")),
            Column("observed_factor", _("Observed"), decimals=2, group=_("Common factors")),
            Column("reference_factor", _("Shuffled"), decimals=2, group=_("Common factors")),
        )
        return PublicationTable(
            title=_("Parallel analysis"),
            body=self.eigenvalues,
            columns=columns,
            stub=_("Rank"),
            bases=pd.DataFrame(self.n, index=self.eigenvalues.index, columns=list(self.eigenvalues.columns)),
            reading=_(
                "the first eigenvalue is {observed}, against {reference} for shuffled answers.",
                observed=format_number(self.eigenvalues.iloc[0, 0], 2),
                reference=format_number(self.eigenvalues.iloc[0, 1], 2),
            ),
            scope=_(
                "respondents who answered every item ({n} kept, {dropped} left out).",
                n=format_count(self.n),
                dropped=format_count(self.n_missing),
            ),
            note=self.sentence(),
            name="parallel_analysis",
        )

    def sentence(self) -> str:
        """The number of factors suggested, and by which rule."""
        return _(
            "Parallel analysis suggests {k} factors ({quantile} quantile of {draws} shuffles; {factors} with squared "
            "multiple correlations on the diagonal, a rule that keeps too many).",
            k=self.suggested,
            quantile=format_percent(self.quantile, 0),
            draws=self.n_draws,
            factors=self.suggested_factors,
        )

    def statistics(self) -> dict[str, Estimate | float]:
        """Number of factors by both rules."""
        return {"suggested": float(self.suggested), "suggested_factors": float(self.suggested_factors)}

    def plot(self, ax: Axes | None = None) -> Axes:
        """Scree of the observed eigenvalues with the shuffled reference."""
        from optima_research.results import style

        ax = style.axes(ax)
        colours = style.palette(2)
        ranks = self.eigenvalues.index
        ax.plot(ranks, self.eigenvalues["observed"], "o-", color=colours[0], label=_("Observed"))
        ax.plot(ranks, self.eigenvalues["reference"], "s--", color=colours[1], label=_("Shuffled"))
        ax.set_xticks(list(ranks))
        ax.set_xlabel(_("Rank"))
        ax.set_ylabel(_("Eigenvalue"))
        ax.legend(frameon=False)
        style.decimal_axis(ax, "y")
        return ax


def _eigenvalues(rows: FloatArray) -> FloatArray:
    """Descending eigenvalues of R and of R with squared multiple correlations on its diagonal: (2, items)."""
    matrix: FloatArray = np.asarray(np.corrcoef(rows, rowvar=False))
    reduced = matrix.copy()
    np.fill_diagonal(reduced, 1 - 1 / np.diag(np.linalg.pinv(matrix, hermitian=True)))
    return np.array([np.linalg.eigvalsh(matrix)[::-1], np.linalg.eigvalsh(reduced)[::-1]])


def _leading(above: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> int:
    return len(above) if above.all() else int(above.argmin())
