"""Who speaks where in a transcript: « ÉLUE : … » at the start of a line, with or without the minute it was said."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from typing import NamedTuple

from optima_research.errors import AnalysisError, suggest
from optima_research.language import _

_MARK = re.compile(
    r"^[^\S\n]*(?:[\[(#]?\d{1,2}:\d{2}(?::\d{2})?(?:[.,-]\d{1,3})?[\])#]?[^\S\n]*[-–—]?[^\S\n]*)?"
    r"(?P<speaker>[^\W\d_][^:\n]{0,40}?)[^\S\n]?:(?=\s)",
    re.MULTILINE,
)
_MOST_WORDS = 5


class Turn(NamedTuple):
    """A turn: its mark opens at ``start``, its words at ``said``; the speaker is None before any mark."""

    start: int
    said: int
    end: int
    speaker: str | None


def speaker_turns(text: str) -> list[Turn]:
    """The turns of a transcript, in order; those without a word are left out.

    Parameters
    ----------
    text : str

    Returns
    -------
    list of Turn
        Blanks at both ends are outside.

    Notes
    -----
    A line opens a turn when it starts with a name of at most five words and a colon, the name being in capitals
    (``DGS 2 :``) or opening at least two lines (``Enquêtrice :``): « Je dirais ceci : » once at the start of a line is
    speech. A time before the name (``[00:04:12]``, ``04:12 –``) is no part of either turn.

    Examples
    --------
    >>> text = "[00:01] ENQUÊTRICE : Et vous ?\\nÉLUE : Je dirais ceci :\\nc'est long."
    >>> [(turn.speaker, text[turn.said : turn.end]) for turn in speaker_turns(text)]
    [('ENQUÊTRICE', 'Et vous ?'), ('ÉLUE', "Je dirais ceci :\\nc'est long.")]
    """
    marks = [mark for mark in _MARK.finditer(text) if len(mark["speaker"].split()) <= _MOST_WORDS]
    often = Counter(mark["speaker"].strip().casefold() for mark in marks)
    marks = [m for m in marks if m["speaker"].isupper() or often[m["speaker"].strip().casefold()] > 1]
    edges = [mark.start() for mark in marks] + [len(text)]
    found = [Turn(0, 0, edges[0], None)]
    found += [
        Turn(mark.start("speaker"), mark.end(), edge, mark["speaker"].strip())
        for mark, edge in zip(marks, edges[1:], strict=True)
    ]
    return [_trimmed(text, turn) for turn in found if text[turn.said : turn.end].strip()]


def left_out(turns: list[Turn], drop: Collection[str]) -> list[Turn]:
    """The turns of these speakers; where some are left out, what stands before the first speaker is too.

    A title, a date or a place are nobody's words: as units they would pass for agreement, as segments for a class.
    """
    if not drop:
        return []
    spoken = any(turn.speaker is not None for turn in turns)
    return [turn for turn in turns if turn.speaker in drop or (turn.speaker is None and spoken)]


def known_speakers(texts: Iterable[str], drop: Collection[str] | str) -> list[str]:
    """The names of speakers to leave out, each of whom must speak somewhere."""
    names = [drop] if isinstance(drop, str) else list(drop)
    if not names:
        return []
    heard = {turn.speaker for text in texts for turn in speaker_turns(str(text)) if turn.speaker}
    for name in names:
        if name not in heard:
            raise AnalysisError(
                _("Nobody called « {name} » speaks in these texts.", name=name),
                parameter="drop",
                expected=", ".join(sorted(heard)[:8]) or None,
                hint=suggest(name, heard) or None,
            )
    return names


def _trimmed(text: str, turn: Turn) -> Turn:
    words = text[turn.said : turn.end]
    said, end = turn.said + len(words) - len(words.lstrip()), turn.said + len(words.rstrip())
    return turn._replace(start=said if turn.speaker is None else turn.start, said=said, end=end)
