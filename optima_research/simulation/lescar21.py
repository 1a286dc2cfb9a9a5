"""Lescar 21, 2010–2011, simulated: what inhabitants, agents and élus put first, and how the plan of action goes.

The older inhabitants like the plan more and answer more, so its crude support is too high; three margins bring it
back. The agents are few: almost any crossing of what a colleague knows of them points at somebody. The élus are
public figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from optima_research.simulation.limesurvey import (
    Group,
    Question,
    Questionnaire,
    write_csv,
    write_lsa,
    write_lss,
    write_vv,
)
from optima_research.simulation.people import Generator

SEED = 20101010
OPENING = datetime(2010, 10, 4, 8, 0)
ITEMS = {
    "MOB": "Se déplacer à pied et à vélo",
    "ENE": "Consommer moins d'énergie",
    "EAU": "Protéger l'eau et la nature",
    "SOL": "Être solidaires entre générations",
    "PAR": "Décider avec les habitants",
    "DEC": "Réduire les déchets",
}
# Utility of each item for each group, in units of the noise of one respondent: what they truly put first.
UTILITIES = {
    "habitants": (1.1, 0.3, 0.7, 0.0, -0.8, -0.2),
    "agents": (0.0, 1.0, 0.2, 0.5, -0.6, 0.6),
    "élus": (0.2, 0.9, 0.0, 0.4, 0.7, -0.7),
}
AGES = {"A1": "18-34 ans", "A2": "35-49 ans", "A3": "50-64 ans", "A4": "65 ans et plus"}
DISTRICTS = {"Q1": "Centre ancien", "Q2": "Coteaux", "Q3": "Plaine", "Q4": "Gare", "Q5": "Hameaux"}
# Inhabitants of 18 and over, by district.
DISTRICT_SIZES = (2300, 1900, 2100, 1350, 150)
AGE_SHARES = (0.22, 0.26, 0.27, 0.25)
SUPPORT_BY_AGE = (0.38, 0.52, 0.66, 0.76)
REPLY_BY_AGE = (0.031, 0.056, 0.099, 0.131)
PERFORMANCE = (3.6, 5.2, 6.1, 5.6, 4.2, 6.8)
FIELDS = {"ADM": 0.30, "TEC": 0.42, "ANI": 0.08, "CUL": 0.05, "SPO": 0.04, "MED": 0.07, "POL": 0.04}
AIMS = (
    "Climat",
    "Biodiversité et ressources",
    "Cohésion sociale",
    "Épanouissement de tous",
    "Production responsable",
)
OWNER_AND_BUDGET_ODDS = 2.4


@dataclass(frozen=True)
class Truth:
    """What the simulation is told to do; ``sign=-1`` turns every effect round."""

    sign: float = 1.0
    seed: int = SEED


def simulate(folder: Path, truth: Truth | None = None) -> dict[str, Any]:
    """Write the study's raw files, and return what is true of the whole town."""
    truth = truth or Truth()
    rng = np.random.default_rng(truth.seed)
    folder.mkdir(parents=True, exist_ok=True)
    town = _town(rng, truth.sign)
    _write_inhabitants(rng, town, folder, truth.sign)
    _write_agents(rng, folder, truth.sign)
    _write_elus(rng, folder, truth.sign)
    _write_actions(rng, folder, truth.sign)
    _write_workshops(rng, folder)
    first = {group: _first(values, truth.sign) for group, values in UTILITIES.items()}
    return {
        "study": "lescar21",
        "seed": truth.seed,
        "support": round(float(town["support"].mean()), 6),
        "first_priority": first,
        "lowest_owner_odds_side": "avec pilote et budget" if truth.sign > 0 else "sans pilote ni budget",
        "owner_and_budget_log_odds": round(truth.sign * float(np.log(OWNER_AND_BUDGET_ODDS)), 6),
        "nulls": ["SEXE"],
    }


def _first(utilities: tuple[float, ...], sign: float) -> str:
    return list(ITEMS.values())[int(np.argmax(sign * np.array(utilities)))]


def _town(rng: Generator, sign: float) -> pd.DataFrame:
    """Every adult of the town: who they are and whether they support the plan."""
    town = pd.DataFrame({"QUA": np.repeat(list(DISTRICTS), DISTRICT_SIZES)})
    n = len(town)
    town["AGE"] = rng.choice(list(AGES), size=n, p=AGE_SHARES)
    town["SEXE"] = rng.choice(["F", "H"], size=n, p=[0.53, 0.47])
    chance = town["AGE"].map(dict(zip(AGES, SUPPORT_BY_AGE, strict=True))).to_numpy(dtype=float)
    town["support"] = rng.random(n) < (chance if sign > 0 else 1 - chance)
    return town


