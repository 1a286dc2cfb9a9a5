"""Means, totals, proportions and ratios under a sampling design, for everybody or by domain.

Each is linearised (Taylor) into scores whose weighted total has the variance of the estimate.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import pandas as pd

from optima_research.errors import DesignError, suggest
from optima_research.language import _
from optima_research.results import Estimate
from optima_research.results.frames import label_of, numeric
from optima_research.sampling._structure import domain_codes, label_of_code, shown
from optima_research.sampling._variance_kernels import (
    Codes,
    Floats,
    degrees_of_freedom,
    domain_variances,
    sums_by,
)
from optima_research.sampling.regime import Regime, require_regime

if TYPE_CHECKING:
    from optima_research.sampling.design import SurveyDesign

By: TypeAlias = "str | Sequence[str] | None"
DeffReference: TypeAlias = Literal["without_replacement", "with_replacement"]


@dataclass(frozen=True)
class DesignEstimate(Estimate):
    """An estimate with what the sampling design did to it.

    Parameters
    ----------
    deff : float
        Design effect: variance over that of a simple random sample of the same size.
    n_missing : int
        Respondents of the design without a valid outcome.
    regime : {"descriptive", "analytic"}
    method : str
        How the interval was built.
    """

    deff: float = float("nan")
    n_missing: int = 0
    regime: str = ""
    method: str = "t"


@dataclass(frozen=True, eq=False)
class Domains:
    """The groups estimates are asked for: a code for each respondent (−1 outside) and their labels."""

    codes: Codes
    labels: pd.Index | None

    @property
    def count(self) -> int:
        """Number of groups."""
        return 1 if self.labels is None else len(self.labels)

    def within(self, observed: np.ndarray) -> Codes:
        """Codes with respondents lacking an outcome moved outside: they stay in the design, not in the domain."""
        return np.where(observed, self.codes, -1)

    def sums(self, values: Floats, codes: Codes) -> Floats:
        """Sums of values by group."""
        inside = codes >= 0
        return sums_by(codes[inside], values[inside], self.count)


@dataclass(frozen=True, eq=False)
class Linearised:
    """Estimates of each domain and the score of each respondent in their own domain (zero outside)."""

    values: Floats
    scores: Floats
    codes: Codes
    domains: Domains
    name: str


@dataclass(frozen=True, eq=False)
class Precision:
    """Variance of linearised estimates: standard errors, degrees of freedom, sizes and design effects."""

    se: Floats
    df: Floats
    n: Codes
    deff: Floats
    n_missing: int


def read_domains(design: SurveyDesign, by: By) -> Domains:
    """The domains a call asks for."""
    if by is None:
        return Domains(np.zeros(design.n, dtype=np.int64), None)
    names = [by] if isinstance(by, str) else list(by)
    return Domains(*domain_codes(design.data, names))


def linearise_mean(design: SurveyDesign, outcome: Floats, domains: Domains, name: str) -> Linearised:
    """Weighted mean: score (y − mean) / sum of weights."""
    return linearise_ratio(design, outcome, np.where(np.isnan(outcome), np.nan, 1.0), domains, name)


def linearise_ratio(
    design: SurveyDesign, numerator: Floats, denominator: Floats, domains: Domains, name: str
) -> Linearised:
    """Ratio of two totals: score (y − R x) / total of x."""
    observed = ~(np.isnan(numerator) | np.isnan(denominator))
    codes = domains.within(observed)
    over, under = np.where(observed, numerator, 0.0), np.where(observed, denominator, 0.0)
    bottom = domains.sums(design.weight_array * under, codes)
    with np.errstate(invalid="ignore", divide="ignore"):
        values = domains.sums(design.weight_array * over, codes) / bottom
        scores = np.where(codes >= 0, (over - values[codes] * under) / bottom[codes], 0.0)
    return Linearised(values, scores, codes, domains, name)


def linearise_total(design: SurveyDesign, outcome: Floats, domains: Domains, name: str) -> Linearised:
    """Weighted total: the outcome is its own score."""
    codes = domains.within(~np.isnan(outcome))
    scores = np.where(codes >= 0, outcome, 0.0)
    return Linearised(domains.sums(design.weight_array * scores, codes), scores, codes, domains, name)


def precision(
    design: SurveyDesign,
    linear: Linearised,
    regime: Regime | None,
    deff: DeffReference = "without_replacement",
) -> Precision:
    """Standard errors and what goes with them for linearised estimates.

    Raises
    ------
    DesignError
        No regime, or a stratum with a single unit that stands for others.
    """
    corrected = require_regime(regime, design.stage)
    count = linear.domains.count
    variance = _variances(design, linear, corrected=corrected)
    refuse_singletons(design, variance)
    n = np.bincount(linear.codes[linear.codes >= 0], minlength=count)
    # Two sums of squares of rounding noise around zero are zero: a census has no sampling error.
    se = np.sqrt(np.maximum(variance, 0.0))
    df = degrees_of_freedom(linear.codes, count, design.live_units, design.stage)
    empty = n == 0
    return Precision(
        np.where(empty, np.nan, se),
        np.where(empty, np.nan, df),
        n,
        variance / _simple_variance(design, linear, deff),
        int((linear.domains.codes >= 0).sum() - n.sum()),
    )


def summarise(
    linear: Linearised,
    found: Precision,
    low: Floats,
    high: Floats,
    *,
    level: float,
    regime: str,
    method: str = "t",
) -> DesignEstimate | pd.DataFrame:
    """One estimate, or a table of domains with columns ``value se low high n deff``."""
    if linear.domains.labels is None:
        return single_estimate(linear, found, low, high, level=level, regime=regime, method=method)
    columns = {
        "value": linear.values,
        "se": found.se,
        "low": low,
        "high": high,
        "n": found.n,
        "deff": found.deff,
    }
    return pd.DataFrame(columns, index=linear.domains.labels)


def single_estimate(
    linear: Linearised,
    found: Precision,
    low: Floats,
    high: Floats,
    *,
    level: float,
    regime: str,
    method: str = "t",
) -> DesignEstimate:
    """The estimate of the only domain."""
    numbers = [float(x[0]) for x in (linear.values, low, high, found.se, found.df, found.deff)]
    value, bottom, top, se, df, deff = numbers
    n = int(found.n[0])
    return DesignEstimate(
        value, bottom, top, level, se, df, n, linear.name, deff, found.n_missing, regime, method
    )


def as_rows(found: DesignEstimate | pd.DataFrame) -> pd.DataFrame:
    """Estimates as rows ``value se low high n deff``: a single one is one row."""
    if isinstance(found, pd.DataFrame):
        return found
    return pd.DataFrame(
        {name: [getattr(found, name)] for name in ("value", "se", "low", "high", "n", "deff")}
    )


def t_interval(values: Floats, se: Floats, df: Floats, level: float) -> tuple[Floats, Floats]:
    """Estimate ± t(df) × standard error; no interval without a degree of freedom."""
    margin = t_quantile(level, df) * se
    return values - margin, values + margin


def t_quantile(level: float, df: Floats) -> Floats:
    """Two-sided quantile of Student's t; NaN where there is no degree of freedom."""
    from scipy.special import stdtrit

    usable = np.where(df > 0, df, np.nan)
    return np.asarray(stdtrit(usable, (1 + level) / 2))


