"""Whatever the steps and their order, the trail written to a file replays to the same data."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optima_research import cleaning
from optima_research.survey import Survey
from optima_research.trail import Trail

ITEM = "CLI[SQ002]"
STEPS: list[Callable[[Survey], Survey]] = [
    lambda s: cleaning.drop_unsubmitted(s, reason="abandons"),
    lambda s: cleaning.drop_not_started(s, columns=["CLI"], reason="vides"),
    lambda s: cleaning.drop_test_responses(s, before="2013-05-13", reason="essais"),
    lambda s: cleaning.drop_duplicates(s, by="token", which="fullest", reason="doublons"),
    lambda s: cleaning.keep(s, "age >= 25 et direction dans ['Culture', 'Voirie']", reason="champ"),
    lambda s: cleaning.declare_missing(
        s, [ITEM, "CLI[SQ001]"], {6: "refused", 5: "dont_know"}, reason="codes"
    ),
    lambda s: cleaning.recode(s, ITEM, "1:2=1 [Bas]; 3:max=2 [Haut]; else=NA(refused)", reason="classes"),
    lambda s: cleaning.collapse(
        s, "direction", {"Technique": ["Voirie", "Finances"]}, into=f"pole{len(s.trail)}", reason="pôles"
    ),
    lambda s: cleaning.bin(s, "age", [0, 30, 50], into=f"age{len(s.trail)}", reason="âges"),
    lambda s: cleaning.derive(s, f"n{len(s.trail)}", "count_answered(CLI)", reason="complétude"),
    lambda s: cleaning.correct(s, s.answers.index[0], "age", 44, reason="relu"),
    lambda s: cleaning.flag_careless(s, reason="négligence") if "flag_outlier" not in s.columns else s,
]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, len(STEPS) - 1), min_size=1, max_size=6))
def test_any_line_of_steps_replays(survey: Survey, order: list[int]) -> None:
    clean = survey
    for number in order:
        clean = STEPS[number](clean)
    with tempfile.TemporaryDirectory() as folder:
        trail = Trail.read(clean.trail.write(Path(folder) / "trail.jsonl"))
    again = cleaning.replay(survey, trail)
    assert again.fingerprint == clean.fingerprint
    assert again.codebook == clean.codebook
    assert [step.cells_changed for step in again.trail] == [step.cells_changed for step in clean.trail]
