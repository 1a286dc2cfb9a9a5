"""Comparing groups, partners and waves: tables, tests, effect sizes, verdicts."""

from optima_research.comparison.crosstabs import Crosstab, crosstab
from optima_research.comparison.descriptions import Description, describe
from optima_research.comparison.equivalence import Equivalence, equivalence
from optima_research.comparison.frequencies import FrequencyTable, frequency_table
from optima_research.comparison.groups import compare
from optima_research.comparison.many import ComparisonSet, compare_many
from optima_research.comparison.multiplicity import adjust_p_values
from optima_research.comparison.result import Comparison

__all__ = [
    "Comparison",
    "ComparisonSet",
    "Crosstab",
    "Description",
    "Equivalence",
    "FrequencyTable",
    "adjust_p_values",
    "compare",
    "compare_many",
    "crosstab",
    "describe",
    "equivalence",
    "frequency_table",
]
