"""Rezé's barometer of human resources, 2013, simulated: 860 agents, fourteen directions, one LimeSurvey export.

Every agent has answers, whether the agent replies or not, so the truth of the whole staff is known. Who replies
depends on the category, so that crude means are too high; nothing depends on sex. The export has the warts of a
real one: full questions and full answers, test responses, unfinished ones, paper forms typed twice, straight lines,
a failed attention check, two items worded the other way with no mark of it, and a direction of a few respondents.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from optima_research.observatory import item_bank
from optima_research.simulation.limesurvey import (
    Group,
    Question,
    Questionnaire,
    write_csv,
    write_lss,
    write_participants,
)
from optima_research.simulation.people import (
    Generator,
    correlated,
    drawn,
    likert,
    population,
    pseudonym_free_names,
)

SEED = 20130513
SID = 641325
OPENING = datetime(2013, 5, 13, 8, 0)

# code: (name, agents, shares of A B C in %, share of women in %, effect on attitudes in standard deviations)
DIRECTIONS = {
    "D01": ("Direction générale", 12, (50, 25, 25), 58, 0.30),
    "D02": ("Finances", 28, (20, 35, 45), 68, 0.10),
    "D03": ("Ressources humaines", 32, (18, 37, 45), 78, 0.05),
    "D04": ("Systèmes d'information", 18, (28, 44, 28), 28, 0.15),
    "D05": ("Culture", 74, (16, 40, 44), 64, 0.35),
    "D06": ("Sports", 58, (5, 22, 73), 36, 0.00),
    "D07": ("Éducation", 210, (4, 9, 87), 84, -0.05),
    "D08": ("Petite enfance", 96, (10, 30, 60), 96, 0.10),
    "D09": ("Solidarités", 88, (12, 38, 50), 82, -0.10),
    "D10": ("Espaces verts", 72, (3, 8, 89), 18, -0.15),
    "D11": ("Bâtiments", 64, (5, 12, 83), 12, -0.10),
    "D12": ("Voirie et propreté", 61, (3, 7, 90), 8, -0.75),
    "D13": ("Urbanisme", 29, (28, 38, 34), 66, 0.05),
    "D14": ("Police municipale", 18, (3, 15, 82), 30, -0.05),
}
ON_PAPER = ("D10", "D11", "D12")
CATEGORY_EFFECT = {"A": 0.55, "B": 0.20, "C": 0.0}
REPLY_RATE = {"A": 0.86, "B": 0.70, "C": 0.515}
BLOCKS = ("SOU", "REC", "AUT", "CLI", "JUS", "IMP", "MSP", "EXI")
LOADINGS = (0.80, 0.74, 0.70, 0.66)
CORRELATION = 0.55
AGREEMENT = {
    "1": "Pas du tout d'accord",
    "2": "Plutôt pas d'accord",
    "3": "Ni d'accord ni pas d'accord",
    "4": "Plutôt d'accord",
    "5": "Tout à fait d'accord",
}
QUALITY = ("SOU", "REC", "AUT")


@dataclass(frozen=True)
class Truth:
    """What the simulation is told to do; ``sign=-1`` turns every effect round."""

    sign: float = 1.0
    seed: int = SEED


def simulate(folder: Path, truth: Truth | None = None) -> dict[str, Any]:
    """Write the raw files of the study into a folder, and return what is true of the whole staff.

    Parameters
    ----------
    folder : Path
        ``data/raw/reze_barometre_rh`` or a temporary copy of it.
    truth : Truth, optional

    Returns
    -------
    dict
        The population values that the notebook's last cell is compared with.
    """
    truth = truth or Truth()
    rng = np.random.default_rng(truth.seed)
    folder.mkdir(parents=True, exist_ok=True)
    staff = _staff(rng)
    answers = _answers(rng, staff, truth.sign)
    form = questionnaire()
    responses, participants = _responses(rng, staff, answers)
    write_lss(form, folder / f"limesurvey_survey_{SID}.lss")
    write_csv(form, responses, folder / f"results-survey{SID}.csv")
    write_participants(participants, folder / f"tokens_{SID}.csv")
    _write_staff(staff, folder / "effectifs_2013.csv")
    return _known(staff, answers, truth)


def questionnaire() -> Questionnaire:
    """The questionnaire as the town entered it."""
    directions = {code: name for code, (name, *_rest) in DIRECTIONS.items()}
    you = [
        Question("DIR", "!", "Dans quelle direction travaillez-vous ?", directions, mandatory=True),
        Question(
            "CAT", "L", "Quelle est votre catégorie ?", {c: f"Catégorie {c}" for c in "ABC"}, mandatory=True
        ),
        Question("SEXE", "L", "Vous êtes", {"F": "Une femme", "H": "Un homme"}),
        Question(
            "STAT", "L", "Quel est votre statut ?", {"T": "Titulaire", "C": "Contractuel·le"}, other=True
        ),
        Question("ANC", "N", "Depuis combien d'années travaillez-vous pour la Ville ?"),
        Question("ENC", "Y", "Encadrez-vous d'autres agents ?"),
        Question("NBA", "N", "Combien d'agents encadrez-vous ?", relevance='((ENC.NAOK == "Y"))'),
    ]
    work = [_grid(block) for block in BLOCKS]
    check = "Pour vérifier votre attention, cochez « Plutôt d'accord » à cette ligne."
    work.insert(4, Question("ATT", "F", "Une ligne de contrôle", AGREEMENT, {"SQ001": check}))
    channels = {
        "SQ001": "L'intranet",
        "SQ002": "L'affichage",
        "SQ003": "Les réunions de service",
        "SQ004": "Mes collègues",
    }
    end = [
        Question(
            "INF",
            "M",
            "Comment êtes-vous informé·e de la vie de la Ville ?",
            subquestions=channels,
            other=True,
        ),
        Question("COM", "T", "Souhaitez-vous ajouter quelque chose ?"),
    ]
    groups = [Group("Votre poste", you), Group("Votre travail", work), Group("Pour finir", end)]
    return Questionnaire("Baromètre RH de la Ville de Rezé", groups, sid=SID)


def _grid(block: str) -> Question:
    scale, items = item_bank(block)
    rows = {f"SQ{rank:03d}": item.question for rank, item in enumerate(items, start=1)}
    return Question(block, "F", f"{scale.label} : êtes-vous d'accord avec ces phrases ?", AGREEMENT, rows)


def _staff(rng: Generator) -> pd.DataFrame:
    staff = population({code: row[1] for code, row in DIRECTIONS.items()}, "DIR")
    shares = {code: dict(zip("ABC", row[2], strict=True)) for code, row in DIRECTIONS.items()}
    women = {code: {"F": row[3], "H": 100 - row[3]} for code, row in DIRECTIONS.items()}
    staff["CAT"] = drawn(rng, shares, staff["DIR"])
    staff["SEXE"] = drawn(rng, women, staff["DIR"])
    staff["ANC"] = np.clip(rng.gamma(2.2, 6.0, len(staff)).round(), 0, 40).astype(int)
    staff["STAT"] = rng.choice(["T", "C", "-oth-"], size=len(staff), p=[0.78, 0.20, 0.02])
    chance = staff["CAT"].map({"A": 0.60, "B": 0.25, "C": 0.04}).to_numpy()
    staff["ENC"] = np.where(rng.random(len(staff)) < chance, "Y", "N")
    staff["NBA"] = np.where(staff["ENC"] == "Y", 1 + rng.poisson(6, len(staff)), 0)
    staff["token"] = [f"tok{number:012d}" for number in rng.permutation(len(staff)) + 1]
    return staff


def _answers(rng: Generator, staff: pd.DataFrame, sign: float) -> pd.DataFrame:
    """What every agent would answer."""
    attitudes = correlated(rng, len(staff), list(BLOCKS), CORRELATION)
    moved = sign * (
        staff["DIR"].map({code: row[4] for code, row in DIRECTIONS.items()})
        + staff["CAT"].map(CATEGORY_EFFECT)
    ).to_numpy(dtype=float)
    columns = {}
    for block in BLOCKS:
        scale, items = item_bank(block)
        # Demands at work go the other way: where the climate is good they weigh less.
        attitude = attitudes[block].to_numpy() + (-moved if block == "EXI" else moved)
        for rank, item in enumerate(items):
            turned = item.name in scale.reversed
            columns[f"{block}[SQ{rank + 1:03d}]"] = likert(rng, attitude, LOADINGS[rank], turned=turned)
    return pd.DataFrame(columns)


def _responses(
    rng: Generator, staff: pd.DataFrame, answers: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The export: who replied, how far, with which blemishes; and the participants file."""
    chance = staff["CAT"].map(REPLY_RATE).to_numpy(dtype=float) * np.where(
        staff["DIR"].isin(ON_PAPER), 0.90, 1.0
    )
    opened = np.flatnonzero(rng.random(len(staff)) < chance)
    opened = _only_seven(staff, opened)
    frame = pd.concat([staff.loc[opened], answers.loc[opened].astype(object)], axis=1).reset_index(drop=True)
    frame["agent"] = opened
    frame = frame.iloc[rng.permutation(len(frame))].reset_index(drop=True)
    frame = _completed(rng, frame)
    frame = _blemished(rng, frame)
    frame = _unfinished(rng, frame)
    frame = _with_tests_and_doubles(rng, frame)
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="id")
    frame["seed"] = rng.integers(10**8, 2 * 10**9, len(frame)).astype(str)
    participants = _participants(staff, frame)
    return frame.drop(columns=["agent"]), participants


