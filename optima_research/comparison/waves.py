"""Change between two waves of a small population that overlap in part, and where the change comes from."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from optima_research.comparison._mean_kernels import Floats
from optima_research.comparison.waves_result import Change
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.results import Estimate, Verdict
from optima_research.results.frames import Data, as_frame, categories, label_of, numeric

Population = float | Mapping[Hashable, float] | None


class _Waves(NamedTuple):
    """Answers of the two waves, persons aligned (NaN: absent), and sizes."""

    first: Floats
    second: Floats
    group: list[np.ndarray] | None

    @property
    def both(self) -> np.ndarray:
        return np.isfinite(self.first) & np.isfinite(self.second)


def change(
    data: Data,
    outcome: str,
    wave: str,
    unit: str,
    population: Population = None,
    *,
    stayers: float | None = None,
    composition: str | None = None,
    margins: Mapping[Hashable, float] | None = None,
    smallest_effect: float | None = None,
    level: float = 0.95,
) -> Change:
    """Change of a mean between two waves, overlap and finite population allowed for, and its decomposition.

    Parameters
    ----------
    data : Survey or DataFrame, one row an answer (a person at a wave)
    outcome : str
        A number or a scale score.
    wave : str
        Exactly two waves, in order.
    unit : str
        Key of the person, the same at both waves.
    population : number or mapping, optional
        Size of the population, or one size a wave. With it the intervals bear on this very population (descriptive
        regime); without, on persons like these (analytic regime).
    stayers : number, optional
        Members of the population present at both waves; by default as many as the smaller of the two sizes.
    composition : str, optional
        Column of categories (category of staff…) for the part of the change due to who answered.
    margins : mapping, optional
        Category → size in the population (RSU), the same standard for both waves; by default the average of both waves.
    smallest_effect : float, optional
    level : float

    Returns
    -------
    Change
        ``estimate stayers effects decomposition verdict``

    Raises
    ------
    AnalysisError
        Not two waves, a person twice in a wave, a population smaller than its sample.

    Notes
    -----
    Var(ȳ₂ − ȳ₁) = S₁²/n₁ (1 − n₁/N₁) + S₂²/n₂ (1 − n₂/N₂) − 2 S₁₂ (n₁₂/(n₁n₂) − N₁₂/(N₁N₂)), with S₁₂ the
    covariance of the linked answers; taking the waves as independent would make the variance of a small,
    well-answered population more than twice too large. Interval by Student's t with persons − 2 degrees of freedom.

    The change splits exactly into that of the persons seen twice, the arrival of those seen at the second wave only and
    the departure of those seen at the first only. Those seen once are leavers, joiners *or* silent at the other wave:
    the data alone do not say which.

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"id": [1, 2, 3, 1, 2, 4], "wave": [1, 1, 1, 2, 2, 2], "y": [2.0, 3, 4, 3, 4, 6]})
    >>> result = change(data, "y", "wave", "id", population=10)
    >>> round(result.estimate.value, 3), result.decomposition["contribution"].round(3).tolist()
    (1.333, [1.0, 0.833, -0.5])
    """
    names, waves = _read(data, outcome, wave, unit, composition)
    first, second, both = waves.first, waves.second, waves.both
    n1, n2, n12 = int(np.isfinite(first).sum()), int(np.isfinite(second).sum()), int(both.sum())
    sizes = _sizes(_by_label(data, wave, population), names, (n1, n2), n12, stayers)
    gap = float(np.nanmean(second) - np.nanmean(first))
    variance, naive = overlap_variance(first, second, sizes)
    persons = n1 + n2 - n12
    estimate = _t_estimate(gap, math.sqrt(variance), persons - 2.0, level, persons, _("change"))
    narrow = _t_estimate(gap, math.sqrt(variance), persons - 2.0, 2 * level - 1, persons, "")
    verdict = Verdict.decide(
        estimate.low, estimate.high, smallest_effect=smallest_effect, low_equivalence=narrow.low,
        high_equivalence=narrow.high,
    )  # fmt: skip
    steps = second[both] - first[both]
    paired = _t_estimate(float(steps.mean()), float(steps.std(ddof=1)) / math.sqrt(n12), n12 - 1.0, level, n12,
                         _("change of persons seen twice")) if n12 > 1 else Estimate(float("nan"))  # fmt: skip
    return Change(
        label_of(data, outcome), (str(names[0]), str(names[1])), estimate, paired,
        paired_effects(first[both], second[both]), _decomposition(waves), _composition(waves, margins),
        math.sqrt(naive), (n1, n2, n12), verdict,
        int(len(numeric(data, outcome)) - n1 - n2), population is not None, level, smallest_effect,
    )  # fmt: skip


def overlap_variance(first: Floats, second: Floats, sizes: tuple[float, float, float]) -> tuple[float, float]:
    """Variance of the difference of means of two overlapping waves, and what independence would give.

    ``sizes`` are N₁, N₂ and N₁₂ (infinite without finite population); NaN marks the persons absent from a wave.
    """
    both = np.isfinite(first) & np.isfinite(second)
    n1, n2, n12 = np.isfinite(first).sum(), np.isfinite(second).sum(), both.sum()
    large1, large2, shared = sizes
    s1, s2 = float(np.nanvar(first, ddof=1)), float(np.nanvar(second, ddof=1))
    covariance = float(np.cov(first[both], second[both])[0, 1]) if n12 > 2 else 0.0
    left1, left2 = 1 - n1 / large1, 1 - n2 / large2
    common = shared / large1 / large2 if math.isfinite(shared) else 0.0
    alone = s1 / n1 * left1 + s2 / n2 * left2
    return max(alone - 2 * covariance * (n12 / (n1 * n2) - common), 0.0), s1 / n1 + s2 / n2


def paired_effects(first: Floats, second: Floats) -> dict[str, Estimate]:
    """Standardised change of the persons seen twice; each name says what it is divided by.

    ``d_z`` the standard deviation of the changes, ``d_av`` the average of both waves', ``d_rm`` d_z brought back to the
    scale of a single wave, ``glass_delta`` the first wave's. Noncentral t interval for d_z, carried over in proportion.
    """
    from optima_research.comparison._noncentral_kernels import noncentral_t_bounds

    n = len(first)
    if n < 3 or np.ptp(second - first) == 0 or first.std() == 0:
        return {}
    steps = second - first
    d_z = float(steps.mean() / steps.std(ddof=1))
    bounds = [ncp / math.sqrt(n) for ncp in noncentral_t_bounds(d_z * math.sqrt(n), n - 1.0, 0.95)]
    r = float(np.corrcoef(first, second)[0, 1])
    spread = float(steps.std(ddof=1))
    denominators = {
        "d_z": (spread, _("d (standard deviation of changes)")),
        "d_av": (
            math.sqrt((first.var(ddof=1) + second.var(ddof=1)) / 2),
            _("d (average standard deviation)"),
        ),
        "d_rm": (spread / math.sqrt(2 * (1 - r)) if r < 1 else float("nan"), _("d (repeated measures)")),
        "glass_delta": (float(first.std(ddof=1)), _("Glass's Δ (first wave)")),
    }
    return {
        key: Estimate(d_z * spread / by, bounds[0] * spread / by, bounds[1] * spread / by, n=n, name=name)
        for key, (by, name) in denominators.items()
    }


def _read(
    data: Data, outcome: str, wave: str, unit: str, composition: str | None
) -> tuple[list[str], _Waves]:
    y = numeric(data, outcome)
    column = categories(data, wave)
    names = [label for label in column.cat.categories if (column == label).any()]
    if len(names) != 2:
        raise AnalysisError(
            _("A change is between two waves; there are {n}.", n=len(names)), parameter="wave",
            got=", ".join(map(str, names[:8])), hint=_("Keep two waves."),
        )  # fmt: skip
    frame = pd.DataFrame(
        {"unit": as_frame(data, [unit])[unit].to_numpy(), "wave": np.asarray(column), "y": y.to_numpy()}
    )
    if composition is not None:
        frame["group"] = np.asarray(categories(data, composition).astype(object))
    frame = frame[frame["unit"].notna() & frame["wave"].notna() & frame["y"].notna()]
    twice = frame.duplicated(["unit", "wave"])
    if twice.any():
        raise AnalysisError(
            _("{n} persons answered twice at the same wave.", n=frame.loc[twice, "unit"].nunique()), parameter="unit",
            hint=_("Drop the duplicates first, with a reason."),
        )  # fmt: skip
    answers = _side_by_side(frame, "y", names)
    if min(np.isfinite(values.astype(float)).sum() for values in answers) < 2:
        raise AnalysisError(_("A wave has fewer than two answers."), parameter="wave")
    group = None if composition is None else _side_by_side(frame, "group", names)
    return names, _Waves(answers[0].astype(float), answers[1].astype(float), group)


def _side_by_side(frame: pd.DataFrame, column: str, names: list[str]) -> list[np.ndarray]:
    """One array a wave, persons aligned; missing where a person is absent."""
    units = pd.Index(frame["unit"].unique())
    return [
        frame.loc[frame["wave"] == name].set_index("unit")[column].astype(object).reindex(units).to_numpy()
        for name in names
    ]


def _by_label(data: Data, wave: str, population: Population) -> Population:
    """Sizes keyed by the labels of the waves, where the codes of the codebook were given."""
    if isinstance(data, pd.DataFrame) or not isinstance(population, Mapping) or wave not in data.codebook:
        return population
    labels = {str(code): label for code, label in data.codebook[wave].values.items()}
    return {labels.get(str(key), str(key)): size for key, size in population.items()}


def _sizes(
    population: Population, names: list[str], n: tuple[int, int], n12: int, stayers: float | None
) -> tuple[float, float, float]:
    if population is None:
        return float("inf"), float("inf"), float("inf")
    if isinstance(population, Mapping):
        by_name = {str(key): float(value) for key, value in population.items()}
        absent = [str(name) for name in names if str(name) not in by_name]
        if absent:
            raise AnalysisError(
                _("No population size for wave {names}.", names=", ".join(absent)), parameter="population"
            )
        large = (by_name[str(names[0])], by_name[str(names[1])])
    else:
        large = (float(population), float(population))
    for size, answered, name in zip(large, n, names, strict=True):
        if size < answered:
            raise AnalysisError(
                _("Wave {wave}: {n} answers for a population of {size}.", wave=name, n=answered, size=size),
                parameter="population",
            )
    shared = min(large) if stayers is None else float(stayers)
    if not n12 <= shared <= min(large):
        raise AnalysisError(
            _("The members present at both waves are at least {low} and at most {high}.", low=n12, high=min(large)),
            parameter="stayers", got=stayers,
        )  # fmt: skip
    return large[0], large[1], shared


def _decomposition(waves: _Waves) -> pd.DataFrame:
    first, second, both = waves.first, waves.second, waves.both
    only1, only2 = np.isfinite(first) & ~both, np.isfinite(second) & ~both
    stay1, stay2 = (float(values[both].mean()) if both.any() else 0.0 for values in (first, second))
    arrivals = (
        only2.sum() / np.isfinite(second).sum() * (float(second[only2].mean()) - stay2)
        if only2.any()
        else 0.0
    )
    departures = (
        only1.sum() / np.isfinite(first).sum() * (stay1 - float(first[only1].mean())) if only1.any() else 0.0
    )
    rows = {
        "stayers": (stay2 - stay1, int(both.sum())),
        "arrivals": (arrivals, int(only2.sum())),
        "departures": (departures, int(only1.sum())),
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=["contribution", "n"])


def _composition(waves: _Waves, margins: Mapping[Hashable, float] | None) -> pd.DataFrame | None:
    """Part of the crude change due to who answered (by category), the rest being change within categories."""
    if waves.group is None:
        return None
    tables = []
    for values, column in zip((waves.first, waves.second), waves.group, strict=True):
        held = np.isfinite(values) & pd.notna(column)
        tables.append(pd.Series(values[held]).groupby(column[held]).agg(["mean", "size"]))
    one, two = (table.reindex(tables[0].index.union(tables[1].index)) for table in tables)
    if one["mean"].isna().any() or two["mean"].isna().any():
        empty = one.index[one["mean"].isna() | two["mean"].isna()]
        raise AnalysisError(
            _("Categories without answers at one wave: {names}.", names=", ".join(map(str, empty))),
            parameter="composition", hint=_("Merge them."),
        )  # fmt: skip
    p1, p2 = one["size"] / one["size"].sum(), two["size"] / two["size"].sum()
    standard = (p1 + p2) / 2
    if margins is not None:
        standard = pd.Series({key: float(value) for key, value in margins.items()}).reindex(one.index)
        if standard.isna().any():
            raise AnalysisError(
                _("No margin for {names}.", names=", ".join(map(str, one.index[standard.isna()]))),
                parameter="margins",
            )
        standard = standard / standard.sum()
    crude = float((p2 * two["mean"]).sum() - (p1 * one["mean"]).sum())
    within = float((standard * (two["mean"] - one["mean"])).sum())
    rows = {"within_categories": within, "composition": crude - within}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["contribution"])


def _t_estimate(value: float, se: float, df: float, level: float, n: int, name: str) -> Estimate:
    from scipy import special

    half = float(special.stdtrit(max(df, 1.0), (1 + level) / 2)) * se
    return Estimate(value, value - half, value + half, level=level, se=se, df=df, n=n, name=name)
