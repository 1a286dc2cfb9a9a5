"""The columns LimeSurvey makes of a questionnaire, under each of the names it gives them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from optima_research.sources.limesurvey.structure import Question, Structure, Subquestion

__all__ = ["Column", "Role", "columns_of"]

Role = Literal[
    "main", "sub", "cell", "other", "comment", "othercomment", "scale1", "scale2", "rank", "filecount"
]

SIMPLE_ROWS = frozenset("ABCEFHKQ")


@dataclass(frozen=True, eq=False)
class Column:
    """One column of the responses.

    ``name`` is the bracket form (``Q[SQ001]``), ``em`` the ExpressionScript form (``Q_SQ001``), ``sgqa`` the name
    stored in the database up to version 6, ``stored7`` the one stored from version 7 on.
    """

    question: Question
    role: Role
    name: str
    em: str
    sgqa: str
    stored7: str
    page: int
    row: Subquestion | None = None
    column: Subquestion | None = None
    rank: int = 0

    @property
    def type(self) -> str:
        """LimeSurvey's one-letter question type."""
        return self.question.type

    @property
    def scale(self) -> int:
        """Which list of answers the cell's code comes from."""
        return 1 if self.role == "scale2" else 0

    @property
    def is_text(self) -> bool:
        """Whether respondents type in this column."""
        return self.role in ("other", "comment", "othercomment") or self.type in "STUQ;*|"

    @property
    def is_option(self) -> bool:
        """Whether this is a box to tick (``Y`` or empty)."""
        return self.type in "MP" and self.role == "sub"


def columns_of(structure: Structure) -> tuple[Column, ...]:
    """Every question column of a survey, in the order of LimeSurvey's field map.

    Parameters
    ----------
    structure : Structure

    Returns
    -------
    tuple of Column

    Notes
    -----
    The naming rules are those of ``createFieldMap``; checked against real exports of versions 2 to 6.
    """
    return tuple(column for question in structure.questions for column in _columns(structure, question))


def _columns(structure: Structure, question: Question) -> Iterator[Column]:
    layout: dict[str, Callable[[Question], Iterator[_Part]]] = {
        "1": _dual, "R": _ranks, ":": _cells, ";": _cells, "M": _options, "P": _options, "|": _files
    }  # fmt: skip
    parts = layout.get(question.type, _rows if question.type in SIMPLE_ROWS else _single)(question)
    base = f"{structure.sid}X{question.gid}X{question.qid}"
    page = structure.pages[question.qid]
    for part in parts:
        yield Column(
            question=question,
            role=part.role,
            name=f"{question.code}{part.bracket}",
            em=f"{question.code}{part.em}",
            sgqa=f"{base}{part.stored}",
            stored7=f"Q{question.qid}{part.stored7}",
            page=page,
            row=part.row,
            column=part.column,
            rank=part.rank,
        )


@dataclass(frozen=True)
class _Part:
    role: Role
    bracket: str = ""
    em: str = ""
    stored: str = ""
    stored7: str = ""
    row: Subquestion | None = None
    column: Subquestion | None = None
    rank: int = 0


def _named(role: Role, suffix: str, row: Subquestion | None = None, *, stored7: str) -> _Part:
    return _Part(role, f"[{suffix}]", f"_{suffix}", suffix, stored7, row)


def _single(question: Question) -> Iterator[_Part]:
    yield _Part("main")
    if question.type in "L!" and question.other:
        yield _named("other", "other", stored7="_Cother")
    if question.type == "O":
        yield _named("comment", "comment", stored7="_Ccomment")


def _rows(question: Question) -> Iterator[_Part]:
    for row in question.rows:
        yield _named("sub", row.code, row, stored7=f"_S{row.qid}")


def _options(question: Question) -> Iterator[_Part]:
    commented = question.type == "P"
    for row in question.rows:
        yield _named("sub", row.code, row, stored7=f"_S{row.qid}")
        if commented:
            yield _named("comment", f"{row.code}comment", row, stored7=f"_S{row.qid}_Ccomment")
    if question.other:
        yield _named("other", "other", stored7="_Cother")
        if commented:
            yield _named("othercomment", "othercomment", stored7="_Cothercomment")


def _cells(question: Question) -> Iterator[_Part]:
    for row in question.rows:
        for column in question.columns:
            code = f"{row.code}_{column.code}"
            yield _Part("cell", f"[{code}]", f"_{code}", code, f"_S{row.qid}_S{column.qid}", row, column)


def _dual(question: Question) -> Iterator[_Part]:
    for row in question.rows:
        for scale, role in enumerate(("scale1", "scale2")):
            yield _Part(
                role,  # type: ignore[arg-type]
                f"[{row.code}][{scale + 1}]",
                f"_{row.code}_{scale}",
                f"{row.code}#{scale}",
                f"_S{row.qid}#{scale}",
                row,
            )


def _ranks(question: Question) -> Iterator[_Part]:
    # Version 7 keeps ranked items as subquestions, and names each slot with one of their ids.
    items = question.answers or question.rows
    limit = question.attributes.get("max_subquestions", "")
    count = min(len(items), int(limit)) if limit.isdigit() and int(limit) >= 1 else len(items)
    for rank in range(1, count + 1):
        item = question.rows[rank - 1].qid if rank <= len(question.rows) else rank
        yield _Part("rank", f"[{rank}]", f"_{rank}", str(rank), f"_S{item}", rank=rank)


def _files(question: Question) -> Iterator[_Part]:
    yield _Part("main")
    yield _Part("filecount", "[filecount]", "_filecount", "_filecount", "_Cfilecount")