def _only_seven(staff: pd.DataFrame, opened: np.ndarray) -> np.ndarray:
    """Keep seven respondents in the smallest direction: the one no table may show."""
    small = opened[(staff.loc[opened, "DIR"] == "D01").to_numpy()]
    return np.setdiff1d(opened, small[7:])


def _completed(rng: Generator, frame: pd.DataFrame) -> pd.DataFrame:
    """The questions outside the grids, and the clock."""
    n = len(frame)
    frame = frame.assign(NBA=frame["NBA"].where(frame["ENC"] == "Y", None).astype(object))
    frame["STAT[other]"] = np.where(frame["STAT"] == "-oth-", "Apprenti·e", "")
    frame["ATT[SQ001]"] = np.where(rng.random(n) < 0.95, "4", rng.choice(list("1235"), n))
    for rank, share in enumerate((0.55, 0.35, 0.60, 0.70), start=1):
        frame[f"INF[SQ{rank:03d}]"] = np.where(rng.random(n) < share, "Y", "")
    frame["INF[other]"] = np.where(rng.random(n) < 0.03, "Le journal municipal", "")
    frame["COM"] = ""
    minutes = np.sort(rng.integers(0, 32, n) * 24 * 60 + rng.integers(0, 11 * 60, n))
    start = [OPENING + timedelta(minutes=int(minute)) for minute in minutes]
    length = rng.gamma(6, 1.6, n) + 2
    frame["startdate"] = [f"{moment:%Y-%m-%d %H:%M:%S}" for moment in start]
    frame["submitdate"] = [
        f"{moment + timedelta(minutes=float(minutes)):%Y-%m-%d %H:%M:%S}"
        for moment, minutes in zip(start, length, strict=True)
    ]
    frame["datestamp"] = frame["submitdate"]
    frame["lastpage"] = 3
    frame["startlanguage"] = "fr"
    return frame


