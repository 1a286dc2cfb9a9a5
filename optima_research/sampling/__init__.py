"""Sampling design: weights, strata, clusters and finite populations; calibration; estimates; response."""

from optima_research.sampling.calibration import calibrate
from optima_research.sampling.design import SurveyDesign
from optima_research.sampling.estimates import DesignEstimate
from optima_research.sampling.jackknife import JackknifeReplicates, jackknife
from optima_research.sampling.poststratification import poststratify
from optima_research.sampling.raking import rake
from optima_research.sampling.report import CalibrationReport
from optima_research.sampling.trimming import trim_weights

__all__ = [
    "SurveyDesign",
    "DesignEstimate",
    "rake",
    "poststratify",
    "calibrate",
    "trim_weights",
    "CalibrationReport",
    "jackknife",
    "JackknifeReplicates",
]
