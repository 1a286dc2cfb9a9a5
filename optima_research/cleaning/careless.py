"""Careless responding: indices a respondent, by grid and scale, that raise flags and never delete anybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from optima_research.cleaning import _careless_kernels as kernels
from optima_research.cleaning.steps import expand
from optima_research.codebook import ItemSetKind, Scale
from optima_research.errors import CleaningError
from optima_research.language import _
from optima_research.language.numbers import format_number
from optima_research.results import Column, Estimate, PublicationTable, Result
from optima_research.results.style import axes
from optima_research.survey import Survey

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FEWEST_ITEMS = 5
"""A run of identical answers says something from five items on."""
FEWEST_SCALES = 3
"""A correlation over two scales is always plus or minus one."""
SYNONYMS = 0.6
"""Correlation above which two items are called synonyms (below minus it, antonyms)."""


@dataclass(frozen=True, eq=False, repr=False)
class CarelessIndices(Result):
    """One row a respondent; NaN where an index is not defined.

    Attributes
    ----------
    indices : DataFrame
        ``longstring`` (largest share of a grid answered in one run), ``straight_grids`` (share of the grids answered
        with one answer throughout), ``irv`` (standard deviation of one's answers), ``even_odd`` (-1 consistent, 1 not),
        ``mahalanobis`` (squared distance), ``synonyms``, ``antonyms`` (within-person correlations).
    n_items : int
        Items behind the distances (those that vary).
    notes : tuple of str
        Indices that could not be computed, and why.
    """

    indices: pd.DataFrame
    n_items: int
    notes: tuple[str, ...] = ()

    def table(self) -> PublicationTable:
        """Distribution of each index (never a row of data)."""
        shown = self.indices.describe().T[["count", "mean", "std", "50%"]]
        shown.columns = pd.Index(["n", "mean", "sd", "median"])
        return PublicationTable(
            title=_("Indices of careless responding"),
            body=shown.set_axis([_index_labels()[name] for name in shown.index]),
            columns=(
                Column("n", _("Respondents"), kind="count"),
                Column("mean", _("Mean")),
                Column("sd", _("Standard deviation")),
                Column("median", _("Median")),
            ),
            stub=_("Index"),
            reading=self.sentence(),
            note=" ".join(self.notes),
            name="careless",
        )

    def sentence(self) -> str:
        """How much of the grids is answered in one run, on average."""
        return _(
            "On average the longest run of identical answers covers {share} of a grid; {n} respondents answered every "
            "grid with one single answer.",
            share=format_number(float(self.indices["longstring"].mean()), 2),
            n=int((self.indices["straight_grids"] >= 1).sum()),
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Distribution of the longest run, the index that is read most."""
        ax = axes(ax)
        ax.hist(
            self.indices["longstring"].dropna(), bins=[tenth / 10 for tenth in range(11)], color="#004488"
        )
        ax.set_xlabel(_("Longest run of identical answers (share of the grid)"))
        ax.set_ylabel(_("Respondents"))
        return ax

    def statistics(self) -> dict[str, Estimate | float]:
        """Mean of each index."""
        return {f"careless_{name}": float(mean) for name, mean in self.indices.mean().items()}


def careless(
    survey: Survey,
    *,
    grids: Sequence[str] | None = None,
    scales: Sequence[str] | None = None,
    synonyms: float = SYNONYMS,
) -> CarelessIndices:
    """Indices of careless responding, with the conventions of R careless 1.2.2.

    Parameters
    ----------
    survey : Survey
    grids : sequence of str, optional
        Grids (item sets) of five items or more; all those of the codebook by default. Runs are counted inside a grid,
        because that is what a respondent sees in one column.
    scales : sequence of str, optional
        Scales of the codebook for the even-odd index, reversed items turned as declared; all by default.
    synonyms : float
        Correlation that makes two items synonyms.

    Raises
    ------
    CleaningError
        There is no grid and no scale to read.

    Notes
    -----
    Even-odd is minus the Spearman-Brown corrected correlation, over the scales, of the means of odd and even items
    (Curran 2016). Mahalanobis distances take covariances on available pairs. Synonyms follow careless
    without its random resampling of respondents who do not vary: they stay missing.

    Examples
    --------
    >>> from optima_research.codebook import Codebook, ItemSet, Variable
    >>> items = [f"q{k}" for k in range(6)]
    >>> book = Codebook([Variable(q, measure="ordinal") for q in items], [ItemSet("G", "grid", tuple(items))])
    >>> frame = pd.DataFrame([[3] * 6, [1, 2, 3, 4, 5, 1], [2, 2, 4, 5, 1, 3]], columns=items)
    >>> careless(Survey.build(frame, book)).indices["longstring"].round(2).tolist()
    [1.0, 0.17, 0.33]
    """
    blocks = _grids(survey, grids)
    declared = _scales(survey, scales)
    if not blocks and not declared:
        raise CleaningError(
            _("There is no grid of {least} items and no scale to read.", least=FEWEST_ITEMS),
            where=survey.name or None,
            hint=_("Declare the grids (ItemSet) or the scales (Scale) in the codebook."),
        )
    names = list(dict.fromkeys([*(name for block in blocks for name in block), *_items(declared)]))
    answers = pd.DataFrame({name: survey.numeric(name) for name in names}).to_numpy(dtype=float)
    at = {name: position for position, name in enumerate(names)}
    runs = _runs([answers[:, [at[name] for name in block]] for block in blocks], len(answers))
    columns: dict[str, npt.NDArray[np.float64]] = dict(runs)
    columns["irv"] = kernels.response_variability(answers)
    notes: list[str] = []
    columns["even_odd"] = _even_odd(answers, declared, at, notes)
    varying = answers[
        :, np.nanmax(answers, axis=0, initial=-np.inf) > np.nanmin(answers, axis=0, initial=np.inf)
    ]
    columns["mahalanobis"] = _distance(varying, notes)
    for name, threshold in (("synonyms", abs(synonyms)), ("antonyms", -abs(synonyms))):
        pairs = kernels.alike_pairs(answers, threshold)
        columns[name] = kernels.paired_consistency(answers, *pairs)
    return CarelessIndices(pd.DataFrame(columns, index=survey.answers.index), varying.shape[1], tuple(notes))


def _grids(survey: Survey, wanted: Sequence[str] | None) -> list[list[str]]:
    if wanted is not None:
        return [expand(survey, [name]) for name in wanted]
    found = []
    for group in survey.codebook.sets:
        members = [name for name in group.members if name in survey.columns]
        if group.kind is ItemSetKind.GRID and len(members) >= FEWEST_ITEMS:
            found.append(members)
    return found


def _scales(survey: Survey, wanted: Sequence[str] | None) -> list[Scale]:
    scales = survey.codebook.scales if wanted is None else [survey.codebook.scale(name) for name in wanted]
    return [scale for scale in scales if len(scale.items) > 1 and set(scale.items) <= set(survey.columns)]


def _items(scales: Sequence[Scale]) -> list[str]:
    return [name for scale in scales for name in scale.items]


def _runs(blocks: list[npt.NDArray[np.float64]], n: int) -> dict[str, npt.NDArray[np.float64]]:
    longest, straight, seen = np.full(n, np.nan), np.zeros(n), np.zeros(n)
    for block in blocks:
        answered = np.isfinite(block).all(axis=1)
        run, _mean = kernels.longest_run(block)
        share = np.where(np.isfinite(block).any(axis=1), run / block.shape[1], np.nan)
        longest = np.fmax(longest, share)
        straight += answered & (run == block.shape[1])
        seen += answered
    with np.errstate(invalid="ignore", divide="ignore"):
        return {"longstring": longest, "straight_grids": np.where(seen > 0, straight / seen, np.nan)}


def _even_odd(
    answers: npt.NDArray[np.float64], scales: Sequence[Scale], at: dict[str, int], notes: list[str]
) -> npt.NDArray[np.float64]:
    if len(scales) < FEWEST_SCALES:
        notes.append(_("Even-odd consistency needs at least {least} scales.", least=FEWEST_SCALES))
        return np.full(len(answers), np.nan)
    turned = answers.copy()
    for scale in scales:
        for name in scale.reversed:
            turned[:, at[name]] = sum(scale.range) - turned[:, at[name]]
    return kernels.even_odd(turned, [[at[name] for name in scale.items] for scale in scales])


def _distance(answers: npt.NDArray[np.float64], notes: list[str]) -> npt.NDArray[np.float64]:
    try:
        return kernels.mahalanobis(answers)
    except np.linalg.LinAlgError:
        notes.append(_("The Mahalanobis distance is not defined: some items repeat others exactly."))
        return np.full(len(answers), np.nan)


def _index_labels() -> dict[str, str]:
    return {
        "longstring": _("longest run of identical answers"),
        "straight_grids": _("grids answered in a straight line"),
        "irv": _("variability of one's answers"),
        "even_odd": _("even-odd inconsistency"),
        "mahalanobis": _("Mahalanobis distance"),
        "synonyms": _("consistency on synonyms"),
        "antonyms": _("consistency on antonyms"),
    }
