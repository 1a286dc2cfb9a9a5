"""The front page of a study links every file it wrote, without network, script or absolute path."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from optima_research.errors import ExportError
from optima_research.publishing import PublicationFigure, Register, export, read_manifest, write_index
from optima_research.results import PublicationTable


def test_every_file_written_is_one_click_away(table: PublicationTable, ax: Any, study: Path) -> None:
    export(table, study / "tableaux" / "tableau 1", formats=("xlsx", "csv"))
    export(PublicationFigure(ax, alt="Deux barres <ici>"), study / "figure1")
    Register("bareme", folder=study).write()
    path = write_index(study, title="Barème & co", simulated=True)
    text = path.read_text("utf-8")
    links = {link.replace("%20", " ") for link in re.findall(r'href="([^"]+)"', text)}
    assert links == {entry.path for entry in read_manifest(study)} - {"index.html"}
    assert 'alt="Deux barres &lt;ici&gt;"' in text
    assert "Données simulées" in text
    assert "<script" not in text
    assert str(study) not in text
    assert write_index(study, title="Barème & co", simulated=True).read_text("utf-8") == text


def test_the_page_of_the_notebook_and_the_figures_of_latex_are_linked(ax: Any, study: Path) -> None:
    export(PublicationFigure(ax, alt="Deux barres"), study / "figure1", formats=("tex",))
    (study / f"{study.name}.html").write_text("<p>Le carnet</p>")
    text = write_index(study).read_text("utf-8")
    assert f'href="{study.name}.html"' in text
    assert ">pdf figure1 (" in text
    assert text.count('class="card"') == 1


def test_an_empty_study_says_so(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="Aucun fichier"):
        write_index(tmp_path)
