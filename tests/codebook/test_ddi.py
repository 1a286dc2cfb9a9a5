"""A codebook as DDI: well formed, in the order of the schema, with nothing of the codebook lost."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from optima_research import Codebook, ItemSet, Scale, Variable
from optima_research.codebook import write_ddi
from optima_research.errors import CodebookError

# The sequence of the complex types of DDI-Codebook 2.5, for the elements this package writes.
ORDER = {
    "codeBook": ["docDscr", "stdyDscr", "fileDscr", "dataDscr", "otherMat"],
    "dataDscr": ["varGrp", "nCubeGrp", "var", "nCube", "notes"],
    "varGrp": ["labl", "txt", "concept", "defntn", "universe", "notes"],
    "var": [
        "location", "labl", "imputation", "security", "embargo", "respUnit", "anlysUnit", "qstn", "valrng", "invalrng",
        "undocCod", "universe", "TotlResp", "sumStat", "txt", "stdCatgry", "catgryGrp", "catgry", "codInstr",
        "verStmt", "concept", "derivation", "varFormat", "geoMap", "catLevel", "notes",
    ],
    "catgry": ["catValu", "labl", "txt", "catStat", "mrow"],
}  # fmt: skip
NATURES = {"nominal", "ordinal", "interval", "ratio", "percent", "other"}
D = "{ddi:codebook:2_5}"


@pytest.fixture
def root(tmp_path: Path) -> ET.Element:
    labels = {1: "Non & jamais", 2: "<Oui>"}
    book = Codebook(
        [
            Variable("A[1]", "On m'écoute ?\x00", "Écoute", "ordinal", labels, missing={9: "refused"},
                     universe="Agents", group="Climat"),
            Variable("B", measure="ordinal", values=labels),
            Variable("poids", measure="ratio", role="weight", unit="kg"),
            Variable("jour", measure="date"),
            Variable("mot", "Un mot ?", measure="text", identifier="direct"),
        ],
        [ItemSet("G", "grid", ("A[1]", "B"), "Climat"), ItemSet("R", "ranking", ("B",))],
        [Scale("S", ("A[1]", "B"), reversed=("B",), range=(1, 2))],
        title="Baromètre « RH »",
    )  # fmt: skip
    return ET.parse(write_ddi(book, tmp_path / "ddi.xml")).getroot()


def test_elements_follow_the_order_of_the_schema(root: ET.Element) -> None:
    for element in root.iter():
        tag = element.tag.removeprefix(D)
        if tag in ORDER:
            places = [ORDER[tag].index(child.tag.removeprefix(D)) for child in element]
            assert places == sorted(places), tag


def test_ids_are_unique_and_groups_refer_to_them(root: ET.Element) -> None:
    ids = [element.get("ID") for element in root.iter() if element.get("ID")]
    assert len(set(ids)) == len(ids)
    for group in root.iter(f"{D}varGrp"):
        assert set((group.get("var") or "").split()) <= set(ids)
    assert [group.get("type") for group in root.iter(f"{D}varGrp")] == ["grid", "other", "other"]


def test_the_content_of_the_codebook_is_there(root: ET.Element) -> None:
    first = root.find(f".//{D}var")
    assert first is not None
    assert first.attrib == {"ID": "V1", "name": "A[1]", "intrvl": "discrete", "nature": "ordinal"}
    assert first.findtext(f"{D}qstn/{D}qstnLit") == "On m'écoute ?"
    assert [c.findtext(f"{D}labl") for c in first.iter(f"{D}catgry")] == ["Non & jamais", "<Oui>", "refus"]
    assert [c.get("missing") for c in first.iter(f"{D}catgry")] == [None, None, "Y"]
    assert root.findtext(f"{D}stdyDscr/{D}citation/{D}titlStmt/{D}titl") == "Baromètre « RH »"


def test_words_of_closed_lists_are_those_of_the_schema(root: ET.Element) -> None:
    for variable in root.iter(f"{D}var"):
        assert variable.get("nature", "other") in NATURES
        assert [f.get("type") in ("numeric", "character") for f in variable.iter(f"{D}varFormat")] == [True]


def test_a_title_is_required(tmp_path: Path) -> None:
    with pytest.raises(CodebookError, match="titre"):
        write_ddi(Codebook([Variable("A")]), tmp_path / "x.xml")
