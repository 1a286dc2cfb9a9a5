"""A committee gets one page, which also says what is not known; a referee gets a checklist already filled."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import docx
import pytest

from optima_research.errors import ExportError
from optima_research.publishing import (
    Indicator,
    PublicationFigure,
    Register,
    checklists,
    export,
    indicator,
    restitution,
    typst,
)
from optima_research.publishing.exporting import build_document
from optima_research.publishing.setting import Setting
from optima_research.results import Estimate

PARTS: dict[str, Any] = {
    "lead": "La satisfaction moyenne est de 3,21 sur 5.",
    "indicators": [Indicator("satisfaction", "3,21", "[3,02 ; 3,40]"), Indicator("répondants", "52")],
    "findings": ["Les directions diffèrent peu."],
    "unknown": ["Ce que pensent ceux qui n'ont pas répondu."],
}


def test_the_page_fits_one_page_in_every_format(ax: Any, study: Path) -> None:
    figure = PublicationFigure(ax, alt="Deux barres")
    page = restitution("Baromètre", **PARTS, figure=figure, quotations=["Le chef est là."], source="2013")
    files = export(page, study / "page", formats=("docx", "pdf", "tex", "html"), audience="partner")
    files = [file for file in files if "figure" not in file.name]
    assert [file.suffix for file in files] == [".docx", ".pdf", ".tex", ".html"]
    text = "".join(
        node.text or ""
        for node in docx.Document(str(files[0])).element.body.iter()
        if node.tag.endswith("}t")
    )
    for words in ("Ce que nous ne savons pas", "3,21", "«\u00a0Le chef est là.\u00a0»"):
        assert words in text
        assert words in files[3].read_text("utf-8")


def test_a_page_that_overflows_is_refused() -> None:
    page = restitution("Baromètre", **{**PARTS, "findings": ["Une phrase de trop. " * 20] * 12})
    with pytest.raises(ExportError, match="en prend 2"):
        typst.render(build_document(page, "researcher", Setting()))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"unknown": []}, "n'est pas connu"),
        ({"indicators": []}, "de un à 5"),
        ({"indicators": PARTS["indicators"] * 3}, "de un à 5"),
        ({"quotations": ["a", "b", "c", "d"]}, "au plus 3"),
    ],
)
def test_a_committee_is_not_told_too_much_nor_only_what_was_found(
    change: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ExportError, match=reason):
        restitution("Baromètre", **{**PARTS, **change})


def test_an_indicator_is_read_in_the_register() -> None:
    register = Register("demo")
    register.note("part", Estimate(0.652, 0.60, 0.70, n=52), unit="%")
    shown = indicator(register, "part", "satisfaits")
    assert shown == Indicator("satisfaits", "65,2\u00a0%", "[60,0\u202f; 70,0], n = 52")


def test_a_checklist_says_what_the_author_still_owes() -> None:
    filled = checklists.checklist("CROSS", {"flow": "447 réponses analysées sur 860 agents."})
    table = filled.table().formatted()
    assert table.loc["Flux : invités, ouverts, complets, exclus avec motifs, analysés", "État"] == "fait"
    assert table.loc["Financement, intérêts, rôle du partenaire", "État"] == "À ÉCRIRE"
    assert "Restent à écrire" in filled.sentence()
    assert filled.statistics()["filled"] == 2  # the versions are always known


def test_the_study_answers_what_it_knows() -> None:
    from datetime import date

    wave = SimpleNamespace(
        id="V1", start=date(2013, 5, 13), end=date(2013, 6, 14), modes=("web", "papier"), reminders=2
    )
    study = SimpleNamespace(
        waves={"V1": wave}, confidentiality={"base_legale": "mission d'intérêt public"},
        hypotheses={"H1": SimpleNamespace(id="H1", is_confirmatory=True)},
    )  # fmt: skip
    answers = checklists.checklist("CROSS", study=study).answers
    assert answers["fieldwork"] == "V1 : du 13/05/2013 au 14/06/2013, web, papier, 2 relances."
    assert answers["ethics"] == "mission d'intérêt public"
    assert "H1" in answers["hypotheses"]


@pytest.mark.parametrize("standard", checklists.STANDARDS)
def test_every_checklist_asks_something(standard: Any) -> None:
    assert checklists.checklist(standard).items


def test_a_wrong_name_is_answered_with_its_neighbour() -> None:
    with pytest.raises(ExportError, match="CROSS"):
        checklists.checklist("CROS")  # type: ignore[arg-type]
    with pytest.raises(ExportError, match="reliability"):
        checklists.checklist("CROSS", {"reliabilty": "…"})
