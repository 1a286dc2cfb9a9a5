"""The codebook of a LimeSurvey questionnaire: one variable a column, one set a question that has several."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import groupby, pairwise
from typing import Any

from optima_research.codebook import ItemSet, ItemSetKind, Measure, Role, Variable
from optima_research.language import _
from optima_research.sources.limesurvey.coding import answer_labels, storage_of
from optima_research.sources.limesurvey.columns import Column
from optima_research.sources.limesurvey.headings import heading
from optima_research.sources.limesurvey.relevance import universe_in_words
from optima_research.sources.limesurvey.structure import Question, Structure
from optima_research.sources.limesurvey.wording import flatten, pick

__all__ = ["item_sets", "meta_variable", "variables_of"]

_SETS = {
    "M": ItemSetKind.MULTIPLE, "P": ItemSetKind.MULTIPLE, "R": ItemSetKind.RANKING, "1": ItemSetKind.DUAL_SCALE,
    "A": ItemSetKind.GRID, "B": ItemSetKind.GRID, "C": ItemSetKind.GRID, "E": ItemSetKind.GRID,
    "F": ItemSetKind.GRID, "H": ItemSetKind.GRID, "K": ItemSetKind.NUMBERS, ":": ItemSetKind.NUMBERS,
    "Q": ItemSetKind.TEXTS, ";": ItemSetKind.TEXTS,
}  # fmt: skip
_TEXT_ROLES = {"other": Role.OTHER_TEXT, "comment": Role.COMMENT, "othercomment": Role.COMMENT}


def variables_of(
    columns: Sequence[Column], structure: Structure, *, unclear: Collection[str], language: str | None = None
) -> list[Variable]:
    """One variable a column.

    Parameters
    ----------
    columns : sequence of Column
    structure : Structure
    unclear : collection of str
        Names of the columns where the export wrote "not asked" and "no answer" alike.
    language : str, optional
        Language of the wordings; the base language by default.
    """
    language = language or structure.language
    base = structure.language
    by_name = {column.em: column for column in columns} | {column.sgqa: column for column in columns}
    groups = {question.qid: group for group in structure.groups for question in group.questions}
    return [
        Variable(
            column.name,
            question=heading(column, "full", language=language, base=base),
            label=_label(column, language, base),
            measure=_measure(column),
            values=_values(column, language, base),
            scores=_scores(column, structure),
            universe=_universe(column, groups[column.question.qid].relevance, by_name, language, base),
            condition=column.question.relevance if column.question.relevance != "1" else "",
            role=_role(column),
            item_set=column.question.code if column.type in _SETS else None,
            missing_told_apart=column.name not in unclear,
            group=flatten(pick(groups[column.question.qid].names, language, base)).strip(),
            source=column.sgqa,
            kind=column.type,
        )
        for column in columns
    ]


def item_sets(columns: Sequence[Column], language: str, base: str) -> list[ItemSet]:
    """The multiple answers, grids, rankings, dual scales and batteries among these columns."""
    sets = []
    for question, group in groupby(columns, key=lambda column: column.question):
        members = tuple(c.name for c in group if c.role not in ("other", "comment", "othercomment"))
        if question.type in _SETS and members:
            label = flatten(pick(question.texts, language, base)).strip()
            sets.append(ItemSet(question.code, _SETS[question.type], members, label, counted="Y"))
    return sets


def meta_variable(name: str) -> Variable:
    """The variable of a meta column that stays with the answers."""
    known = {
        "submitdate": (_("Date submitted"), Measure.DATE),
        "startdate": (_("Date started"), Measure.DATE),
        "datestamp": (_("Date of last action"), Measure.DATE),
        "lastpage": (_("Last page reached"), Measure.RATIO),
        "startlanguage": (_("Language of the questionnaire"), Measure.NOMINAL),
        "seed": (_("Random seed"), Measure.TEXT),
        "quota_exit": (_("Quota that ended the questionnaire"), Measure.TEXT),
    }
    label, measure = known[name]
    return Variable(name, label=label, measure=measure, role=Role.META, source=name)


def _label(column: Column, language: str, base: str) -> str:
    """Short label: the row of a grid or the option, rather than the whole question again."""
    row = flatten(pick(column.row.labels, language, base)).strip() if column.row else ""
    if column.column is not None:
        return f"{row} – {flatten(pick(column.column.labels, language, base)).strip()}"
    if column.role in ("scale1", "scale2"):
        return f"{row} ({_scale_heading(column.question, column.scale)})"
    return row if column.role == "sub" else ""


def _scale_heading(question: Question, scale: int) -> str:
    name = "dualscale_headerB" if scale else "dualscale_headerA"
    return flatten(question.attributes.get(name, "")).strip() or str(scale + 1)


def _measure(column: Column) -> Measure:
    storage = storage_of(column)
    if storage in ("number", "date", "text"):
        measures = {"number": Measure.RATIO, "date": Measure.DATE}
        return Measure.NOMINAL if column.type == "I" else measures.get(storage, Measure.TEXT)
    if column.type in "FH1AB5E":
        return Measure.ORDINAL
    declared = {"1": Measure.NOMINAL, "2": Measure.ORDINAL}.get(
        column.question.attributes.get("scale_export", "")
    )
    return declared or (Measure.ORDINAL if _graded(column.question) else Measure.NOMINAL)


def _graded(question: Question) -> bool:
    """Whether the authors gave the answers of a list points that go one way."""
    points = [answer.assessment for answer in question.answers]
    if question.type not in "L!O" or len(points) < 3 or question.other or None in points:
        return False
    steps = [b - a for a, b in pairwise(points)]  # type: ignore[operator]
    return all(step > 0 for step in steps) or all(step < 0 for step in steps)


def _values(column: Column, language: str, base: str) -> dict[Any, str]:
    labels = answer_labels(column, language, base)
    if storage_of(column) == "integer_codes":
        return {int(code): label for code, label in labels.items()}
    return dict(labels)


def _scores(column: Column, structure: Structure) -> dict[Any, float]:
    if not structure.setting("assessments") or storage_of(column) not in ("integer_codes", "text_codes"):
        return {}
    points = {
        a.code: a.assessment for a in column.question.answers_on(column.scale) if a.assessment is not None
    }
    if not any(points.values()):
        return {}
    integer = storage_of(column) == "integer_codes"
    return {int(code) if integer else code: float(value) for code, value in points.items()}


def _universe(
    column: Column, group_condition: str, by_name: dict[str, Column], language: str, base: str
) -> str:
    row = column.row.relevance if column.row else ""
    said = [
        universe_in_words(condition, by_name, language=language, base=base)
        for condition in (group_condition, column.question.relevance, row)
    ]
    return " ; ".join(dict.fromkeys(part for part in said if part))


def _role(column: Column) -> Role:
    return Role.DISPLAY if column.type == "X" else _TEXT_ROLES.get(column.role, Role.ITEM)
