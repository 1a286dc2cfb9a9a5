"""Texts cut into segments of about forty words, preferably where the writer or speaker pauses."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from optima_research.errors import AnalysisError
from optima_research.language import _

# Strength of the pause a word ends with; a word without a mark is still better near the wanted size.
_STRONG, _COLON, _SEMICOLON, _COMMA, _NONE = 6.0, 5.0, 4.0, 1.0, 0.01
_WORD = re.compile(r"\S+")
_CLOSING = "»\"”’')]"
# What IRaMuTeQ counts; the ellipsis is taken out by its cleaning, and must not be read as three stops.
_COUNTED = re.compile(r"\.{3}|(?P<counted>\w+|[.?!:;,$])")
_AFTER = re.compile(rf"(?:\s?[»…]|\.{{3}}|[{re.escape(_CLOSING)}])*")
_SLACK = 15


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


def iramuteq_bounds(text: str, size: int = 40) -> list[tuple[int, int]]:
    """Half-open spans of the segments of a text, cut as IRaMuTeQ cuts it.

    Parameters
    ----------
    text : str
    size : int
        Words and marks wanted in a segment; a cut is looked for among ``size`` + 16.

    Returns
    -------
    list of (int, int)
        In code points; segments without a word are left out.

    Notes
    -----
    Marks ``. ? ! : ; ,`` count as words do, an elision and each part of a compound are words (*l'eau*: two,
    *c'est-à-dire*: four). While more than ``size`` + 15 remain, the cut is the last maximum of
    pause / (|i − size| + 1), i from 0, with the pauses of :func:`segment_bounds`. As with the options IRaMuTeQ starts
    with, the ellipsis is no pause. A ``$`` forces a cut (IRaMuTeQ loses the text after it; we do not). Its dictionary
    of expressions, which makes one word of several, is not ours to ship.

    Examples
    --------
    >>> text = "Le budget est voté. Les agents, eux, attendent encore. Et l'eau ? Rien. $ Autre sujet."
    >>> [text[start:end] for start, end in iramuteq_bounds(text, 3)]
    ['Le budget est voté.', "Les agents, eux, attendent encore. Et l'eau ? Rien.", 'Autre sujet.']
    """
    if size < 2:
        raise AnalysisError(_("A segment has at least two words."), parameter="size", got=size)
    nearness = 1.0 / (np.abs(np.arange(size + _SLACK + 1) - size) + 1)
    found, run, opened = [], list[re.Match[str]](), 0
    for match in (*_COUNTED.finditer(text), None):
        if match is None or match["counted"] == "$":
            found += _cut_run(text, run, opened, nearness)
            run, opened = [], len(text) if match is None else match.end()
        elif match["counted"]:
            run.append(match)
    return found


def _cut_run(text: str, run: list[re.Match[str]], opened: int, nearness: Any) -> list[tuple[int, int]]:
    """Segments of what lies between two forced cuts, from the place where it opens."""
    pause = np.array([_pause(match[0]) for match in run])
    found, position = [], 0
    while position < len(run):
        taken = len(run) - position
        if taken >= len(nearness):
            scores = pause[position : position + len(nearness)] * nearness
            taken = len(scores) - int(np.argmax(scores[::-1]))
        closing = _AFTER.match(text, run[position + taken - 1].end())
        end = run[position + taken - 1].end() if closing is None else closing.end()
        if any(match[0][0].isalnum() or match[0][0] == "_" for match in run[position : position + taken]):
            start = opened + len(text[opened:end]) - len(text[opened:end].lstrip())
            found.append((start, end))
        opened, position = end, position + taken
    return found


def _pause(word: str) -> float:
    last = word.rstrip(_CLOSING)[-1:] or word[-1:]
    if last in ".?!…":
        return _STRONG
    return {":": _COLON, ";": _SEMICOLON, ",": _COMMA}.get(last, _NONE)
