"""One call writes every format, the same bytes each time, for one audience, or nothing at all."""

from __future__ import annotations

import re
import zipfile
from html import unescape
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from optima_research.errors import DisclosureError, ExportError
from optima_research.privacy import protect
from optima_research.publishing import PublicationFigure, Report, export, read_manifest, using_setting
from optima_research.results import Column, PublicationTable, Result
from tests.publishing.conftest import make_table

ALL = ["docx", "pdf", "xlsx", "tex", "html", "csv"]


def texts_of(path: Path) -> str:
    """Every text in every part of a file."""
    content = path.read_bytes()
    if content[:2] != b"PK":
        return unescape(content.decode("utf-8", "ignore"))
    with zipfile.ZipFile(path) as archive:
        return "".join(
            f"{name} {unescape(archive.read(name).decode('utf-8', 'ignore'))}" for name in archive.namelist()
        )


def test_a_table_is_written_in_six_formats(table: PublicationTable, study: Path) -> None:
    files = export(table, study / "tableau1")
    assert [file.suffix[1:] for file in files] == ALL
    assert all(file.stat().st_size > 100 for file in files)


def test_the_same_run_twice_gives_the_same_bytes(table: PublicationTable, ax: Any, study: Path) -> None:
    report = Report("Rapport").text("Une phrase.").table(table).figure(ax, alt="Deux barres")

    def write() -> dict[str, bytes]:
        export(table, study / "tableau1")
        export(PublicationFigure(ax, alt="Deux barres"), study / "figure1")
        export(report, study / "rapport")
        return {file.name: file.read_bytes() for file in study.iterdir()}

    first = write()
    for file in study.iterdir():
        file.unlink()
    assert write() == first
    assert {
        "rapport.docx",
        "rapport.pdf",
        "rapport.xlsx",
        "figure1.png",
        "figure1.svg",
        "manifest.json",
    } <= first.keys()


def test_zipped_files_carry_no_date_of_the_day(table: PublicationTable, study: Path) -> None:
    for file in export(table, study / "t", formats=("docx", "xlsx")):
        with zipfile.ZipFile(file) as archive:
            assert {info.date_time for info in archive.infolist()} == {(2000, 1, 1, 0, 0, 0)}
        assert set(re.findall(r"(\d{4})-\d\d-\d\dT", texts_of(file))) == {"2000"}


def test_a_suffix_asks_for_that_format_only(table: PublicationTable, study: Path) -> None:
    assert [file.name for file in export(table, study / "tableau.docx")] == ["tableau.docx"]
    assert [file.name for file in export(table, study / "v1.2", formats=("csv",))] == ["v1.2.csv"]
    both = export(table, study / "t.csv", formats=["csv", "html"])
    assert [file.name for file in both] == ["t.csv", "t.html"]


def test_a_publication_names_neither_author_nor_partner_in_any_part(
    table: PublicationTable, ax: Any, study: Path
) -> None:
    report = Report("Baromètre de REZE", "Camille Dupont").text("À Rezé, tout va.").table(table)
    report = report.figure(ax, alt="Deux barres, à Rezé", title="Satisfaction à Rezé")
    for file in export(report, study / "rapport") + export(table, study / "table"):
        assert not re.search(r"rez[eé]\b|dupont|bareme", texts_of(file).lower()), file.name
        assert "python-docx" not in texts_of(file)


def test_a_policy_named_after_the_study_does_not_betray_it(study: Path) -> None:
    table = make_table(
        policy="reze_barometre_rh", note="Règle « reze_barometre_rh » ; barometre rh ailleurs."
    )
    with using_setting(study="reze_barometre_rh"):
        for file in export(table, study / "t", formats=("xlsx", "html")):
            assert "reze" not in texts_of(file)
            assert "barometre rh ailleurs" in texts_of(file)