def _blemished(rng: Generator, frame: pd.DataFrame) -> pd.DataFrame:
    """Straight lines (4 %) and unanswered lines (2 % of the cells)."""
    items = [name for name in frame.columns if name.split("[")[0] in BLOCKS]
    frame = frame.copy()
    lazy = np.flatnonzero(rng.random(len(frame)) < 0.04)
    for row in lazy:
        frame.loc[row, items] = int(rng.choice([3, 4]))
    holes = rng.random((len(frame), len(items))) < 0.02
    frame[items] = frame[items].astype(object).mask(holes, "")
    frame["SEXE"] = frame["SEXE"].mask(rng.random(len(frame)) < 0.02, "")
    return frame


def _unfinished(rng: Generator, frame: pd.DataFrame) -> pd.DataFrame:
    """Nine in a hundred give up on the second page, which is then never saved, and do not see the third."""
    gave_up = rng.random(len(frame)) < 0.09
    gave_up[(frame["DIR"] == "D01").to_numpy()] = False
    later = [name for name in frame.columns if name.split("[")[0] in (*BLOCKS, "ATT", "INF", "COM")]
    frame = frame.copy()
    frame.loc[gave_up, later] = None
    frame.loc[gave_up, "submitdate"] = None
    frame.loc[gave_up, "lastpage"] = 1
    return frame


