"""How long, and with how much memory, ``read_limesurvey`` reads a large CSV, beside pyarrow reading it bare.

    python bench/read_limesurvey.py [--responses 1000000] [--items 60] [--rounds 3]

Each round runs the two readers one after the other, each in a process of its own. The issue asks for at most 4 times
pyarrow's time, and a peak of at most 3 times the Arrow table. ``newlines`` reads with newlines allowed in values, as
a LimeSurvey export demands (respondents type them); ``bare`` reads with pyarrow's defaults.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

_BLOCK = 10_000


def main() -> None:
    """Write the file once, then time the readers in pairs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--responses", type=int, default=1_000_000)
    parser.add_argument("--items", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--child", nargs=3, metavar=("READER", "CSV", "LSS"))
    options = parser.parse_args()
    if options.child:
        print(json.dumps(_child(*options.child)))
        return
    with tempfile.TemporaryDirectory() as folder:
        csv, lss = _write(Path(folder), options.responses, options.items)
        print(f"{options.responses} responses x {options.items} items, {csv.stat().st_size / 1e6:.0f} MB")
        rounds = [
            {name: _run(name, csv, lss) for name in ("bare", "newlines", "survey")}
            for _ in range(options.rounds)
        ]
    _report(rounds)


def _report(rounds: list[dict[str, dict[str, float]]]) -> None:
    for name in ("bare", "newlines", "survey"):
        seconds = statistics.median(r[name]["seconds"] for r in rounds)
        peak = statistics.median(r[name]["peak"] for r in rounds)
        print(f"{name:9} {seconds:6.2f} s   peak {peak / 1e6:7.0f} MB")
    for name in ("bare", "newlines"):
        ratio = statistics.median(r["survey"]["seconds"] / r[name]["seconds"] for r in rounds)
        print(f"survey / {name}: {ratio:.2f} x the time")
    table = rounds[0]["bare"]["table"]
    peak = statistics.median(r["survey"]["peak"] for r in rounds)
    print(f"Arrow table {table / 1e6:.0f} MB; survey's peak over it: {peak / table:.2f} x")


def _run(reader: str, csv: Path, lss: Path) -> dict[str, float]:
    command = [sys.executable, __file__, "--child", reader, str(csv), str(lss)]
    result = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(result.stdout.splitlines()[-1]))


def _child(reader: str, csv: str, lss: str) -> dict[str, float]:
    import pyarrow.csv

    from optima_research.sources import read_limesurvey

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    size = 0.0
    if reader == "survey":
        survey = read_limesurvey(csv, structure=lss)
        seconds = time.perf_counter() - start
        size = float(survey.answers.memory_usage().sum())
    else:
        options = pyarrow.csv.ParseOptions(newlines_in_values=reader == "newlines")
        table = pyarrow.csv.read_csv(csv, parse_options=options)
        seconds = time.perf_counter() - start
        size = float(table.nbytes)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return {"seconds": seconds, "peak": peak * 1024.0, "table": size}


def _write(folder: Path, n: int, items: int) -> tuple[Path, Path]:
    """One block of responses written as LimeSurvey would, then repeated under new ids."""
    from optima_research.simulation.limesurvey import Group, Question, Questionnaire, write_csv, write_lss

    likert = {f"A{k}": f"Accord {k}" for k in range(1, 6)}
    points = {str(k): f"Note {k}" for k in range(1, 8)}
    rows = {f"SQ{k:03d}": f"Ligne {k}" for k in range(1, (items - 10) // 2 + 1)}
    rest = {f"SQ{k:03d}": f"Ligne {k}" for k in range(1, items - 10 - len(rows) + 1)}
    form = Questionnaire(
        "Banc d'essai",
        [
            Group("Accord", [Question("CLI", "F", "Climat", likert, rows)]),
            Group("Notes", [Question("SAT", "F", "Satisfaction", points, rest)]),
            Group(
                "Vous",
                [
                    Question(
                        "OUT", "M", "Outils", subquestions={f"SQ{k:03d}": f"Outil {k}" for k in range(1, 7)}
                    ),
                    Question("SEXE", "L", "Vous êtes", {"F": "Une femme", "H": "Un homme"}),
                    Question("AGE", "N", "Votre âge"),
                    Question("ANC", "N", "Votre ancienneté"),
                    Question("LIBRE", "T", "Autre chose à dire ?"),
                ],
            ),
        ],
        sid=987654,
    )
    block = folder / "block.csv"
    write_csv(form, _simulate(form.columns, likert, points), block, headers="code", answers="short")
    header, *lines = block.read_bytes().decode("utf-8-sig").split("\r\n")[:-1]
    tails = [line.split(",", 1)[1] + "\r\n" for line in lines]
    path = folder / "results-survey987654.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        out.write(header + "\r\n")
        for first in range(1, n + 1, _BLOCK):
            out.write("".join(f'"{first + k}",{tail}' for k, tail in enumerate(tails[: n - first + 1])))
    return path, write_lss(form, folder / "survey.lss")


def _simulate(columns: list[str], likert: dict[str, str], points: dict[str, str]) -> pd.DataFrame:
    rng = np.random.default_rng(20240101)
    frame = pd.DataFrame(index=range(1, _BLOCK + 1))
    for name in columns:
        choices: list[object] = ["Une réponse, avec une virgule", "", "RAS"]
        if name.startswith("CLI"):
            choices = [*likert, ""]
        elif name.startswith("SAT"):
            choices = [*points, ""]
        elif name.startswith("OUT"):
            choices = ["Y", ""]
        elif name == "SEXE":
            choices = ["F", "H", ""]
        elif name in ("AGE", "ANC"):
            choices = [*range(18, 68)]
        frame[name] = pd.Series(rng.integers(0, len(choices), _BLOCK), index=frame.index).map(
            dict(enumerate(choices))
        )
    start = pd.Timestamp("2026-03-02 08:00") + pd.to_timedelta(rng.integers(0, 10**6, _BLOCK), unit="s")
    frame["startdate"], frame["submitdate"], frame["datestamp"] = start, start, start
    frame["lastpage"], frame["seed"] = 3, rng.integers(10**8, 2**31, _BLOCK)
    return frame


if __name__ == "__main__":
    main()
