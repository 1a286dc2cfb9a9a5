"""What an analysis returns: estimates, verdicts, results, publication tables, and the style of figures."""

from optima_research.results.base import Protect, Result
from optima_research.results.estimate import Estimate
from optima_research.results.table import Column, PublicationTable
from optima_research.results.verdict import Verdict

__all__ = ["Column", "Estimate", "Protect", "PublicationTable", "Result", "Verdict"]
