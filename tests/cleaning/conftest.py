"""A small simulated survey of a town hall, as every cleaning test needs one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from optima_research.codebook import Codebook, ItemSet, Variable
from optima_research.survey import Survey
from optima_research.trail import Trail

ITEMS = [f"CLI[SQ{number:03d}]" for number in range(1, 13)]
AGREEMENT = {1: "Pas du tout d'accord", 2: "Plutôt pas", 3: "Neutre", 4: "Plutôt", 5: "Tout à fait d'accord"}


@pytest.fixture
def survey() -> Survey:
    rng = np.random.default_rng(20130513)
    n = 60
    frame = pd.DataFrame(
        rng.integers(1, 6, (n, len(ITEMS))), columns=ITEMS, index=range(101, 101 + n)
    ).astype("Int64")
    frame.loc[[103, 104], :] = pd.NA
    frame.loc[110, ITEMS[0]] = 6
    frame["direction"] = rng.choice(["CUL", "VOI", "FIN"], n)
    frame["age"] = rng.integers(20, 64, n)
    frame["submitdate"] = "2013-05-20 10:00:00"
    frame.loc[[103, 104, 105], "submitdate"] = pd.NA
    frame["startdate"] = "2013-05-20 09:50:00"
    frame.loc[101, "startdate"] = "2013-05-01 09:00:00"
    frame["token"] = [f"t{number}" for number in range(n)]
    frame.loc[120, "token"] = frame.loc[119, "token"]
    book = Codebook(
        [
            *(Variable(item, measure="ordinal", values=AGREEMENT, item_set="CLI") for item in ITEMS),
            Variable(
                "direction", role="partner", values={"CUL": "Culture", "VOI": "Voirie", "FIN": "Finances"}
            ),
            Variable("age", measure="ratio"),
            *(Variable(name, measure="date", role="meta") for name in ("submitdate", "startdate")),
            Variable("token", role="meta"),
        ],
        [ItemSet("CLI", "grid", tuple(ITEMS))],
    )
    return Survey.build(frame, book, trail=Trail("simule.csv", "ab" * 32), name="simulé")
