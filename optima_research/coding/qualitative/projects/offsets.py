"""Where a coded span really is: code points, UTF-16 units, byte-order mark and line ends told apart by evidence.

The standard counts Unicode code points; tools count what their language counts. Every convention is tried on the
spans of a source, and the one whose spans begin and end on words wins, unless the tool's known habit does as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

BOM = "\ufeff"
_ASTRAL = 0xFFFF
_CLEAR_MARGIN = 0.05
_ENOUGH_NAMES = 60
_PRIORS = {
    "nvivo": ("utf16", "crlf", "stripped"),
    "atlas": ("codepoint", "lf", "stripped"),
    "maxqda": ("codepoint", "crlf", "stripped"),
    "qualcoder": ("codepoint", "lf", "stripped"),
}
# Our own files follow the standard to the letter: nothing to weigh.
_FAITHFUL = "optima_research"
_DEFAULT_PRIOR = ("codepoint", "crlf", "stripped")


@dataclass(frozen=True)
class Convention:
    """How a producer counts positions.

    Parameters
    ----------
    unit : {"codepoint", "utf16"}
    newlines : {"crlf", "lf"}
        Whether a CR LF pair counts for two or one.
    bom : {"stripped", "counted"}
    """

    unit: str
    newlines: str
    bom: str


@dataclass(frozen=True)
class Resolution:
    """Spans on LF text in code points, and how sure we are.

    Parameters
    ----------
    text : str
        The source without byte-order mark, line ends as LF.
    start, end : arrays of int
        Half-open spans in ``text``.
    convention : Convention
    score, prior_score : float
        Evidence for the convention kept and for the producer's habit (NaN when every convention coincides).
    out_of_range : int
        Spans that ran past the end of the text and were cut.
    """

    text: str
    start: Ints
    end: Ints
    convention: Convention
    score: float
    prior_score: float
    follows_prior: bool
    out_of_range: int


def resolve_offsets(
    raw: str,
    start: Sequence[int] | Ints,
    end: Sequence[int] | Ints,
    *,
    origin: str = "",
    names: Sequence[str] = (),
) -> Resolution:
    """Turn the spans a tool wrote into code-point spans on LF text.

    Parameters
    ----------
    raw : str
        The text as decoded, with its byte-order mark and line ends.
    start, end : sequences of int
        Spans as written, half-open.
    origin : str
        The producer's name for itself; sets the convention expected.
    names : sequence of str
        The name of each selection; tools often put the first words of the span there.

    Notes
    -----
    Score of a convention: share of spans whose two ends are word boundaries and not blank, plus twice the share of
    named spans that begin with their name, minus twice the share out of range. The expected convention is kept
    unless another beats it by a margin that shrinks with the number of spans.

    Examples
    --------
    >>> found = resolve_offsets("Très bien \U0001f600 merci", [13], [18], origin="NVivo")
    >>> found.text[found.start[0]:found.end[0]], found.convention.unit
    ('merci', 'utf16')
    >>> resolve_offsets("Très bien merci", [5], [9]).start.tolist()
    [5]
    """
    first, last = np.asarray(start, dtype=np.int64), np.asarray(end, dtype=np.int64)
    prior = _prior(origin)
    if _FAITHFUL in origin and "\r" not in raw:
        return _plain(raw, first, last, prior)
    if BOM not in raw[:1] and "\r" not in raw and (not raw or ord(max(raw)) <= _ASTRAL):
        return _plain(raw, first, last, prior)
    layout = _Layout(raw)
    candidates = layout.candidates()
    mapped = {c: layout.to_text(c, first, last) for c in candidates}
    expected = next((c for c in candidates if c == layout.reduce(prior)), candidates[0])
    scores = {c: _score(layout.text, *mapped[c], names) for c in candidates}
    best = max(candidates, key=lambda c: scores[c])
    margin = max(_CLEAR_MARGIN, 0.5 / max(len(first), 1))
    chosen = best if scores[best] > scores[expected] + margin else expected
    begins, ends, outside = mapped[chosen]
    return Resolution(
        layout.text,
        begins,
        ends,
        chosen,
        scores[chosen] if len(candidates) > 1 else float("nan"),
        scores[expected] if len(candidates) > 1 else float("nan"),
        chosen == expected,
        int(outside.sum()),
    )


def utf8_spans(text: str, start: Ints, end: Ints) -> tuple[Ints, Ints]:
    """Byte spans on the UTF-8 encoding of ``text`` as code-point spans; inside a character, the next one.

    Examples
    --------
    >>> begins, ends = utf8_spans("été chaud", np.array([6]), np.array([11]))
    >>> "été chaud"[begins[0]:ends[0]]
    'chaud'
    """
    data = np.frombuffer(text.encode("utf-8", "surrogatepass"), dtype=np.uint8)
    leading = np.flatnonzero((data & 0xC0) != 0x80)
    edges = np.append(leading, len(data))
    last = len(edges) - 1
    return (
        np.minimum(np.searchsorted(edges, start), last).astype(np.int64),
        np.minimum(np.searchsorted(edges, end), last).astype(np.int64),
    )


def _prior(origin: str) -> Convention:
    lowered = origin.casefold()
    known = next((habit for name, habit in _PRIORS.items() if name in lowered), _DEFAULT_PRIOR)
    return Convention(*known)


def _plain(raw: str, first: Ints, last: Ints, prior: Convention) -> Resolution:
    outside = (first < 0) | (last > len(raw)) | (first > len(raw))
    nan = float("nan")
    return Resolution(
        raw, first.clip(0, len(raw)), last.clip(0, len(raw)), prior, nan, nan, True, int(outside.sum())
    )


class _Layout:
    """Positions of every character of one text under each convention."""

    def __init__(self, raw: str) -> None:
        self.points = np.frombuffer(raw.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        self.text = raw.removeprefix(BOM).replace("\r\n", "\n").replace("\r", "\n")
        self.has_bom = raw.startswith(BOM)
        self.astral = self.points > _ASTRAL
        self.paired = np.zeros(len(self.points), dtype=bool)
        self.paired[:-1] = (self.points[:-1] == 13) & (self.points[1:] == 10)
        self.on_text = self._positions(Convention("codepoint", "lf", "stripped"))

    def reduce(self, c: Convention) -> Convention:
        """The same convention with the distinctions this text cannot show set to their plain value."""
        return Convention(
            c.unit if self.astral.any() else "codepoint",
            c.newlines if self.paired.any() else "lf",
            c.bom if self.has_bom else "stripped",
        )

    def candidates(self) -> list[Convention]:
        """Conventions that differ on this text, the standard's first."""
        kept = {
            self.reduce(Convention(*choice)): None
            for choice in product(("codepoint", "utf16"), ("crlf", "lf"), ("stripped", "counted"))
        }
        return list(kept)

    def to_text(self, c: Convention, first: Ints, last: Ints) -> tuple[Ints, Ints, NDArray[np.bool_]]:
        """Spans on the LF text, and which ran out of it."""
        edges = self._positions(c)
        outside = (first < 0) | (last > edges[-1]) | (first > edges[-1])
        top = len(edges) - 1
        # A BOM of width 0 and a CR of width 0 share a position with the character after them: all map alike.
        begins = self.on_text[np.minimum(np.searchsorted(edges, first), top)]
        ends = self.on_text[np.minimum(np.searchsorted(edges, last), top)]
        return begins, ends, outside

    def _positions(self, c: Convention) -> Ints:
        width = np.ones(len(self.points), dtype=np.int64)
        if c.unit == "utf16":
            width[self.astral] = 2
        if c.newlines == "lf":
            width[self.paired] = 0
        if c.bom == "stripped" and self.has_bom:
            width[0] = 0
        return np.concatenate([[0], width.cumsum()])


