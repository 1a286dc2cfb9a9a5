"""Simulated studies: the committed raw files are what the code writes, and their truth is the one stated."""

import filecmp
import json
from pathlib import Path

import pytest

from optima_research.errors import StudyError
from optima_research.simulation.studies import SIMULATED, simulate_study

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("slug", SIMULATED)
def test_the_committed_files_are_those_the_simulation_writes(slug, tmp_path):
    for written in simulate_study(slug, tmp_path):
        committed = ROOT / written.relative_to(tmp_path)
        assert filecmp.cmp(written, committed, shallow=False), f"{slug}: {written.name}"


@pytest.mark.parametrize("slug", SIMULATED)
def test_turning_the_sign_of_the_truth_turns_what_is_true(slug, tmp_path):
    as_told = json.loads((ROOT / "data" / "truth" / f"{slug}.json").read_text(encoding="utf-8"))
    simulate_study(slug, tmp_path, sign=-1.0)
    turned = json.loads((tmp_path / "data" / "truth" / f"{slug}.json").read_text(encoding="utf-8"))
    lowest = [name for name in as_told if name.startswith("lowest")]
    assert lowest
    assert all(turned[name] != as_told[name] for name in lowest)


def test_an_unknown_simulation_is_refused(tmp_path):
    with pytest.raises(StudyError, match="reze"):
        simulate_study("reze", tmp_path)