def _orders(rng: Generator, group: str, n: int, sign: float) -> np.ndarray:
    """For each respondent, the items from first to last: noisy utilities put in order."""
    heard = sign * np.array(UTILITIES[group]) + rng.gumbel(0, 0.75, (n, len(ITEMS)))
    return np.array(list(ITEMS))[np.argsort(-heard, axis=1)]


def _opinions(rng: Generator, group: str, n: int, sign: float) -> dict[str, np.ndarray]:
    """Ranks, importance and performance from 0 to 10."""
    columns: dict[str, np.ndarray] = {}
    orders = _orders(rng, group, n, sign)
    for place in range(len(ITEMS)):
        columns[f"PRIO[{place + 1}]"] = orders[:, place]
    for code, utility, done in zip(ITEMS, UTILITIES[group], PERFORMANCE, strict=True):
        columns[f"IMP[{code}]"] = np.clip(
            np.rint(rng.normal(7.2 + 0.9 * sign * utility, 1.7, n)), 0, 10
        ).astype(int)
        columns[f"FAIT[{code}]"] = np.clip(np.rint(rng.normal(done, 1.9, n)), 0, 10).astype(int)
    return columns


def _questions(last: list[Question]) -> Questionnaire:
    marks = {str(mark): str(mark) for mark in range(11)}
    opinions = [
        Question("PRIO", "R", "Classez ces priorités, la plus importante d'abord.", dict(ITEMS)),
        Question("IMP", "F", "Importance de chaque priorité, de 0 à 10", marks, dict(ITEMS)),
        Question("FAIT", "F", "Ce qui est fait aujourd'hui, de 0 à 10", marks, dict(ITEMS)),
    ]
    return Questionnaire("Lescar 21", [Group("Vos priorités", opinions), Group("Vous", last)], sid=210021)


def _dated(rng: Generator, frame: pd.DataFrame, pages: int, days: int) -> pd.DataFrame:
    minutes = np.sort(rng.integers(0, days, len(frame)) * 24 * 60 + rng.integers(0, 12 * 60, len(frame)))
    start = [OPENING + timedelta(minutes=int(minute)) for minute in minutes]
    frame = frame.reset_index(drop=True)
    frame["startdate"] = [f"{moment:%Y-%m-%d %H:%M:%S}" for moment in start]
    frame["submitdate"] = [f"{moment + timedelta(minutes=7):%Y-%m-%d %H:%M:%S}" for moment in start]
    frame["datestamp"], frame["lastpage"], frame["startlanguage"] = frame["submitdate"], pages, "fr"
    frame["seed"] = rng.integers(10**8, 2 * 10**9, len(frame)).astype(str)
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="id")
    return frame


def _write_inhabitants(rng: Generator, town: pd.DataFrame, folder: Path, sign: float) -> None:
    chance = town["AGE"].map(dict(zip(AGES, REPLY_BY_AGE, strict=True))).to_numpy(dtype=float)
    replies = town[rng.random(len(town)) < chance].sample(frac=1, random_state=rng)
    small = replies.index[replies["QUA"] == "Q5"]
    frame = replies.drop(index=small[9:]).reset_index(drop=True)
    frame = frame.assign(**_opinions(rng, "habitants", len(frame), sign))
    frame["SOUT"] = np.where(frame.pop("support"), "Y", "N")
    frame["MODE"] = np.where(rng.random(len(frame)) < 0.6, "P", "W")
    last = [
        Question("SOUT", "Y", "Soutenez-vous la démarche Lescar 21 ?"),
        Question("SEXE", "L", "Vous êtes", {"F": "Une femme", "H": "Un homme"}),
        Question("AGE", "L", "Votre âge", AGES, mandatory=True),
        Question("QUA", "!", "Votre quartier", DISTRICTS, mandatory=True),
        Question("MODE", "L", "Mode de réponse", {"P": "Papier", "W": "Internet"}),
    ]
    form = _questions(last)
    write_lss(form, folder / "habitants.lss")
    write_csv(
        form,
        _dated(rng, frame, 2, 40),
        folder / "habitants.csv",
        headers="code",
        answers="short",
        separator=";",
    )
    margins = [
        *(("QUA", code, size) for code, size in zip(DISTRICTS, DISTRICT_SIZES, strict=True)),
        *(("AGE", code, int((town["AGE"] == code).sum())) for code in AGES),
        *(("SEXE", code, int((town["SEXE"] == code).sum())) for code in "FH"),
    ]
    table = pd.DataFrame(margins, columns=["variable", "modalite", "effectif"])
    (folder / "population.csv").write_text(
        table.to_csv(sep=";", index=False, lineterminator="\n"), encoding="utf-8"
    )


