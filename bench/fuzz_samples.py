"""The good files that ``fuzz_sources.py`` damages."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from optima_research.simulation.limesurvey import (
    Group,
    Question,
    Questionnaire,
    write_csv,
    write_lsa,
    write_lss,
    write_participants,
    write_vv,
)
from optima_research.simulation.limesurvey.cells import stored_cells
from optima_research.sources import read_limesurvey

_ACCORD = {"1": "Pas du tout", "2": "Plutôt pas", "3": "Plutôt", "4": "Tout à fait"}


def own_samples(folder: Path, sample: Callable[..., Any]) -> list[Any]:
    """Files of every form, written by our own simulators."""
    return _limesurvey(folder, sample)


def real_samples(exports: Path, folder: Path, sample: Callable[..., Any]) -> list[Any]:
    """Real exports, read with their real structure; the pair for SPSS is damaged beside a good syntax."""
    structure = exports / "ls618fr_survey.lss"
    names = ("ls618fr_survey.lsa", "ls618fr_csv_code_short_comma.csv", "ls618fr_csv_full_long_semicolon.csv",
             "ls618fr_vv_v2.txt", "ls618fr_results.xlsx")  # fmt: skip
    found = [sample(f"real {n}", exports / n, lambda p: read_limesurvey(p, structure)) for n in names]
    (folder / "damaged").mkdir(exist_ok=True)
    shutil.copy(exports / "ls618fr_spss.sps", folder / "damaged" / "ls618fr_spss.sps")
    return [*found, sample("real spss", exports / "ls618fr_spss.dat", read_limesurvey)]


def _limesurvey(folder: Path, sample: Callable[..., Any]) -> list[Any]:
    form = _form()
    responses = _responses(form)
    lss = write_lss(form, folder / "survey.lss")
    people = pd.DataFrame({"token": ["a", "b"], "email": ["a@example.org", "b@example.org"]})
    codes = write_csv(form, responses, folder / "codes.csv", headers="code", answers="short")
    tokens = write_participants(people, folder / "tokens.csv")
    cells = stored_cells(form.structure, responses)
    rows = [dict(zip(cells, row, strict=True)) for row in zip(*cells.values(), strict=True)]
    (folder / "r.json").write_text(json.dumps({"responses": rows}), encoding="utf-8")
    archive = write_lsa(form, responses, folder / "a.lsa", participants=people,
                        timings=pd.DataFrame({"interviewtime": [5.0]}, index=[1]))  # fmt: skip
    return [
        sample("codes", codes, lambda p: read_limesurvey(p, lss)),
        sample("bare codes", codes, read_limesurvey),
        sample("full", write_csv(form, responses, folder / "full.csv"), lambda p: read_limesurvey(p, lss)),
        sample("vv", write_vv(form, responses, folder / "v.txt"), lambda p: read_limesurvey(p, lss)),
        sample("archive", archive, read_limesurvey),
        sample("structure", lss, lambda p: read_limesurvey(codes, p)),
        sample("participants", tokens, lambda p: read_limesurvey(codes, lss, p)),
        sample("json", folder / "r.json", lambda p: read_limesurvey(p, lss)),
    ]


def _form() -> Questionnaire:
    return Questionnaire(
        "Essai",
        [
            Group("Vous", [
                Question("SEXE", "L", "Vous êtes", {"F": "Une femme", "H": "Un homme"}, other=True),
                Question("AGE", "N", "Âge"), Question("NE", "D", "Date"), Question("ENC", "Y", "Encadrez-vous ?"),
            ]),
            Group("Travail", [
                Question("CLI", "F", "Climat", _ACCORD, {"SQ1": "Entraide", "SQ2": "Charge"},
                         relevance='ENC.NAOK == "Y"'),
                Question("OUT", "P", "Outils", subquestions={"SQ1": "Agenda", "SQ2": "Visio"}, other=True),
                Question("DUO", "1", "Double", _ACCORD, {"SQ1": "Ligne"}, {"a": "Oui", "b": "Non"}),
                Question("PRI", "R", "Priorités", {"A": "Salaire", "B": "Locaux"}),
                Question("TAB", ":", "Tableau", subquestions={"Y1": "Ligne"}, columns={"X1": "a", "X2": "b"}),
                Question("LIB", "T", "Libre"),
            ]),
        ],
        sid=111222, ipaddr=True,
    )  # fmt: skip


def _responses(form: Questionnaire) -> pd.DataFrame:
    choices: dict[str, list[object]] = {
        "SEXE": ["F", "H", "-oth-", "", None], "AGE": [41, 29.5, "", None], "NE": ["1980-05-01 00:00:00", "", None],
        "ENC": ["Y", "N", ""], "LIB": ["Deux\nlignes ; « oui »", "", "=1+1", '"guillemet', None],
    }  # fmt: skip
    suffix = {"CLI": ["1", "4", ""], "OUT": ["Y", "", None], "PRI": ["A", "B", ""], "TAB": ["1", "3,5", None]}
    frame = pd.DataFrame(index=range(1, 31), dtype=object)
    for shift, name in enumerate(form.columns):
        dual = {"DUO[SQ1][1]": ["1", ""], "DUO[SQ1][2]": ["a", "b", None]}.get(name)
        values = choices.get(name) or dual or suffix.get(name.split("[")[0], ["", "texte", None])
        frame[name] = [values[(n + shift) % len(values)] for n in range(30)]
    frame["submitdate"] = ["2026-03-02 11:56:00" if n % 3 else None for n in range(30)]
    frame["lastpage"] = [2 if n % 3 else 1 for n in range(30)]
    frame["token"] = ["ab"[n] if n < 2 else None for n in range(30)]
    return frame
