"""A device that starts at different dates: effects by date and by time since the start, not two-way fixed effects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.comparison._mean_kernels import Floats
from optima_research.comparison.estimates import EstimateList
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_estimate, format_number
from optima_research.results import Estimate, Verdict
from optima_research.results.frames import Data, as_frame, label_of, numeric

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DRAWS = 999


@dataclass(frozen=True, eq=False, repr=False)
class StaggeredEffects(EstimateList):
    """Effects of a device with staggered starts.

    Parameters
    ----------
    outcome_label : str
    events : DataFrame
        Index time since the start (negative: before, a check of parallel changes); ``estimate se low high units``; the
        intervals hold together (sup-t).
    group_time : DataFrame
        ``start time estimate units``: every effect the others average.
    two_way : float
        What two-way fixed effects would give, for comparison: it weights some effects negatively.
    """

    outcome_label: str
    events: pd.DataFrame
    group_time: pd.DataFrame
    two_way: float

    @property
    def overall(self) -> Estimate:
        """Average effect over treated units and periods."""
        return self.estimates["overall"]

    def sentence(self) -> str:
        """What can be said of the average effect."""
        values = {"outcome": self.outcome_label, "estimate": format_estimate(self.overall, 2)}
        if self.verdict is Verdict.DIFFERENT:
            return _(
                "Once started, the device goes with a change of « {outcome} »: {estimate} on average.",
                **values,
            )
        return _(
            "On « {outcome} », these data neither show nor rule out an effect of the device: {estimate}.",
            **values,
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Effect by time since the start, with simultaneous intervals."""
        from optima_research.comparison.figures_change import event_plot

        return event_plot(self, ax)


def staggered_effects(
    data: Data, outcome: str, unit: str, time: str, start: str, *, level: float = 0.95, seed: int = 0
) -> StaggeredEffects:
    """Effects of a device that units start at different times (Callaway and Sant'Anna 2021, without covariates).

    Parameters
    ----------
    data : Survey or DataFrame, one row a unit (centre, service) at a time
    outcome, unit : str
    time : str
        Whole numbers in order (month, quarter, year).
    start : str
        First time with the device, missing for units that never had it. Constant within a unit.
    level : float
    seed : int
        For the bootstrap of units, within each start.

    Returns
    -------
    StaggeredEffects
        ``overall events group_time two_way``

    Notes
    -----
    The effect on the units started at g, at time t, is their change since g − 1 less that of the units not yet
    started at t. Averages weight units equally. Two-way fixed effects compare late starters with early ones
    already treated, and can have the wrong sign when effects grow; its value is shown beside.

    Units that start because they are the worst regress to the mean: see :func:`regression_to_the_mean`.

    Examples
    --------
    >>> rows = [(u, t, s, u + 0.5 * t + (t >= s) * 2.0) for u, s in enumerate([3, 3, 5, 5, np.nan, np.nan])
    ...         for t in range(1, 7)]
    >>> data = pd.DataFrame(rows, columns=["centre", "month", "start", "delay"])
    >>> round(staggered_effects(data, "delay", "centre", "month", "start").overall.value, 6)
    2.0
    """
    y, starts, times = _panel(data, outcome, unit, time, start)
    cells = _cells(y, starts, times)
    if not any(cell[1] >= cell[0] for cell in cells):
        raise AnalysisError(
            _("No unit can be compared with one that has not started yet."), parameter="start",
            hint=_("Keep units that never start, or periods before the last start."),
        )  # fmt: skip
    rng = np.random.default_rng(seed)
    weights = np.vstack([np.ones(len(y)), _resampled(starts, rng)])
    draws = np.array([_effect(weights, treated, control, gap) for _g, _t, treated, control, gap in cells])
    size = np.array([treated.sum() for _g, _t, treated, _c, _gap in cells], dtype=float)
    since = np.array([times.index(t) - times.index(g) for g, t, *_rest in cells])
    overall = _average(draws, size, since >= 0)
    spread = _spread(overall[1:])
    half = _normal(level) * spread
    estimate = Estimate(
        float(overall[0]), float(overall[0] - half), float(overall[0] + half), level=level, se=spread, df=float("inf"),
        n=len(y), name=_("average effect"),
    )  # fmt: skip
    group_time = pd.DataFrame(
        {
            "start": [c[0] for c in cells],
            "time": [c[1] for c in cells],
            "estimate": draws[:, 0],
            "units": size.astype(int),
        }
    )
    two_way = _two_way(y, starts, times)
    return StaggeredEffects(
        _("Effect of the device: {outcome}", outcome=label_of(data, outcome)), {"overall": estimate},
        _("{units} units, {times} periods; {never} never start.", units=format_count(len(y)), times=len(times),
          never=int(np.isnan(starts).sum())),
        _("Units not yet started are the comparison. Two-way fixed effects would give {value}.",
          value=format_number(two_way, 2)),
        label_of(data, outcome), _events(draws, size, since, level), group_time, two_way,
    )  # fmt: skip


