"""Steering of local policies at Pau, 2012 and 2014, simulated: interviews coded twice, indicators, managers' survey.

The same 28 people are interviewed in two campaigns. One coder works in NVivo on all of it, another in Taguette on the
first campaign; one code of theirs merges two ideas. Ninety-six indicators are followed by hand, one sheet a quarter,
and some are dropped. Managers answer before and after: they come to use indicators more, not to show them more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from optima_research.simulation import followed_indicators, managers_survey
from optima_research.simulation.coded_files import write_nvivo, write_taguette
from optima_research.simulation.coders import Coder, coded_by, expected_alphas, slip_for
from optima_research.simulation.interviews import Interview, Person, compose, mentions, theme_codes
from optima_research.simulation.people import Generator

SEED = 20120305
CAMPAIGNS = ("2012", "2014")
ROLES = {
    "elu": ("Élus", 10),
    "direction_generale": ("Direction générale", 6),
    "direction": ("Directions", 12),
}
MARKS = {
    "elu": ("ÉLU", "ÉLUE"),
    "direction_generale": ("DIRECTION GÉNÉRALE",),
    "direction": ("DIRECTEUR", "DIRECTRICE"),
}
# Weight of each theme in what each family of roles speaks of: élus, direction générale, directions.
WEIGHTS = {
    "cap_politique": (2.4, 1.0, 0.4),
    "suivi_administratif": (1.2, 2.6, 3.6),
    "usage_reflechi": (0.9, 0.8, 0.6),
    "usage_affichage": (0.8, 1.0, 1.2),
    "construction_indicateur": (0.4, 1.2, 1.8),
    "confiance": (1.6, 1.2, 0.8),
    "distance": (1.0, 0.9, 1.2),
    "transversalite": (0.6, 1.5, 1.2),
    "budget": (1.4, 1.5, 1.1),
    "temps": (0.6, 1.2, 1.8),
    "outils_numeriques": (0.4, 0.8, 1.6),
    "usagers": (2.6, 0.6, 0.8),
    "rendre_compte": (1.1, 1.2, 1.0),
    "apprendre": (1.0, 1.0, 1.1),
    "reconnaissance": (0.2, 0.4, 0.7),
    "calendrier_electoral": (0.9, 0.7, 0.2),
}
# What the second campaign speaks of more, or the first hardly yet.
LATER = {"usage_reflechi": (0.8, 1.0), "reconnaissance": (0.5, 1.3), "calendrier_electoral": (0.1, 1.8)}
STEERS, FOLLOWS = "cap_politique", "suivi_administratif"
# How much more a manager one SD higher in purposeful use speaks of it.
USE_IN_WORDS = 1.6

ALPHA, ALPHA_FAIR, ALPHA_BAD = 0.82, 0.74, 0.41
FAIR = ("relations/distance", "organisation/transversalité", "indicateurs/affichage", "agents/reconnaissance")
BAD = "évaluation"
FIRST, SECOND = "Codeuse A", "codeur_b"
DEFINITIONS = {
    "pilotage/politique": "Les élus donnent le cap, arbitrent, fixent les priorités du mandat.",
    "pilotage/administratif": "Les services suivent, rendent des états, tiennent des procédures.",
    "indicateurs/usage réfléchi": "Un indicateur sert à comprendre, à discuter, à changer une décision.",
    "indicateurs/affichage": "Un indicateur sert à montrer, à remplir le rapport ; personne n'en discute.",
    "indicateurs/construction": "Formule, source, responsable, définition d'un indicateur.",
    "relations/confiance": "Confiance entre élus et administration : franchise, délégation.",
    "relations/distance": "Deux mondes qui se parlent peu, malentendus, circuits de parole.",
    "organisation/transversalité": "Cloisonnements et projets communs à plusieurs services.",
    "moyens/budget": "Argent : coupes, dotations, choix d'investissement.",
    "moyens/temps": "Manque de temps, urgence, surcharge, agenda.",
    "outils numériques": "Logiciels, tableurs, intranet, dématérialisation, double saisie.",
    "usagers": "Habitants, réclamations, satisfaction, réunions de quartier.",
    "évaluation": "Évaluer : rendre compte et apprendre de ce que l'on a fait.",
    "agents/reconnaissance": "Reconnaissance, sens du travail, motivation des agents (code émergent).",
    "pilotage/calendrier électoral": "Fin de mandat, élections : ce qui s'arrête, ce qu'on lance (code émergent).",
}


@dataclass(frozen=True)
class Truth:
    """What the simulation is told to do; ``sign=-1`` turns every effect round."""

    sign: float = 1.0
    seed: int = SEED


def simulate(folder: Path, truth: Truth | None = None) -> dict[str, Any]:
    """Write the study's raw files, and return what is true."""
    truth = truth or Truth()
    folder.mkdir(parents=True, exist_ok=True)
    # A stream a part: what changes in one leaves the others as they are.
    streams = [np.random.default_rng([truth.seed, part]) for part in range(5)]
    managers = managers_survey.managers(streams[0], truth.sign)
    survey = managers_survey.write(streams[1], managers, folder)
    people = _people(streams[2], managers)
    interviews = _interviews(streams[2], people, truth.sign)
    alphas = _code_twice(streams[3], interviews, people, folder)
    indicators = followed_indicators.write(streams[4], truth.sign, folder / "suivi_indicateurs.xlsx")
    return {
        "study": "pau_politiques",
        "seed": truth.seed,
        **{f"alpha {code}": round(value, 6) for code, value in alphas.items()},
        "bad_code": BAD,
        **_spoken(interviews),
        **indicators,
        **survey,
        "use_change_sd": truth.sign * managers_survey.RISE,
        "nulls": ["anciennete", "affichage"],
    }


