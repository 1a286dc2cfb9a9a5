"""Agreement between coders who rated the same units: chance-corrected coefficients, with intervals.

Units and coders are in rows and columns. Whatever the coefficient, the table is reduced once to sums over distinct
patterns of ratings, so thousands of bootstrap draws cost one matrix product (``_agreement_kernels``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Self, get_args

import numpy as np
import pandas as pd

from optima_research.coding.qualitative.coders import _agreement_kernels as kernels
from optima_research.coding.qualitative.coders._agreement_encoding import encode_ratings
from optima_research.coding.qualitative.coders._agreement_intervals import (
    Interval,
    analytic_interval,
    bootstrap_interval,
    pair_interval,
)
from optima_research.coding.qualitative.coders._agreement_work import LEVEL_WEIGHTS, Work
from optima_research.coding.quantitative.items import require_choice
from optima_research.errors import AnalysisError, suggest
from optima_research.language import _
from optima_research.language.numbers import format_count, format_level, format_number
from optima_research.results import Column, Estimate, Protect, PublicationTable, Result, Verdict
from optima_research.results.frames import Data, as_frame, column_names

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Coefficient = Literal[
    "krippendorff_alpha",
    "cohen_kappa",
    "fleiss_kappa",
    "conger_kappa",
    "gwet_ac1",
    "gwet_ac2",
    "brennan_prediger",
    "percent",
    "positive_agreement",
    "negative_agreement",
]
Level = Literal["nominal", "ordinal", "interval", "ratio"]
Weights = Literal["identity", "linear", "quadratic", "ordinal", "ratio"]
IntervalMethod = Literal["bootstrap", "analytic", "pairs", "none"]


def agreement(
    ratings: Data,
    coefficient: Coefficient = "krippendorff_alpha",
    level: Level = "nominal",
    *,
    coders: Sequence[str] | None = None,
    weights: Weights | None = None,
    categories: Sequence[Any] | None = None,
    positive: Any = 1,
    interval: IntervalMethod = "bootstrap",
    clusters: Iterable[Any] | None = None,
    draws: int = 2000,
    seed: int = 20,
    confidence: float = 0.95,
    minimum: float | None = None,
) -> Agreement:
    """How far coders agree on the same units, beyond chance, with an interval.

    Parameters
    ----------
    ratings : DataFrame or Survey
        One row a unit (answer, turn, sentence), one column a coder; missing where a coder did not rate the unit.
    coefficient : str
        ``krippendorff_alpha`` (default), ``cohen_kappa`` (two coders, units both rated), ``fleiss_kappa``,
        ``conger_kappa``, ``gwet_ac1``, ``gwet_ac2``, ``brennan_prediger``, ``percent``, or the agreement on one
        value only, ``positive_agreement`` and ``negative_agreement``.
    level : {"nominal", "ordinal", "interval", "ratio"}
        Level of measurement: the metric of alpha, and the default weights of the other coefficients.
    coders : sequence of str, optional
        Columns to use; all by default.
    weights : str, optional
        Credit for near values in weighted coefficients (Gwet 2014): ``identity linear quadratic ordinal ratio``.
    categories : sequence, optional
        The declared scale in its order, used or not. Brennan-Prediger and Gwet depend on its length. By default the
        categories of a categorical column, else the values met.
    positive : object
        The value ``positive_agreement`` is about (``negative_agreement``: all the others together).
    interval : {"bootstrap", "analytic", "pairs", "none"}
        Percentile bootstrap over units or clusters; the linearised standard error with Student's t; or, for alpha,
        the bootstrap of Hayes and Krippendorff (2007), which draws pairs of ratings and keeps the expected
        disagreement: narrower, because it takes pairs of one unit for independent.
    clusters : array-like, optional
        Interview of each unit: whole interviews are then resampled, since one interviewee is one witness.
    draws, seed : int
        Number of bootstrap draws, and the seed they come from.
    confidence : float
        Level of the interval.
    minimum : float, optional
        A value fixed in advance that the study must reach; the sentence then says whether it does.

    Returns
    -------
    Agreement
        ``value low high se n_units n_coders observed expected reason``

    Raises
    ------
    AnalysisError
        Fewer than two coders (named), more than two for Cohen, values outside ``categories``, negative values at
        ratio level.

    Notes
    -----
    Krippendorff's alpha by closed forms of the coincidences, so memory grows with units and not with the square of
    the values; the ordinal metric is the squared distance of mid-ranks. Values are NaN, with a ``reason``, when
    nothing varies or when no unit has two ratings. Standard errors are Gwet's (2008, 2014). Degenerate bootstrap
    draws are left out and counted. Coefficients equal R irrCAC to 5e-6 and the closed forms to 1e-10.

    References
    ----------
    Krippendorff (2011); Gwet (2014) *Handbook of inter-rater reliability*; Cicchetti & Feinstein (1990).

    Examples
    --------
    >>> import pandas as pd
    >>> ratings = pd.DataFrame({"Anne": [1, 2, 3, 3, 2, 1, 4, 1, 2], "Bruno": [1, 2, 3, 3, 2, 2, 4, 1, 2]})
    >>> round(agreement(ratings).value, 3)
    0.852
    """
    require_choice("level", level, Level)
    require_choice("interval", interval, IntervalMethod)
    work = _work(
        _rating_columns(ratings, coders, coefficient), coefficient, level, weights, categories, positive
    )
    observed, expected, value = (float(part[0]) for part in work.point())
    reason = "" if np.isfinite(value) else _why_undefined(work.codes)
    blocks = _blocks(clusters, len(work.codes))
    bounds = Interval()
    if interval == "bootstrap" and not reason:
        bounds = bootstrap_interval(work, blocks, draws, seed, confidence)
    elif interval == "analytic" and not reason:
        bounds = analytic_interval(work, value, confidence)
    elif interval == "pairs" and not reason:
        bounds = pair_interval(work, draws, seed, confidence)
    return Agreement(
        value=value,
        low=bounds.low,
        high=bounds.high,
        se=bounds.se,
        confidence=confidence,
        coefficient=coefficient,
        level=level,
        weights=work.weights,
        observed=observed,
        expected=expected,
        n_units=int(((work.codes >= 0).sum(axis=1) >= 2).sum()),
        n_units_total=len(work.codes),
        n_coders=work.codes.shape[1],
        n_clusters=0 if blocks is None else int(blocks.max(initial=-1)) + 1,
        interval=interval,
        draws=draws if interval in {"bootstrap", "pairs"} else 0,
        draws_undefined=bounds.undefined,
        seed=seed,
        minimum=minimum,
        reason=reason,
    )


@dataclass(frozen=True, eq=False, repr=False)
class Agreement(Result):
    """One coefficient of agreement, what it rests on and how its interval was made."""

    value: float
    low: float
    high: float
    se: float
    confidence: float
    coefficient: str
    level: str
    weights: str
    observed: float
    expected: float
    n_units: int
    n_units_total: int
    n_coders: int
    n_clusters: int
    interval: str
    draws: int
    draws_undefined: int
    seed: int
    minimum: float | None = None
    reason: str = ""

    @property
    def estimate(self) -> Estimate:
        """The coefficient with its interval."""
        return Estimate(
            self.value,
            self.low,
            self.high,
            self.confidence,
            self.se,
            n=self.n_units,
            name=self.coefficient_label,
        )

    @property
    def coefficient_label(self) -> str:
        """Full name of the coefficient, never a bare symbol."""
        return coefficient_label(self.coefficient)

    @property
    def observed_is_share(self) -> bool:
        """Whether ``observed`` reads as a share: from the ordinal level up, alpha counts distances."""
        return self.coefficient != "krippendorff_alpha" or self.level == "nominal"

    @property
    def verdict(self) -> Verdict:
        """Against ``minimum``: different (above or below it) or inconclusive."""
        if self.minimum is None:
            return Verdict.INCONCLUSIVE
        return Verdict.decide(self.low, self.high, null=self.minimum)

    def table(self) -> PublicationTable:
        """One line: coefficient, interval, observed agreement where it is a share, units and coders."""
        body = pd.DataFrame(
            {
                "value": [self.value],
                "low": [self.low],
                "high": [self.high],
                "observed": [self.observed],
                "n_units": [self.n_units],
                "n_coders": [self.n_coders],
            },
            index=[self.coefficient_label],
        )
        observed = (
            (Column("observed", _("Observed agreement"), decimals=2),) if self.observed_is_share else ()
        )
        columns = (
            Column("value", _("Value"), decimals=2),
            Column(("low", "high"), format_level(self.confidence), kind="interval", decimals=2),
            *observed,
            Column("n_units", _("Units"), kind="count"),
            Column("n_coders", _("Coders"), kind="count"),
        )
        return PublicationTable(
            title=_("Agreement between coders"),
            body=body if observed else body.drop(columns="observed"),
            columns=columns,
            stub=_("Coefficient"),
            reading=self.sentence(),
            note=self.method_note(),
            name="agreement",
        )

    def protected(self, protect: Protect) -> Self:
        """Itself: agreement tells of those who code, not of those who speak."""
        return self

    def sentence(self) -> str:
        """The value, its interval and what it rests on; whether a minimum fixed in advance is reached."""
        if self.reason:
            return _("{name} is not defined here: {reason}", name=self.coefficient_label, reason=self.reason)
        said = _(
            "{name} is {value}, from {units} units rated by {coders} coders.",
            name=self.coefficient_label,
            value=str(self.estimate),
            units=format_count(self.n_units),
            coders=format_count(self.n_coders),
        )
        return f"{said} {self.against_minimum()}".strip()

    def against_minimum(self) -> str:
        """Whether the minimum fixed in advance is reached; nothing when none was."""
        if self.minimum is None:
            return ""
        bound = format_number(self.minimum, 2)
        if self.low > self.minimum:
            return _("It exceeds the minimum of {bound} fixed in advance.", bound=bound)
        if self.high < self.minimum:
            return _("It stays below the minimum of {bound} fixed in advance.", bound=bound)
        return _("These units do not tell whether the minimum of {bound} is reached.", bound=bound)

    def method_note(self) -> str:
        """How the interval was made, in words."""
        level = {
            "nominal": _("nominal"),
            "ordinal": _("ordinal"),
            "interval": _("interval"),
            "ratio": _("ratio"),
        }
        said = _("Level of measurement: {level}.", level=level[self.level])
        if self.interval == "analytic":
            return said + " " + _("Interval from the linearised standard error, Student's t.")
        if self.interval == "none" or not self.draws:
            return said
        what = _("interviews") if self.n_clusters else _("units")
        what = _("pairs of ratings (Hayes and Krippendorff 2007)") if self.interval == "pairs" else what
        made = _(
            "Percentile bootstrap over {what}, {draws} draws, seed {seed}; undefined draws left out: {undefined}.",
            what=what,
            draws=format_count(self.draws),
            seed=self.seed,
            undefined=format_count(self.draws_undefined),
        )
        return f"{said} {made}"

    def plot(self, ax: Axes | None = None) -> Axes:
        """The coefficient and its interval on the scale from 0 to 1."""
        from optima_research.coding.qualitative._figures import forest

        frame = pd.DataFrame({"value": [self.value], "low": [self.low], "high": [self.high]})
        return forest(frame.set_axis([self.coefficient_label]), _("Agreement"), ax=ax, reference=self.minimum)

    def statistics(self) -> dict[str, Estimate | float]:
        """The coefficient, and the observed agreement where it is a share."""
        found: dict[str, Estimate | float] = {self.coefficient: self.estimate}
        return found | ({"observed_agreement": self.observed} if self.observed_is_share else {})


def coefficient_label(coefficient: str) -> str:
    """Full name of a coefficient in the reader's language."""
    return {
        "krippendorff_alpha": _("Krippendorff's alpha"),
        "cohen_kappa": _("Cohen's kappa"),
        "fleiss_kappa": _("Fleiss' kappa"),
        "conger_kappa": _("Conger's kappa"),
        "gwet_ac1": _("Gwet's AC1"),
        "gwet_ac2": _("Gwet's AC2"),
        "brennan_prediger": _("Brennan-Prediger coefficient"),
        "percent": _("Raw agreement"),
        "positive_agreement": _("Positive agreement"),
        "negative_agreement": _("Negative agreement"),
    }[coefficient]


