"""Merges of categories proposed until every profile is large enough: what to say instead of refusing a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from optima_research.errors import PrivacyError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_percent
from optima_research.privacy._profiles import profiles
from optima_research.privacy.policies import Policy, named_policy
from optima_research.results import Column, Estimate, PublicationTable, Result
from optima_research.results.frames import Data, categories, require


@dataclass(frozen=True)
class Merge:
    """One change proposed: categories of a column put together, or the column left out (``into`` empty)."""

    name: str
    merged: tuple[str, ...]
    into: str
    exposed: int

    @property
    def shown(self) -> str:
        """The change in words."""
        if not self.into:
            return _("leave « {name} » out", name=self.name)
        return _("{name}: « {into} »", name=self.name, into=self.into)


@dataclass(frozen=True, eq=False, repr=False)
class MergePlan(Result):
    """The merges, in order, and how many respondents stay under the threshold after each.

    Attributes
    ----------
    merges : tuple of Merge
    groups : mapping
        Column → {new label: old labels}, ready for ``cleaning.collapse``; columns left out are in ``left_out``.
    exposed, n, threshold : int
        Respondents under the threshold at the start; respondents; threshold.
    """

    merges: tuple[Merge, ...]
    groups: dict[str, dict[str, list[str]]]
    left_out: tuple[str, ...]
    exposed: int
    n: int
    threshold: int

    @property
    def holds(self) -> bool:
        """Whether every profile reaches the threshold after the last merge."""
        return (self.merges[-1].exposed if self.merges else self.exposed) == 0

    def table(self) -> PublicationTable:
        """One row a merge."""
        body = pd.DataFrame(
            {"exposed": [self.exposed, *(merge.exposed for merge in self.merges)]},
            index=[_("as they are"), *(merge.shown for merge in self.merges)],
        )
        body["share"] = body["exposed"] / max(self.n, 1)
        return PublicationTable(
            title=_("Merges proposed"),
            body=body,
            columns=(
                Column("exposed", _("Respondents under {k}", k=self.threshold), kind="count"),
                Column("share", _("Share"), kind="percent"),
            ),
            stub=_("Merge"),
            reading=self.sentence(),
            name="merges",
        )

    def sentence(self) -> str:
        """What is proposed and what it achieves."""
        if not self.merges:
            return _("Every profile has at least {k} respondents: nothing to merge.", k=self.threshold)
        return _(
            "{n} merges bring respondents in profiles under {k} from {before} ({share}) to {after}: {list}.",
            n=len(self.merges),
            k=self.threshold,
            before=format_count(self.exposed),
            share=format_percent(self.exposed / max(self.n, 1)),
            after=format_count(self.merges[-1].exposed),
            list=" ; ".join(merge.shown for merge in self.merges),
        )

    def statistics(self) -> dict[str, Estimate | float]:
        """Exposed before and after."""
        return {
            "exposed_before": float(self.exposed),
            "exposed_after": float(self.merges[-1].exposed if self.merges else self.exposed),
        }


def propose_merges(
    data: Data, quasi_identifiers: Sequence[str], *, policy: Policy | str = "onze", keep: Sequence[str] = ()
) -> MergePlan:
    """Merge neighbouring categories, or leave a column out, until every profile reaches the policy's threshold.

    Parameters
    ----------
    data : Survey or DataFrame
    quasi_identifiers : sequence of str
        Columns crossed in the table or file. Ordered categories merge with neighbours only; others
        smallest first.
    policy : Policy or str
    keep : sequence of str
        Columns that must stay in (the last ones to be reduced to one category).

    Returns
    -------
    MergePlan
        Greedy: at each step the change that protects most respondents for each category lost.

    Raises
    ------
    PrivacyError
        There are fewer respondents than the threshold: no merge can help.

    Examples
    --------
    >>> staff = pd.DataFrame({"sexe": ["F", "H"] * 20, "cat": ["A"] * 4 + ["B"] * 16 + ["C"] * 20})
    >>> plan = propose_merges(staff, ["sexe", "cat"], policy="cinq")
    >>> plan.groups
    {'cat': {'A + B': ['A', 'B']}}
    """
    names = list(quasi_identifiers)
    require(data, names)
    threshold = max(2, named_policy(policy).n_min_cell)
    columns = {name: categories(data, name) for name in names}
    n = len(next(iter(columns.values())))
    if n < threshold:
        raise PrivacyError(
            _("There are only {n} respondents, fewer than {k}: no merge can protect them.", n=n, k=threshold),
            hint=_("Do not pass on anything about this group."),
        )
    state = _State.of(columns, threshold)
    start = state.exposed()
    merges: list[Merge] = []
    while state.exposed() and (step := state.best(keep)) is not None:
        merges.append(step)
    return MergePlan(tuple(merges), state.groups(), tuple(state.left_out()), start, n, threshold)


class _State:
    """Profiles counted once; merges then work on the table of distinct profiles, not on respondents."""

    def __init__(self, codes: pd.DataFrame, counts: np.ndarray[tuple[int], np.dtype[np.int64]],
                 labels: dict[str, list[list[str]]], ordered: dict[str, bool], threshold: int) -> None:  # fmt: skip
        self.codes = codes
        self.counts = counts
        self.labels = labels
        self.ordered = ordered
        self.threshold = threshold

    @classmethod
    def of(cls, columns: dict[str, pd.Series], threshold: int) -> _State:
        codes = pd.DataFrame(
            {name: column.cat.codes.to_numpy(dtype=np.int64) for name, column in columns.items()}
        )
        labels = {name: [[str(label)] for label in column.cat.categories] for name, column in columns.items()}
        for name in codes:
            if (codes[name] < 0).any():
                codes[name] = codes[name].where(codes[name] >= 0, len(labels[name]))
                labels[name].append([_("no answer")])
        grouped = codes.groupby(list(codes), sort=False).size()
        distinct = grouped.index.to_frame(index=False)
        ordered = {name: bool(column.cat.ordered) for name, column in columns.items()}
        return cls(distinct, grouped.to_numpy(), labels, ordered, threshold)

    def exposed(self, codes: pd.DataFrame | None = None) -> int:
        cells = profiles(self.codes if codes is None else codes, list(self.codes))
        sizes = np.bincount(cells, weights=self.counts)
        return int(sizes[sizes < self.threshold].sum())

    def best(self, keep: Sequence[str]) -> Merge | None:
        now = self.exposed()
        chosen: tuple[float, str, int, int, int] | None = None
        for name in self.codes:
            present = [position for position, group in enumerate(self.labels[name]) if group]
            if len(present) < 2 or (name in keep and len(present) == 2):
                continue
            for left, right in self._pairs(name, present):
                trial = self.codes.assign(**{name: self.codes[name].where(self.codes[name] != right, left)})
                after = self.exposed(trial)
                # Losing one of two categories costs the whole column; one of ten costs little.
                gain = (now - after + 1e-9) * np.log(len(present))
                if chosen is None or gain > chosen[0] + 1e-12:
                    chosen = (gain, name, left, right, after)
        if chosen is None:
            return None
        _gain, name, left, right, after = chosen
        self.codes = self.codes.assign(**{name: self.codes[name].where(self.codes[name] != right, left)})
        self.labels[name][left] = [*self.labels[name][left], *self.labels[name][right]]
        self.labels[name][right] = []
        gone = sum(bool(group) for group in self.labels[name]) < 2
        return Merge(
            name, tuple(self.labels[name][left]), "" if gone else " + ".join(self.labels[name][left]), after
        )

    def _pairs(self, name: str, present: list[int]) -> list[tuple[int, int]]:
        if self.ordered[name]:
            return list(pairwise(present))
        sizes = np.bincount(self.codes[name], weights=self.counts, minlength=len(self.labels[name]))
        smallest = min(present, key=lambda position: (sizes[position], position))
        return [(min(smallest, other), max(smallest, other)) for other in present if other != smallest]

    def groups(self) -> dict[str, dict[str, list[str]]]:
        found = {
            name: {" + ".join(group): group for group in groups if len(group) > 1}
            for name, groups in self.labels.items()
            if sum(bool(group) for group in groups) > 1
        }
        return {name: merged for name, merged in found.items() if merged}

    def left_out(self) -> list[str]:
        return [
            name
            for name, groups in self.labels.items()
            if sum(bool(group) for group in groups) == 1 and len(groups) > 1
        ]
