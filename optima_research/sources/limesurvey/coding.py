"""What each column may hold: codes, numbers, dates or text; and, for full answers, which code each label stands for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from optima_research.sources.limesurvey.columns import Column
from optima_research.sources.limesurvey.wording import fixed_labels, flatten, pick, word

__all__ = ["Answers", "Coding", "Storage", "answer_labels", "coding_of", "storage_of"]

Storage = Literal["integer_codes", "text_codes", "number", "date", "text"]
Answers = Literal["short", "long", "recoded"]
"""Codes; full answers; codes turned into numbers, as the exports for SPSS and R do."""

_RECODED = {
    "Y": {"1": "Y", "2": "N"},
    "G": {"1": "F", "2": "M"},
    "C": {"1": "Y", "2": "N", "3": "U"},
    "E": {"1": "I", "2": "S", "3": "D"},
    "M": {"1": "Y"},
    "P": {"1": "Y"},
}
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")


@dataclass(frozen=True)
class Coding:
    """How to read the cells of one column.

    ``accepts`` maps the text of a cell to the code it stands for; ``empty`` and ``hidden`` are the texts that say
    "shown, not answered" and "not shown"; ``collisions`` the labels that two codes share.
    """

    storage: Storage
    accepts: Mapping[str, str] = field(default_factory=dict)
    empty: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    unclear: frozenset[str] = frozenset()
    collisions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def answer_labels(column: Column, language: str, base: str = "") -> dict[str, str]:
    """Code → label of a closed column, in display order; empty for numbers, dates and text.

    The code of "other" (``-oth-``) comes last where the question offers it.
    """
    question = column.question
    if column.role in ("other", "comment", "othercomment", "filecount") or column.type in "DIKNQSTUX*;:|":
        return {}
    if column.type in "L!OFHR1":
        # From version 7 on, the items of a ranking are subquestions.
        found = question.answers_on(column.scale)
        labels = {a.code: _label(a.labels, language, base) for a in found}
        if column.type == "R" and not found:
            labels = {row.code: _label(row.labels, language, base) for row in question.rows}
        if question.other and column.role == "main":
            labels["-oth-"] = question.attributes.get("other_replace_text") or word("Other", language)
        return labels
    return fixed_labels(column.type, language)


def storage_of(column: Column) -> Storage:
    """The type a column is kept in; lists whose codes are all plain integers are kept as integers."""
    if column.role in ("other", "comment", "othercomment"):
        return "text"
    if column.role == "filecount" or column.type in "5AB":
        return "integer_codes" if column.type in "5AB" else "number"
    if column.type in "NK:":
        return "number"
    if column.type == "D":
        return "date"
    labels = answer_labels(column, "")
    if not labels:
        return "text"
    return "integer_codes" if all(_INTEGER.fullmatch(code) for code in labels) else "text_codes"


def coding_of(
    column: Column,
    *,
    answers: Answers,
    language: str,
    base: str,
    yes: str = "Y",
    no: str = "N",
) -> Coding:
    """How to read one column of an export.

    Parameters
    ----------
    column : Column
    answers : {"short", "long", "recoded"}
        Codes, full answers, or codes turned into numbers.
    language, base : str
        Language of the full answers, and the one to fall back on.
    yes, no : str
        What the export wrote for ``Y`` and ``N`` when asked to convert them.
    """
    storage = storage_of(column)
    if storage not in ("integer_codes", "text_codes"):
        # LimeSurvey's conversion also turned the empty texts of multiple choices into its "no".
        converted = no != "N" and column.type in "MP" and storage == "text"
        return Coding(storage, unclear=frozenset({no}) if converted else frozenset())
    if answers == "short":
        return _short(column, storage, yes, no)
    if answers == "recoded":
        return _recoded(column, storage)
    labels = answer_labels(column, language, base)
    if column.type in "L!O" and "-oth-" in labels:
        labels["-oth-"] = word("Other", language)
    if column.is_option:
        names = word("Yes", language), word("No", language), word("N/A", language)
        return Coding(storage, {names[0]: "Y"}, frozenset({names[1]}), frozenset({names[2]}))
    unclear = frozenset({word("N/A", language)}) if column.type in "YG" else frozenset()
    return _reversed(storage, labels, unclear)


def _short(column: Column, storage: Storage, yes: str, no: str) -> Coding:
    codes = {code: code for code in answer_labels(column, "")}
    if column.type in "YMP" and (yes, no) != ("Y", "N"):
        empty = frozenset({no}) if column.is_option else frozenset()
        return Coding(storage, {yes: "Y"} if column.is_option else {yes: "Y", no: "N"}, empty)
    return Coding(storage, codes)


def _recoded(column: Column, storage: Storage) -> Coding:
    accepts = {code: code for code in answer_labels(column, "")} | _RECODED.get(column.type, {})
    if "-oth-" in accepts:
        accepts["666666"] = "-oth-"
    return Coding(storage, accepts, frozenset({"0"}) if column.is_option else frozenset())


def _reversed(storage: Storage, labels: Mapping[str, str], unclear: frozenset[str]) -> Coding:
    accepts: dict[str, str] = {}
    shared: dict[str, list[str]] = {}
    for code, label in labels.items():
        shared.setdefault(label, []).append(code)
        accepts.setdefault(label, code)
    collisions = {label: tuple(codes) for label, codes in shared.items() if len(codes) > 1}
    return Coding(storage, accepts, unclear=unclear, collisions=collisions)


def _label(labels: Mapping[str, str], language: str, base: str) -> str:
    return flatten(pick(labels, language, base)).strip(" ")
