"""Waves and partners are stacked only where they asked the same thing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from optima_research import Codebook, Scale, Survey, Variable, stack
from optima_research.cleaning import drop, replay
from optima_research.errors import CleaningError
from optima_research.survey import Quarantine

AGREE = {1: "Pas d'accord", 2: "D'accord"}
WHY = "Deux vagues du même questionnaire"


def survey(extra: str | None = None, **changes: Any) -> Survey:
    variables = [replace(Variable("A", "On m'écoute.", measure="ordinal", values=AGREE), **changes)]
    answers = pd.DataFrame({"A": pd.array([1, 2, None], "Int64")}, index=[11, 12, 13])
    if extra:
        variables.append(Variable(extra, f"Question {extra}", measure="text"))
        answers[extra] = pd.array(["x", None, "y"], "string")
    return Survey.build(answers, Codebook(variables))


def test_the_wave_is_a_column_with_its_role_and_order() -> None:
    both = stack({"2022": survey(), "2024": survey()}, reason=WHY)
    assert both.column("wave") == "wave"
    assert both["wave"].cat.ordered
    assert both.answers.index.tolist()[:2] == ["2022/11", "2022/12"]
    assert both.answers["A"].dtype == "Int64"
    assert both.missing["A"].tolist().count("no_answer") == 2


def test_partners_have_no_order() -> None:
    both = stack({"Rezé": survey(), "Lescar": survey()}, role="partner", reason=WHY)
    assert both.column("partner") == "partner"
    assert not both["partner"].cat.ordered


def test_an_item_of_one_wave_only_was_not_asked_in_the_other() -> None:
    both = stack({"2022": survey(), "2024": survey("N")}, reason=WHY)
    assert both.missing["N"].tolist()[:3] == ["not_asked"] * 3
    assert both.answers["N"].tolist()[3:] == ["x", pd.NA, "y"]
    assert both.answers["N"].dtype == "string"


@pytest.mark.parametrize(
    "change",
    [
        {"question": "On m'écoute peu."},
        {"values": {1: "D'accord", 2: "Pas d'accord"}},
        {"values": {2: "D'accord", 1: "Pas d'accord"}},
        {"measure": "nominal"},
    ],
)
def test_an_item_that_differs_is_refused_unless_declared(change: dict[str, Any]) -> None:
    waves = {"2022": survey(), "2024": survey(**change)}
    with pytest.raises(CleaningError, match="ne demandent pas la même chose") as raised:
        stack(waves, reason=WHY)
    assert str(raised.value.got).startswith("A (")
    both = stack(waves, reason=WHY, accepted={"A": "Comparé lors du prétest"})
    assert both.codebook["A"].question == "On m'écoute."
    assert both.trail.steps[0].parameters["accepted"] == {"A": "Comparé lors du prétest"}


def test_codes_of_a_later_wave_are_kept_when_accepted() -> None:
    waves = {"2022": survey(), "2024": survey(values={**AGREE, 3: "Tout à fait"})}
    both = stack(waves, reason=WHY, accepted={"A": "Modalité ajoutée"})
    assert both.codebook["A"].codes == (1, 2, 3)


@pytest.mark.parametrize("accepted", [{"B": "coquille"}, {"A": " "}])
def test_a_declaration_must_have_an_object_and_a_reason(accepted: dict[str, str]) -> None:
    with pytest.raises(CleaningError):
        stack({"2022": survey(), "2024": survey()}, reason=WHY, accepted=accepted)


def test_a_scale_declared_otherwise_is_refused() -> None:
    first, second = (
        survey().described(survey().codebook.with_scales(Scale("S", ("A",), range=(1, high))))
        for high in (2, 3)
    )
    with pytest.raises(CleaningError, match="même chose"):
        stack({"1": first, "2": second}, reason=WHY)


def test_numbers_and_texts_do_not_share_a_column() -> None:
    text = Survey.build(pd.DataFrame({"A": ["1", "2"]}), survey().codebook)
    with pytest.raises(CleaningError, match="nombres"):
        stack({"1": survey(), "2": text}, reason=WHY)


@pytest.mark.parametrize("waves", [{}, {"1": survey()}])
def test_one_survey_is_not_a_stack(waves: dict[str, Survey]) -> None:
    with pytest.raises(CleaningError, match="au moins deux"):
        stack(waves, reason=WHY)


def test_a_taken_name_and_a_missing_reason_are_refused() -> None:
    waves = {"1": survey(), "2": survey()}
    with pytest.raises(CleaningError, match="existe déjà"):
        stack(waves, reason=WHY, by="A")
    with pytest.raises(CleaningError, match="raison"):
        stack(waves, reason=" ")


def test_identifiers_stay_in_quarantine() -> None:
    people = Quarantine(pd.DataFrame({"id": [11], "email": ["a@example.org"]}))
    both = stack({"1": replace(survey(), participants=people), "2": survey()}, reason=WHY)
    assert both.participants is not None
    assert both.participants.columns == ["id", "email", "wave"]
    assert both.participants.open()["id"].tolist() == ["1/11"]
    assert "email" not in both.columns


def test_the_trails_are_kept_and_what_follows_replays(tmp_path: Path) -> None:
    cleaned = survey().pipe(drop, "A == 1", reason="Essai")
    both = stack({"2022": cleaned, "2024": survey()}, reason=WHY)
    kept = both.trail.steps[0].details["trails"]["2022"]["steps"]
    assert [step["rule"] for step in kept] == ["drop"]
    after = both.pipe(drop, "A == 2", reason="Essai")
    both.trail.write(tmp_path / "trail.jsonl")
    assert replay(both, after.trail).fingerprint == after.fingerprint
