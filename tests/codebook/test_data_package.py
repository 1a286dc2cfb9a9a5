"""A CSV file and its descriptor say the same, and no kind of missing is lost."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from optima_research import Codebook, MissingKind, Survey, Variable
from optima_research.errors import ExportError, PrivacyError
from optima_research.sources import write_data_package


@pytest.fixture
def survey() -> Survey:
    book = Codebook(
        [
            Variable("Q[1]", "On m'écoute ?", measure="ordinal", values={1: "Non", 2: "Oui"},
                     missing={9: "refused", 7: "not_asked"}),
            Variable("insee", "Commune", values={"01053": "Bourg", "-": "Autre"}),
            Variable("jour", measure="date"),
            Variable("part", measure="ratio", unit="%"),
            Variable("mot", measure="text"),
        ],
        title="Baromètre RH",
    )  # fmt: skip
    frame = pd.DataFrame(
        {
            "Q[1]": [1, 9, 7],
            "insee": ["01053", None, "-"],
            "jour": pd.to_datetime(["2026-02-03", None, None]),
            "part": [0.5, None, 2.25],
            "mot": ["=cmd()", 'Un "mot", été\nla suite', "#refused"],
        }
    )
    return Survey.build(frame, book)


@pytest.fixture
def written(survey: Survey, tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    table, descriptor = write_data_package(survey, tmp_path / "Été 2026.csv")
    return table, json.loads(descriptor.read_text(encoding="utf-8"))


def rows(table: Path) -> list[list[str]]:
    return list(csv.reader(table.read_text(encoding="utf-8").splitlines(keepends=True)))


def test_the_table_has_the_fields_of_the_schema(written: tuple[Path, dict[str, Any]]) -> None:
    table, descriptor = written
    fields = descriptor["resources"][0]["schema"]["fields"]
    assert rows(table)[0] == [field["name"] for field in fields]
    assert [field["type"] for field in fields] == [
        "integer",
        "integer",
        "string",
        "datetime",
        "number",
        "string",
    ]
    assert fields[1]["categories"] == [{"value": 1, "label": "Non"}, {"value": 2, "label": "Oui"}]
    assert fields[1]["categoriesOrdered"] is True


def test_cells_keep_codes_and_kinds_of_missing(written: tuple[Path, dict[str, Any]]) -> None:
    table, descriptor = written
    first, second, third = rows(table)[1:]
    assert first == ["0", "1", "01053", "2026-02-03T00:00:00", "0.5", "'=cmd()"]
    assert second[1:5] == ["#refused", "#no_answer", "#no_answer", "#no_answer"]
    assert third[1:3] == ["#not_asked", "-"]
    assert third[5] == "'#refused"
    declared = descriptor["resources"][0]["schema"]["missingValues"]
    assert {entry["value"] for entry in declared} == {f"#{kind}" for kind in MissingKind}


def test_the_descriptor_is_that_of_this_file(written: tuple[Path, dict[str, Any]], survey: Survey) -> None:
    table, descriptor = written
    resource = descriptor["resources"][0]
    assert (resource["path"], resource["name"]) == ("Été 2026.csv", "ete-2026")
    assert resource["hash"] == f"sha256:{hashlib.sha256(table.read_bytes()).hexdigest()}"
    assert resource["bytes"] == table.stat().st_size
    assert descriptor["title"] == "Baromètre RH"
    assert descriptor["optima:codebook"]["variables"][0]["missing"] == [[9, "refused"], [7, "not_asked"]]
    assert descriptor["optima:fingerprint"] == survey.fingerprint


def test_direct_identifiers_do_not_leave(survey: Survey, tmp_path: Path) -> None:
    named = survey.described(survey.codebook.replace(Variable("mot", measure="text", identifier="direct")))
    with pytest.raises(PrivacyError, match="mot"):
        write_data_package(named, tmp_path / "enquete.csv")
    with pytest.raises(ExportError, match="csv"):
        write_data_package(survey, tmp_path / "enquete.txt")
    assert list(tmp_path.iterdir()) == []