def test_a_partner_reads_its_own_name_only(study: Path) -> None:
    report = Report("Baromètre").text("La Ville de Pau et la Ville de Rezé répondent.")
    (file,) = export(report, study / "partenaire", formats=("html",), audience="partner")
    assert "La Ville de Pau et la Collectivité A répondent." in file.read_text("utf-8")
    assert "Camille Dupont" in file.read_text("utf-8")


def test_researchers_read_every_name(table: PublicationTable, study: Path) -> None:
    (file,) = export(table, study / "t", formats=("html",), audience="researcher")
    assert "Ville de Rezé" in file.read_text("utf-8")


@pytest.mark.parametrize("audience", ["partner", "publication"])
def test_a_table_without_disclosure_control_is_refused_outside_the_team(audience: Any, study: Path) -> None:
    bare = make_table(policy="", suppressed=None)
    with pytest.raises(DisclosureError, match="secret statistique") as refusal:
        export(bare, study / "t", audience=audience)
    assert "researcher" in str(refusal.value)
    assert not study.exists()
    (page,) = export(bare, study / "t", formats=("html",), audience="researcher")
    assert "Document de travail" in page.read_text("utf-8")


@pytest.mark.parametrize(("policy", "audience"), [("interne", "partner"), ("cinq", "publication")])
def test_a_policy_too_weak_for_its_readers_is_refused(policy: str, audience: Any, study: Path) -> None:
    with pytest.raises(DisclosureError, match="trop faible"):
        export(make_table(policy=policy), study / "t", audience=audience)


def test_a_protected_table_is_published(study: Path) -> None:
    n = pd.DataFrame({"n": [40, 7, 23, 70]}, index=["Culture", "Finances", "Voirie", "Ensemble"])
    table = PublicationTable(
        "Répondants", n, (Column("n", "n", kind="count"),), bases=n, totals=("Ensemble",)
    )
    (file,) = export(protect(table, "onze"), study / "t", formats=("csv",))
    assert file.read_text("utf-8-sig").splitlines()[2:4] == ["Finances;s", "Voirie;s"]


def test_a_figure_does_not_draw_a_row_hidden_in_its_table(
    table: PublicationTable, ax: Any, study: Path
) -> None:
    ax.barh(["Police municipale"], [3.1])
    with pytest.raises(DisclosureError, match="Police municipale"):
        export(PublicationFigure(ax, data=table), study / "f")


def test_a_figure_of_seven_persons_is_refused(ax: Any, study: Path) -> None:
    data = pd.DataFrame({"moyenne": [3.2], "n": [7]}, index=["Police"])
    with pytest.raises(DisclosureError, match="moins de 11"):
        export(PublicationFigure(ax, data=data), study / "f")


def test_every_file_has_its_line_in_the_manifest(table: PublicationTable, study: Path) -> None:
    files = export(table, study / "tables" / "t1")
    entries = read_manifest(study)
    assert {entry.path for entry in entries} == {f"tables/{file.name}" for file in files}
    assert {entry.policy for entry in entries} == {"seuil 10"}
    assert entries[0].versions["pandas"] == pd.__version__
    assert str(study.parent.parent) not in (study / "manifest.json").read_text("utf-8")
    export(table, study / "tables" / "t1")
    assert read_manifest(study) == entries


def test_words_of_the_package_follow_the_language(table: PublicationTable, study: Path) -> None:
    (file,) = export(table, study / "t", formats=("html",), language="en")
    page = file.read_text("utf-8")
    assert '<html lang="en">' in page
    assert "Table\u00a01" in page
    assert "3.21" in page
    assert "Scope: " in page


def test_an_unknown_format_is_named_with_its_neighbour(table: PublicationTable, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="docs") as error:
        export(table, tmp_path / "t", formats=("docs",))  # type: ignore[arg-type]
    assert "docx" in str(error.value)


def test_a_data_frame_is_not_a_publication_table(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="DataFrame"):
        export(pd.DataFrame({"a": [1]}), tmp_path / "t")


