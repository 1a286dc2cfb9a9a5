"""Text of an HTML document as Taguette counts it, with line ends put back between blocks."""

from __future__ import annotations

from html.parser import HTMLParser
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

_BLOCKS = frozenset(
    ["p", "div", "br", "li", "ul", "ol", "dl", "dt", "dd", "tr", "table", "thead", "tbody", "h1", "h2", "h3", "h4",
     "h5", "h6", "blockquote", "pre", "section", "article"]
)  # fmt: skip


class HtmlText(HTMLParser):
    """Characters outside tags, and where a line end had to be added so that blocks do not run together.

    Examples
    --------
    >>> page = HtmlText("<p>Été</p><p>Automne</p>")
    >>> page.counted, page.text
    ('ÉtéAutomne', 'Été\\nAutomne')
    """

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self._pieces: list[str] = []
        self._breaks: list[int] = []
        self._length = 0
        self._open = False
        # An HTML5 parser drops blanks before the first element and reads CR LF as LF.
        self.feed(html.replace("\r\n", "\n").replace("\r", "\n").lstrip())
        self.close()
        self.counted = "".join(self._pieces)
        self.breaks = np.array([b for b in self._breaks if 0 < b < self._length], dtype=np.int64)
        edges = [0, *self.breaks.tolist(), self._length]
        self.text = "\n".join(self.counted[a:b] for a, b in pairwise(edges))

    def spans(
        self, start: NDArray[np.int64], end: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Spans on ``counted`` as spans on ``text``; a line end added at either edge stays outside."""
        opens = start + np.searchsorted(self.breaks, start, side="right")
        closes = end + np.searchsorted(self.breaks, end, side="left")
        return opens, np.maximum(opens, closes)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A block begins a line."""
        self._block(tag)

    def handle_endtag(self, tag: str) -> None:
        """A block ends a line."""
        self._block(tag)

    def handle_data(self, data: str) -> None:
        """Characters count, wherever they are; a line end of the document's own replaces an added one."""
        if data.startswith("\n") and self._breaks and self._breaks[-1] == self._length:
            self._breaks.pop()
        self._pieces.append(data)
        self._length += len(data)

    def _block(self, tag: str) -> None:
        last = self._pieces[-1] if self._pieces else "\n"
        if (
            tag in _BLOCKS
            and not last.endswith("\n")
            and (not self._breaks or self._breaks[-1] != self._length)
        ):
            self._breaks.append(self._length)
