"""The same persons asked several times, or several things asked of the same persons."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

import numpy as np
import pandas as pd

from optima_research.comparison import _paired_kernels as kernels
from optima_research.comparison._mean_kernels import Floats
from optima_research.comparison._noncentral_kernels import noncentral_chi2_bounds
from optima_research.comparison.effects import within
from optima_research.comparison.waves import paired_effects
from optima_research.comparison.wording import answer_names, list_mark
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_estimate, format_number, format_p
from optima_research.results import Column, Estimate, PublicationTable, Result, Verdict
from optima_research.results.frames import Data, categories, label_of, measure_of, numeric, require

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PairedMethod: TypeAlias = Literal["auto", "paired_t", "wilcoxon", "mcnemar", "stuart_maxwell", "friedman"]


@dataclass(frozen=True, eq=False, repr=False)
class PairedComparison(Result):
    """Several columns compared within the same persons.

    Parameters
    ----------
    method, reason : str
    labels : tuple of str
        What is compared, in order.
    n, n_missing : int
        Persons with every answer, and without.
    statistic, df, p_value : float
    effects : dict of Estimate
        ``d_z d_av d_rm glass_delta`` (t), ``rank_biserial`` (Wilcoxon), ``odds_ratio`` (McNemar), ``kendall_w``.
    difference : Estimate
        Last column less first, in points of the scale or in share; NaN for several categories.
    occasions : DataFrame
        One row a column: ``n mean mean_rank`` or shares.
    verdict : Verdict
    """

    method: str
    reason: str
    labels: tuple[str, ...]
    n: int
    n_missing: int
    statistic: float
    df: float
    p_value: float
    effects: dict[str, Estimate]
    difference: Estimate
    occasions: pd.DataFrame
    verdict: Verdict
    level: float = 0.95
    smallest_effect: float | None = None

    def table(self) -> PublicationTable:
        """One row a column compared."""
        kinds = {"n": "count", "mean": "number", "mean_rank": "number"}
        columns = tuple(
            Column(name, _headings().get(name, str(name)), kind=kinds.get(name, "percent"))  # type: ignore[arg-type]
            for name in self.occasions.columns
        )
        bases = pd.DataFrame(float(self.n), index=self.occasions.index, columns=self.occasions.columns)
        effects = " ; ".join(f"{e.name} = {format_estimate(e, 2)}" for e in self.effects.values())
        return PublicationTable(
            title=_("Same persons compared: {names}", names=" / ".join(self.labels)), body=self.occasions,
            columns=columns, stub=_("Question or wave"), bases=bases,
            scope=_("{n} persons with every answer, {missing} left out.", n=format_count(self.n),
                    missing=format_count(self.n_missing)),
            note=" ".join([f"{self._test()}.", self.reason, f"{effects}." if effects else ""]).strip(), name="paired",
        )  # fmt: skip

    def sentence(self) -> str:
        """What can be said, in each of the three cases."""
        values = {"names": " / ".join(self.labels), "test": self._test()}
        if math.isfinite(self.difference.value):
            values["test"] = f"{format_estimate(self.difference, 2)} ; {values['test']}"
        if self.verdict is Verdict.EQUIVALENT:
            return _("The same persons answer alike ({names}), within what matters ({test}).", **values)
        if self.verdict is Verdict.DIFFERENT and math.isfinite(self.difference.value):
            low, high = self.labels[0], self.labels[-1]
            if self.difference.value < 0:
                low, high = high, low
            return _(
                "In the same persons, « {high} » exceeds « {low} » ({test}).",
                high=high,
                low=low,
                test=values["test"],
            )
        if self.verdict is Verdict.DIFFERENT:
            return _("The same persons answer differently ({names}: {test}).", **values)
        return _(
            "These data neither show nor rule out a difference within persons ({names}: {test}).", **values
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Mean ranks or means of the columns."""
        from optima_research.comparison.figures import interval_dots

        shown = self.occasions.iloc[::-1]
        name = next((name for name in ("mean_rank", "mean") if name in shown), shown.columns[-1])
        values = shown[name].to_numpy(dtype=float)
        return interval_dots(
            ax, labels=list(map(str, shown.index)), values=values, low=values, high=values,
            axis_label=_headings().get(str(name), str(name)),
        )  # fmt: skip

    def statistics(self) -> dict[str, Estimate | float]:
        """Test, difference and effect sizes."""
        return {
            "statistic": self.statistic,
            "p_value": self.p_value,
            "difference": self.difference,
            **self.effects,
        }

    def _test(self) -> str:
        names = {
            "paired_t": _("paired t test"), "wilcoxon": _("Wilcoxon signed ranks (Pratt)"),
            "mcnemar": _("McNemar's test"),
            "stuart_maxwell": _("Stuart–Maxwell test"), "friedman": _("Friedman's test"),
        }  # fmt: skip
        return f"{names[self.method]} = {format_number(self.statistic, 2)}{list_mark()}p {format_p(self.p_value)}"


