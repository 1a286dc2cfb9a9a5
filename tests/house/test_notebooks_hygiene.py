"""Notebooks obey the rules that nbval does not check, and each rule sees the fault it is there for."""

from __future__ import annotations

import copy
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from optima_research.publishing.register import compare_registers
from tools import notebook_rules
from tools.notebook_rules import RULES, Notebook, load

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_notebook(path: Path, rule: Callable[[Notebook], Any]) -> None:
    assert list(rule(load(path))) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_register_is_the_committed_one(path: Path, tmp_path: Path) -> None:
    """(13) `make test` runs the notebooks first: what they have just written equals what is in git."""
    register = f"data/processed/{path.stem}/results.json"
    if subprocess.run(["git", "rev-parse", "--git-dir"], cwd=ROOT, capture_output=True).returncode != 0:
        pytest.skip("not a git working copy")
    kept = subprocess.run(["git", "show", f":{register}"], cwd=ROOT, capture_output=True)
    assert kept.returncode == 0, f"{register} is not in git: run the notebook and add it"
    committed = tmp_path / "results.json"
    committed.write_bytes(kept.stdout)
    same = compare_registers(committed, committed)
    assert compare_registers(committed, ROOT / register) == same


def cell(kind: str, source: str, **more: Any) -> dict[str, Any]:
    return {"cell_type": kind, "id": source[:8], "metadata": {}, "source": source, **more}


@pytest.fixture
def sound(monkeypatch: pytest.MonkeyPatch) -> Notebook:
    """A small notebook that breaks no rule."""
    monkeypatch.setattr(notebook_rules, "is_simulated", lambda study: study == "etude")
    picture = {
        "output_type": "display_data",
        "data": {"image/png": "iVBOR", "text/plain": "Figure 1"},
        "metadata": {"image/png": {"alt": "Deux barres"}},
    }
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "bytes": 2_000,
        "path": Path("notebooks/etude.ipynb"),
        "metadata": {"kernelspec": {"name": "python3"}},
        "cells": [
            cell(
                "markdown", "# Un titre\n\nÉtude `etude`. Qui répond ? Données simulées, intervalles à 95 %."
            ),
            cell("code", "x = 1\nx", execution_count=1, outputs=[picture]),
            cell("code", "study.truth()", execution_count=2, outputs=[]),
        ],
    }


def test_a_sound_notebook_breaks_no_rule(sound: Notebook) -> None:
    assert [message for rule in RULES for message in rule(sound)] == []


ERROR = {"output_type": "error", "ename": "KeyError"}
WARNING = {"output_type": "stream", "name": "stderr", "text": "careful"}
FAULTS: dict[str, tuple[str, Callable[[Notebook], Any]]] = {
    "a cell never run": ("every_cell_ran_in_order", lambda nb: nb["cells"][1].update(execution_count=None)),
    "run out of order": ("every_cell_ran_in_order", lambda nb: nb["cells"][1].update(execution_count=7)),
    "a stored error": ("no_error_and_no_noise", lambda nb: nb["cells"][1].update(outputs=[ERROR])),
    "a stored warning": ("no_error_and_no_noise", lambda nb: nb["cells"][1].update(outputs=[WARNING])),
    "widgets": ("no_error_and_no_noise", lambda nb: nb["metadata"].update(widgets={})),
    "a semicolon": ("no_trailing_semicolon", lambda nb: nb["cells"][1].update(source="plt.plot(x);\n")),
    "an absolute path": (
        "no_machine_in_the_code",
        lambda nb: nb["cells"][1].update(source="read('/data/x/y.csv')"),
    ),
    "a Windows path": (
        "no_machine_in_the_code",
        lambda nb: nb["cells"][1].update(source=r"read('C:\\x.csv')"),
    ),
    "an installation": (
        "no_machine_in_the_code",
        lambda nb: nb["cells"][1].update(source="%pip install pandas"),
    ),
    "a shell command": ("no_machine_in_the_code", lambda nb: nb["cells"][1].update(source="!ls")),
    "a private kernel": ("plain_kernel", lambda nb: nb["metadata"].update(kernelspec={"name": "venv-moi"})),
    "no title": ("opens_like_an_article", lambda nb: nb["cells"][0].update(source="Étude etude ? simulées")),
    "no word on the data": (
        "opens_like_an_article",
        lambda nb: nb["cells"][0].update(source="# Étude etude ?"),
    ),
    "words at the end": ("opens_like_an_article", lambda nb: nb["cells"].append(cell("markdown", "Fin."))),
    "a typed mean": (
        "no_typed_statistic",
        lambda nb: nb["cells"].insert(1, cell("markdown", "La moyenne vaut 3,21.")),
    ),
    "a typed share": (
        "no_typed_statistic",
        lambda nb: nb["cells"].insert(1, cell("markdown", "Soit 62 % des agents.")),
    ),
    "a typed p": ("no_typed_statistic", lambda nb: nb["cells"].insert(1, cell("markdown", "(p < 0,001)"))),
    "a picture unseen": (
        "pictures_are_described",
        lambda nb: nb["cells"][1]["outputs"][0].update(metadata={}),
    ),
    "too long": ("short", lambda nb: nb["cells"][1].update(source="x = 1\n" * 91)),
    "real people": ("nobody_is_shown", lambda nb: nb.update(path=Path("notebooks/reelle.ipynb"))),
    "too heavy": ("small", lambda nb: nb.update(bytes=1_000_000)),
    "no cell id": ("cells_have_ids", lambda nb: nb["cells"][1].pop("id")),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_rule_sees_its_fault(sound: Notebook, fault: str) -> None:
    name, plant = FAULTS[fault]
    faulty = copy.deepcopy(sound)
    plant(faulty)
    rule = next(rule for rule in RULES if rule.__name__ == name)
    assert len(list(rule(faulty))) == 1
