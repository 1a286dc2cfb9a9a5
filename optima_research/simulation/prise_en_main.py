"""The beginner's data, simulated: agents of five communes that do not exist, in a LimeSurvey 6 archive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from optima_research.observatory import item_bank
from optima_research.simulation.limesurvey import Group, Question, Questionnaire, write_lsa
from optima_research.simulation.people import Generator, correlated, drawn, likert, population
from optima_research.simulation.reze_barometre_rh import AGREEMENT

SEED = 20150521
SID = 215064
OPENING = datetime(2015, 3, 2, 8, 0)
# code: (name, agents, effect on attitudes in standard deviations)
COMMUNES = {
    "BEL": ("Bellegave", 120, 0.00),
    "CAS": ("Castelbois", 95, 0.10),
    "MON": ("Montclair-sur-Nive", 160, -0.05),
    "RIV": ("Rivehaute", 70, -0.90),
    "VIE": ("Vieux-Bourg", 110, 0.05),
}
CATEGORIES = {"A": 12, "B": 20, "C": 68}
REPLY_RATE = {"A": 0.80, "B": 0.65, "C": 0.50}
LOADINGS = (0.82, 0.76, 0.74, 0.68)


@dataclass(frozen=True)
class Truth:
    """What the simulation is told to do; ``sign=-1`` turns every effect round."""

    sign: float = 1.0
    seed: int = SEED


def simulate(folder: Path, truth: Truth | None = None) -> dict[str, Any]:
    """Write the archive and the staff numbers, and return what is true of all the agents."""
    truth = truth or Truth()
    rng = np.random.default_rng(truth.seed)
    folder.mkdir(parents=True, exist_ok=True)
    staff, answers = _agents(rng, truth.sign)
    write_lsa(questionnaire(), _responses(rng, staff, answers), folder / f"survey_archive_{SID}.lsa")
    sizes = staff.groupby(["COL", "CAT"]).size().rename("effectif").reset_index()
    sizes.columns = ["commune", "categorie", "effectif"]
    (folder / "effectifs.csv").write_text(
        sizes.to_csv(sep=";", index=False, lineterminator="\n"), encoding="utf-8"
    )
    item = answers["UTI[SQ001]"].groupby(staff["COL"]).mean()
    return {
        "study": "prise_en_main",
        "seed": truth.seed,
        "population": len(staff),
        "first_item_mean_by_commune": {
            COMMUNES[code][0]: round(float(mean), 6) for code, mean in item.items()
        },
        "lowest_commune": COMMUNES[str(item.idxmin())][0],
    }


def questionnaire() -> Questionnaire:
    """Two pages: the agent, the tools."""
    names = {code: name for code, (name, *_rest) in COMMUNES.items()}
    you = [
        Question("COL", "L", "Pour quelle commune travaillez-vous ?", names, mandatory=True),
        Question(
            "CAT",
            "L",
            "Quelle est votre catégorie ?",
            {c: f"Catégorie {c}" for c in CATEGORIES},
            mandatory=True,
        ),
        Question(
            "ORD", "Y", "Travaillez-vous sur ordinateur au moins une fois par semaine ?", mandatory=True
        ),
    ]
    if_computer = '((ORD.NAOK == "Y"))'
    scale, items = item_bank("UTI")
    rows = {f"SQ{rank:03d}": item.question for rank, item in enumerate(items, start=1)}
    tools = {
        "SQ001": "Agenda partagé",
        "SQ002": "Gestion électronique des documents",
        "SQ003": "Visioconférence",
    }
    work = [
        Question("UTI", "F", f"{scale.label} : êtes-vous d'accord ?", AGREEMENT, rows),
        Question(
            "OUT", "M", "Quels outils utilisez-vous ?", subquestions=tools, other=True, relevance=if_computer
        ),
        Question("HEU", "N", "Combien d'heures par semaine devant un écran ?", relevance=if_computer),
    ]
    groups = [Group("Vous", you), Group("Vos outils", work)]
    return Questionnaire("Nos outils numériques", groups, sid=SID, anonymized=False, datestamp=True)


def _agents(rng: Generator, sign: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    staff = population({code: row[1] for code, row in COMMUNES.items()}, "COL")
    staff["CAT"] = drawn(rng, dict.fromkeys(COMMUNES, CATEGORIES), staff["COL"])
    staff["ORD"] = np.where(rng.random(len(staff)) < 0.8, "Y", "N")
    attitude = correlated(rng, len(staff), ["UTI"], 0.0)["UTI"].to_numpy()
    attitude = attitude + sign * staff["COL"].map({code: row[2] for code, row in COMMUNES.items()}).to_numpy(
        dtype=float
    )
    scale, items = item_bank("UTI")
    answers = {
        f"UTI[SQ{rank + 1:03d}]": likert(rng, attitude, LOADINGS[rank], turned=item.name in scale.reversed)
        for rank, item in enumerate(items)
    }
    return staff, pd.DataFrame(answers)


def _responses(rng: Generator, staff: pd.DataFrame, answers: pd.DataFrame) -> pd.DataFrame:
    replies = rng.random(len(staff)) < staff["CAT"].map(REPLY_RATE).to_numpy(dtype=float)
    frame = pd.concat([staff, answers.astype(object)], axis=1)[replies]
    frame = frame.iloc[rng.permutation(len(frame))].reset_index(drop=True)
    n = len(frame)
    items = list(answers.columns)
    frame[items] = frame[items].mask(rng.random((n, len(items))) < 0.02, "")
    on_computer = (frame["ORD"] == "Y").to_numpy()
    for rank, share in enumerate((0.70, 0.40, 0.25), start=1):
        frame[f"OUT[SQ{rank:03d}]"] = np.where(rng.random(n) < share, "Y", "")
    frame["OUT[other]"] = ""
    frame["HEU"] = np.clip(rng.normal(20, 8, n).round(), 1, 39).astype(int)
    shown_to_some = [name for name in frame if name[:3] in ("OUT", "HEU")]
    frame[shown_to_some] = frame[shown_to_some].astype(object)
    frame.loc[~on_computer, shown_to_some] = None
    minutes = np.sort(rng.integers(0, 19, n) * 24 * 60 + rng.integers(0, 11 * 60, n))
    start = [OPENING + timedelta(minutes=int(minute)) for minute in minutes]
    frame["startdate"] = [f"{moment:%Y-%m-%d %H:%M:%S}" for moment in start]
    frame["submitdate"] = [f"{moment + timedelta(minutes=6):%Y-%m-%d %H:%M:%S}" for moment in start]
    frame["datestamp"] = frame["submitdate"]
    frame["lastpage"] = 2
    left = rng.random(n) < 0.07
    frame.loc[left, [*items, *shown_to_some, "submitdate"]] = None
    frame.loc[left, "lastpage"] = 1
    frame["startlanguage"] = "fr"
    frame["seed"] = rng.integers(10**8, 2 * 10**9, n).astype(str)
    frame.index = pd.RangeIndex(1, n + 1, name="id")
    return frame
