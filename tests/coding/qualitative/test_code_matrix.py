"""Codes against groups and codes: denominators, tests, what a policy hides, and the figures."""

from __future__ import annotations

import pandas as pd
import pytest

from optima_research.coding.qualitative.codes.code_matrix import code_matrix
from optima_research.coding.qualitative.codes.coding_frame import coding_frame
from optima_research.coding.qualitative.codes.cooccurrence import cooccurrence
from optima_research.coding.qualitative.codes.verbatims import verbatims
from optima_research.coding.qualitative.projects.project import coded_project
from optima_research.coding.qualitative.projects.project_scope import project_scope
from optima_research.errors import AnalysisError
from optima_research.privacy import protect
from tests.coding.qualitative.projects import interviews, partners, small


def test_among_codes_with_the_smallest_p_the_one_with_the_widest_gap_is_named():
    names = [f"E{i:02d}" for i in range(40)]
    said = {"a": range(14), "b": range(20), "c": range(40)}
    project = coded_project(
        pd.DataFrame({"name": names, "text": "Le budget est voté."}),
        pd.DataFrame([(names[i], 3, 9, code) for code, who in said.items() for i in who],
                     columns=["source", "start", "end", "code"]),
        cases=pd.DataFrame({"name": names, "role": ["élu"] * 20 + ["DGS"] * 20}),
    )  # fmt: skip
    found = code_matrix(project, "code", "role", draws=200)
    assert found.tests.loc["a", "p_adjusted"] == found.tests.loc["b", "p_adjusted"]
    assert found.sentence().startswith("« b »")


def test_every_measure_has_its_denominator():
    project = interviews()
    one = project.codings.drop_duplicates(["source", "start", "end", "code"])
    by_role = {
        m: code_matrix(project, "code", "role", measure=m, draws=0)
        for m in ("cases", "share_cases", "codings", "share_codings")
    }
    role = project.cases.set_index("name")["role"]
    assert by_role["share_cases"].bases.to_dict() == role.value_counts().to_dict()
    expected = one[one["code"] == "freins/temps"].groupby(one["source"].map(role)).size()
    assert by_role["codings"].values.loc["freins/temps"].to_dict() == expected.to_dict()
    assert by_role["share_codings"].values.sum().round(12).eq(1).all()
    part = code_matrix(project, ["freins/temps"], "role", measure="share_codings", draws=0).values
    pd.testing.assert_frame_equal(part, by_role["share_codings"].values.loc[["freins/temps"]])
    cases = by_role["cases"].values
    assert (
        by_role["share_cases"].values * by_role["share_cases"].bases - cases
    ).abs().to_numpy().max() < 1e-12
    assert len({m.table().note for m in by_role.values()}) == 4


def test_share_of_words_does_not_reward_long_interviews():
    text = "Le budget est voté."
    project = coded_project(
        pd.DataFrame(
            {"name": ["court", "long"], "text": [text, text + " Et puis encore bien des choses sans code."]}
        ),
        pd.DataFrame({"source": ["court", "long"], "start": 0, "end": 19, "code": "budget"}),
    )
    values = code_matrix(project, "code", "case", measure="share_words").values.loc["budget"]
    assert values["court"] == 1.0
    assert values["long"] == pytest.approx(4 / 12)


def test_someone_interviewed_twice_is_in_no_single_campaign():
    names = ["E1_2012", "E1_2014", "E2_2012"]
    values = pd.DataFrame({"owner": names, "value": ["2012", "2014", "2012"]})
    project = coded_project(
        pd.DataFrame({"name": names, "text": "Le budget est voté."}),
        pd.DataFrame({"source": names[1:], "start": 3, "end": 9, "code": "budget"}),
        cases=pd.DataFrame({"name": ["P1", "P2"]}),
        memberships=pd.DataFrame({"case": ["P1", "P1", "P2"], "source": names}),
    ).evolve(variables=values.assign(owner_kind="source", variable="campagne", type="Text"))
    with pytest.raises(AnalysisError, match="« P1 » a plusieurs valeurs"):
        code_matrix(project, "code", "campagne")
    with pytest.raises(AnalysisError, match="« P1 » a plusieurs valeurs"):
        verbatims(project, show=["campagne"])
    late = project_scope(project, {"campagne": "2014"})
    assert code_matrix(late, "code", "campagne").values.loc["budget"].to_dict() == {"2014": 1.0}


