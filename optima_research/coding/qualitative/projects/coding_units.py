"""Units of text on which codings are compared: sentences, speaking turns, paragraphs, whole sources, characters."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import pairwise
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optima_research.coding.qualitative.projects.project import CodedProject
from optima_research.coding.qualitative.projects.speaker_turns import known_speakers, left_out, speaker_turns
from optima_research.coding.quantitative.items import require_choice

Unit = Literal["sentence", "turn", "paragraph", "source"]
Ints = NDArray[np.int64]

# A stop, its closing quotes, a blank: but not after an initial, a title or the abbreviations of French prose.
_STOP = re.compile(r"(?<=[.!?…])(?:[^\S\n]?[»\"”)\]])*\s+|\n+")
_NO_STOP = re.compile(
    r"(?:\b(?:M|MM|Mme|Mlle|Dr|Pr|Me|St|Ste|art|al|cf|etc|ex|p|pp|n|vol|chap|fig|env|av|bd|tél|réf|min|max|R|L|D)"
    r"|\b[A-ZÉÈÀ])\.$"
)


def coding_units(
    project: CodedProject, unit: Unit = "sentence", *, drop: Collection[str] = ()
) -> pd.DataFrame:
    """The units of every text, in order.

    Parameters
    ----------
    project : CodedProject
    unit : {"sentence", "turn", "paragraph", "source"}
        A turn begins with a speaker's name and a colon at the start of a line (``ÉLUE : …``;
        :func:`~optima_research.coding.qualitative.projects.speaker_turns.speaker_turns`).
    drop : collection of str
        Speakers whose words are no units: the interviewers. What stands before the first speaker (a title) is then
        no unit either.

    Returns
    -------
    DataFrame
        ``source case unit start end text``; ``unit`` counts from 1 in each source. Blanks at both ends are outside.

    Examples
    --------
    >>> from optima_research.coding.qualitative.projects.project import coded_project
    >>> project = coded_project(pd.DataFrame({"name": ["E1"], "text": ["M. Dupin arrive. Il vote !"]}),
    ...                         pd.DataFrame({"source": [], "start": [], "end": [], "code": []}))
    >>> coding_units(project)["text"].tolist()
    ['M. Dupin arrive.', 'Il vote !']
    """
    require_choice("unit", unit, Unit)
    cases = project.case_of()
    silent = known_speakers(project.sources["text"], drop)
    frames = []
    for name, text in zip(project.sources["name"], project.sources["text"], strict=True):
        start, end = _without_speakers(str(text), *unit_bounds(str(text), unit), silent)
        pieces = [text[a:b] for a, b in zip(start.tolist(), end.tolist(), strict=True)]
        number = np.arange(1, len(start) + 1)
        frames.append(
            pd.DataFrame(
                {
                    "source": name,
                    "case": cases[name],
                    "unit": number,
                    "start": start,
                    "end": end,
                    "text": pieces,
                }
            )
        )
    columns = ["source", "case", "unit", "start", "end", "text"]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)


def unit_bounds(text: str, unit: Unit) -> tuple[Ints, Ints]:
    """Starts and ends of the units of one text, blanks trimmed, empty units left out."""
    if unit == "source":
        cuts = [0, len(text)]
    elif unit == "turn":
        turns = np.array([(t.start, t.end) for t in speaker_turns(text)], dtype=np.int64).reshape(-1, 2)
        return turns[:, 0], turns[:, 1]
    elif unit == "paragraph":
        cuts = [0, *(m.end() for m in re.finditer(r"\n+", text)), len(text)]
    else:
        cuts = [0, *(m.end() for m in _STOP.finditer(text) if _ends_sentence(text, m.start())), len(text)]
    bounds = []
    for a, b in pairwise(cuts):
        piece = text[a:b]
        left = len(piece) - len(piece.lstrip())
        right = len(piece.rstrip())
        if left < right:
            bounds.append((a + left, a + right))
    table = np.array(bounds, dtype=np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def _without_speakers(text: str, start: Ints, end: Ints, drop: Collection[str]) -> tuple[Ints, Ints]:
    """The units that do not end within the words of one of these speakers."""
    turns = left_out(speaker_turns(text), drop) if drop else []
    if not turns:
        return start, end
    opens, closes = (np.array([turn[place] for turn in turns]) for place in (0, 2))
    place = np.searchsorted(opens, end - 1, side="right") - 1
    kept = (place < 0) | (end > closes[place])
    return start[kept], end[kept]


def whole_words(text: str, start: int, end: int) -> str:
    """A passage with the words its ends cut made whole: a hand that selects stops anywhere, a quotation does not.

    Examples
    --------
    >>> whole_words("On ne mesure jamais rien.", 7, 17)
    'mesure jamais'
    """
    while 0 < start < len(text) and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while 0 < end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    return text[start:end]


def coded_units(units: pd.DataFrame, codings: pd.DataFrame, *, least_share: float = 0.0) -> pd.DataFrame:
    """Which units each coding touches.

    Parameters
    ----------
    units : DataFrame
        From :func:`coding_units`, in order.
    codings : DataFrame
        ``source start end code coder``.
    least_share : float
        Share of the unit's characters that one coder must have coded (0: any overlap counts).

    Returns
    -------
    DataFrame
        ``row code coder``: position of the unit in ``units``, without repeats.
    """
    frames = []
    groups = dict(list(codings.groupby("source", sort=False)))
    for source, own in units.groupby("source", sort=False):
        if source in groups:
            frames.append(_touched(own, groups[source], least_share))
    empty = pd.DataFrame({"row": pd.Series(dtype="int64"), "code": [], "coder": []})
    return pd.concat(frames, ignore_index=True) if frames else empty


def merged(start: Ints, end: Ints) -> tuple[Ints, Ints]:
    """Union of spans as sorted spans that do not overlap (spans that only touch are joined)."""
    if not len(start):
        return start, end
    order = np.argsort(start, kind="stable")
    first, last = start[order], np.maximum.accumulate(end[order])
    new = np.ones(len(first), dtype=bool)
    new[1:] = first[1:] > last[:-1]
    opens = np.flatnonzero(new)
    closes = np.append(opens[1:], len(first)) - 1
    return first[opens], last[closes]


def _touched(units: pd.DataFrame, codings: pd.DataFrame, least_share: float) -> pd.DataFrame:
    start, end = units["start"].to_numpy(), units["end"].to_numpy()
    begins, ends = codings["start"].to_numpy(dtype=np.int64), codings["end"].to_numpy(dtype=np.int64)
    first = np.searchsorted(end, begins, side="right")
    last = np.searchsorted(start, ends, side="left")
    count = np.maximum(last - first, 0)
    which = np.repeat(np.arange(len(codings)), count)
    inside = np.arange(count.sum()) - np.repeat(count.cumsum() - count, count)
    row = np.repeat(first, count) + inside
    found = codings.iloc[which][["code", "coder"]].assign(
        row=units.index.to_numpy()[row],
        overlap=np.minimum(end[row], ends[which]) - np.maximum(start[row], begins[which]),
        length=end[row] - start[row],
        begin=begins[which],
        finish=ends[which],
    )
    if least_share > 0:
        # A coder's own codings may overlap: the characters are counted once.
        keys = ["row", "code", "coder"]
        covered = found.groupby(keys, sort=False).apply(_covered, include_groups=False)
        size = found.drop_duplicates(keys).set_index(keys)["length"]
        kept = covered[covered / size.reindex(covered.index) >= least_share - 1e-12]
        return kept.index.to_frame(index=False)
    return found[["row", "code", "coder"]].drop_duplicates(ignore_index=True)


def _covered(rows: pd.DataFrame) -> float:
    if len(rows) == 1:
        return float(rows["overlap"].iloc[0])
    first, last = merged(rows["begin"].to_numpy(), rows["finish"].to_numpy())
    return float(min((last - first).sum(), rows["length"].iloc[0], rows["overlap"].sum()))


def _ends_sentence(text: str, position: int) -> bool:
    """Whether the stop before ``position`` ends a sentence (a line end always does)."""
    if text[position : position + 1] == "\n":
        return True
    return not _NO_STOP.search(text[max(0, position - 12) : position])
