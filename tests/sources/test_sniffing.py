"""``read`` finds the tool by the content, says why, and refuses to choose between two."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from optima_research.codebook import Codebook, Variable
from optima_research.errors import SourceError
from optima_research.simulation.limesurvey import (
    Questionnaire,
    write_csv,
    write_lsa,
    write_participants,
    write_vv,
)
from optima_research.sources import read
from optima_research.sources.sniffing import guesses

FILES = {
    "forms": "Horodateur,Service\n03/02/2026 14:05:09,Voirie\n",
    "qualtrics": "StartDate,Status,ResponseId\na,b,c\n"
    '"{""ImportId"":""startDate""}","{""ImportId"":""status""}","{""ImportId"":""_recordId""}"\n'
    "2026-03-02,0,R_1\n",
    "xlsform": '"_id";"_uuid";"_submission_time"\n"1";"x";"2026-03-02"\n',
    "sphinx": "CLE;DATE_SAISIE;SEXE\n1;02/03/2026;Homme\n",
    "table": "commune;effectif\nPau;3\n",
}  # fmt: skip


@pytest.mark.parametrize("tool", FILES)
def test_each_tool_is_known_by_its_content_whatever_the_name(tmp_path: Path, tool: str) -> None:
    path = tmp_path / "donnees.csv"
    path.write_text(FILES[tool], encoding="utf-8")
    assert [guess.tool for guess in guesses(path)] == [tool]


def test_limesurvey_is_known_in_all_its_forms(
    form: Questionnaire, responses: pd.DataFrame, structure: Path, tmp_path: Path
) -> None:
    written = [
        write_lsa(form, responses, tmp_path / "a.zip"),
        write_csv(form, responses, tmp_path / "b.txt"),
        write_csv(form, responses, tmp_path / "c.csv", headers="code", answers="short", separator=";"),
        write_vv(form, responses, tmp_path / "d.csv"),
    ]
    for path in written:
        survey = read(path, structure=structure)
        assert survey.n == 4
        assert "limesurvey" in survey.report.notes[0]


def test_two_possible_readings_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("Horodateur,_uuid,_submission_time\n03/02/2026 14:05:09,x,y\n", encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        read(path)
    assert "read_forms" in str(caught.value.hint)
    assert "read_xlsform" in str(caught.value.hint)


def test_a_companion_that_is_needed_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(FILES["xlsform"], encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        read(path)
    assert caught.value.parameter == "form"


def test_a_questionnaire_is_not_its_responses(structure: Path) -> None:
    with pytest.raises(SourceError, match="LimeSurvey"):
        read(structure)


def test_a_table_is_read_with_its_codebook(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(FILES["table"], encoding="utf-8")
    survey = read(path, codebook=Codebook([Variable("commune"), Variable("effectif", measure="ratio")]))
    assert survey.answers["effectif"].tolist() == [3]


def test_a_list_of_participants_is_not_read_as_responses(people: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        read(write_participants(people, tmp_path / "tokens_111222.csv"))
    assert "participants=" in str(caught.value.hint)
