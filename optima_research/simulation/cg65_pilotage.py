"""Steering at a conseil général, 2008 and 2010, simulated: two waves of one questionnaire that is not quite the same.

Between the waves one block went from five to seven points, and a reorganisation merged two directions and dealt the
codes anew, so that the same code names another direction. Category A replies more and is clearer about its goals:
crude means are too high. Distance from the seat does nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from optima_research.observatory import item_bank
from optima_research.simulation.limesurvey import Group, Question, Questionnaire, write_csv, write_lss
from optima_research.simulation.people import THRESHOLDS, Floats, Generator, drawn, likert, population

SEED = 20080409
OPENINGS = {"2008": datetime(2008, 4, 7, 8, 0), "2010": datetime(2010, 4, 6, 8, 0)}
SURVEYS = {"2008": 650801, "2010": 651001}

# code of 2008: (name, code of 2010, agents, shares of A B C in %, share of women in %, effect on clarity of goals)
DIRECTIONS = {
    "D01": ("Direction générale et cabinet", "D01", 18, (45, 30, 25), 55, 0.20),
    "D02": ("Finances", "D02", 45, (22, 38, 40), 66, 0.70),
    "D03": ("Marchés publics", "D02", 25, (24, 40, 36), 70, 0.70),
    "D04": ("Ressources humaines", "D03", 48, (18, 40, 42), 78, 0.35),
    "D05": ("Routes et transports", "D07", 430, (4, 14, 82), 10, -0.55),
    "D06": ("Bâtiments", "D08", 95, (8, 22, 70), 20, -0.25),
    "D07": ("Collèges", "D09", 255, (2, 8, 90), 62, -0.10),
    "D08": ("Action sociale", "D04", 290, (18, 50, 32), 88, 0.05),
    "D09": ("Enfance et famille", "D05", 150, (24, 46, 30), 90, -0.35),
    "D10": ("Autonomie", "D06", 105, (16, 40, 44), 82, 0.30),
    "D11": ("Culture et éducation", "D11", 80, (20, 36, 44), 68, 0.55),
    "D12": ("Développement et environnement", "D10", 75, (34, 36, 30), 48, 0.25),
}
NEW_NAMES = {"D02": "Finances et marchés"}
CATEGORY_EFFECT = {"A": 0.75, "B": 0.30, "C": 0.0}
REPLY_RATE = {"A": 0.80, "B": 0.50, "C": 0.26}
LEFT, KNOWN_FEW = 0.08, 7
RISE = 0.35
SUPPORT_TO_CLARITY, CLARITY_TO_CHANGE, SUPPORT_TO_CHANGE = 0.50, 0.40, 0.25
SEVEN = (-1.9, -1.25, -0.6, -0.05, 0.6, 1.35)
BLOCKS = ("SOU", "OBJ", "CHG")
LOADINGS = (0.84, 0.78, 0.74, 0.70)
AGREEMENT = {
    "1": "Pas du tout d'accord",
    "2": "Plutôt pas d'accord",
    "3": "Ni d'accord ni pas d'accord",
    "4": "Plutôt d'accord",
    "5": "Tout à fait d'accord",
}
SEVEN_POINTS = {
    "1": "Pas du tout d'accord",
    "2": "Pas d'accord",
    "3": "Plutôt pas d'accord",
    "4": "Ni d'accord ni pas d'accord",
    "5": "Plutôt d'accord",
    "6": "D'accord",
    "7": "Tout à fait d'accord",
}


@dataclass(frozen=True)
class Truth:
    """What the simulation is told to do; ``sign=-1`` turns every effect round."""

    sign: float = 1.0
    seed: int = SEED


def simulate(folder: Path, truth: Truth | None = None) -> dict[str, Any]:
    """Write the study's raw files, and return what is true of the whole staff at both dates."""
    truth = truth or Truth()
    rng = np.random.default_rng(truth.seed)
    folder.mkdir(parents=True, exist_ok=True)
    first, second = _staffs(rng)
    staffs = {"2008": first, "2010": second}
    answers = {year: _answers(rng, staff, year, truth.sign) for year, staff in staffs.items()}
    for year, staff in staffs.items():
        form = questionnaire(year)
        write_lss(form, folder / f"limesurvey_survey_{SURVEYS[year]}.lss")
        write_csv(form, _responses(rng, staff, answers[year], year),
                  folder / f"results-survey{SURVEYS[year]}.csv", headers="code", answers="short")  # fmt: skip
    _write_staff(staffs, folder / "effectifs.csv")
    _write_mapping(folder / "correspondance_directions.csv")
    return _known(staffs, answers, truth)


