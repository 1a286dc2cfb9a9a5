"""Segments cut as IRaMuTeQ cuts them: its own segments, forced cuts, and nothing of the text lost."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optima_research.coding.qualitative import Corpus
from optima_research.coding.qualitative.words.segments import iramuteq_bounds
from optima_research.errors import AnalysisError

REFERENCE = Path(__file__).parents[2] / "reference" / "iramuteq_segments.json"


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower().replace("œ", "oe"))


def test_segments_are_those_of_iramuteq() -> None:
    cases = json.loads(REFERENCE.read_text(encoding="utf-8"))["cases"]
    assert sum(len(case["segments"]) for case in cases) > 80
    for case in cases:
        ours = [words(case["text"][start:end]) for start, end in iramuteq_bounds(case["text"], case["size"])]
        assert ours == [words(segment) for segment in case["segments"]]


def test_ties_go_to_the_cut_furthest_right() -> None:
    text = " ".join(
        ["mot"] * 5 + ["fin,"] + ["mot"] * 4 + ["fin,"] + ["mot"] * 40
    )  # commas in places 6 and 12
    assert [len(words(text[slice(*iramuteq_bounds(text, size)[0])])) for size in (8, 9)] == [6, 11]


def test_a_dollar_forces_a_cut_and_loses_nothing() -> None:
    text = "Le budget est voté. $ « Les agents » attendent $ la note."
    pieces = [text[start:end] for start, end in iramuteq_bounds(text)]
    assert pieces == ["Le budget est voté.", "« Les agents » attendent", "la note."]


def test_a_closing_quote_stays_with_its_segment() -> None:
    text = (
        "Le maire dit : « Il faut mutualiser. » " + "Les agents attendent encore la réponse du service " * 4
    )
    first = text[slice(*iramuteq_bounds(text, 8)[0])]
    assert first == "Le maire dit : « Il faut mutualiser. »"


def test_a_corpus_is_cut_by_either_method() -> None:
    corpus = Corpus(["L'eau, l'énergie, les routes : tout se discute. " * 6], {"role": ["élu"]})
    by_words, by_tokens = corpus.segments(20), corpus.segments(20, method="iramuteq")
    assert by_tokens.n > by_words.n  # marks and elisions count
    assert set(by_tokens.variables["role"]) == {"élu"}
    assert by_tokens.origin is not None
    whole = corpus.texts.iloc[0]
    cut = [whole[start:end] for start, end in by_tokens.origin[["start", "end"]].to_numpy()]
    assert cut == by_tokens.texts.tolist()
    with pytest.raises(AnalysisError, match="alceste"):
        corpus.segments(method="alceste")  # type: ignore[arg-type]


@given(
    st.lists(st.sampled_from(["mot", "l'eau", "fin.", "oui,", "«", "»", "$", "…", "...", "!", "\n"])),
    st.integers(2, 9),
)
def test_every_word_is_in_one_segment(pieces: list[str], size: int) -> None:
    text = " ".join(pieces)
    bounds = iramuteq_bounds(text, size)
    assert [w for start, end in bounds for w in words(text[start:end])] == words(text)
    assert all(a[1] <= b[0] for a, b in pairwise(bounds))
    assert all(text[start:end].strip() == text[start:end] != "" for start, end in bounds)