def test_a_real_difference_is_found_and_an_absent_one_is_not():
    names = [f"E{i:02d}" for i in range(20)]
    group = ["élu"] * 10 + ["agent"] * 10
    rows = [(n, 0, 5, "politique") for n, g in zip(names, group, strict=True) if g == "élu"]
    rows += [(n, 6, 9, "banal") for n in names[::2]]
    project = coded_project(
        pd.DataFrame({"name": names, "text": "Début de texte."}),
        pd.DataFrame(rows, columns=["source", "start", "end", "code"]),
        cases=pd.DataFrame({"name": names, "groupe": group}),
    )
    found = code_matrix(project, "code", "groupe")
    assert found.tests.loc["politique", "p_adjusted"] < 0.01
    assert found.tests.loc["banal", "p_adjusted"] > 0.5
    assert "politique" in found.sentence()
    assert code_matrix(project, ["banal"], "groupe").sentence() != found.sentence()
    assert found.tests["p_value"].min() >= 1 / 2001


def test_a_branch_counts_its_sub_codes():
    project = interviews()
    found = code_matrix(project, ["freins"], "case", measure="codings", branch=True)
    parts = code_matrix(project, ["freins/temps", "freins/outils"], "case", measure="codings")
    assert (found.values.loc["freins"] == parts.values.sum()).all()


def test_codes_stand_in_rows_or_in_columns_with_the_denominator_named():
    project = interviews()
    down = code_matrix(project, "code", "role", draws=20)
    across = code_matrix(project, "role", "code", draws=20)
    pd.testing.assert_frame_equal(across.values, down.values.T)
    pd.testing.assert_frame_equal(across.tests, down.tests)
    assert "chaque colonne" in down.denominator
    assert "chaque ligne" in across.denominator
    table = across.table()
    assert table.stub == "role"
    assert table.body["n"].to_dict() == {"élu": 3, "DGS": 2, "directeur": 3}
    assert across.sentence() == down.sentence().replace("colonnes", "lignes")
    one = code_matrix(project, "role", "confiance", measure="share_words", draws=0)
    assert list(one.values) == ["confiance"]
    assert one.plot().get_ylabel() == "role"


def test_a_group_of_too_few_people_is_hidden_with_another_that_would_give_it_away():
    project = partners({"Grand": 9, "Moyen": 7, "Petit": 3, "Autre": 8})
    for rows, columns in (("code", "partner"), ("partner", "code")):
        whole = code_matrix(project, rows, columns, draws=20)
        shown = protect(whole, "cinq")
        seen = shown.by_code.notna().all(axis=0)
        assert not seen["Petit"]
        assert seen.to_dict() == {"Grand": True, "Moyen": False, "Petit": False, "Autre": True}
        assert shown.by_code["Grand"].tolist() == [1.0, pytest.approx(5 / 9)]
        assert shown.bases.isna().to_dict() == (~seen).to_dict()
        assert shown.tests is None
        assert not {"a|Petit", "Petit|a"} & set(shown.statistics())
        assert "Petit" not in shown.sentence()
        assert shown.table().columns[0].label in {"Grand (n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}9)", "Cas"}
        assert "n = 3" not in str([column.label for column in shown.table().columns])
        assert {text.get_text() for text in shown.plot().texts} >= {"s", "100"}
        assert protect(whole, "interne").values.equals(whole.values)
    alone = protect(code_matrix(project, "code", "case", draws=0), "cinq")
    assert alone.values.isna().to_numpy().all()
    assert alone.sentence() == "Aucun code à montrer."