def _with_tests_and_doubles(rng: Generator, frame: pd.DataFrame) -> pd.DataFrame:
    """Six tests by the chair before the opening, and four paper forms typed in twice."""
    tests = frame.sample(6, random_state=rng).assign(agent=-1)
    days = [OPENING - timedelta(days=int(d), hours=3) for d in rng.integers(2, 9, 6)]
    tests["startdate"] = [f"{moment:%Y-%m-%d %H:%M:%S}" for moment in sorted(days)]
    tests["submitdate"] = tests["datestamp"] = [
        f"{m + timedelta(minutes=4):%Y-%m-%d %H:%M:%S}" for m in sorted(days)
    ]
    tests["token"] = [f"test{i:011d}" for i in range(1, 7)]
    tests["lastpage"] = 3
    paper = frame[frame["DIR"].isin(ON_PAPER) & frame["submitdate"].notna()].sample(4, random_state=rng)
    return pd.concat([tests, frame, paper], ignore_index=True)


def _participants(staff: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    people = pseudonym_free_names(len(staff)).assign(token=staff["token"].to_numpy())
    done = dict(zip(frame["token"], frame["submitdate"], strict=True))
    when = [done.get(token) for token in people["token"]]
    people["completed"] = [moment[:16] if isinstance(moment, str) else "N" for moment in when]
    people["usesleft"] = ["0" if isinstance(moment, str) else "1" for moment in when]
    people["invited"] = f"{OPENING:%Y-%m-%d %H:%M}"
    people["reminded"] = [
        "N" if isinstance(moment, str) and moment < "2013-05-27" else "2013-05-27 09:00" for moment in when
    ]
    tests = pd.DataFrame({"token": [f"test{i:011d}" for i in range(1, 7)], "firstname": "Test", "lastname": "OPTIMA",
                          "email": "test@example.org", "completed": "N"})  # fmt: skip
    return pd.concat([tests, people], ignore_index=True)


def _write_staff(staff: pd.DataFrame, path: Path) -> None:
    """The staff file of the human resources department: how many agents by direction, category and sex."""
    table = staff.groupby(["DIR", "CAT", "SEXE"]).size().rename("effectif").reset_index()
    table.columns = ["direction", "categorie", "sexe", "effectif"]
    path.write_text(table.to_csv(sep=";", index=False, lineterminator="\n"), encoding="utf-8")


def _known(staff: pd.DataFrame, answers: pd.DataFrame, truth: Truth) -> dict[str, Any]:
    quality = score(answers)
    by_direction = quality.groupby(staff["DIR"]).mean()
    by_sex = quality.groupby(staff["SEXE"]).mean()
    return {
        "study": "reze_barometre_rh",
        "seed": truth.seed,
        "population": len(staff),
        "quality_mean": round(float(quality.mean()), 6),
        "quality_mean_by_direction": {
            DIRECTIONS[code][0]: round(float(value), 6) for code, value in by_direction.items()
        },
        "quality_women_minus_men": round(float(by_sex["F"] - by_sex["H"]), 6),
        "lowest_direction": DIRECTIONS[str(by_direction.idxmin())][0],
        "effects_in_sd": {code: truth.sign * row[4] for code, row in DIRECTIONS.items()},
        "loadings": list(LOADINGS),
        "correlation_of_dimensions": CORRELATION,
        "nulls": ["SEXE"],
    }


def score(answers: pd.DataFrame) -> pd.Series:
    """The true score of quality of working life: mean of its ten items, the two turned ones put right."""
    columns = []
    for block in QUALITY:
        scale, items = item_bank(block)
        for rank, item in enumerate(items, start=1):
            column = answers[f"{block}[SQ{rank:03d}]"]
            columns.append(6 - column if item.name in scale.reversed else column)
    return pd.concat(columns, axis=1).mean(axis=1)
