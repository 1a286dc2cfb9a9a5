"""Simulated coders: they read the same interviews, and agree as much as they were told to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from optima_research.simulation.interviews import Interview, theme_codes
from optima_research.simulation.people import Floats, Generator

__all__ = ["Coder", "coded_by", "expected_alphas", "slip_for"]


@dataclass(frozen=True)
class Coder:
    """How one person codes: chance to code each theme where it is spoken of, and where it is not."""

    name: str
    sees: Mapping[str, float]
    imagines: Mapping[str, float]
    trims: float = 0.0


def coded_by(rng: Generator, coder: Coder, interviews: Sequence[Interview]) -> pd.DataFrame:
    """The codings of one coder: ``source start end code coder``, code points."""
    codes, rows = theme_codes(), []
    for interview in interviews:
        for answer in interview.answers:
            spoken = {passage.theme: passage.sentences for passage in answer.passages}
            if not spoken:
                continue
            everything = [span for sentences in spoken.values() for span in sentences]
            for theme, code in codes.items():
                chance = coder.sees[theme] if theme in spoken else coder.imagines[theme]
                if rng.random() >= chance:
                    continue
                own = spoken.get(theme) or (everything[int(rng.integers(len(everything)))],)
                start, end = _marked(rng, own, coder.trims)
                rows.append((interview.name, start, end, code, coder.name))
    columns = ["source", "start", "end", "code", "coder"]
    return pd.DataFrame(rows, columns=columns).drop_duplicates(ignore_index=True)


def _marked(rng: Generator, sentences: Sequence[tuple[int, int]], trims: float) -> tuple[int, int]:
    """What the hand selects: the passage, or one sentence less of it, or without its full stop."""
    kept = list(sentences)
    if len(kept) > 1 and rng.random() < trims:
        kept = kept[1:] if rng.random() < 0.5 else kept[:-1]
    return kept[0][0], kept[-1][1] - int(rng.random() < trims)


def expected_alphas(first: Coder, second: Coder, interviews: Sequence[Interview]) -> dict[str, float]:
    """Code → nominal alpha these two coders have on these answers, on average over their hesitations."""
    codes = theme_codes()
    chances: dict[str, tuple[list[float], list[float]]] = {code: ([], []) for code in codes.values()}
    for interview in interviews:
        for answer in interview.answers:
            spoken = {passage.theme for passage in answer.passages}
            for code, held in chances.items():
                themes = [theme for theme, own in codes.items() if own == code]
                for coder, values in zip((first, second), held, strict=True):
                    missed = [1 - (coder.sees if t in spoken else coder.imagines)[t] for t in themes]
                    values.append(float(1 - np.prod(missed)) if spoken else 0.0)
    return {code: _alpha(np.array(one), np.array(two)) for code, (one, two) in chances.items()}


def _alpha(first: Floats, second: Floats) -> float:
    """Alpha of two coders of a binary code who decide each unit apart, with these chances to code it."""
    disagree = float((first + second - 2 * first * second).mean())
    share = float((first + second).mean() / 2)
    return 1 - disagree / (2 * share * (1 - share))


def slip_for(alpha: float, share: float, read: float = 1.0) -> tuple[float, float]:
    """Chance to miss a code and to imagine it, the same for two coders, that gives them an alpha.

    Parameters
    ----------
    alpha : float
    share : float
        Share of the units where the code truly applies. As many are imagined as missed.
    read : float
        Share of the units where anything is spoken of: a code is imagined there only.

    Examples
    --------
    >>> miss, imagined = slip_for(0.8, 0.1)
    >>> chances = np.array([1 - miss] + 9 * [imagined])
    >>> round(_alpha(chances, chances), 6)
    0.8
    """
    # With f = m s/(r − s): P(both) = s (1 − m)² + s² m²/(r − s), a quadratic in m.
    both = share * share + alpha * share * (1 - share)
    a, b, c = share + share**2 / (read - share), -2 * share, share - both
    miss = (-b - np.sqrt(b * b - 4 * a * c)) / (2 * a)
    return float(miss), float(miss * share / (read - share))
