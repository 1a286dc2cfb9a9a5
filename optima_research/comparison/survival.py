"""How long indicators (or tools, or posts) last: Kaplan–Meier curves with intervals, and a log-rank test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import (
    format_count,
    format_level,
    format_number,
    format_p,
    format_percent,
)
from optima_research.results import Column, Estimate, PublicationTable, Result
from optima_research.results.frames import Data, categories, label_of, numeric

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WHOLE = ""


@dataclass(frozen=True, eq=False, repr=False)
class Survival(Result):
    """Kaplan–Meier curves.

    Parameters
    ----------
    curves : dict of DataFrame
        Group ("" for everybody) → index time; ``at_risk events survival low high``.
    medians : dict of Estimate
        Time at which half have ended; NaN while more than half last.
    statistic, df, p_value : float
        Log-rank test between groups (NaN without groups).
    n, n_missing : int
    durations : dict of array
        Group → durations followed, sorted.
    """

    label: str
    by_label: str
    curves: dict[str, pd.DataFrame]
    durations: dict[str, np.ndarray]
    medians: dict[str, Estimate]
    statistic: float
    df: float
    p_value: float
    n: int
    n_missing: int
    level: float = 0.95

    @property
    def follow_up(self) -> dict[str, float]:
        """Longest duration followed in each group."""
        return {group: float(times[-1]) for group, times in self.durations.items()}

    def still_followed(self, time: float, group: str = WHOLE) -> int:
        """Number whose duration reaches a time: those the curve rests on there."""
        times = self.durations[group]
        return int(len(times) - np.searchsorted(times, time))

    def at(self, time: float, group: str = WHOLE) -> Estimate:
        """Share that lasts beyond a time."""
        curve = self.curves[group]
        past = curve[curve.index <= time]
        if past.empty:
            return Estimate(1.0, 1.0, 1.0, level=self.level, n=int(curve["at_risk"].iloc[0]))
        row = past.iloc[-1]
        return Estimate(
            row["survival"], row["low"], row["high"], level=self.level, n=int(curve["at_risk"].iloc[0])
        )

    def table(self) -> PublicationTable:
        """One row a group: number, ends, median."""
        rows = {
            group or _("Together"): {
                "n": int(curve["at_risk"].iloc[0]), "events": int(curve["events"].sum()),
                "median": self.medians[group].value, "low": self.medians[group].low, "high": self.medians[group].high,
            }
            for group, curve in self.curves.items()
        }  # fmt: skip
        body = pd.DataFrame.from_dict(rows, orient="index")
        columns = (
            Column("n", "n", kind="count"), Column("events", _("Ended"), kind="count"),
            Column("median", _("Median duration"), decimals=1),
            Column(("low", "high"), format_level(self.level), kind="interval", decimals=1),
        )  # fmt: skip
        bases = pd.DataFrame(dict.fromkeys(("events", "median", "low", "high"), body["n"]))
        return PublicationTable(
            title=_("Duration: {label}", label=self.label), body=body, columns=columns, stub=self.by_label, bases=bases,
            scope=_("{n} followed, {missing} left out (missing).", n=format_count(self.n), missing=self.n_missing),
            note=self._test(), name="survival",
        )  # fmt: skip

    def sentence(self) -> str:
        """Median duration, and whether groups differ."""
        parts = []
        for group, median in self.medians.items():
            name = _("{variable} ({level})", variable=self.by_label, level=group) if group else _("Together")
            if np.isfinite(median.value):
                decimals = 0 if float(median.value).is_integer() else 1
                parts.append(
                    _("{group}: half end by {time}", group=name, time=format_number(median.value, decimals))
                )
            else:
                last = self.curves[group]["survival"].iloc[-1]
                parts.append(
                    _("{group}: {share} still last at the end", group=name, share=format_percent(last, 0))
                )
        return " ; ".join(parts) + (f" ({self._test()})." if np.isfinite(self.p_value) else ".")

    def plot(self, ax: Axes | None = None) -> Axes:
        """Curves in steps with their intervals."""
        from optima_research.comparison.figures_survival import survival_curves

        return survival_curves(self, ax)

    def statistics(self) -> dict[str, Estimate | float]:
        """Medians and the test."""
        return {f"median {group}".strip(): e for group, e in self.medians.items()} | {"p_value": self.p_value}

    def _test(self) -> str:
        if not np.isfinite(self.p_value):
            return _("Kaplan–Meier, intervals on the log-minus-log scale.")
        return _("log-rank χ²({df}) = {statistic}, p {p}", df=int(self.df), statistic=format_number(self.statistic, 2),
                 p=format_p(self.p_value))  # fmt: skip


def kaplan_meier(
    data: Data, duration: str, ended: str, by: str | None = None, *, level: float = 0.95
) -> Survival:
    """Share still in use as time passes, those still in use at the end being counted as such (censored).

    Parameters
    ----------
    data : Survey or DataFrame, one row an indicator (tool, post…)
    duration : str
        Time followed.
    ended : str
        1 if it ended, 0 if it was still there.
    by : str, optional
    level : float

    Returns
    -------
    Survival
        ``curves medians statistic df p_value`` and ``at(time)``

    Notes
    -----
    Greenwood's variance, intervals on the log(−log) scale; R ``survfit(conf.type = "log-log")`` and ``survdiff``.

    Examples
    --------
    >>> data = pd.DataFrame({"quarters": [1, 2, 2, 4, 5, 6], "ended": [1, 1, 0, 1, 0, 1]})
    >>> kaplan_meier(data, "quarters", "ended").curves[""]["survival"].round(3).tolist()
    [0.833, 0.667, 0.444, 0.0]
    """
    time, event = numeric(data, duration).to_numpy(), numeric(data, ended).to_numpy()
    group = np.zeros(len(time), dtype=int)
    labels = [WHOLE]
    if by is not None:
        column = categories(data, by)
        group, labels = column.cat.codes.to_numpy(), [str(label) for label in column.cat.categories]
    held = np.isfinite(time) & np.isfinite(event) & (group >= 0)
    if not held.any() or not set(np.unique(event[held])) <= {0.0, 1.0} or time[held].min() < 0:
        raise AnalysisError(
            _("Durations are positive and « {name} » holds 0 and 1.", name=ended), parameter="ended"
        )
    time, event, group = time[held], event[held], group[held]
    present = {label: group == code for code, label in enumerate(labels) if (group == code).any()}
    curves = {label: _curve(time[own], event[own], level) for label, own in present.items()}
    statistic, df, p = (np.nan, np.nan, np.nan) if len(curves) < 2 else _log_rank(time, event, group)
    medians = {label: _median(curve, level) for label, curve in curves.items()}
    return Survival(
        label_of(data, duration), label_of(data, by) if by else "", curves,
        {label: np.sort(time[own]) for label, own in present.items()}, medians, statistic, df, p, int(held.sum()),
        int((~held).sum()), level,
    )  # fmt: skip


def _curve(time: np.ndarray, event: np.ndarray, level: float) -> pd.DataFrame:
    from scipy import special

    times = np.unique(time[event == 1])
    at_risk = (time[None, :] >= times[:, None]).sum(axis=1)
    ends = ((time[None, :] == times[:, None]) & (event == 1)).sum(axis=1)
    if not len(times):
        times, at_risk, ends = np.array([time.max()]), np.array([len(time)]), np.array([0])
    survival = np.cumprod(1 - ends / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.sqrt(np.cumsum(ends / (at_risk * (at_risk - ends))))
        shift = float(special.ndtri((1 + level) / 2)) * greenwood / np.log(survival)
        low, high = survival ** np.exp(-shift), survival ** np.exp(shift)
    inside = (survival > 0) & (survival < 1)
    columns = {
        "at_risk": at_risk, "events": ends, "survival": survival, "low": np.where(inside, low, survival),
        "high": np.where(inside, high, survival),
    }  # fmt: skip
    return pd.DataFrame(columns, index=pd.Index(times, name="time"))


def _median(curve: pd.DataFrame, level: float) -> Estimate:
    def first(column: str) -> float:
        below = curve.index[curve[column] <= 0.5 + 1e-12]
        return float(below[0]) if len(below) else float("nan")

    return Estimate(
        first("survival"), first("low"), first("high"), level=level, n=int(curve["at_risk"].iloc[0])
    )


def _log_rank(time: np.ndarray, event: np.ndarray, group: np.ndarray) -> tuple[float, float, float]:
    from scipy import special

    codes = np.unique(group)
    times = np.unique(time[event == 1])
    at_risk = np.array([(time[None, group == c] >= times[:, None]).sum(axis=1) for c in codes], dtype=float)
    ends = np.array(
        [((time[None, :] == times[:, None]) & (event == 1) & (group == c)).sum(axis=1) for c in codes],
        dtype=float,
    )
    n, d = at_risk.sum(axis=0), ends.sum(axis=0)
    gap = (ends - d * at_risk / n).sum(axis=1)[:-1]
    factor = np.where(n > 1, d * (n - d) / np.maximum(n - 1, 1), 0.0)
    share = at_risk / n
    covariance = np.diag((factor * share).sum(axis=1)) - (factor * share) @ share.T
    statistic = float(gap @ np.linalg.pinv(covariance[:-1, :-1]) @ gap)
    df = float(len(codes) - 1)
    return statistic, df, float(special.chdtrc(df, statistic))
