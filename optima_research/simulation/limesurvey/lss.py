"""The survey structure, ``.lss``."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from optima_research.simulation.limesurvey.questionnaire import Questionnaire
from optima_research.simulation.limesurvey.xml import Rows, document
from optima_research.sources.limesurvey.structure import Question, Structure

__all__ = ["lss", "write_lss"]

_THEMES = {
    "L": "listradio", "!": "list_dropdown", "O": "list_with_comment", "5": "5pointchoice", "Y": "yesno",
    "G": "gender", "M": "multiplechoice", "P": "multiplechoice_with_comments", "F": "arrays/array",
    "H": "arrays/column", "A": "arrays/5point", "B": "arrays/10point", "C": "arrays/yesnouncertain",
    "E": "arrays/increasesamedecrease", "1": "arrays/dualscale", "R": "ranking", "N": "numerical",
    "K": "multiplenumeric", "S": "shortfreetext", "T": "longfreetext", "U": "hugefreetext",
    "Q": "multipleshorttext", "D": "date", ":": "arrays/multiflexi", ";": "arrays/texts", "X": "boilerplate",
    "*": "equation", "I": "language", "|": "file_upload",
}  # fmt: skip

_QUESTION_FIELDS = (
    "qid", "parent_qid", "sid", "gid", "type", "title", "preg", "other", "mandatory", "encrypted", "question_order",
    "scale_id", "same_default", "relevance", "question_theme_name", "modulename", "same_script",
)  # fmt: skip

_SURVEY_FIELDS = (
    "sid", "gsid", "admin", "expires", "startdate", "adminemail", "anonymized", "format", "savetimings", "template",
    "language", "additional_languages", "datestamp", "ipaddr", "refurl", "listpublic", "assessments", "usetokens",
    "attributedescriptions", "showxquestions", "showgroupinfo", "shownoanswer",
)  # fmt: skip


def write_lss(questionnaire: Questionnaire | Structure, path: str | Path) -> Path:
    """Write a survey structure as LimeSurvey 6.1.8 exports it.

    Parameters
    ----------
    questionnaire : Questionnaire or Structure
    path : str or Path

    Returns
    -------
    Path
    """
    path = Path(path)
    path.write_text(lss(questionnaire), encoding="utf-8", newline="\n")
    return path


def lss(questionnaire: Questionnaire | Structure) -> str:
    """The text of the ``.lss`` document."""
    structure = questionnaire.structure if isinstance(questionnaire, Questionnaire) else questionnaire
    answers = list(_answers(structure))
    questions = list(_question_rows(structure))
    subquestions = list(_subquestion_rows(structure))
    tables: list[tuple[str, tuple[str, ...], Rows]] = [
        (
            "answers",
            ("aid", "qid", "code", "sortorder", "assessment_value", "scale_id"),
            [row for row, _l in answers],
        ),
        ("answer_l10ns", ("id", "aid", "answer", "language"), _localised(answers, "aid", "answer")),
        ("groups", ("gid", "sid", "group_order", "randomization_group", "grelevance"), _groups(structure)),
        ("group_l10ns", ("id", "gid", "group_name", "description", "language"), _group_texts(structure)),
        ("questions", _QUESTION_FIELDS, [row for row, _t, _h in questions]),
        ("subquestions", _QUESTION_FIELDS, [row for row, _t, _h in subquestions]),
        (
            "question_l10ns",
            ("id", "qid", "question", "help", "script", "language"),
            _question_texts([*questions, *subquestions]),
        ),
        ("question_attributes", ("qid", "attribute", "value", "language"), _attributes(structure)),
        ("surveys", _SURVEY_FIELDS, [_survey(structure)]),
        (
            "surveys_languagesettings",
            ("surveyls_survey_id", "surveyls_language", "surveyls_title", "surveyls_attributecaptions"),
            _settings(structure),
        ),
    ]
    return document(
        "Survey", tables, languages=_languages(structure), db_version=structure.db_version or "609"
    )


def _languages(structure: Structure) -> tuple[str, ...]:
    # LimeSurvey lists the base language last.
    return (*structure.languages[1:], structure.language)


def _answers(structure: Structure) -> Iterator[tuple[dict[str, str | None], Mapping[str, str]]]:
    aid = itertools.count(1)
    for question in structure.questions:
        for scale in (0, 1):
            for order, answer in enumerate(question.answers_on(scale)):
                yield (
                    {
                        "aid": str(next(aid)),
                        "qid": str(question.qid),
                        "code": answer.code,
                        "sortorder": str(order),
                        "assessment_value": str(int(answer.assessment or 0)),
                        "scale_id": str(scale),
                    },
                    answer.labels,
                )


def _localised(rows: list[tuple[dict[str, str | None], Mapping[str, str]]], key: str, text: str) -> Rows:
    number = itertools.count(1)
    for row, labels in rows:
        for language, label in labels.items():
            yield {"id": str(next(number)), key: row[key], text: label, "language": language}


def _groups(structure: Structure) -> Rows:
    for order, group in enumerate(structure.groups, start=1):
        yield {
            "gid": str(group.gid),
            "sid": str(structure.sid),
            "group_order": str(order),
            "randomization_group": "",
            "grelevance": group.relevance,
        }


def _group_texts(structure: Structure) -> Rows:
    number = itertools.count(1)
    for group in structure.groups:
        for language, name in group.names.items():
            yield {
                "id": str(next(number)),
                "gid": str(group.gid),
                "group_name": name,
                "description": "",
                "language": language,
            }


_Described = tuple[dict[str, str | None], Mapping[str, str], Mapping[str, str]]


def _question_rows(structure: Structure) -> Iterator[_Described]:
    for group in structure.groups:
        for order, question in enumerate(group.questions, start=1):
            row = _row(structure, question, order)
            row |= {"other": "Y" if question.other else "N", "mandatory": question.mandatory}
            yield row, question.texts, question.helps


def _subquestion_rows(structure: Structure) -> Iterator[_Described]:
    for question in structure.questions:
        for scale in (0, 1):
            found = [s for s in question.subquestions if s.scale == scale]
            for order, sub in enumerate(found):
                row = _row(structure, question, order)
                row |= {"qid": str(sub.qid), "parent_qid": str(question.qid), "title": sub.code}
                row |= {"scale_id": str(scale), "relevance": sub.relevance}
                yield row, sub.labels, {}


def _row(structure: Structure, question: Question, order: int) -> dict[str, str | None]:
    return {
        "qid": str(question.qid),
        "parent_qid": "0",
        "sid": str(structure.sid),
        "gid": str(question.gid),
        "type": question.type,
        "title": question.code,
        "preg": "",
        "other": "N",
        "mandatory": "N",
        "encrypted": "N",
        "question_order": str(order),
        "scale_id": "0",
        "same_default": "0",
        "relevance": question.relevance,
        "question_theme_name": question.theme or _THEMES.get(question.type, ""),
        "modulename": "",
        "same_script": "0",
    }


def _question_texts(rows: list[_Described]) -> Rows:
    number = itertools.count(1)
    for row, texts, helps in rows:
        for language, text in texts.items():
            yield {
                "id": str(next(number)),
                "qid": row["qid"],
                "question": text,
                "help": helps.get(language, ""),
                "script": "",
                "language": language,
            }


def _attributes(structure: Structure) -> Rows:
    for question in structure.questions:
        for name, value in question.attributes.items():
            yield {"qid": str(question.qid), "attribute": name, "value": value, "language": ""}


def _survey(structure: Structure) -> dict[str, str | None]:
    captions = {name: {"description": text} for name, text in structure.attribute_captions.items()}
    known = {
        "sid": str(structure.sid),
        "gsid": "1",
        "admin": "",
        "adminemail": "",
        "template": "fruity_twentythree",
        "language": structure.language,
        "additional_languages": " ".join(structure.languages[1:]),
        "listpublic": "N",
        "assessments": "N",
        "usetokens": "N",
        "attributedescriptions": json.dumps(captions, ensure_ascii=False) if captions else "",
        "showxquestions": "N",
        "showgroupinfo": "B",
        "shownoanswer": "Y",
    }
    return {**known, **structure.settings}


def _settings(structure: Structure) -> Rows:
    captions = json.dumps(dict(structure.attribute_captions), ensure_ascii=False)
    for language, title in structure.titles.items():
        yield {
            "surveyls_survey_id": str(structure.sid),
            "surveyls_language": language,
            "surveyls_title": title,
            "surveyls_attributecaptions": captions if structure.attribute_captions else "",
        }