def _write_agents(rng: Generator, folder: Path, sign: float) -> None:
    """105 replies of 190 agents, with everything a colleague knows of them."""
    n = 105
    frame = pd.DataFrame(_opinions(rng, "agents", n, sign))
    frame["SEXE"] = rng.choice(["F", "H"], n, p=[0.6, 0.4])
    frame["AGE"] = rng.choice([f"T{i}" for i in range(1, 6)], n, p=[0.08, 0.17, 0.27, 0.31, 0.17])
    frame["CAT"] = rng.choice(list("ABC"), n, p=[0.11, 0.15, 0.74])
    frame["FIL"] = rng.choice(list(FIELDS), n, p=list(FIELDS.values()))
    frame["ANC"] = rng.choice([f"N{i}" for i in range(1, 5)], n, p=[0.2, 0.3, 0.3, 0.2])
    bands = ("moins de 25 ans", "25-34 ans", "35-44 ans", "45-54 ans", "55 ans et plus")
    fields = (
        "Administrative",
        "Technique",
        "Animation",
        "Culturelle",
        "Sportive",
        "Médico-sociale",
        "Police municipale",
    )
    years = ("moins de 5 ans", "5-14 ans", "15-24 ans", "25 ans et plus")
    last = [
        Question("SEXE", "L", "Vous êtes", {"F": "Une femme", "H": "Un homme"}),
        Question("AGE", "L", "Votre âge", {f"T{i}": band for i, band in enumerate(bands, start=1)}),
        Question("CAT", "L", "Votre catégorie", {c: f"Catégorie {c}" for c in "ABC"}),
        Question("FIL", "!", "Votre filière", dict(zip(FIELDS, fields, strict=True))),
        Question("ANC", "L", "Votre ancienneté", {f"N{i}": year for i, year in enumerate(years, start=1)}),
    ]
    write_lsa(_questions(last), _dated(rng, frame, 2, 20), folder / "agents.lsa")


def _write_elus(rng: Generator, folder: Path, sign: float) -> None:
    """The whole council: nothing but their opinions is asked, since a mandate is a name."""
    frame = pd.DataFrame(_opinions(rng, "élus", 27, sign))
    form = _questions([Question("REM", "T", "Une remarque ?")])
    write_lss(form, folder / "elus.lss")
    write_vv(form, _dated(rng, frame.assign(REM=""), 2, 10), folder / "elus_vv.csv")


def _write_actions(rng: Generator, folder: Path, sign: float) -> None:
    """48 actions followed over six quarters: how far each is after the sixth."""
    n = 48
    table = pd.DataFrame({"action": [f"A{i:02d}" for i in range(1, n + 1)], "finalite": np.resize(AIMS, n)})
    table["pilote"] = np.where(rng.random(n) < 0.6, "oui", "non")
    table["budget"] = np.where(rng.random(n) < np.where(table["pilote"] == "oui", 0.75, 0.25), "oui", "non")
    both = ((table["pilote"] == "oui") & (table["budget"] == "oui")).to_numpy()
    logit = sign * np.log(OWNER_AND_BUDGET_ODDS) * both + rng.logistic(0, 1, n)
    for quarter in range(1, 7):
        step = (
            np.searchsorted((-1.6, 0.2, 1.7), logit + 0.55 * (quarter - 6))
            if quarter < 6
            else np.searchsorted((-1.6, 0.2, 1.7), logit)
        )
        table[f"T{quarter}"] = np.array(["non commencée", "engagée", "en bonne voie", "achevée"])[step]
    (folder / "actions.csv").write_text(
        table.to_csv(sep=";", index=False, lineterminator="\n"), encoding="utf-8"
    )


def _write_workshops(rng: Generator, folder: Path) -> None:
    """380 notes of nine workshops, each put under one theme."""
    notes = {
        "MOB": (
            "Des trottoirs sûrs jusqu'à l'école",
            "Une piste cyclable vers la gare",
            "Ralentir les voitures au centre",
        ),
        "ENE": ("Isoler les écoles", "Éteindre l'éclairage la nuit", "Du solaire sur la salle des fêtes"),
        "EAU": ("Garder les haies", "Moins de pesticides près du gave", "Récupérer l'eau de pluie"),
        "SOL": (
            "Un repas de quartier par trimestre",
            "Aider les aînés à se déplacer",
            "Une épicerie solidaire",
        ),
        "PAR": (
            "Savoir ce que deviennent nos idées",
            "Un conseil de quartier qui décide",
            "Des réunions le samedi",
        ),
        "DEC": ("Composter en bas de chez soi", "Une ressourcerie", "Moins d'emballages à la cantine"),
    }
    share = np.array([0.27, 0.15, 0.18, 0.12, 0.20, 0.08])
    themes = rng.choice(list(notes), 380, p=share)
    table = pd.DataFrame({"atelier": rng.integers(1, 10, 380), "theme": themes})
    table["note"] = [notes[theme][int(rng.integers(0, 3))] for theme in themes]
    table = table.sort_values("atelier", kind="stable")
    (folder / "ateliers.csv").write_text(
        table.to_csv(sep=";", index=False, lineterminator="\n"), encoding="utf-8"
    )
