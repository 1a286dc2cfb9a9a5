"""Do these items share enough to be factored? Kaiser-Meyer-Olkin and Bartlett."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.coding.quantitative._item_moments import FloatArray, correlation
from optima_research.coding.quantitative.items import read_items
from optima_research.language import _
from optima_research.language.numbers import format_count, format_number, format_p
from optima_research.results import Column, Estimate, PublicationTable, Result

if TYPE_CHECKING:
    from optima_research.results.frames import Data

POOR = 0.5


def adequacy(data: Data, items: Sequence[str]) -> Adequacy:
    """Kaiser-Meyer-Olkin measure (overall and by item) and Bartlett's test of sphericity.

    Parameters
    ----------
    data : DataFrame or Survey
        Rows complete on the items are used.
    items : list of str
        At least three.

    Returns
    -------
    Adequacy
        ``kmo``, ``items`` (Series), ``chi2``, ``df``, ``p``, ``determinant``, ``pseudo_inverse``, ``n``, ``n_missing``.

    Raises
    ------
    ScaleError
        Fewer than three items, a constant item.

    Notes
    -----
    KMO = sum r² / (sum r² + sum partial r²), off the diagonal. A singular correlation matrix has no inverse: the
    Moore-Penrose one is used and said. Bartlett: -(n - 1 - (2p + 5)/6) log|R|, p(p - 1)/2 df.
    Agrees with psych 2.2.9 to 1e-9 (``tests/reference/factors.R``).

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"a": [1, 2, 3, 4, 5, 2], "b": [2, 2, 3, 5, 5, 1], "c": [1, 3, 3, 4, 4, 2]})
    >>> round(adequacy(answers, ["a", "b", "c"]).kmo, 2)
    0.72
    """
    read = read_items(data, items, at_least=3)
    moments = read.moments()
    matrix = correlation(moments.covariance)
    overall, by_item, pseudo = _kmo(matrix)
    chi2, df, p, determinant = _bartlett(matrix, moments.n)
    return Adequacy(
        n=moments.n,
        n_missing=moments.n_rows - moments.n,
        kmo=overall,
        items=pd.Series(by_item, index=pd.Index(read.names, name="item"), name="kmo"),
        labels=read.labels,
        chi2=chi2,
        df=df,
        p=p,
        determinant=determinant,
        pseudo_inverse=pseudo,
    )


@dataclass(frozen=True, eq=False, repr=False)
class Adequacy(Result):
    """Whether a correlation matrix can be factored; see :func:`adequacy`."""

    n: int
    n_missing: int
    kmo: float
    items: pd.Series
    labels: tuple[str, ...]
    chi2: float
    df: int
    p: float
    determinant: float
    pseudo_inverse: bool

    def table(self) -> PublicationTable:
        """KMO of each item."""
        body = pd.DataFrame({"kmo": self.items.to_numpy()}, index=list(self.labels))
        return PublicationTable(
            title=_("Adequacy of the items for a factor analysis"),
            body=body,
            columns=(Column("kmo", "KMO", decimals=2),),
            stub=_("Scale item"),
            bases=pd.DataFrame(self.n, index=body.index, columns=["kmo"]),
            reading=_(
                "the item « {item} » has a KMO of {value}.",
                item=body.index[0],
                value=format_number(body.iloc[0, 0], 2),
            ),
            scope=_(
                "respondents who answered every item ({n} kept, {dropped} left out).",
                n=format_count(self.n),
                dropped=format_count(self.n_missing),
            ),
            note=self.sentence(),
            name="adequacy",
        )

    def sentence(self) -> str:
        """KMO and Bartlett, and the items under one half."""
        said = [
            _(
                "KMO = {kmo}; Bartlett's test: chi2({df}) = {chi2}, p {p} (n = {n}).",
                kmo=format_number(self.kmo, 2),
                df=format_count(self.df),
                chi2=format_number(self.chi2, 1),
                p=format_p(self.p),
                n=format_count(self.n),
            )
        ]
        poor = [label for label, value in zip(self.labels, self.items, strict=True) if value < POOR]
        if poor:
            said.append(
                _(
                    "Items that share too little with the others (KMO under 0.5): {names}.",
                    names=", ".join(poor),
                )
            )
        if self.pseudo_inverse:
            said.append(_("The correlations are singular: the KMO rests on a pseudo-inverse."))
        return " ".join(said)

    def statistics(self) -> dict[str, Estimate | float]:
        """KMO and Bartlett's chi2."""
        return {
            "kmo": self.kmo,
            "bartlett_chi2": self.chi2,
            "bartlett_df": float(self.df),
            "bartlett_p": self.p,
        }


def _kmo(matrix: FloatArray) -> tuple[float, FloatArray, bool]:
    singular = bool(np.linalg.eigvalsh(matrix)[0] < 1e-10)
    inverse = np.linalg.pinv(matrix, hermitian=True) if singular else np.linalg.inv(matrix)
    scale = np.sqrt(np.diag(inverse))
    partial = inverse / np.outer(scale, scale)
    off = ~np.eye(len(matrix), dtype=bool)
    shared, left = np.where(off, matrix**2, 0), np.where(off, partial**2, 0)
    by_item: FloatArray = shared.sum(axis=0) / (shared.sum(axis=0) + left.sum(axis=0))
    return float(shared.sum() / (shared.sum() + left.sum())), by_item, singular


def _bartlett(matrix: FloatArray, n: int) -> tuple[float, int, float, float]:
    from scipy.special import chdtrc

    p = len(matrix)
    sign, log_determinant = np.linalg.slogdet(matrix)
    log_determinant = log_determinant if sign > 0 else -np.inf
    chi2 = float(-(n - 1 - (2 * p + 5) / 6) * log_determinant)
    df = p * (p - 1) // 2
    return chi2, df, float(chdtrc(df, chi2)), float(np.exp(log_determinant))
