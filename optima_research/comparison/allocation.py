"""Common charges shared out by keys, whether or not the keys add up to a hundred."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.comparison.costing import _to_the_cent
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_number
from optima_research.results import Column, Estimate, PublicationTable, Result
from optima_research.results.frames import numeric

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False)
class Allocation(Result):
    """Common charges by service.

    Parameters
    ----------
    resources : DataFrame
        Index resource; ``amount keys outside``: euros, sum of the keys in percent, euros that the keys as they stand
        give to nobody (negative: given twice).
    charges : Series
        Euros by service, the keys brought to their sum; they add up to the amounts, to the cent.
    """

    resources: pd.DataFrame
    charges: pd.Series

    @property
    def total(self) -> float:
        """Amount of all resources."""
        return float(self.resources["amount"].sum())

    def table(self) -> PublicationTable:
        """One row a resource."""
        columns = (
            Column("amount", _("Amount (€)"), decimals=0),
            Column("keys", _("Sum of keys (%)"), decimals=0),
            Column("outside", _("Given to nobody (€)"), decimals=0),
        )
        note = _("Keys are brought to their sum, so that every charge has a service.")
        return PublicationTable(
            _("Keys of common charges"), self.resources, columns, stub=_("Common charge"), note=note, name="allocation"
        )  # fmt: skip

    def sentence(self) -> str:
        """Which keys do not add up, and what that would have lost."""
        odd = self.resources[(self.resources["keys"] - 100).abs() > 1e-9]
        if odd.empty:
            return _("The keys of every common charge add up to 100 %.")
        told = [
            _(
                "« {name} » ({sum} %, {outside} €)",
                name=name,
                sum=format_number(row["keys"], 0),
                outside=format_count(round(row["outside"])),
            )
            for name, row in odd.iterrows()
        ]
        return _("Keys that do not add up to 100 %, and what they leave out: {list}.", list="; ".join(told))

    def plot(self, ax: Axes | None = None) -> Axes:
        """Sum of the keys of each resource, against 100 %."""
        from optima_research.results.style import INK, axes

        ax = axes(ax, rows=len(self.resources) + 1)
        places = range(len(self.resources))
        ax.plot(self.resources["keys"], places, "o", color=INK)
        ax.axvline(100, color=INK, linewidth=0.8, linestyle="--")
        ax.set_yticks(list(places), [str(name) for name in self.resources.index])
        ax.set_xlabel(_("Sum of keys (%)"), fontsize=9)
        return ax

    def statistics(self) -> dict[str, Estimate | float]:
        """Sum of keys by resource."""
        return {str(name): float(value) for name, value in self.resources["keys"].items()}


def allocate(data: pd.DataFrame, resource: str, service: str, key: str, amount: str) -> Allocation:
    """Share out common charges between services by their keys, each brought to the sum of its resource.

    Parameters
    ----------
    data : DataFrame, one row a resource and a service
    resource, service : str
    key : str
        Share in percent.
    amount : str
        Charges of the resource in euros, the same on all its rows.

    Returns
    -------
    Allocation
        ``resources charges total``

    Raises
    ------
    AnalysisError
        A key or an amount that is missing or negative, keys that are all zero, two amounts for one resource.

    Notes
    -----
    Keys that add up to 98 % would leave 2 % of the charge in no service and the costs short of the accounts. Shares
    are rounded to the cent by largest remainders.

    Examples
    --------
    >>> rows = pd.DataFrame({"r": ["toit"] * 3, "s": list("ABC"), "k": [50, 30, 18], "e": [100] * 3})
    >>> shared = allocate(rows, "r", "s", "k", "e")
    >>> shared.charges.to_dict(), round(float(shared.resources.loc["toit", "outside"]), 6)
    ({'A': 51.02, 'B': 30.61, 'C': 18.37}, 2.0)
    """
    keys, amounts = numeric(data, key).to_numpy(dtype=float), numeric(data, amount).to_numpy(dtype=float)
    if not (np.isfinite(keys) & (keys >= 0)).all() or not np.isfinite(amounts).all():
        raise AnalysisError(_("Keys and amounts must all be known, and keys positive."), parameter="key")
    table = pd.DataFrame({"r": data[resource].astype(str), "s": data[service].astype(str)})
    table = table.assign(key=keys, amount=amounts)
    groups = table.groupby("r", sort=False)
    if (groups["amount"].max() > groups["amount"].min()).any() or (groups["key"].sum() <= 0).any():
        raise AnalysisError(
            _("Each resource has one amount, and keys that are not all zero."), parameter="amount"
        )
    resources = groups.agg(amount=("amount", "first"), keys=("key", "sum"))
    resources["outside"] = resources["amount"] * (1 - resources["keys"] / 100)
    cents = [
        pd.Series(
            _to_the_cent(
                (part["amount"] * part["key"] / part["key"].sum()).to_numpy(), part["amount"].iloc[0]
            ),
            index=part.index,
        )
        for _name, part in groups
    ]
    shares = (pd.concat(cents) * 100).round().groupby(table["s"]).sum() / 100
    return Allocation(resources.rename_axis(resource), shares.rename("charges").rename_axis(service))
