"""Reading the items of a scale: which columns, which way round, and whether the answers can be what they claim."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optima_research.coding.quantitative import _item_moments
from optima_research.coding.quantitative._item_moments import Columns, FloatArray, ItemMoments
from optima_research.errors import AnalysisError, ScaleError, suggest
from optima_research.language import _
from optima_research.results.frames import label_of, numeric, require

if TYPE_CHECKING:
    from optima_research.results.frames import Data

Missing = Literal["listwise", "pairwise"]
SHOWN = 6


@dataclass(frozen=True)
class Items:
    """Columns of answers, floats not copied and small integers in one byte, with the declared direction of each.

    Attributes
    ----------
    names, labels : tuple of str
    columns : tuple of arrays
        Answers as given (not reversed), NaN where missing.
    reverse : array of bool
    scale_range : (low, high) or None
    index : Index of the respondents
    """

    names: tuple[str, ...]
    labels: tuple[str, ...]
    columns: Columns
    reverse: NDArray[np.bool_]
    scale_range: tuple[float, float] | None
    index: pd.Index

    def moments(self, missing: Missing = "listwise") -> ItemMoments:
        """Moments with the reversed items turned round; refuses answers outside the range and constant items."""
        require_choice("missing", missing, Missing)
        compute = _item_moments.listwise_moments if missing == "listwise" else _item_moments.pairwise_moments
        moments = compute(self.columns, self.scale_range)
        self.refuse_outside(moments.lowest, moments.highest)
        infinite = np.flatnonzero(np.isinf(moments.lowest) | np.isinf(moments.highest)).tolist()
        if infinite:
            raise ScaleError(
                _(
                    "Infinite answers: {names}.",
                    names=", ".join(self.names[position] for position in infinite),
                ),
                hint=_("Look for a division by zero in the recoding."),
            )
        if moments.n < 3:
            raise ScaleError(
                _("Only {n} respondents answered every item.", n=moments.n),
                where=", ".join(self.names),
                hint=_('Use missing="pairwise", or drop the item most often left empty.'),
            )
        refuse_constant(self.names, np.diag(moments.covariance), moments.mean)
        return moments.reflected(self.reverse, self.total)

    def form_variance(
        self, mean: FloatArray, squares: FloatArray, first: FloatArray, second: FloatArray
    ) -> float:
        """Variance over the complete rows of ``squares . z² + 2 (first . z)(second . z)``, z answers less ``mean``."""
        sign = np.where(self.reverse, -1.0, 1.0)
        centre = np.where(self.reverse, self.total - mean, mean)
        return _item_moments.form_variance(self.columns, centre, squares, sign * first, sign * second)

    def rows(self) -> FloatArray:
        """Complete rows, reversed items turned round: respondents x items."""
        matrix = _item_moments.complete_rows(self.columns)
        return np.where(self.reverse, self.total - matrix, matrix) if self.reverse.any() else matrix

    def matrix(self) -> FloatArray:
        """Every row, reversed items turned round, NaN where there is no answer."""
        matrix = np.column_stack([np.asarray(column, dtype=np.float64) for column in self.columns])
        return np.where(self.reverse, self.total - matrix, matrix)

    @property
    def total(self) -> float:
        """What an answer and its reverse add up to."""
        return float(sum(self.scale_range)) if self.scale_range else 0.0

    def refuse_outside(self, lowest: FloatArray, highest: FloatArray) -> None:
        """Refuse answers outside the declared range; ``lowest`` and ``highest`` are the extremes of each item."""
        if self.scale_range is None:
            return
        low, high = self.scale_range
        outside = np.flatnonzero((lowest < low) | (highest > high))
        if len(outside):
            raise ScaleError(
                _(
                    "Answers lie outside the range {low}–{high}: {found}.",
                    low=f"{low:g}",
                    high=f"{high:g}",
                    found="; ".join(self._strays(position) for position in outside[:SHOWN]),
                ),
                where=", ".join(self.names[position] for position in outside),
                hint=_(
                    "Declare the true range, or the codes that mean no answer, before any item is reversed."
                ),
            )

    def _strays(self, position: int) -> str:
        low, high = self.scale_range or (-np.inf, np.inf)
        column = np.asarray(self.columns[position], dtype=np.float64)
        values = column[(column < low) | (column > high)]
        shown = ", ".join(f"{value:g}" for value in np.unique(values)[:SHOWN])
        return _(
            "« {item} » holds {values} ({n} answers)", item=self.names[position], values=shown, n=len(values)
        )


def read_items(
    data: Data,
    items: Iterable[str],
    *,
    reverse: Sequence[str] = (),
    scale_range: tuple[float, float] | None = None,
    at_least: int = 2,
) -> Items:
    """The items of a scale from a frame or a survey.

    Raises
    ------
    ScaleError
        Too few items, an item named twice, a reversed item that is not an item, items reversed without a range.
    SurveyError
        A column that does not exist.
    """
    if isinstance(items, str):
        raise ScaleError(_("Give the items as a list."), parameter="items", got=items, hint=f'["{items}", …]')
    names = tuple(items)
    reversed_names = (reverse,) if isinstance(reverse, str) else tuple(reverse)
    _check_names(names, reversed_names, scale_range, at_least)
    require(data, names)
    columns = _item_moments.narrowed([_answers(data, name) for name in names])
    return Items(
        names=names,
        labels=tuple(label_of(data, name) for name in names),
        columns=columns,
        reverse=np.array([name in reversed_names for name in names]),
        scale_range=None if scale_range is None else (float(scale_range[0]), float(scale_range[1])),
        index=data.index if isinstance(data, pd.DataFrame) else data.answers.index,
    )


def require_choice(parameter: str, value: str, choices: object) -> None:
    """Refuse a value that is none of the ``Literal`` choices of a parameter."""
    if value not in get_args(choices):
        raise AnalysisError(
            _("« {value} » is not a choice of {parameter}.", value=value, parameter=parameter),
            parameter=parameter,
            expected=" | ".join(get_args(choices)),
            got=value,
            hint=suggest(value, get_args(choices)) or None,
        )


def refuse_constant(names: Sequence[str], variance: FloatArray, mean: FloatArray, where: str = "") -> None:
    """Refuse items that everybody answers alike: nothing can be said of how they go with the others."""
    constant = np.flatnonzero(~(variance > 1e-12 * np.maximum(1, mean**2)))
    if len(constant):
        found = ", ".join(f"« {names[position]} » ({mean[position]:g})" for position in constant.tolist())
        raise ScaleError(
            _("Everybody gives the same answer: {found}.", found=found),
            where=where or None,
            hint=_(
                "Leave these items out of the scale; say in the text that they do not tell respondents apart."
            ),
        )


def refuse_collinear(names: Sequence[str], correlations: FloatArray, where: str = "") -> None:
    """Refuse items that are exact combinations of others (a total kept with its parts, an item twice)."""
    values, vectors = np.linalg.eigh(correlations)
    if values[0] > 1e-10:
        return
    involved = [names[position] for position in np.flatnonzero(np.abs(vectors[:, 0]) > 1e-3).tolist()]
    raise ScaleError(
        _("These items are perfectly collinear: {names}.", names=", ".join(involved)),
        where=where or None,
        hint=_(
            "Drop one of them: an item copied, reversed twice, or a total kept with its parts adds no information."
        ),
    )


def _check_names(
    names: tuple[str, ...], reverse: tuple[str, ...], scale_range: tuple[float, float] | None, at_least: int
) -> None:
    if len(names) < at_least:
        raise ScaleError(
            _("At least {n} items are needed.", n=at_least), parameter="items", got=", ".join(names) or None
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ScaleError(_("Items named twice: {names}.", names=", ".join(twice)), parameter="items")
    strangers = [name for name in reverse if name not in names]
    if strangers:
        raise ScaleError(
            _("Reversed items that are not items of the scale: {names}.", names=", ".join(strangers)),
            parameter="reverse",
            expected=", ".join(names),
        )
    if reverse and scale_range is None:
        raise ScaleError(
            _("Items are declared reversed without the range of the answers."),
            parameter="scale_range",
            hint=_("Give the lowest and highest possible answer, for example scale_range=(1, 5)."),
        )
    if scale_range is not None and not scale_range[0] < scale_range[1]:
        raise ScaleError(
            _("The range of the scale is upside down."), parameter="scale_range", got=scale_range
        )


def _answers(data: Data, name: str) -> NDArray[Any]:
    """Integers and floats of a frame are read where they are, the rest becomes float64."""
    column = data[name] if isinstance(data, pd.DataFrame) else None
    if column is None or not isinstance(column.dtype, np.dtype) or column.dtype.kind not in "iuf":
        column = numeric(data, name)
    return np.asarray(column.to_numpy())
