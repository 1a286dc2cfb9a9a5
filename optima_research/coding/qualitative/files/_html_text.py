"""Text of an HTML document as Taguette counts it, with line ends put back between blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

_BLOCKS = frozenset(
    ["p", "div", "br", "li", "ul", "ol", "dl", "dt", "dd", "tr", "table", "thead", "tbody", "h1", "h2", "h3", "h4",
     "h5", "h6", "blockquote", "pre", "section", "article"]
)  # fmt: skip
# Possessive: a tag that never ends is read once, not again from each of its characters.
_TAG = re.compile(r"</?(?P<name>[A-Za-z][^\s/>]*+)(?:=\s*+\"[^\"]*+\"|=\s*+'[^']*+'|[^>])*+>")
_COMMENT = re.compile(r"<!--(?:-?>|.*?-->)", re.DOTALL)
_OTHER = re.compile(r"<(?:[!?]|/(?![A-Za-z]))[^>]*+>")


class HtmlText:
    """Characters outside tags, and where a line end had to be added so that blocks do not run together.

    Examples
    --------
    >>> page = HtmlText("<p>Été</p><p>Automne</p>")
    >>> page.counted, page.text
    ('ÉtéAutomne', 'Été\\nAutomne')
    """

    def __init__(self, html: str) -> None:
        self._pieces: list[str] = []
        self._breaks: list[int] = []
        self._length = 0
        # An HTML5 parser drops blanks before the first element and reads CR LF as LF.
        for data, tag in _pieces_of(html.replace("\r\n", "\n").replace("\r", "\n").lstrip()):
            if data:
                self._add(unescape(data))
            if tag in _BLOCKS:
                self._end_line()
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

    def _add(self, data: str) -> None:
        """Characters count, wherever they are; a line end of the document's own replaces an added one."""
        if data.startswith("\n") and self._breaks and self._breaks[-1] == self._length:
            self._breaks.pop()
        self._pieces.append(data)
        self._length += len(data)

    def _end_line(self) -> None:
        """A block begins and ends a line."""
        last = self._pieces[-1] if self._pieces else "\n"
        if not last.endswith("\n") and (not self._breaks or self._breaks[-1] != self._length):
            self._breaks.append(self._length)


def _pieces_of(html: str) -> Iterator[tuple[str, str]]:
    """Data, then the tag that follows it, in one pass forward: what opens and never ends is text to the end."""
    place = start = 0
    while (opens := html.find("<", place)) >= 0:
        after = html[opens + 1 : opens + 3]
        if not after[:1].isalpha() and after[:1] not in {"!", "?", "/"}:
            place = opens + 1
            continue
        comment = html.startswith("<!--", opens)
        found = (_COMMENT if comment else _TAG).match(html, opens) or _OTHER.match(html, opens)
        if found is None:
            break
        yield html[start:opens], "" if comment else (found.groupdict().get("name") or "").lower()
        place = start = found.end()
    yield html[start:], ""
