"""Simulated interviews: French transcripts composed from a bank of sentences, and where each theme lies in them.

The bank (``interview_bank.yaml``) was written for this purpose: nobody said these sentences. A transcript alternates
the researcher's questions and answers on themes drawn with the person's weights; what each passage is about is known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from optima_research.simulation.people import Generator

__all__ = ["INTERVIEWER", "Answer", "Interview", "Passage", "Person", "compose", "mentions", "theme_codes"]

INTERVIEWER = "ENQUÊTRICE"
_LAUGH = " (rires 😄)"
# Ways to start an answer; none tells anything.
_STARTERS = (
    "",
    "",
    "",
    "",
    "Honnêtement, ",
    "Ben, ",
    "Bon, ",
    "Vous savez, ",
    "Disons que ",
    "Alors, ",
    "Je dirais que ",
)


@dataclass(frozen=True)
class Person:
    """Who is interviewed: a key, the family of roles that may be shown, the mark in transcripts."""

    key: str
    role: str
    mark: str


@dataclass(frozen=True)
class Passage:
    """Where a theme lies in the text (code points), sentence by sentence."""

    theme: str
    sentences: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Answer:
    """One turn of the interviewed person."""

    start: int
    end: int
    passages: tuple[Passage, ...]


@dataclass(frozen=True)
class Interview:
    """A transcript with what is true of it."""

    name: str
    person: Person
    campaign: str
    text: str
    answers: tuple[Answer, ...]


def theme_codes() -> dict[str, str]:
    """Theme of the bank → code of the coding frame; two themes may share one code."""
    return {theme["key"]: theme["code"] for theme in _bank()["themes"]}


def compose(
    rng: Generator,
    person: Person,
    campaign: str,
    weights: Mapping[str, float],
    *,
    pool: str,
    answers: tuple[int, int] = (9, 12),
) -> Interview:
    """One interview.

    Parameters
    ----------
    rng : Generator
    person : Person
    campaign : str
    weights : mapping
        Theme → weight in the draw of what the person speaks of.
    pool : str
        Sentences the person may say beside those of everybody: ``elu``, ``direction_generale``, ``direction``.
    answers : (int, int)
        Fewest and most answers.
    """
    script = _Script(rng, person, pool)
    themes = np.array(list(weights))
    chances = np.array(list(weights.values()), dtype=float)
    script.asks(_bank()["opening"])
    script.says([])
    for _number in range(int(rng.integers(answers[0], answers[1] + 1))):
        theme = str(rng.choice(themes, p=chances / chances.sum()))
        second = str(rng.choice(themes, p=chances / chances.sum())) if rng.random() < 0.30 else theme
        script.asks(_theme(theme)["questions"])
        script.says([(theme, int(rng.integers(2, 4)), pool)] + [(second, 1, pool)] * (second != theme))
        # Once asked about, a theme is less likely to come back.
        chances = np.where(themes == theme, 0.45 * chances, chances)
        if rng.random() < 0.2:
            script.asks(_bank()["prompts"])
            script.says([(theme, 1, pool)])
    script.asks(_bank()["closing"])
    script.says([])
    return Interview(f"{person.key}_{campaign}", person, campaign, script.text, tuple(script.answers))


def mentions(interviews: Sequence[Interview]) -> pd.DataFrame:
    """One row an answer and theme truly spoken of: ``interview person role campaign answer theme code``."""
    codes = theme_codes()
    rows = [
        (one.name, one.person.key, one.person.role, one.campaign, number, passage.theme, codes[passage.theme])
        for one in interviews
        for number, answer in enumerate(one.answers)
        for passage in answer.passages
    ]
    columns = ["interview", "person", "role", "campaign", "answer", "theme", "code"]
    return pd.DataFrame(rows, columns=columns)


class _Script:
    """A transcript being written: text so far, clock, answers, sentences already said by this person."""

    def __init__(self, rng: Generator, person: Person, pool: str) -> None:
        self.rng, self.person, self.text = rng, person, ""
        self.words = dict(_bank()["fillers"])
        if pool == "direction":  # an élu who always spoke of one field would be recognised by it
            self.words["domaine"] = [
                str(name) for name in rng.choice(self.words["domaine"], 2, replace=False)
            ]
        self.seconds = int(rng.integers(2, 40))
        self.answers: list[Answer] = []
        self.said: set[str] = set()

    def asks(self, questions: Sequence[str]) -> None:
        """The interviewer's turn."""
        self._turn(INTERVIEWER)
        self._add(self._drawn(questions))
        self.text += "\n"

    def says(self, asked: Sequence[tuple[str, int, str]]) -> None:
        """The person's turn: so many sentences of each theme, and sometimes talk that is about nothing."""
        start = self._turn(self.person.mark)
        if not asked or self.rng.random() < 0.22:
            laugh = _LAUGH if self.rng.random() < 0.25 else ""
            self._add(self._drawn(_bank()["filler_talk"]) + laugh)
        passages = []
        for place, (theme, number, pool) in enumerate(asked):
            own = [*_theme(theme).get(pool, []), *_theme(theme)["tous"]]
            first = self._add(self._drawn(own), starter=place == 0)
            rest = [self._add(self._drawn(own)) for _more in range(number - 1)]
            passages.append(Passage(theme, (first, *rest)))
        self.answers.append(Answer(start, len(self.text), tuple(passages)))
        self.text += "\n"

    def _turn(self, mark: str) -> int:
        minutes, seconds = divmod(self.seconds, 60)
        self.text += f"[{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}] "
        start = len(self.text)
        self.text += f"{mark} :"
        return start

    def _drawn(self, sentences: Sequence[str]) -> str:
        """A sentence this person has not said yet, while there are some left."""
        fresh = [s for s in sentences if s not in self.said] or list(sentences)
        sentence = fresh[int(self.rng.integers(len(fresh)))]
        self.said.add(sentence)
        return sentence

    def _add(self, sentence: str, *, starter: bool = False) -> tuple[int, int]:
        for slot, words in self.words.items():
            if f"{{{slot}}}" in sentence:
                sentence = sentence.replace(f"{{{slot}}}", words[int(self.rng.integers(len(words)))])
        if starter and (opened := _opened(sentence, _STARTERS[int(self.rng.integers(len(_STARTERS)))])):
            sentence = opened
        self.text += " "
        start = len(self.text)
        self.text += sentence
        self.seconds += int(len(sentence) / 13 * self.rng.uniform(0.8, 1.3)) + 1
        return start, len(self.text)


def _opened(sentence: str, starter: str) -> str:
    """The sentence after a starter, unless its first word keeps its capital or would need an elision."""
    first = sentence.split()[0]
    elided = starter.endswith("que ") and first[0].casefold() in "aeiouyhéèêâà"
    if not starter or elided or (len(first) > 1 and first[1].isupper()):
        return sentence
    return starter + first[0].lower() + sentence[1:]


def _theme(key: str) -> dict[str, Any]:
    found: dict[str, Any] = next(theme for theme in _bank()["themes"] if theme["key"] == key)
    return found


@cache
def _bank() -> dict[str, Any]:
    import yaml

    path = Path(__file__).with_name("interview_bank.yaml")
    bank: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return bank
