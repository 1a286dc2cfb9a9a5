"""From the raw exports of a questionnaire and of interviews to a comparison of partners that can be trusted.

Import it as ``import optima_research as opt``; every public name is loaded on first use, so that the import costs
little more than pandas.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_QUANTITATIVE = "optima_research.coding.quantitative"
_QUALITATIVE = "optima_research.coding.qualitative"
# Public name -> module that holds it. A name enters when its room is built.
_HOMES: dict[str, str] = {
    "set_language": "optima_research.language",
    "OptimaError": "optima_research.errors",
    "Estimate": "optima_research.results",
    "Verdict": "optima_research.results",
    "Result": "optima_research.results",
    "PublicationTable": "optima_research.results",
    "Column": "optima_research.results",
    "Codebook": "optima_research.codebook",
    "Variable": "optima_research.codebook",
    "ItemSet": "optima_research.codebook",
    "Scale": "optima_research.codebook",
    "MissingKind": "optima_research.codebook",
    "diff_codebooks": "optima_research.codebook",
    "write_ddi": "optima_research.codebook",
    "Trail": "optima_research.trail",
    "Survey": "optima_research.survey",
    "Tally": "optima_research.tally",
    "read_limesurvey": "optima_research.sources",
    "read_xlsform": "optima_research.sources",
    "read_table": "optima_research.sources",
    "read_stata": "optima_research.sources",
    "read_sphinx": "optima_research.sources",
    "read_spss": "optima_research.sources",
    "read_qualtrics": "optima_research.sources",
    "read_ofgl": "optima_research.sources",
    "read_period_sheets": "optima_research.sources",
    "read_forms": "optima_research.sources",
    "read": "optima_research.sources",
    "write_spss": "optima_research.sources",
    "write_data_package": "optima_research.sources",
    "stack": "optima_research.cleaning",
    "protect": "optima_research.privacy",
    "SurveyDesign": "optima_research.sampling",
    "rake": "optima_research.sampling",
    "poststratify": "optima_research.sampling",
    "calibrate": "optima_research.sampling",
    "trim_weights": "optima_research.sampling",
    "crude_and_weighted": "optima_research.sampling",
    "response_by_cell": "optima_research.sampling",
    "nonresponse_bounds": "optima_research.sampling",
    "jackknife": "optima_research.sampling",
    "change_between_waves": "optima_research.sampling",
    "margin_of_error": "optima_research.sampling",
    "sample_size": "optima_research.sampling",
    "smallest_detectable": "optima_research.sampling",
    "score": _QUANTITATIVE,
    "reliability": _QUANTITATIVE,
    "cfa": _QUANTITATIVE,
    "invariance": _QUANTITATIVE,
    "item_responses": _QUANTITATIVE,
    "dif": _QUANTITATIVE,
    "merge_empty_categories": _QUANTITATIVE,
    "lavaan_script": _QUANTITATIVE,
    "efa": _QUANTITATIVE,
    "parallel_analysis": _QUANTITATIVE,
    "comparability": _QUANTITATIVE,
    "add_scores": _QUANTITATIVE,
    "adequacy": _QUANTITATIVE,
    "polychoric": _QUANTITATIVE,
    "ordinal_omega": _QUANTITATIVE,
    "retest": _QUANTITATIVE,
    "validity": _QUANTITATIVE,
    "ca": _QUANTITATIVE,
    "mca": _QUANTITATIVE,
    "typology": _QUANTITATIVE,
    "read_qdpx": _QUALITATIVE,
    "read_qdc": _QUALITATIVE,
    "read_taguette": _QUALITATIVE,
    "read_qualcoder": _QUALITATIVE,
    "read_maxqda": _QUALITATIVE,
    "read_coded_table": _QUALITATIVE,
    "read_nvivo_matrix": _QUALITATIVE,
    "write_qdpx": _QUALITATIVE,
    "write_qdc": _QUALITATIVE,
    "coded_project": _QUALITATIVE,
    "agreement": _QUALITATIVE,
    "coding_agreement": _QUALITATIVE,
    "unitizing_alpha": _QUALITATIVE,
    "units_to_double_code": _QUALITATIVE,
    "coding_units": _QUALITATIVE,
    "combine_projects": _QUALITATIVE,
    "settle": _QUALITATIVE,
    "saturation": _QUALITATIVE,
    "classes_and_codes": _QUALITATIVE,
    "cooccurrence": _QUALITATIVE,
    "code_matrix": _QUALITATIVE,
    "coding_frame": _QUALITATIVE,
    "coded": _QUALITATIVE,
    "retrieve": _QUALITATIVE,
    "kwic": _QUALITATIVE,
    "verbatims": _QUALITATIVE,
    "merge_codes": _QUALITATIVE,
    "rename_code": _QUALITATIVE,
    "move_code": _QUALITATIVE,
    "redefine_code": _QUALITATIVE,
    "diff_code_trees": _QUALITATIVE,
    "joint_display": _QUALITATIVE,
    "link_by_pseudonym": _QUALITATIVE,
    "heard_apart": _QUALITATIVE,
    "interview_quotas": _QUALITATIVE,
    "two_readings": _QUALITATIVE,
    "read_iramuteq": _QUALITATIVE,
    "write_iramuteq": _QUALITATIVE,
    "project_corpus": _QUALITATIVE,
    "project_scope": _QUALITATIVE,
    "Corpus": _QUALITATIVE,
    "specificities": _QUALITATIVE,
    "specific_forms": _QUALITATIVE,
    "keyness": _QUALITATIVE,
    "reinert": _QUALITATIVE,
    "reinert_double": _QUALITATIVE,
    "similarity_graph": _QUALITATIVE,
    "lexical_correspondence": _QUALITATIVE,
    "compare": "optima_research.comparison",
    "compare_many": "optima_research.comparison",
    "crosstab": "optima_research.comparison",
    "describe": "optima_research.comparison",
    "equivalence": "optima_research.comparison",
    "frequency_table": "optima_research.comparison",
    "multilevel": "optima_research.comparison",
    "ordinal_model": "optima_research.comparison",
    "change": "optima_research.comparison",
    "robust_regression": "optima_research.comparison",
    "difference_in_differences": "optima_research.comparison",
    "export": "optima_research.publishing",
    "save_figure": "optima_research.publishing",
    "configure_notebook": "optima_research.publishing",
    "say": "optima_research.publishing",
    "show": "optima_research.publishing",
    "written_files": "optima_research.publishing",
    "reproducibility_sheet": "optima_research.publishing",
    "Study": "optima_research.observatory",
}
_ROOMS = ("cleaning", "codebook", "coding", "comparison", "errors", "observatory", "privacy", "publishing", "results",
          "sampling", "simulation", "sources")  # fmt: skip

__all__ = sorted([*_HOMES, "__version__"])


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(import_module(_HOMES[name]), name)
        globals()[name] = value
        return value
    if name in _ROOMS:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*__all__, *_ROOMS})
