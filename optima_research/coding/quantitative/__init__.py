"""Quantitative coding: scales that may be compared, spaces that stay put."""

from optima_research.coding.quantitative.adequacy import Adequacy, adequacy
from optima_research.coding.quantitative.attraction import Attraction, attraction
from optima_research.coding.quantitative.axes_to_keep import AxesToKeep, axes_to_keep
from optima_research.coding.quantitative.axis_stability import AxisStability, axis_stability
from optima_research.coding.quantitative.cfa import ConfirmatoryAnalysis, cfa
from optima_research.coding.quantitative.class_description import ClassDescription, describe_classes
from optima_research.coding.quantitative.class_stability import ClassStability, class_stability
from optima_research.coding.quantitative.comparability import comparability
from optima_research.coding.quantitative.comparable import Comparable
from optima_research.coding.quantitative.correspondence import Correspondence, ca
from optima_research.coding.quantitative.dendrogram import dendrogram
from optima_research.coding.quantitative.dif import ItemFunctioning, dif
from optima_research.coding.quantitative.efa import ExploratoryAnalysis, efa
from optima_research.coding.quantitative.invariance import Invariance, invariance
from optima_research.coding.quantitative.item_responses import ItemResponses, item_responses
from optima_research.coding.quantitative.lavaan_script import LavaanScript, lavaan_script
from optima_research.coding.quantitative.mca import mca
from optima_research.coding.quantitative.mca_result import MultipleCorrespondence
from optima_research.coding.quantitative.merged_categories import MergedCategories, merge_empty_categories
from optima_research.coding.quantitative.ordinal_reliability import ordinal_omega
from optima_research.coding.quantitative.parallel_analysis import ParallelAnalysis, parallel_analysis
from optima_research.coding.quantitative.partner_barycentres import Barycentres, barycentres
from optima_research.coding.quantitative.plane_figure import category_plane
from optima_research.coding.quantitative.polychoric import Polychoric, polychoric
from optima_research.coding.quantitative.reliability import Reliability, reliability
from optima_research.coding.quantitative.retest import Retest, retest
from optima_research.coding.quantitative.scoring import add_scores, score
from optima_research.coding.quantitative.typology import Typology, typology
from optima_research.coding.quantitative.validity import Validity, validity

__all__ = [
    "Adequacy",
    "Attraction",
    "AxesToKeep",
    "AxisStability",
    "Barycentres",
    "ClassDescription",
    "ClassStability",
    "Comparable",
    "ConfirmatoryAnalysis",
    "Correspondence",
    "ExploratoryAnalysis",
    "Invariance",
    "ItemFunctioning",
    "ItemResponses",
    "LavaanScript",
    "MergedCategories",
    "MultipleCorrespondence",
    "ParallelAnalysis",
    "Polychoric",
    "Reliability",
    "Retest",
    "Typology",
    "Validity",
    "add_scores",
    "adequacy",
    "attraction",
    "axes_to_keep",
    "axis_stability",
    "barycentres",
    "ca",
    "category_plane",
    "cfa",
    "class_stability",
    "comparability",
    "dendrogram",
    "describe_classes",
    "dif",
    "efa",
    "invariance",
    "item_responses",
    "lavaan_script",
    "mca",
    "merge_empty_categories",
    "ordinal_omega",
    "parallel_analysis",
    "polychoric",
    "reliability",
    "retest",
    "score",
    "typology",
    "validity",
]
