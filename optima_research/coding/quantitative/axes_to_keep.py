"""How many axes say more than chance: the scree of a multiple correspondence analysis beside permuted answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.coding.quantitative import _geometry_kernels as kernels
from optima_research.coding.quantitative._burt_kernels import pack
from optima_research.coding.quantitative.mca_result import MultipleCorrespondence
from optima_research.language import _
from optima_research.language.numbers import format_count, format_percent
from optima_research.results import Column, Estimate, PublicationTable, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def axes_to_keep(
    mca: MultipleCorrespondence, *, n_permutations: int = 100, quantile: float = 0.95, seed: int = 0
) -> AxesToKeep:
    """Parallel analysis of the axes: each question is shuffled among respondents, which breaks every link.

    Parameters
    ----------
    mca : MultipleCorrespondence
    n_permutations, seed : int
    quantile : float
        Of the permuted eigenvalues, rank by rank.

    Returns
    -------
    AxesToKeep
        ``scree`` (one row an axis: ``eigenvalue``, ``permuted``, the quantile of chance) and ``suggested``: axes from
        the first on whose eigenvalue is above chance.

    Notes
    -----
    Shuffling keeps the sizes of the categories, so that rare ones are allowed for. Weights stay with respondents.
    Ordered answers may put two axes above chance for one attitude, the second one curved (horseshoe).
    The rule is a guide beside the rates and the stability of the axes, not a verdict.

    Examples
    --------
    >>> import pandas as pd
    >>> from optima_research.coding.quantitative import mca
    >>> data = pd.DataFrame({"sig": list("ooonnn") * 20, "gmao": list("ooonno") * 20, "bim": list("oonnnn") * 20})
    >>> axes_to_keep(mca(data, ["sig", "gmao", "bim"]), n_permutations=20).suggested
    1
    """
    answers = mca.answers
    codes, sizes = answers.codes[: answers.n_active], [question.size for question in answers.active]
    builds = ~np.concatenate([question.excluded for question in answers.active])
    total = len(mca.eigenvalues)
    rng = np.random.default_rng(seed)
    chance = np.zeros((n_permutations, total))
    for draw in range(n_permutations):
        # The first question may stay: the others are shuffled against it and each other.
        shuffled = [codes[0], *(rng.permutation(code) for code in codes[1:])]
        burt = pack(shuffled, sizes).burt(answers.weights) / answers.n
        usable = builds & (np.diag(burt) > 0)
        values = kernels.solve(burt, answers.n_active, usable, 1).eigenvalues[:total]
        chance[draw, : len(values)] = values
    scree = pd.DataFrame({"eigenvalue": mca.eigenvalues, "permuted": np.quantile(chance, quantile, axis=0)})
    above = (scree["eigenvalue"] > scree["permuted"]).to_numpy()
    return AxesToKeep(scree, int(np.argmin([*above, False])), n_permutations, quantile, mca.n)


@dataclass(frozen=True, eq=False, repr=False)
class AxesToKeep(Result):
    """Axes beside chance; see :func:`axes_to_keep`."""

    scree: pd.DataFrame
    suggested: int
    n_permutations: int
    quantile: float
    n: int

    def table(self) -> PublicationTable:
        """Eigenvalues and what chance reaches, axis by axis."""
        columns = (
            Column("eigenvalue", _("Eigenvalue"), decimals=3),
            Column(
                "permuted", _("Chance ({quantile})", quantile=format_percent(self.quantile, 0)), decimals=3
            ),
        )
        body = self.scree.set_axis(pd.Index([_("Axis {axis}", axis=axis) for axis in self.scree.index]))
        return PublicationTable(
            title=_("Axes beside chance"),
            body=body,
            columns=columns,
            stub=_("Axis"),
            bases=pd.DataFrame(self.n, index=body.index, columns=body.columns),
            note=self.sentence(),
            name="axes_to_keep",
        )

    def sentence(self) -> str:
        """How many axes are above chance."""
        n = format_count(self.n_permutations)
        if self.suggested == 0:
            return _(
                "No axis is above what {n} shuffles of the answers reach: these questions share no structure.",
                n=n,
            )
        if self.suggested == 1:
            return _("One axis is above what {n} shuffles of the answers reach.", n=n)
        return _("{k} axes are above what {n} shuffles of the answers reach.", k=self.suggested, n=n)

    def statistics(self) -> dict[str, Estimate | float]:
        """The number suggested, and chance for each axis."""
        chance = {f"permuted_{axis}": float(value) for axis, value in self.scree["permuted"].items()}
        return {"suggested": float(self.suggested), **chance}

    def plot(self, ax: Axes | None = None) -> Axes:
        """Scree of the eigenvalues, with what chance reaches."""
        from optima_research.results import style

        ax = style.axes(ax, rows=8)
        colours = style.palette(2)
        shown = self.scree.iloc[:12]
        ax.plot(shown.index, shown["eigenvalue"], "o-", color=colours[0], label=_("Eigenvalue"))
        chance = _("Chance ({quantile})", quantile=format_percent(self.quantile, 0))
        ax.plot(shown.index, shown["permuted"], "s--", color=style.INK, markerfacecolor="white", label=chance)
        ax.set_xticks(list(shown.index))
        ax.set_xlabel(_("Axis"))
        ax.set_ylabel(_("Eigenvalue"))
        ax.legend(frameon=False, fontsize=8)
        style.decimal_axis(ax, "y")
        return ax
