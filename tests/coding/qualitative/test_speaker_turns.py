"""Turns of transcripts as typists write them."""

import pandas as pd
import pytest

from optima_research.coding.qualitative import Corpus, coded_project, coding_agreement, coding_units, settle
from optima_research.coding.qualitative.projects.speaker_turns import speaker_turns
from optima_research.errors import AnalysisError


def turns(text):
    return [(turn.speaker, text[turn.said : turn.end]) for turn in speaker_turns(text)]


@pytest.mark.parametrize(
    "mark",
    ["ÉLUE : ", "ÉLUE: ", "ÉLUE\u00a0: ", "[00:04:12] ÉLUE : ", "04:12 – ÉLUE : ", "#00:04:12-5# ÉLUE : "],
)
def test_marks_with_and_without_a_time(mark):
    text = f"{mark}Oui.\n{mark}Enfin, presque."
    assert turns(text) == [("ÉLUE", "Oui."), ("ÉLUE", "Enfin, presque.")]


def test_names_in_small_letters_count_when_they_come_back():
    text = "Enquêtrice : Et vous ?\nMme B : Nous.\nJe dirais ceci : rien.\nEnquêtrice : Bien.\nMme B : Voilà."
    assert [speaker for speaker, _said in turns(text)] == ["Enquêtrice", "Mme B", "Enquêtrice", "Mme B"]
    assert "Je dirais ceci : rien." in turns(text)[1][1]


def test_a_time_of_day_and_a_list_are_no_turns():
    assert turns("À 10:30 nous avons vu trois points :\n- le budget : rien ;\n- le reste.") == [
        (None, "À 10:30 nous avons vu trois points :\n- le budget : rien ;\n- le reste.")
    ]


def test_text_before_the_first_mark_and_empty_turns():
    assert turns("Entretien 3\nDGS : Oui.\nÉLU : \nDGS : Non.") == [
        (None, "Entretien 3"),
        ("DGS", "Oui."),
        ("DGS", "Non."),
    ]


TEXT = (
    "[00:01] ENQUÊTRICE : Le budget ?\n[00:02] DGS : Il manque. Il manque toujours.\n"
    "[00:03] ENQUÊTRICE : Et le temps ?"
)


def project():
    start = TEXT.index("Il manque.")
    spans = [(start, start + 10, "budget", coder) for coder in ("Anne", "Bruno")]
    return coded_project(
        pd.DataFrame({"name": ["E1"], "text": [TEXT]}),
        pd.DataFrame(spans, columns=["start", "end", "code", "coder"]).assign(source="E1"),
    )


@pytest.mark.parametrize(("unit", "n"), [("turn", 1), ("sentence", 2)])
def test_the_words_of_the_interviewer_are_no_units(unit, n):
    units = coding_units(project(), unit, drop=["ENQUÊTRICE"])
    assert len(units) == n
    assert "ENQUÊTRICE" not in " ".join(units["text"])


def test_agreement_and_consensus_leave_them_out_too():
    found = coding_agreement(project(), "sentence", drop=["ENQUÊTRICE"], draws=0)
    assert found.by_code.loc["budget", "n_units"] == 2
    assert "locuteurs écartés : ENQUÊTRICE" in found.method_note()
    agreed = settle(project(), found.disagreements.assign(decision=1), unit="sentence", drop=["ENQUÊTRICE"])
    assert (agreed.codings["coder"] == "consensus").sum() == 1


def test_a_title_before_the_first_speaker_goes_with_those_left_out() -> None:
    text = "Entretien 1, Nay\n\nENQUÊTEUR : Et vous ?\nÉLU : Le budget. Il manque."
    project = coded_project(
        pd.DataFrame({"name": ["E1"], "text": [text]}),
        pd.DataFrame({"source": [], "start": [], "end": [], "code": []}),
    )
    assert coding_units(project, "sentence", drop="ENQUÊTEUR")["text"].tolist() == [
        "ÉLU : Le budget.",
        "Il manque.",
    ]
    assert len(coding_units(project, "turn", drop=["ENQUÊTEUR"])) == 1
    assert Corpus([text]).turns(drop="ENQUÊTEUR").texts.tolist() == ["Le budget. Il manque."]
    assert Corpus([text]).turns().n == 3
    assert Corpus(["Sans locuteur."]).turns(drop=[]).n == 1


@pytest.mark.parametrize("drop", ["ENQUETEUR", ["ÉLU", "ENQUÊTRICE"]])
def test_a_speaker_left_out_must_speak(drop: str | list[str]) -> None:
    with pytest.raises(AnalysisError, match="ENQU") as caught:
        Corpus(["ENQUÊTEUR : Et vous ?\nÉLU : Oui."]).turns(drop=drop)
    assert "« ENQUÊTEUR »" in str(caught.value)
