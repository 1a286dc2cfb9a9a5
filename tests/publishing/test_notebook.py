"""A notebook shows the same text for the same data, and other text for other data, figures included."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import matplotlib as mpl
import pandas as pd
import pytest

from optima_research.cleaning import keep
from optima_research.errors import ExportError
from optima_research.publishing import (
    Register,
    configure_notebook,
    current_setting,
    export,
    manifest,
    reproducibility_sheet,
    set_setting,
    show,
    written_files,
)
from optima_research.results import PublicationTable
from tests.publishing.conftest import make_table


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Leave pandas, matplotlib, warnings and the setting as they were."""
    before, printer = current_setting(), warnings.showwarning
    options = {
        name: pd.get_option(f"display.{name}") for name in ("precision", "max_rows", "max_columns", "width")
    }
    with mpl.rc_context():
        yield
    warnings.showwarning = printer
    set_setting(**{name: getattr(before, name) for name in before.__dataclass_fields__})
    for name, value in options.items():
        pd.set_option(f"display.{name}", value)


def make_study(tmp_path: Path) -> Any:
    return SimpleNamespace(
        slug="bareme", partners=(SimpleNamespace(name="Ville de Rezé"),), exports=tmp_path / "exports" / "bareme",
        simulated=True, seed=7, root=tmp_path, folder=tmp_path,
    )  # fmt: skip


def test_a_study_brings_its_names_its_folder_and_its_simulation(tmp_path: Path) -> None:
    register = configure_notebook(make_study(tmp_path), author="Camille Dupont")
    setting = current_setting()
    assert setting.names == {"Ville de Rezé": "Collectivité A", "Rezé": "Collectivité A"}
    assert (setting.partner, setting.simulated, setting.notebook) == ("Ville de Rezé", True, "bareme")
    assert register.folder == tmp_path / "exports" / "bareme"


def test_the_hash_of_the_raw_files_follows_them_but_not_the_ends_of_lines(tmp_path: Path) -> None:
    study = make_study(tmp_path)
    study.sources = {"enquete": SimpleNamespace(file="enquete.csv")}
    hashes = []
    for content in (b"a\n1\n", b"a\r\n1\r\n", b"a\n2\n"):
        (tmp_path / "enquete.csv").write_bytes(content)
        configure_notebook(study)
        hashes.append(current_setting().source_hash)
    assert hashes[0] == hashes[1] != hashes[2]


def test_a_figure_prints_a_line_that_changes_with_its_data(
    ax: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    show(ax, "f1", alt="Deux barres")
    first = capsys.readouterr().out
    show(ax, "f1", alt="Deux barres")
    assert capsys.readouterr().out == first
    assert first.startswith("Figure f1 – ")
    ax.patches[0].set_width(3.3)
    show(ax, "f1", alt="Deux barres")
    assert capsys.readouterr().out != first


def test_a_figure_is_not_shown_without_words(ax: Any) -> None:
    with pytest.raises(ExportError, match="texte de remplacement"):
        show(ax, "f1")


def test_a_table_prints_its_line_too(table: PublicationTable, capsys: pytest.CaptureFixture[str]) -> None:
    show(table, "t1")
    assert capsys.readouterr().out.startswith("Tableau t1 – 4 × 6 – données ")


def test_warnings_are_one_line_without_path(capsys: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        configure_notebook("bareme")
        warnings.warn("effectif faible", UserWarning, stacklevel=1)
    captured = capsys.readouterr()
    assert captured.out == "Attention\u00a0: effectif faible\n"
    assert captured.err == ""


def test_the_files_written_are_listed_without_absolute_path(table: PublicationTable, tmp_path: Path) -> None:
    study = make_study(tmp_path)
    register = configure_notebook(study)
    export(table, study.exports / "tableau1", formats=("docx", "csv"))
    listed = written_files(register=register)
    assert listed.formatted().loc["tableau1", "Formats"] == "csv docx"
    assert str(tmp_path) not in listed._repr_html_()


def test_what_an_earlier_run_left_is_not_listed(
    table: PublicationTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = make_study(tmp_path)
    export(table, study.exports / "ancien", formats=("csv",))
    monkeypatch.setattr(manifest, "_written", {})
    export(table, study.exports / "nouveau", formats=("csv",))
    assert list(written_files(study.exports).body.index) == ["nouveau"]


def test_the_sheet_sees_a_file_changed_by_hand(table: PublicationTable, tmp_path: Path) -> None:
    study = make_study(tmp_path)
    register = configure_notebook(study)
    register.note("n", 52)
    register.write()
    (file,) = export(table, study.exports / "tableau1", formats=("csv",))
    sheet = reproducibility_sheet(study, register=register)
    assert sheet.ok
    assert len(sheet.checks) == 7
    assert str(tmp_path) not in repr(sheet)
    file.write_text("x")
    changed = reproducibility_sheet(study, register=register)
    assert not changed.ok
    assert "NON (fichiers : 2)" in repr(changed).replace("\u00a0", " ")


def test_the_sheet_sees_a_register_of_another_run(tmp_path: Path) -> None:
    register = Register("bareme", folder=tmp_path)
    register.note("n", 52)
    register.write()
    register.forget("n")
    register.note("n", 53)
    assert not reproducibility_sheet(register=register).ok


def test_the_sheet_sees_answers_changed_outside_the_trail() -> None:
    from dataclasses import replace

    from optima_research.codebook import Codebook, Variable
    from optima_research.survey import Survey

    book = Codebook([Variable("a", measure="ratio"), Variable("b", measure="ratio")])
    survey = Survey.build(pd.DataFrame({"a": [1, 2, None], "b": [1, 2, None]}), book)
    cleaned = survey.pipe(keep, "a >= 1", reason="réponses vides")
    assert reproducibility_sheet(surveys=[cleaned]).ok
    touched = replace(cleaned, answers=cleaned.answers.assign(a=cleaned.answers["a"] + 1))
    assert not reproducibility_sheet(surveys=[touched]).ok


def test_simulated_data_are_said_in_exports(tmp_path: Path) -> None:
    study = make_study(tmp_path)
    configure_notebook(study)
    (file,) = export(make_table(simulated=False), study.exports / "t", formats=("html",))
    assert "Données simulées" in file.read_text("utf-8")