def outcome_of(design: SurveyDesign, name: str) -> Floats:
    """A column as floats, NaN where the answer is missing."""
    return np.asarray(numeric(design.data, name).to_numpy(), dtype=float)


def indicator_of(design: SurveyDesign, name: str, category: Hashable) -> Floats:
    """1 where the answer is that category, 0 where it is another, NaN where it is missing."""
    codes, labels = domain_codes(design.data, [name])
    category = label_of_code(design.data, name, category)
    place = next((i for i, label in enumerate(labels) if shown(label) == shown(category)), None)
    if place is None:
        raise DesignError(
            _(
                "Nobody answered « {category} » to « {name} ».",
                category=category,
                name=label_of(design.data, name),
            ),
            parameter="category",
            expected=", ".join(map(shown, labels)),
            hint=suggest(category, labels) or None,
        )
    return np.where(codes < 0, np.nan, (codes == place).astype(float))


def refuse_singletons(design: SurveyDesign, variance: Floats) -> None:
    """A stratum with one unit standing for others leaves the variance undefined: say so and what to do."""
    if not np.isnan(variance).any() or (design.stage.drawn > 1).all():
        return
    alone = [
        label for label, drawn in zip(design.stage.labels, design.stage.drawn, strict=True) if drawn == 1
    ]
    raise DesignError(
        _(
            "A stratum with a single unit has no variance: {names}.",
            names=", ".join(f"« {name} »" for name in alone),
        ),
        parameter="strata",
        hint=_("Merge it with a neighbouring stratum, chosen before looking at the outcome."),
    )


def _variances(design: SurveyDesign, linear: Linearised, *, corrected: bool) -> Floats:
    weights, count = design.weight_array, linear.domains.count
    if not design.calibrations:
        return domain_variances(
            weights * linear.scores, linear.codes, count, design.stage, corrected=corrected
        )
    everyone = np.zeros(design.n, dtype=np.int64)
    # After calibration a domain's residuals reach outside it, so each domain is a pass over the sample.
    found = []
    for domain in range(count):
        scores = np.where(linear.codes == domain, linear.scores, 0.0)
        weighted = design.weighted_residuals(scores[:, None])[:, 0]
        found.append(domain_variances(weighted, everyone, 1, design.stage, corrected=corrected)[0])
    return np.array(found)


def _simple_variance(design: SurveyDesign, linear: Linearised, reference: DeffReference) -> Floats:
    """Variance of the same estimate under simple random sampling of as many respondents from as large a population."""
    weights, domains, codes = design.weight_array, linear.domains, linear.codes
    size = domains.sums(weights, codes)
    n = domains.sums((weights > 0).astype(float), codes)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = domains.sums(weights * linear.scores, codes) / size
        spread = domains.sums(weights * (linear.scores - mean[codes]) ** 2, codes) / size * n / (n - 1)
        rate = np.where((reference == "without_replacement") & (size > n * (1 + 1e-9)), 1 - n / size, 1.0)
        simple = spread * size**2 / n * rate
    return np.where(simple > 0, simple, np.nan)
