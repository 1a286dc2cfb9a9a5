"""Specificities and keyness against textometry, exact arithmetic and scipy."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import optima_research as opt
from optima_research.coding.qualitative import Corpus, TermMatrix, keyness, specific_forms, specificities
from optima_research.errors import AnalysisError, DisclosureError
from optima_research.privacy import protect

# Ten speeches of Robespierre (Lafon 1980, table 1); the last row holds all the other words.
SPEECHES = pd.DataFrame(
    [
        [464, 165, 194, 392, 398, 235, 509, 96, 58, 662],
        [45, 18, 15, 14, 53, 30, 42, 16, 4, 59],
        [35, 10, 16, 29, 29, 9, 21, 14, 2, 42],
        [30, 13, 11, 19, 22, 10, 16, 7, 2, 35],
        [6, 5, 16, 8, 23, 10, 35, 8, 3, 39],
        [7815, 2347, 3668, 6441, 7371, 4261, 9519, 1922, 1015, 13096],
    ],
    index=["de", "peuple", "republique", "ennemi", "patrie", "others"],
    columns=[f"D{i}" for i in range(1, 11)],
)


def exact(f: int, total: int, marked: int, drawn: int) -> float:
    """Base-ten logarithm of the tail, by integer arithmetic."""
    over = Fraction(f) >= Fraction(marked * drawn, total)
    span = range(f, min(marked, drawn) + 1) if over else range(max(0, drawn + marked - total), f + 1)
    ways = sum(math.comb(marked, k) * math.comb(total - marked, drawn - k) for k in span)
    log = _log10(ways) - _log10(math.comb(total, drawn))
    return -log if over else log


def _log10(n: int) -> float:
    shift = max(n.bit_length() - 900, 0)
    return math.log10(n >> shift) + shift * math.log10(2)


def test_specificities_equal_textometry(shared_reference: Path) -> None:
    file = shared_reference / "qualitative" / "robespierre_textometry_0.1.6.csv"
    expected = pd.read_csv(file, index_col=0)
    assert np.abs(opt.specificities(SPEECHES) - expected).to_numpy().max() < 5.1e-5


def test_signs_near_the_expectation_follow_the_expected_value() -> None:
    scores = specificities(SPEECHES)
    assert scores.loc["de", "D6"] == pytest.approx(-0.2909, abs=5e-5)
    assert scores.loc["patrie", "D9"] == pytest.approx(0.2942, abs=5e-5)


@given(st.lists(st.lists(st.integers(0, 60), min_size=3, max_size=3), min_size=2, max_size=5))
@settings(max_examples=40, deadline=None)
def test_tails_are_those_of_exact_arithmetic(rows: list[list[int]]) -> None:
    table = pd.DataFrame([*rows, [40, 90, 15]])
    scores = specificities(table).to_numpy()
    values = table.to_numpy()
    for (i, j), f in np.ndenumerate(values):
        expected = exact(int(f), int(values.sum()), int(values[i].sum()), int(values[:, j].sum()))
        assert scores[i, j] == pytest.approx(expected, rel=1e-9, abs=1e-10)


def test_scores_stay_finite_where_the_probability_underflows() -> None:
    table = pd.DataFrame({"A": [1000, 9000], "B": [10, 29990]}, index=["budget", "(autres)"])
    score = specificities(table).loc["budget"]
    assert np.isfinite(score).all()
    assert score["A"] > 330
    assert score["A"] == pytest.approx(exact(1000, 40_000, 1010, 10_000), rel=1e-9)


def test_words_of_forms_not_listed_count() -> None:
    listed = SPEECHES.drop(index="others")
    whole = specificities(listed, totals=SPEECHES.sum())
    pd.testing.assert_frame_equal(whole, specificities(SPEECHES).drop(index="others"))
    with pytest.raises(AnalysisError, match="moins de mots"):
        specificities(SPEECHES, totals=listed.sum())


def test_a_corpus_is_compared_with_all_its_words() -> None:
    corpus = Corpus(["le budget et le budget", "les agents et le temps"], {"epci": ["A", "B"]})
    matrix = corpus.term_matrix(min_docfreq=1)
    by_hand = specificities(matrix.by("epci"), totals=pd.Series({"A": 5, "B": 5}))
    pd.testing.assert_frame_equal(specificities(matrix, by="epci"), by_hand)
    with pytest.raises(AnalysisError, match="variable"):
        specificities(matrix)


def test_the_report_says_who_over_uses_what() -> None:
    result = specific_forms(SPEECHES, drop=("others",))
    assert result.sentence().startswith("« de » est sur-employé dans « D2 »")
    assert "others" not in set(result.cells["term"])
    assert len(result.table().body) == len(result.strongest())
    assert result.plot().get_xlabel().split("   ") == [
        "Sous-employé",
        "◂",
        "Spécificité (puissances de dix)",
        "▸",
        "sur-employé",
    ]
    reversed_rows = specific_forms(SPEECHES[::-1], drop=("others",))
    assert reversed_rows.strongest().equals(result.strongest())
    calm = specific_forms(pd.DataFrame({"A": [5, 50], "B": [5, 50]}))
    assert "Aucune forme" in calm.sentence()
    assert calm.table().body.empty


def test_keyness_equals_scipy_on_each_table() -> None:
    cases: list[tuple[Literal["none", "yates"], bool]] = [("none", False), ("yates", True)]
    for correction, options in cases:
        found = keyness(SPEECHES, "D4", unit="occurrences", correction=correction)
        ratio = keyness(SPEECHES, "D4", unit="occurrences", correction=correction, measure="g2")
        for term, row in SPEECHES.iterrows():
            a, rest = row["D4"], row.drop("D4").sum()
            n_a, n = SPEECHES["D4"].sum(), SPEECHES.to_numpy().sum()
            table = [[a, rest], [n_a - a, n - n_a - rest]]
            chi2 = stats.chi2_contingency(table, correction=options)
            g2 = stats.chi2_contingency(table, correction=options, lambda_="log-likelihood")
            assert abs(found.loc[term, "statistic"]) == pytest.approx(chi2.statistic, rel=1e-9)
            assert found.loc[term, "p_value"] == pytest.approx(chi2.pvalue, rel=1e-8)
            assert abs(ratio.loc[term, "statistic"]) == pytest.approx(g2.statistic, rel=1e-7, abs=1e-9)


def test_williams_divides_the_likelihood_ratio() -> None:
    plain = keyness(SPEECHES, "D1", unit="occurrences", correction="none", measure="g2")["statistic"]
    williams = keyness(SPEECHES, "D1", unit="occurrences", correction="williams", measure="g2")["statistic"]
    assert (williams.abs() < plain.reindex(williams.index).abs()).all()
    with pytest.raises(AnalysisError, match="Williams"):
        keyness(SPEECHES, "D1", unit="occurrences", correction="williams")


def test_units_are_never_confused() -> None:
    frame = pd.DataFrame({"budget": [3, 0, 1], "agent": [0, 1, 1]}, index=["a", "b", "c"])
    matrix = TermMatrix.of_frame(frame, variables=pd.DataFrame({"epci": ["A", "A", "B"]}, index=frame.index))
    in_segments = keyness(matrix, "A", unit="segments", correction="none", by="epci")
    in_words = keyness(matrix, "A", unit="occurrences", correction="none", by="epci")
    assert in_segments.loc["budget", "n_target"] == 1
    assert in_segments.loc["budget", "share_target"] == 0.5
    assert in_words.loc["budget", ["n_target", "share_target"]].tolist() == [3, 0.75]
    with pytest.raises(AnalysisError, match="segments"):
        keyness(SPEECHES, "D1", unit="segments", correction="none")
    with pytest.raises(AnalysisError, match="D10"):
        keyness(SPEECHES, "D11", unit="occurrences", correction="none")


def test_words_of_too_few_people_are_not_told() -> None:
    """Six people of A say « budget », one of them « boulangerie » often; B is two people."""
    texts = ["budget dette budget"] * 6 + ["agent équipe"] * 8 + ["usager accueil"] * 2
    texts[0] += " boulangerie" * 6
    corpus = Corpus(texts, {"partner": ["A"] * 6 + ["C"] * 8 + ["B"] * 2})
    found = specific_forms(corpus.term_matrix(min_docfreq=1), by="partner", least=1.0)
    assert found.people.to_dict() == {"A": 6, "B": 2, "C": 8}
    users = found.cells.set_index(["part", "term"])["users"]
    assert (users["A", "budget"], users["A", "boulangerie"], users["C", "budget"]) == (6, 1, 0)
    shown = protect(found, "cinq")
    assert set(shown.cells["part"]) == {"C"}  # B is too small, and A would tell how many B are
    assert "usager" not in set(shown.strongest()["term"][shown.strongest()["score"] > 0])
    three = protect(found, "insee_entreprises")
    assert "boulangerie" not in set(three.cells.loc[three.cells["score"] > 0, "term"])
    assert "boulangerie" not in "".join(text.get_text() for text in three.plot().texts)
    assert protect(found, "interne").cells.equals(found.cells)
    counts = corpus.term_matrix(min_docfreq=1).by("partner")
    with pytest.raises(DisclosureError):
        protect(specific_forms(counts), "cinq")
    told = protect(specific_forms(counts, people=pd.Series({"A": 6, "B": 6, "C": 8})), "cinq")
    assert set(told.cells["part"]) == {"A", "B", "C"}


def test_parts_that_may_not_be_told_are_not_said_to_be_alike() -> None:
    hidden = protect(specific_forms(SPEECHES, people=pd.Series(dict.fromkeys(SPEECHES, 2))), "cinq")
    assert hidden.sentence() == "Trop peu de personnes parlent dans ces parties."
