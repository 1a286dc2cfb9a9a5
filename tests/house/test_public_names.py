"""The public names are a contract: importable from the package, documented, each with an example that runs."""

from __future__ import annotations

import pytest

import optima_research as opt

CONTRACT = """
read_limesurvey read_xlsform read_spss read_stata read_forms read_sphinx read_qualtrics read_table
Codebook diff_codebooks cleaning Survey Trail Estimate Verdict Result PublicationTable
score reliability efa parallel_analysis cfa invariance
SurveyDesign rake poststratify frequency_table crosstab describe compare compare_many equivalence
multilevel ordinal_model robust_regression difference_in_differences change ca mca typology
read_qdpx read_qdc read_taguette read_qualcoder read_maxqda write_qdpx
agreement coding_agreement unitizing_alpha saturation cooccurrence code_matrix joint_display
read_iramuteq Corpus reinert specificities keyness similarity_graph
Study export set_language OptimaError
""".split()
OFFERED = [name for name in opt.__all__ if not name.startswith("__")]


@pytest.mark.parametrize("name", CONTRACT)
def test_the_contract_is_kept(name: str) -> None:
    if name not in dir(opt):
        pytest.skip("its room is not built yet: the package does not offer the name")
    assert getattr(opt, name) is not None


@pytest.mark.parametrize("name", OFFERED)
def test_every_name_is_documented_with_an_example(name: str) -> None:
    documentation = getattr(opt, name).__doc__ or ""
    assert "Examples" in documentation
    assert ">>>" in documentation


def test_a_misspelt_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="compair"):
        _ = opt.compair


def test_completion_offers_the_public_names() -> None:
    assert set(opt.__all__) <= set(dir(opt))
