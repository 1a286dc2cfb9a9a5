"""Take out of notebooks what only the machine that ran them cares about; outputs stay, because nbval compares them.

Run by pre-commit, or by hand: ``python tools/clean_notebooks.py notebooks/*.ipynb``. Ends with an error when it has
changed something, so that the change is looked at before it is committed. The outputs of a study whose data are
not simulated are taken out as well: they would carry answers of real persons.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tools.notebook_rules import is_simulated  # noqa: E402

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
KEPT_IN_A_CELL = {"tags", "slideshow"}


def clean(notebook: dict[str, Any], *, keep_outputs: bool) -> dict[str, Any]:
    """The notebook without timings, widget states, collapsed cells and the version of Python that ran it."""
    cells = [clean_cell(cell, keep_outputs=keep_outputs) for cell in notebook["cells"]]
    metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    return {**notebook, "cells": cells, "metadata": metadata}


def clean_cell(cell: dict[str, Any], *, keep_outputs: bool) -> dict[str, Any]:
    """One cell with its tags only, and its outputs unless they must go."""
    metadata = {key: value for key, value in cell["metadata"].items() if key in KEPT_IN_A_CELL}
    cleaned = {**cell, "metadata": metadata}
    if cell["cell_type"] == "code" and not keep_outputs:
        cleaned.update(outputs=[], execution_count=None)
    return cleaned


def main(paths: list[str]) -> int:
    """Rewrite the notebooks that need it, and name them."""
    changed = []
    for path in map(Path, paths):
        before = path.read_text(encoding="utf-8")
        notebook = clean(json.loads(before), keep_outputs=is_simulated(path.stem))
        after = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
        if after != before:
            path.write_text(after, encoding="utf-8", newline="\n")
            changed.append(path)
    for path in changed:
        print(f"{path}: cleaned")
    return int(bool(changed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