def _work(
    frame: pd.DataFrame,
    coefficient: str,
    level: str,
    weights: str | None,
    categories: Sequence[Any] | None,
    positive: Any,
) -> Work:
    codes, values, labels = encode_ratings(frame, categories, level)
    if coefficient == "cohen_kappa":
        codes = np.where((codes >= 0).all(axis=1, keepdims=True), codes, -1)
    position = _position(labels, positive, coefficient)
    return Work(codes, values, coefficient, level, weights or LEVEL_WEIGHTS[level], position)


def _blocks(clusters: Iterable[Any] | None, n_units: int) -> kernels.Ints | None:
    if clusters is None:
        return None
    blocks: kernels.Ints = pd.factorize(pd.Series(list(clusters)), use_na_sentinel=False)[0].astype(np.int64)
    if len(blocks) == n_units:
        return blocks
    raise AnalysisError(
        _("There must be one cluster for each unit."), parameter="clusters", expected=n_units, got=len(blocks)
    )


def _rating_columns(ratings: Data, coders: Sequence[str] | None, coefficient: str) -> pd.DataFrame:
    if coefficient not in get_args(Coefficient):
        raise AnalysisError(
            _("There is no coefficient « {name} ».", name=coefficient),
            parameter="coefficient",
            expected=", ".join(get_args(Coefficient)),
            hint=suggest(coefficient, get_args(Coefficient)) or None,
        )
    frame = as_frame(ratings, coders if coders is not None else column_names(ratings))
    if frame.shape[1] < 2:
        raise AnalysisError(
            _(
                "Agreement needs two coders; there is only {names}.",
                names=", ".join(map(str, frame.columns)) or "–",
            ),
            parameter="ratings",
            hint=_("Give one column a coder and one row a unit."),
        )
    if coefficient == "cohen_kappa" and frame.shape[1] > 2:
        raise AnalysisError(
            _("Cohen's kappa is for two coders; there are {n}.", n=frame.shape[1]),
            parameter="coefficient",
            hint=_("Use conger_kappa, which generalises it, or krippendorff_alpha."),
        )
    return frame


def _position(labels: list[Any], positive: Any, coefficient: str) -> int:
    if coefficient not in {"positive_agreement", "negative_agreement"}:
        return -1
    if positive in labels:
        return labels.index(positive)
    raise AnalysisError(
        _("No coder ever gave the value « {value} ».", value=positive),
        parameter="positive",
        expected=", ".join(map(str, labels[:12])),
    )


def _why_undefined(codes: kernels.Ints) -> str:
    if int((codes >= 0).sum(axis=1).max(initial=0)) < 2:
        return _("no unit was rated by two coders.")
    return _("no variation, every coder always gave the same value.")
