"""Code tree, retrieval, quotations, co-occurrence and matrices on projects whose answer is known."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact

from optima_research.coding.qualitative._cooccurrence_kernels import fisher_two_sided
from optima_research.coding.qualitative.code_matrix import code_matrix
from optima_research.coding.qualitative.code_tree import (
    diff_code_trees,
    merge_codes,
    move_code,
    redefine_code,
    rename_code,
)
from optima_research.coding.qualitative.coding_frame import coding_frame
from optima_research.coding.qualitative.cooccurrence import cooccurrence
from optima_research.coding.qualitative.project import coded_project
from optima_research.coding.qualitative.retrieval import coded, kwic, retrieve
from optima_research.coding.qualitative.verbatims import verbatims
from optima_research.errors import AnalysisError, CodebookError
from optima_research.privacy import protect
from tests.coding.qualitative.projects import interviews

TEXT = "Le budget est voté. Nous manquons de temps. La confiance est là, malgré le budget."


def small(spans=None, text=TEXT):
    spans = spans or [
        (0, 19, "budget", "A"),
        (20, 43, "freins", "A"),
        (44, 82, "confiance", "A"),
        (72, 81, "budget", "B"),
    ]
    frame = pd.DataFrame(spans, columns=["start", "end", "code", "coder"]).assign(source="E1")
    return coded_project(pd.DataFrame({"name": ["E1"], "text": [text]}), frame)


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


# --- co-occurrence


def test_cooccurrence_by_unit_is_what_counting_by_hand_gives():
    project = small()
    found = cooccurrence(project, "sentence", draws=0)
    assert found.counts.loc["budget", "confiance"] == 1
    assert np.diag(found.counts).tolist() == [2, 1, 1]
    pair = found.pairs.set_index(["code1", "code2"]).loc["budget", "confiance"]
    assert pair["jaccard"] == pytest.approx(1 / 2)
    assert pair["pmi"] == pytest.approx(np.log2(1 / (2 * 1 / 3)))
    overlap = cooccurrence(project, "overlap", draws=0)
    assert overlap.counts.loc["budget", "confiance"] == 1
    assert overlap.counts.loc["budget", "freins"] == 0


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["S1", "S2", "S3"]),
            st.integers(0, 11),
            st.integers(0, 12),
            st.sampled_from("abc"),
        ),
        min_size=1,
        max_size=25,
    )
)
@settings(max_examples=60, deadline=None, phases=[Phase.explicit, Phase.generate])
def test_overlap_is_what_marking_each_character_gives(drawn):
    rows = [(source, start, max(start, end), code) for source, start, end, code in drawn]
    project = coded_project(
        pd.DataFrame({"name": ["S1", "S2", "S3"], "text": ["abcdefghijkl", "abcdefghijk.", "abcdefghij.."]}),
        pd.DataFrame(rows, columns=["source", "start", "end", "code"]),
        cases=pd.DataFrame({"name": ["P1", "P2"]}),
        memberships=pd.DataFrame({"case": ["P1", "P1", "P2"], "source": ["S1", "S2", "S3"]}),
        codes=pd.DataFrame({"path": ["a", "b", "c"]}),
    )
    found = cooccurrence(project, "overlap", codes=["a", "b", "c"], draws=0)
    marked = {code: {s: [False] * 12 for s in ("S1", "S2", "S3")} for code in found.counts}
    for source, start, end, code in rows:
        for place in range(start, end):
            marked[code][source][place] = True
    for pair in found.pairs.itertuples():
        one, two = marked[pair.code1], marked[pair.code2]
        both = {s: [x and y for x, y in zip(one[s], two[s], strict=True)] for s in one}
        runs = sum(here and not before for m in both.values() for before, here in pairwise([False, *m]))
        shared = sum(map(sum, both.values()))
        either = sum(x or y for s in one for x, y in zip(one[s], two[s], strict=True))
        assert (pair.together, pair.shared, pair.either) == (runs, shared, either)
        assert pair.cases_together == (sum(both["S1"] + both["S2"]) > 0) + (sum(both["S3"]) > 0)
        assert np.isnan(pair.jaccard) if not either else pair.jaccard == pytest.approx(shared / either)


def test_a_long_passage_over_short_ones_has_no_jaccard_above_one():
    found = cooccurrence(small([(0, 80, "a", "A"), *((i, i + 4, "b", "A") for i in (0, 10, 20))]), "overlap")
    assert found.counts.loc["a", "b"] == 3
    assert found.jaccard.loc["a", "b"] == pytest.approx(12 / 80)


def test_fisher_of_many_tables_is_that_of_scipy():
    rng = np.random.default_rng(1)
    one, two = rng.integers(0, 13, (2, 80))
    both = np.array([rng.integers(max(0, r + c - 12), min(r, c) + 1) for r, c in zip(one, two, strict=True)])
    expected = [
        fisher_exact([[a, r - a], [c - a, 12 - r - c + a]]).pvalue
        for a, r, c in zip(both, one, two, strict=True)
    ]
    assert fisher_two_sided(both, one, two, 12) == pytest.approx(expected, abs=1e-12)


def test_one_talkative_person_is_one_witness():
    """Fifty meetings in one mouth: the count is high, the test on people is not fooled."""
    texts = {"E1": "Un deux. " * 50} | {f"E{i}": "Un. Deux. " for i in range(2, 9)}
    rows = [("E1", i * 9, i * 9 + 8, c) for i in range(50) for c in ("x", "y")]
    rows += [(f"E{i}", 0, 3, "x") if i % 2 else (f"E{i}", 4, 9, "y") for i in range(2, 9)]
    project = coded_project(
        pd.DataFrame({"name": list(texts), "text": list(texts.values())}),
        pd.DataFrame(rows, columns=["source", "start", "end", "code"]),
    )
    pair = cooccurrence(project, "sentence").pairs.iloc[0]
    assert pair["together"] == 50
    assert pair["cases_together"] == 1
    assert pair["p_value"] > 0.05
    assert pair["low"] < 0.1


def test_cooccurrence_needs_two_codes():
    with pytest.raises(AnalysisError):
        cooccurrence(small(), codes=["budget"])


# --- matrices


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


def partners(sizes, codes=("a", "b")):
    """Everybody says a; every second person says b."""
    who = [(f"{partner}{i}", partner) for partner, n in sizes.items() for i in range(n)]
    rows = [(name, 0, 4, "a") for name, _p in who] + [(name, 5, 9, "b") for name, _p in who[::2]]
    return coded_project(
        pd.DataFrame({"name": [name for name, _p in who], "text": "Oui. Non."}),
        pd.DataFrame(rows, columns=["source", "start", "end", "code"]),
        cases=pd.DataFrame(who, columns=["name", "partner"]),
    )


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
        assert shown.table().columns[0].label in {"Grand (n = 9)", "Cas"}
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
    assert count.table().columns[0].label == "a (n = 4)"
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


def test_meetings_of_codes_among_too_few_cases_are_not_told():
    whole = cooccurrence(interviews(), draws=0)
    assert protect(whole, "cinq").sentence() == whole.sentence()
    few = protect(whole, "onze")
    assert few.pairs.empty
    assert few.statistics() == {}
    assert few.sentence() == "Trop peu de cas pour dire quels codes se rencontrent."
    assert set(few.table().formatted().to_numpy().ravel()) == {"s"}
    few.plot()


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
