"""Calibration on categories and on totals of numbers: linear, raking or logit distance, with bounds on the ratios."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias, get_args

import numpy as np
import pandas as pd

from optima_research.errors import DesignError
from optima_research.language import _
from optima_research.results.frames import numeric
from optima_research.sampling._calibration_kernels import Bounds, Method, calibration_ratios, distance
from optima_research.sampling._calibration_state import CalibrationState
from optima_research.sampling._structure import refuse_rows
from optima_research.sampling._variance_kernels import Codes, Floats, sums_by
from optima_research.sampling.margins import Margin, Totals, cross, read_margins
from optima_research.sampling.raking import TOLERANCE, no_convergence
from optima_research.sampling.report import calibration_report

if TYPE_CHECKING:
    from optima_research.sampling.design import SurveyDesign

Targets: TypeAlias = Mapping["str | tuple[str, ...]", "Totals | float"]


def calibrate(
    design: SurveyDesign,
    totals: Targets,
    *,
    method: Method = "linear",
    bounds: Bounds | None = None,
    size: float | None = None,
    tolerance: float = TOLERANCE,
    max_iterations: int = 200,
) -> SurveyDesign:
    """Calibrate weights on known totals of categories and of numbers.

    Parameters
    ----------
    design : SurveyDesign
    totals : mapping
        Column → {category: total} for categories, column → total (over the population) for a number. A tuple of
        columns is a crossed margin.
    method : {"linear", "raking", "logit"}
        Distance between old and new weights. Linear may give negative weights, which are refused: bound it, or use
        another. Logit needs bounds.
    bounds : (low, high), optional
        Smallest and largest ratio of the new weight to the old, on both sides of 1.
    size : float, optional
        Size of the population, when no category gives it.
    tolerance, max_iterations
        When to stop, and when to give up.

    Returns
    -------
    SurveyDesign
        With new ``weights`` and a ``report()``.

    Raises
    ------
    DesignError
        Totals at fault, missing answers, bounds that do not hold 1, negative weights, no convergence.

    Notes
    -----
    Deville and Särndal (1992, JASA 87, 376-382). Standard errors use the residuals of a regression on the auxiliaries
    under the weights held before, as R survey's ``calibrate`` (equal to 1e-8, tests/reference/sampling.R).

    Examples
    --------
    >>> import pandas as pd
    >>> from optima_research.sampling import SurveyDesign, calibrate
    >>> answers = pd.DataFrame({"sex": ["F", "F", "M", "M"], "seniority": [2.0, 10.0, 4.0, 12.0]})
    >>> design = SurveyDesign(answers, population=40)
    >>> calibrate(design, {"sex": {"F": 24, "M": 16}, "seniority": 300}).weights.round(2).tolist()
    [10.25, 13.75, 6.25, 9.75]
    """
    _check_method(method, bounds)
    margins, cell, auxiliary, targets = _read(design, totals, size)
    start = design.weight_array
    mass = sums_by(cell, start, len(auxiliary))
    ratio, left = calibration_ratios(
        mass, auxiliary, targets, distance(method, bounds), tolerance=tolerance, max_iterations=max_iterations
    )
    if not left <= tolerance:
        raise no_convergence(left, max_iterations)
    if (ratio[mass > 0] < 0).any():
        raise DesignError(
            _("This calibration gives negative weights."),
            parameter="method",
            got=method,
            hint=_('Use method="raking", or bounds=(low, high) around 1.'),
        )
    weights = start * ratio[cell]
    numbers = _means(design, totals, weights, targets)
    report = calibration_report(design, weights, margins, method=method, bounds=bounds, numbers=numbers)
    return design.reweighted(
        weights, calibration=CalibrationState(cell, auxiliary, start, weights), report=report
    )


def _check_method(method: Method, bounds: Bounds | None) -> None:
    if method not in get_args(Method):
        raise DesignError(
            _("Unknown calibration."), parameter="method", expected="linear | raking | logit", got=method
        )
    if bounds is not None and not 0 <= bounds[0] < 1 < bounds[1]:
        raise DesignError(
            _("Bounds on the ratio of weights must lie on both sides of 1."), parameter="bounds", got=bounds
        )
    if method == "logit" and (bounds is None or not np.isfinite(bounds).all()):
        raise DesignError(
            _("Logit calibration keeps the ratio of weights between two bounds: give them."),
            parameter="bounds",
            expected="(0.5, 2)",
        )


def _read(
    design: SurveyDesign, totals: Targets, size: float | None
) -> tuple[list[Margin], Codes, Floats, Floats]:
    """Margins, cell of each respondent, auxiliaries of each cell, and the totals these must reach."""
    tables = {name: value for name, value in totals.items() if isinstance(value, (Mapping, pd.Series))}
    numbers = {name: float(value) for name, value in totals.items() if name not in tables}  # type: ignore[arg-type]
    margins = read_margins(design, tables) if tables else []
    if not margins and not numbers:
        raise DesignError(_("There is no margin to calibrate on."), parameter="totals")
    if not numbers:
        cells = cross(margins)
        return (
            margins,
            cells.cell,
            cells.indicators(margins),
            np.concatenate([margin.totals for margin in margins]),
        )
    # With a number each respondent is a cell of their own.
    parts = [np.eye(len(margin.labels))[margin.codes] for margin in margins]
    targets = [margin.totals for margin in margins]
    if not margins:
        parts, targets = [np.ones((design.n, 1))], [np.array([_population_size(design, size)])]
    columns = np.column_stack([_number(design, str(name)) for name in numbers])
    wanted = np.concatenate([*targets, np.array(list(numbers.values()))])
    return margins, np.arange(design.n), np.concatenate([*parts, columns], axis=1), wanted


def _means(design: SurveyDesign, totals: Targets, weights: Floats, targets: Floats) -> pd.DataFrame:
    """Weighted means of the calibrated numbers before and after, and what they had to be."""
    names = [str(name) for name, value in totals.items() if not isinstance(value, (Mapping, pd.Series))]
    values = [_number(design, name) for name in names]
    before = [np.average(x, weights=design.weight_array) for x in values]
    after = [np.average(x, weights=weights) for x in values]
    wanted = targets[len(targets) - len(names) :] / weights.sum()
    return pd.DataFrame({"before": before, "after": after, "target": wanted}, index=names)


def _population_size(design: SurveyDesign, size: float | None) -> float:
    if size is not None:
        return float(size)
    if design.stage.population is not None and design.stage.unit is None:
        return float(design.stage.population.sum())
    raise DesignError(
        _("The size of the population is needed beside totals of numbers."),
        parameter="size",
        hint=_("Give size=, or the margin of a category."),
    )


def _number(design: SurveyDesign, name: str) -> Floats:
    values = np.asarray(numeric(design.data, name), dtype=float)
    refuse_rows(
        np.isnan(values),
        lambda k: _("« {name} » is missing for {n} respondents.", name=name, n=k),
        parameter="totals",
        hint=_("Drop these respondents with a reason, or code their answer."),
    )
    return values
