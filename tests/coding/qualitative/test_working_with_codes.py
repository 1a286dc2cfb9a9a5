"""Code tree, retrieval and quotations on projects whose answer is known."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from optima_research.coding.qualitative.codes.coding_frame import coding_frame
from optima_research.coding.qualitative.codes.verbatims import verbatims
from optima_research.coding.qualitative.projects.code_tree import (
    diff_code_trees,
    merge_codes,
    move_code,
    redefine_code,
    rename_code,
)
from optima_research.coding.qualitative.projects.project import coded_project
from optima_research.coding.qualitative.projects.retrieval import coded, kwic, retrieve
from optima_research.errors import AnalysisError, CodebookError
from optima_research.privacy import protect
from tests.coding.qualitative.projects import TEXT, interviews, partners, small

# --- the tree


def test_merging_keeps_every_span_once_and_says_why():
    project = interviews()
    merged = merge_codes(
        project, ["freins/temps", "freins/outils"], "freins", reason="deux faces d'une idée", who="AB"
    )
    assert set(merged.codes["path"]) == {
        "confiance",
        "freins",
        "pilotage",
        "pilotage/budget",
        "pilotage/indicateurs",
    }
    before = project.codings[project.codings["code"].str.startswith("freins")]
    assert (merged.codings["code"] == "freins").sum() == len(before)
    (line,) = merged.log.itertuples()
    assert (line.action, line.codings, line.reason) == ("merge", len(before), "deux faces d'une idée")


def test_merging_two_codes_of_one_span_leaves_one_coding():
    project = small([(0, 19, "a", "A"), (0, 19, "b", "A"), (0, 19, "b", "B")])
    merged = merge_codes(project, ["a"], "b", reason="synonymes")
    assert merged.codings[["code", "coder"]].to_numpy().tolist() == [["b", "A"], ["b", "B"]]


def test_moving_and_renaming_take_the_branch_along():
    project = interviews()
    moved = move_code(project, "freins", "pilotage", reason="les freins sont ceux du pilotage")
    assert {"pilotage/freins", "pilotage/freins/temps"} <= set(moved.codes["path"])
    assert (moved.codings["code"] == "pilotage/freins/temps").any()
    renamed = rename_code(moved, "pilotage/freins", "obstacles", reason="mot des interviewés")
    assert "pilotage/obstacles/outils" in set(renamed.codes["path"])
    changes = diff_code_trees(project, renamed)
    assert set(changes["change"]) == {"renamed", "moved"}
    assert changes.set_index("before").loc["freins", "after"].tolist() == ["pilotage/obstacles"] * 2
    assert renamed.log["action"].tolist() == ["move", "rename"]


def test_a_change_without_reason_or_in_a_loop_is_refused():
    project = interviews()
    with pytest.raises(CodebookError):
        rename_code(project, "confiance", "foi", reason=" ")
    with pytest.raises(CodebookError):
        move_code(project, "freins", "freins/temps", reason="x")
    with pytest.raises(CodebookError, match="merge_codes"):
        rename_code(project, "confiance", "freins", reason="x")
    with pytest.raises(AnalysisError, match="confiance"):
        rename_code(project, "confianse", "foi", reason="x")


def test_the_diff_tells_additions_removals_and_definitions():
    project = interviews()
    after = redefine_code(project, "confiance", "Entre élus et services", reason="précision")
    after = merge_codes(after, ["freins/outils"], "freins/temps", reason="même idée")
    changes = diff_code_trees(project, after)
    assert changes[["change", "before"]].to_numpy().tolist() == [
        ["redefined", "confiance"],
        ["merged", "freins/outils"],
    ]
    assert diff_code_trees(after, project)["change"].tolist() == ["redefined", "added"]


# --- retrieval


def test_and_or_not_touching_and_near():
    project = small()

    def texts(query):
        return retrieve(project, query)["text"].tolist()

    assert texts(coded("budget") & coded("confiance")) == ["le budget"]
    assert texts(coded("budget") & ~coded("confiance")) == ["Le budget est voté."]
    assert len(texts(coded("budget") | coded("freins"))) == 3
    assert texts(coded("budget").touching(coded("confiance"))) == ["le budget"]
    assert texts(coded("budget").near(coded("freins"), words=0)) == ["Le budget est voté."]
    assert texts(coded("confiance").near(coded("freins"), words=0)) == [TEXT[44:82]]
    assert texts(coded("budget", coder="A")) == ["Le budget est voté."]
    with pytest.raises(AnalysisError, match="budget"):
        texts("budgett")


def test_near_in_speaking_turns():
    text = "DGS : Le budget.\nÉLU : Non.\nDGS : La confiance.\n"
    place = {w: (text.index(w), text.index(w) + len(w)) for w in ("budget", "confiance")}
    project = small([(*span, word, "A") for word, span in place.items()], text)
    close = {n: len(retrieve(project, coded("budget").near(coded("confiance"), turns=n))) for n in (0, 1, 2)}
    assert close == {0: 0, 1: 0, 2: 1}


def test_retrieval_by_variable_and_branch_with_context():
    project = interviews()
    found = retrieve(project, "pilotage", where={"role": "DGS"}, context=10)
    assert set(found["case"]) == {"E02", "E05"}
    assert found["before"].str.len().max() == 10
    both = retrieve(project, "pilotage", where={"role": ["DGS", "élu"], "partner": "A"})
    assert set(both["case"]) == {"E01", "E02"}


spans = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=6)


@settings(max_examples=25, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(spans, spans)
def test_the_algebra_of_spans_is_that_of_sets_of_characters(one, two):
    rows = [(min(a, b), max(a, b), code, "A") for code, part in (("x", one), ("y", two)) for a, b in part]
    rows += [(0, 1, "z", "A")]
    project = small(rows, "abcdefghij" * 4)
    sets = {c: {i for a, b, code, _w in rows if code == c for i in range(a, b)} for c in "xy"}

    def characters(query):
        found = retrieve(project, query)
        return {i for a, b in zip(found["start"], found["end"], strict=True) for i in range(a, b)}

    codes = set(project.codes["path"])
    if {"x", "y"} <= codes:
        assert characters(coded("x") & coded("y")) == sets["x"] & sets["y"]
        assert characters(coded("x") | coded("y")) == sets["x"] | sets["y"]
        assert characters(coded("x") & ~coded("y")) == sets["x"] - sets["y"]


def test_words_in_context_carry_their_codes():
    found = kwic(small(), "budget", width=8)
    assert found["codes"].tolist() == ["budget", "budget, confiance"]
    assert kwic(small(), "confian*")["keyword"].tolist() == ["confiance"]
    assert kwic(small(), "bud")["keyword"].tolist() == []
    with pytest.raises(AnalysisError):
        kwic(small(), "(", regex=True)


# --- quotations


def test_quotations_bear_pseudonyms_and_no_name():
    project = interviews()
    found = verbatims(project, show=("role", "partner"), names=["Le logiciel"], smallest=2)
    assert found.quotes["speaker"].str.match(r"P\d\d").all()
    assert not found.quotes["quote"].str.contains("logiciel").any()
    shown = found.table().formatted().to_string()
    assert not any(case in shown for case in project.cases["name"])
    assert found.quotes.groupby("code")["case"].nunique().max() == 3


def test_nobody_is_recognised_by_a_rare_trait():
    project = interviews()
    found = verbatims(project, show=("role", "partner"), smallest=3, per_code=8)
    traits = found.quotes.drop_duplicates("case")["speaker"].str.split(", ").str[1:].map(tuple)
    counts = traits.value_counts()
    assert all(n >= 3 or not trait for trait, n in counts.items())
    assert found.withheld


def test_few_people_left_with_a_short_label_pull_the_others_down():
    """Ten élus, eight of A: the two of B, shown as « élu » alone, would be known by the gap."""
    names = [f"E{i}" for i in range(10)]
    project = coded_project(
        pd.DataFrame({"name": names, "text": "Une phrase assez longue pour citer."}),
        pd.DataFrame({"source": names, "start": 0, "end": 35, "code": "c"}),
        cases=pd.DataFrame({"name": names, "role": "élu", "partner": ["A"] * 8 + ["B"] * 2}),
    )
    found = verbatims(project, show=("role", "partner"), smallest=3, per_code=10)
    assert found.quotes["speaker"].str.endswith(", élu").all()


def test_the_coding_frame_names_codes_without_definition():
    found = coding_frame(interviews())
    assert found.codes.loc["confiance", "n_sources"] == 8
    assert "confiance" in found.sentence()
    assert found.codes.loc["pilotage", "n_codings"] == 0


def test_the_example_of_a_code_is_one_that_coders_share() -> None:
    text = "Le budget est voté en mars. On manque de temps. Le budget baisse encore."
    spans = [(0, 27, "Anne"), (0, 20, "Bruno"), (28, 47, "Anne"), (48, 72, "Anne")]
    project = coded_project(
        pd.DataFrame({"name": ["E1"], "text": [text]}),
        pd.DataFrame(spans, columns=["start", "end", "coder"]).assign(source="E1", code="budget"),
    )
    assert "voté" in coding_frame(project).codes.loc["budget", "example"]


def test_a_policy_takes_from_quotations_the_traits_of_too_few_people():
    project = partners({"Grand": 9, "Moyen": 7, "Petit": 4})
    whole = verbatims(project, show=["partner"], words=(1, 9), per_code=30)
    assert any(speaker.endswith(", Petit") for speaker in whole.quotes["speaker"])
    shown = protect(whole, "cinq")
    assert {who.split(", ")[1] for who in shown.quotes["speaker"] if ", " in who} == {"Grand"}
    assert shown.quotes["case"].str.fullmatch(r"P\d\d").all()
    assert not {"start", "end"} & set(shown.quotes)
    assert "11 personnes" in shown.sentence()
    assert "politique" in shown.sentence()
    assert protect(whole, "interne").quotes.equals(whole.quotes)


def test_quotations_and_examples_end_with_a_whole_word() -> None:
    text = "On ne mesure jamais ce qui compte. Voilà."
    project = coded_project(
        pd.DataFrame({"name": ["E1"], "text": [text]}),
        pd.DataFrame({"source": ["E1"], "start": [8], "end": [30], "code": ["mesure"], "coder": ["Anne"]}),
    )
    assert verbatims(project, ["mesure"]).quotes["quote"].tolist() == ["mesure jamais ce qui compte"]
    assert coding_frame(project).codes.loc["mesure", "example"] == "mesure jamais ce qui compte"
