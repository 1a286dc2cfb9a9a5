"""The register holds each number once, under one name, and says what moved between two versions of a study."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from optima_research.errors import ExportError
from optima_research.publishing import (
    Register,
    compare_registers,
    read_manifest,
    using_setting,
    write_readers,
)
from optima_research.publishing.register_formats import register_latex
from optima_research.results import Estimate, PublicationTable, Result


@dataclass(frozen=True, eq=False, repr=False)
class Reliability(Result):
    alpha: float = 0.84

    def table(self) -> PublicationTable:
        raise NotImplementedError

    def sentence(self) -> str:
        return ""

    def statistics(self) -> dict[str, Any]:
        return {"alpha": Estimate(self.alpha, 0.80, 0.88, n=200), "Écart Voirie - Culture": 0.85}


@pytest.fixture
def register(tmp_path: Path) -> Register:
    with using_setting(study="demo", notebook="demo", source_hash="ab12"):
        register = Register("demo", folder=tmp_path / "exports" / "demo")
        register.note(
            "satisfaction_moyenne", Estimate(3.2141592653589793, 3.02, 3.40, se=0.095, n=52), unit="points"
        )
        register.note("part", Estimate(0.652, 0.6, 0.7, n=52), unit="%")
        register.note("fiabilite", Reliability())
    return register


def test_a_row_holds_value_text_interval_and_origin(register: Register) -> None:
    row = register["satisfaction_moyenne"]
    assert (row.value, row.text, row.interval) == (3.214159265, "3,21", "[3,02\u202f; 3,40]")
    assert (row.n, row.unit, row.study, row.notebook, row.source_hash) == (
        52,
        "points",
        "demo",
        "demo",
        "ab12",
    )
    assert register["part"].text == "65,2\u00a0%"
    assert register["part"].interval == "[60,0\u202f; 70,0]"


def test_every_statistic_of_a_result_gets_its_own_id(register: Register) -> None:
    ids = [name for name in register if name.startswith("fiabilite")]
    assert ids == ["fiabilite.Ecart_Voirie_Culture", "fiabilite.alpha"]  # what can be typed in Word and LaTeX
    assert register["fiabilite.alpha"].method == "Reliability"


def test_an_id_stands_for_one_value(register: Register) -> None:
    register.note("part", Estimate(0.652, 0.6, 0.7, n=52), unit="%")  # the same again: a cell run twice
    with pytest.raises(ExportError, match="désigne déjà 65,2"):
        register.note("part", 0.7, unit="%")
    register.forget("part")
    register.note("part", 0.7, unit="%")


def test_an_id_can_be_typed_anywhere() -> None:
    with pytest.raises(ExportError, match="sans accent"):
        Register("demo").note("qualité perçue", 1.0)


def test_an_unknown_id_is_answered_with_its_neighbour(register: Register) -> None:
    with pytest.raises(ExportError, match="Vouliez-vous dire « satisfaction_moyenne »"):
        register["satisfaction_moyene"]


def test_the_file_is_sorted_without_date_and_reads_back(register: Register) -> None:
    path = register.write()
    rows = json.loads(path.read_text("utf-8"))
    assert list(rows) == sorted(rows)
    assert "202" not in json.dumps([row["text"] for row in rows.values()])
    assert Register.read(path).items() == register.items()
    assert [entry.path for entry in read_manifest(path.parent)] == ["results.json"]
    before = path.read_bytes()
    assert register.write().read_bytes() == before


def test_a_copy_kept_with_the_code_makes_no_manifest(register: Register, tmp_path: Path) -> None:
    register.write()
    assert register.write(tmp_path / "data").name == "results.json"
    assert [file.name for file in (tmp_path / "data").iterdir()] == ["results.json"]


def test_something_else_is_not_a_register(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="Exécutez d'abord"):
        Register.read(tmp_path)
    (tmp_path / "results.json").write_text("[1]")
    with pytest.raises(ExportError, match="n'est pas un registre"):
        Register.read(tmp_path)


def test_what_moved_is_said_in_french(register: Register) -> None:
    after = Register("demo")
    after.note("satisfaction_moyenne", Estimate(3.2441592, 3.02, 3.40, se=0.095, n=52))
    after.note("part", Estimate(0.652, 0.6, 0.7, n=53), unit="%")
    after.note("neuf", 12)
    text = "\n".join(compare_registers(register, after)).replace("\u00a0", " ").replace("\u202f", " ")
    assert "2 valeurs ont changé : " in text
    assert "satisfaction_moyenne 3,21 → 3,24 (source modifiée)" in text
    assert "1 valeur est nouvelle : neuf 12." in text
    assert "2 valeurs ont disparu : fiabilite.Ecart_Voirie_Culture" in text


def test_rounding_noise_is_not_a_change(register: Register) -> None:
    again = Register("demo")
    for id_ in register:
        row = register[id_]
        again.note(id_, Estimate((row.value or 0) * (1 + 1e-9), row.low or float("nan"), row.high or float("nan"),
                                 n=row.n or 0))  # fmt: skip
    assert compare_registers(register, again) == ["Aucune valeur n'a changé (4 comparées)."]


def test_authors_read_it_in_latex_typst_and_excel(register: Register) -> None:
    files = write_readers(register)
    assert [file.name for file in files] == ["results.json", "results.tex", "results.typ", "results.xlsx"]
    assert r"\optima@note{part}{65,2~\%}{[60,0\,; 70,0]}" in register_latex(register)
    sheet = openpyxl.load_workbook(io.BytesIO(files[3].read_bytes()))["Registre"]
    rows = {row[0]: row for row in sheet.iter_rows(values_only=True) if row[0]}
    assert rows["satisfaction_moyenne"][1:4] == ("3,21", 3.214159265, 3.02)


def test_typst_stops_on_an_unknown_id(register: Register) -> None:
    import typst

    files = {
        file.name: file.read_bytes() for file in write_readers(register) if file.suffix in (".json", ".typ")
    }
    known = b'#import "results.typ": optima\n#optima("part")'
    assert typst.compile({**files, "main": known}).startswith(b"%PDF")  # type: ignore[call-overload]
    with pytest.raises(typst.TypstError, match="pctt"):
        typst.compile({**files, "main": known.replace(b"part", b"pctt")})  # type: ignore[call-overload]
