"""SDIS 64, 2009–2013, simulated: pooled support starts at three dates, first where the delays had been the worst.

Pooling changes no delay. Three things make believe it does: the worst centres come back towards the others by
themselves, first aid (short delays) takes a growing share of the calls, more so where support is pooled, and every
nature of intervention slows down a little over the years. Climate suffers where nobody was asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from optima_research.observatory import item_bank
from optima_research.simulation.limesurvey import Group, Question, Questionnaire, write_lsa
from optima_research.simulation.people import Generator, likert
from optima_research.simulation.reze_barometre_rh import AGREEMENT

SEED = 20090101
SID = 640913
CENTRES = [f"C{number:02d}" for number in range(1, 46)]
TERMS = [f"{2009 + place // 2}-S{1 + place % 2}" for place in range(9)]
# Terms counted from 1: the ranking rests on the second half of 2009; ten centres start at each of three dates.
RANKING, STARTS, GROUP = 2, (4, 5, 6), 10
MONTHLY_CALLS = 11.6
TRUE_SPREAD, TERM_SPREAD, RANKING_SPREAD, CALL_SPREAD = 1.2, 0.25, 1.1, 1.4
# Minutes added to the centre's delay, and by how much each nature slows down between 2009 and the end.
NATURES = {"SAP": -1.1, "INC": 1.7, "DIV": 1.9}
SLOWER = 0.3
FIRST_AID_2009, FIRST_AID_POOLED, FIRST_AID_OTHERS = 0.58, 0.84, 0.70
MISSING, CLOCK_ERRORS = 0.03, 0.004
CATEGORIES = {"1": 20, "2": 20, "3": 19, "4": 20, "5": 17}
REPLY = {"1": 0.85, "2": 0.75, "3": 0.60, "4": 0.52, "5": 0.40}
COST_EFFECT, PURCHASING_EFFECT = -0.031, -0.04
CLIMATE_UNASKED, CLIMATE_ASKED = -0.25, 0.05
STAFF = {"SPP": "Sapeur-pompier professionnel", "PATS": "Personnel administratif ou technique",
         "SPV": "Sapeur-pompier volontaire"}  # fmt: skip
CAMPAIGNS = {"1": ("2009", datetime(2009, 11, 2, 8)), "2": ("2012", datetime(2012, 11, 5, 8))}


@dataclass(frozen=True)
class Truth:
    """What the simulation is told to do; ``sign=-1`` turns every effect round (the delay's stays null)."""

    sign: float = 1.0
    seed: int = SEED


def simulate(folder: Path, truth: Truth | None = None) -> dict[str, Any]:
    """Write the log, the list of centres, the national table and the survey; return what is true."""
    truth = truth or Truth()
    rng = np.random.default_rng(truth.seed)
    folder.mkdir(parents=True, exist_ok=True)
    lasting = rng.normal(9.6, TRUE_SPREAD, len(CENTRES))
    calls = _calls(rng, lasting)
    starts = _starts(rng, calls)
    calls = _delays(rng, calls, starts, truth.sign)
    _write_log(rng, calls, folder / "interventions.csv")
    _write_centres(starts, folder / "centres.csv")
    _write_national(rng, folder, truth.sign)
    write_lsa(questionnaire(), _responses(rng, starts, truth.sign), folder / f"survey_archive_{SID}.lsa")
    return {
        "study": "sdis64_mutualisation",
        "seed": truth.seed,
        "estimates": {
            "Intensité": round(truth.sign * 100 * COST_EFFECT, 6),
            "Achats": round(truth.sign * 100 * PURCHASING_EFFECT, 6),
            "Délai": 0.0,
            "Mutualisé": round(truth.sign * CLIMATE_UNASKED, 6),
            "Mutualisé:Avis[T.Oui]": round(truth.sign * (CLIMATE_ASKED - CLIMATE_UNASKED), 6),
        },
        "slower_by_nature": round(truth.sign * SLOWER, 6),
        "lowest_climate_when_pooled": "sans participation" if truth.sign > 0 else "avec participation",
        "nulls": ["Délai"],
    }


def questionnaire() -> Questionnaire:
    """One page about the respondent, one about the climate; the campaign comes with the link."""
    scale, items = item_bank("CLI")
    rows = {f"SQ{rank:03d}": item.question for rank, item in enumerate(items, start=1)}
    you = [
        Question("CAM", "L", "Campagne", {code: year for code, (year, _day) in CAMPAIGNS.items()}),
        Question("CEN", "!", "Votre centre", {c: f"Centre {c[1:]}" for c in CENTRES}, mandatory=True),
        Question("STA", "L", "Vous êtes", STAFF, mandatory=True),
        Question("AVI", "Y", "Avez-vous pu donner votre avis sur ce qui change dans votre centre ?"),
    ]
    work = [Question("CLI", "F", f"{scale.label} : êtes-vous d'accord ?", AGREEMENT, rows)]
    return Questionnaire("Mutualiser au SDIS", [Group("Vous", you), Group("Le climat", work)], sid=SID)


def _calls(rng: Generator, lasting: np.ndarray) -> pd.DataFrame:
    """Every call: centre, moment of the alert, term; and what the term adds to the delays of the centre."""
    cells = pd.MultiIndex.from_product([range(len(CENTRES)), range(54)], names=["centre", "month"])
    cells = cells.to_frame(index=False)
    calls = cells.loc[cells.index.repeat(rng.poisson(MONTHLY_CALLS, len(cells)))].reset_index(drop=True)
    first = np.datetime64("2009-01") + calls["month"].to_numpy()
    seconds = rng.integers(0, 28 * 86400, len(calls))
    calls["alert"] = first.astype("datetime64[s]") + seconds.astype("timedelta64[s]")
    calls["term"] = calls["month"] // 6 + 1
    shocks = rng.normal(0, TERM_SPREAD, (len(lasting), len(TERMS)))
    # The second half of 2009 was odd everywhere: bad luck there is what the ranking then took for slowness.
    shocks[:, RANKING - 1] *= RANKING_SPREAD / TERM_SPREAD
    calls["level"] = lasting[calls["centre"]] + shocks[calls["centre"], calls["term"] - 1]
    return calls


def _starts(rng: Generator, calls: pd.DataFrame) -> np.ndarray:
    """First term with pooled support: the ten worst of the ranking first, then twenty of the others by lot."""
    ranked = calls[calls["term"] == RANKING].groupby("centre")["level"].mean().sort_values(ascending=False)
    starts = np.full(len(CENTRES), np.nan)
    starts[ranked.index[:GROUP]] = STARTS[0]
    others = rng.permutation(ranked.index[GROUP:].to_numpy())
    starts[others[:GROUP]], starts[others[GROUP : 2 * GROUP]] = STARTS[1], STARTS[2]
    return starts


def _delays(rng: Generator, calls: pd.DataFrame, starts: np.ndarray, sign: float) -> pd.DataFrame:
    """Nature of each call and its delay: pooled or not, the same delay for the same nature."""
    progress = np.clip((calls["month"].to_numpy() - 12) / 30, 0, 1)
    pooled = np.isfinite(starts[calls["centre"]])
    goal = np.where(pooled, FIRST_AID_POOLED, FIRST_AID_OTHERS)
    share = FIRST_AID_2009 + progress * (goal - FIRST_AID_2009)
    other = np.where(rng.random(len(calls)) < 0.45, "INC", "DIV")
    calls["nature"] = np.where(rng.random(len(calls)) < share, "SAP", other)
    added = sign * calls["nature"].map(NATURES).to_numpy(dtype=float)
    noise = CALL_SPREAD * (rng.gamma(9.0, 1 / 3, len(calls)) - 3.0)
    minutes = calls["level"].to_numpy() + added + sign * SLOWER * progress + noise
    calls["minutes"] = np.clip(minutes, 2.0, 40.0)
    return calls


def _write_log(rng: Generator, calls: pd.DataFrame, path: Path) -> None:
    """The log as the call centre keeps it: full date of the alert, only the hour of arrival on the scene."""
    calls = calls.sort_values(["alert", "centre"], kind="stable")
    arrival = calls["alert"] + pd.to_timedelta(np.rint(calls["minutes"] * 60), unit="s")
    wrong = rng.random(len(calls)) < CLOCK_ERRORS
    # A clock left on winter or summer time: an hour early or late.
    arrival = arrival + pd.to_timedelta(wrong * rng.choice([-60, 60], len(calls)), unit="min")
    hours = arrival.dt.strftime("%H:%M:%S").mask(rng.random(len(calls)) < MISSING, "")
    log = pd.DataFrame(
        {
            "centre": np.array(CENTRES)[calls["centre"]],
            "nature": calls["nature"],
            "alerte": calls["alert"].dt.strftime("%Y-%m-%d %H:%M:%S"),
            "sur_les_lieux": hours,
        }
    )
    path.write_text(log.to_csv(sep=";", index=False, lineterminator="\n"), encoding="utf-8")


def _write_centres(starts: np.ndarray, path: Path) -> None:
    said = ["" if np.isnan(start) else TERMS[int(start) - 1] for start in starts]
    table = pd.DataFrame({"centre": CENTRES, "debut": said})
    path.write_text(table.to_csv(sep=";", index=False, lineterminator="\n"), encoding="utf-8")


def _write_national(rng: Generator, folder: Path, sign: float) -> None:
    """The 96 SDIS by category, and the table typed by hand of the sixty that answered."""
    frame = pd.DataFrame({"category": np.repeat(list(CATEGORIES), list(CATEGORIES.values()))})
    n = len(frame)
    chance = frame["category"].map(REPLY).to_numpy(dtype=float)
    frame["people"] = np.exp(rng.normal(14.1 - 0.45 * frame["category"].astype(int), 0.22))
    frame["practices"] = rng.binomial(12, 0.5, n) + rng.integers(-2, 3, n)
    frame["practices"] = frame["practices"].clip(0, 12)
    frame["buys"] = rng.random(n) < 0.5
    log_cost = np.log(79) - 0.03 * np.log(frame["people"] / 5e5) + rng.normal(0, 0.045, n)
    log_cost += sign * (COST_EFFECT * (frame["practices"] - 6) / 3 + PURCHASING_EFFECT * frame["buys"])
    frame["cost"] = np.exp(log_cost)
    chosen = rng.choice(n, 60, replace=False, p=chance / chance.sum())
    _write_by_hand(frame.loc[np.sort(chosen)], folder / "sdis_national.csv")
    table = pd.DataFrame({"categorie": list(CATEGORIES), "effectif": list(CATEGORIES.values())})
    text = table.to_csv(sep=";", index=False, lineterminator="\n")
    (folder / "sdis_cadre.csv").write_text(text, encoding="utf-8")


def _write_by_hand(replies: pd.DataFrame, path: Path) -> None:
    """Spaces in the thousands, euros in the cells, « n.d. » and « oui » in several spellings."""
    lines = ["SDIS;Catégorie;Population DGF;Coût par habitant;Pratiques mutualisées;Groupement d'achats"]
    for number, row in enumerate(replies.itertuples(), start=1):
        people = f"{round(row.people):,}".replace(",", "\u00a0" if number % 2 else " ")
        cost = f"{row.cost:.2f}".replace(".", ",") + (" €" if number % 3 == 0 else "")
        buys = ("Oui", "oui ", "OUI")[number % 3] if row.buys else ("Non", "non", "NON ")[number % 3]
        shared = "n.d." if number % 29 == 0 else str(row.practices)
        lines.append(f"S{number:02d};{row.category};{people};{cost};{shared};{buys}")
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode("utf-8-sig"))


