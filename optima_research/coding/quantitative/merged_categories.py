"""Answer categories nobody chose in a small group: merge them with a neighbour, in every group, and say so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np
import pandas as pd

from optima_research.coding.quantitative._item_moments import FloatArray
from optima_research.errors import ScaleError
from optima_research.language import _
from optima_research.results.frames import categories, numeric

if TYPE_CHECKING:
    from optima_research.codebook import Variable
    from optima_research.survey import Survey

Kept = TypeVar("Kept", "pd.DataFrame", "Survey")


@dataclass(frozen=True)
class MergedCategories(Generic[Kept]):
    """The data with merged categories, and the list of mergers (``item category into group n``)."""

    data: Kept
    merged: pd.DataFrame

    def sentence(self) -> str:
        """What was merged and because of whom."""
        if self.merged.empty:
            return _("Every category is chosen in every group: nothing was merged.")
        found = [
            _(
                "{item}: {category} with {into} ({n} answers in {group})",
                item=row.item,
                category=f"{row.category:g}",
                into=f"{row.into:g}",
                n=row.n,
                group=row.group,
            )
            for row in self.merged.itertuples()
        ]
        return _("Categories merged in all groups alike: {found}.", found="; ".join(found))


def merge_empty_categories(
    data: Kept, items: Sequence[str], by: str, *, minimum: int = 1, reason: str | None = None
) -> MergedCategories[Kept]:
    """Merge the categories that some group hardly chose, in all groups alike.

    Parameters
    ----------
    data : DataFrame or Survey
        One row a respondent; of a survey, the step goes into the trail and the codebook.
    items : list of str
        Ordinal items coded as numbers.
    by : str
        Column of the groups.
    minimum : int
        Smallest number of answers a category must have in every group.
    reason : str, optional
        For the trail.

    Returns
    -------
    MergedCategories
        ``data`` of the same kind, ``merged`` (one row a merger), ``sentence()``.

    Raises
    ------
    ScaleError
        An item left with fewer than two categories.

    Notes
    -----
    A rare category joins its neighbour towards the middle of the answer scale (the rarer one when it is the middle),
    and the rarest goes first, until every category has ``minimum`` answers in every group. Ordinal invariance models
    cannot be fitted otherwise: lavaan stops at the first empty category.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"q": [1, 2, 3, 2, 3, 3], "g": ["a", "a", "a", "b", "b", "b"]})
    >>> merge_empty_categories(answers, ["q"], "g").data["q"].tolist()
    [2, 2, 3, 2, 3, 3]
    """
    groups = categories(data, by)
    mappings: dict[str, dict[float, float]] = {}
    rows: list[dict[str, object]] = []
    for item in items:
        counts = pd.crosstab(groups, numeric(data, item))
        mapping, found = _mergers(counts, minimum)
        rows += [{"item": item, **line} for line in found]
        if mapping:
            mappings[item] = mapping
            if counts.shape[1] - len(found) < 2:
                raise ScaleError(
                    _("« {item} » keeps a single category once the empty ones are merged.", item=item),
                    hint=_("Leave the item or the group out."),
                )
    merged = pd.DataFrame(rows, columns=["item", "category", "into", "group", "n"])
    return MergedCategories(_recoded(data, mappings, reason), merged)


def _mergers(counts: pd.DataFrame, minimum: int) -> tuple[dict[float, float], list[dict[str, object]]]:
    values: list[float] = [float(value) for value in counts.columns]
    table: FloatArray = counts.to_numpy(dtype=np.float64).copy()
    mapping, found = {value: value for value in values}, []
    while len(values) > 1 and table.min() < minimum:
        group, position = (int(i) for i in np.unravel_index(table.argmin(), table.shape))
        target = _neighbour(position, table)
        found.append(
            {
                "category": values[position],
                "into": values[target],
                "group": str(counts.index[group]),
                "n": int(table[group, position]),
            }
        )
        mapping = {old: values[target] if new == values[position] else new for old, new in mapping.items()}
        table[:, target] += table[:, position]
        table = np.delete(table, position, axis=1)
        del values[position]
    return {old: new for old, new in mapping.items() if old != new}, found


def _neighbour(position: int, table: FloatArray) -> int:
    last = int(table.shape[1]) - 1
    if position == 0:
        return 1
    if position == last:
        return last - 1
    if 2 * position == last:
        below, above = float(table[:, position - 1].sum()), float(table[:, position + 1].sum())
        return position - 1 if below <= above else position + 1
    return position + 1 if 2 * position < last else position - 1


def _recoded(data: Kept, mappings: dict[str, dict[float, float]], reason: str | None) -> Kept:
    if not mappings:
        return data
    if isinstance(data, pd.DataFrame):
        recoded: Kept = data.assign(
            **{item: data[item].replace(mapping) for item, mapping in mappings.items()}
        )
        return recoded
    changed = {
        item: data.answers[item].replace(_codes(data, item, mapping)) for item, mapping in mappings.items()
    }
    variables = [
        _relabelled(data.codebook[item], _codes(data, item, mapping)) for item, mapping in mappings.items()
    ]
    return data.changed(
        changed,
        rule="merge_empty_categories",
        reason=reason or _("Categories hardly chosen in a group."),
        codebook=data.codebook.replace(*variables),
        parameters={
            item: {f"{old:g}": new for old, new in mapping.items()} for item, mapping in mappings.items()
        },
    )


def _codes(survey: Survey, item: str, mapping: dict[float, float]) -> dict[object, object]:
    """The mapping between the codes of the survey, which may be text ("1") where the numbers are not."""
    codes = (
        {float(code): code for code in survey.codebook[item].values} if survey.codebook[item].values else {}
    )
    whole = {
        value: int(value) if float(value).is_integer() else value
        for pair in mapping.items()
        for value in pair
    }
    return {codes.get(old, whole[old]): codes.get(new, whole[new]) for old, new in mapping.items()}


def _relabelled(variable: Variable, mapping: dict[object, object]) -> Variable:
    labels = dict(variable.values)
    for old, new in mapping.items():
        if old in labels and new in labels:
            labels[new] = f"{labels[old]} / {labels[new]}"
    return replace(variable, values={code: label for code, label in labels.items() if code not in mapping})