def compare_paired(
    data: Data,
    columns: Sequence[str],
    *,
    method: PairedMethod = "auto",
    smallest_effect: float | None = None,
    level: float = 0.95,
) -> PairedComparison:
    """Compare columns answered by the same persons (two waves side by side, or several items).

    Parameters
    ----------
    data : Survey or DataFrame, one row a person
    columns : list of str
        Two or more, on the same scale; put waves side by side with ``frame.pivot`` first.
    method : {"auto", "paired_t", "wilcoxon", "mcnemar", "stuart_maxwell", "friedman"}
        By default: three columns or more, Friedman; two nominal ones, McNemar or Stuart–Maxwell; two ordinal ones,
        Wilcoxon; two numbers, paired t.
    smallest_effect : float, optional
        In points of the scale (share for two answers).
    level : float

    Returns
    -------
    PairedComparison

    Notes
    -----
    Wilcoxon ranks the zeros with the rest and then drops them (Pratt): on five-point answers half the persons do not
    move, and ignoring them before ranking overstates the movers. Persons without every answer are left out: compare
    them with the others, or use a mixed model.

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"t0": [2, 3, 3, 4, 2, 1], "t1": [3, 4, 3, 5, 4, 3]})
    >>> compare_paired(data, ["t0", "t1"], method="wilcoxon").p_value
    0.0625
    """
    columns = list(columns)
    if method not in get_args(PairedMethod):
        raise AnalysisError(
            _("There is no comparison method « {method} ».", method=method), parameter="method",
            expected=" | ".join(get_args(PairedMethod)),
        )  # fmt: skip
    if len(columns) < 2 or len(set(columns)) < len(columns):
        raise AnalysisError(_("Give two different columns at least."), parameter="columns")
    require(data, columns)
    measures = {measure_of(data, name) for name in columns}
    chosen, reason = _choose(method, measures, len(columns))
    if chosen in ("mcnemar", "stuart_maxwell"):
        return _categories(data, columns, chosen, reason, smallest_effect, level)
    values = np.column_stack([numeric(data, name).to_numpy() for name in columns])
    complete = np.isfinite(values).all(axis=1)
    held = values[complete]
    if len(held) < 3:
        raise AnalysisError(_("Fewer than three persons have every answer."), where=", ".join(columns))
    if chosen != "friedman" and len(columns) > 2:
        raise AnalysisError(
            _("« {method} » compares two columns.", method=chosen),
            parameter="method",
            hint=_('method="friedman"'),
        )
    return _numbers(data, columns, held, int((~complete).sum()), chosen, reason, smallest_effect, level)


def _choose(method: str, measures: set[str], k: int) -> tuple[str, str]:
    if method != "auto":
        return method, _("Method asked for.")
    if measures & {"nominal", "text"}:
        if k > 2:
            raise AnalysisError(
                _("Three nominal columns or more cannot be compared at once."), parameter="columns"
            )
        return "stuart_maxwell", _("Nominal answers of the same persons: the margins are compared.")
    if k > 2:
        return "friedman", _(
            "Three columns or more of the same persons: their ranks within each person are compared."
        )
    if "ordinal" in measures:
        return "wilcoxon", _("Ordinal answers of the same persons: ranks of the changes are compared.")
    return "paired_t", _("Numbers of the same persons: the mean of their changes is tested.")


def _numbers(
    data: Data, columns: list[str], held: Floats, n_missing: int, method: str, reason: str,
    smallest_effect: float | None, level: float,
) -> PairedComparison:  # fmt: skip
    from scipy import special
    from scipy.stats import rankdata

    n, k = held.shape
    change = held[:, -1] - held[:, 0]
    se = float(change.std(ddof=1)) / math.sqrt(n)
    difference = _interval(float(change.mean()), se, n - 1.0, level, n)
    effects: dict[str, Estimate] = {}
    df = n - 1.0
    if method == "paired_t":
        statistic = float(change.mean()) / se if se > 0 else float("nan")
        p = float(2 * special.stdtr(df, -abs(statistic)))
        effects = paired_effects(held[:, 0], held[:, 1])
    elif method == "wilcoxon":
        statistic, p, r = kernels.wilcoxon_pratt(change)
        effects, df = (
            {"rank_biserial": _signed_rank_effect(r, int((change != 0).sum()), n, level)},
            float("nan"),
        )
    else:
        statistic, df, p, w = kernels.friedman(held)
        bounds = [min(1.0, ncp / (n * df)) for ncp in noncentral_chi2_bounds(statistic, df, level)]
        effects = {"kendall_w": within(w, bounds, level, n, _("Kendall's W"))}
        difference = Estimate(float("nan"))
    narrow = _interval(float(change.mean()), se, n - 1.0, 2 * level - 1, n)
    inside = smallest_effect is not None and k == 2 and max(-narrow.low, narrow.high) < smallest_effect
    verdict = Verdict.EQUIVALENT if inside else Verdict.DIFFERENT if p < 1 - level else Verdict.INCONCLUSIVE
    labels = tuple(label_of(data, name) for name in columns)
    occasions = pd.DataFrame(
        {"n": n, "mean": held.mean(axis=0), "mean_rank": rankdata(held, axis=1).mean(axis=0)},
        index=pd.Index(labels, name="occasion"),
    )
    return PairedComparison(
        method, reason, labels, n, n_missing, statistic, df, p, effects, difference, occasions, verdict, level,
        smallest_effect,
    )  # fmt: skip


