"""A survey written for SPSS keeps its codes, labels, levels of measurement and kinds of missing."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from optima_research import Codebook, Survey, Variable
from optima_research.errors import ExportError, PrivacyError
from optima_research.sources import read_spss, write_spss

LABELS = {1: "Pas d'accord", 2: "D'accord" * 40}


@pytest.fixture
def survey() -> Survey:
    book = Codebook(
        [
            Variable("Q[SQ001]", "On m'écoute " * 40, measure="ordinal", values=LABELS,
                     missing={9: "refused", 8: "dont_know", 7: "not_asked"}),
            Variable("q_sq001", measure="ratio"),
            Variable("oui", "Coché", values={"Y": "Oui", "TRES_LONG_CODE": "Non"}),
            Variable("jour", measure="date"),
            Variable("mot", measure="text"),
        ],
        title="Baromètre",
    )  # fmt: skip
    frame = pd.DataFrame(
        {
            "Q[SQ001]": [1, 2, 9, 8, 7],
            "q_sq001": [-95.5, None, 2, 3, 4],
            "oui": ["Y", None, "TRES_LONG_CODE", "Y", "Y"],
            "jour": pd.to_datetime(["2026-02-03", None, "2026-02-03 10:20", None, None], format="ISO8601"),
            "mot": ["été", None, "a" * 400, "", "x"],
        }
    )
    return Survey.build(frame, book)


def test_it_reads_back_with_labels_and_kinds_of_missing(survey: Survey, tmp_path: Path) -> None:
    again = read_spss(write_spss(survey, tmp_path / "enquete.sav"))
    assert again.codebook.names == ["Q_SQ001", "q_sq001_2", "oui", "jour", "mot"]
    assert again.answers["Q_SQ001"].tolist()[:2] == [1, 2]
    assert again.missing["Q_SQ001"].tolist()[2:] == ["refused", "dont_know", "not_asked"]
    assert again.codebook["Q_SQ001"].measure == "ordinal"
    assert again.codebook["Q_SQ001"].values[1] == "Pas d'accord"
    assert again.codebook["oui"].values == {"Y": "Oui", "TRES_LONG_CODE": "Non"}
    assert again.answers["mot"].tolist()[2] == "a" * 400
    assert again.answers["jour"].tolist()[2] == pd.Timestamp("2026-02-03 10:20")


def test_codes_of_missing_stay_clear_of_the_answers(survey: Survey, tmp_path: Path) -> None:
    frame, meta = pyreadstat.read_sav(write_spss(survey, tmp_path / "enquete.sav"), user_missing=True)
    assert meta.missing_ranges["Q_SQ001"] == [{"lo": -98.0, "hi": -91.0}]
    assert meta.missing_ranges["q_sq001_2"] == [{"lo": -998.0, "hi": -991.0}]
    assert frame["q_sq001_2"].tolist()[0] == -95.5
    assert meta.file_label == "Baromètre"


def test_direct_identifiers_do_not_leave(survey: Survey, tmp_path: Path) -> None:
    named = survey.described(survey.codebook.replace(Variable("mot", measure="text", identifier="direct")))
    with pytest.raises(PrivacyError, match="mot"):
        write_spss(named, tmp_path / "enquete.sav")
    assert list(tmp_path.iterdir()) == []


def test_another_suffix_and_too_little_time_are_refused(survey: Survey, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="sav"):
        write_spss(survey, tmp_path / "enquete.dta")
    with pytest.raises(ExportError, match="secondes"):
        write_spss(survey, tmp_path / "enquete.sav", timeout=0.01)
    assert list(tmp_path.iterdir()) == []