def questionnaire(year: str) -> Questionnaire:
    """The questionnaire of a wave: the codes of the directions, and the points of one block, are its own."""
    you = [
        Question("DIR", "!", "Dans quelle direction travaillez-vous ?", _names(year), mandatory=True),
        Question("CAT", "L", "Votre catégorie", {c: f"Catégorie {c}" for c in "ABC"}, mandatory=True),
        Question("SEXE", "L", "Vous êtes", {"F": "Une femme", "H": "Un homme"}, mandatory=True),
        Question("DIST", "N", "À combien de kilomètres de Tarbes travaillez-vous ?"),
        Question("CLE", "S", "Votre code personnel, le même à chaque enquête", mandatory=True),
    ]
    grids = [_grid(block, year) for block in BLOCKS]
    groups = [Group("Votre poste", you), Group("Votre travail", grids)]
    return Questionnaire(
        f"Le pilotage au Conseil général, {year}", groups, sid=SURVEYS[year], anonymized=True
    )


def _names(year: str) -> dict[str, str]:
    if year == "2008":
        return {code: row[0] for code, row in DIRECTIONS.items()}
    names = {row[1]: NEW_NAMES.get(row[1], row[0]) for row in DIRECTIONS.values()}
    return dict(sorted(names.items()))


def _grid(block: str, year: str) -> Question:
    scale, items = item_bank(block)
    rows = {f"SQ{rank:03d}": item.question for rank, item in enumerate(items, start=1)}
    points = SEVEN_POINTS if block == "CHG" and year == "2010" else AGREEMENT
    return Question(block, "F", f"{scale.label} : êtes-vous d'accord avec ces phrases ?", points, rows)