def _panel(data: Data, outcome: str, unit: str, time: str, start: str) -> tuple[Floats, Floats, list[float]]:
    frame = pd.DataFrame(
        {"unit": as_frame(data, [unit])[unit].to_numpy(), "time": numeric(data, time).to_numpy(),
         "start": numeric(data, start).to_numpy(), "y": numeric(data, outcome).to_numpy()}
    ).dropna(subset=["unit", "time"])  # fmt: skip
    if frame.duplicated(["unit", "time"]).any():
        raise AnalysisError(
            _("A unit has several rows at the same time."), parameter="unit", hint=_("Aggregate them first.")
        )
    units, labels = pd.factorize(frame["unit"], sort=True)
    starts = frame.groupby(units)["start"].agg(["min", "max"])
    moved = starts["min"].fillna(-1) != starts["max"].fillna(-1)
    if moved.any():
        raise AnalysisError(
            _("The start changes within units: {names}.", names=", ".join(map(str, labels[moved][:8]))),
            parameter="start",
        )
    times = sorted(frame["time"].unique())
    y = np.full((len(labels), len(times)), np.nan)
    y[units, np.searchsorted(times, frame["time"])] = frame["y"]
    return y, starts["min"].to_numpy(dtype=float), [float(t) for t in times]


def _cells(
    y: Floats, starts: Floats, times: list[float]
) -> list[tuple[float, float, np.ndarray, np.ndarray, Floats]]:
    """For each start and time: treated units, units not yet started, change since the eve of the start."""
    cells = []
    for g in sorted(set(starts[np.isfinite(starts)])):
        if g not in times or times.index(g) == 0:
            continue
        base = times.index(g) - 1
        for position, t in enumerate(times):
            if position == base:
                continue
            gap = y[:, position] - y[:, base]
            seen = np.isfinite(gap)
            treated = seen & (starts == g)
            # Not started at t nor at the eve of g: a clean comparison before and after.
            control = seen & ~(starts <= max(t, times[base])) & (starts != g)
            if treated.any() and control.any():
                cells.append((g, t, treated, control, np.where(seen, gap, 0.0)))
    return cells


def _resampled(starts: Floats, rng: np.random.Generator) -> Floats:
    """How many times each unit is drawn, within the units of the same start.

    One unit less than there are is drawn (Rao and Wu 1988), without which few units look too precise.
    """
    weights = np.zeros((DRAWS, len(starts)))
    keys = np.nan_to_num(starts, nan=-1.0)
    for key in np.unique(keys):
        members = np.flatnonzero(keys == key)
        m = len(members)
        drawn = rng.multinomial(max(m - 1, 1), np.full(m, 1 / m), size=DRAWS)
        weights[:, members] = drawn * (m / max(m - 1, 1))
    return weights


def _effect(weights: Floats, treated: np.ndarray, control: np.ndarray, gap: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        means = [weights[:, side] @ gap[side] / weights[:, side].sum(axis=1) for side in (treated, control)]
    result: Floats = means[0] - means[1]
    return result


def _average(draws: Floats, size: Floats, kept: np.ndarray) -> Floats:
    result: Floats = size[kept] @ draws[kept] / size[kept].sum()
    return result


def _spread(values: Floats) -> float:
    """Standard deviation from the quartiles of the draws, which a few odd draws do not move."""
    low, high = np.nanquantile(values, [0.25, 0.75])
    return float((high - low) / (2 * _normal(0.5)))


def _normal(level: float) -> float:
    from scipy import special

    return float(special.ndtri((1 + level) / 2))


def _events(draws: Floats, size: Floats, since: np.ndarray, level: float) -> pd.DataFrame:
    periods = [int(e) for e in np.unique(since)]
    paths = np.array([_average(draws, size, since == e) for e in periods])
    spread = np.array([_spread(path[1:]) for path in paths])
    with np.errstate(invalid="ignore", divide="ignore"):
        deviation = np.abs(paths[:, 1:] - paths[:, :1]) / spread[:, None]
    sup = np.nanmax(np.where(np.isfinite(deviation), deviation, 0.0), axis=0)
    critical = max(float(np.nanquantile(sup, level)), _normal(level))
    units = [int(size[since == e].sum()) for e in periods]
    columns = {
        "estimate": paths[:, 0], "se": spread, "low": paths[:, 0] - critical * spread,
        "high": paths[:, 0] + critical * spread, "units": units,
    }  # fmt: skip
    return pd.DataFrame(columns, index=pd.Index(periods, name="event"))


def _two_way(y: Floats, starts: Floats, times: list[float]) -> float:
    """Coefficient of "has started" with unit and time effects (on complete units)."""
    full = np.isfinite(y).all(axis=1)
    values = y[full]
    on = (np.array(times)[None, :] >= np.nan_to_num(starts[full], nan=np.inf)[:, None]).astype(float)
    both = [m - m.mean(axis=0) - m.mean(axis=1, keepdims=True) + m.mean() for m in (values, on)]
    below = float((both[1] ** 2).sum())
    return float((both[0] * both[1]).sum()) / below if below > 0 else float("nan")
