"""A ``.lss`` file read into a :class:`Structure`, whichever LimeSurvey wrote it (language in rows, or ``*_l10ns``)."""

from __future__ import annotations

import json
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO

from optima_research.errors import SourceError
from optima_research.language import _
from optima_research.sources.limesurvey.structure import Answer, Group, Question, Structure, Subquestion
from optima_research.sources.limesurvey.xml_tables import Document, read_document
from optima_research.sources.zips import open_member, open_zip

__all__ = ["read_structure", "structure_of"]

_Rows = Iterable[Mapping[str, str]]
_Texts = dict[str, dict[str, str]]


def read_structure(path: str | Path) -> Structure:
    """Read a survey structure (``.lss``, or the one inside a ``.lsa`` archive).

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Structure

    Raises
    ------
    SourceError
        No such file, damaged XML, or a LimeSurvey document that is not a survey structure.
    """
    path = Path(path)
    if zipfile.is_zipfile(path):
        return _structure_in_archive(path)
    try:
        with path.open("rb") as stream:
            return structure_from(stream, where=path.name)
    except OSError as error:
        raise SourceError(
            _("The survey structure cannot be opened."), where=str(path), got=error.strerror or str(error)
        ) from None


def _structure_in_archive(path: Path) -> Structure:
    with open_zip(path) as archive:
        names = [name for name in archive.namelist() if name.endswith(".lss")]
        if len(names) != 1:
            raise SourceError(
                _("The archive does not hold one survey structure."),
                where=path.name,
                got=", ".join(archive.namelist()[:6]),
                hint=_("Give the .lss file: Display/Export > Survey structure (.lss)."),
            )
        with open_member(archive, names[0], path) as stream:
            return structure_from(stream, where=f"{path.name}/{names[0]}")


def structure_from(stream: IO[bytes], *, where: str) -> Structure:
    """Read a survey structure from an open binary file."""
    return structure_of(read_document(stream, where=where), where=where)


def structure_of(document: Document, *, where: str) -> Structure:
    """Build the structure from the tables of a ``.lss`` document.

    Raises
    ------
    SourceError
        The document holds no survey or no question, or an identifier that is not a number.
    """
    if document.kind != "Survey" or not document.rows("surveys"):
        raise SourceError(
            _("This LimeSurvey file does not hold a survey structure."),
            where=where,
            expected="Survey",
            got=document.kind,
            hint=_("Give the .lss file: Display/Export > Survey structure (.lss)."),
        )
    try:
        return _build(document)
    except (KeyError, ValueError) as error:
        raise SourceError(
            _("The survey structure is incomplete: {detail}.", detail=str(error)),
            where=where,
            hint=_("Export it again from LimeSurvey; do not edit it by hand."),
        ) from None


def _build(document: Document) -> Structure:
    survey = document.rows("surveys")[0]
    language = survey["language"]
    titles = {r.get("surveyls_language", language): r for r in document.rows("surveys_languagesettings")}
    questions = _questions(document, language)
    names = _texts(document, "groups", "group_l10ns", key="gid", text="group_name", language=language)
    groups = [
        Group(
            gid=int(row["gid"]),
            names=names[row["gid"]],
            relevance=row.get("grelevance", ""),
            questions=tuple(questions.get(int(row["gid"]), ())),
        )
        for row in _in_order(_once(document.rows("groups"), "gid"), "group_order")
    ]
    extra = (survey.get("additional_languages") or "").split()
    return Structure(
        sid=int(survey["sid"]),
        language=language,
        languages=tuple(dict.fromkeys([language, *extra])),
        titles={code: row.get("surveyls_title", "") for code, row in titles.items()},
        groups=tuple(groups),
        settings=dict(survey),
        attribute_captions=_captions(survey, titles.get(language, {})),
        db_version=document.db_version,
    )


