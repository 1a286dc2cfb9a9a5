"""Comparing groups, partners and waves: tables, tests, effect sizes, verdicts."""

from optima_research.comparison.crosstabs import Crosstab, crosstab
from optima_research.comparison.descriptions import Description, describe
from optima_research.comparison.equivalence import Equivalence, equivalence
from optima_research.comparison.few_partners import difference_in_differences
from optima_research.comparison.few_partners_result import DifferenceInDifferences
from optima_research.comparison.frequencies import FrequencyTable, frequency_table
from optima_research.comparison.groups import compare
from optima_research.comparison.many import ComparisonSet, compare_many
from optima_research.comparison.multilevel import Multilevel, multilevel
from optima_research.comparison.multiplicity import adjust_p_values
from optima_research.comparison.ordinal import OrdinalModel, ordinal_model
from optima_research.comparison.paired import PairedComparison, compare_paired
from optima_research.comparison.priorities import (
    ImportancePerformance,
    Priorities,
    importance_performance,
    priorities,
    ranks_of,
)
from optima_research.comparison.result import Comparison
from optima_research.comparison.robust import RobustRegression, robust_regression
from optima_research.comparison.waves import change
from optima_research.comparison.waves_result import Change

__all__ = [
    "Change",
    "Comparison",
    "ComparisonSet",
    "Crosstab",
    "Description",
    "DifferenceInDifferences",
    "Equivalence",
    "ImportancePerformance",
    "Priorities",
    "FrequencyTable",
    "Multilevel",
    "OrdinalModel",
    "RobustRegression",
    "PairedComparison",
    "adjust_p_values",
    "change",
    "compare",
    "compare_many",
    "compare_paired",
    "crosstab",
    "describe",
    "difference_in_differences",
    "equivalence",
    "frequency_table",
    "importance_performance",
    "multilevel",
    "ordinal_model",
    "priorities",
    "ranks_of",
    "robust_regression",
]
