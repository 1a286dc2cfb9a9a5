"""What a notebook of this project must be, beyond what nbval compares: one function a rule, each saying what is wrong.

nbval passes in silence over stripped outputs, cells that were never run, cells run out of order and changed
pictures; these rules close those gaps, and keep statistics typed by hand and private data out of notebooks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

Notebook = dict[str, Any]
Cell = dict[str, Any]

RAW = Path(__file__).resolve().parents[1] / "data" / "raw"
MOST_LINES, MOST_BYTES = 90, 1_000_000
IMAGES = ("image/png", "image/jpeg", "image/svg+xml")
ABSOLUTE_PATH = re.compile(
    r"""(?:^|[\s"'(=])(?:/[A-Za-z][\w.-]*){2,}|\b[A-Za-z]:[\\/]{1,2}\w""", re.MULTILINE
)
INSTALLATION = re.compile(r"^\s*[!%]?\s*(?:pip|conda|mamba|uv)\s+\w*\s*install|^\s*!", re.MULTILINE)
TYPED_STATISTIC = re.compile(r"(?<![\w.])\d+[,.]\d+(?![\w.]\d)|\d\s*%|\bp\s*[=<>]\s*\d", re.IGNORECASE)
# Conventions, not findings: levels, versions of a tool, DOIs, dates of a law.
NOT_A_STATISTIC = re.compile(
    r"\b9[059]\s*%|\b[15]\s*%|\bversion\s+[\d.]+|\b\w+\s\d+\.\d+\.\d+\b|\b10\.\d{4,}/\S+|n°\s?[\d.-]+"
)
PRIVATE_REASON = "its data are not declared simulated: stored outputs would leak answers; strip them"


def load(path: Path) -> Notebook:
    """Read a notebook, adding what the rules ask of the file itself."""
    notebook: Notebook = json.loads(path.read_text(encoding="utf-8"))
    return {**notebook, "path": path, "bytes": path.stat().st_size}


def every_cell_ran_in_order(notebook: Notebook) -> Iterator[str]:
    """(1) Every code cell was run, once, from top to bottom."""
    counts = [cell.get("execution_count") for cell in code_cells(notebook)]
    if counts != list(range(1, len(counts) + 1)):
        yield f"execution counts are {counts}: restart the kernel and run everything"


def no_error_and_no_noise(notebook: Notebook) -> Iterator[str]:
    """(2) No error, no warning, no widget is stored."""
    for cell, output in outputs(notebook):
        if output["output_type"] == "error":
            yield f"{first_line(cell)}: stores an error, {output.get('ename')}"
        if output.get("name") == "stderr":
            yield f"{first_line(cell)}: stores a warning or a progress bar"
    if "widgets" in notebook["metadata"]:
        yield "stores the state of widgets"


def no_trailing_semicolon(notebook: Notebook) -> Iterator[str]:
    """(3) No cell ends in a semicolon: Jupyter hides the value, nbval does not."""
    for cell in code_cells(notebook):
        if source(cell).rstrip().endswith(";"):
            yield f"{first_line(cell)}: ends in a semicolon; write _ = ... instead"


def no_machine_in_the_code(notebook: Notebook) -> Iterator[str]:
    """(4) No absolute path, no installation, no shell command."""
    for cell in code_cells(notebook):
        shown = "\n".join(text(output) for of, output in outputs(notebook) if of is cell)
        for found in ABSOLUTE_PATH.findall(source(cell) + "\n" + shown):
            yield f"{first_line(cell)}: absolute path {found.strip()!r}"
        if INSTALLATION.search(source(cell)):
            yield f"{first_line(cell)}: installs or calls the shell"


def plain_kernel(notebook: Notebook) -> Iterator[str]:
    """(5) The kernel is the one every machine has."""
    if notebook["metadata"].get("kernelspec", {}).get("name") != "python3":
        yield "kernelspec is not python3"


def opens_like_an_article(notebook: Notebook) -> Iterator[str]:
    """(6) The first cell gives title, study, question and origin of the data; the last one checks the whole."""
    first, last = notebook["cells"][0], notebook["cells"][-1]
    head = source(first)
    if first["cell_type"] != "markdown" or not head.startswith("# "):
        yield "the first cell is not a title"
    if slug(notebook) not in head:
        yield f"the first cell does not name the study, {slug(notebook)}"
    if "?" not in head:
        yield "the first cell asks no question"
    if is_simulated(slug(notebook)) and "simulées" not in head:
        yield "the first cell does not say « données simulées »"
    if last["cell_type"] != "code":
        yield "the last cell computes nothing: it must hold estimates against the truth, or the reproducibility sheet"


def no_typed_statistic(notebook: Notebook) -> Iterator[str]:
    """(7) No statistic is typed in the text: numbers come from the results' own sentences."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            prose = NOT_A_STATISTIC.sub("", re.sub(r"`[^`]*`|\]\([^)]*\)", "", source(cell)))
            for found in TYPED_STATISTIC.findall(prose):
                yield f"{first_line(cell)}: {found!r} is typed by hand"


def pictures_are_described(notebook: Notebook) -> Iterator[str]:
    """(8) Every picture has an alternative text."""
    for cell, output in outputs(notebook):
        for kind in IMAGES:
            metadata = output.get("metadata", {})
            if kind in output.get("data", {}) and not (
                metadata.get("alt") or metadata.get(kind, {}).get("alt")
            ):
                yield f"{first_line(cell)}: a picture without alternative text"


def short(notebook: Notebook) -> Iterator[str]:
    """(9) The code is short: the library does the work."""
    lines = [line for cell in code_cells(notebook) for line in source(cell).splitlines()]
    code = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    if len(code) > MOST_LINES:
        yield f"{len(code)} lines of code, more than {MOST_LINES}"


def nobody_is_shown(notebook: Notebook) -> Iterator[str]:
    """(10) A study whose data are not simulated stores no output at all."""
    if not is_simulated(slug(notebook)) and any(True for _ in outputs(notebook)):
        yield PRIVATE_REASON


def small(notebook: Notebook) -> Iterator[str]:
    """(11) The file stays readable in a review."""
    if notebook["bytes"] >= MOST_BYTES:
        yield f"{notebook['bytes']} bytes, {MOST_BYTES} or more"


def cells_have_ids(notebook: Notebook) -> Iterator[str]:
    """(12) Every cell has an id, which keeps differences between versions small."""
    if (notebook["nbformat"], notebook["nbformat_minor"]) < (4, 5) or any(
        "id" not in c for c in notebook["cells"]
    ):
        yield "cells without ids: save the notebook with a current JupyterLab"


RULES: tuple[Callable[[Notebook], Iterator[str]], ...] = (
    every_cell_ran_in_order,
    no_error_and_no_noise,
    no_trailing_semicolon,
    no_machine_in_the_code,
    plain_kernel,
    opens_like_an_article,
    no_typed_statistic,
    pictures_are_described,
    short,
    nobody_is_shown,
    small,
    cells_have_ids,
)


def is_simulated(study: str) -> bool:
    """Whether the study declares, in its study.yaml, that its data are simulated."""
    declaration = RAW / study / "study.yaml"
    if not declaration.is_file():
        return False
    data = yaml.safe_load(declaration.read_text(encoding="utf-8")).get("donnees") or {}
    return data.get("simulees") is True


def slug(notebook: Notebook) -> str:
    """The study a notebook tells: the name of the file."""
    name: str = notebook["path"].stem
    return name


def code_cells(notebook: Notebook) -> list[Cell]:
    """The code cells that hold something."""
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code" and source(cell).strip()]


def outputs(notebook: Notebook) -> Iterator[tuple[Cell, dict[str, Any]]]:
    """Every stored output with the cell it belongs to."""
    for cell in code_cells(notebook):
        for output in cell.get("outputs", []):
            yield cell, output


def source(cell: Cell) -> str:
    """The text of a cell; the format allows a list of lines too."""
    return "".join(cell["source"])


def text(output: dict[str, Any]) -> str:
    """What an output shows as text."""
    return "".join(output.get("text", [])) + "".join(output.get("data", {}).get("text/plain", []))


def first_line(cell: Cell) -> str:
    """A cell named by its first line."""
    return source(cell).strip().splitlines()[0][:60]
