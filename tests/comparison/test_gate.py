"""The gate: a scale between partners is compared with what its items allow, and the note says so."""

import numpy as np
import pandas as pd
import pytest

import optima_research as opt


@pytest.fixture
def survey(rng):
    n = 240
    trait = rng.standard_normal((2 * n, 1))
    items = np.clip(np.rint(3 + 0.8 * trait + 0.7 * rng.standard_normal((2 * n, 4))), 1, 5).astype(int)
    answers = pd.DataFrame(items, columns=list("abcd")).assign(ville=np.repeat(["Pau", "Lescar"], n))
    scale = opt.Scale("S", tuple("abcd"), label="Climat")
    variables = [
        opt.Variable(name, measure="ordinal", values={k: str(k) for k in range(1, 6)}) for name in "abcd"
    ]
    book = opt.Codebook([*variables, opt.Variable("ville", role="partner")], scales=[scale])
    return opt.Survey.build(answers, book)


def test_a_scale_between_partners_passes_the_gate(survey):
    result = opt.compare(survey.pipe(opt.add_scores, "S"), "S", "ville", smallest_effect=0.3)
    assert result.comparability is not None
    assert str(result.comparability.comparable) == "means"
    assert result.comparability.sentence() in result.table().note


def test_a_biased_item_closes_it_and_the_note_says_what_may_be_compared(survey):
    shifted = survey.answers["d"].where(
        survey.answers["ville"] != "Pau", (survey.answers["d"] + 2).clip(upper=5)
    )
    biased = survey.changed({"d": shifted}, rule="test", reason="un item biaisé")
    result = opt.compare(biased.pipe(opt.add_scores, "S"), "S", "ville", smallest_effect=0.3)
    assert str(result.comparability.comparable) == "relations"


def test_a_scale_of_two_items_is_said_not_to_be_tested(survey):
    short = survey.described(survey.codebook.with_scales(opt.Scale("S", ("a", "b"))))
    result = opt.compare(short.pipe(opt.add_scores, "S"), "S", "ville")
    assert result.comparability is None
    assert "non testée" in result.table().note


def test_between_other_groups_there_is_no_gate(survey):
    book = survey.codebook.replace(opt.Variable("ville"))
    assert opt.compare(survey.described(book).pipe(opt.add_scores, "S"), "S", "ville").comparability is None