def _questions(document: Document, language: str) -> dict[int, list[Question]]:
    texts = _texts(document, "questions", "question_l10ns", key="qid", text="question", language=language)
    texts |= _texts(document, "subquestions", "question_l10ns", key="qid", text="question", language=language)
    helps = _texts(document, "questions", "question_l10ns", key="qid", text="help", language=language)
    answers = _answers(document, language)
    attributes = _attributes(document, language)
    children = defaultdict(list)
    for row in _in_order(_once(document.rows("subquestions"), "qid"), "question_order"):
        children[row["parent_qid"]].append(_subquestion(row, texts))
    found: dict[int, list[Question]] = defaultdict(list)
    for row in _in_order(_once(document.rows("questions"), "qid"), "question_order"):
        if row.get("parent_qid", "0") not in ("", "0"):
            continue
        qid = row["qid"]
        question = Question(
            qid=int(qid),
            gid=int(row["gid"]),
            code=row["title"],
            type=row["type"],
            texts=texts[qid],
            helps=helps[qid],
            other=row.get("other") == "Y",
            mandatory=row.get("mandatory") or "N",
            relevance=row.get("relevance", ""),
            attributes=attributes[qid],
            answers=tuple(answers[qid]),
            subquestions=tuple(children[qid]),
            theme=row.get("question_theme_name", ""),
        )
        found[question.gid].append(question)
    return found


def _subquestion(row: Mapping[str, str], texts: _Texts) -> Subquestion:
    return Subquestion(
        qid=int(row["qid"]),
        code=row["title"],
        labels=texts[row["qid"]],
        scale=int(row.get("scale_id") or 0),
        relevance=row.get("relevance", ""),
    )


def _answers(document: Document, language: str) -> dict[str, list[Answer]]:
    rows = document.rows("answers")
    localised = document.rows("answer_l10ns")
    labels: dict[tuple[str, ...], dict[str, str]] = defaultdict(dict)
    for text in localised or rows:
        key = (text["aid"],) if localised else _answer_key(text)
        labels[key][text.get("language", language)] = text.get("answer", "")
    found: dict[str, list[Answer]] = defaultdict(list)
    seen: set[tuple[str, ...]] = set()
    for row in _in_order(rows, "sortorder"):
        if _answer_key(row) in seen:
            continue
        seen.add(_answer_key(row))
        key = (row["aid"],) if localised else _answer_key(row)
        points = row.get("assessment_value", "")
        found[row["qid"]].append(
            Answer(
                code=row["code"],
                labels=labels[key],
                scale=int(row.get("scale_id") or 0),
                assessment=float(points) if points else None,
            )
        )
    return found


def _answer_key(row: Mapping[str, str]) -> tuple[str, ...]:
    return (row["qid"], row.get("scale_id") or "0", row["code"])


def _attributes(document: Document, language: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in document.rows("question_attributes"):
        # A localised attribute has one row a language: the base language speaks.
        if row.get("language") in (None, "", language):
            found[row["qid"]][row["attribute"]] = row.get("value", "")
    return found


def _texts(
    document: Document, plain: str, localised: str, *, key: str, text: str, language: str
) -> defaultdict[str, dict[str, str]]:
    """Texts by id and language: from the ``*_l10ns`` table where there is one (version 4 on), else from the rows."""
    rows = document.rows(localised) or document.rows(plain)
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for row in rows:
        found[row[key]][row.get("language", language)] = row.get(text, "")
    return found


def _once(rows: _Rows, key: str) -> list[Mapping[str, str]]:
    first: dict[str, Mapping[str, str]] = {}
    for row in rows:
        first.setdefault(row[key], row)
    return list(first.values())


def _in_order(rows: _Rows, key: str) -> list[Mapping[str, str]]:
    return sorted(rows, key=lambda row: (int(row.get("scale_id") or 0), int(row.get(key) or 0)))


def _captions(survey: Mapping[str, str], settings: Mapping[str, str]) -> dict[str, str]:
    """Names the authors gave to the participants' attributes."""
    found: dict[str, str] = {}
    for text in (survey.get("attributedescriptions", ""), settings.get("surveyls_attributecaptions", "")):
        try:
            described = json.loads(text) if text else {}
        except ValueError:
            continue
        for name, value in described.items() if isinstance(described, dict) else ():
            caption = value.get("description", "") if isinstance(value, dict) else value
            if caption:
                found[str(name)] = str(caption)
    return found
