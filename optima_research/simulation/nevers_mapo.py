"""Nevers, 2012-2014, simulated: time sheets typed in three ways, accounts and keys by service, three anonymous waves.

Twelve of the 38 services work by activities and objectives, four of them all at once. Clarity of objectives rises
in the twelve; demands at work rise in the four at the first wave after the start, and come back. Absences do not
move. Each service writes hours in its own way, one key is short of two points, and a few days hold more than a day.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from optima_research.observatory import item_bank
from optima_research.simulation.limesurvey import Group, Question, Questionnaire, write_csv, write_lss
from optima_research.simulation.people import Floats, Generator, likert
from optima_research.simulation.reze_barometre_rh import AGREEMENT

SEED = 20120919
SID = 580194
DAY, YEAR = 7.0, 1607
MONTHS = pd.period_range("2012-11", "2013-12", freq="M")
DAYS_A_MONTH = 225
OVERFULL_DAYS = 0.025
# name: agents, objective served, way of writing hours (h: 7h30, c: 7,5, p: 7.30), roll-out (r: at once, p: gradual)
SERVICES = {
    "Direction générale": (9, "SUP", "h", ""), "Finances": (18, "SUP", "c", "p"),
    "Ressources humaines": (20, "SUP", "c", "p"), "Informatique": (14, "SUP", "c", ""),
    "Marchés publics": (9, "SUP", "h", "p"), "Affaires juridiques": (8, "SUP", "h", ""),
    "Communication": (11, "SUP", "c", ""), "Courrier et accueil": (15, "SUP", "h", ""),
    "État civil": (18, "PRO", "h", "r"), "Élections et formalités": (10, "PRO", "h", ""),
    "Police municipale": (26, "PRO", "p", ""), "Prévention": (10, "PRO", "h", ""),
    "Hygiène et santé": (14, "PRO", "h", ""), "Logement": (10, "PRO", "c", ""),
    "Crèches": (56, "EDU", "h", "r"), "Écoles maternelles": (58, "EDU", "h", ""),
    "Entretien des écoles": (62, "EDU", "p", ""), "Restauration scolaire": (52, "EDU", "p", "r"),
    "Périscolaire": (40, "EDU", "h", ""), "Jeunesse": (16, "EDU", "h", "p"),
    "Conservatoire": (34, "RAY", "c", ""), "Médiathèque": (28, "RAY", "c", "p"),
    "Musée": (16, "RAY", "c", ""), "Théâtre": (14, "RAY", "h", ""),
    "Sports": (44, "RAY", "p", "r"), "Vie associative": (11, "RAY", "h", ""),
    "Tourisme et événements": (13, "RAY", "h", ""), "Espaces verts": (52, "CAD", "p", "p"),
    "Voirie": (38, "CAD", "p", ""), "Propreté": (46, "CAD", "p", ""),
    "Bâtiments": (40, "CAD", "p", "p"), "Éclairage public": (10, "CAD", "h", ""),
    "Parc automobile": (14, "CAD", "p", ""), "Cimetières": (9, "CAD", "p", ""),
    "Urbanisme": (16, "CAD", "c", "p"), "Foncier": (8, "CAD", "c", ""),
    "Développement durable": (8, "CAD", "c", ""), "Politique de la ville": (12, "PRO", "h", ""),
}  # fmt: skip
OBJECTIVES = {"SUP": "Fonctions support", "PRO": "Proximité et sécurité", "EDU": "Éducation et petite enfance",
              "RAY": "Culture, sport, rayonnement", "CAD": "Cadre de vie"}  # fmt: skip
OWN = ("Accueil et instruction", "Réalisation", "Contrôle et suivi")
COMMON = ("Réunions de service", "Suivi du budget", "Commandes et factures", "Plannings", "Rapports aux élus",
          "Comptes rendus", "Recrutement", "Entretiens annuels", "Archivage", "Saisie des tableaux de bord",
          "Préparation des délibérations", "Formation des collègues", "Gestion du matériel", "Stocks",
          "Courriers internes", "Déplacements", "Prévention des risques", "Réponse aux enquêtes", "Subventions",
          "Marchés du service", "Assistance bureautique", "Veille", "Dialogue social", "Projet de service",
          "Projets transversaux", "Communication interne")  # fmt: skip
RESOURCES = {"Bâtiments et fluides": 1_486_320, "Informatique et téléphone": 742_150, "Assurances": 318_475}
SHORT_KEY = "Informatique et téléphone"
CLARITY, DEMANDS, FAST_DEMANDS = (
    0.40,
    0.15,
    0.45,
)  # in standard deviations; 0.45 in 4 of 12 services is 0.15 over 12
WAVES = {"T0": 0.50, "T1": 0.478, "T2": 0.444}
LOADINGS = (0.84, 0.80, 0.78, 0.74)


@dataclass(frozen=True)
class Truth:
    """What the simulation is told to do; ``sign=-1`` turns every effect round."""

    sign: float = 1.0
    seed: int = SEED


def simulate(folder: Path, truth: Truth | None = None) -> dict[str, Any]:
    """Write the time sheets, the accounts, the keys and three waves; return costs and effects as they are."""
    truth = truth or Truth()
    rng = np.random.default_rng(truth.seed)
    folder.mkdir(parents=True, exist_ok=True)
    services, activities = _services(rng), _activities(rng)
    keys = _keys(rng)
    sheets = _time_sheets(rng, activities)
    _write(_typed(rng, sheets), folder / "temps.csv")
    _write(services, folder / "comptes_services.csv")
    _write(_short_of_two_points(keys), folder / "cles_repartition.csv")
    _write(activities.drop(columns="owner"), folder / "activites.csv")
    effects = {name: _effect(truth, name) for name in ("OBJ", "EXI")}
    _write_waves(rng, folder, truth)
    return {
        "study": "nevers_mapo",
        "seed": truth.seed,
        "accounts": int(services["charges_directes"].sum() + sum(RESOURCES.values())),
        "cost_by_activity": _true_costs(sheets, services, keys),
        "point_means": "heures et minutes",
        "clarity_T2": effects["OBJ"]["T2"],
        "demands_fast_T1": effects["EXI"]["T1"],
        "demands_fast_T2": effects["EXI"]["T2"],
        "effects_in_sd": {"OBJ": truth.sign * CLARITY, "EXI T1": truth.sign * DEMANDS, "EXI T2": 0.0},
        "lowest_change_in_clarity": "autres services" if truth.sign > 0 else "services pilotes",
        "nulls": ["absences"],
    }


def questionnaire(wave: str) -> Questionnaire:
    """The questionnaire of a wave: service, category, clarity of objectives, demands at work."""
    codes = {f"S{rank:02d}": name for rank, name in enumerate(SERVICES, start=1)}
    you = [
        Question("SERV", "!", "Dans quel service travaillez-vous ?", codes, mandatory=True),
        Question("CAT", "L", "Votre catégorie", {c: f"Catégorie {c}" for c in "ABC"}, mandatory=True),
    ]
    work = []
    for block in ("OBJ", "EXI"):
        scale, items = item_bank(block)
        rows = {f"SQ{rank:03d}": item.question for rank, item in enumerate(items, start=1)}
        work.append(Question(block, "F", f"{scale.label} : êtes-vous d'accord ?", AGREEMENT, rows))
    groups = [Group("Vous", you), Group("Votre travail", work)]
    return Questionnaire(f"Activités et objectifs, vague {wave}", groups, sid=SID + int(wave[1]))


def _services(rng: Generator) -> pd.DataFrame:
    table = pd.DataFrame.from_dict(SERVICES, orient="index", columns=["agents", "objectif", "way", "start"])
    posts = (table["agents"] * rng.uniform(0.88, 0.98, len(table))).round(1)
    before = rng.normal(7.2, 1.6, len(table)).clip(3, 12)
    after = before + rng.normal(0.0, 0.7, len(table))
    return pd.DataFrame({
        "service": [f"S{rank:02d}" for rank in range(1, len(table) + 1)],
        "libelle": table.index,
        "objectif": table["objectif"].map(OBJECTIVES),
        "pilote": np.where(table["start"] != "", "pilotes", "autres"),
        "pilote_rapide": np.where(table["start"] == "r", "oui", "non"),
        "agents": table["agents"], "etp": posts,
        "charges_directes": (posts * rng.normal(38_500, 2_500, len(table))).round().astype(int),
        "heures_formation": rng.integers(14, 36, len(table)), "heures_absence": rng.integers(70, 130, len(table)),
        "absences_2012": before.round(1), "absences_2014": after.round(1),
    })  # fmt: skip


def _activities(rng: Generator) -> pd.DataFrame:
    """Three activities of each service, and those that every service may have: 140 in all."""
    rows = [
        (f"{name} : {act.lower()}", OBJECTIVES[row[1]], "support" if row[1] == "SUP" else "métier", rank)
        for rank, (name, row) in enumerate(SERVICES.items())
        for act in OWN
    ]
    rows += [(act, OBJECTIVES["SUP"], "support", -1) for act in COMMON]
    table = pd.DataFrame(rows, columns=["libelle", "objectif", "nature", "owner"])
    table.insert(0, "activite", [f"ACT{rank:03d}" for rank in range(1, len(table) + 1)])
    counted = table["libelle"].str.endswith(("instruction", "réalisation"))
    table["volume"] = pd.Series(rng.integers(300, 9_000, len(table)), table.index, dtype="Int64").where(
        counted
    )
    return table


def _keys(rng: Generator) -> pd.DataFrame:
    """Shares in whole points, near the number of agents."""
    agents = np.array([row[0] for row in SERVICES.values()], dtype=float)
    parts = []
    for resource, amount in RESOURCES.items():
        exact = agents * rng.uniform(0.6, 1.4, len(agents))
        exact = 1 + exact / exact.sum() * (100 - len(agents))
        share = np.floor(exact)
        share[np.argsort(share - exact)[: int(100 - share.sum())]] += 1
        codes = [f"S{rank:02d}" for rank in range(1, len(agents) + 1)]
        parts.append(pd.DataFrame({"ressource": resource, "montant": amount, "service": codes,
                                   "cle": share.astype(int)}))  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def _short_of_two_points(keys: pd.DataFrame) -> pd.DataFrame:
    """The largest service of one resource gets two points too few: its keys add up to 98."""
    row = keys[keys["ressource"] == SHORT_KEY]["cle"].idxmax()
    return keys.assign(cle=keys["cle"].where(keys.index != row, keys["cle"] - 2))


def _time_sheets(rng: Generator, activities: pd.DataFrame) -> pd.DataFrame:
    """Days of agents drawn each month, in quarters of an hour as they were worked."""
    home = np.repeat(np.arange(len(SERVICES)), [row[0] for row in SERVICES.values()])
    shared = set(rng.choice(len(home), 12, replace=False).tolist())
    use = rng.uniform(0.86, 0.97, len(SERVICES))
    own = {s: np.flatnonzero(activities["owner"] == s) for s in range(len(SERVICES))}
    common = np.flatnonzero(activities["owner"] == -1)
    usual = {s: rng.choice(common, 6, replace=False) for s in own}
    rows = []
    for month in MONTHS:
        worked = pd.bdate_range(month.start_time, month.end_time).strftime("%Y-%m-%d")
        for agent in np.sort(rng.choice(len(home), DAYS_A_MONTH, replace=False)):
            service = int(home[agent])
            if int(agent) in shared and rng.random() < 0.5:
                service = (service + 1) % len(SERVICES)
            over = rng.random() < OVERFULL_DAYS
            total = 28 if over else int(np.clip(np.rint(28 * rng.normal(use[service], 0.05)), 18, 28))
            acts = [
                *rng.permutation(own[service])[:2],
                *rng.choice(usual[service], 1 + (rng.random() < 0.4), False),
            ]
            share = np.array([0.5, 0.3, 0.2, 0.12][: len(acts)]) * rng.uniform(0.7, 1.3, len(acts))
            quarters = _whole(share / share.sum() * (total - len(acts))) + 1
            day = str(rng.choice(worked))
            rows += [
                (day, int(agent), service, int(a), q / 4, over) for a, q in zip(acts, quarters, strict=True)
            ]
    return pd.DataFrame(rows, columns=["date", "agent", "service", "activity", "hours", "over"])


def _whole(exact: Floats) -> Floats:
    parts = np.floor(exact)
    parts[np.argsort(parts - exact)[: round(exact.sum() - parts.sum())]] += 1
    return parts


def _typed(rng: Generator, sheets: pd.DataFrame) -> pd.DataFrame:
    """The file as it was typed: each service its way, one row in twelve another; a few cells that say nothing."""
    ways = np.array([row[2] for row in SERVICES.values()])[sheets["service"]]
    other = rng.random(len(sheets)) < 1 / 12
    ways = np.where(other, rng.choice(["h", "c"], len(sheets)), ways)
    hours = sheets["hours"] * np.where(sheets["over"], 1.1, 1.0)
    texts = [_hours(value, way) for value, way in zip(hours, ways, strict=True)]
    for row in rng.choice(len(sheets), 8, replace=False):
        texts[row] = str(rng.choice(["?", "idem", "journée"]))
    return pd.DataFrame({
        "date": sheets["date"], "agent": [f"A{code:03d}" for code in sheets["agent"] + 1],
        "service": [f"S{code:02d}" for code in sheets["service"] + 1],
        "activite": [f"ACT{code:03d}" for code in sheets["activity"] + 1], "heures": texts,
    })  # fmt: skip


def _hours(value: float, way: str) -> str:
    minutes = round(value * 60)
    if way == "c":
        return f"{minutes / 60:.2f}".rstrip("0").rstrip(".").replace(".", ",")
    return f"{minutes // 60}{'h' if way == 'h' else '.'}{minutes % 60:02d}"


def _true_costs(sheets: pd.DataFrame, services: pd.DataFrame, keys: pd.DataFrame) -> dict[str, float]:
    """Cost of each activity in 2013, from the hours as they were worked and the keys as they should be."""
    part = keys["montant"] * keys["cle"] / 100
    charges = services["charges_directes"].to_numpy() + part.groupby(keys["service"]).sum().to_numpy()
    year = sheets[sheets["date"] >= "2013"]
    days = year.groupby("service")[["date", "agent"]].apply(lambda part: len(part.drop_duplicates()))
    cost = year["hours"] * year["service"].map(dict(enumerate(charges))) / (DAY * year["service"].map(days))
    by_activity = cost.groupby(year["activity"]).sum()
    return {f"ACT{int(code) + 1:03d}": round(float(value), 2) for code, value in by_activity.items()}


def _people(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng([seed, 1])
    home = np.repeat(np.arange(len(SERVICES)), [row[0] for row in SERVICES.values()])
    return pd.DataFrame({"service": home, "CAT": rng.choice(list("ABC"), len(home), p=[0.10, 0.18, 0.72])})


def _attitude(truth: Truth, block: str, wave: str, *, moved: bool = True) -> Floats:
    """What the agents feel: their own bent, their service, the wave, and the effect of the new way of working."""
    people, rank = _people(truth.seed), list(WAVES).index(wave)
    rng, drawn = np.random.default_rng([truth.seed, 2, ord(block[0])]), np.random.default_rng(
        [truth.seed, 3, ord(block[0]), rank]
    )  # fmt: skip
    bent, climate = rng.standard_normal(len(people)), rng.standard_normal(len(SERVICES))
    feeling = np.sqrt(0.55) * bent + np.sqrt(0.40) * drawn.standard_normal(len(people))
    feeling += np.sqrt(0.05) * climate[people["service"]] + 0.05 * rank
    start = np.array([row[3] for row in SERVICES.values()])[people["service"]]
    effect = np.zeros(len(people))
    if block == "OBJ" and rank > 0:
        effect = CLARITY * (start != "")
    if block == "EXI" and rank == 1:
        effect = FAST_DEMANDS * (start == "r")
    return np.asarray(feeling + truth.sign * moved * effect)


def _answers(truth: Truth, block: str, wave: str, *, moved: bool = True) -> pd.DataFrame:
    feeling = _attitude(truth, block, wave, moved=moved)
    rng = np.random.default_rng([truth.seed, 4, ord(block[0]), list(WAVES).index(wave)])
    scale, items = item_bank(block)
    return pd.DataFrame({
        f"{block}[SQ{rank + 1:03d}]": likert(rng, feeling, LOADINGS[rank], turned=item.name in scale.reversed)
        for rank, item in enumerate(items)
    })  # fmt: skip


def _effect(truth: Truth, block: str) -> dict[str, float]:
    """Effect in points of the score on the agents concerned: their answers with it less the same without."""
    start = np.array([row[3] for row in SERVICES.values()])[_people(truth.seed)["service"]]
    concerned = start != "" if block == "OBJ" else start == "r"
    found = {}
    for wave in ("T1", "T2"):
        with_it, without = (_score(_answers(truth, block, wave, moved=moved)) for moved in (True, False))
        found[wave] = round(float((with_it - without)[concerned].mean()), 6) + 0.0
    return found


def _score(answers: pd.DataFrame) -> Floats:
    """Mean of the four items, the last one turned."""
    values = answers.to_numpy(dtype=float)
    return np.asarray((values[:, :-1].sum(axis=1) + 6 - values[:, -1]) / values.shape[1])


def _write_waves(rng: Generator, folder: Path, truth: Truth) -> None:
    """Anonymous waves: no token, every date the first of January 1980; one in twenty not submitted."""
    people = _people(truth.seed)
    for wave, rate in WAVES.items():
        answers = pd.concat([_answers(truth, block, wave) for block in ("OBJ", "EXI")], axis=1)
        frame = people.assign(SERV=[f"S{code + 1:02d}" for code in people["service"]]).drop(columns="service")
        frame = pd.concat([frame, answers], axis=1).astype(object)
        frame = frame.sample(frac=1, random_state=rng)[: round(len(people) * rate)].reset_index(drop=True)
        frame[answers.columns] = frame[answers.columns].mask(
            rng.random((len(frame), answers.shape[1])) < 0.015, ""
        )
        unfinished = rng.random(len(frame)) < 0.05
        frame.loc[unfinished, list(answers.columns)] = None
        frame["submitdate"] = pd.Series("1980-01-01 00:00:00", frame.index).mask(unfinished, None)
        frame["startdate"] = frame["datestamp"] = "1980-01-01 00:00:00"
        frame["lastpage"], frame["startlanguage"] = np.where(unfinished, 1, 2), "fr"
        frame["seed"] = rng.integers(10**8, 2 * 10**9, len(frame)).astype(str)
        frame.index = pd.RangeIndex(1, len(frame) + 1, name="id")
        form = questionnaire(wave)
        write_lss(form, folder / f"enquete_{wave}.lss")
        write_csv(form, frame, folder / f"enquete_{wave}.csv", headers="code", answers="short")


def _write(table: pd.DataFrame, path: Path) -> None:
    text = table.to_csv(sep=";", index=False, lineterminator="\n", decimal=",")
    path.write_text(text, encoding="utf-8")
