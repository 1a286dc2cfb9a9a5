"""What every fuzz script shares: good files, damage, one reading under watch, mutations shared between workers.

Mutation number ``n`` of seed ``s`` is always the same, whatever the number of workers: a failure is replayed with
``--only n``.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Damage = Callable[[bytes, random.Random], bytes]

_BATCH = 250
_TOKENS = (
    b"\x00", b'"', b"'", b",", b";", b"\t", b"\r\n", b"\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\xe9", b"\xc3", b"<",
    b"]]>", b"<!DOCTYPE a>", b"&#0;", b"&x;", b"{", b"}", b"[", b"=1+1", b"99999999999999999999", b"-1", b"1e999",
    b"NaN", b"../", b"{question_not_shown}", b'"' * 9, b"A" * 5000, b"\n" * 300, b",," * 300, b"\xf0\x9f\x98\x80",
)  # fmt: skip


def damaged(data: bytes, rng: random.Random) -> bytes:
    """The bytes with one or several accidents; a zip file is mostly damaged inside and zipped again."""
    if data[:2] == b"PK" and rng.random() < 0.8:
        return damaged_zip(data, rng, _damage)
    for _round in range(rng.choice((1, 1, 1, 2, 4, 16))):
        data = _damage(data, rng)
    return data


def damaged_zip(data: bytes, rng: random.Random, damage: Damage) -> bytes:
    """Damage a member and zip again: damage to the zip itself seldom gets past its checksums."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        victim = rng.choice(old.namelist())
        for name in old.namelist():
            content = old.read(name)
            if name == victim:
                kind = rng.random()
                if kind < 0.05:
                    continue
                name = name if kind > 0.1 else rng.choice(("../x", "/x", "x" * 300, name + "x"))
                content = damage(content, rng)
            new.writestr(name, content)
    return out.getvalue()


@dataclass(frozen=True)
class Sample:
    """A good file, how to read it (and put it to work), and what can befall it."""

    name: str
    path: Path
    read: Callable[[Path], object]
    damage: Damage = damaged


@dataclass(frozen=True)
class Campaign:
    """One fuzz script.

    Parameters
    ----------
    script : str
        Its ``__file__``, run again by the workers.
    samples : callable
        The good files, written in a folder.
    family : str
        Whose fuzz it is: the name of a good outcome.
    seconds : float
        A longer reading is a failure.
    memory : int
        Address space of a worker in bytes; 0 for no limit.
    """

    script: str
    samples: Callable[[Path], list[Sample]]
    family: str
    seconds: float = 10
    memory: int = 0