def _staffs(rng: Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Everybody at both dates: most stay, some leave and others come in their place."""
    first = population({code: row[2] for code, row in DIRECTIONS.items()}, "old")
    first = _people(rng, first, 0)
    leaving = rng.random(len(first)) < LEFT
    arrived = _people(rng, first.loc[leaving, ["old"]].reset_index(drop=True), len(first))
    second = pd.concat([first[~leaving], arrived], ignore_index=True)
    first["DIR"] = first["old"]
    second["DIR"] = second["old"].map({code: row[1] for code, row in DIRECTIONS.items()})
    return first, second


def _people(rng: Generator, staff: pd.DataFrame, known: int) -> pd.DataFrame:
    n = len(staff)
    shares = {code: dict(zip("ABC", row[3], strict=True)) for code, row in DIRECTIONS.items()}
    women = {code: {"F": row[4], "H": 100 - row[4]} for code, row in DIRECTIONS.items()}
    return staff.assign(
        CAT=drawn(rng, shares, staff["old"]),
        SEXE=drawn(rng, women, staff["old"]),
        DIST=np.where(rng.random(n) < 0.5, rng.integers(0, 9, n), rng.integers(12, 61, n)),
        lasting_support=rng.standard_normal(n),
        lasting_clarity=rng.standard_normal(n),
        CLE=[f"K{number:05d}" for number in rng.permutation(n) + 1 + known],
    )


def _answers(rng: Generator, staff: pd.DataFrame, year: str, sign: float) -> pd.DataFrame:
    """What everybody would answer: support → clarity of goals → readiness for change."""
    latent = _attitudes(rng, staff, year, sign)
    columns = {}
    for block in BLOCKS:
        scale, items = item_bank(block)
        thresholds = SEVEN if block == "CHG" and year == "2010" else THRESHOLDS
        for rank, item in enumerate(items):
            columns[f"{block}[SQ{rank + 1:03d}]"] = likert(
                rng,
                latent[block],
                LOADINGS[rank],
                turned=item.name in scale.reversed,
                thresholds=thresholds,
            )
    return pd.DataFrame(columns)


def _attitudes(rng: Generator, staff: pd.DataFrame, year: str, sign: float) -> dict[str, Floats]:
    n = len(staff)

    def lasting(name: str) -> Floats:
        kept = staff[name].to_numpy(dtype=float)
        return np.asarray(np.sqrt(0.6) * kept + np.sqrt(0.4) * rng.standard_normal(n))

    support = lasting("lasting_support")
    moved = staff["old"].map({code: row[5] for code, row in DIRECTIONS.items()}) + staff["CAT"].map(
        CATEGORY_EFFECT
    )
    clarity = (
        sign * (SUPPORT_TO_CLARITY * support + moved.to_numpy(dtype=float) + RISE * (year == "2010") - 0.25)
        + np.sqrt(1 - SUPPORT_TO_CLARITY**2) * lasting("lasting_clarity")
    )  # fmt: skip
    change = CLARITY_TO_CHANGE * clarity + sign * SUPPORT_TO_CHANGE * support + 0.80 * rng.standard_normal(n)
    return {"SOU": support, "OBJ": clarity, "CHG": change}


def _responses(rng: Generator, staff: pd.DataFrame, answers: pd.DataFrame, year: str) -> pd.DataFrame:
    """The export of a wave: who replied, holes, tests before the opening, unfinished and doubled forms."""
    chance = staff["CAT"].map(REPLY_RATE).to_numpy(dtype=float)
    opened = np.flatnonzero(rng.random(len(staff)) < chance)
    small = opened[(staff.loc[opened, "old"] == "D01").to_numpy()]
    opened = rng.permutation(np.setdiff1d(opened, small[KNOWN_FEW:]))
    shown = ["DIR", "CAT", "SEXE", "DIST", "CLE"]
    frame = pd.concat([staff.loc[opened, shown], answers.loc[opened].astype(object)], axis=1)
    frame = frame.reset_index(drop=True)
    items = list(answers.columns)
    frame[items] = frame[items].mask(rng.random((len(frame), len(items))) < 0.015, "")
    frame = _dated(rng, frame, OPENINGS[year])
    gave_up = (rng.random(len(frame)) < 0.05) & (frame["DIR"] != "D01").to_numpy()
    frame.loc[gave_up, items] = None
    frame.loc[gave_up, "submitdate"] = None
    frame.loc[gave_up, "lastpage"] = 1
    frame = _with_tests_and_doubles(rng, frame, OPENINGS[year])
    frame["seed"] = rng.integers(10**8, 2 * 10**9, len(frame)).astype(str)
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="id")
    return frame


def _dated(rng: Generator, frame: pd.DataFrame, opening: datetime) -> pd.DataFrame:
    n = len(frame)
    minutes = np.sort(rng.integers(0, 25, n) * 24 * 60 + rng.integers(0, 10 * 60, n))
    start = [opening + timedelta(minutes=int(minute)) for minute in minutes]
    frame["startdate"] = [f"{moment:%Y-%m-%d %H:%M:%S}" for moment in start]
    frame["submitdate"] = [f"{moment + timedelta(minutes=9):%Y-%m-%d %H:%M:%S}" for moment in start]
    frame["datestamp"], frame["lastpage"], frame["startlanguage"] = frame["submitdate"], 2, "fr"
    return frame


def _with_tests_and_doubles(rng: Generator, frame: pd.DataFrame, opening: datetime) -> pd.DataFrame:
    """Four tests by the chair before the opening, and three forms sent twice."""
    tests = frame.sample(4, random_state=rng).assign(CLE=[f"ESSAI{i}" for i in range(1, 5)], lastpage=2)
    day = f"{opening - timedelta(days=4):%Y-%m-%d}"
    tests["startdate"] = [f"{day} 1{i}:02:00" for i in range(4)]
    tests["submitdate"] = tests["datestamp"] = [f"{day} 1{i}:06:00" for i in range(4)]
    twice = frame[frame["submitdate"].notna()].sample(3, random_state=rng)
    return pd.concat([tests, frame, twice], ignore_index=True)


def _write_staff(staffs: dict[str, pd.DataFrame], path: Path) -> None:
    """The staff numbers of the human resources department, each year in the codes of that year."""
    before = set(staffs["2008"]["CLE"])
    parts = []
    for year, staff in staffs.items():
        counted = staff.assign(present=staff["CLE"].isin(before)).groupby(["DIR", "CAT", "SEXE"])["present"]
        table = counted.agg(effectif="size", deja_la_en_2008="sum").reset_index()
        parts.append(table.assign(annee=year))
    table = pd.concat(parts).rename(columns={"DIR": "direction", "CAT": "categorie", "SEXE": "sexe"})
    _write(table[["annee", "direction", "categorie", "sexe", "effectif", "deja_la_en_2008"]], path)


def _write_mapping(path: Path) -> None:
    names = _names("2010")
    rows = [(old, row[0], row[1], names[row[1]]) for old, row in DIRECTIONS.items()]
    _write(pd.DataFrame(rows, columns=["code_2008", "direction_2008", "code_2010", "direction_2010"]), path)


def _write(table: pd.DataFrame, path: Path) -> None:
    path.write_text(table.to_csv(sep=";", index=False, lineterminator="\n"), encoding="utf-8")


def _known(staffs: dict[str, pd.DataFrame], answers: dict[str, pd.DataFrame], truth: Truth) -> dict[str, Any]:
    scores = {year: pd.DataFrame({b: _score(answers[year], b, year) for b in BLOCKS}) for year in staffs}
    clarity = {year: scores[year]["OBJ"] for year in staffs}
    staff = staffs["2010"]
    by_direction = clarity["2010"].groupby(staff["DIR"].map(_names("2010"))).mean()
    indirect, direct = _paths(scores["2010"])
    chance = staff["CAT"].map(REPLY_RATE)
    far = clarity["2010"].groupby(staff["DIST"] > 10).mean()
    return {
        "study": "cg65_pilotage",
        "seed": truth.seed,
        "population": {year: len(staff) for year, staff in staffs.items()},
        **{f"clarity_{year}": round(float(values.mean()), 6) for year, values in clarity.items()},
        "clarity_change": round(float(clarity["2010"].mean() - clarity["2008"].mean()), 6),
        "change_in_latent_sd": truth.sign * RISE,
        "crude_bias": round(float(np.average(clarity["2010"], weights=chance) - clarity["2010"].mean()), 6),
        "icc": round(_icc(clarity["2010"], staff), 6),
        "indirect": round(indirect, 6),
        "indirect_share": round(indirect / (indirect + direct), 6),
        "lowest_direction": str(by_direction.idxmin()),
        "far_minus_near": round(float(far[True] - far[False]), 6),
        "nulls": ["DIST"],
    }


def _score(answers: pd.DataFrame, block: str, year: str) -> pd.Series:
    """The true score of a block in the points of its wave, turned items put right."""
    scale, items = item_bank(block)
    ends = 8 if block == "CHG" and year == "2010" else 6
    columns = []
    for rank, item in enumerate(items, start=1):
        column = answers[f"{block}[SQ{rank:03d}]"]
        columns.append(ends - column if item.name in scale.reversed else column)
    return pd.concat(columns, axis=1).mean(axis=1)


def _paths(scores: pd.DataFrame) -> tuple[float, float]:
    """Indirect and direct effect of support on readiness, by least squares on everybody."""
    one = np.ones(len(scores))
    support, clarity, change = (scores[block].to_numpy() for block in BLOCKS)
    to_clarity = np.linalg.lstsq(np.column_stack([one, support]), clarity, rcond=None)[0][1]
    fitted = np.linalg.lstsq(np.column_stack([one, support, clarity]), change, rcond=None)[0]
    return float(to_clarity * fitted[2]), float(fitted[1])


def _icc(clarity: pd.Series, staff: pd.DataFrame) -> float:
    """Share of the variance between directions at equal category, on everybody."""
    dummies = pd.get_dummies(staff[["CAT", "DIR"]].astype(str), dtype=float).drop(columns="CAT_C")
    fitted = np.linalg.lstsq(dummies.to_numpy(), clarity.to_numpy(), rcond=None)[0]
    rest = float(np.sum((clarity.to_numpy() - dummies.to_numpy() @ fitted) ** 2)) / (len(staff) - len(fitted))
    directions = fitted[[name.startswith("DIR_") for name in dummies]]
    noise = float((rest / staff["DIR"].value_counts()).mean())
    between = float(np.var(directions, ddof=1)) - noise
    return between / (between + rest)
