"""Recoding never loses an answer unseen."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optima_research import cleaning
from optima_research.cleaning._recode_language import parse_rules, table_of
from optima_research.errors import CleaningError, SurveyError
from optima_research.survey import Survey

ITEM = "CLI[SQ001]"


def test_ranges_labels_and_rest(survey: Survey) -> None:
    after = cleaning.recode(
        survey, ITEM, "1:2=1 [Non]; 3=2 [Neutre]; 4:5=3 [Oui]; else=NA(out_of_codes)", reason="3 classes"
    )
    assert after.codebook[ITEM].values == {1: "Non", 2: "Neutre", 3: "Oui"}
    assert after.missing.loc[110, ITEM] == "out_of_codes"
    before, now = survey.answers[ITEM], after.answers[ITEM]
    assert (now[before.isin([1, 2])] == 1).all()
    assert (now[before == 3] == 2).all()


def test_the_trail_keeps_the_counts_before_and_after(survey: Survey) -> None:
    after = cleaning.recode(survey, ITEM, "1:2=1; 3:6=2", reason="2 classes")
    details = after.trail.steps[-1].details
    assert sum(details["before"].values()) == sum(details["after"].values()) == survey.n
    assert details["before"]["NA"] == details["after"]["NA"] == 2
    declared = cleaning.declare_missing(survey, ITEM, {6: "refused"}, reason="6 = refus")
    assert declared.trail.steps[-1].details == {"emptied": {ITEM: 1}}


def test_an_answer_no_rule_takes_is_refused(survey: Survey) -> None:
    with pytest.raises(CleaningError, match="6"):
        cleaning.recode(survey, ITEM, "1:2=1; 3=2; 4:5=3", reason="3 classes")


@pytest.mark.parametrize("rules", ["1:2", "a:b=1", "", "1=2=3", "1=NA(peut-être)"])
def test_a_rule_that_cannot_be_read_is_shown(survey: Survey, rules: str) -> None:
    with pytest.raises(CleaningError):
        cleaning.recode(survey, ITEM, rules, reason="essai")


def test_the_preview_counts_what_the_step_does(survey: Survey) -> None:
    rules = "1:2=0; 3:5=1; else=NA; NA=9"
    preview = cleaning.preview_recode(survey, ITEM, rules)
    after = cleaning.recode(survey, ITEM, rules, reason="essai").answers[ITEM]
    expected = preview.groupby("becomes")["n"].sum()
    assert expected["0"] == (after == 0).sum()
    assert expected["1"] == (after == 1).sum()
    assert expected["9"] == (after == 9).sum() == 2


def test_recoding_into_a_new_column_leaves_the_old(survey: Survey) -> None:
    after = cleaning.recode(
        survey, "direction", "CUL=1 [Population]; VOI,FIN=2 [Technique]", into="pole", reason="Pôles"
    )
    assert after.answers["direction"].equals(survey.answers["direction"])
    assert after.frame("pole")["pole"].cat.categories.tolist() == ["Population", "Technique"]


def test_collapse_keeps_the_order_of_an_ordinal_item(survey: Survey) -> None:
    clean = cleaning.declare_missing(survey, ITEM, {6: "out_of_codes"}, reason="6 n'existe pas")
    after = cleaning.collapse(clean, ITEM, {"Défavorable": [1, 2], "Favorable": [4, 5]}, reason="3 classes")
    shown = after.frame(ITEM)[ITEM]
    assert shown.cat.ordered
    assert shown.cat.categories.tolist() == ["Défavorable", "Neutre", "Favorable"]


def test_collapse_refuses_an_unknown_code_and_a_code_taken_twice(survey: Survey) -> None:
    with pytest.raises(CleaningError, match="Culture"):
        cleaning.collapse(survey, "direction", {"Pôle": ["Culturel"]}, reason="essai")
    with pytest.raises(CleaningError, match="deux groupes"):
        cleaning.collapse(survey, "direction", {"A": ["CUL"], "B": ["Culture"]}, reason="essai")


def test_declared_codes_become_their_kind_of_missing(survey: Survey) -> None:
    after = cleaning.declare_missing(survey, [ITEM], {"6": "refused"}, reason="6 = refus")
    assert after.missing.loc[110, ITEM] == "refused"
    assert after.trail.steps[-1].cells_changed == 1
    with pytest.raises(CleaningError, match="manquante"):
        cleaning.declare_missing(survey, ITEM, {6: "refus"}, reason="essai")


def test_one_cell_of_one_respondent(survey: Survey) -> None:
    after = cleaning.correct(survey, 110, ITEM, 5, expected=6, reason="Relu sur le papier")
    assert after.answers.loc[110, ITEM] == 5
    assert after.trail.steps[-1].cells_changed == 1
    for wrong in ({"respondent": 999, "value": 5}, {"respondent": 110, "value": 7}):
        with pytest.raises(CleaningError):
            cleaning.correct(survey, name=ITEM, reason="essai", **wrong)
    with pytest.raises(CleaningError, match="attendue"):
        cleaning.correct(survey, 110, ITEM, 5, expected=4, reason="essai")
    with pytest.raises(SurveyError):
        cleaning.correct(survey, 110, "CLI[SQ01]", 5, reason="essai")


def test_derived_numbers_and_conditions(survey: Survey) -> None:
    after = cleaning.derive(survey, "naissance", "2013 - age", reason="Année de naissance")
    after = cleaning.derive(after, "senior", "age >= 55", reason="Seniors")
    assert (after.answers["naissance"] + after.answers["age"] == 2013).all()
    assert after.answers["senior"].sum() == (survey.answers["age"] >= 55).sum()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=1, unique=True), st.integers(0, 9), st.integers(0, 9))
def test_every_code_has_exactly_one_fate(codes: list[int], low: int, width: int) -> None:
    text = f"{low}:{low + width}=1; else=2"
    table = table_of(parse_rules(text), codes, text)
    assert table.index.tolist() == codes
    assert (table["target"] == ["1" if low <= code <= low + width else "2" for code in codes]).all()
