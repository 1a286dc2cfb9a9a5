"""Compare two ways of doing the same thing, run in turn: A B A B, so that a busy machine slows both alike."""

from __future__ import annotations

import json
import platform
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Comparison:
    """Seconds taken by ours and by the yardstick, run by run, and the ratio that is promised."""

    name: str
    ours: tuple[float, ...]
    yardstick: tuple[float, ...]
    promised: float | None = None

    @property
    def ratio(self) -> float:
        """Median of the ratios of neighbouring runs: steadier than the ratio of the medians."""
        return statistics.median(a / b for a, b in zip(self.ours, self.yardstick, strict=True))

    @property
    def kept(self) -> bool:
        """Whether the promise is kept; no promise is always kept."""
        return self.promised is None or self.ratio <= self.promised

    def row(self) -> dict[str, str | float | bool | None]:
        """The comparison as a flat record."""
        return {
            "name": self.name,
            "ours_s": round(statistics.median(self.ours), 4),
            "yardstick_s": round(statistics.median(self.yardstick), 4),
            "ratio": round(self.ratio, 3),
            "promised": self.promised,
            "kept": self.kept,
            "runs": len(self.ours),
        }


def compare(
    name: str,
    ours: Callable[[], object],
    yardstick: Callable[[], object],
    *,
    runs: int = 5,
    promised: float | None = None,
) -> Comparison:
    """Run both in turn, once unmeasured to warm caches, then ``runs`` times each."""
    ours(), yardstick()
    pairs = [(seconds(ours), seconds(yardstick)) for _ in range(runs)]
    return Comparison(name, tuple(a for a, _ in pairs), tuple(b for _, b in pairs), promised)


def command(*words: str) -> Callable[[], object]:
    """A command as something to be timed: a fresh process each time."""
    return lambda: subprocess.run(words, check=True, stdout=subprocess.DEVNULL)


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one run."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def report(topic: str, comparisons: list[Comparison]) -> int:
    """Print a Markdown table, keep the figures in bench/results/, and return 1 when a promise is broken."""
    rows = [comparison.row() for comparison in comparisons]
    print(f"\n### {topic} (Python {platform.python_version()}, {platform.system()})\n")
    print("| | ours (s) | yardstick (s) | ratio | promised | |\n|---|---:|---:|---:|---:|---|")
    for row in rows:
        promised = "" if row["promised"] is None else f"≤ {row['promised']}"
        verdict = "" if row["promised"] is None else ("kept" if row["kept"] else "BROKEN")
        print(
            f"| {row['name']} | {row['ours_s']} | {row['yardstick_s']} | {row['ratio']} | {promised} | {verdict} |"
        )
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{topic}.json").write_text(
        json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    return int(not all(comparison.kept for comparison in comparisons))