def campaign(job: Campaign, description: str | None) -> None:
    """Read the command line, share the mutations between workers, and sum up."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--mutations", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=20_260_101)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", type=int)
    parser.add_argument("--child", nargs=2, type=int, metavar=("FIRST", "LAST"))
    options = parser.parse_args()
    if options.child:
        _work(job, options.seed, *options.child)
        return
    if options.only is not None:
        _work(job, options.seed, options.only, options.only + 1)
        return
    start = time.perf_counter()
    batches = [
        (first, min(first + _BATCH, options.mutations)) for first in range(0, options.mutations, _BATCH)
    ]
    outcomes, failures, peak = _shared(job, batches, options.seed, options.workers)
    print(f"seed {options.seed}: {sum(outcomes.values())} mutations in {time.perf_counter() - start:.0f} s")
    for outcome, count in outcomes.most_common():
        print(f"  {outcome}: {count}")
    print(f"  highest memory of a worker: {peak / 1e6:.0f} MB; failures: {len(failures)}")
    for failure in failures[:40]:
        print(json.dumps(failure, ensure_ascii=False))
    sys.exit(bool(failures))


def _shared(
    job: Campaign, batches: list[tuple[int, int]], seed: int, workers: int
) -> tuple[Counter[str], list[dict[str, object]], float]:
    outcomes: Counter[str] = Counter()
    failures: list[dict[str, object]] = []
    peak = 0.0
    running: list[tuple[tuple[int, int], subprocess.Popen[str]]] = []
    waiting = list(batches)
    while waiting or running:
        while waiting and len(running) < workers:
            batch = waiting.pop(0)
            command = [sys.executable, job.script, "--seed", str(seed), "--child", *map(str, batch)]
            running.append((batch, subprocess.Popen(command, stdout=subprocess.PIPE, text=True)))
        batch, child = running.pop(0)
        lines = [json.loads(line) for line in child.communicate()[0].split("\n") if line.startswith("{")]
        for line in lines:
            if "peak" in line:
                peak = max(peak, line["peak"])
                continue
            outcomes[line["outcome"]] += 1
            if line["outcome"] not in (job.family, "refused"):
                failures.append(line)
        if child.returncode:
            failures.append({"outcome": "crash", "batch": batch, "code": child.returncode})
    return outcomes, failures, peak


def _work(job: Campaign, seed: int, first: int, last: int) -> None:
    signal.signal(signal.SIGALRM, _too_long)
    if job.memory:
        resource.setrlimit(resource.RLIMIT_AS, (job.memory, job.memory))
    with tempfile.TemporaryDirectory() as folder:
        samples = job.samples(Path(folder))
        for number in range(first, last):
            rng = random.Random(f"{seed}/{number}")
            told = {"number": number} | attempt(rng.choice(samples), rng, Path(folder), job)
            print(json.dumps(told, ensure_ascii=False), flush=True)
    print(json.dumps({"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))


def attempt(sample: Sample, rng: random.Random, folder: Path, job: Campaign) -> dict[str, object]:
    """Damage one file, read it, and say how that ended."""
    from optima_research.errors import OptimaError

    target = folder / "damaged" / sample.path.name
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(sample.damage(sample.path.read_bytes(), rng))
    told: dict[str, object] = {"sample": sample.name}
    # Compiled code may swallow the alarm: the clock is looked at too.
    start = time.perf_counter()
    signal.setitimer(signal.ITIMER_REAL, job.seconds)
    try:
        sample.read(target)
        told["outcome"] = job.family
    except OptimaError as error:
        complete = error.hint and (error.where or error.parameter)
        told |= {"outcome": "refused" if complete else "bare refusal", "error": str(error)}
    except TimeoutError:
        told["outcome"] = "hang"
    except BaseException as error:
        told |= {"outcome": "other error", "error": repr(error), "trace": traceback.format_exc()[-900:]}
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    if time.perf_counter() - start > job.seconds:
        told["outcome"] = "hang"
    return told


def _damage(data: bytes, rng: random.Random) -> bytes:
    if not data:
        return rng.choice(_TOKENS)
    place, other = rng.randrange(len(data)), rng.randrange(len(data))
    low, high = min(place, other), max(place, other)
    near = min(len(data), place + rng.randrange(1, 60))
    kind = rng.randrange(9)
    if kind == 0:
        return data[:place]
    if kind == 1:
        return data[:place] + bytes([rng.randrange(256)]) + data[place + 1 :]
    if kind == 2:
        return data[:place] + rng.choice(_TOKENS) + data[place:]
    if kind == 3:
        return data[:place] + data[near:]
    if kind == 4:
        return data[:place] + data[place:near] * rng.randrange(2, 9) + data[near:]
    if kind == 5:
        return data[:low] + data[high:]
    if kind == 6:
        return data[:low] + data[high : high + 200] + data[low : low + 200] + data[high + 200 :]
    if kind == 7:
        return data.replace(data[place:near][:3], rng.choice(_TOKENS), 5)
    return data.replace(
        rng.choice((b"\r\n", b'"', b",", b";", b"</", b"[")), rng.choice((b"", b"\n", b";", b" "))
    )


def _too_long(*_args: object) -> None:
    raise TimeoutError