def _score(text: str, start: Ints, end: Ints, outside: NDArray[np.bool_], names: Sequence[str]) -> float:
    if not len(start) or not text:
        return 0.0
    padded = np.frombuffer(f" {text} ".encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    around = np.stack([padded[start], padded[start + 1], padded[end], padded[end + 1]])
    kinds, where = np.unique(around, return_inverse=True)
    letter = np.array([chr(k).isalnum() for k in kinds])[where].reshape(around.shape)
    blank = np.array([chr(k).isspace() for k in kinds])[where].reshape(around.shape)
    opens = ~blank[1] & ~(letter[0] & letter[1])
    closes = ~blank[2] & ~(letter[2] & letter[3])
    clean = float((opens & closes & (end > start)).mean())
    return clean + 2 * _named(text, start, end, names) - 2 * float(outside.mean())


def _named(text: str, start: Ints, end: Ints, names: Sequence[str]) -> float:
    """Share of the named spans that begin with their name (without the dots of an abridged one)."""
    shorn = [name.rstrip(".… ").strip() for name in names]
    told = [(s, e, name) for s, e, name in zip(start.tolist(), end.tolist(), shorn, strict=False) if name]
    told = told[:: max(1, len(told) // _ENOUGH_NAMES)]
    if not told:
        return 0.0
    return sum(" ".join(text[s:e].split()).startswith(" ".join(name.split())) for s, e, name in told) / len(
        told
    )
