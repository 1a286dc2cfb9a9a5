"""One campaign of a project that holds two."""

import pandas as pd
import pytest

from optima_research.coding.qualitative import coded_project, project_scope, read_qdpx, write_qdpx
from optima_research.errors import AnalysisError


@pytest.fixture
def project():
    names = ["E1_2012", "E2_2012", "E1_2014"]
    variables = pd.DataFrame(
        {
            "owner_kind": "source",
            "owner": names,
            "variable": "campagne",
            "type": "Text",
            "value": ["2012", "2012", "2014"],
        }
    )
    return coded_project(
        pd.DataFrame({"name": names, "text": "Le budget est voté."}),
        pd.DataFrame(
            {"source": names, "start": 3, "end": 9, "code": ["budget", "budget", "argent"], "coder": "Anne"}
        ),
        cases=pd.DataFrame({"name": ["P1", "P2"], "rôle": ["élu", "DGS"]}),
        memberships=pd.DataFrame({"case": ["P1", "P2", "P1"], "source": names}),
    ).evolve(variables=variables)


def test_what_hangs_on_the_other_sources_goes_and_the_code_tree_stays(project):
    part = project_scope(project, {"campagne": "2014"})
    assert part.sources["name"].tolist() == ["E1_2014"]
    assert part.codings["code"].tolist() == ["argent"]
    assert part.cases["name"].tolist() == ["P1"]
    assert part.memberships["source"].tolist() == ["E1_2014"]
    assert set(part.variables["owner"]) == {"E1_2014"}
    assert part.codes.equals(project.codes)


def test_values_may_be_several_and_all_variables_must_hold(project):
    assert len(project_scope(project, {"campagne": ["2012", "2014"]}).sources) == 3
    assert project_scope(project, {"campagne": "2012"}).case_of().tolist() == ["P1", "P2"]


def test_a_part_is_a_whole_project(project, tmp_path):
    part = project_scope(project, {"campagne": "2012"})
    again = read_qdpx(write_qdpx(part, tmp_path / "p.qdpx"))
    assert again.codings["text"].tolist() == part.codings["text"].tolist()


def test_unknown_values_and_variables_are_refused(project):
    with pytest.raises(AnalysisError, match="2013"):
        project_scope(project, {"campagne": "2013"})
    with pytest.raises(AnalysisError, match="Aucun document"):
        project_scope(project, {"campagne": []})
    with pytest.raises(AnalysisError):
        project_scope(project, {"vague": "2012"})
