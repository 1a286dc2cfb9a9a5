"""Co-occurrence of codes: what counting by hand gives, in units and on characters."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact

from optima_research.coding.qualitative.codes._cooccurrence_kernels import fisher_two_sided
from optima_research.coding.qualitative.codes.cooccurrence import cooccurrence
from optima_research.coding.qualitative.projects.project import coded_project
from optima_research.errors import AnalysisError
from optima_research.privacy import protect
from tests.coding.qualitative.projects import interviews, small


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


def test_meetings_of_codes_among_too_few_cases_are_not_told():
    whole = cooccurrence(interviews(), draws=0)
    assert protect(whole, "cinq").sentence() == whole.sentence()
    few = protect(whole, "onze")
    assert few.pairs.empty
    assert few.statistics() == {}
    assert few.sentence() == "Trop peu de cas pour dire quels codes se rencontrent."
    assert set(few.table().formatted().to_numpy().ravel()) == {"s"}
    few.plot()
