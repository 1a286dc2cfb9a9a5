"""Follow-ups kept by hand, one sheet a quarter."""

import pandas as pd
import pytest
from openpyxl import Workbook
from openpyxl.styles import PatternFill

from optima_research.errors import SourceError
from optima_research.sources import read_period_sheets

COLUMNS = {
    "code": ["N°", "Code indicateur"],
    "value": ["Valeur", "Réalisé\nau trimestre"],
    "target": ["Cible"],
}


def workbook(path, sheets):
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def read(path, **more):
    return read_period_sheets(path, COLUMNS, key="code", numbers=["value", "target"], **more)


@pytest.fixture
def follow_up(tmp_path):
    first = [
        ["Tableau de bord"],
        [],
        ["N°", "Valeur", "Cible", "Avis"],
        ["I1", "1 234,5", 10, "ok"],
        ["Voirie"],
        ["I2", "n.d.", None],
    ]
    second = [["code  indicateur", "réalisé au trimestre"], ["I1", "-"], ["I2", 0.5], [None, 3]]
    return workbook(
        tmp_path / "suivi.xlsx", {"2e trim. 2012": second, "Notice": [["à lire"]], "T1 2012": first}
    )


def test_renamed_columns_are_found_and_sheets_stand_in_the_order_of_time(follow_up):
    sheets = read(follow_up)
    assert sheets.table["period"].astype(str).tolist() == ["2012Q1", "2012Q1", "2012Q2", "2012Q2"]
    assert sheets.table["code"].tolist() == ["I1", "I2", "I1", "I2"]
    assert sheets.table["value"].fillna(-1).tolist() == [1234.5, -1, -1, 0.5]
    assert sheets.headings.loc[pd.Period("2012Q2"), "value"] == "réalisé au trimestre"
    assert sheets.headings["target"].isna().tolist() == [False, True]
    assert sheets.other_headings == ("Avis",)
    assert sheets.gaps == {"target": ["T2 2012"]}
    assert "« target » dans T2 2012" in repr(sheets)


def test_words_for_missing_are_counted_and_the_cell_as_typed_is_kept(follow_up):
    sheets = read(follow_up)
    absent = sheets.words[sheets.words["column"] == "value"].set_index("text")["n"].to_dict()
    assert absent == {"n.d.": 1, "-": 1}
    assert sheets.table["value_text"].tolist() == ["1 234,5", "n.d.", "-", "0.5"]
    assert "« n.d. »" in sheets.report().body.loc["value", "words"]
    assert "T1 2012" in repr(sheets)


def test_colours_are_counted_not_read(tmp_path):
    path = workbook(tmp_path / "c.xlsx", {"T1 2012": [["N°", "Valeur", "Cible"], ["I1", 1, 2]]})
    from openpyxl import load_workbook

    book = load_workbook(path)
    book["T1 2012"]["B2"].fill = PatternFill("solid", fgColor="FFFF0000")
    book.save(path)
    sheets = read(path)
    assert sheets.colours.values.tolist() == [["FF0000", 1]]
    assert "coloriées" in sheets.report().note


@pytest.mark.parametrize(
    ("name", "period"),
    [("T3 2013", "2013Q3"), ("3e trimestre 2013", "2013Q3"), ("1er trim. 2014", "2014Q1"), ("2013-T4", "2013Q4"),
     ("Trim 2 - 2012", "2012Q2"), ("Bilan 2012", "2012"), ("2013 t1", "2013Q1")],
)  # fmt: skip
def test_names_of_sheets(tmp_path, name, period):
    sheets = read(workbook(tmp_path / "n.xlsx", {name: [["N°", "Valeur", "Cible"], ["I1", 1, 2]]}))
    assert str(sheets.table["period"].iloc[0]) == period


@pytest.mark.parametrize(
    ("sheets", "message"),
    [
        ({"Feuil1": [["N°", "Valeur"], ["I1", 1]]}, "trimestre"),
        (
            {"T1 2012": [["N°", "Valeur"], ["I1", 1]], "1er trim 2012": [["N°", "Valeur"], ["I1", 1]]},
            "même période",
        ),
        ({"T1 2012": [["Numéro", "Valeur"], ["I1", 1]]}, "en-tête"),
        ({"T1 2012": [["N°", "Code indicateur"], ["I1", 1]]}, "Deux en-têtes"),
        ({"T1 2012": [["N°", "Valeur"], ["I1", 1], ["I1", 2]]}, "deux fois"),
        ({"T1 2012": [["N°", "Valeur"], ["I1", "en hausse"]]}, "pas un nombre"),
    ],
)
def test_refusals(tmp_path, sheets, message):
    with pytest.raises(SourceError, match=message):
        read(workbook(tmp_path / "r.xlsx", sheets))


def test_the_workbook_is_left_as_it_was(follow_up):
    before = follow_up.read_bytes()
    read(follow_up)
    assert follow_up.read_bytes() == before


def test_the_workbook_s_own_words_for_missing_are_named(tmp_path):
    path = workbook(tmp_path / "s.xlsx", {"T1 2012": [["N°", "Valeur"], ["I1", "À  venir"], ["I2", 3]]})
    with pytest.raises(SourceError, match="missing="):
        read(path)
    with pytest.raises(SourceError, match="« valeu »"):
        read_period_sheets(path, COLUMNS, key="code", numbers=["valeu"])
    sheets = read(path, missing=["à venir"])
    assert sheets.table["value"].isna().tolist() == [True, False]
    assert "À venir" in sheets.words["text"].tolist()
