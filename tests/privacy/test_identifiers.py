"""Direct identifiers are found by their form and their keys; what only looks like one is left alone."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optima_research.codebook import Codebook, Variable
from optima_research.errors import PrivacyError
from optima_research.privacy import count_identifiers, find_identifiers, is_nir, quarantine, refuse_nir, scan
from optima_research.survey import Survey


def kinds(text: str) -> list[str]:
    return [str(found.kind) for found in find_identifiers(text)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("2 55 08 14 168 025 38", "nir"),
        ("255081416802538", "nir"),
        ("écrivez à z.durand@ville-reze.fr svp", "email"),
        ("05 59 40 70 00", "phone"),
        ("+33 6 12 34 56 78", "phone"),
        ("06.12.34.56.78", "phone"),
        ("depuis 192.168.10.24", "ip"),
        ("2001:0db8:85a3:0000:0000:8a2e:0370:7334", "ip"),
        ("FR76 3000 6000 0112 3456 7890 189", "iban"),
        ("AB-123-CD", "plate"),
        ("matricule n° 004512", "staff_number"),
        ("43.29512, -0.37081", "gps"),
        ("Mme Durand m'a dit", "person"),
        ("voir Zoé DURAND", "person"),
    ],
)
def test_what_identifies_is_found(text: str, kind: str) -> None:
    assert kinds(text) == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "2 55 08 14 168 025 39",  # wrong key
        "FR76 3000 6000 0112 3456 7890 188",
        "35.0000000000",
        "Mozilla/5.0 (Windows NT 10.0; compatible; crawler@exemple.fr) Chrome/58.0.3029.110",
        "version 10.0.1.2",
        "logiciel/4.1.2.3",
        "552 100 554 00013",  # a SIRET names an organisation
        "Madame la Directrice",
        "Monsieur Le Maire",
        "en 2013, 447 agents sur 860 (52,0 %)",
        "article 12.34.56.78.90.12",
        "999.10.10.10",
        "Ville REZE",
        "13/05/2013 10:32:11",
    ],
)
def test_what_only_looks_like_it_is_not(text: str) -> None:
    assert kinds(text) == []


@given(st.integers(0, 10**8 - 1), st.sampled_from("12"), st.integers(1, 12))
def test_exactly_one_key_fits_a_nir(rest: int, sex: str, month: int) -> None:
    digits = f"{rest:08d}"
    body = f"{sex}{digits[:2]}{month:02d}{digits}"
    good = [key for key in range(1, 98) if is_nir(f"{body}{key:02d}")]
    assert good == [97 - int(body) % 97]


def test_a_text_is_counted_once_a_kind() -> None:
    assert count_identifiers(["a@b.fr c@d.fr", "rien"]) == {"email": 1}


@pytest.fixture
def survey() -> Survey:
    frame = pd.DataFrame(
        {
            "avis": ["Voir Mme Durand", "RAS", None],
            "email": ["a@exemple.fr", None, "b@exemple.fr"],
            "useragent": ["Mozilla/5.0 Chrome/58.0.3029.110"] * 3,
            "age": [34, 45, 51],
            "Prenom": ["Zoé", "Ali", "Léa"],
        }
    )
    return Survey.build(frame, Codebook([Variable(name, measure="text") for name in frame]))


def test_the_scan_shows_columns_and_counts_never_contents(survey: Survey) -> None:
    result = scan(survey)
    assert result.columns == ["avis", "email", "Prenom"]
    shown = repr(result) + result.table().formatted().to_string() + result.table()._repr_html_()
    assert "Durand" not in shown
    assert "exemple.fr" not in shown


def test_quarantined_columns_leave_the_answers(survey: Survey) -> None:
    after = survey.pipe(quarantine, ["email", "Prenom"], reason="Identifiants directs")
    assert after.columns == ["avis", "useragent", "age"]
    assert after.participants is not None
    assert "exemple" not in repr(after.participants)
    again = after.pipe(quarantine, ["avis"], reason="Noms dans les verbatims")
    assert set(again.participants.columns) == {"id", "email", "Prenom", "avis"}


def test_a_nir_is_refused(survey: Survey) -> None:
    assert refuse_nir(survey) is survey
    numbers = pd.Series([255081416802538, None, None], dtype="Int64", index=survey.answers.index)
    holed = survey.with_columns({"code": numbers}, [Variable("code", measure="ratio")])
    with pytest.raises(PrivacyError, match="NIR") as error:
        refuse_nir(holed)
    assert "255081416802538" not in str(error.value)
    with pytest.raises(PrivacyError, match="NIR"):
        refuse_nir(holed.pipe(quarantine, ["code"], reason="Identifiant"))
