"""Damage the files of coding tools, and check that reading each ends in a CodedProject or an OptimaError.

    python bench/fuzz_qualitative.py [--mutations 5000] [--seed 20260101]

Mutation number ``n`` of seed ``s`` is always the same: a failure is replayed with ``--only n``. The files damaged are
the small French projects of the tests. Each reading may take ten seconds; an error of another kind, a hang, or an
OptimaError that names no place or no remedy is a failure. What was read is also put to work: agreement, matrix,
saturation, retrieval and writing must not fall over on a project that a damaged file gave.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.fuzz_sources import Sample, _mutated
from optima_research.coding import qualitative as q
from optima_research.errors import OptimaError
from tests.coding.qualitative import refi_fixtures, tool_fixtures

_SECONDS = 10
_USES: tuple[Callable[[q.CodedProject, Path], object], ...] = (
    lambda project, _folder: q.coding_agreement(project, draws=20),
    lambda project, _folder: q.code_matrix(project, draws=0).table().formatted(),
    lambda project, _folder: q.saturation(project, draws=20),
    lambda project, _folder: q.cooccurrence(project, "overlap", draws=20),
    lambda project, _folder: q.unitizing_alpha(project),
    lambda project, _folder: q.kwic(project, "budget"),
    lambda project, _folder: q.verbatims(project),
    lambda project, folder: q.read_qdpx(q.write_qdpx(project, folder / "again.qdpx")),
)


def main() -> None:
    """Damage, read, use, and sum up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutations", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=20_260_101)
    parser.add_argument("--only", type=int)
    options = parser.parse_args()
    numbers = range(options.mutations) if options.only is None else [options.only]
    signal.signal(signal.SIGALRM, _too_long)
    outcomes: Counter[str] = Counter()
    failures = []
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        samples = _samples(folder)
        for number in numbers:
            told = _one(options.seed, number, samples, folder)
            outcomes[str(told["outcome"])] += 1
            if told["outcome"] not in ("project", "refused"):
                failures.append(told)
    print(f"seed {options.seed}: {sum(outcomes.values())} mutations in {time.perf_counter() - start:.0f} s")
    for outcome, count in outcomes.most_common():
        print(f"  {outcome}: {count}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  highest memory: {peak:.0f} MB; failures: {len(failures)}")
    for failure in sorted(failures, key=lambda told: str(told["outcome"]), reverse=True)[:20]:
        print(json.dumps(failure, ensure_ascii=False))
    sys.exit(bool(failures))


def _one(seed: int, number: int, samples: list[Sample], folder: Path) -> dict[str, object]:
    rng = random.Random(f"{seed}/{number}")
    sample = rng.choice(samples)
    damaged = folder / "damaged" / sample.path.name
    damaged.parent.mkdir(exist_ok=True)
    damaged.write_bytes(_mutated(sample.path.read_bytes(), rng))
    told: dict[str, object] = {"number": number, "sample": sample.name}
    signal.alarm(_SECONDS)
    try:
        project = sample.read(damaged)
        if isinstance(project, q.CodedProject):
            _use(project, folder)
        return told | {"outcome": "project"}
    except OptimaError as error:
        complete = error.hint and (error.where or error.parameter)
        return told | {"outcome": "refused" if complete else "bare refusal", "error": str(error)}
    except TimeoutError:
        return told | {"outcome": "hang"}
    except BaseException as error:
        return told | {"outcome": "other error", "error": repr(error), "trace": traceback.format_exc()[-900:]}
    finally:
        signal.alarm(0)


def _use(project: q.CodedProject, folder: Path) -> None:
    """Analyses may refuse what is left of a damaged project, in words."""
    for use in _USES:
        try:
            use(project, folder)
        except OptimaError:
            continue


def _samples(folder: Path) -> list[Sample]:
    tools = (refi_fixtures.NVIVO, refi_fixtures.ATLAS, refi_fixtures.QUALCODER, refi_fixtures.MAXQDA)
    found = []
    for i, tool in enumerate(tools):
        path = refi_fixtures.archive(folder, tool, name=f"projet{i}.qdpx")
        found.append(Sample(tool.origin, path, q.read_qdpx))
    found.append(Sample("validate", found[0].path, q.validate))
    codebook = q.write_qdc(q.read_qdpx(found[0].path), folder / "grille.qdc")
    found.append(Sample("codebook", codebook, q.read_qdc))
    found.append(Sample("Taguette", tool_fixtures.taguette(folder / "t.sqlite3"), q.read_taguette))
    found.append(
        Sample("QualCoder", tool_fixtures.qualcoder(folder / "p.qda") / "data.qda", q.read_qualcoder)
    )
    sheet = tool_fixtures.maxqda(folder / "segments.xlsx", tool_fixtures.FRENCH)
    found.append(Sample("MAXQDA sheet", sheet, q.read_maxqda))
    table = folder / "codages.csv"
    table.write_text(
        "Entretien;Code;Texte;Codeur\nE1;a/b;Le budget;Anne\nE1;c;Le budget;Bruno\n", encoding="utf-8"
    )
    found.append(Sample("plain table", table, q.read_coded_table))
    return found


def _too_long(*_args: object) -> None:
    raise TimeoutError


if __name__ == "__main__":
    main()
