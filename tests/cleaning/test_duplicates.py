"""Duplicates: one of each is kept, and a shared network address is never enough."""

from __future__ import annotations

import pandas as pd
import pytest

from optima_research import cleaning
from optima_research.codebook import Codebook, Variable
from optima_research.errors import CleaningError
from optima_research.survey import Survey


def test_a_token_used_twice_counts_once(survey: Survey) -> None:
    after = cleaning.drop_duplicates(survey, by="token", which="last", reason="Doublons")
    assert after.n == 59
    assert 119 not in after.answers.index


def test_the_fullest_response_is_kept(survey: Survey) -> None:
    emptied = cleaning.correct(survey, 119, "CLI[SQ001]", None, reason="simulé")
    after = cleaning.drop_duplicates(emptied, by="token", which="fullest", reason="Doublons")
    assert 119 not in after.answers.index


def test_identical_answers_are_copies_only_when_there_are_enough_of_them(survey: Survey) -> None:
    items = [name for name in survey.columns if name.startswith("CLI")]
    copied = survey.changed(
        {
            name: survey.answers[name].where(survey.answers.index != 130, survey.answers.loc[131, name])
            for name in items
        },
        rule="simulated",
        reason="copie simulée",
    )
    found = cleaning.duplicates(copied, by="answers", columns=["CLI"])
    assert found.dropna().index.tolist() == [130, 131]  # 103 and 104 are both empty: no answer is no copy
    assert cleaning.drop_duplicates(copied, by="answers", columns=["CLI"], reason="Copies").n == 59
    assert (
        cleaning.drop_duplicates(copied, by="answers", columns=["CLI"], fewest_answers=13, reason="Copies").n
        == 60
    )


def test_names_are_compared_without_accents_case_or_order() -> None:
    people = pd.DataFrame({"nom": ["DURAND", "durand", "Petit"], "prenom": ["Zoé", "zoe", None]})
    survey = Survey.build(people, Codebook([Variable("nom", role="meta"), Variable("prenom", role="meta")]))
    assert cleaning.drop_duplicates(survey, by="name", columns=["nom", "prenom"], reason="Doublons").n == 2


@pytest.mark.parametrize("column", ["ipaddr", "IP", "adresse_ip"])
def test_an_ip_address_alone_is_refused(survey: Survey, column: str) -> None:
    with pytest.raises(CleaningError, match="mairie"):
        cleaning.drop_duplicates(survey, by="token", columns=[column], reason="essai")
