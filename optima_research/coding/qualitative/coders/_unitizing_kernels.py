"""Krippendorff's alpha for free segments: exact integer sums by merging sorted segments, no segment × segment table."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate
from typing import TypeAlias

Segments: TypeAlias = Sequence[tuple[int, int]]
"""(begin, length) of the segments of one coder for one code, sorted, not overlapping."""


def observed_disagreement(by_coder: Sequence[Segments], begin: int, length: int) -> Fraction:
    """Mean squared mismatch of segments and gaps over ordered pairs of coders (Krippendorff 1995, 2004)."""
    coders = len(by_coder)
    gaps = [gaps_between(segments, begin, length) for segments in by_coder]
    total = sum(
        _mismatch(by_coder[i], by_coder[j], gaps[j]) + _swallowed(by_coder[j], gaps[i])
        for i in range(coders)
        for j in range(coders)
        if i != j
    )
    return Fraction(total, coders * (coders - 1) * length**2)


def expected_disagreement(by_coder: Sequence[Segments], begin: int, length: int) -> Fraction:
    """Mismatch to expect when the segments of all coders are placed at random on the continuum."""
    coders = len(by_coder)
    units = [size for segments in by_coder for _begin, size in segments]
    gaps = sorted(size for segments in by_coder for _begin, size in gaps_between(segments, begin, length))
    from_end = list(accumulate(reversed(gaps), initial=0))[::-1]
    total = 0
    for size in units:
        first = bisect_left(gaps, size)
        room = from_end[first] + (len(gaps) - first) * (1 - size)
        total += (len(units) - 1) * (2 * size**3 - 3 * size**2 + size) // 3 + size**2 * room
    pairs = coders * length * (coders * length - 1) - sum(size * (size - 1) for size in units)
    return Fraction(2 * total, length * pairs) if pairs else Fraction(0)


def gaps_between(segments: Segments, begin: int, length: int) -> list[tuple[int, int]]:
    """The stretches of the continuum that no segment covers, as (begin, length)."""
    found, position = [], begin
    for start, size in segments:
        if start > position:
            found.append((position, start - position))
        position = start + size
    if begin + length > position:
        found.append((position, begin + length - position))
    return found


def _mismatch(segments: Segments, others: Segments, other_gaps: Segments) -> int:
    """Squared differences of overlapping segments, and squared lengths of segments that fall in the other's gap."""
    starts = [start for start, _size in others]
    ends = [start + size for start, size in others]
    total = 0
    for start, size in segments:
        end = start + size
        first, last = bisect_right(ends, start), bisect_left(starts, end)
        total += sum((start - starts[h]) ** 2 + (end - ends[h]) ** 2 for h in range(first, last))
    return total + _swallowed(segments, other_gaps)


def _swallowed(segments: Segments, gaps: Segments) -> int:
    starts = [start for start, _size in gaps]
    total = 0
    for start, size in segments:
        position = bisect_right(starts, start) - 1
        if position >= 0 and start + size <= gaps[position][0] + gaps[position][1]:
            total += size**2
    return total
