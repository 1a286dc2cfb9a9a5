"""What activities cost: hours valued at each service's cost, reconciled with the accounts to the euro cent."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.comparison._mean_kernels import Floats
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_percent
from optima_research.results import Column, Estimate, PublicationTable, Result
from optima_research.results.frames import Data, as_frame, numeric

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False)
class ActivityCosts(Result):
    """Costs by activity.

    Parameters
    ----------
    activities : DataFrame
        Index activity; ``hours cost share volume unit_cost``.
    services : DataFrame
        Index service; ``charges capacity hours rate used unused use`` (rate: cost of an hour; use: hours / capacity).
    costs : DataFrame
        Services × activities, in euros; with the unused capacity it adds up to the charges, to the cent.
    n_missing : int
        Rows without service, activity or hours.
    """

    activities: pd.DataFrame
    services: pd.DataFrame
    costs: pd.DataFrame
    n_missing: int

    @property
    def total(self) -> float:
        """Charges of all services."""
        return float(self.services["charges"].sum())

    @property
    def unused(self) -> float:
        """Cost of the hours of capacity that no activity took; negative where more was declared."""
        return float(self.services["unused"].sum())

    def table(self) -> PublicationTable:
        """One row an activity, then unused capacity and the total of the accounts."""
        total, idle = _("Total (accounts)"), _("Unused capacity")
        body = self.activities.sort_values("cost", ascending=False, kind="stable")
        extra = pd.DataFrame(
            {"hours": [np.nan, body["hours"].sum()], "cost": [self.unused, self.total],
             "share": [self.unused / self.total, 1.0]}, index=[idle, total],
        )  # fmt: skip
        columns: tuple[Column, ...] = (
            Column("hours", _("Hours"), decimals=0), Column("cost", _("Cost (€)"), decimals=2),
            Column("share", _("Share"), kind="percent"),
        )  # fmt: skip
        if body["volume"].notna().any():
            columns += (
                Column("volume", _("Volume"), decimals=0),
                Column("unit_cost", _("Unit cost (€)"), decimals=2),
            )
        return PublicationTable(
            title=_("Cost of activities"), body=pd.concat([body, extra]), columns=columns, stub=_("Activity"),
            totals=(total,), name="activity_costs",
            note=_("Time declared, valued at the cost of an hour of each service: an estimate, less precise than "
                   "its cents."),
        )  # fmt: skip

    def sentence(self) -> str:
        """Costliest activity, unused capacity, services that declared more than they can."""
        first = self.activities["cost"].idxmax()
        words = _(
            "The costliest activity is « {activity} » ({share} of {total} €); unused capacity is {unused}.",
            activity=first, share=format_percent(self.activities.loc[first, "share"]), total=format_count(self.total),
            unused=format_percent(self.unused / self.total),
        )  # fmt: skip
        over = self.services.index[self.services["use"] > 1 + 1e-9]
        if len(over):
            words += " " + _(
                "More hours than the capacity are declared in: {names}.", names=", ".join(map(str, over))
            )
        return words

    def plot(self, ax: Axes | None = None) -> Axes:
        """Costs of the activities, the costliest on top."""
        from optima_research.comparison.figures_change import cost_bars

        return cost_bars(self, ax)

    def statistics(self) -> dict[str, Estimate | float]:
        """Costs by activity, unused capacity, total."""
        costs: dict[str, Estimate | float] = {str(k): float(v) for k, v in self.activities["cost"].items()}
        return costs | {"unused": self.unused, "total": self.total}


def activity_costs(
    data: Data,
    service: str,
    activity: str,
    hours: str,
    *,
    charges: Mapping[Hashable, float],
    capacity: Mapping[Hashable, float] | None = None,
    volumes: Mapping[Hashable, float] | None = None,
) -> ActivityCosts:
    """Cost of activities from declared hours and the charges of the services (ABC, or time-driven with a capacity).

    Parameters
    ----------
    data : Survey or DataFrame, one row a declaration of time
    service, activity, hours : str
    charges : mapping
        Service → charges of the accounts, in euros.
    capacity : mapping, optional
        Service → practical hours (1 607 h a full-time post, less leave and training). With it an hour costs charges /
        capacity and the rest is unused capacity (TDABC); without, the declared hours absorb all charges (ABC).
    volumes : mapping, optional
        Activity → number of acts, for unit costs.

    Returns
    -------
    ActivityCosts
        ``activities services costs unused total``

    Raises
    ------
    AnalysisError
        A service with hours and no charges (or the reverse), negative hours, missing capacity.

    Notes
    -----
    Costs are rounded to the cent by largest remainders within each service, so that activities and unused capacity add
    up to the accounts exactly. Declared hours beyond the capacity give a negative unused cost, and are named.

    Examples
    --------
    >>> data = pd.DataFrame({"s": ["A", "A", "B"], "a": ["accueil", "paie", "paie"], "h": [600.0, 300, 100]})
    >>> result = activity_costs(data, "s", "a", "h", charges={"A": 1000.0, "B": 100.01}, capacity={"A": 1000, "B": 100})
    >>> result.activities["cost"].to_dict(), result.unused
    ({'accueil': 600.0, 'paie': 400.01}, 100.0)
    """
    frame = as_frame(data, [service, activity], labels=True).astype(object)
    spent = numeric(data, hours).to_numpy()
    held = frame.notna().all(axis=1).to_numpy() & np.isfinite(spent)
    if (spent[held] < 0).any():
        raise AnalysisError(
            _("Hours are negative on {n} rows.", n=int((spent[held] < 0).sum())), parameter="hours"
        )
    s, services = pd.factorize(frame.loc[held, service].map(str), sort=True)
    a, activities = pd.factorize(frame.loc[held, activity].map(str), sort=True)
    cells = np.bincount(s * len(activities) + a, spent[held], len(services) * len(activities))
    table = cells.astype(float).reshape(len(services), -1)
    money = _by_service(charges, services, "charges")
    declared = table.sum(axis=1)
    practical = declared if capacity is None else _by_service(capacity, services, "capacity")
    if (practical <= 0).any():
        raise AnalysisError(
            _("Services without hours: {names}.", names=", ".join(services[practical <= 0])),
            parameter="capacity",
        )
    rate = money / practical
    # The last column is what no activity took, so that every line adds up to the charges.
    cents = np.vstack([_to_the_cent(row, m) for row, m in zip(
        np.column_stack([table * rate[:, None], money - declared * rate]), money, strict=True)])  # fmt: skip
    costs = pd.DataFrame(cents[:, :-1], index=pd.Index(services, name="service"), columns=activities)
    frames = _frames(table, cents, money, practical, rate, list(services), list(activities), volumes)
    return ActivityCosts(frames[0], frames[1], costs, int((~held).sum()))


def _by_service(values: Mapping[Hashable, float], services: pd.Index, name: str) -> Floats:
    known = {str(key): float(value) for key, value in values.items()}
    absent, idle = [s for s in services if s not in known], sorted(set(known) - set(services))
    if absent or idle:
        raise AnalysisError(
            _("Services and {what} do not match.", what=name), parameter=name, expected=", ".join(services),
            got=", ".join(sorted(known)), hint=_("Not matched: {names}.", names=", ".join([*absent, *idle])),
        )  # fmt: skip
    return np.array([known[s] for s in services])


def _to_the_cent(costs: Floats, total: float) -> Floats:
    """Costs in whole cents whose sum is the total, the largest remainders rounded up."""
    exact = costs * 100
    whole = np.floor(exact + 1e-9)
    short = round(total * 100 - whole.sum())
    whole[np.argsort(-(exact - whole), kind="stable")[:short]] += 1
    result: Floats = whole / 100
    return result


def _frames(
    table: Floats, cents: Floats, money: Floats, practical: Floats, rate: Floats, services: list[str],
    activities: list[str], volumes: Mapping[Hashable, float] | None,
) -> tuple[pd.DataFrame, pd.DataFrame]:  # fmt: skip
    cost = (cents[:, :-1] * 100).round().sum(axis=0) / 100
    known = {str(key): float(value) for key, value in (volumes or {}).items()}
    volume = np.array([known.get(name, np.nan) for name in activities])
    by_activity = pd.DataFrame(
        {"hours": table.sum(axis=0), "cost": cost, "share": cost / money.sum(), "volume": volume,
         "unit_cost": cost / np.where(volume > 0, volume, np.nan)}, index=pd.Index(activities, name="activity"),
    )  # fmt: skip
    used = (cents[:, :-1] * 100).round().sum(axis=1) / 100
    by_service = pd.DataFrame(
        {"charges": money, "capacity": practical, "hours": table.sum(axis=1), "rate": rate, "used": used,
         "unused": cents[:, -1], "use": table.sum(axis=1) / practical}, index=pd.Index(services, name="service"),
    )  # fmt: skip
    return by_activity, by_service
