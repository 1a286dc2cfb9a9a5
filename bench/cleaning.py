"""The cleaning line of Rezé and the risk report on 1 900 000 simulated responses, against pandas written by hand.

``python bench/cleaning.py [rows]``: the line at most 3 times the hand-written one, the report at most 10 times one
``groupby`` over the same columns.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pandas as pd
from _timing import compare, report

from optima_research import cleaning, privacy
from optima_research.codebook import Codebook, ItemSet, Variable
from optima_research.survey import Survey

ITEMS = [f"Q{number // 10}[SQ{number % 10 + 1:03d}]" for number in range(60)]
QUASI = ["SEXE", "CAT", "DIR", "ANC"]


def simulated(n: int, seed: int = 20130513) -> Survey:
    """A LimeSurvey-like file: sixty items, dates, token, four quasi-identifiers."""
    rng = np.random.default_rng(seed)
    columns: dict[str, Any] = {}
    for item in ITEMS:
        values = rng.integers(1, 6, n, dtype=np.int64)
        values[rng.random(n) < 0.001] = 6
        holes = rng.random(n) < 0.04
        columns[item] = pd.arrays.IntegerArray(values, holes)
    columns |= {
        "SEXE": pd.array(rng.choice(["F", "H"], n), "string"),
        "CAT": pd.array(rng.choice(["A", "B", "C"], n), "string"),
        "DIR": pd.array(rng.choice([f"D{number:02d}" for number in range(14)], n), "string"),
        "ANC": pd.arrays.IntegerArray(rng.integers(0, 40, n, dtype=np.int64), np.zeros(n, dtype=bool)),
        "token": pd.array((np.arange(n) - (rng.random(n) < 0.002)).astype(str), "string"),
        "submitdate": pd.array(np.where(rng.random(n) < 0.06, None, "2013-05-20 10:00:00"), "string"),
    }
    frame = pd.DataFrame(columns, index=pd.RangeIndex(1, n + 1, name="id"))
    book = Codebook(
        [
            *(
                Variable(item, measure="ordinal", values={code: str(code) for code in range(1, 6)})
                for item in ITEMS
            ),
            *(Variable(name) for name in ("SEXE", "CAT", "DIR")),
            Variable("ANC", measure="ratio"),
            Variable("token", role="meta"),
            Variable("submitdate", measure="date", role="meta"),
        ],
        [ItemSet(f"Q{block}", "grid", tuple(ITEMS[10 * block : 10 * block + 10])) for block in range(6)],
    )
    return Survey.build(frame, book)


def by_steps(survey: Survey) -> Survey:
    """The line of the notebook."""
    return (
        survey.pipe(cleaning.drop_test_responses, ids=[1, 2, 3], reason="Essais de l'équipe")
        .pipe(cleaning.drop_unsubmitted, reason="Questionnaires abandonnés")
        .pipe(cleaning.drop_duplicates, by="token", reason="Codes d'accès utilisés deux fois")
        .pipe(cleaning.declare_missing, ITEMS, {6: "out_of_codes"}, reason="6 n'est pas proposé")
        .pipe(cleaning.bin, "ANC", "anciennete_4", reason="Classes d'ancienneté", into="ANC4")
        .pipe(cleaning.collapse, "CAT", {"Encadrement": ["A", "B"]}, reason="Catégories rares", into="CAT2")
        .pipe(cleaning.recode, "Q0[SQ001]", "1:2=1; 3=2; 4:5=3", reason="Trois classes", into="Q0_3")
    )


def by_hand(frame: pd.DataFrame) -> pd.DataFrame:
    """The same operations, vectorised, without reason, kinds of missing, trail or fingerprint."""
    frame = frame[~frame.index.isin([1, 2, 3])]
    frame = frame[frame["submitdate"].notna()]
    frame = frame[~frame["token"].duplicated()].copy()
    for item in ITEMS:
        frame[item] = frame[item].mask(frame[item] == 6)
    frame["ANC4"] = pd.cut(frame["ANC"].astype(float), [0, 2, 6, 11, np.inf], right=False, labels=False) + 1
    frame["CAT2"] = frame["CAT"].map({"A": "1", "B": "1", "C": "2"})
    frame["Q0_3"] = frame["Q0[SQ001]"].map({1: 1, 2: 1, 3: 2, 4: 3, 5: 3})
    return frame


def simulated_again(survey: Survey) -> Survey:
    """The same survey without anything computed before (its fingerprint is part of the cost)."""
    return Survey(survey.answers, survey.missing, survey.codebook)


def main() -> int:
    """Print the measures; 1 when a promise is broken."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 1_900_000
    survey = simulated(n)
    cleaned, expected = by_steps(simulated_again(survey)), by_hand(survey.answers)
    if not cleaned.answers["ANC4"].astype(float).equals(expected["ANC4"].astype(float)):
        raise SystemExit("the two ways do not give the same data")
    del expected
    line = compare(
        f"cleaning line, {n} responses x {len(survey.columns)} columns, against pandas by hand",
        lambda: by_steps(simulated_again(survey)),
        lambda: by_hand(survey.answers),
        runs=3,
        promised=3.0,
    )
    risk = compare(
        f"risk report on {cleaned.n} responses, against one groupby over its quasi-identifiers",
        lambda: privacy.reidentification_risk(cleaned, QUASI, sensitive=["Q0[SQ001]"]),
        lambda: cleaned.answers.groupby(QUASI, dropna=False).size(),
        runs=5,
        promised=10.0,
    )
    return report("cleaning", [line, risk])


if __name__ == "__main__":
    raise SystemExit(main())
