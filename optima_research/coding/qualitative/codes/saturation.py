"""When do interviews stop bringing new codes? The curve as it was lived, the curve free of order, the codes unseen."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
import pandas as pd

from optima_research.coding.qualitative.projects._codes_in_use import codes_asked
from optima_research.coding.qualitative.projects.project import CodedProject
from optima_research.coding.qualitative.projects.retrieval import sources_where
from optima_research.coding.quantitative.items import require_choice
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import (
    counted,
    format_count,
    format_interval,
    format_number,
    format_percent,
)
from optima_research.results import Column, Estimate, Protect, PublicationTable, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Interview = Literal["source", "case"]
_COUNTS = ("new", "cumulative", "expected", "low", "high", "ratio")


def saturation(
    project: CodedProject,
    *,
    by: Interview = "source",
    order: Sequence[str] | None = None,
    where: Mapping[str, Any] | None = None,
    codes: Sequence[str] | None = None,
    coder: str | None = None,
    base: int = 4,
    run: int = 2,
    threshold: float = 0.05,
    draws: int = 1000,
    seed: int = 20,
    confidence: float = 0.95,
) -> Saturation:
    """New codes by interview, in the order of the field and whatever the order.

    Parameters
    ----------
    project : CodedProject
    by : {"source", "case"}
        What counts for one interview.
    order : sequence of str, optional
        The order in which interviews were held; by default that of the project.
    where : mapping, optional
        Variable of cases or sources → value, or collection of values: only these interviews (one collectivité, say).
    codes : sequence of str, optional
        Codes that count; by default every code used.
    coder : str, optional
        Only that coder's codings.
    base, run, threshold :
        Guest, Namey and Chen (2020): saturation is reached at the first interview that ends a run of ``run``
        interviews bringing at most ``threshold`` of the codes of the first ``base``.
    draws, seed, confidence :
        Random orders for the band around the order-free curve.

    Returns
    -------
    Saturation
        ``curve`` (index rank from 1: ``interview new cumulative expected low high ratio``), ``n_codes``,
        ``unseen`` (Estimate: codes that more interviews would bring), ``coverage``, ``reached_at`` (None if not).

    Raises
    ------
    AnalysisError
        No interview, an unknown value of ``by`` or ``where``, or an order that does not name every interview.

    Notes
    -----
    The order-free curve is the exact mean over all orders (hypergeometric rarefaction), its band the percentiles of
    random orders. Unseen codes are Chao2's lower bound with its log-normal interval (Chao 1987). An interview that
    brings nothing adds nothing and forgets nothing. These figures describe a curve: whether the study is saturated
    stays the researcher's argument.

    References
    ----------
    Guest, Namey & Chen (2020) PLoS ONE 15(5) e0232076; Chao (1987) Biometrics 43:783.

    Examples
    --------
    >>> from optima_research.coding.qualitative import coded_project
    >>> names = ["E1", "E2", "E3"]
    >>> project = coded_project(
    ...     pd.DataFrame({"name": names, "text": "Le budget est voté."}),
    ...     pd.DataFrame({"source": ["E1", "E1", "E3"], "start": 3, "end": 9, "code": ["a", "b", "c"]}))
    >>> saturation(project, draws=0).curve["cumulative"].tolist()
    [2, 2, 3]
    """
    table, names = _incidence(project, by, order, where, codes, coder)
    n, frequency = len(table), _frequencies(table)
    cumulative = (np.cumsum(table, axis=0) > 0).sum(axis=1)
    new = np.diff(cumulative, prepend=0)
    expected = rarefaction(frequency, n)
    low, high = _band(table, draws, seed, confidence)
    ratio, reached = _base_run(new, cumulative, base, run, threshold)
    curve = pd.DataFrame(
        {
            "interview": names,
            "new": new,
            "cumulative": cumulative,
            "expected": expected,
            "low": low,
            "high": high,
            "ratio": ratio,
        },
        index=pd.RangeIndex(1, n + 1, name="rank"),
    )
    seen = int((frequency > 0).sum())
    unseen = chao2_unseen(frequency, n, confidence)
    return Saturation(
        curve=curve,
        n_codes=seen,
        n_interviews=n,
        unseen=unseen,
        coverage=seen / (seen + unseen.value) if seen else float("nan"),
        reached_at=reached,
        base=base,
        run=run,
        threshold=threshold,
        confidence=confidence,
        draws=draws,
    )


@dataclass(frozen=True, eq=False, repr=False)
class Saturation(Result):
    """The two curves, the codes unseen, and the base/run rule."""

    curve: pd.DataFrame
    n_codes: int
    n_interviews: int
    unseen: Estimate
    coverage: float
    reached_at: int | None
    base: int
    run: int
    threshold: float
    confidence: float
    draws: int
    rule_told: bool = True
    shown: PublicationTable | None = None

    def table(self) -> PublicationTable:
        """One line an interview."""
        return self.shown if self.shown is not None else self._table()

    def protected(self, protect: Protect) -> Self:
        """The order-free curve; what one interview brought, and which, only under a policy that hides nothing."""
        table = protect(self._table())
        if table.suppressed is None:
            return replace(self, shown=table)
        hidden = table.suppressed[list(_COUNTS)].set_axis(self.curve.index)
        curve = self.curve.assign(interview="", **self.curve[list(_COUNTS)].mask(hidden).to_dict("series"))
        rest = replace(self, curve=curve, reached_at=None, rule_told=False)
        if hidden["expected"].all():
            rest = replace(rest, n_codes=0, unseen=Estimate(float("nan")), coverage=float("nan"))
        rest = replace(rest, shown=table)
        return replace(rest, shown=table.with_notes(reading=rest.sentence()))

    def _table(self) -> PublicationTable:
        body = self.curve.set_index(self.curve.index.astype(str))
        columns = (
            Column("new", _("New codes"), kind="count"),
            Column("cumulative", _("Codes so far"), kind="count"),
            Column("expected", _("Mean over all orders"), decimals=1),
            Column(("low", "high"), _("Band"), kind="interval", decimals=0),
            Column("ratio", _("New in the run / base"), kind="percent"),
        )
        return PublicationTable(
            title=_("New codes by interview"),
            body=body,
            columns=columns,
            stub=_("Interview"),
            reading=self.sentence(),
            note=self.method_note(),
            name="saturation",
            bases=self._bases(body.index),
            attributes={"additive_rows": False},
        )

    def _bases(self, index: pd.Index) -> pd.DataFrame:
        """Interviews behind each number: one, for what it brought; the run, for its rate; all, for the mean curve."""
        one = dict.fromkeys(("interview", "new", "cumulative"), 1)
        everyone = dict.fromkeys(("expected", "low", "high"), self.n_interviews)
        return pd.DataFrame({**one, **everyone, "ratio": self.run}, index=index)

    def sentence(self) -> str:
        """Codes seen, codes probably unseen, and whether the rule is met; never a decree."""
        if not self.n_codes and not self.rule_told:
            return _("Too few interviews to tell what they brought.")
        codes = counted(self.n_codes, _("{n} code"), _("{n} codes"))
        brought = {"n": format_count(self.n_interviews), "codes": codes}
        if self.n_interviews < 2:
            said = _("One interview brought {codes}; nothing can be said of those still unseen.", **brought)
        elif self.unseen.value < 0.5:
            said = _("{n} interviews brought {codes}; nothing tells of codes still unseen.", **brought)
        else:
            said = _(
                "{n} interviews brought {codes}; about {unseen} more are probably unseen {interval}.",
                unseen=format_number(self.unseen.value, 0),
                interval=format_interval(self.unseen.low, self.unseen.high, 0),
                **brought,
            )
        if not self.rule_told:
            return said
        if self.reached_at is not None:
            rule = _(
                "By the base/run rule (base of {base} interviews, runs of {run}, threshold of {threshold}), "
                "the threshold is reached with interview {at}.",
                base=self.base, run=self.run, threshold=format_percent(self.threshold, 0), at=self.reached_at,
            )  # fmt: skip
        elif self.n_interviews < self.base + self.run:
            rule = _("There are too few interviews for the base/run rule.")
        else:
            rule = _(
                "The base/run rule (base of {base} interviews, runs of {run}, threshold of {threshold}) is not met.",
                base=self.base, run=self.run, threshold=format_percent(self.threshold, 0),
            )  # fmt: skip
        return f"{said} {rule}"

    def method_note(self) -> str:
        """How the curves and the estimate are made."""
        return _(
            "Mean over all orders: exact (hypergeometric); band: {draws} random orders; unseen codes: Chao2, a lower "
            "bound. The curve describes the field, it does not decide that it is enough.",
            draws=format_count(self.draws),
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """The lived curve as steps, the order-free curve with its band."""
        from matplotlib.ticker import MaxNLocator

        from optima_research.results.style import GRID, INK, axes, palette

        ax = axes(ax, rows=10)
        rank, curve = self.curve.index.to_numpy(), self.curve
        if curve["low"].notna().all():
            band = _("{level} of orders drawn at random", level=format_percent(self.confidence, 0))
            ax.fill_between(rank, curve["low"], curve["high"], color=GRID, linewidth=0, label=band)
        ax.plot(rank, curve["expected"], color=INK, linestyle="--", label=_("mean over all orders"))
        if curve["cumulative"].notna().any():
            ax.plot(
                rank, curve["cumulative"], color=palette(1)[0], marker="o", markersize=3.5, drawstyle="steps-post",
                    label=_("order of the field"),
            )  # fmt: skip
        ax.set_xlabel(_("Interviews"))
        ax.set_ylabel(_("Distinct codes"))
        ax.set_ylim(0, 1.08 * max(self.n_codes, 1))
        ax.set_xlim(0.5, self.n_interviews + 0.5)
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_locator(MaxNLocator(integer=True))
        ax.legend(frameon=False, fontsize=8, loc="lower right")
        return ax

    def statistics(self) -> dict[str, Estimate | float]:
        """Codes seen, unseen and coverage."""
        return {"codes": float(self.n_codes), "unseen": self.unseen, "coverage": self.coverage}


def rarefaction(frequency: Any, n: int) -> Any:
    """Mean number of distinct codes in k of n interviews, for k = 1…n, over all choices.

    Parameters
    ----------
    frequency : array of int
        Number of interviews that bear each code.
    n : int

    Examples
    --------
    >>> rarefaction(np.array([2, 1]), 2).tolist()
    [1.5, 2.0]
    """
    from scipy.special import gammaln

    present = np.asarray(frequency)[np.asarray(frequency) > 0].astype(float)
    k = np.arange(1, n + 1)[:, None]
    rest = n - present[None, :]
    possible = rest >= k
    room = np.where(possible, rest, k)
    absent = np.exp(gammaln(room + 1) - gammaln(room - k + 1) + gammaln(n - k + 1) - gammaln(n + 1))
    return (1 - np.where(possible, absent, 0.0)).sum(axis=1)


def chao2_unseen(frequency: Any, n: int, confidence: float = 0.95) -> Estimate:
    """Chao2's lower bound of the codes that no interview bore yet, with its log-normal interval (as R vegan's).

    Parameters
    ----------
    frequency : array of int
        Number of interviews that bear each code.
    n : int
        Number of interviews.
    confidence : float

    Examples
    --------
    >>> chao2_unseen(np.array([1, 1, 2, 5]), 6).value
    1.6666666666666667
    """
    from scipy.stats import norm

    frequency = np.asarray(frequency)
    once, twice = int((frequency == 1).sum()), int((frequency == 2).sum())
    a = (n - 1) / n if n else 0.0
    if twice:
        value, r = a * once**2 / (2 * twice), once / twice
        variance = twice * (a / 2 * r**2 + a**2 * r**3 + a**2 / 4 * r**4)
    else:
        value = a * once * (once - 1) / 2
        seen = int((frequency > 0).sum())
        total = max(seen + value, 1.0)
        variance = (
            a * once * (once - 1) / 2 + a**2 * once * (2 * once - 1) ** 2 / 4 - a**2 * once**4 / (4 * total)
        )
    if value <= 0 or variance <= 0:
        return Estimate(value, max(value, 0.0), max(value, 0.0), confidence, n=n, name="unseen")
    z = float(norm.ppf((1 + confidence) / 2))
    spread = math.exp(z * math.sqrt(math.log(1 + variance / value**2)))
    return Estimate(
        value, value / spread, value * spread, confidence, math.sqrt(variance), n=n, name="unseen"
    )


def _incidence(
    project: CodedProject,
    by: str,
    order: Sequence[str] | None,
    where: Mapping[str, Any] | None,
    codes: Sequence[str] | None,
    coder: str | None,
) -> tuple[Any, list[str]]:
    """Interviews × codes, in the order wanted; an interview without codings is a row of zeros."""
    require_choice("by", by, Interview)
    cases = project.case_of()
    label = {s: (cases[s] if by == "case" else s) for s in sources_where(project, where)}
    names = list(dict.fromkeys(label.values()))
    if order is not None:
        unknown = sorted(set(names) ^ set(order))
        if unknown:
            raise AnalysisError(
                _(
                    "The order must name every interview once: {names}.",
                    names=", ".join(map(str, unknown[:5])),
                ),
                parameter="order",
            )
        names = list(order)
    if not names:
        raise AnalysisError(_("There is no interview."), parameter="project")
    spans = project.codings_of(coder)
    spans = spans[spans["source"].isin(label)]
    wanted = codes_asked(project, spans, codes)
    spans = spans[spans["code"].isin(wanted)]
    table = np.zeros((len(names), len(wanted)), dtype=np.int64)
    table[
        pd.Index(names).get_indexer(spans["source"].map(label)), pd.Index(wanted).get_indexer(spans["code"])
    ] = 1
    return table, [str(name) for name in names]


def _frequencies(table: Any) -> Any:
    """Interviews that bear each code."""
    frequency = table.sum(axis=0)
    if not frequency.any():
        raise AnalysisError(
            _("No code is used in these interviews."),
            parameter="project",
            hint=_("Check the coder, the codes and the interviews asked for."),
        )
    return frequency


def _band(table: Any, draws: int, seed: int, confidence: float) -> tuple[Any, Any]:
    n = len(table)
    if draws < 2:
        return np.full(n, np.nan), np.full(n, np.nan)
    rng = np.random.default_rng(seed)
    curves = np.empty((draws, n))
    for i in range(draws):
        curves[i] = (np.maximum.accumulate(table[rng.permutation(n)], axis=0)).sum(axis=1)
    tail = 50 * (1 - confidence)
    low, high = np.percentile(curves, [tail, 100 - tail], axis=0)
    return low, high


def _base_run(new: Any, cumulative: Any, base: int, run: int, threshold: float) -> tuple[Any, int | None]:
    """New codes in the run that ends at each interview over the codes of the base; first rank under the threshold."""
    n = len(new)
    ratio = np.full(n, np.nan)
    if n < base + run or base < 1 or run < 1 or not cumulative[base - 1]:
        return ratio, None
    for end in range(base + run - 1, n):
        ratio[end] = new[end - run + 1 : end + 1].sum() / cumulative[base - 1]
    under = np.flatnonzero(ratio <= threshold)
    return ratio, int(under[0]) + 1 if len(under) else None
