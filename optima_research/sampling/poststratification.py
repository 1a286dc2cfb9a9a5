"""Post-stratification: weights made to reach the known size of each cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from optima_research.sampling._calibration_state import CalibrationState
from optima_research.sampling._variance_kernels import sums_by
from optima_research.sampling.margins import Totals, check_population, read_margin
from optima_research.sampling.report import calibration_report

if TYPE_CHECKING:
    from optima_research.sampling.design import SurveyDesign


def poststratify(design: SurveyDesign, by: str | Sequence[str], totals: Totals) -> SurveyDesign:
    """Adjust weights to the known totals of post-strata.

    Parameters
    ----------
    design : SurveyDesign
    by : str or list of str
        Column, or columns whose combinations are the post-strata.
    totals : mapping of category → total
        For several columns, categories are tuples in the order of ``by``.

    Returns
    -------
    SurveyDesign
        With new ``weights``; standard errors use deviations from post-stratum means, weighted as before the
        adjustment (R survey ``postStratify``).

    Raises
    ------
    DesignError
        Unknown categories, missing answers, or totals smaller than the sample.

    Examples
    --------
    >>> import pandas as pd
    >>> from optima_research.sampling import SurveyDesign
    >>> answers = pd.DataFrame({"sex": ["F", "F", "M"], "score": [3.0, 4, 5]})
    >>> poststratify(SurveyDesign(answers), "sex", {"F": 50, "M": 50}).weights.tolist()
    [25.0, 25.0, 50.0]
    """
    margin = read_margin(design, by if isinstance(by, str) else tuple(by), totals)
    check_population(margin.totals.sum(), design)
    weights = design.weight_array
    current = sums_by(margin.codes, weights, len(margin.labels))
    adjusted = weights * (margin.totals / current)[margin.codes]
    report = calibration_report(design, adjusted, [margin], method="post-stratification")
    return design.reweighted(
        adjusted, calibration=CalibrationState(margin.codes, None, weights, adjusted), report=report
    )
