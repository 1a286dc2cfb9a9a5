"""The questionnaire as LimeSurvey stores it: groups, questions, subquestions and answers, in display order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

__all__ = ["Answer", "Group", "Question", "Structure", "Subquestion"]


@dataclass(frozen=True)
class Answer:
    """One answer of a closed list; ``scale`` is 0, or 1 for the second list of a dual scale."""

    code: str
    labels: Mapping[str, str]
    scale: int = 0
    assessment: float | None = None


@dataclass(frozen=True)
class Subquestion:
    """One row (``scale`` 0) or column (``scale`` 1) of a question that has several."""

    qid: int
    code: str
    labels: Mapping[str, str]
    scale: int = 0
    relevance: str = ""


@dataclass(frozen=True)
class Question:
    """One question; ``type`` is LimeSurvey's one-letter type (``L``, ``M``, ``F``, ``1``, ``:`` ...)."""

    qid: int
    gid: int
    code: str
    type: str
    texts: Mapping[str, str]
    helps: Mapping[str, str] = field(default_factory=dict)
    other: bool = False
    mandatory: str = "N"
    relevance: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    answers: tuple[Answer, ...] = ()
    subquestions: tuple[Subquestion, ...] = ()
    theme: str = ""

    @property
    def rows(self) -> tuple[Subquestion, ...]:
        """The subquestions of the first (vertical) scale."""
        return tuple(s for s in self.subquestions if s.scale == 0)

    @property
    def columns(self) -> tuple[Subquestion, ...]:
        """The subquestions of the second (horizontal) scale: array of numbers or texts."""
        return tuple(s for s in self.subquestions if s.scale == 1)

    def answers_on(self, scale: int) -> tuple[Answer, ...]:
        """The answers of one scale, in display order."""
        return tuple(a for a in self.answers if a.scale == scale)

    @property
    def filters_rows(self) -> bool:
        """Whether a row may be hidden while its question is shown."""
        filters = ("array_filter", "array_filter_exclude")
        return any(self.attributes.get(f) for f in filters) or any(
            s.relevance not in ("", "1") for s in self.subquestions
        )


@dataclass(frozen=True)
class Group:
    """A page of questions."""

    gid: int
    names: Mapping[str, str]
    relevance: str = ""
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True)
class Structure:
    """A whole questionnaire: what a ``.lss`` file says.

    ``settings`` are the rows of LimeSurvey's ``surveys`` table (``anonymized``, ``datestamp``, ``format`` ...).
    """

    sid: int
    language: str
    languages: tuple[str, ...]
    titles: Mapping[str, str]
    groups: tuple[Group, ...]
    settings: Mapping[str, str] = field(default_factory=dict)
    attribute_captions: Mapping[str, str] = field(default_factory=dict)
    db_version: str = ""

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """Every question in display order."""
        return tuple(q for g in self.groups for q in g.questions)

    @property
    def title(self) -> str:
        """The title in the base language."""
        return self.titles.get(self.language, "")

    @cached_property
    def pages(self) -> Mapping[int, int]:
        """Page (as counted by ``lastpage``) of every question, by qid."""
        layout = self.settings.get("format", "G")
        if layout == "S":
            return {q.qid: n for n, q in enumerate(self.questions, start=1)}
        if layout == "A":
            return {q.qid: 1 for q in self.questions}
        return {q.qid: n for n, g in enumerate(self.groups, start=1) for q in g.questions}

    def setting(self, name: str) -> bool:
        """Whether a yes/no setting is on."""
        return self.settings.get(name) == "Y"
