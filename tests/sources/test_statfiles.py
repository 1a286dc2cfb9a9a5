"""SPSS and Stata files, read in a process that a bad file may kill."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from optima_research.errors import SourceError
from optima_research.sources import read_spss, read_stata
from optima_research.sources.statfiles import _WORKER

DATA = Path(__file__).parent / "data"


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "q1": [1.0, 2.0, 9.0, None],
            "age": [34.0, 41.5, 99.0, 20.0],
            "txt": ["Très bien", "", "Œuvre", "N/A"],
            "email": ["a@example.org", "b@example.org", "", ""],
            "vu": [13_900_000_000.0, None, 13_900_086_400.0, 13_900_000_000.0],
        }
    )


def write(frame: pd.DataFrame, path: Path) -> Path:
    pyreadstat.write_sav(
        frame,
        path,
        file_label="Enquête",
        column_labels={"q1": "Êtes-vous d'accord ?"},
        variable_value_labels={"q1": {1: "Oui", 2: "Non", 9: "NSP"}, "age": {99: "Refus"}},
        missing_ranges={"q1": [9], "age": [{"lo": 90, "hi": 99}]},
        variable_measure={"q1": "ordinal", "age": "scale"},
        variable_format={"vu": "DATETIME20"},
    )
    return path


def test_codes_declared_missing_are_kinds_named_by_their_label(frame: pd.DataFrame, tmp_path: Path) -> None:
    survey = read_spss(write(frame, tmp_path / "a.sav"))
    assert survey.answers["q1"].tolist()[:2] == [1, 2]
    assert survey.missing["q1"].tolist()[2:] == ["dont_know", "not_asked_or_no_answer"]
    assert survey.missing["age"].tolist()[2] == "refused"
    assert survey.codebook["q1"].values == {1: "Oui", 2: "Non"}
    assert survey.codebook["q1"].is_ordered
    assert survey.answers["age"].tolist()[1] == 41.5


def test_text_dates_and_identifiers(frame: pd.DataFrame, tmp_path: Path) -> None:
    survey = read_spss(write(frame, tmp_path / "a.sav"))
    assert survey.answers["txt"].tolist()[2:] == ["Œuvre", "N/A"]
    assert survey.answers["vu"].iloc[0] == pd.Timestamp("2023-04-04 15:06:40")
    assert "email" not in survey.columns
    assert survey.participants is not None
    assert survey.name == "Enquête"


def test_stata_labels_and_tagged_missing(tmp_path: Path) -> None:
    path = tmp_path / "a.dta"
    frame = pd.DataFrame(
        {"q1": pd.Series([1, 2, "a", None], dtype=object), "ville": ["Pau", "Orthez", "", "Lescar"]}
    )
    pyreadstat.write_dta(
        frame, path, variable_value_labels={"q1": {1: "Oui", 2: "Non"}}, missing_user_values={"q1": ["a"]}
    )
    survey = read_stata(path)
    assert survey.answers["q1"].tolist()[:2] == [1, 2]
    assert survey.missing["q1"].tolist()[2:] == ["no_answer", "not_asked_or_no_answer"]
    assert survey.frame("q1")["q1"].tolist()[:2] == ["Oui", "Non"]


def test_a_por_file_says_what_it_lost(frame: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "a.por"
    pyreadstat.write_por(frame[["q1", "age"]].rename(columns=str.upper), path)
    assert "manquants" in read_spss(path).report.notes[0]


def test_a_file_that_kills_its_reader_is_an_error_and_not_a_crash() -> None:
    with pytest.raises(SourceError) as caught:
        read_spss(DATA / "crashes_the_reader.sav")
    assert "-11" in str(caught.value.got)
    assert caught.value.hint


def test_a_file_that_blocks_its_reader_is_stopped(
    frame: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(frame, tmp_path / "a.sav")
    slow = tmp_path / "slow.py"
    slow.write_text("import time; time.sleep(60)", encoding="utf-8")
    monkeypatch.setattr("optima_research.sources.statfiles._WORKER", slow)
    with pytest.raises(SourceError) as caught:
        read_spss(path, timeout=0.5)
    assert caught.value.parameter == "timeout"
    assert _WORKER.exists()


@pytest.mark.parametrize("share", [0.02, 0.3, 0.8])
def test_a_truncated_file_is_refused_or_read_never_a_crash(
    frame: pd.DataFrame, tmp_path: Path, share: float
) -> None:
    path = write(frame, tmp_path / "a.sav")
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(SourceError):
        read_spss(path)