def test_between_codes_cells_are_shares_of_the_cases_of_the_column():
    names = ["E1", "E2", "E3", "E4"]
    said = {"a": ["E1", "E2", "E3", "E4"], "b": ["E1", "E2"], "c": ["E4"]}
    rows = [(name, 0, 4, code) for code, people in said.items() for name in people]
    project = coded_project(
        pd.DataFrame({"name": names, "text": "Oui."}),
        pd.DataFrame(rows, columns=["source", "start", "end", "code"]),
    )
    share = code_matrix(project, "code", "code")
    assert share.values["a"].to_dict() == {"a": 1.0, "b": 0.5, "c": 0.25}
    assert share.values.loc["a"].to_dict() == {"a": 1.0, "b": 1.0, "c": 1.0}
    assert share.sentence().startswith("Parmi les cas qui évoquent « b » (2), 100")
    count = code_matrix(project, ["a", "b"], "code", measure="cases")
    assert count.values.loc["b"].tolist() == [2.0, 2.0, 0.0]
    assert count.table().columns[0].label == "a (n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}4)"
    assert count.sentence() == "« b » et « a » sont le plus souvent évoqués ensemble : par 2 cas."
    with pytest.raises(AnalysisError, match="que des cas"):
        code_matrix(project, "code", "code", measure="words")
    with pytest.raises(AnalysisError, match="Aucun côté"):
        code_matrix(project, "case", "case")
    with pytest.raises(AnalysisError):
        code_matrix(project, "zzz", "case")


def test_an_unknown_variable_is_suggested():
    with pytest.raises(AnalysisError, match="partner"):
        code_matrix(interviews(), "code", "partners")


def test_results_show_themselves():
    from matplotlib import pyplot as plt

    project = interviews()
    for found in (cooccurrence(project, draws=20), code_matrix(project, "code", "role", draws=20)):
        assert found.sentence()
        assert len(found.table().formatted())
        assert found.statistics()
        found.plot()
    for found in (verbatims(project), coding_frame(project)):
        assert len(found.table().formatted())
        assert repr(found)
    plt.close("all")


def test_long_names_stay_inside_the_figures():
    from matplotlib import pyplot as plt

    long = {
        code: f"relations entre les élus et l'administration/{code} et accompagnement des équipes"
        for code in ("budget", "freins", "confiance")
    }
    project = small(
        [(0, 40, long["budget"], "A"), (20, 60, long["freins"], "A"), (44, 82, long["confiance"], "A")]
    )
    for found in (cooccurrence(project, "overlap", draws=0), code_matrix(project, "code", "case", draws=0)):
        ax = found.plot()
        ax.figure.draw_without_rendering()
        page = ax.figure.bbox
        axis = [*ax.get_xticklabels(), *ax.get_yticklabels(), ax.xaxis.label] if ax.axison else []
        for text in [*ax.texts, *axis]:
            box = text.get_window_extent()
            assert page.x0 <= box.x0 + 1, text
            assert box.x1 <= page.x1 + 1, text
    plt.close("all")


def test_a_coding_frame_of_too_few_sources_keeps_its_definitions_only():
    whole = coding_frame(interviews())
    assert protect(whole, "cinq").codes.equals(whole.codes)
    shown = protect(whole, "onze")
    assert set(shown.codes["example"]) == {""}
    assert shown.codes["n_codings"].isna().all()
    assert shown.table().formatted()["Passages"].eq("s").all()
    assert shown.sentence() == "5 codes."  # the two folders are no codes


def test_a_project_without_codings_has_an_empty_matrix():
    project = coded_project(
        pd.DataFrame({"name": ["E1"], "text": ["Oui."]}),
        pd.DataFrame({"source": [], "start": [], "end": [], "code": []}),
    )
    for rows, columns in (("code", "case"), ("case", "code"), ("code", "code")):
        found = code_matrix(project, rows, columns)
        assert found.sentence() == "Aucun code à montrer."
        assert protect(found, "cinq").statistics() == {}
        found.plot()
