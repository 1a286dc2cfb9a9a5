"""Tables of values (turnover, costs, budgets) by group, with what the rule of dominance needs to know."""

from __future__ import annotations

import pandas as pd

from optima_research.errors import PrivacyError
from optima_research.language import _
from optima_research.results import Column, PublicationTable
from optima_research.results.frames import Data, categories, label_of, numeric


def value_table(data: Data, value: str, by: str, *, title: str = "", unit: str = "") -> PublicationTable:
    """Total of a value by group, ready for :func:`optima_research.privacy.protect`.

    Parameters
    ----------
    data : Survey or DataFrame
        One row a unit (a firm, a building…).
    value : str
        Numeric column, zero or more; units without value are left out.
    by : str
        Column of the groups.
    title, unit : str

    Returns
    -------
    PublicationTable
        ``total`` and ``n`` (units) by group and together; ``attributes["largest_share"]`` holds the share of the
        largest unit of each group, and never leaves with a protected table.

    Raises
    ------
    PrivacyError
        A negative value: shares of the total then mean nothing.

    Examples
    --------
    >>> firms = pd.DataFrame({"ca": [90, 5, 5, 30, 40, 30], "secteur": list("aaabbb")})
    >>> from optima_research.privacy import protect
    >>> table = value_table(firms, "ca", "secteur")
    >>> table.attributes["largest_share"]["total"].round(2).tolist()
    [0.9, 0.4, 0.45]
    >>> protect(table, "insee_entreprises").formatted().iloc[:, 0].tolist()
    ['s', 's', '200']
    """
    amounts, groups = numeric(data, value), categories(data, by)
    known = amounts.notna() & groups.notna()
    if (amounts[known] < 0).any():
        raise PrivacyError(
            _(
                "« {name} » holds negative values: the share of one unit in the total means nothing.",
                name=value,
            ),
            hint=_("Publish costs and receipts apart, each positive."),
        )
    grouped = amounts[known].groupby(groups[known], observed=False)
    whole = _("Total")
    body = pd.DataFrame({"total": grouped.sum(), "n": grouped.size()})
    body.index = pd.Index([str(label) for label in body.index])
    largest = grouped.max().set_axis(body.index)
    body.loc[whole] = body.sum()
    largest.loc[whole] = amounts[known].max()
    shares = (largest / body["total"].where(body["total"] > 0)).fillna(0.0)
    units = pd.DataFrame({"total": body["n"], "n": body["n"]})
    heading = f"{label_of(data, value)} ({unit})" if unit else label_of(data, value)
    return PublicationTable(
        title=title or _("{value} by {group}", value=label_of(data, value), group=label_of(data, by)),
        body=body,
        columns=(Column("total", heading, decimals=0), Column("n", _("Units"), kind="count")),
        stub=label_of(data, by),
        bases=units,
        totals=(whole,),
        attributes={"largest_share": shares.to_frame("total")},
    )
