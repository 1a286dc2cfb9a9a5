"""The data of a measurement model: which items load on which factor, and the answers of each group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.coding.quantitative._cfa_kernels import Fitted, fit, implied, oriented
from optima_research.coding.quantitative._cfa_spec import (
    Freed,
    GroupMoments,
    Part,
    Spec,
    build_spec,
    starting_values,
)
from optima_research.coding.quantitative._item_moments import FloatArray, correlation
from optima_research.coding.quantitative.items import read_items, refuse_collinear, refuse_constant
from optima_research.errors import ScaleError
from optima_research.language import _
from optima_research.results.frames import categories

if TYPE_CHECKING:
    from optima_research.results.frames import Data

Model = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class ModelData:
    """Complete answers of each group, and the factors as positions in the list of items.

    Attributes
    ----------
    factors : names of the factors
    members : for each factor, the positions of its items
    items, labels : names of the items and what a reader calls them
    groups : names of the groups (one empty name where there is no grouping)
    rows : answers of each group, respondents x items
    n_missing : rows left out because an answer or the group is missing
    left_out : groups too small for the model, with their size
    """

    factors: tuple[str, ...]
    members: tuple[tuple[int, ...], ...]
    items: tuple[str, ...]
    labels: tuple[str, ...]
    groups: tuple[str, ...]
    rows: tuple[FloatArray, ...]
    n_missing: int
    left_out: tuple[tuple[str, int], ...] = ()

    @property
    def n(self) -> int:
        """Number of respondents used."""
        return sum(len(rows) for rows in self.rows)

    @cached_property
    def moments(self) -> GroupMoments:
        """Sizes, means and covariances (divisor n) of the groups."""
        return GroupMoments(
            np.array([float(len(rows)) for rows in self.rows]),
            np.array([rows.mean(axis=0) for rows in self.rows]),
            np.array([np.cov(rows, rowvar=False, bias=True) for rows in self.rows]),
        )

    @property
    def parameters_per_group(self) -> int:
        """Free parameters of one group when nothing is equal over groups."""
        return build_spec(self.members, len(self.items), 1).n_parameters

    def spec(self, equal: frozenset[Part] = frozenset(), freed: frozenset[Freed] = frozenset()) -> Spec:
        """The model with some parts equal over groups."""
        return build_spec(self.members, len(self.items), len(self.groups), equal, freed)

    def fitted(self, equal: frozenset[Part] = frozenset(), freed: frozenset[Freed] = frozenset()) -> Fitted:
        """The model fitted by maximum likelihood.

        Raises
        ------
        ScaleError
            The search does not end: the model does not describe the data, or does not have one solution.
        """
        spec, moments = self.spec(equal, freed), self.moments
        try:
            found = fit(spec, moments, starting_values(spec, moments))
        except np.linalg.LinAlgError:
            found = None
        if found is None or not found.converged:
            raise ScaleError(
                _("The factor model does not converge ({factors}).", factors=", ".join(self.factors)),
                hint=_(
                    "Look at the item table and an exploratory analysis first: a weak or misplaced item is usual."
                ),
            )
        return oriented(found)

    def heywood(self, fitted: Fitted) -> tuple[tuple[str, str], ...]:
        """Items with a negative residual variance, and the group where they have it."""
        residuals = implied(fitted.spec, fitted.parameters).residuals
        return tuple((self.items[i], self.groups[g]) for g, i in np.argwhere(residuals < 0).tolist())

    def without_small_groups(self) -> ModelData:
        """Only the groups with more respondents than parameters; the others are named in ``left_out``."""
        enough = [len(rows) > self.parameters_per_group for rows in self.rows]
        small = [
            (group, len(rows))
            for group, rows, ok in zip(self.groups, self.rows, enough, strict=True)
            if not ok
        ]
        return replace(
            self,
            groups=tuple(group for group, ok in zip(self.groups, enough, strict=True) if ok),
            rows=tuple(rows for rows, ok in zip(self.rows, enough, strict=True) if ok),
            left_out=tuple(small),
        )

    def checked(self) -> ModelData:
        """Itself, when every group can carry the model; otherwise says which cannot and why.

        Raises
        ------
        ScaleError
            A group with fewer respondents than parameters, a constant item, perfectly collinear items.
        """
        needed = self.parameters_per_group
        small = [
            (group, len(rows))
            for group, rows in zip(self.groups, self.rows, strict=True)
            if len(rows) <= needed
        ]
        if small:
            raise ScaleError(
                _(
                    "Too few complete respondents for {needed} parameters: {groups}.",
                    needed=needed,
                    groups=", ".join(f"{group or _('everybody')} (n = {n})" for group, n in small),
                ),
                hint=_(
                    "Merge that group with a kindred one, leave it out and say so, or test a shorter scale."
                ),
            )
        for group, rows in zip(self.groups, self.rows, strict=True):
            refuse_constant(self.items, rows.var(axis=0), rows.mean(axis=0), group)
            refuse_collinear(self.items, correlation(np.cov(rows, rowvar=False)), group)
        return self


def read_model(
    data: Data,
    model: Model,
    by: str | None = None,
    *,
    reverse: Sequence[str] = (),
    scale_range: tuple[float, float] | None = None,
) -> ModelData:
    """The answers a measurement model needs, complete rows only, by group.

    Raises
    ------
    ScaleError
        A model without factor, a factor that cannot be identified, fewer than two groups.
    """
    members = {str(factor): tuple(items) for factor, items in model.items()}
    _check_model(members)
    names = tuple(dict.fromkeys(item for items in members.values() for item in items))
    items = read_items(data, names, reverse=reverse, scale_range=scale_range)
    if scale_range is not None:
        items.moments("pairwise")
    matrix = items.matrix()
    complete = ~np.isnan(matrix).any(axis=1)
    if by is None:
        groups, codes = [""], np.zeros(len(matrix), dtype=np.intp)
    else:
        groups, codes = _groups(categories(data, by))
    kept = complete & (codes >= 0)
    rows = tuple(matrix[kept & (codes == g)] for g in range(len(groups)))
    present = [g for g, answers in enumerate(rows) if len(answers)]
    if by is not None and len(present) < 2:
        raise ScaleError(_("« {by} » has only one group with complete answers.", by=by), parameter="by")
    return ModelData(
        factors=tuple(members),
        members=tuple(tuple(names.index(item) for item in items) for items in members.values()),
        items=names,
        labels=items.labels,
        groups=tuple(groups[g] for g in present),
        rows=tuple(rows[g] for g in present),
        n_missing=int((~kept).sum()),
    )


def _check_model(members: Mapping[str, tuple[str, ...]]) -> None:
    if not members:
        raise ScaleError(
            _("The model has no factor."),
            parameter="model",
            hint=_('Give {"factor": ["item1", "item2", …]}.'),
        )
    alone = [factor for factor, items in members.items() if len(items) < (3 if len(members) == 1 else 2)]
    if alone:
        raise ScaleError(
            _("Too few items to identify the factor: {names}.", names=", ".join(alone)),
            parameter="model",
            hint=_("Three items for one factor alone, two for a factor that correlates with others."),
        )


def _groups(column: pd.Series) -> tuple[list[str], np.ndarray[tuple[int], np.dtype[np.intp]]]:
    return [str(label) for label in column.cat.categories], np.asarray(column.cat.codes, dtype=np.intp)
