"""How long the text sources take beside pyarrow reading the same file bare; the issue asks for at most 4 times.

    python bench/read_text_sources.py [--rows 500000] [--rounds 3]

Seconds of processor time, all threads counted, in a process of its own for each reading.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

_SCALE = ["Pas du tout satisfait", "Plutôt satisfait", "Très satisfait", ""]
_OUTILS = ["Agenda;Visio", "Visio", "Agenda", ""]


def main() -> None:
    """Write one file a tool, then time the readers in pairs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--child", nargs=3, metavar=("READER", "FILE", "SEPARATOR"))
    options = parser.parse_args()
    if options.child:
        print(json.dumps(_child(*options.child)))
        return
    with tempfile.TemporaryDirectory() as folder:
        for reader, (path, separator) in _files(Path(folder), options.rows).items():
            pairs = [
                (_run("bare", path, separator), _run(reader, path, separator)) for _ in range(options.rounds)
            ]
            ratio = statistics.median(ours / bare for bare, ours in pairs)
            print(f"{reader:15} {path.stat().st_size / 1e6:5.0f} MB  {ratio:.2f} x pyarrow")


def _run(reader: str, path: Path, separator: str) -> float:
    command = [sys.executable, __file__, "--child", reader, str(path), separator]
    return float(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def _child(reader: str, path: str, separator: str) -> float:
    import pyarrow.csv

    from optima_research import sources

    start = time.process_time()
    if reader == "bare":
        pyarrow.csv.read_csv(path, parse_options=pyarrow.csv.ParseOptions(delimiter=separator))
    else:
        getattr(sources, reader)(path)
    return time.process_time() - start


def _files(folder: Path, rows: int) -> dict[str, tuple[Path, str]]:
    rng = np.random.default_rng(20_240_101)
    moments = pd.Series(pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 10**7, rows), unit="s"))
    closed = {f"Question {k} ?": rng.choice(_SCALE, rows) for k in range(12)}
    phrases = [f"Une phrase numéro {k}, dite par quelqu'un" for k in range(20_000)]
    free = {"Autre chose ?": rng.choice(phrases, rows)}
    amounts = [f"{value:.2f}".replace(".", ",") for value in rng.normal(1000, 300, rows)]
    table = {
        "id": np.arange(1, rows + 1),
        **closed,
        "Montant": amounts,
        "Vu le": moments.dt.strftime("%d/%m/%Y"),
        **free,
    }
    google = {
        "Horodateur": moments.dt.strftime("%d/%m/%Y %H:%M:%S"),
        **closed,
        "Outils ?": rng.choice(_OUTILS, rows),
        **free,
    }
    found: dict[str, tuple[Path, str]] = {
        "read_table": (folder / "t.csv", ";"),
        "read_forms": (folder / "g.csv", ","),
    }
    pd.DataFrame(table).to_csv(found["read_table"][0], sep=";", index=False)
    pd.DataFrame(google).to_csv(found["read_forms"][0], index=False)
    ids = [
        json.dumps({"ImportId": name})
        for name in ("startDate", "recordedDate", "status", *(f"QID{k}" for k in range(12)))
    ]
    head = pd.DataFrame([ids, ids], index=[0, 1])
    body = pd.DataFrame({"StartDate": moments.astype(str), "RecordedDate": moments.astype(str), "Status": "IP Address"}
                        | {f"Q{k}": values for k, values in enumerate(closed.values())})  # fmt: skip
    head.columns = body.columns
    found["read_qualtrics"] = (folder / "q.csv", ",")
    pd.concat([head, body]).to_csv(found["read_qualtrics"][0], index=False)
    return found


if __name__ == "__main__":
    main()