def _categories(
    data: Data, columns: list[str], method: str, reason: str, smallest_effect: float | None, level: float
) -> PairedComparison:
    first, second = (categories(data, name) for name in columns[:2])
    names = list(dict.fromkeys([*map(str, first.cat.categories), *map(str, second.cat.categories)]))
    a, b = (
        pd.Categorical(column.astype(object).map(str, na_action="ignore"), names).codes
        for column in (first, second)
    )
    held = (a >= 0) & (b >= 0)
    n = int(held.sum())
    if n < 3:
        raise AnalysisError(_("Fewer than three persons have every answer."), where=", ".join(columns))
    table = (
        np.bincount(a[held] * len(names) + b[held], minlength=len(names) ** 2)
        .reshape(len(names), -1)
        .astype(float)
    )
    if len(names) == 2:
        method = "mcnemar"
        statistic, df, p = kernels.mcnemar(table)
    elif method == "mcnemar":
        raise AnalysisError(
            _("McNemar's test compares two answers."), parameter="method", hint=_('method="stuart_maxwell"')
        )
    else:
        statistic, df, p = kernels.stuart_maxwell(table)
    difference = _share_difference(table, level, n) if len(names) == 2 else Estimate(float("nan"))
    effects = _odds(table, level, n) if len(names) == 2 else {}
    narrow = _share_difference(table, 2 * level - 1, n) if len(names) == 2 else Estimate(float("nan"))
    inside = smallest_effect is not None and max(-narrow.low, narrow.high) < smallest_effect
    verdict = Verdict.EQUIVALENT if inside else Verdict.DIFFERENT if p < 1 - level else Verdict.INCONCLUSIVE
    labels = tuple(label_of(data, name) for name in columns[:2])
    shares = np.vstack([table.sum(axis=1), table.sum(axis=0)]) / n
    occasions = pd.DataFrame(
        shares, index=pd.Index(labels, name="occasion"), columns=answer_names(tuple(names))
    )
    occasions.insert(0, "n", n)
    return PairedComparison(
        method, reason, labels, n, int((~held).sum()), statistic, df, p, effects, difference, occasions, verdict, level,
        smallest_effect,
    )  # fmt: skip


def _signed_rank_effect(r: float, moved: int, n: int, level: float) -> Estimate:
    """Matched rank-biserial correlation; interval on Fisher's z scale, as R effectsize."""
    from scipy import special

    m = max(moved, 1)
    spread = math.sqrt((2 * m**3 + 3 * m**2 + m) / 6) / ((m**2 + m) / 2)
    half = float(special.ndtri((1 + level) / 2)) * spread
    centre = math.atanh(min(max(r, -1 + 1e-15), 1 - 1e-15))
    return Estimate(
        r, math.tanh(centre - half), math.tanh(centre + half), level=level, n=n, name=_("rank-biserial r")
    )


def _share_difference(table: Floats, level: float, n: int) -> Estimate:
    """Difference of the shares of the second answer, second column less first (Wald with Agresti–Min's half counts)."""
    from scipy import special

    rose, fell = table[0, 1], table[1, 0]
    value = (rose - fell) / n
    b, c, m = rose + 0.5, fell + 0.5, n + 2
    half = float(special.ndtri((1 + level) / 2)) * math.sqrt(b + c - (b - c) ** 2 / m) / m
    centre = (b - c) / m
    return within(value, [centre - half, centre + half], level, n, _("difference of shares"))


def _odds(table: Floats, level: float, n: int) -> dict[str, Estimate]:
    """Odds of moving up against moving down, with the exact interval."""
    from scipy.stats import binomtest

    rose, fell = int(table[0, 1]), int(table[1, 0])
    if rose + fell == 0:
        return {}
    interval = binomtest(rose, rose + fell).proportion_ci(confidence_level=level)
    low, high = (float(p) / (1 - float(p)) if p < 1 else float("inf") for p in (interval.low, interval.high))
    ratio = rose / fell if fell else float("inf")
    return {"odds_ratio": Estimate(ratio, low, high, level=level, n=n, name=_("odds ratio"))}


def _interval(value: float, se: float, df: float, level: float, n: int) -> Estimate:
    from scipy import special

    half = float(special.stdtrit(df, (1 + level) / 2)) * se
    return Estimate(value, value - half, value + half, level=level, se=se, df=df, n=n, name=_("difference"))


def _headings() -> dict[str, str]:
    return {"n": "n", "mean": _("Mean"), "mean_rank": _("Mean rank")}
