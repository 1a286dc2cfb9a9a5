"""French text as words, segments and a sparse matrix; IRaMuTeQ's files both ways."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import optima_research as opt
from optima_research.coding.qualitative import (
    Corpus,
    Lexicon,
    project_corpus,
    read_iramuteq,
    tokenize,
    write_iramuteq,
)
from optima_research.coding.qualitative.words.segments import segment_bounds
from optima_research.errors import AnalysisError, SourceError
from tests.coding.qualitative.projects import interviews

TEXTS = [
    "ENQUÊTEUR : Et le budget ?\nÉLUE 1 : Le budget de l’agglo est voté, les agents l’attendent.\n",
    "DGS : La mutualisation des services avance ; le budget suit.\nÉLU : Les agent·e·s attendent.",
    "DGS : Le budget, les agents et les indicateurs.",
]


def words(text: str) -> list[str]:
    return [token.form for token in tokenize(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("l'État, l’élue", ["l'", "état", "l'", "élue"]),
        ("jusqu’aujourd'hui, quelqu’un d'autre", ["jusqu'", "aujourd'hui", "quelqu'un", "d'", "autre"]),
        ("les agent·e·s et élu(e)s", ["les", "agents", "et", "élus"]),
        ("un·e directeur/trice, des usager.e.s", ["un", "directeur", "des", "usagers"]),
        ("Pensez-vous ? A-t-il voté ?", ["pensez", "vous", "a", "il", "voté"]),
        ("le vice-président, un rendez-vous", ["le", "vice-président", "un", "rendez", "vous"]),
        (
            "le contrôle de gestion et le service public",
            ["le", "contrôle de gestion", "et", "le", "service public"],
        ),
        ("1 250,5 € en 2025", ["1", "250,5", "en", "2025"]),
    ],
)
def test_words_are_cut_as_a_french_reader_cuts_them(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@given(st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_tokens_lie_in_the_text_in_order(text: str) -> None:
    tokens = tokenize(text)
    ends = [0, *(token.end for token in tokens)]
    assert all(before <= token.start < token.end for before, token in zip(ends, tokens, strict=False))
    assert not tokens or tokens[-1].end <= len(text)


def test_words_of_local_government_are_content_even_where_stop_lists_drop_them() -> None:
    lexicon = Lexicon.default()
    assert all(lexicon.is_content(word) for word in ("état", "nouveau", "parole", "possible", "gens", "dire"))
    assert not any(lexicon.is_content(word) for word in ("le", "nous", "parce", "2025", "sont"))


def test_an_own_lexicon_has_the_last_word(tmp_path: Path) -> None:
    file = tmp_path / "lexique.csv"
    file.write_text(
        "forme,lemme,classe\nbudget,budget,con\nnote de cadrage,note de cadrage,nom\n", encoding="utf-8"
    )
    lexicon = Lexicon.default().extended(file)
    assert not lexicon.is_content("budget")
    assert [token.form for token in tokenize("la note de cadrage", lexicon)] == ["la", "note de cadrage"]
    file.write_text("forme,lemme\nbudget,budget\n", encoding="utf-8")
    with pytest.raises(AnalysisError, match="colonnes"):
        Lexicon.read(file)


@given(
    st.lists(st.sampled_from(["mot", "fin.", "pause,", "deux:", "été;"]), max_size=300), st.integers(2, 60)
)
@settings(max_examples=60, deadline=None)
def test_segments_share_out_all_the_words(sample: list[str], size: int) -> None:
    text = "  ".join(sample)
    pieces = [text[start:end] for start, end in segment_bounds(text, size)]
    assert " ".join(pieces).split() == sample
    assert all(len(piece.split()) <= size + round(0.4 * size) for piece in pieces)


def test_turns_name_their_speaker_and_can_leave_the_interviewer_out() -> None:
    turns = Corpus(TEXTS, {"epci": ["A", "A", "B"]}).turns(drop=["ENQUÊTEUR"])
    assert turns.variables["speaker"].tolist() == ["ÉLUE 1", "DGS", "ÉLU", "DGS"]
    assert turns.variables["epci"].tolist() == ["A", "A", "A", "B"]
    assert turns.origin is not None
    segments = turns.segments(4)
    assert segments.origin is not None
    for name, row in segments.origin.iterrows():
        original = TEXTS[int(row["document"]) - 1]
        assert original[row["start"] : row["end"]] == segments.texts[name]


def test_the_matrix_counts_lemmas_and_remembers_all_words() -> None:
    corpus = Corpus(TEXTS, {"epci": ["A", "A", "B"]})
    matrix = corpus.term_matrix(min_docfreq=1)
    assert matrix.counts.toarray()[:, matrix.terms.get_loc("budget")].tolist() == [2, 1, 1]
    assert matrix.by("epci").loc["agent"].tolist() == [2, 1]
    assert matrix.tokens_by("epci").sum() == sum(len(words(text)) for text in TEXTS)
    assert "le" not in matrix.terms
    assert "le" in corpus.term_matrix(forms="all", min_docfreq=1).terms
    assert corpus.term_matrix().terms.tolist() == ["agent", "budget"]
    with pytest.raises(AnalysisError, match="epci"):
        matrix.by("epic")


def test_iramuteq_comes_back_as_it_was(tmp_path: Path) -> None:
    variables = pd.DataFrame({"rôle": ["élue", "chef·fe de service", None], "epci": ["a_b", "a b", "x"]})
    corpus = Corpus(["Le budget *voté*.", "- Oui.\nNon.", "Fin."], variables)
    back = read_iramuteq(write_iramuteq(corpus, tmp_path / "corpus.txt"))
    pd.testing.assert_frame_equal(back.variables, corpus.variables, check_dtype=False)
    assert back.texts.tolist() == ["Le budget •voté•.", "– Oui.\nNon.", "Fin."]


def test_iramuteq_oddities_are_read_and_said(tmp_path: Path) -> None:
    file = tmp_path / "corpus.txt"
    text = "**** *age_ *ville_pau_sud *age_3 \nDébut.\n-*budget\nÉlus.\n-*agents\nFin.\n0002 *ville_lescar\nAutre.\n"
    file.write_bytes(text.encode("cp1252"))
    corpus = opt.read_iramuteq(file)
    assert corpus.variables["ville"].tolist() == ["pau_sud", "lescar"]
    assert corpus.variables["age"].iloc[0] == ""
    assert pd.isna(corpus.variables["age"].iloc[1])
    assert corpus.texts.iloc[0] == "Début.\n\nÉlus.\n\nFin."
    assert any("cp1252" in note for note in corpus.notes)
    split = opt.read_iramuteq(file, themes="split")
    assert split.texts.tolist() == ["Début.", "Élus.", "Fin.", "Autre."]
    assert split.variables["theme"].tolist()[1:3] == ["budget", "agents"]


@pytest.mark.parametrize(
    "content", [b"", b"Bonjour.\n", b"PK\x03\x04\x00\x00", "**** *a_b\n".encode("utf-16-le")]
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "corpus.txt"
    file.write_bytes(content)
    with pytest.raises(SourceError, match=r"corpus\.txt"):
        read_iramuteq(file)


def test_a_corpus_says_what_does_not_fit() -> None:
    with pytest.raises(AnalysisError, match="liste"):
        Corpus("Un seul texte.")
    with pytest.raises(AnalysisError, match="2 textes"):
        Corpus(["a", "b"], {"x": [1]})
    assert Corpus(["a", None]).texts.tolist() == ["a", ""]


def test_passages_of_a_code_go_to_iramuteq_with_their_case(tmp_path: Path) -> None:
    project = interviews()
    whole = project_corpus(project)
    assert whole.texts["E01"] == project.text("E01")
    assert whole.variables["role"].iloc[0] == "élu"
    passages = project_corpus(project, code="freins")
    assert set(passages.variables["partner"]) == {"A", "B", "C"}
    assert passages.texts.str.contains("temps|logiciel").all()
    back = read_iramuteq(write_iramuteq(passages, tmp_path / "freins.txt"))
    assert back.variables["role"].tolist() == passages.variables["role"].tolist()
