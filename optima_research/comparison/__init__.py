"""Comparing groups, partners and waves: tables, tests, effect sizes, verdicts."""

from optima_research.comparison.allocation import Allocation, allocate
from optima_research.comparison.before_after import (
    InterruptedSeries,
    RegressionToTheMean,
    interrupted_series,
    regression_to_the_mean,
)
from optima_research.comparison.binary import LogitEffects, logit_effects
from optima_research.comparison.costing import ActivityCosts, activity_costs
from optima_research.comparison.crosstabs import Crosstab, crosstab
from optima_research.comparison.descriptions import Description, describe
from optima_research.comparison.equivalence import Equivalence, equivalence
from optima_research.comparison.factorial import FactorialAnova, factorial_anova
from optima_research.comparison.few_partners import difference_in_differences
from optima_research.comparison.few_partners_result import DifferenceInDifferences
from optima_research.comparison.frequencies import FrequencyTable, frequency_table
from optima_research.comparison.groups import compare
from optima_research.comparison.hazards import ProportionalHazards, proportional_hazards
from optima_research.comparison.lifetimes import lifetimes
from optima_research.comparison.many import ComparisonSet, compare_many
from optima_research.comparison.matching import Matching, propensity_matching
from optima_research.comparison.mediation import Mediation, mediation
from optima_research.comparison.multilevel import Multilevel, multilevel
from optima_research.comparison.multiplicity import adjust_p_values
from optima_research.comparison.multiverse import Multiverse, multiverse
from optima_research.comparison.networks import NetworkDensity, network_density
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
from optima_research.comparison.savings import Savings, savings
from optima_research.comparison.staggered import StaggeredEffects, staggered_effects
from optima_research.comparison.survival import Survival, kaplan_meier
from optima_research.comparison.waves import change
from optima_research.comparison.waves_result import Change

__all__ = [
    "ActivityCosts",
    "Allocation",
    "Change",
    "Comparison",
    "ComparisonSet",
    "Crosstab",
    "Description",
    "DifferenceInDifferences",
    "Equivalence",
    "FactorialAnova",
    "FrequencyTable",
    "ImportancePerformance",
    "InterruptedSeries",
    "LogitEffects",
    "Matching",
    "Mediation",
    "Multilevel",
    "Multiverse",
    "NetworkDensity",
    "OrdinalModel",
    "PairedComparison",
    "Priorities",
    "ProportionalHazards",
    "RegressionToTheMean",
    "RobustRegression",
    "Savings",
    "StaggeredEffects",
    "Survival",
    "activity_costs",
    "adjust_p_values",
    "allocate",
    "change",
    "compare",
    "compare_many",
    "compare_paired",
    "crosstab",
    "describe",
    "difference_in_differences",
    "equivalence",
    "factorial_anova",
    "frequency_table",
    "importance_performance",
    "interrupted_series",
    "kaplan_meier",
    "lifetimes",
    "logit_effects",
    "mediation",
    "multilevel",
    "multiverse",
    "network_density",
    "ordinal_model",
    "priorities",
    "proportional_hazards",
    "propensity_matching",
    "ranks_of",
    "regression_to_the_mean",
    "robust_regression",
    "savings",
    "staggered_effects",
]
