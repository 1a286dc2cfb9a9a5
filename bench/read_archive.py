"""How long a LimeSurvey archive takes beside ``zipfile`` and ``xml.etree.iterparse`` alone; at most 3 times is asked.

    python bench/read_archive.py [--responses 4000] [--items 250] [--rounds 3]

Seconds of processor time, in a process of its own for each reading.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd


def main() -> None:
    """Write the archive once, then time the two readings in pairs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--responses", type=int, default=4000)
    parser.add_argument("--items", type=int, default=250)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--child", nargs=2, metavar=("READER", "FILE"))
    options = parser.parse_args()
    if options.child:
        print(json.dumps(_child(*options.child)))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = _write(Path(folder), options.responses, options.items)
        pairs = [(_run("bare", path), _run("survey", path)) for _ in range(options.rounds)]
    bare, ours = (statistics.median(times) for times in zip(*pairs, strict=True))
    print(f"{options.responses} responses x {options.items} items")
    print(f"zipfile + iterparse {bare:.2f} s, read_limesurvey {ours:.2f} s: {ours / bare:.2f} x")


def _run(reader: str, path: Path) -> float:
    command = [sys.executable, __file__, "--child", reader, str(path)]
    return float(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def _child(reader: str, path: str) -> float:
    from optima_research.sources import read_limesurvey

    start = time.process_time()
    if reader == "survey":
        read_limesurvey(path)
    else:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                with archive.open(name) as member:
                    for _event, _element in ET.iterparse(member):
                        pass
    return time.process_time() - start


def _write(folder: Path, responses: int, items: int) -> Path:
    from optima_research.simulation.limesurvey import Group, Question, Questionnaire, write_lsa

    likert = {f"A{k}": f"Accord {k}" for k in range(1, 6)}
    rows = {f"SQ{k:03d}": f"Ligne {k}" for k in range(1, items)}
    form = Questionnaire(
        "Banc d'essai", [Group("G", [Question("CLI", "F", "Climat", likert, rows), Question("T", "T")])]
    )
    rng = np.random.default_rng(20_240_101)
    choices = np.array([*likert, "", None], dtype=object)
    cells = {name: choices[rng.integers(0, len(choices), responses)] for name in form.columns}
    return write_lsa(form, pd.DataFrame(cells, index=range(1, responses + 1)), folder / "a.lsa")


if __name__ == "__main__":
    main()
