"""Steps that leave respondents out say why, refuse nonsense and leave a line in the trail."""

from __future__ import annotations

import pandas as pd
import pytest

from optima_research import cleaning
from optima_research.errors import CleaningError, SurveyError
from optima_research.survey import Survey


def test_unsubmitted_responses_leave_with_a_reason(survey: Survey) -> None:
    after = survey.pipe(cleaning.drop_unsubmitted, reason="Questionnaires abandonnés")
    assert (survey.n, after.n) == (60, 57)
    assert after.trail.steps[-1].reason == "Questionnaires abandonnés"
    assert after.trail.steps[-1].dropped == 3


def test_tests_are_recognised_by_id_or_opening_date(survey: Survey) -> None:
    by_date = cleaning.drop_test_responses(survey, before="2013-05-13", reason="Essais avant l'ouverture")
    by_id = cleaning.drop_test_responses(survey, ids=[101], reason="Essais avant l'ouverture")
    assert by_date.answers.index.equals(by_id.answers.index)
    assert 101 not in by_date.answers.index


def test_a_step_without_reason_is_refused(survey: Survey) -> None:
    with pytest.raises(CleaningError, match="motif"):
        cleaning.drop_unsubmitted(survey, reason="  ")
    with pytest.raises(CleaningError, match="motif"):
        cleaning.keep(survey, "age > 18")  # type: ignore[call-arg]


def test_an_unknown_column_is_refused_with_the_nearest_name(survey: Survey) -> None:
    with pytest.raises(SurveyError, match="direction"):
        cleaning.keep(survey, "directon == 'Culture'", reason="essai")


def test_an_unknown_label_is_refused_with_the_nearest_label(survey: Survey) -> None:
    with pytest.raises(CleaningError, match="Culture"):
        cleaning.keep(survey, "direction == 'Cultur'", reason="essai")


def test_a_step_that_leaves_nobody_is_refused(survey: Survey) -> None:
    with pytest.raises(CleaningError, match="aucun répondant"):
        cleaning.drop(survey, "age > 0", reason="essai")


def test_tests_need_a_sign(survey: Survey) -> None:
    with pytest.raises(CleaningError, match="essai"):
        cleaning.drop_test_responses(survey, reason="essais")


def test_anonymous_dates_are_no_dates(survey: Survey) -> None:
    anonymous = survey.changed(
        {"startdate": pd.Series("1980-01-01 00:00:00", index=survey.answers.index, dtype="string")},
        rule="simulated",
        reason="enquête anonyme",
    )
    with pytest.raises(CleaningError, match="1980"):
        cleaning.drop_test_responses(anonymous, before="2013-05-13", reason="Essais")


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("direction == 'Culture'", "direction == 'CUL'"),
        ("direction dans ['Culture', 'FIN']", "direction != 'Voirie'"),
        ("age >= 18 et non direction == 'Voirie'", "age >= 18 and direction in ['CUL', 'FIN']"),
        ("CLI[SQ002] >= 4", "CLI[SQ002] in [4, 5]"),
        ("CLI[SQ002] > 'Neutre'", "CLI[SQ002] >= 'Plutôt'"),
        ("missing(CLI)", "not answered(CLI[SQ003])"),
        ("startdate < '2013-05-13'", "not startdate >= '2013-05-13'"),
        ("20 <= age < 30", "age >= 20 and not age >= 30"),
    ],
)
def test_two_ways_of_saying_it(survey: Survey, condition: str, expected: str) -> None:
    assert cleaning.matches(survey, condition).equals(cleaning.matches(survey, expected))


def test_a_missing_answer_is_neither_equal_nor_different(survey: Survey) -> None:
    equal = cleaning.matches(survey, "CLI[SQ001] == 3")
    different = cleaning.matches(survey, "not CLI[SQ001] == 3")
    assert not (equal | different).loc[[103, 104]].any()
    assert (equal | different).drop([103, 104]).all()


@pytest.mark.parametrize(
    "condition", ["age", "age >", "__import__('os').remove('x')", "age == Culture", "lambda: 0"]
)
def test_what_is_no_condition_is_refused(survey: Survey, condition: str) -> None:
    with pytest.raises(CleaningError):
        cleaning.matches(survey, condition)


def test_a_name_with_spaces_goes_between_backquotes() -> None:
    from optima_research.codebook import Codebook, Variable

    survey = Survey.build(
        pd.DataFrame({"Votre âge": [30, 40]}), Codebook([Variable("Votre âge", measure="ratio")])
    )
    assert cleaning.matches(survey, "`Votre âge` > 35").tolist() == [False, True]
