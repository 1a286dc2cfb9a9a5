"""The sampling design: who was drawn from whom, with which weights, and every estimate that respects it."""

from __future__ import annotations

import copy
from collections.abc import Hashable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from optima_research.errors import DesignError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_number
from optima_research.results.frames import Data, label_of
from optima_research.sampling import proportions, quantiles
from optima_research.sampling._structure import Names, Population, read_first_stage, read_weights
from optima_research.sampling._variance_kernels import Codes, FirstStage, Floats, covariance_of_totals
from optima_research.sampling.estimates import (
    By,
    DeffReference,
    DesignEstimate,
    Linearised,
    linearise_mean,
    linearise_ratio,
    linearise_total,
    outcome_of,
    precision,
    read_domains,
    summarise,
    t_interval,
)
from optima_research.sampling.regime import Regime, regime_note, require_regime

if TYPE_CHECKING:
    from optima_research.sampling._calibration_state import CalibrationState
    from optima_research.sampling.report import CalibrationReport


class SurveyDesign:
    """Data with the way they were drawn; immutable, every adjustment returns a new design.

    Parameters
    ----------
    data : Survey or DataFrame, one row a respondent
    weights : str, array or Series, optional
        Sampling weights; a Series is matched by its index. By default N/n of each stratum where ``population`` is
        given, else 1.
    strata : str or list of str, optional
        Columns whose combinations are the strata (often the partner).
    clusters : str or list of str, optional
        First-stage units when respondents were not drawn one by one; labels are read within strata.
    population : mapping (or Series), number or str, optional
        First-stage units there are to draw from (clusters where there are clusters): stratum → size, one number for
        an unstratified design, or the name of a column that holds it.

    Raises
    ------
    DesignError
        Missing or negative weights, missing strata or clusters, a population smaller than its sample, a stratum
        without a size, one number for several strata.

    Notes
    -----
    Estimates are linearised (Taylor series) and their variance is that of stratified totals of first-stage units,
    with the finite-population correction in the descriptive regime only. A missing outcome makes a domain: the
    design, its strata and degrees of freedom stay whole. Intervals use Student's t with as many degrees of freedom
    as units less strata, over the strata the domain touches: for a partner that is a stratum, its own respondents
    less one. ``deff`` compares with a simple random sample without replacement of the same size, unless the weights
    do not add up to a population. Values agree with R survey 4.1 to 1e-10 (tests/reference/sampling.R).

    Weights say nothing of those who chose not to answer: see :func:`nonresponse_bounds`.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"partner": ["A", "A", "A", "B", "B", "B"], "score": [2.0, 3, 4, 4, 5, 5]})
    >>> design = SurveyDesign(answers, strata="partner", population={"A": 6, "B": 30})
    >>> mean = design.mean("score", regime="descriptive")
    >>> round(mean.value, 4), round(mean.se, 4), mean.df
    (4.3889, 0.2722, 4.0)
    >>> design.mean("score", by="partner", regime="analytic")["value"].round(3).to_dict()
    {'A': 3.0, 'B': 4.667}
    """

    def __init__(
        self,
        data: Data,
        weights: str | Floats | pd.Series | None = None,
        strata: Names = None,
        clusters: Names = None,
        population: Population = None,
    ) -> None:
        self.data = data
        self._index = data.index if isinstance(data, pd.DataFrame) else data.answers.index
        if not len(self._index):
            raise DesignError(_("There is nobody in these data."), parameter="data")
        self.stage: FirstStage = read_first_stage(data, strata, clusters, population, len(self._index))
        self.weight_array: Floats = read_weights(data, weights, self.stage, self._index)
        self.calibrations: tuple[CalibrationState, ...] = ()
        self._report: CalibrationReport | None = None

    # --- what the design is ---------------------------------------------------------------------------------------

    @property
    def n(self) -> int:
        """Respondents in the design."""
        return len(self._index)

    @property
    def weights(self) -> pd.Series:
        """Weight of each respondent, indexed as the data."""
        return pd.Series(self.weight_array, index=self._index, name="weight")

    @cached_property
    def live_units(self) -> Codes:
        """Units of each stratum that carry a positive weight."""
        if self.weight_array.all():
            return self.stage.drawn
        units = np.arange(self.n) if self.stage.unit is None else self.stage.unit
        live = np.unique(units[self.weight_array > 0])
        return np.bincount(self.stage.unit_stratum[live], minlength=len(self.stage.drawn))

    @property
    def df(self) -> float:
        """Degrees of freedom of the whole design: first-stage units less strata."""
        return float(self.live_units.sum() - (self.live_units > 0).sum())

    @property
    def kish_n(self) -> float:
        """Kish's effective sample size, (Σw)²/Σw²: what unequal weights alone leave, strata aside."""
        return float(self.weight_array.sum() ** 2 / (self.weight_array**2).sum())

    @property
    def kish_deff(self) -> float:
        """Kish's design effect of unequal weighting, n / effective n."""
        return float((self.weight_array > 0).sum() / self.kish_n)

    @property
    def census_strata(self) -> tuple[str, ...]:
        """Strata whose every unit answered: no sampling error in the descriptive regime."""
        full = self.stage.fraction >= 1.0
        return tuple(label for label, whole in zip(self.stage.labels, full, strict=True) if whole)

    def note(self, regime: Regime | None) -> str:
        """The design and the regime in words, for the note of a table or figure."""
        corrected = require_regime(regime, self.stage)
        parts = [
            self._make_up(),
            regime_note("descriptive" if corrected else "analytic"),
        ]
        if corrected and self.census_strata:
            names = ", ".join(f"« {name} »" for name in self.census_strata)
            parts.append(
                _(
                    "Everybody answered in {names}: no sampling error there, so any difference, even tiny, is a "
                    "fact of that population and not proof of an effect.",
                    names=names,
                )
            )
        if self.calibrations:
            parts.append(_("Calibrated weights; intervals take the calibration into account."))
        return " ".join(parts)

    def report(self) -> CalibrationReport:
        """What the calibration did: margins before and after, range of the weights, design effect, trimming."""
        if self._report is None:
            raise DesignError(
                _("This design has not been calibrated."),
                hint=_("Use rake(), poststratify() or calibrate()."),
            )
        return self._report

    # --- estimates ------------------------------------------------------------------------------------------------

    def mean(
        self,
        y: str,
        by: By = None,
        *,
        regime: Regime | None = None,
        level: float = 0.95,
        deff: DeffReference = "without_replacement",
    ) -> DesignEstimate | pd.DataFrame:
        """Weighted mean of a numeric column, respondents without an answer left out of the domain.

        Parameters
        ----------
        y : str
            A number; an ordinal item counts with its codes.
        by : str or list of str, optional
            Domains; those without a group belong to none.
        regime : {"descriptive", "analytic"}
            About this population (finite-population correction) or about bodies of this kind. Mandatory.
        level : float
        deff : {"without_replacement", "with_replacement"}
            The simple random sample the design effect compares with, in either regime as in R.

        Returns
        -------
        DesignEstimate, or with ``by`` a DataFrame of domains: ``value se low high n deff``.
        """
        linear = linearise_mean(self, outcome_of(self, y), read_domains(self, by), label_of(self.data, y))
        return self._with_t(linear, regime, level, deff)

    def total(
        self,
        y: str,
        by: By = None,
        *,
        regime: Regime | None = None,
        level: float = 0.95,
        deff: DeffReference = "without_replacement",
    ) -> DesignEstimate | pd.DataFrame:
        """Weighted total of a numeric column; missing answers count for nothing, so look at ``n_missing``.

        Parameters as for :meth:`mean`.
        """
        linear = linearise_total(self, outcome_of(self, y), read_domains(self, by), label_of(self.data, y))
        return self._with_t(linear, regime, level, deff)

    def ratio(
        self,
        num: str,
        den: str,
        by: By = None,
        *,
        regime: Regime | None = None,
        level: float = 0.95,
        deff: DeffReference = "without_replacement",
    ) -> DesignEstimate | pd.DataFrame:
        """Ratio of two totals (cost per agent, days lost per contract) over those who answered both.

        Parameters as for :meth:`mean`.
        """
        over, under = outcome_of(self, num), outcome_of(self, den)
        name = f"{label_of(self.data, num)} / {label_of(self.data, den)}"
        return self._with_t(
            linearise_ratio(self, over, under, read_domains(self, by), name), regime, level, deff
        )

    def proportion(
        self,
        y: str,
        category: Hashable | None = None,
        by: By = None,
        *,
        regime: Regime | None = None,
        method: proportions.ProportionInterval = "logit",
        level: float = 0.95,
        deff: DeffReference = "without_replacement",
    ) -> DesignEstimate | pd.DataFrame:
        """Weighted share of an answer among valid answers, between 0 and 1.

        Parameters
        ----------
        y : str
        category : optional
            The answer wanted (its label or code). Without it, the share of 1 (or True) in a yes/no column, and the
            share of each answer in any other.
        by : str or list of str, optional
        regime : {"descriptive", "analytic"}
        method : {"logit", "beta", "t"}
            Interval: symmetric on the log-odds; Korn–Graubard (Clopper–Pearson on the effective sample size, for rare
            answers); or Student's, which may leave [0, 1].
        """
        return proportions.proportion(
            self, y, category, by, regime=regime, method=method, level=level, deff=deff
        )

    def quantile(
        self,
        y: str,
        q: float | Sequence[float] = 0.5,
        by: By = None,
        *,
        regime: Regime | None = None,
        level: float = 0.95,
    ) -> DesignEstimate | pd.DataFrame:
        """Weighted quantile: the smallest value whose cumulated weight reaches the share ``q``.

        The interval is Woodruff's: that of the share of respondents at or below the quantile, carried back to the
        scale of the answers (R survey 4.1 ``interval.type="mean"``, ``qrule="math"``). On tied answers it is coarse.
        ``deff`` is that of this share.
        """
        return quantiles.quantile(self, y, q, by, regime=regime, level=level)

    # --- for other rooms ------------------------------------------------------------------------------------------

    def covariance(self, scores: Floats, *, regime: Regime | None) -> Floats:
        """Covariance (k, k) of the weighted totals of (n, k) scores, residuals taken where the design is calibrated."""
        corrected = require_regime(regime, self.stage)
        weighted = self.weighted_residuals(np.asarray(scores, dtype=float))
        return covariance_of_totals(weighted, self.stage, corrected=corrected)

    def weighted_residuals(self, scores: Floats) -> Floats:
        """(n, k) scores times their weights, less what each calibration explains, in the order they were made."""
        weighted = scores * self.weight_array[:, None]
        for state in self.calibrations:
            weighted = state.weighted_residuals(weighted)
        return weighted

    def reweighted(
        self,
        weights: Floats,
        *,
        calibration: CalibrationState | None = None,
        report: CalibrationReport | None = None,
    ) -> SurveyDesign:
        """A copy with other weights, and the calibration that gave them."""
        other = copy.copy(self)
        other.__dict__.pop("live_units", None)
        other.weight_array = weights
        other.calibrations = self.calibrations if calibration is None else (*self.calibrations, calibration)
        other._report = report or self._report
        return other

    def _with_t(
        self, linear: Linearised, regime: Regime | None, level: float, deff: DeffReference
    ) -> DesignEstimate | pd.DataFrame:
        found = precision(self, linear, regime, deff)
        low, high = t_interval(linear.values, found.se, found.df, level)
        return summarise(linear, found, low, high, level=level, regime=str(regime))

    def _make_up(self) -> str:
        """Respondents, clusters and strata in one sentence."""
        n, strata = format_count(self.n), format_count(len(self.stage.drawn))
        units = format_count(len(self.stage.unit_stratum))
        match (self.stage.unit is not None, len(self.stage.drawn) > 1):
            case (True, True):
                return _(
                    "{n} respondents of {units} clusters in {strata} strata.", n=n, units=units, strata=strata
                )
            case (True, False):
                return _("{n} respondents of {units} clusters.", n=n, units=units)
            case (False, True):
                return _("{n} respondents in {strata} strata.", n=n, strata=strata)
            case _:
                return _("{n} respondents, without strata or clusters.", n=n)

    def __repr__(self) -> str:
        known = self.stage.population
        size = _("not known") if known is None else format_count(round(float(known.sum())))
        lines = [
            "SurveyDesign",
            self._make_up(),
            _(
                "First-stage units: {n}; population: {size}.",
                n=format_count(int(self.stage.drawn.sum())),
                size=size,
            ),
            _(
                "Weights: sum {total}, effective sample size (Kish) {kish}.",
                total=format_number(float(self.weight_array.sum()), 0),
                kish=format_number(self.kish_n, 1),
            ),
        ]
        return "\n".join(lines)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))
