"""A codebook that somebody edited in a spreadsheet comes back as edited, or with every fault named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from optima_research import Codebook, ItemSet, MissingKind, Scale, Variable
from optima_research.errors import CodebookError

LABELS = {1: "Non", 2: "Plutôt", 3: "Oui"}


@pytest.fixture
def book() -> Codebook:
    return Codebook(
        [
            Variable("A", "On m'écoute.", measure="ordinal", values=LABELS, missing={9: "dont_know"}),
            Variable("B", "On m'oublie.", measure="ordinal", values=LABELS),
            Variable("Votre âge", measure="ratio", unit="ans"),
            Variable("insee", values={"01053": "Bourg", "=1+1": "=cmd", "#N/A": "Sans objet"}),
        ],
        [ItemSet("G", "grid", ("A", "Votre âge"))],
        [Scale("S", ("A", "B"), reversed=("B",), range=(1, 3)), Scale("Â", ("Votre âge",), range=(0, 99))],
        title="Baromètre",
    )


def edited(book: Codebook, folder: Path, *cells: tuple[str, str, Any]) -> Path:
    path: Path = book.write(folder / "dictionnaire.xlsx")
    workbook = load_workbook(path)
    for sheet, cell, value in cells:
        workbook[sheet][cell] = value
    workbook.save(path)
    return path


@pytest.mark.parametrize("suffix", [".yaml", ".xlsx", ".csv"])
def test_names_with_blanks_titles_and_formulas_come_back(book: Codebook, suffix: str, tmp_path: Path) -> None:
    assert Codebook.read(book.write(tmp_path / f"dictionnaire{suffix}")) == book


@pytest.mark.parametrize(
    ("sheet", "cell", "value", "seen", "expected"),
    [
        ("variables", "B2", "Écoute", lambda b: b["A"].label, "Écoute"),
        ("values", "C2", "Jamais", lambda b: b["A"].values[1], "Jamais"),
        ("values", "E5", "refused", lambda b: b["A"].missing[9], MissingKind.REFUSED),
        ("values", "E5", "Non posée", lambda b: b["A"].missing[9], MissingKind.NOT_ASKED),
        ("values", "E4", "dont_know", lambda b: b["A"].codes, (1, 2)),
        ("values", "D2", "0,5", lambda b: b["A"].scores, {1: 0.5}),
        ("scales", "D2", "A; B", lambda b: b.scale("S").reversed, ("A", "B")),
        ("scales", "D2", None, lambda b: b.scale("S").reversed, ()),
        ("scales", "C2", "B", lambda b: b.scale("S").items, ("B",)),
        ("variables", "F4", "quasi", lambda b: b["Votre âge"].identifier, "quasi"),
        ("variables", "H2", "non", lambda b: b["A"].missing_told_apart, False),
    ],
)
def test_an_edit_survives(
    book: Codebook, tmp_path: Path, sheet: str, cell: str, value: Any,
    seen: Callable[[Codebook], Any], expected: Any,
) -> None:  # fmt: skip
    assert seen(Codebook.read(edited(book, tmp_path, (sheet, cell, value)))) == expected


def test_the_order_of_the_rows_is_the_order_of_the_answers(book: Codebook, tmp_path: Path) -> None:
    swap = [("values", "B2", 3), ("values", "C2", "Oui"), ("values", "B4", 1), ("values", "C4", "Non")]
    assert Codebook.read(edited(book, tmp_path, *swap))["A"].codes == (3, 2, 1)


@pytest.mark.parametrize(
    ("sheet", "cell", "value", "place"),
    [
        ("variables", "D2", "ordinale", "feuille « variables », ligne 2, colonne « measure »"),
        ("variables", "F3", "directe", "feuille « variables », ligne 3, colonne « identifier »"),
        ("variables", "A3", "A", "feuille « variables », ligne 3, colonne « name »"),
        ("variables", "A3", None, "feuille « variables », ligne 3, colonne « name »"),
        ("variables", "H2", "peut-être", "feuille « variables », ligne 2, colonne « missing_told_apart »"),
        ("variables", "B1", "libellé", "feuille « variables », ligne 1, colonne « libellé »"),
        ("values", "A2", "AA", "feuille « values », ligne 2, colonne « variable »"),
        ("values", "B3", 1, "feuille « values », ligne 3, colonne « code »"),
        ("values", "B3", datetime(2026, 2, 3), "feuille « values », ligne 3, colonne « code »"),
        ("values", "D3", "dix", "feuille « values », ligne 3, colonne « score »"),
        ("values", "E5", "nsp", "feuille « values », ligne 5, colonne « missing »"),
        ("sets", "E2", "A Z", "feuille « sets », ligne 2, colonne « members »"),
        ("sets", "B2", "grille", "feuille « sets », ligne 2, colonne « kind »"),
        ("scales", "D2", "Votre âge", "feuille « scales », ligne 2, colonne « reversed »"),
        ("scales", "F2", 0, "feuille « scales », ligne 2, colonne « high »"),
        ("scales", "G2", 3, "feuille « scales », ligne 2, colonne « min_valid »"),
    ],
)
def test_a_fault_is_named_with_its_place(
    book: Codebook, tmp_path: Path, sheet: str, cell: str, value: Any, place: str
) -> None:
    with pytest.raises(CodebookError) as raised:
        Codebook.read(edited(book, tmp_path, (sheet, cell, value)))
    assert place in str(raised.value)


def test_all_faults_are_told_at_once(book: Codebook, tmp_path: Path) -> None:
    path = edited(book, tmp_path, ("variables", "D2", "x"), ("values", "D3", "dix"), ("scales", "G2", 3))
    with pytest.raises(CodebookError, match="3 erreurs"):
        Codebook.read(path)


def test_a_renamed_sheet_is_not_lost_in_silence(book: Codebook, tmp_path: Path) -> None:
    path = edited(book, tmp_path)
    workbook = load_workbook(path)
    workbook["values"].title = "value"
    workbook.create_sheet("mes notes")
    workbook.save(path)
    with pytest.raises(CodebookError) as raised:
        Codebook.read(path)
    assert "« value »" in str(raised.value)
    assert "mes notes" not in str(raised.value)


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_another_file_is_refused(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"photo{suffix}"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\x00\xff")
    with pytest.raises(CodebookError):
        Codebook.read(path)
