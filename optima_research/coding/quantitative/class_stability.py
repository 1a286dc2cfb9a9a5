"""How well each class of a typology is found again when the respondents are drawn again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.coding.quantitative.resampled_axes import Units
from optima_research.coding.quantitative.typology import Typology, divided, grown
from optima_research.language import _
from optima_research.language.numbers import format_number
from optima_research.results import Column, Estimate, PublicationTable, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DISSOLVED, STABLE = 0.5, 0.75
_ROUNDS = 10


def class_stability(typology: Typology, *, n_boot: int = 100, seed: int = 0) -> ClassStability:
    """Bootstrap of the whole chain: axes, tree, cut and k-means on respondents drawn again.

    Parameters
    ----------
    typology : Typology
    n_boot, seed : int

    Returns
    -------
    ClassStability
        ``classes``: one row a class, ``jaccard`` (mean over resamples), ``low`` (its fifth percentile), ``dissolved``
        (share of resamples where the best match is under 0.5), ``n``.

    Notes
    -----
    For each class, the Jaccard index of its respondents with the most similar class of the resample, among the
    respondents drawn (Hennig, 2007). Above 0.75 a class is stable; under 0.5 it is dissolved. The number of classes
    is kept.

    Examples
    --------
    >>> import pandas as pd
    >>> from optima_research.coding.quantitative import mca, typology
    >>> data = pd.DataFrame({"sig": list("ooonnn") * 9, "gmao": list("ooonnn") * 8 + list("onnonn")})
    >>> class_stability(typology(mca(data, list(data)), 2), n_boot=20).classes["jaccard"].round(2).tolist()
    [0.97, 0.96]
    """
    mca, k = typology.mca, len(typology.sizes)
    units = Units.of(mca)
    n_axes = typology.centres.shape[1]
    own = np.empty(len(units.counts), dtype=np.int64)
    own[units.unit] = typology.classes.to_numpy() - 1
    best = np.full((n_boot, k), np.nan)
    for draw, weights in enumerate(units.resamples(n_boot, seed)):
        solution = units.solve(weights, mca)
        drawn = weights > 0
        points = (units.packed.scores(solution.scores) - solution.centre)[drawn][:, :n_axes]
        mass = weights[drawn]
        if len(points) <= k:
            continue
        tree, leaf = grown(points, mass)
        found, _centres = divided(points, mass, tree, leaf, k, rounds=_ROUNDS if typology.consolidated else 0)
        best[draw] = _best_match(own[drawn], found, mass, k)
    jaccard = pd.DataFrame(best, columns=typology.sizes.index)
    return ClassStability(
        classes=pd.DataFrame(
            {
                "n": typology.sizes,
                "jaccard": jaccard.mean(),
                "low": jaccard.quantile(0.05),
                "dissolved": (jaccard < DISSOLVED).mean(),
            }
        ),
        n_boot=int(jaccard.notna().all(axis=1).sum()),
    )


@dataclass(frozen=True, eq=False, repr=False)
class ClassStability(Result):
    """Stability of classes; see :func:`class_stability`."""

    classes: pd.DataFrame
    n_boot: int

    def table(self) -> PublicationTable:
        """One row a class."""
        body = self.classes.set_axis(pd.Index([_("Class {name}", name=one) for one in self.classes.index]))
        columns = (
            Column("n", "n", kind="count"),
            Column("jaccard", _("Mean Jaccard index"), decimals=2),
            Column("low", _("Fifth percentile"), decimals=2),
            Column("dissolved", _("Dissolved"), kind="percent"),
        )
        return PublicationTable(
            title=_("Stability of the classes"),
            body=body,
            columns=columns,
            stub=_("Class"),
            bases=pd.DataFrame(dict.fromkeys(body, body["n"]), index=body.index),
            note=_("{n} resamples of the respondents; above {stable} a class is stable, under {dissolved} dissolved.",
                   n=self.n_boot, stable=format_number(STABLE, 2), dissolved=format_number(DISSOLVED, 2)),
            name="class_stability",
        )  # fmt: skip

    def sentence(self) -> str:
        """Which classes are stable, doubtful or artefacts of this sample."""
        value = self.classes["jaccard"]
        said = []
        if names := self._named(value >= STABLE):
            said.append(_("Stable: {names}.", names=names))
        if names := self._named((value < STABLE) & (value >= DISSOLVED)):
            said.append(_("A pattern, but its members are doubtful: {names}.", names=names))
        if names := self._named(value < DISSOLVED):
            said.append(_("Not found again, not to be interpreted: {names}.", names=names))
        return " ".join(said)

    def statistics(self) -> dict[str, Estimate | float]:
        """Mean Jaccard index of each class."""
        return {f"jaccard × {one}": float(value) for one, value in self.classes["jaccard"].items()}

    def plot(self, ax: Axes | None = None) -> Axes:
        """Mean Jaccard index of each class, with its fifth percentile."""
        from optima_research.results import style

        shown = self.classes.iloc[::-1]
        ax = style.axes(ax, rows=len(shown))
        rows = np.arange(len(shown))
        ax.hlines(rows, shown["low"], shown["jaccard"], color=style.INK, linewidth=1)
        ax.plot(shown["jaccard"], rows, "o", color=style.palette(1)[0])
        ax.axvline(STABLE, color=style.INK, linewidth=0.8, linestyle="--")
        ax.set_yticks(rows, [_("Class {name}", name=one) for one in shown.index])
        ax.set_xlim(0, 1.02)
        ax.set_xlabel(_("Jaccard index: mean, fifth percentile"))
        style.decimal_axis(ax)
        return ax

    def _named(self, chosen: pd.Series) -> str:
        return ", ".join(
            _("class {name} ({value})", name=one, value=format_number(jaccard, 2))
            for one, jaccard in self.classes.loc[chosen, "jaccard"].items()
        )


def _best_match(own: np.ndarray, found: np.ndarray, mass: np.ndarray, k: int) -> np.ndarray:
    both = np.bincount(own * k + found, mass, k * k).reshape(k, k)
    union = both.sum(axis=1, keepdims=True) + both.sum(axis=0) - both
    held = both.sum(axis=1) > 0
    return np.where(held, (both / np.where(union > 0, union, 1)).max(axis=1), np.nan)