@dataclass(frozen=True)
class Interviewed:
    """A person with the family of roles, the personal code given at the survey, and purposeful use (SD)."""

    person: Person
    pool: str
    code: str
    use: Mapping[str, float]


def _people(rng: Generator, managers: pd.DataFrame) -> list[Interviewed]:
    """Ten élus, and eighteen managers who answered the survey both times."""
    both = managers[managers["answers_2012"] & managers["answers_2014"]]
    asked = both.sample(ROLES["direction_generale"][1] + ROLES["direction"][1], random_state=rng)
    codes = iter(asked.itertuples())
    found: list[Interviewed] = []
    for pool, (role, n) in ROLES.items():
        for _number in range(n):
            mark = MARKS[pool][int(rng.integers(len(MARKS[pool])))]
            person = Person(f"P{len(found) + 1:02d}", role, mark)
            if pool == "elu":
                found.append(Interviewed(person, pool, "", dict.fromkeys(CAMPAIGNS, 0.0)))
                continue
            row: Any = next(codes)
            use = {year: float(getattr(row, f"use_{year}")) for year in CAMPAIGNS}
            found.append(Interviewed(person, pool, str(row.CLE), use))
    return [found[place] for place in rng.permutation(len(found))]


def _interviews(rng: Generator, people: list[Interviewed], sign: float) -> list[Interview]:
    """Both campaigns, in the order of the field."""
    found = []
    for late, campaign in enumerate(CAMPAIGNS):
        for rank, one in enumerate(people, start=1):
            weights = _weights(one, campaign, late, sign)
            interview = compose(rng, one.person, campaign, weights, pool=one.pool)
            found.append(replace(interview, name=f"E{rank:02d}_{campaign}"))
    return found


def _weights(one: Interviewed, campaign: str, late: int, sign: float) -> dict[str, float]:
    """Turned round, élus speak of what directions spoke of."""
    place = list(ROLES).index(one.pool)
    place = place if sign > 0 else 2 - place
    weights = {theme: row[place] * LATER.get(theme, (1.0, 1.0))[late] for theme, row in WEIGHTS.items()}
    if one.code:
        weights["usage_reflechi"] *= float(np.exp(sign * USE_IN_WORDS * one.use[campaign]))
    return weights


def _code_twice(
    rng: Generator, interviews: list[Interview], people: list[Interviewed], folder: Path
) -> dict[str, float]:
    """NVivo's file of everything by the first coder, Taguette's of the first campaign by the second; true alphas."""
    early = [one for one in interviews if one.campaign == CAMPAIGNS[0]]
    first, second = _coders(early)
    texts = {one.name: one.text for one in interviews}
    in_order = list({one.person.key: one.person for one in interviews}.values())
    codes = {one.person.key: one.code for one in people}
    cases = pd.DataFrame(
        {
            "name": [person.key for person in in_order],
            "sources": [[one.name for one in interviews if one.person.key == p.key] for p in in_order],
            "rôle": [person.role for person in in_order],
            "code personnel": [codes[person.key] for person in in_order],
        }
    )
    attributes = pd.DataFrame(
        [(one.name, one.campaign) for one in interviews], columns=["source", "campagne"]
    )
    write_nvivo(
        folder / "entretiens_codeuse_a.qdpx", texts, coded_by(rng, first, interviews), DEFINITIONS, cases, attributes,
        owner="Chaire", day=datetime(2014, 11, 3, 10, 0),
    )  # fmt: skip
    write_taguette(
        folder / "entretiens_2012_codeur_b.sqlite3", {one.name: one.text for one in early},
        coded_by(rng, second, early), DEFINITIONS, day=datetime(2012, 10, 8, 9, 0),
    )  # fmt: skip
    return expected_alphas(first, second, early)


def _coders(interviews: list[Interview]) -> tuple[Coder, Coder]:
    """Two coders who slip alike, except on the bad code: each hears one of its two ideas well, the other badly."""
    spoken = mentions(interviews)
    n = sum(len(one.answers) for one in interviews)
    read = len(spoken.drop_duplicates(["interview", "answer"])) / n
    shares = spoken.drop_duplicates(["interview", "answer", "code"])["code"].value_counts() / n
    sees, imagines = {}, {}
    for theme, code in theme_codes().items():
        share = max(float(shares.get(code, 0.0)), 1 / n)  # an emergent code may not be spoken of yet
        miss, imagined = slip_for(ALPHA_FAIR if code in FAIR else ALPHA, share, read)
        sees[theme], imagines[theme] = 1 - miss, imagined / 2 if code == BAD else imagined

    def pair(other_idea: float) -> tuple[Coder, Coder]:
        return (
            Coder(FIRST, sees | {"apprendre": other_idea}, imagines),
            Coder(SECOND, sees | {"rendre_compte": other_idea}, imagines, trims=0.3),
        )

    low, high = 0.0, sees["apprendre"]
    for _halving in range(40):
        middle = (low + high) / 2
        reached = expected_alphas(*pair(middle), interviews)[BAD]
        low, high = (middle, high) if reached < ALPHA_BAD else (low, middle)
    return pair(low)


def _spoken(interviews: list[Interview]) -> dict[str, Any]:
    """Share of the two steerings in all each family speaks of (a theme in an answer), both campaigns together."""
    spoken = mentions(interviews)

    def share(theme: str) -> pd.Series:
        return (spoken["theme"] == theme).groupby(spoken["role"]).mean()

    political, administrative = share(STEERS), share(FOLLOWS)
    return {
        "political_by_role": {str(role): round(float(value), 6) for role, value in political.items()},
        "administrative_by_role": {
            str(role): round(float(value), 6) for role, value in administrative.items()
        },
        "lowest_political": str(political.idxmin()),
    }
