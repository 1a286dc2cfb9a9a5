"""What a slip of the hand is told: the code that only groups others, the option that does not exist, nothing coded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import optima_research as opt

TEXT = "Le budget est voté par le conseil. La confiance manque entre les services. Rien d'autre à dire ici."
SPANS = [(0, 34, "moyens/budget"), (35, 75, "équité"), (35, 75, "liens/confiance")]


def project() -> Any:
    names = ["E1", "E2", "E3"]
    spans = pd.DataFrame(SPANS, columns=["start", "end", "code"])
    codings = pd.concat([spans.assign(source=n, coder=c) for n in names for c in ("Anne", "Bruno")])
    cases = pd.DataFrame({"name": names, "role": ["élu", "élu", "DGS"], "clé": ["P1", "P2", "P3"]})
    sources = pd.DataFrame({"name": names, "text": TEXT})
    return opt.coded_project(sources, codings, cases=cases, codes=pd.DataFrame({"path": ["jamais"]}))


SURVEY = pd.DataFrame({"clé": ["P1", "P2", "P3", "P4"], "score": [1.0, 2, 3, 4]})


def corpus_matrix() -> Any:
    return opt.project_corpus(project()).term_matrix(min_docfreq=1)


WRONG: dict[str, Callable[[], Any]] = {
    "liens/confiance": lambda: opt.coding_agreement(project(), codes=["liens"]),
    "branch": lambda: opt.code_matrix(project(), ["liens"], "role", draws=0),
    "moyens/budget": lambda: opt.cooccurrence(project(), codes=["moyens", "équité"]),
    "share_cases": lambda: opt.code_matrix(project(), "code", "role", measure="share_case"),
    "overlap": lambda: opt.cooccurrence(project(), "tour"),
    "occurrences": lambda: opt.keyness(corpus_matrix(), "élu", by="role", unit="tokens", correction="none"),
    "yates": lambda: opt.keyness(corpus_matrix(), "élu", by="role", unit="segments", correction="aucune"),
    "jaccard": lambda: opt.similarity_graph(corpus_matrix(), index="jacard"),
    "links": lambda: opt.similarity_graph(corpus_matrix(), communities_of="arbre"),
    "higher": lambda: joint({"équité": "plus haut"}),
    "« équité »": lambda: joint({"equité": "higher"}),
    "codes": lambda: joint({"jamais": "higher"}),
    "project_corpus": lambda: opt.write_iramuteq(project(), "x.txt"),
    "collectivité": lambda: opt.project_scope(project(), "role"),
    "codeur": lambda: opt.saturation(project().evolve(codings=project().codings.iloc[:0])),
    "role": lambda: opt.two_readings(
        pd.DataFrame({"délai": [1, 2]}, index=["A", "B"]), SURVEY.assign(epci=list("AABB")), project(),
        partner="epci", attitudes=["score"],
    ),
}  # fmt: skip


def test_a_score_is_cut_into_two_groups_at_least() -> None:
    with pytest.raises(opt.OptimaError, match="deux groupes"):
        opt.joint_display(SURVEY, project(), "score", key="clé", case_key="clé", quantiles=1)


def test_no_code_is_the_least_agreed_when_all_are_alike() -> None:
    assert "moins partagé" not in opt.coding_agreement(project(), draws=0).sentence()


def joint(expected: dict[str, str]) -> Any:
    return opt.joint_display(
        SURVEY, project(), "score", key="clé", case_key="clé", expected=expected, draws=0
    )


@pytest.mark.parametrize("told", list(WRONG))
def test_a_slip_is_told_with_what_to_write(
    told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(opt.OptimaError) as caught:
        WRONG[told]()
    assert told in str(caught.value)


@pytest.mark.parametrize("drop", ["text", "name"])
def test_tables_without_a_needed_column_are_refused(drop: str) -> None:
    sources = pd.DataFrame({"name": ["E1"], "text": ["Oui."]})
    codings = pd.DataFrame({"source": ["E1"], "start": [0], "end": [3], "code": ["a"]})
    with pytest.raises(opt.OptimaError, match=drop):
        opt.coded_project(sources.drop(columns=drop), codings)
    with pytest.raises(opt.OptimaError, match="E2"):
        opt.coded_project(sources, codings.assign(source="E2"))
    with pytest.raises(opt.OptimaError, match="E1"):
        opt.coded_project(pd.concat([sources, sources]), codings)


def test_quotations_of_a_folder_are_those_of_its_codes() -> None:
    assert opt.verbatims(project(), ["liens"]).quotes["code"].unique().tolist() == ["liens/confiance"]
    assert "Aucun" in opt.verbatims(project(), ["jamais"]).sentence()


def test_the_frame_tells_of_codes_nobody_used_in_french_order() -> None:
    frame = opt.coding_frame(project())
    assert frame.codes.index.tolist() == [
        "équité", "jamais", "liens", "liens/confiance", "moyens", "moyens/budget",
    ]  # fmt: skip
    assert frame.unused == ["jamais"]
    assert "« jamais »" in frame.sentence()


def test_a_merge_is_logged_with_one_arrow() -> None:
    merged = opt.merge_codes(project(), ["équité", "confiance"], "liens/justice", reason="une idée")
    assert merged.log["codes"].tolist() == ["équité, liens/confiance → liens/justice"]


def test_one_name_alone_is_a_list_of_one() -> None:
    whole = project()
    assert opt.verbatims(whole, "équité").quotes["code"].unique().tolist() == ["équité"]
    assert opt.coding_agreement(whole, codes="budget", draws=0).by_code.index.tolist() == ["moyens/budget"]


@pytest.mark.parametrize(
    "analysis", [opt.specific_forms, opt.similarity_graph, opt.lexical_correspondence, opt.reinert]
)
def test_words_are_those_of_a_corpus(analysis: Callable[..., Any]) -> None:
    with pytest.raises(opt.OptimaError, match="project_corpus"):
        analysis(project())


def test_a_corpus_stands_for_its_matrix() -> None:
    texts = ["budget dette budget école", "agent dette agent école", "budget école équipe"] * 5
    corpus = opt.Corpus(texts, {"role": ["élu", "DGS", "élu"] * 5})
    matrix = corpus.term_matrix()
    of_corpus, of_matrix = (opt.specific_forms(words, by="role").cells for words in (corpus, matrix))
    pd.testing.assert_frame_equal(of_corpus, of_matrix)
    pd.testing.assert_frame_equal(
        *(opt.keyness(w, "élu", by="role", unit="occurrences", correction="none") for w in (corpus, matrix))
    )


BETTER: list[tuple[dict[str, Any], str]] = [
    ({"better": {"delai": "lower"}}, "« délai »"),
    ({"better": {"délai": "bas"}}, "higher | lower"),
    ({"attitudes": []}, "attitude"),
]


@pytest.mark.parametrize(("options", "told"), BETTER)
def test_what_is_better_must_be_known(options: dict[str, Any], told: str) -> None:
    indicators = pd.DataFrame({"délai": [1, 2]}, index=["A", "B"])
    with pytest.raises(opt.OptimaError) as caught:
        opt.two_readings(
            indicators,
            SURVEY.assign(epci=list("AABB")),
            **{"partner": "epci", "attitudes": ["score"], **options},
        )
    assert told in str(caught.value)


def test_a_folder_of_the_frame_shows_no_zero() -> None:
    shown = opt.coding_frame(project()).table().formatted()
    assert shown.iloc[:, 2].tolist() == ["3", "0", "–", "3", "–", "3"]


def test_partners_of_one_place_are_all_named_on_axes_with_decimal_commas() -> None:
    indicators = pd.DataFrame({"délai": [1, 1, 2, 2]}, index=list("ABCD"))
    survey = pd.DataFrame({"epci": list("ABCD") * 3, "score": [1.0, 1, 2, 2] * 3})
    ax = opt.two_readings(indicators, survey, partner="epci", attitudes=["score"]).plot()
    placed = {text.get_text(): text.get_position() for text in ax.texts if text.get_text()}
    assert set(placed) == set("ABCD")
    assert placed["A"] != placed["B"]
    ax.figure.canvas.draw()
    assert not [label for label in ax.get_xticklabels() + ax.get_yticklabels() if "." in label.get_text()]


def test_an_undefined_agreement_reaches_nothing_and_few_sources_are_said_to_be_few() -> None:
    found = opt.coding_agreement(project(), "source", minimum=0.667)
    assert "non défini" in found.sentence()
    assert "atteignent" not in found.sentence()
    assert "trop étroits" in opt.coding_agreement(project()).method_note()


def test_parts_that_say_the_same_have_no_axis() -> None:
    corpus = opt.Corpus(["budget dette", "budget dette"], {"role": ["élu", "DGS"]})
    assert "pas d'axe" in opt.lexical_correspondence(corpus.term_matrix(min_docfreq=1), "role").sentence()
