"""The screening report finds what was planted, and nothing in clean data."""

from __future__ import annotations

import pandas as pd
import pytest

from optima_research import cleaning
from optima_research.codebook import Codebook, Variable
from optima_research.survey import Survey

AGREEMENT = {code: f"réponse {code}" for code in range(1, 6)}


@pytest.fixture
def warts() -> Survey:
    n = 60
    frame = pd.DataFrame(
        {
            "hors_liste": [6] + [3, 4, 2, 5] * 14 + [1] * 3,
            "plafond": [5] * 50 + [4, 3, 2, 1] * 2 + [4, 4],
            "age": [*range(20, 79), 420],
            "surface": ["1 250,5 m²"] + ["12"] * 59,
            "service": ["Voirie", "voirie", "VOIRIE "] + ["Culture"] * 57,
            "tranche": [9, 9] + [1, 2, 3, 4] * 14 + [1, 2],
            "avis": ["NSP", "NSP"] + [f"texte {number}" for number in range(58)],
            "vide": [None] * n,
            "email": [f"a{number}@exemple.fr" for number in range(n)],
        }
    )
    frame["vide"] = frame["vide"].astype("string")
    frame.loc[5:30, "plafond"] = None
    book = Codebook(
        [
            Variable("hors_liste", measure="ordinal", values=AGREEMENT),
            Variable("plafond", measure="ordinal", values=AGREEMENT),
            Variable("age", measure="ratio"),
            Variable("surface", measure="ratio"),
            *(Variable(name) for name in ("service", "tranche")),
            *(Variable(name, measure="text") for name in ("avis", "vide", "email")),
        ]
    )
    return Survey.build(frame, book, name="simulé")


@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("hors_liste", "codes_not_in_list"),
        ("plafond", "ceiling"),
        ("plafond", "many_missing"),
        ("age", "far_values"),
        ("surface", "wrong_type"),
        ("service", "spellings"),
        ("service", "spaces"),
        ("service", "lone_values"),
        ("tranche", "undeclared_missing"),
        ("avis", "undeclared_missing"),
        ("vide", "nobody_answered"),
        ("email", "identifier"),
    ],
)
def test_what_was_planted_is_found(warts: Survey, name: str, check: str) -> None:
    found = cleaning.screen(warts).problems
    assert check in found.loc[found["variable"] == name, "check"].tolist()


def test_errors_give_an_exit_status(warts: Survey) -> None:
    assert cleaning.screen(warts).exit_status == 1
    assert cleaning.screen(warts, columns=["age", "plafond"]).exit_status == 0


def test_what_respondents_wrote_is_counted_never_quoted() -> None:
    frame = pd.DataFrame(
        {"avis": ["Voir Mme Durand", "RAS"], "service": ["jean.dupont@exemple.fr", "Voirie"]}
    )
    book = Codebook([Variable("avis", measure="text"), Variable("service")])
    report = cleaning.screen(Survey.build(frame, book))
    shown = report.problems.to_string()
    assert "Durand" not in shown
    assert "exemple.fr" not in shown
    assert "Voirie" in shown


def test_clean_answers_raise_nothing() -> None:
    frame = pd.DataFrame({"q": [1, 2, 3, 4, 5] * 20, "age": list(range(20, 70)) * 2})
    book = Codebook([Variable("q", measure="ordinal", values=AGREEMENT), Variable("age", measure="ratio")])
    assert cleaning.screen(Survey.build(frame, book)).problems.empty


def test_the_page_stands_alone(warts: Survey, tmp_path) -> None:
    page = cleaning.screen(warts).write_page(tmp_path / "examen.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "<script" not in page
    assert "http" not in page
    assert page.count("<svg") == 4  # free texts are not drawn
    assert "exemple.fr" not in page
    assert page == cleaning.screen(warts).write_page(tmp_path / "encore.html").read_text(encoding="utf-8")


def test_the_plot_shows_kinds_of_missing(warts: Survey) -> None:
    from matplotlib import pyplot as plt

    ax = cleaning.screen(warts).plot()
    assert ax.get_legend_handles_labels()[1] == ["sans réponse"]
    plt.close("all")
