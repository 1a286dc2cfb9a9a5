"""The survey: layers that stay together, a trail nobody can step around, nothing personal in what it shows."""

import numpy as np
import pandas as pd
import pytest

from optima_research import Codebook, ItemSet, Survey, Variable
from optima_research.errors import SurveyError, TrailError
from optima_research.survey import Quarantine


@pytest.fixture
def survey():
    book = Codebook(
        [
            Variable(
                "CLI",
                "Le climat est bon.",
                "Climat",
                "ordinal",
                {1: "Non", 2: "Plutôt", 3: "Oui"},
                missing={9: "dont_know"},
            ),
            Variable("DIR", "", "Direction", values={"D1": "Voirie", "D2": "Culture"}),
            Variable("OUT[1]", measure="nominal", values={"Y": "Oui"}, item_set="OUT"),
            Variable("AGE", measure="ratio"),
        ],
        [ItemSet("OUT", "multiple", ("OUT[1]",))],
    )
    answers = pd.DataFrame(
        {
            "CLI": [1, 3, 9, None],
            "DIR": ["D1", "D2", "D1", None],
            "OUT[1]": ["Y", None, None, "Y"],
            "AGE": [41.5, 33, None, 58],
        },
        index=pd.Index([11, 12, 15, 19], name="id"),
    )
    return Survey.build(answers, book, name="essai")


def test_a_code_declared_missing_leaves_the_answers_and_keeps_its_kind(survey):
    assert pd.isna(survey.answers.loc[15, "CLI"])
    assert survey.missing.loc[15, "CLI"] == "dont_know"
    assert survey.missing.loc[19, "CLI"] == "no_answer"


def test_the_view_of_the_analyst_has_labels_and_the_order_of_ordinal_items(survey):
    view = survey.frame()
    assert view["CLI"].cat.ordered
    assert view["CLI"].cat.categories.tolist() == ["Non", "Plutôt", "Oui"]
    assert view.loc[11, "DIR"] == "Voirie"
    assert not view["DIR"].cat.ordered
    assert view["OUT[1]"].tolist() == ["Oui", "Non", "Non", "Oui"]


def test_a_set_is_asked_for_by_its_name(survey):
    assert survey.frame("OUT").columns.tolist() == ["OUT[1]"]


def test_numbers_come_from_codes(survey):
    np.testing.assert_array_equal(survey.numeric("CLI"), [1, 3, np.nan, np.nan])


def test_an_unknown_column_is_answered_with_its_neighbours(survey):
    with pytest.raises(SurveyError, match="DIRE") as raised:
        survey.frame("DIRE")
    assert "DIR" in raised.value.hint


def test_a_step_is_recorded_with_its_counts_and_its_reason(survey):
    kept = survey.kept(survey.answers["AGE"].notna(), rule="keep", reason="Âge requis", excludes="sans âge")
    step = kept.trail.steps[-1]
    assert (kept.n, step.dropped, step.reason, step.excludes) == (3, 1, "Âge requis", "sans âge")
    assert survey.n == 4
    assert len(survey.trail) == 0


def test_a_step_without_a_reason_is_refused(survey):
    with pytest.raises(TrailError):
        survey.kept(survey.answers["AGE"].notna(), rule="keep", reason=" ")


def test_the_trail_refuses_data_changed_behind_its_back(survey):
    first = survey.kept(survey.answers["AGE"].notna(), rule="keep", reason="Âge requis")
    other = survey.kept(survey.answers["CLI"].notna(), rule="keep", reason="Climat requis")
    with pytest.raises(TrailError, match="modifiées"):
        first.trail.append(other.trail.steps[-1])


def test_fingerprints_kept_step_by_step_equal_those_computed_afresh(survey):
    stepped = survey.kept(survey.answers["AGE"].notna(), rule="keep", reason="r")
    stepped = stepped.changed(
        {"CLI": stepped.answers["CLI"].mask(stepped.answers["CLI"] == 3)}, rule="mask", reason="r"
    )
    stepped = stepped.with_columns(
        {"Z": pd.Series(1.5, stepped.answers.index)}, [Variable("Z", measure="interval")]
    )
    stepped = stepped.without(["DIR"], rule="drop", reason="r")
    afresh = Survey(stepped.answers, stepped.missing, stepped.codebook)
    assert stepped.fingerprint == afresh.fingerprint
    assert stepped.trail.steps[1].cells_changed == 1


def test_the_fingerprint_sees_one_cell_one_kind_one_id_and_one_name(survey):
    seen = {survey.fingerprint}
    answers, missing = survey.answers, survey.missing
    one_cell = answers.copy()
    one_cell.loc[11, "AGE"] = 42.5
    one_kind = missing.copy()
    one_kind.loc[19, "CLI"] = "refused"
    seen.add(Survey(one_cell, missing, survey.codebook).fingerprint)
    seen.add(Survey(answers, one_kind, survey.codebook).fingerprint)
    seen.add(Survey(answers.rename({11: 10}), missing.rename({11: 10}), survey.codebook).fingerprint)
    seen.add(Survey(answers.iloc[::-1], missing.iloc[::-1], survey.codebook).fingerprint)
    assert len(seen) == 5


def test_two_ids_alike_are_refused(survey):
    twice = pd.Index([11, 11, 15, 19])
    with pytest.raises(SurveyError, match="identifiants"):
        Survey(survey.answers.set_axis(twice), survey.missing.set_axis(twice), survey.codebook)


def test_a_new_column_needs_an_entry_in_the_codebook(survey):
    with pytest.raises(SurveyError, match="score"):
        survey.with_columns({"score": survey.answers["AGE"]}, [])


def test_nothing_shown_holds_a_row_of_data_or_an_identifier(survey):
    people = Quarantine(pd.DataFrame({"email": ["jeanne@example.org"]}))
    guarded = Survey(survey.answers, survey.missing, survey.codebook, participants=people, name="essai")
    shown = repr(guarded) + guarded._repr_html_() + repr(people)
    assert "jeanne" not in shown
    assert "41" not in shown
    assert "Voirie" not in shown


def test_the_representation_counts_respondents_and_variables(survey):
    assert "répondants\u00a0: 4" in repr(survey)
