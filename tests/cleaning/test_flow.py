"""The flow of exclusions: exclusive reasons that add up, in all and by group; and rates with named denominators."""

from __future__ import annotations

import pytest

from optima_research import cleaning
from optima_research.errors import AnalysisError, CleaningError, TrailError
from optima_research.survey import Survey
from optima_research.trail import Trail


@pytest.fixture
def clean(survey: Survey) -> Survey:
    return (
        survey.pipe(cleaning.drop_test_responses, ids=[101], reason="Essai de l'équipe")
        .pipe(cleaning.drop_not_started, columns=["CLI"], reason="Ouverts sans réponse")
        .pipe(cleaning.drop_unsubmitted, reason="Abandons")
        .pipe(cleaning.drop_duplicates, by="token", reason="Doublons")
        .pipe(cleaning.declare_missing, "CLI[SQ001]", {6: "out_of_codes"}, reason="6 n'existe pas")
    )


def test_every_respondent_leaves_once_and_the_sum_is_right(clean: Survey) -> None:
    flow = cleaning.flow(clean, invited=100)
    assert flow.stages == {"invited": 100, "opened": 59, "started": 57, "submitted": 56, "kept": 55}
    assert flow.tests == 1
    assert sum(flow.exclusions.values()) + flow.stages["kept"] == 100
    assert clean.trail.flow(invited=100).stages == flow.stages


def test_the_flow_by_group_adds_up_to_the_whole(survey: Survey, clean: Survey) -> None:
    whole = cleaning.flow(clean, invited=100)
    by = cleaning.flow(
        clean, raw=survey, by="direction", invited={"Culture": 40, "Finances": 30, "Voirie": 30}
    )
    assert [line.n for line in by.lines] == [line.n for line in whole.lines]
    assert all(sum(line.by) == line.n for line in by.lines)
    assert by.groups == ("Culture", "Finances", "Voirie")


def test_a_group_with_a_small_loss_is_hidden_and_totals_stay(survey: Survey, clean: Survey) -> None:
    from optima_research.privacy import protect

    whole = protect(cleaning.flow(clean, invited=100).table(), "cinq")
    assert whole.policy == "cinq"
    assert whole.suppressed is None or not whole.suppressed.to_numpy().any()
    guests = {"Culture": 40, "Finances": 30, "Voirie": 30}
    shown = protect(cleaning.flow(clean, raw=survey, by="direction", invited=guests).table(), "cinq")
    assert not shown.suppressed[["n", "share"]].to_numpy().any()
    hidden = shown.suppressed[list(guests)]
    assert hidden.any().sum() >= 2
    # The lines of a group are sums of one another: they are hidden together or not at all.
    assert (hidden.all() == hidden.any()).all()


def test_the_flow_by_group_needs_raw_data_and_every_group(survey: Survey, clean: Survey) -> None:
    with pytest.raises(CleaningError, match="brute"):
        cleaning.flow(clean, by="direction")
    with pytest.raises(CleaningError, match="Voirie"):
        cleaning.flow(clean, raw=survey, by="direction", invited={"Culture": 40, "Finances": 30})


def test_more_answers_than_invitations_is_refused(clean: Survey) -> None:
    with pytest.raises(AnalysisError, match="invitées"):
        cleaning.flow(clean, invited=12)


def test_the_sentence_and_the_drawing_follow_the_counts(clean: Survey) -> None:
    from matplotlib import pyplot as plt

    flow = cleaning.flow(clean, invited=100)
    assert "Retenus pour l'analyse : 55 (55,0" in flow.sentence().replace("\u00a0", " ")
    texts = [text.get_text() for text in flow.plot().texts]
    assert any("55" in text for text in texts)
    plt.close("all")


def test_replaying_the_trail_gives_the_same_fingerprint(survey: Survey, clean: Survey, tmp_path) -> None:
    path = clean.trail.write(tmp_path / "trail.jsonl")
    again = cleaning.replay(survey, Trail.read(path))
    assert again.fingerprint == clean.fingerprint


def test_an_edited_trail_or_another_file_is_refused(survey: Survey, clean: Survey, tmp_path) -> None:
    path = clean.trail.write(tmp_path / "trail.jsonl")
    path.write_text(
        path.read_text(encoding="utf-8").replace('"ids": [101]', '"ids": [102]'), encoding="utf-8"
    )
    with pytest.raises(TrailError, match="étape 1"):
        cleaning.replay(survey, Trail.read(path))
    with pytest.raises(TrailError, match="autre fichier"):
        cleaning.replay(survey, Trail("simule.csv", "cd" * 32, clean.trail.steps))


def test_aapor_rates_worked_by_hand() -> None:
    rates = cleaning.response_rates(
        1000, complete=400, partial=50, refused=100, non_contact=150, other=20, unknown=200, eligible_share=0.5,
        opened=600, started=500,
    ).rates["rate"]  # fmt: skip
    assert rates["RR1"] == pytest.approx(400 / 920)
    assert rates["RR2"] == pytest.approx(450 / 920)
    assert rates["RR3"] == pytest.approx(400 / 820)
    assert rates["RR4"] == pytest.approx(450 / 820)
    assert rates["RR5"] == pytest.approx(400 / 720)
    assert rates["RR6"] == pytest.approx(450 / 720)
    assert rates["participation"] == pytest.approx(500 / 600)
    assert rates["completion"] == pytest.approx(400 / 500)


def test_classes_larger_than_the_frame_are_refused() -> None:
    with pytest.raises(AnalysisError):
        cleaning.response_rates(100, complete=90, partial=20)


def test_dispositions_use_only_the_questions_put(survey: Survey) -> None:
    kinds = cleaning.dispositions(survey, columns=["CLI"])
    assert kinds.loc[103] == "break_off"
    assert (kinds.drop([103, 104]) == "complete").all()
