"""Texts cut into segments of about forty words, preferably where the writer or speaker pauses."""

from __future__ import annotations

import re

import numpy as np

from optima_research.errors import AnalysisError
from optima_research.language import _

# Strength of the pause a word ends with; a word without a mark is still better near the wanted size.
_STRONG, _COLON, _SEMICOLON, _COMMA, _NONE = 6.0, 5.0, 4.0, 1.0, 0.01
_WORD = re.compile(r"\S+")
_CLOSING = "»\"”’')]"


def segment_bounds(text: str, size: int = 40) -> list[tuple[int, int]]:
    """Half-open spans of the segments of a text.

    Parameters
    ----------
    text : str
    size : int
        Words wanted in a segment; a cut is looked for among 1.4 times as many.

    Returns
    -------
    list of (int, int)
        In code points, from the first letter of a segment to the last of its last word; none for a text without words.

    Notes
    -----
    While more than 1.4 ``size`` words remain, the cut is the first maximum of pause / (|i − size| + 1), with pauses
    6 (``. ? ! …``), 5 (``:``), 4 (``;``), 1 (``,``) and 0.01 (Reinert 1983, as rainette does it).

    Examples
    --------
    >>> text = "Le budget est voté. Les agents, eux, attendent encore la note de cadrage."
    >>> [text[start:end] for start, end in segment_bounds(text, 5)]
    ['Le budget est voté.', 'Les agents, eux,', 'attendent encore la note de cadrage.']
    """
    if size < 2:
        raise AnalysisError(_("A segment has at least two words."), parameter="size", got=size)
    words = [match.span() for match in _WORD.finditer(text)]
    window = size + round(0.4 * size)
    pause = np.array([_pause(text[start:end]) for start, end in words])
    nearness = 1.0 / (np.abs(np.arange(1, window + 1) - size) + 1)
    cuts, position = [], 0
    while len(words) - position > window:
        taken = int(np.argmax(pause[position : position + window] * nearness)) + 1
        cuts.append((position, position + taken))
        position += taken
    if position < len(words):
        cuts.append((position, len(words)))
    return [(words[first][0], words[last - 1][1]) for first, last in cuts]


def _pause(word: str) -> float:
    last = word.rstrip(_CLOSING)[-1:] or word[-1:]
    if last in ".?!…":
        return _STRONG
    return {":": _COLON, ";": _SEMICOLON, ",": _COMMA}.get(last, _NONE)