def _responses(rng: Generator, starts: np.ndarray, sign: float) -> pd.DataFrame:
    """Both campaigns, in the order of the answers."""
    waves = [_campaign(rng, code, starts, sign) for code in CAMPAIGNS]
    frame = pd.concat(waves, ignore_index=True)
    frame["datestamp"], frame["lastpage"], frame["startlanguage"] = frame["submitdate"], 2, "fr"
    frame["seed"] = rng.integers(10**8, 2 * 10**9, len(frame)).astype(str)
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="id")
    return frame


def _campaign(rng: Generator, code: str, starts: np.ndarray, sign: float) -> pd.DataFrame:
    n = 780
    centre = rng.integers(0, len(CENTRES), n)
    frame = pd.DataFrame({"CAM": code, "CEN": np.array(CENTRES)[centre]})
    frame["STA"] = rng.choice(list(STAFF), n, p=[0.27, 0.08, 0.65])
    asked = rng.random(n) < 0.45
    frame["AVI"] = np.where(asked, "Y", "N")
    pooled = np.isfinite(starts[centre]) & (code == "2")
    moved = np.where(asked, CLIMATE_ASKED, CLIMATE_UNASKED) * pooled
    place = rng.normal(0, 0.1, len(CENTRES))[centre]
    attitude = sign * (moved + 0.2 * asked) + place + rng.standard_normal(n)
    for rank in range(1, 4):
        frame[f"CLI[SQ{rank:03d}]"] = likert(rng, attitude, 0.85)
    holes = rng.random(n) < 0.02
    frame["AVI"] = frame["AVI"].mask(holes, "")
    opening = CAMPAIGNS[code][1]
    minutes = np.sort(rng.integers(0, 30, n) * 24 * 60 + rng.integers(0, 660, n))
    begun = [opening + timedelta(minutes=int(minute)) for minute in minutes]
    frame["startdate"] = [f"{moment:%Y-%m-%d %H:%M:%S}" for moment in begun]
    frame["submitdate"] = [f"{moment + timedelta(minutes=5):%Y-%m-%d %H:%M:%S}" for moment in begun]
    return frame
