"""Cleaning a notebook keeps its outputs, unless they come from real persons."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools import clean_notebooks

CELL = {
    "cell_type": "code",
    "id": "a1",
    "execution_count": 1,
    "metadata": {"tags": ["nbval-skip"], "collapsed": True, "execution": {"iopub.status.busy": "2026"}},
    "outputs": [{"output_type": "stream", "name": "stdout", "text": "été\n"}],
    "source": "print('été')",
}
METADATA = {
    "kernelspec": {"name": "my-venv"},
    "language_info": {"name": "python", "version": "3.13"},
    "widgets": {},
}


@pytest.fixture
def notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(clean_notebooks, "is_simulated", lambda study: study == "simulee")
    path = tmp_path / "simulee.ipynb"
    content = {"cells": [CELL], "metadata": METADATA, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_personal_metadata_go_and_outputs_stay(notebook: Path) -> None:
    assert clean_notebooks.main([str(notebook)]) == 1
    cleaned = json.loads(notebook.read_text(encoding="utf-8"))
    assert cleaned["cells"] == [{**CELL, "metadata": {"tags": ["nbval-skip"]}}]
    assert cleaned["metadata"]["kernelspec"]["name"] == "python3"
    assert set(cleaned["metadata"]) == {"kernelspec", "language_info"}


def test_a_clean_notebook_is_left_alone(notebook: Path) -> None:
    clean_notebooks.main([str(notebook)])
    before = notebook.read_bytes()
    assert clean_notebooks.main([str(notebook)]) == 0
    assert notebook.read_bytes() == before


def test_outputs_about_real_persons_go(notebook: Path) -> None:
    real = notebook.rename(notebook.with_name("reelle.ipynb"))
    clean_notebooks.main([str(real)])
    cell = json.loads(real.read_text(encoding="utf-8"))["cells"][0]
    assert (cell["outputs"], cell["execution_count"]) == ([], None)
