"""The good files that ``fuzz_sources.py`` damages."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyreadstat

from optima_research.codebook import Codebook, ItemSet, Variable
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
from optima_research.sources import (
    read,
    read_forms,
    read_limesurvey,
    read_ofgl,
    read_qualtrics,
    read_sphinx,
    read_spss,
    read_stata,
    read_table,
    read_xlsform,
)

_ACCORD = {"1": "Pas du tout", "2": "Plutôt pas", "3": "Plutôt", "4": "Tout à fait"}


_SHEET = [
    ["Titre"],
    ["Nom du service", "Effectif", "Vu le"],
    ["Voirie", 3.5, "03/02/2026"],
    ["Total", 3.5, None],
]
_MICROSOFT = [["ID", "Heure de début", "Heure de fin", "Outils"], [1, "x", "y", "a;b;"], [2, "x", "y", "a;"]]
_SURVEY = [
    ["type", "name", "label"],
    ["select_one l", "avis", "Avis"],
    ["select_multiple m", "outils", "Outils"],
]
_CHOICES = [
    ["list_name", "name", "label"],
    ["l", "1", "Oui"],
    ["l", "2", "Non"],
    ["m", "a", "A"],
    ["m", "b", "B"],
]


def own_samples(folder: Path, sample: Callable[..., Any]) -> list[Any]:
    """Files of every form, written by our own simulators."""
    return [*_limesurvey(folder, sample), *_others(folder, sample)]


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


def _others(folder: Path, sample: Callable[..., Any]) -> list[Any]:
    for name, text in _texts().items():
        (folder / name).write_text(text, encoding="utf-8")
    book = Codebook(
        [Variable("SEXE", values={1: "Homme", 2: "Femme"}), Variable("OUT[1]", label="a", item_set="OUT")],
        [ItemSet("OUT", "multiple", ("OUT[1]",))],
    )
    hand = _workbook(folder / "main.xlsx", {"Feuille": _SHEET})
    form = _workbook(folder / "form.xlsx", {"survey": _SURVEY, "choices": _CHOICES})
    kobo = folder / "kobo.csv"
    return [
        sample("table", folder / "table.csv", read_table),
        sample("workbook", hand, read_table),
        sample("google", folder / "google.csv", read_forms),
        sample("microsoft", _workbook(folder / "ms.xlsx", {"S": _MICROSOFT}), read_forms),
        sample("qualtrics", folder / "qualtrics.csv", read_qualtrics),
        sample("kobo", kobo, lambda p: read_xlsform(p, form)),
        sample("xlsform", form, lambda p: read_xlsform(kobo, p)),
        sample("ofgl", folder / "ofgl.csv", read_ofgl),
        sample("sphinx", folder / "sphinx.csv", lambda p: read_sphinx(p, book)),
        sample("any text", folder / "table.csv", read),
        sample("any workbook", hand, read),
    ]


def _texts() -> dict[str, str]:
    return {
        "table.csv": "id;Commune;Effectif;Vu le;Avis;Courriel\n1;Pau;1 234,5;03/02/2026;NSP;a@example.org\n"
        "2;Orthez;12;04/02/2026;Jamais;b@example.org\n3;Lescar;NR;05/02/2026;Souvent;\n",
        "google.csv": '"Horodateur","Adresse e-mail","Outils ?","Accord [Entraide]"\n'
        '"03/02/2026 14:05:09","a@example.org","Agenda;Visio","Jamais"\n"04/02/2026 09:00:00","","Visio","Souvent"\n',
        "qualtrics.csv": "StartDate,Status,ResponseId,Q1_1,Q1_2\na,b,c,Accord - x,Accord - y\n"
        + ",".join(
            f'"{{""ImportId"":""{n}""}}"' for n in ("startDate", "status", "_recordId", "QID1_1", "QID1_2")
        )
        + "\n2026-03-02,0,R_1,Jamais,-99\n2026-03-02,0,R_2,Souvent,Jamais\n",
        "kobo.csv": '"start";"g/avis";"outils";"outils/a";"_id"\n"2026-03-02";"1";"a b";"1";"5"\n"x";"2";"";"";"6"\n',
        "ofgl.csv": "exer;insee;com_name;agregat;montant;ptot\n2023;64300;Lescar;Frais;1000,5;10\n",
        "sphinx.csv": 'CLE;SEXE;OUT\n1;Homme;"a;b"\n2;Femme;Non réponse\n',
    }


def statistical_samples(folder: Path, sample: Callable[..., Any]) -> list[Any]:
    """SPSS and Stata files: a process for each reading, so they are damaged less often."""
    frame = pd.DataFrame({"q1": [1.0, 2.0, 9.0], "txt": ["a", "é", ""]})
    pyreadstat.write_sav(frame, folder / "s.sav", variable_value_labels={"q1": {1: "Oui", 9: "NSP"}},
                         missing_ranges={"q1": [9]})  # fmt: skip
    pyreadstat.write_dta(frame, folder / "s.dta", variable_value_labels={"q1": {1: "Oui", 2: "Non"}})
    return [sample("spss", folder / "s.sav", read_spss), sample("stata", folder / "s.dta", read_stata)]


def _workbook(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


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
