"""How wide each column of a printed table is, and at what size its text fits: Word and PDF agree on it."""

from __future__ import annotations

from optima_research.publishing.layout import TableLayout

TEXT_WIDTH = 9070
"""Twentieths of a point between the margins: 16 cm."""
CHARACTER = {10: 105, 9: 95, 8: 85}
"""Width of a character of Calibri at each size of the table's text, rounded up."""
PADDING = 160
LANDSCAPE_WIDTH = 14000


def column_widths(table: TableLayout, available: int = 0) -> tuple[list[int], int]:
    """Widths of the columns (stub first), and the size of the text that lets them fit.

    Parameters
    ----------
    table : TableLayout
        What is to fit.
    available : int
        Width between the margins; by default that of an A4 page, turned on its side for a wide table.

    Returns
    -------
    (list of int, int)
        Twentieths of a point; points. The largest size at which texts are cut in three at most, else six, else
        ten; numbers are never cut while the page can hold them.
    """
    available = available or (LANDSCAPE_WIDTH if table.is_wide else TEXT_WIDTH)
    for lines in (3, 6, 10, 100):  # rather smaller letters than texts in many lines
        for size, character in CHARACTER.items():
            least, full = _widths(table, character)
            wanted = [
                max(one, min(whole, whole // lines + PADDING)) for one, whole in zip(least, full, strict=True)
            ]
            if sum(wanted) <= available:
                return _stretched(wanted, full, available), size
    return [width * available // sum(least) for width in least], size


def _widths(table: TableLayout, character: int) -> tuple[list[int], list[int]]:
    least = [least * character + PADDING for least, _full in table.characters]
    full = [full * character + PADDING for _least, full in table.characters]
    return least, full


def _stretched(widths: list[int], full: list[int], available: int) -> list[int]:
    """Share the width left over between the columns whose texts are cut, as much as they need."""
    missing = [whole - width for width, whole in zip(widths, full, strict=True)]
    share = min(1.0, (available - sum(widths)) / max(1, sum(missing)))
    return [width + int(more * share) for width, more in zip(widths, missing, strict=True)]
