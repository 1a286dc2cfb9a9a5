"""Quantitative coding: scales that may be compared, spaces that stay put."""

from optima_research.coding.quantitative.reliability import Reliability, reliability
from optima_research.coding.quantitative.scoring import add_scores, score

__all__ = ["Reliability", "add_scores", "reliability", "score"]
