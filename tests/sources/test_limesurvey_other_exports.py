"""Workbooks, JSON, the pairs for SPSS and R, files without structure, and structures of every age."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from optima_research.simulation.limesurvey import Group, Question, Questionnaire, write_csv, write_lsa
from optima_research.simulation.limesurvey.cells import stored_cells
from optima_research.simulation.limesurvey.xml import document
from optima_research.sources import read_limesurvey
from optima_research.sources.limesurvey.columns import columns_of
from optima_research.sources.limesurvey.lss import read_structure
from optima_research.sources.limesurvey.structure import Structure
from optima_research.survey import Survey

R_SYNTAX = """data <- read.csv("survey_111222_R_data_file.csv", quote = "'\\"", na.strings=c("", "\\"\\""))
names(data)[1] <- "id"
# LimeSurvey Field type: A
data[, 2] <- as.character(data[, 2])
attributes(data)$variable.labels[2] <- "Vous \\"êtes\\""
data[, 2] <- factor(data[, 2], levels=c("F","H","-oth-"),labels=c("Une femme", "Un homme", "Autre"))
names(data)[2] <- "SEXE"
data[, 3] <- as.numeric(data[, 3])
attributes(data)$variable.labels[3] <- "Encadrez-vous ?"
data[, 3] <- factor(data[, 3], levels=c(1,2),labels=c("Oui", "Non"))
names(data)[3] <- "ENC"
attributes(data)$variable.labels[4] <- "[Entraide] Climat"
data[, 4] <- factor(data[, 4], levels=c(1,2,3,4),labels=c("Pas", "Peu", "Assez", "Tout"))
names(data)[4] <- "CLI_SQ001"
names(data)[5] <- "attribute_1"
"""


@pytest.fixture
def archive(form: Questionnaire, responses: pd.DataFrame, tmp_path: Path) -> Survey:
    return read_limesurvey(write_lsa(form, responses, tmp_path / "a.lsa"))


def test_every_cell_of_the_real_workbook_and_spss_pair(shared_reference: Path) -> None:
    exports = shared_reference / "limesurvey"
    structure = exports / "ls618fr_survey.lss"
    book = read_limesurvey(exports / "ls618fr_results.xlsx", structure)
    plain = read_limesurvey(exports / "ls618fr_csv_code_short_comma.csv", structure)
    pd.testing.assert_frame_equal(book.answers, plain.answers)
    spss = read_limesurvey(exports / "ls618fr_spss.sps", structure)
    closed = [v.name for v in plain.codebook if v.values and v.name in spss.columns]
    pd.testing.assert_frame_equal(spss.answers[closed], plain.answers[closed])
    assert spss.participants is not None
    assert "email" in spss.participants.columns


def test_a_statistical_pair_without_structure_still_sets_people_aside(shared_reference: Path) -> None:
    survey = read_limesurvey(shared_reference / "limesurvey" / "ls618fr_spss.dat")
    assert not [name for name in survey.columns if "attribute" in name or "name" in name]
    assert survey.frame("G")["G"].dropna().unique().tolist() in (
        ["Masculin", "Féminin"],
        ["Féminin", "Masculin"],
    )


def test_json_keeps_null_and_empty_apart(
    archive: Survey, form: Questionnaire, responses: pd.DataFrame, structure: Path, tmp_path: Path
) -> None:
    cells = stored_cells(form.structure, responses)
    rows = [dict(zip(cells, row, strict=True)) for row in zip(*cells.values(), strict=True)]
    path = tmp_path / "results.json"
    path.write_text(json.dumps({"responses": rows}), encoding="utf-8")
    survey = read_limesurvey(path, structure)
    pd.testing.assert_frame_equal(survey.answers[archive.columns], archive.answers)
    pd.testing.assert_frame_equal(survey.missing[archive.columns], archive.missing)


def test_a_workbook_gives_the_answers_of_the_archive(
    archive: Survey, form: Questionnaire, responses: pd.DataFrame, structure: Path, tmp_path: Path
) -> None:
    text = write_csv(form, responses, tmp_path / "r.csv")
    book = openpyxl.Workbook()
    for row in pd.read_csv(text, header=None, dtype=str, keep_default_na=False).itertuples(index=False):
        book.active.append([cell.replace("\n", " ") if cell != "" else None for cell in row])  # type: ignore[union-attr]
    book.save(tmp_path / "results-survey111222.xlsx")
    survey = read_limesurvey(tmp_path / "results-survey111222.xlsx", structure)
    columns = [name for name in archive.columns if name != "LIB"]
    pd.testing.assert_frame_equal(survey.answers[columns], archive.answers[columns])


def test_an_r_pair_is_read_with_and_without_structure(structure: Path, tmp_path: Path) -> None:
    syntax = tmp_path / "survey_111222_R_syntax_file.R"
    syntax.write_text(R_SYNTAX, encoding="utf-8")
    data = tmp_path / "survey_111222_R_data_file.csv"
    data.write_text(
        '"id","SEXE","ENC","CLI_SQ001","attribute_1"\n"1","F","1","4","Voirie d\'Orthez"\n"2","","2","","Écoles"\n',
        encoding="utf-8-sig",
    )
    for path, form in ((syntax, structure), (data, structure), (syntax, None)):
        survey = read_limesurvey(path, form)
        assert survey.frame("SEXE")["SEXE"].iloc[0] == "Une femme"
        assert survey.frame("ENC")["ENC"].tolist() == ["Oui", "Non"]
        assert survey.answers["CLI[SQ001]"].tolist()[0] == 4
        assert "attribute_1" not in survey.columns


def test_a_csv_of_codes_is_read_without_structure_and_says_what_it_guessed(
    form: Questionnaire, responses: pd.DataFrame, tmp_path: Path
) -> None:
    survey = read_limesurvey(write_csv(form, responses, tmp_path / "r.csv", headers="code", answers="short"))
    assert survey.answers["DIR"].dropna().tolist() == ["01", "10"]
    assert survey.codebook.item_set("OUT").kind == "multiple"
    assert survey.codebook.item_set("PRI").kind == "ranking"
    assert "sans sa structure" in survey.report.notes[-1]
    assert "token" not in survey.columns


def old_structure(structure: Structure) -> str:
    """The same questionnaire as LimeSurvey 2 and 3 wrote it: one row a language, and no table of translations."""
    questions, subquestions, answers, groups = [], [], [], []
    for language in reversed(structure.languages):
        for order, group in enumerate(structure.groups):
            groups.append({"gid": str(group.gid), "group_name": group.names[language], "group_order": str(order),
                           "language": language})  # fmt: skip
            for place, q in enumerate(group.questions):
                base = {
                    "sid": "111222",
                    "gid": str(group.gid),
                    "type": q.type,
                    "language": language,
                    "scale_id": "0",
                }
                questions.append(base | {"qid": str(q.qid), "parent_qid": "0", "title": q.code, "other": "NY"[q.other],
                                         "question": q.texts[language], "question_order": str(place),
                                         "relevance": q.relevance or "1"})  # fmt: skip
                subquestions += [base | {"qid": str(s.qid), "parent_qid": str(q.qid), "title": s.code,
                                         "question": s.labels[language], "question_order": str(n)}
                                 for n, s in enumerate(q.subquestions)]  # fmt: skip
                answers += [{"qid": str(q.qid), "code": a.code, "answer": a.labels[language], "sortorder": str(n),
                             "language": language, "scale_id": "0"} for n, a in enumerate(q.answers)]  # fmt: skip
    survey = {
        "sid": "111222",
        "language": "fr",
        "additional_languages": "en",
        "format": "G",
        "anonymized": "N",
    }
    titles = [
        {"surveyls_language": code, "surveyls_title": title} for code, title in structure.titles.items()
    ]
    tables = [("answers", answers), ("groups", groups), ("questions", questions), ("subquestions", subquestions),
              ("surveys", [survey]), ("surveys_languagesettings", titles)]  # fmt: skip
    return document(
        "Survey", [(n, list(r[0]), r) for n, r in tables], languages=["en", "fr"], db_version="164"
    )


def test_a_structure_with_a_row_a_language_is_the_same_questionnaire(
    form: Questionnaire, structure: Path, tmp_path: Path
) -> None:
    path = tmp_path / "old.lss"
    path.write_text(old_structure(form.structure), encoding="utf-8")
    old, new = read_structure(path), read_structure(structure)
    assert [c.name for c in columns_of(old)] == [c.name for c in columns_of(new)]
    assert [q.texts for q in old.questions] == [q.texts for q in new.questions]
    assert [[a.labels for a in q.answers] for q in old.questions] == [
        [a.labels for a in q.answers] for q in new.questions
    ]


def test_an_archive_of_version_7_is_matched_by_its_new_names(
    archive: Survey, form: Questionnaire, responses: pd.DataFrame, structure: Path, tmp_path: Path
) -> None:
    # Version 7 renames what is stored; rewriting the field names of an archive gives one of its own.
    import zipfile

    old = write_lsa(form, responses, tmp_path / "six.lsa")
    names = {column.sgqa: column.stored7 for column in columns_of(form.structure)}
    with zipfile.ZipFile(old) as six, zipfile.ZipFile(tmp_path / "seven.lsa", "w") as seven:
        for member in six.namelist():
            text = six.read(member).decode()
            for stored in sorted(names, key=len, reverse=True) if member.endswith(".lsr") else ():
                text = text.replace(f"_{stored}>", f"{names[stored]}>").replace(
                    f"_{stored}/>", f"{names[stored]}/>"
                )
                text = text.replace(f"<fieldname>{stored}<", f"<fieldname>{names[stored]}<")
            seven.writestr(member, text.replace("responses>", "responses_111222>"))
    survey = read_limesurvey(tmp_path / "seven.lsa")
    pd.testing.assert_frame_equal(survey.answers, archive.answers)
    assert survey.report.headers == "stored7"


def test_timing_and_participant_columns_of_a_csv_go_where_they_belong(
    form: Questionnaire, responses: pd.DataFrame, structure: Path, tmp_path: Path
) -> None:
    path = write_csv(form, responses, tmp_path / "r.csv", headers="code", answers="short")
    lines = path.read_text(encoding="utf-8-sig").split("\n")
    # The answer typed on two lines makes one record of two lines.
    records = [lines[0], "\n".join(lines[1:3]), *lines[3:6]]
    more = [
        '"interviewtime","groupTime1","SEXETime","firstname","attribute_1"',
        *['"61.5","20","3.25","Anne","Voirie"'] * 4,
    ]
    text = "\r\n".join(f"{record.rstrip()},{extra}" for record, extra in zip(records, more, strict=True))
    path.write_text(text + "\r\n", encoding="utf-8-sig", newline="")
    survey = read_limesurvey(path, structure)
    assert survey.timings is not None
    assert survey.timings.columns.tolist() == ["interviewtime", "groupTime1", "SEXETime"]
    assert survey.timings["SEXETime"].tolist() == [3.25] * 4
    assert survey.participants is not None
    assert {"firstname", "attribute_1"} <= set(survey.participants.columns)
    assert not {"firstname", "attribute_1"} & set(survey.columns)


def test_files_sent_by_respondents_are_set_apart(tmp_path: Path) -> None:
    form = Questionnaire("T", [Group("G", [Question("DOC", "|", "Pièce"), Question("A", "S", "Avis")])])
    sent = '[{"title":"Mon CV","name":"dupont.pdf","filename":"fu_1"}]'
    rows = pd.DataFrame({"DOC": [sent, ""], "DOC[filecount]": [1, 0], "A": ["x", "y"]}, index=[1, 2])
    survey = read_limesurvey(write_lsa(form, rows, tmp_path / "a.lsa"))
    assert survey.columns == ["submitdate", "lastpage", "startlanguage", "seed", "startdate", "datestamp",
                              "DOC[filecount]", "A"]  # fmt: skip
    assert survey.answers["DOC[filecount]"].tolist() == [1, 0]
    assert survey.participants is not None
    assert "DOC" in survey.participants.columns


def test_the_dates_of_an_anonymous_survey_are_said_to_mean_nothing(
    form: Questionnaire, responses: pd.DataFrame, tmp_path: Path
) -> None:
    rows = responses.assign(submitdate=["1980-01-01 00:00:00", "1980-01-01 00:00:00", None, None])
    survey = read_limesurvey(write_lsa(form, rows, tmp_path / "a.lsa"))
    assert "1980" in survey.report.notes[0]
