"""Quantitative coding: scales that may be compared, spaces that stay put."""

from optima_research.coding.quantitative.cfa import ConfirmatoryAnalysis, cfa
from optima_research.coding.quantitative.comparability import comparability
from optima_research.coding.quantitative.comparable import Comparable
from optima_research.coding.quantitative.invariance import Invariance, invariance
from optima_research.coding.quantitative.reliability import Reliability, reliability
from optima_research.coding.quantitative.scoring import add_scores, score

__all__ = [
    "Comparable",
    "ConfirmatoryAnalysis",
    "Invariance",
    "Reliability",
    "add_scores",
    "cfa",
    "comparability",
    "invariance",
    "reliability",
    "score",
]
