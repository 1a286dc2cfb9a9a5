"""A scale: the items that measure one thing, which of them are reversed, and how many must be answered."""

from __future__ import annotations

from dataclasses import dataclass

from optima_research.errors import ScaleError
from optima_research.language import _


@dataclass(frozen=True)
class Scale:
    """Declaration of a scale; nothing is ever reversed that is not declared here.

    Parameters
    ----------
    name : str
        Name of the score column.
    items : tuple of str
        Columns.
    label : str
        What the scale measures, in words.
    reversed : tuple of str
        Items worded the other way: they are counted as ``low + high - answer``.
    range : (float, float)
        Lowest and highest possible answer.
    min_valid : float
        Share of items that must be answered for a score to exist; two thirds by default.

    Raises
    ------
    ScaleError
        No item, an item twice, a reversed item that is not an item, a range upside down.

    Examples
    --------
    >>> Scale("CLI", ("CLI1", "CLI2", "CLI3"), label="Climat social").min_items
    2
    """

    name: str
    items: tuple[str, ...]
    label: str = ""
    reversed: tuple[str, ...] = ()
    range: tuple[float, float] = (1, 5)
    min_valid: float = 2 / 3

    def __post_init__(self) -> None:
        object.__setattr__(self, "items", tuple(self.items))
        object.__setattr__(self, "reversed", tuple(self.reversed))
        object.__setattr__(self, "range", tuple(self.range))
        if not self.items:
            raise ScaleError(_("The scale has no item."), where=self.name)
        if len(set(self.items)) < len(self.items):
            raise ScaleError(_("The scale names an item twice."), where=self.name)
        strangers = [item for item in self.reversed if item not in self.items]
        if strangers:
            raise ScaleError(
                _("Reversed items that are not items of the scale: {names}.", names=", ".join(strangers)),
                where=self.name,
                expected=", ".join(self.items),
            )
        if not self.range[0] < self.range[1]:
            raise ScaleError(_("The range of the scale is upside down."), where=self.name, got=self.range)
        if not 0 < self.min_valid <= 1:
            raise ScaleError(
                _("The minimum share of valid items lies between 0 and 1."),
                where=self.name,
                got=self.min_valid,
            )

    @property
    def min_items(self) -> int:
        """Number of items that must be answered."""
        # The small slack keeps two thirds of three items at two, whatever the binary rounding of 2/3.
        return max(1, -int(-(len(self.items) * self.min_valid - 1e-9) // 1))

    @property
    def shown(self) -> str:
        """What a reader calls it."""
        return self.label or self.name
