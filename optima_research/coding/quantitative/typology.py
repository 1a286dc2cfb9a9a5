"""A typology of respondents: Ward's tree on the axes of a multiple correspondence analysis, then k-means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from optima_research.coding.quantitative import _typology_kernels as kernels
from optima_research.coding.quantitative.class_description import ClassDescription, category_profiles
from optima_research.coding.quantitative.mca_result import MultipleCorrespondence, axis_columns
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_number, format_percent
from optima_research.results import Column, Estimate, PublicationTable, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from optima_research.coding.quantitative.class_stability import ClassStability
    from optima_research.results.frames import Data

FEWEST, MOST = 3, 10
_ROUNDS = 10


def typology(
    mca: MultipleCorrespondence,
    n_classes: int | None = None,
    *,
    n_axes: int | None = None,
    consolidate: bool = True,
    most: int = MOST,
) -> Typology:
    """Classes of respondents who answer alike (CAH on the axes of an ACM).

    Parameters
    ----------
    mca : MultipleCorrespondence
        Its axes are the space; its weights are those of respondents.
    n_classes : int, optional
        Number of classes. By default the cut rule chooses, and ``inertia`` shows the rule at work.
    n_axes : int, optional
        Axes used, all those kept by default: five axes and two do not give the same classes.
    consolidate : bool
        Ten rounds of k-means at most from the centres of the cut.
    most : int
        Largest number of classes the cut rule considers (at least three).

    Returns
    -------
    Typology
        ``classes`` (class of each respondent), ``sizes``, ``profiles`` (v-tests of every category in every class),
        ``inertia`` (each number of classes: ``within``, ``between_share``, ``gain``, ``ratio``, ``chosen``),
        ``tree`` (scipy linkage), ``centres``. Classes are numbered from the largest to the smallest.

    Raises
    ------
    AnalysisError
        More classes than different patterns of answers, fewer than two, more axes than kept.

    Notes
    -----
    Respondents with the same active answers are one weighted point, so that the tree depends neither on the order
    of rows nor on ties between equals. Ward's loss is m_A m_B / (m_A + m_B) d²; the rule keeps the number of classes
    k between three and ``most`` whose within-class inertia is the smallest share of that with k - 1 classes. Beyond
    3 000 different points the cloud is first divided into 2 048 cells at most, cut at their mean on their widest
    axis, and the tree joins the cells; k-means then moves every point.
    Agrees with FactoMineR 2.7 (HCPC): same heights to 1e-9, same classes; ``tests/reference/geometry.R``.

    Examples
    --------
    >>> import pandas as pd
    >>> from optima_research.coding.quantitative import mca
    >>> data = pd.DataFrame({"sig": list("oooonnnn"), "gmao": list("ooonnnnn"), "bim": list("oooonnno")})
    >>> typology(mca(data, ["sig", "gmao", "bim"]), 2).sizes.tolist()
    [5, 3]
    """
    k_axes = _axes_used(mca, n_axes)
    row, pattern = mca.answers.patterns()
    points = mca.individuals.to_numpy()[row][:, :k_axes]
    mass = np.bincount(pattern, mca.answers.weights).astype(float)
    tree, leaf = grown(points, mass)
    inertia = _inertia(tree, most)
    k = int(inertia["ratio"].idxmin()) if n_classes is None else n_classes
    if not 2 <= k <= len(tree) + 1:
        raise AnalysisError(
            _("The respondents show {n} different patterns of answers: {k} classes cannot be made.",
              n=format_count(len(points)), k=k),
            parameter="n_classes",
        )  # fmt: skip
    classes, centres = divided(points, mass, tree, leaf, k, rounds=_ROUNDS if consolidate else 0)
    counts = np.bincount(classes, np.bincount(pattern), k)
    order = np.lexsort((centres[:, 0], -counts))
    rank = np.argsort(order) + 1
    labels = pd.RangeIndex(1, k + 1, name="class")
    found = pd.Series(rank[classes][pattern], index=mca.individuals.index, name="class")
    total = np.average(((points - points.T @ mass / mass.sum()) ** 2).sum(axis=1), weights=mass)
    within = np.average(((points - centres[classes]) ** 2).sum(axis=1), weights=mass)
    inertia["chosen"] = inertia.index == k
    return Typology(
        classes=found,
        sizes=pd.Series(counts[order].astype(np.int64), index=labels, name="n"),
        profiles=category_profiles(_tables(mca, found.to_numpy() - 1, k)),
        inertia=inertia,
        tree=tree,
        centres=pd.DataFrame(centres[order], index=labels, columns=axis_columns(k_axes)),
        explained=float(1 - within / total),
        by_rule=n_classes is None,
        consolidated=consolidate,
        n_points=len(points),
        mca=mca,
    )


@dataclass(frozen=True, eq=False, repr=False)
class Typology(Result):
    """Classes of respondents; see :func:`typology`."""

    classes: pd.Series
    sizes: pd.Series
    profiles: pd.DataFrame
    inertia: pd.DataFrame
    tree: kernels.FloatArray
    centres: pd.DataFrame
    explained: float
    by_rule: bool
    consolidated: bool
    n_points: int
    mca: MultipleCorrespondence

    @property
    def description(self) -> ClassDescription:
        """What sets each class apart, as a result to publish and to protect."""
        sizes = self.sizes.rename(index=str)
        return ClassDescription(
            profiles=self.profiles.rename(index=str, level="class"), means=pd.DataFrame(), sizes=sizes,
            labels=self.mca.labels, by=_("typology"), threshold=0.05,
        )  # fmt: skip

    def assign(self, data: Data) -> pd.Series:
        """Class of other respondents (a later wave, a new partner): the nearest centre once projected."""
        places = self.mca.project(data)
        points = places.to_numpy()[:, : self.centres.shape[1]]
        return pd.Series(
            kernels.nearest(points, self.centres.to_numpy()) + 1, index=places.index, name="class"
        )

    def respondents(self, n: int = 5, *, which: Literal["typical", "specific"] = "typical") -> pd.DataFrame:
        """Respondents nearest to the centre of their class (parangons), or farthest from the other classes.

        For choosing interviewees inside the team: identifiers of persons, never to be published. No table, figure
        or sentence of the typology shows them.
        """
        k_axes = self.centres.shape[1]
        points, own = self.mca.individuals.to_numpy()[:, :k_axes], self.classes.to_numpy() - 1
        distance = np.sqrt(((points[:, None, :] - self.centres.to_numpy()[None]) ** 2).sum(axis=2))
        rows = np.arange(len(points))
        if which == "typical":
            key = distance[rows, own]
        else:
            distance[rows, own] = np.inf
            key = -distance.min(axis=1)
        frame = pd.DataFrame({"class": self.classes, "distance": np.abs(key), "key": key})
        chosen = frame.sort_values(["class", "key"], kind="stable").groupby("class").head(n)
        return chosen.drop(columns="key").reset_index(names="respondent").set_index("class")

    def stability(self, n_boot: int = 100, *, seed: int = 0) -> ClassStability:
        """How well each class is found again when respondents are drawn again; see :func:`class_stability`."""
        from optima_research.coding.quantitative.class_stability import class_stability

        return class_stability(self, n_boot=n_boot, seed=seed)

    def table(self) -> PublicationTable:
        """Size of each class and its most typical answers."""
        share = self.sizes / self.sizes.sum()
        description = self.description
        answers = [description.typical_answers(str(one), shares=False) for one in self.sizes.index]
        names = pd.Index([_("Class {name}", name=one) for one in self.sizes.index])
        body = pd.DataFrame(
            {"n": self.sizes.to_numpy(), "share": share.to_numpy(), "answers": answers}, index=names
        )
        counts = body[["n"]].assign(share=body["n"])
        bases = counts * 0 + int(self.sizes.sum())
        return PublicationTable(
            title=_("Typology of respondents"),
            body=body,
            columns=(
                Column("n", "n", kind="count"),
                Column("share", _("Share"), kind="percent"),
                Column("answers", _("Typical answers"), kind="text"),
            ),
            stub=_("Class"),
            bases=bases,
            counts=counts,
            reading=_("class 1 holds {n} respondents, {share} of all.", n=format_count(self.sizes.iloc[0]),
                      share=format_percent(share.iloc[0])),
            scope=_("{n} respondents; {missing} left out.", n=format_count(self.mca.n),
                    missing=format_count(self.mca.n_missing)),
            note=self._method(),
            name="typology",
        )  # fmt: skip

    def inertia_table(self) -> PublicationTable:
        """The cut rule at work: what each number of classes leaves and gains."""
        return PublicationTable(
            title=_("Choosing the number of classes"),
            body=self.inertia.assign(mark=np.where(self.inertia["chosen"], "●", "")),
            columns=(
                Column("within", _("Inertia within classes"), decimals=3),
                Column("between_share", _("Share between classes"), kind="percent"),
                Column("gain", _("Gain"), decimals=3),
                Column("ratio", _("Ratio to one class fewer"), decimals=3),
                Column("mark", _("Chosen"), kind="text"),
            ),
            stub=_("Classes"),
            note=_("The rule keeps the smallest ratio, from {fewest} classes on.", fewest=FEWEST),
            name="typology_inertia",
        )

    def sentence(self) -> str:
        """How many classes, what they explain, and their portraits."""
        return " ".join([self._method(), self.description.sentence()])

    def summary_lines(self) -> list[str]:
        """The method, then one line a class."""
        return [self._method(), *self.description.summary_lines()]

    def statistics(self) -> dict[str, Estimate | float]:
        """Number of classes, their sizes, the share of the variance between them."""
        sizes: dict[str, Estimate | float] = {f"n × {one}": float(n) for one, n in self.sizes.items()}
        return {"n_classes": float(len(self.sizes)), "explained": self.explained, **sizes}

    def plot(self, ax: Axes | None = None) -> Axes:
        """The tree with its cut."""
        from optima_research.coding.quantitative.dendrogram import dendrogram

        return dendrogram(self, ax=ax)

    def _method(self) -> str:
        chosen = (
            _("chosen by the cut rule (ratio {ratio})", ratio=format_number(self._ratio(), 3))
            if self.by_rule
            else _("as many as asked for")
        )
        end = _("Ward's method on {axes} axes", axes=self.centres.shape[1])
        if self.consolidated:
            end += _(", then k-means")
        return _(
            "{k} classes, {chosen}: {share} of the variance on these axes lies between them ({method}).",
            k=len(self.sizes), chosen=chosen, share=format_percent(self.explained), method=end,
        )  # fmt: skip

    def _ratio(self) -> float:
        return float(self.inertia.loc[len(self.sizes), "ratio"])


def _axes_used(mca: MultipleCorrespondence, n_axes: int | None) -> int:
    k_axes = mca.solution.n_axes if n_axes is None else n_axes
    if not 1 <= k_axes <= mca.solution.n_axes:
        raise AnalysisError(
            _("The analysis kept {n} axes.", n=mca.solution.n_axes),
            parameter="n_axes",
            got=k_axes,
            hint=_("Keep more axes: n_axes=…"),
        )
    return k_axes


def grown(
    points: kernels.FloatArray, mass: kernels.FloatArray
) -> tuple[kernels.FloatArray, kernels.IntArray]:
    """Ward's tree, and the leaf of each point: itself, or its cell where the cloud is large."""
    if len(points) <= kernels.MOST_POINTS:
        return kernels.ward(points, mass), np.arange(len(points))
    leaf = kernels.first_division(points, mass)
    cells = int(leaf.max()) + 1
    centres = kernels.centres_of(points, mass, leaf, cells)
    return kernels.ward(centres, np.bincount(leaf, mass, cells).astype(float)), leaf


