"""A questionnaire described in a few lines of Python, and LimeSurvey's own structure made from it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from optima_research.sources.limesurvey import structure as ls
from optima_research.sources.limesurvey.columns import columns_of

__all__ = ["Group", "Question", "Questionnaire"]

Text = str | Mapping[str, str]
"""A wording: in the base language, or by language."""


@dataclass(frozen=True)
class Question:
    """One question.

    Parameters
    ----------
    code : str
        Starts with a letter, letters and digits only, as LimeSurvey demands.
    type : str
        LimeSurvey's letter: ``L`` list (radio), ``!`` list (dropdown), ``O`` list with comment, ``5`` five points,
        ``Y`` yes/no, ``G`` gender, ``M`` multiple choice, ``P`` multiple with comments, ``F`` array, ``H`` array by
        column, ``A`` array 1-5, ``B`` array 1-10, ``C`` array yes/no/uncertain, ``E`` array increase/same/decrease,
        ``1`` dual scale, ``R`` ranking, ``N`` number, ``K`` several numbers, ``S T U`` texts, ``Q`` several texts,
        ``D`` date, ``:`` array of numbers, ``;`` array of texts, ``X`` display, ``*`` equation, ``I`` language,
        ``|`` files.
    text : str, or mapping language → str
    answers : mapping code → label
        Lists, arrays, first scale of a dual scale, items of a ranking.
    subquestions : mapping code → label
        Rows of arrays, options of a multiple choice.
    answers2, columns : mapping
        Second scale of a dual scale; columns of an array of numbers or texts.
    other, mandatory : bool
    relevance : str
        ExpressionScript condition, ``""`` for everybody.
    help : str
    attributes : mapping
        LimeSurvey's question attributes (``max_subquestions``, ``array_filter``, ``num_value_int_only`` ...).
    """

    code: str
    type: str
    text: Text = ""
    answers: Mapping[str, Text] = field(default_factory=dict)
    subquestions: Mapping[str, Text] = field(default_factory=dict)
    answers2: Mapping[str, Text] = field(default_factory=dict)
    columns: Mapping[str, Text] = field(default_factory=dict)
    other: bool = False
    mandatory: bool = False
    relevance: str = ""
    help: Text = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Group:
    """A page of questions."""

    title: Text
    questions: Sequence[Question]
    relevance: str = ""


@dataclass(frozen=True)
class Questionnaire:
    """A questionnaire as its authors entered it in LimeSurvey.

    Parameters
    ----------
    title : str
    groups : sequence of Group
    sid : int
        Survey number.
    language : str
        Base language.
    languages : sequence of str
        Further languages.
    page_by : {"group", "question", "survey"}
        What one page shows.
    anonymized, datestamp, ipaddr, refurl, savetimings : bool
        What the survey was set to record.
    attributes : mapping
        ``attribute_1`` → caption, for the participants' file.

    Examples
    --------
    >>> form = Questionnaire("Baromètre", [Group("Vous", [
    ...     Question("SEXE", "L", "Vous êtes", {"F": "Une femme", "H": "Un homme"}),
    ...     Question("OUT", "M", "Outils", subquestions={"SQ001": "Agenda", "SQ002": "Visio"}, other=True)])], sid=1)
    >>> form.columns
    ['SEXE', 'OUT[SQ001]', 'OUT[SQ002]', 'OUT[other]']
    """

    title: Text
    groups: Sequence[Group]
    sid: int = 123456
    language: str = "fr"
    languages: Sequence[str] = ()
    page_by: Literal["group", "question", "survey"] = "group"
    anonymized: bool = False
    datestamp: bool = True
    ipaddr: bool = False
    refurl: bool = False
    savetimings: bool = False
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        """Names of the question columns of a response frame, in LimeSurvey's order."""
        return [column.name for column in columns_of(self.structure)]

    @property
    def structure(self) -> ls.Structure:
        """The questionnaire as LimeSurvey stores it."""
        numbers = itertools.count(1)
        groups = list(enumerate(self.groups, start=1))
        main = [[next(numbers) for _question in group.questions] for _gid, group in groups]
        return ls.Structure(
            sid=self.sid,
            language=self.language,
            languages=tuple(dict.fromkeys([self.language, *self.languages])),
            titles=self._texts(self.title),
            groups=tuple(
                ls.Group(
                    gid=gid,
                    names=self._texts(group.title),
                    relevance=group.relevance,
                    questions=tuple(
                        self._question(question, gid, qid, numbers)
                        for question, qid in zip(group.questions, qids, strict=True)
                    ),
                )
                for (gid, group), qids in zip(groups, main, strict=True)
            ),
            settings=self._settings(),
            attribute_captions=dict(self.attributes),
            db_version="609",
        )

    def _question(self, question: Question, gid: int, qid: int, numbers: Iterator[int]) -> ls.Question:
        rows = [(0, question.subquestions), (1, question.columns)]
        lists = [(0, question.answers), (1, question.answers2)]
        return ls.Question(
            qid=qid,
            gid=gid,
            code=question.code,
            type=question.type,
            texts=self._texts(question.text),
            helps=self._texts(question.help),
            other=question.other,
            mandatory="Y" if question.mandatory else "N",
            relevance=question.relevance,
            attributes=dict(question.attributes),
            answers=tuple(
                ls.Answer(code, self._texts(label), scale, assessment=0)
                for scale, answers in lists
                for code, label in answers.items()
            ),
            subquestions=tuple(
                ls.Subquestion(next(numbers), code, self._texts(label), scale)
                for scale, labels in rows
                for code, label in labels.items()
            ),
        )

    def _texts(self, text: Text) -> dict[str, str]:
        languages = dict.fromkeys([self.language, *self.languages])
        return dict.fromkeys(languages, text) if isinstance(text, str) else dict(text)

    def _settings(self) -> dict[str, str]:
        layout = {"group": "G", "question": "S", "survey": "A"}[self.page_by]
        switches = {
            "anonymized": self.anonymized,
            "savetimings": self.savetimings,
            "datestamp": self.datestamp,
            "ipaddr": self.ipaddr,
            "refurl": self.refurl,
        }
        return {"format": layout} | {name: "Y" if on else "N" for name, on in switches.items()}
