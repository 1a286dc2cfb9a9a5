"""A small survey with LimeSurvey's traits, and its responses: NULL is None, an empty answer is ''."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from optima_research.simulation.limesurvey import Group, Question, Questionnaire, write_lss

ACCORD = {
    "1": "Pas du tout d'accord",
    "2": "Plutôt pas d'accord",
    "3": "Plutôt d'accord",
    "4": "Tout à fait d'accord",
}


@pytest.fixture(scope="session")
def form() -> Questionnaire:
    """Three pages: who you are, your work (one filtered question), your wishes."""
    return Questionnaire(
        {"fr": "Baromètre", "en": "Barometer"},
        [
            Group(
                "Vous",
                [
                    Question("SEXE", "L", "Vous êtes", {"F": "Une femme", "H": "Un homme"}, other=True),
                    Question("DIR", "!", "Direction", {"01": "Voirie", "02": "Écoles", "10": "Finances"}),
                    Question("AGE", "N", "Votre âge"),
                    Question("ENC", "Y", "Encadrez-vous ?"),
                ],
            ),
            Group(
                "Travail",
                [
                    Question(
                        "EQU",
                        "N",
                        "Agents encadrés",
                        relevance='((ENC.NAOK == "Y"))',
                        attributes={"num_value_int_only": "1"},
                    ),
                    Question("CLI", "F", "Climat", ACCORD, {"SQ001": "Entraide", "SQ002": "Charge"}),
                    Question(
                        "OUT", "M", "Outils", subquestions={"SQ001": "Agenda", "SQ002": "Visio"}, other=True
                    ),
                ],
            ),
            Group(
                "Souhaits",
                [
                    Question("PRI", "R", "Priorités", {"A": "Salaire", "B": "Locaux", "C": "Horaires"}),
                    Question("LIB", "T", "Autre chose ?"),
                ],
            ),
        ],
        sid=111222,
        languages=["en"],
        attributes={"attribute_1": "Service"},
    )


@pytest.fixture(scope="session")
def responses() -> pd.DataFrame:
    """Four respondents: complete, filtered and blank, left after page 1, opened only."""
    rows = {
        1: {"SEXE": "F", "SEXE[other]": "", "DIR": "01", "AGE": 41, "ENC": "Y", "EQU": 12, "CLI[SQ001]": "4",
            "CLI[SQ002]": "1", "OUT[SQ001]": "Y", "OUT[SQ002]": "", "OUT[other]": "=téléphone", "PRI[1]": "B",
            "PRI[2]": "A", "PRI[3]": "", "LIB": "Deux\nlignes ; « merci »", "lastpage": 3,
            "submitdate": "2026-03-02 11:56:00", "token": "tok1"},
        4: {"SEXE": "-oth-", "SEXE[other]": "N/A", "DIR": "", "AGE": "", "ENC": "N", "EQU": None, "CLI[SQ001]": "",
            "CLI[SQ002]": "2", "OUT[SQ001]": "", "OUT[SQ002]": "", "OUT[other]": "", "PRI[1]": "", "PRI[2]": "",
            "PRI[3]": "", "LIB": "", "lastpage": 3, "submitdate": "2026-03-02 12:10:00", "token": "tok2"},
        7: {"SEXE": "H", "SEXE[other]": "", "DIR": "10", "AGE": 29.5, "ENC": "", "lastpage": 1, "token": "tok3"},
        9: {"lastpage": 0},
    }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index").astype(object).where(lambda f: f.notna(), None)


@pytest.fixture(scope="session")
def people() -> pd.DataFrame:
    """Four people invited, one of whom did not answer."""
    return pd.DataFrame(
        {
            "token": ["tok1", "tok2", "tok3", "tok4"],
            "firstname": ["Anne", "Léa", "Ali", "Noé"],
            "email": [f"agent{n}@example.org" for n in range(1, 5)],
            "attribute_1": ["Voirie", "Écoles", "Finances", "Voirie"],
        }
    )


@pytest.fixture(scope="session")
def structure(form: Questionnaire, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The questionnaire's .lss."""
    return write_lss(form, tmp_path_factory.mktemp("structure") / "survey_111222.lss")
