"""Pseudonyms: the same within a domain, unlinkable across domains, nothing without the key; keys kept private."""

from __future__ import annotations

import os

import pandas as pd
import pytest

from optima_research.cleaning import drop_duplicates, replay
from optima_research.codebook import Codebook, Variable
from optima_research.errors import PrivacyError
from optima_research.privacy import (
    Vault,
    anonymise_texts,
    create_key,
    destroy_key,
    pseudonymise,
    pseudonyms,
    read_key,
)
from optima_research.survey import Quarantine, Survey


@pytest.fixture
def key_file(tmp_path):
    path = tmp_path / "cles" / "etude.key"
    create_key(path)
    return path


@pytest.fixture
def survey() -> Survey:
    frame = pd.DataFrame({"matricule": ["A 12", "b34", None], "age": [30, 40, 50]}, index=[7, 8, 9])
    return Survey.build(frame, Codebook([Variable("matricule"), Variable("age", measure="ratio")]))


def test_the_same_person_has_the_same_pseudonym_within_a_domain_only(key_file) -> None:
    key = read_key(key_file)
    first = pseudonyms(pd.Series(["A 12", "b34", None]), key, "panel")
    second = pseudonyms(pd.Series(["a12", "B34 ", "c"]), key, "panel")
    assert first.iloc[:2].tolist() == second.iloc[:2].tolist()
    assert pd.isna(first.iloc[2])
    assert not set(first.dropna()) & set(pseudonyms(pd.Series(["A12", "b34"]), key, "autre"))
    assert first.str.len().dropna().eq(16).all()


def test_the_identifier_leaves_the_answers_and_the_trail_replays(
    survey: Survey, key_file, monkeypatch
) -> None:
    after = survey.pipe(
        pseudonymise, "matricule", domain="rezé 2013", key=key_file, reason="Appariement T0-T1"
    )
    assert after.columns == ["age", "pseudonym"]
    assert after.participants.columns == ["matricule", "id"]
    step = after.trail.steps[-1]
    assert read_key(key_file).secret.hex() not in str(step)
    monkeypatch.setenv("OPTIMA_KEY_FILE", str(key_file))
    assert replay(survey, after.trail).fingerprint == after.fingerprint


def test_another_key_does_not_replay(survey: Survey, key_file, tmp_path, monkeypatch) -> None:
    after = pseudonymise(survey, "matricule", domain="rezé", key=key_file, reason="Panel")
    create_key(tmp_path / "autre.key")
    monkeypatch.setenv("OPTIMA_KEY_FILE", str(tmp_path / "autre.key"))
    with pytest.raises(PrivacyError, match="clé"):
        replay(survey, after.trail)


def test_a_quarantined_identifier_serves_and_stays_there(survey: Survey, key_file) -> None:
    aside = Quarantine(pd.DataFrame({"id": [7, 8, None], "token": ["t1", "t1", "t3"]}))
    linked = Survey(survey.answers, survey.missing, survey.codebook, participants=aside)
    after = pseudonymise(linked, "token", domain="panel", key=key_file, reason="Panel")
    assert after.answers.loc[7, "pseudonym"] == after.answers.loc[8, "pseudonym"]
    assert drop_duplicates(linked, by="token", reason="Doublons").answers.index.tolist() == [7, 9]


def test_a_key_inside_a_project_or_readable_by_others_is_refused(tmp_path, key_file) -> None:
    (tmp_path / "projet").mkdir()
    (tmp_path / "projet" / "pyproject.toml").write_text("")
    with pytest.raises(PrivacyError, match="projet"):
        create_key(tmp_path / "projet" / "secret" / "etude.key")
    with pytest.raises(PrivacyError, match="existe"):
        create_key(key_file)
    if os.name == "posix":
        key_file.chmod(0o644)
        with pytest.raises(PrivacyError, match="chmod 600"):
            read_key(key_file)


def test_no_key_or_a_short_one_is_refused(tmp_path, monkeypatch) -> None:
    monkeypatch.delenv("OPTIMA_KEY_FILE", raising=False)
    with pytest.raises(PrivacyError, match="create_key"):
        read_key()
    short = tmp_path / "mot.key"
    short.write_text("motdepasse")
    short.chmod(0o600)
    with pytest.raises(PrivacyError, match="32"):
        read_key(short)


def test_a_destroyed_key_is_gone(key_file) -> None:
    destroy_key(key_file)
    assert not key_file.exists()
    with pytest.raises(PrivacyError):
        read_key(key_file)


def test_a_key_never_shows_its_secret(key_file) -> None:
    key = read_key(key_file)
    assert key.secret.hex() not in repr(key)


def test_texts_are_anonymised_and_restored_by_the_vault_only(tmp_path) -> None:
    texts = pd.Series(["Mme Durand et la DGS : 05 59 40 70 00", None, "la DGS aide Mme Durand"])
    shown, vault = anonymise_texts(texts, terms={"la DGS": "fonction"})
    assert shown.iloc[0] == "[PERSONNE 1] et [FONCTION 1] : [TÉLÉPHONE 1]"
    assert shown.iloc[2] == "[FONCTION 1] aide [PERSONNE 1]"
    path = vault.write(tmp_path / "coffre.json")
    assert Vault.read(path).restore(shown).equals(texts)
    assert "Durand" not in repr(vault)