def test_a_folder_that_is_a_file_says_what_to_do(table: PublicationTable, tmp_path: Path) -> None:
    (tmp_path / "exports").write_text("x")
    with pytest.raises(ExportError, match="choisissez un dossier"):
        export(table, tmp_path / "exports" / "t")
    assert (tmp_path / "exports").read_text() == "x"


def test_simulated_studies_say_so_in_every_file(study: Path) -> None:
    table = make_table(simulated=False)
    with using_setting(simulated=True):
        for file in export(table, study / "t", formats=("docx", "xlsx", "tex", "html")):
            assert "simulées" in texts_of(file)


class Shares(Result):
    """A result with a table, a sentence and a figure."""

    def table(self) -> PublicationTable:
        return make_table()

    def sentence(self) -> str:
        return "Les directions diffèrent."

    def plot(self, ax: Any = None) -> Any:
        from matplotlib.figure import Figure

        ax = ax or Figure(figsize=(3, 2)).subplots()
        ax.barh(["Culture", "Ensemble"], [3.2, 3.3])
        return ax


def test_a_result_is_exported_as_its_table_and_put_in_a_report_with_its_sentence(study: Path) -> None:
    (file,) = export(Shares(), study / "t", formats=("csv",))
    assert file.read_text("utf-8-sig").startswith("Direction;")
    report = Report("Rapport").add(Shares()).figure(Shares()).add("Une phrase.").lead(Shares())
    (page,) = export(report, study / "r", formats=("html",))
    text = page.read_text("utf-8")
    assert text.count("Les directions diffèrent.") == 2
    assert "Figure\u00a01" in text
    with pytest.raises(ExportError, match="rapport"):
        report.add(3)


def test_a_matplotlib_figure_needs_only_its_words(ax: Any, study: Path) -> None:
    assert [file.suffix for file in export(ax, study / "f", alt="Deux barres")] == [".png", ".svg", ".pdf"]
    with pytest.raises(ExportError, match="pas de données"):
        export(ax, study / "f", formats=("csv",), alt="Deux barres")


def test_the_data_of_a_figure_are_written_as_numbers(ax: Any, study: Path) -> None:
    data = pd.DataFrame({"moyenne": [3.2, 2.9], "groupe": ["a", "b"]}, index=["Rezé", "Pau"])
    (file,) = export(PublicationFigure(ax, data=data, title="Moyennes"), study / "f", formats=("csv",))
    assert file.read_text("utf-8-sig").splitlines() == [
        ";moyenne;groupe",
        "Collectivité A;3,2;a",
        "Pau;2,9;b",
    ]


def test_a_table_has_no_png(table: PublicationTable, study: Path) -> None:
    with pytest.raises(ExportError, match="format de figure"):
        export(table, study / "t", formats=("png",))


def test_a_manifest_written_by_hand_is_said_to_be_unreadable(table: PublicationTable, study: Path) -> None:
    study.mkdir(parents=True)
    (study / "manifest.json").write_text("{}")
    with pytest.raises(ExportError, match="manifeste"):
        export(table, study / "t", formats=("csv",))


def test_a_file_deleted_leaves_the_manifest(table: PublicationTable, study: Path) -> None:
    (first,) = export(table, study / "t1", formats=("csv",))
    first.unlink()
    export(table, study / "t2", formats=("csv",))
    assert [entry.path for entry in read_manifest(study)] == ["t2.csv"]


def test_a_trail_is_written_to_be_read_and_to_be_replayed(tmp_path):
    from optima_research.trail import Step, Trail

    trail = Trail("enquete.lsa", "ab").append(
        Step("drop_unsubmitted", {}, "Non validées", 12, 9, 0, "h0", "h1")
    )
    files = export(trail, tmp_path / "exports" / "essai" / "journal", audience="researcher")
    assert [file.suffix for file in files] == [".docx", ".html", ".csv", ".jsonl"]
    assert Trail.read(files[-1]) == trail
    entered = {entry.path for entry in read_manifest(tmp_path / "exports" / "essai")}
    assert entered == {file.name for file in files}
