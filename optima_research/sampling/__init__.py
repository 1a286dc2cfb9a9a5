"""Sampling design: weights, strata, clusters and finite populations; calibration; estimates; response."""

from optima_research.sampling.calibration import calibrate
from optima_research.sampling.crude import CrudeAndWeighted, crude_and_weighted
from optima_research.sampling.design import SurveyDesign
from optima_research.sampling.estimates import DesignEstimate
from optima_research.sampling.jackknife import JackknifeReplicates, jackknife
from optima_research.sampling.nonresponse import NonresponseBounds, nonresponse_bounds
from optima_research.sampling.overlap import WaveChange, change_between_waves
from optima_research.sampling.planning import margin_of_error, sample_size, smallest_detectable
from optima_research.sampling.poststratification import poststratify
from optima_research.sampling.raking import rake
from optima_research.sampling.report import CalibrationReport
from optima_research.sampling.response import ResponseByCell, response_by_cell
from optima_research.sampling.trimming import trim_weights

__all__ = [
    "SurveyDesign",
    "DesignEstimate",
    "rake",
    "poststratify",
    "calibrate",
    "trim_weights",
    "CalibrationReport",
    "crude_and_weighted",
    "CrudeAndWeighted",
    "jackknife",
    "JackknifeReplicates",
    "response_by_cell",
    "ResponseByCell",
    "nonresponse_bounds",
    "NonresponseBounds",
    "change_between_waves",
    "WaveChange",
    "margin_of_error",
    "sample_size",
    "smallest_detectable",
]
