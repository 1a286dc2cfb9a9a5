"""Raking (iterative proportional fitting): weights moved as little as possible to reach several known margins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from optima_research.errors import DesignError
from optima_research.language import _
from optima_research.sampling._calibration_state import CalibrationState
from optima_research.sampling._variance_kernels import Codes, Floats, sums_by
from optima_research.sampling.margins import Cells, Margin, Margins, cross, read_margins
from optima_research.sampling.report import calibration_report
from optima_research.sampling.trimming import no_weights_within, trimmed

if TYPE_CHECKING:
    from optima_research.sampling.design import SurveyDesign

TOLERANCE = 1e-10


def rake(
    design: SurveyDesign,
    margins: Margins,
    *,
    trim: tuple[float, float] | None = None,
    tolerance: float = TOLERANCE,
    max_iterations: int = 1000,
) -> SurveyDesign:
    """Rake the weights of a design to known margins.

    Parameters
    ----------
    design : SurveyDesign
    margins : mapping of column → {category: total}
        Every category of the respondents has a total. A tuple of columns is a crossed margin whose categories are
        tuples. A margin that sums to one is taken as shares of the sum of the weights.
    trim : (low, high), optional
        Smallest and largest weight allowed. Weights outside are cut, what was cut is shared equally among the others,
        and the weights raked again, until both the bounds and the margins hold.
    tolerance : float
        Largest relative distance left between any margin and its total.
    max_iterations : int
        Sweeps over the margins before giving up.

    Returns
    -------
    SurveyDesign
        With new ``weights``; ``report()`` shows margins before and after, the range of the weights and the design
        effect.

    Raises
    ------
    DesignError
        Margins at fault (see the message), or no convergence.

    Notes
    -----
    Deming and Stephan (1940). Only the crossing of the margins matters, so respondents are counted once into its
    cells and the sweeps run on cells.

    Standard errors use the residuals of a regression on the margins under the weights held before (generalised
    regression, Deville and Särndal 1992), as R's ``calibrate(calfun="raking")`` does. R's ``rake()`` gives the same
    weights but another standard error (0.0386374 instead of 0.0385023 on the reference data): it sweeps *unweighted*
    cell means of the scores ten times, which is neither that regression nor its limit.

    Examples
    --------
    >>> import pandas as pd
    >>> from optima_research.sampling import SurveyDesign, rake
    >>> answers = pd.DataFrame({"sex": ["F", "F", "F", "M", "M", "M"], "grade": ["A", "B", "B", "A", "A", "B"]})
    >>> raked = rake(SurveyDesign(answers), {"sex": {"F": 60, "M": 40}, "grade": {"A": 30, "B": 70}})
    >>> raked.weights.round(2).tolist()
    [11.04, 24.48, 24.48, 9.48, 9.48, 21.04]
    """
    read = read_margins(design, margins)
    cells = cross(read)
    start = design.weight_array
    factors = _rake(cells.weights(start), cells, read, tolerance, max_iterations)
    base, weights, cut = start, start * factors[cells.cell], 0
    if trim is not None:
        base, weights, cut = _trim_and_rake(weights, cells, read, trim, tolerance, max_iterations)
    matrix = None if len(read) == 1 else cells.indicators(read)
    state = CalibrationState(cells.cell, matrix, base, weights)
    report = calibration_report(design, weights, read, method="raking", trimmed=cut, bounds=trim)
    return design.reweighted(weights, calibration=state, report=report)


def rake_cells(
    weights: Floats,
    codes: Sequence[Codes],
    totals: Sequence[Floats],
    *,
    tolerance: float,
    max_iterations: int,
) -> tuple[Floats, float]:
    """Rake (K,) cell weights to the totals of each margin; also the relative distance that is left."""
    raked, distance = np.array(weights), np.inf
    for _sweep in range(max_iterations):
        distance = 0.0
        for code, total in zip(codes, totals, strict=True):
            current = sums_by(code, raked, len(total))
            distance = max(distance, float(np.max(np.abs(current / total - 1.0))))
            raked *= (total / current)[code]
        if distance <= tolerance:
            break
    return raked, distance


def _rake(
    weights: Floats, cells: Cells, margins: Sequence[Margin], tolerance: float, max_iterations: int
) -> Floats:
    """Factor of each cell."""
    for margin, code in zip(margins, cells.codes, strict=True):
        if not sums_by(code, weights, len(margin.labels)).all():
            raise DesignError(_("A category of « {name} » carries no weight at all.", name=margin.name))
    totals = [margin.totals for margin in margins]
    raked, distance = rake_cells(
        weights, cells.codes, totals, tolerance=tolerance, max_iterations=max_iterations
    )
    if not distance <= tolerance:
        raise no_convergence(distance, max_iterations)
    return np.asarray(raked / np.where(weights > 0, weights, 1.0))


def no_convergence(distance: float, iterations: int) -> DesignError:
    """The error to raise when weights do not reach the margins."""
    return DesignError(
        _(
            "Weights do not reach the margins after {n} iterations: the worst is {share} off.",
            n=iterations,
            share=f"{distance:.2g}",
        ),
        parameter="margins",
        hint=_("Some combinations have no respondent: merge small categories, or give fewer margins."),
    )


def _trim_and_rake(
    weights: Floats,
    cells: Cells,
    margins: Sequence[Margin],
    bounds: tuple[float, float],
    tolerance: float,
    max_iterations: int,
) -> tuple[Floats, Floats, int]:
    """Cut and rake in turn: the last weights before and after raking, and how many were cut at first."""
    low, high = bounds
    slack, cut = 1e-9 * high, int(((weights < low) | (weights > high)).sum())
    base = weights
    for _round in range(max_iterations):
        if ((weights >= low - slack) & (weights <= high + slack)).all():
            return base, weights, cut
        base = trimmed(weights, low, high)
        weights = base * _rake(cells.weights(base), cells, margins, tolerance, max_iterations)[cells.cell]
    raise no_weights_within(low, high)
