"""A small invented project: eight interviews in three collectivités, two coders, one badly defined code."""

from __future__ import annotations

import numpy as np
import pandas as pd

from optima_research.coding.qualitative.projects.project import CodedProject, coded_project

BANK = {
    "pilotage/budget": "Le budget se prépare dès septembre avec les directions",
    "pilotage/indicateurs": "Les indicateurs sont suivis chaque trimestre en comité",
    "freins/temps": "Nous manquons de temps pour analyser les tableaux",
    "freins/outils": "Le logiciel ne permet pas de croiser les données",
    "confiance": "La confiance entre élus et services est réelle",
}
FILLER = ["Bonjour et merci de me recevoir.", "Je suis arrivé en 2009.", "On en reparlera.", "Voilà."]
ROLES = ["élu", "DGS", "directeur", "élu", "DGS", "directeur", "élu", "directeur"]
PARTNERS = ["A", "A", "A", "B", "B", "B", "C", "C"]


def interviews(n: int = 8, *, seed: int = 4, slips: float = 0.1, bad: str = "freins/outils") -> CodedProject:
    """Texts with speaker turns; the second coder slips now and then, often on the bad code."""
    rng = np.random.default_rng(seed)
    texts, rows = [], []
    for i in range(n):
        text = "ENQUÊTEUR : Comment décririez-vous le pilotage ?\n"
        for _turn in range(6):
            text += f"{ROLES[i % 8].upper()} : "
            for code in rng.permutation(list(BANK))[:2]:
                sentence = BANK[code] + "."
                for coder in ("Anne", "Bruno"):
                    wrong = 0.65 if code == bad else slips
                    if coder == "Anne" or rng.random() > wrong:
                        rows.append((f"E{i + 1:02d}", len(text), len(text) + len(sentence), code, coder))
                text += sentence + " "
            text += str(rng.choice(FILLER)) + "\n"
        texts.append((f"E{i + 1:02d}", text))
    cases = pd.DataFrame(
        {
            "name": [name for name, _t in texts],
            "role": [ROLES[i % 8] for i in range(n)],
            "partner": [PARTNERS[i % 8] for i in range(n)],
        }
    )
    return coded_project(
        pd.DataFrame(texts, columns=["name", "text"]),
        pd.DataFrame(rows, columns=["source", "start", "end", "code", "coder"]),
        cases=cases,
        name="essai",
    )


TEXT = "Le budget est voté. Nous manquons de temps. La confiance est là, malgré le budget."


def small(spans=None, text=TEXT) -> CodedProject:
    spans = spans or [
        (0, 19, "budget", "A"),
        (20, 43, "freins", "A"),
        (44, 82, "confiance", "A"),
        (72, 81, "budget", "B"),
    ]
    frame = pd.DataFrame(spans, columns=["start", "end", "code", "coder"]).assign(source="E1")
    return coded_project(pd.DataFrame({"name": ["E1"], "text": [text]}), frame)


def partners(sizes: dict[str, int]) -> CodedProject:
    """Everybody says a; every second person says b."""
    who = [(f"{partner}{i}", partner) for partner, n in sizes.items() for i in range(n)]
    rows = [(name, 0, 4, "a") for name, _p in who] + [(name, 5, 9, "b") for name, _p in who[::2]]
    return coded_project(
        pd.DataFrame({"name": [name for name, _p in who], "text": "Oui. Non."}),
        pd.DataFrame(rows, columns=["source", "start", "end", "code"]),
        cases=pd.DataFrame(who, columns=["name", "partner"]),
    )
