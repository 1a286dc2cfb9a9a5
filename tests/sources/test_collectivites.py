"""OFGL tables and the reference lists of collectivités."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from optima_research.errors import SourceError
from optima_research.sources import read_ofgl
from optima_research.sources.collectivites import (
    STRATA,
    filiere_of,
    is_siren,
    is_siret,
    read_cog,
    restore_zeros,
    stratum_of,
)

OFGL = """exer;insee;com_name;type_de_budget;lbudg;agregat;montant;ptot;euros_par_habitant
2023;64300;Lescar;Budget principal;X;Frais de personnel;1000,50;10;100
2023;64300;Lescar;Budget principal;Y;Frais de personnel;500;5;100
2023;1053;Bourg;Budget principal;X;Frais de personnel;2000;40;50
2022;64300;Lescar;Budget principal;X;Frais de personnel;900;10;90
"""


def test_rows_of_merged_communes_are_summed_and_ratios_recomputed(tmp_path: Path) -> None:
    (tmp_path / "o.csv").write_text(OFGL, encoding="utf-8")
    table = read_ofgl(tmp_path / "o.csv").set_index(["exer", "insee"])
    merged = table.loc[(2023, "64300")]
    assert merged["amount"] == 1500.5
    assert merged["merged"] == 2
    assert merged["per_head"] == pytest.approx(1500.5 / 15)
    assert (2023, "01053") in table.index


def test_a_spoilt_amount_is_named_with_its_lines(tmp_path: Path) -> None:
    (tmp_path / "o.csv").write_text(OFGL.replace("2000", "deux mille"), encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        read_ofgl(tmp_path / "o.csv")
    assert "4" in str(caught.value.where)


def test_the_fifteen_strata_of_the_law() -> None:
    assert len(STRATA["cgct_15"]) + 1 == 15
    strata = stratum_of(pd.Series([100, 3500, 200000, None]))
    assert strata.cat.ordered
    assert strata.cat.codes.tolist() == [0, 4, 14, -1]


def test_filieres_are_aliases_and_not_an_enumeration() -> None:
    assert filiere_of("Sapeurs-pompiers") == "incendie et secours"
    assert filiere_of("médico-technique") == "médico-sociale"
    assert filiere_of("médico-technique", "10") == "médico-technique"


def test_keys_of_siren_and_siret() -> None:
    assert is_siren("732829320")
    assert is_siret("73282932000074")
    assert is_siret("35600000000048")
    assert not is_siret("73282932000075")


def test_zeros_come_back_only_where_the_key_is_right() -> None:
    codes, n = restore_zeros(pd.Series(["5500000000012", "73282932000074", "12", None]), "siret")
    assert n == int(is_siret("05500000000012"))
    assert codes.tolist()[1] == "73282932000074"
    assert codes.tolist()[2] == "12"
    assert restore_zeros(pd.Series(["1053", "105", "2A004"]), "insee")[0].tolist() == [
        "01053",
        "105",
        "2A004",
    ]


def test_the_cog_keeps_its_vintage_and_its_zeros(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(
        "TYPECOM,COM,REG,DEP,LIBELLE,COMPARENT\nCOM,01053,84,01,Bourg-en-Bresse,\nCOM,2A004,94,2A,Ajaccio,\n",
        encoding="utf-8",
    )
    table = read_cog(tmp_path / "c.csv", 2026)
    assert table.loc["01053", "label"] == "Bourg-en-Bresse"
    assert table["vintage"].unique().tolist() == [2026]