def divided(
    points: kernels.FloatArray,
    mass: kernels.FloatArray,
    tree: kernels.FloatArray,
    leaf: kernels.IntArray,
    k: int,
    *,
    rounds: int,
) -> tuple[kernels.IntArray, kernels.FloatArray]:
    """Class and centres once the tree is cut, after ``rounds`` of k-means at most."""
    classes = kernels.cut(tree, k)[leaf]
    centres = kernels.centres_of(points, mass, classes, k)
    return kernels.k_means(points, mass, centres, rounds) if rounds else (classes, centres)


def _inertia(tree: kernels.FloatArray, most: int) -> pd.DataFrame:
    within = kernels.within_inertia(tree)
    # Undoing the last merge leaves two classes, and so on; one class holds everything.
    within = np.append(within, 0.0)[: max(most, FEWEST)]
    number = pd.RangeIndex(1, len(within) + 1, name="classes")
    before = np.concatenate([[np.nan], within[:-1]])
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(number >= min(FEWEST, len(within)), within / before, np.nan)
    return pd.DataFrame(
        {
            "within": within,
            "between_share": 1 - within / within[0],
            "gain": before - within,
            "ratio": ratio,
        },
        index=number,
    )


def _tables(mca: MultipleCorrespondence, classes: kernels.IntArray, k: int) -> dict[str, pd.DataFrame]:
    """Counts of classes by category, one table a question."""
    found = {}
    for question, codes in zip(mca.answers.questions, mca.answers.codes, strict=True):
        counts = np.bincount(classes * question.size + codes, minlength=k * question.size)
        table = counts.reshape(k, question.size)[:, : len(question.levels)]
        found[question.name] = pd.DataFrame(table, index=range(1, k + 1), columns=list(question.levels))
    return found
