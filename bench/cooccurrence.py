"""Co-occurrence by overlap of 60 codes on 100 interviews and 20 000 codings: at most twice counting by speaking turn.

Overlaps have no grid to be counted on; what is promised is that they cost as little as if they had, that long passages
(each overlapping hundreds of others) cost no more, and that twice the codings cost at most two and a half times.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from bench._timing import compare, report
from optima_research.coding.qualitative import CodedProject, coded_project, cooccurrence

INTERVIEWS, CODES, CODINGS = 100, 60, 20_000
TURN = "DGS : " + "Le budget se prépare dès septembre avec les directions. " * 8 + "\n"


def project(codings: int = CODINGS, *, longest: int = 300) -> CodedProject:
    rng = np.random.default_rng(3)
    names, text = [f"E{i:03d}" for i in range(INTERVIEWS)], TURN * 60
    start = rng.integers(0, len(text) - longest, codings)
    spans = pd.DataFrame(
        {
            "source": rng.choice(names, codings),
            "start": start,
            "end": start + rng.integers(longest // 7, longest, codings),
            "code": rng.choice([f"thème {i % 8}/code {i:02d}" for i in range(CODES)], codings),
            "coder": rng.choice(["Anne", "Bruno"], codings),
        }
    )
    return coded_project(pd.DataFrame({"name": names, "text": text}), spans)


def main() -> int:
    short, long, twice = project(), project(longest=6_000), project(2 * CODINGS)
    size = f"{INTERVIEWS} interviews, {CODES} codes, {CODINGS} codings"
    return report(
        "cooccurrence",
        [
            compare(
                f"overlap / speaking turn, {size}",
                lambda: cooccurrence(short, "overlap"),
                lambda: cooccurrence(short, "turn"),
                promised=2.0,
            ),
            compare(
                "overlap, passages twenty times as long / as long",
                lambda: cooccurrence(long, "overlap"),
                lambda: cooccurrence(short, "overlap"),
                promised=1.5,
            ),
            compare(
                "overlap, twice the codings / as many",
                lambda: cooccurrence(twice, "overlap"),
                lambda: cooccurrence(short, "overlap"),
                promised=2.5,
            ),
        ],
    )


if __name__ == "__main__":
    raise SystemExit(main())
