"""What is left of a result once its table is protected."""

from __future__ import annotations

from collections.abc import Hashable

from optima_research.results import PublicationTable


def whole_rows(table: PublicationTable) -> set[Hashable]:
    """Lines of a protected table in which nothing is hidden: those the sentence and the figure may tell."""
    if table.suppressed is None:
        return set(table.body.index)
    hidden = table.suppressed.any(axis=1)
    return set(table.body.index) - set(hidden.index[hidden])
