"""Convergent and discriminant validity of several scales: average variance extracted and HTMT."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.coding.quantitative._item_moments import FloatArray
from optima_research.coding.quantitative.cfa import cfa
from optima_research.coding.quantitative.measurement_model import Model, read_model
from optima_research.errors import ScaleError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_number
from optima_research.results import Column, Estimate, PublicationTable, Result

if TYPE_CHECKING:
    from optima_research.results.frames import Data

ENOUGH_VARIANCE = 0.50
TOO_ALIKE = 0.85


def validity(data: Data, model: Model) -> Validity:
    """Do items of a scale converge, and are scales told apart?

    Parameters
    ----------
    data : DataFrame or Survey
        Rows complete on the items are used.
    model : mapping
        Scale -> items; two scales at least, two items each.

    Returns
    -------
    Validity
        ``ave`` (average variance extracted by each factor), ``reliability`` (composite), ``correlations`` (of the
        factors), ``htmt`` (DataFrame), ``fornell_larcker`` (whether each factor shares more with its items than with
        any other factor), ``n``, ``n_missing``.

    Raises
    ------
    ScaleError
        As :func:`cfa`; also a model with a single scale.

    Notes
    -----
    AVE: mean squared standardised loading of the confirmatory model. HTMT (Henseler, Ringle and Sarstedt 2015): mean
    absolute correlation between items of two scales over the geometric mean of those within; 0.85 is the usual bound.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> factors = rng.standard_normal((500, 2))[:, [0, 0, 0, 1, 1, 1]]
    >>> answers = pd.DataFrame(factors + 0.7 * rng.standard_normal((500, 6)), columns=list("abcdef"))
    >>> result = validity(answers, {"u": ["a", "b", "c"], "v": ["d", "e", "f"]})
    >>> bool(result.htmt.loc["u", "v"] < 0.2), bool(result.ave["u"] > 0.5)
    (True, True)
    """
    if len(model) < 2:
        raise ScaleError(_("Validity compares scales: give two of them at least."), parameter="model")
    confirmed = cfa(data, model)
    read = read_model(data, model)
    matrix = np.abs(np.corrcoef(read.rows[0], rowvar=False))
    by_factor = confirmed.loadings.groupby("factor", sort=False)
    ave = by_factor["standardised"].agg(lambda loading: (loading**2).mean()).rename("ave")
    composite = by_factor["standardised"].agg(
        lambda loading: loading.sum() ** 2 / (loading.sum() ** 2 + (1 - loading**2).sum())
    )
    ratios = pd.DataFrame(1.0, index=list(read.factors), columns=list(read.factors))
    for r, s in combinations(range(len(read.factors)), 2):
        ratios.iloc[r, s] = ratios.iloc[s, r] = _htmt(matrix, read.members[r], read.members[s])
    others = confirmed.correlations.to_numpy() ** 2 - np.eye(len(ratios))
    return Validity(
        n=confirmed.n,
        n_missing=confirmed.n_missing,
        ave=ave,
        reliability=composite.rename("reliability"),
        correlations=confirmed.correlations,
        htmt=ratios,
        fornell_larcker=pd.Series(ave.to_numpy() > others.max(axis=1), index=ave.index),
    )


@dataclass(frozen=True, eq=False, repr=False)
class Validity(Result):
    """AVE and HTMT of several scales; see :func:`validity`."""

    n: int
    n_missing: int
    ave: pd.Series
    reliability: pd.Series
    correlations: pd.DataFrame
    htmt: pd.DataFrame
    fornell_larcker: pd.Series

    def table(self) -> PublicationTable:
        """One row a scale: AVE, composite reliability, largest HTMT."""
        off = self.htmt.where(~np.eye(len(self.htmt), dtype=bool))
        body = pd.DataFrame({"ave": self.ave, "reliability": self.reliability, "htmt": off.max(axis=1)})
        return PublicationTable(
            title=_("Convergent and discriminant validity"),
            body=body,
            columns=(
                Column("ave", _("Average variance extracted"), decimals=2),
                Column("reliability", _("Composite reliability"), decimals=2),
                Column("htmt", _("Largest HTMT"), decimals=2),
            ),
            stub=_("Scale"),
            bases=pd.DataFrame(self.n, index=body.index, columns=body.columns),
            reading=_(
                "the factor of « {scale} » carries {ave} of the variance of its items.",
                scale=body.index[0],
                ave=format_number(body["ave"].iloc[0], 2),
            ),
            scope=_(
                "respondents who answered every item ({n} kept, {dropped} left out).",
                n=format_count(self.n),
                dropped=format_count(self.n_missing),
            ),
            note=self.sentence(),
            name="validity",
        )

    def sentence(self) -> str:
        """Which scales converge, and which pairs are too alike."""
        weak = [str(name) for name, value in self.ave.items() if value < ENOUGH_VARIANCE]
        said = [
            _("The variance extracted is under one half for {names}.", names=", ".join(weak))
            if weak
            else _("Each factor carries at least half of the variance of its items.")
        ]
        alike = [
            f"{a} – {b} ({format_number(self.htmt.loc[a, b], 2)})"
            for a, b in combinations(self.htmt.index, 2)
            if self.htmt.loc[a, b] > TOO_ALIKE
        ]
        if alike:
            said.append(
                _("Scales too alike to be told apart (HTMT above 0.85): {pairs}.", pairs=", ".join(alike))
            )
        else:
            said.append(
                _("No two scales are too alike (HTMT at most {limit}).", limit=format_number(TOO_ALIKE, 2))
            )
        return " ".join(said)

    def statistics(self) -> dict[str, Estimate | float]:
        """AVE of each scale and HTMT of each pair."""
        found: dict[str, Estimate | float] = {f"ave_{name}": float(value) for name, value in self.ave.items()}
        found.update(
            {f"htmt_{a}_{b}": float(self.htmt.loc[a, b]) for a, b in combinations(self.htmt.index, 2)}
        )
        return found


def _htmt(matrix: FloatArray, first: tuple[int, ...], second: tuple[int, ...]) -> float:
    between = matrix[np.ix_(first, second)].mean()
    within = [matrix[np.ix_(m, m)][np.triu_indices(len(m), 1)].mean() for m in (first, second)]
    return float(between / np.sqrt(within[0] * within[1]))
