"""The checklists referees send, filled in from what the study already knows; what the author still owes stands out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from optima_research.errors import ExportError, suggest
from optima_research.language import _
from optima_research.language.numbers import format_count
from optima_research.language.typography import typeset
from optima_research.publishing._checklist_items import Item, items
from optima_research.publishing.manifest import versions
from optima_research.results import Column, PublicationTable, Result

Standard = Literal["CROSS", "CHERRIES", "STROBE", "COREQ", "GRAMMS", "MMAT", "APA", "AAPOR"]
STANDARDS: tuple[Standard, ...] = ("CROSS", "CHERRIES", "STROBE", "COREQ", "GRAMMS", "MMAT", "APA", "AAPOR")
MENTIONED = 6
"""Items named in the sentence; the table names them all."""


@dataclass(frozen=True, eq=False, repr=False)
class Checklist(Result):
    """A checklist filled in: every item with its answer, or who owes it.

    Parameters
    ----------
    standard : str
        Name of the checklist.
    items : tuple of Item
        What is asked.
    answers : mapping of str to str
        Key of an item -> answer in words.
    """

    standard: str
    items: tuple[Item, ...]
    answers: Mapping[str, str]

    @property
    def owed(self) -> tuple[Item, ...]:
        """The items without an answer."""
        return tuple(item for item in self.items if item.key not in self.answers)

    def table(self) -> PublicationTable:
        """One row an item: place in the standard, answer, state."""
        body = pd.DataFrame(
            {
                "place": [dict(item.standards)[self.standard] for item in self.items],
                "answer": [self.answers.get(item.key, "") for item in self.items],
                "state": [self._state(item) for item in self.items],
            },
            index=[item.question for item in self.items],
        )
        return PublicationTable(
            title=_("Checklist {standard}", standard=self.standard),
            body=body,
            columns=(
                Column("place", _("Place in the standard"), "text"),
                Column("answer", _("Answer"), "text"),
                Column("state", _("State"), "text"),
            ),
            stub=_("What is asked"),
            note=_("Questions in our words; item numbers to be checked against the journal's form."),
            name=f"checklist_{self.standard.lower()}",
        )

    def sentence(self) -> str:
        """How many items are filled in, and which ones the author still owes."""
        done, total = len(self.items) - len(self.owed), len(self.items)
        text = _(
            "{standard}: {done} items of {total} are filled in.",
            standard=self.standard,
            done=done,
            total=total,
        )
        if self.owed:
            names = _("; ").join(item.question for item in self.owed[:MENTIONED])
            more = "…" if len(self.owed) > MENTIONED else "."
            text += " " + _("Still to be written: {names}", names=names) + more
        return typeset(text)

    def statistics(self) -> dict[str, Any]:
        """Number of items, and of those filled in."""
        return {"items": len(self.items), "filled": len(self.items) - len(self.owed)}

    def _state(self, item: Item) -> str:
        if item.key in self.answers:
            return _("to be completed") if item.kind == "prefilled" else _("done")
        return {
            "automatic": _("TO BE COMPUTED"),
            "prefilled": _("TO BE WRITTEN"),
            "manual": _("TO BE WRITTEN"),
        }[item.kind]


def checklist(
    standard: Standard, answers: Mapping[str, Any] | None = None, *, study: Any = None
) -> Checklist:
    """Fill a referee's checklist with what is known.

    Parameters
    ----------
    standard : {"CROSS", "CHERRIES", "STROBE", "COREQ", "GRAMMS", "MMAT", "APA", "AAPOR"}
        Which checklist.
    answers : mapping of str to str, Result or sequence of them, optional
        Key of an item (``flow``, ``reliability``…; :func:`keys` lists them) -> a text, or a result whose sentence
        answers.
    study : Study, optional
        Fills fieldwork, hypotheses, legal basis and disclosure from ``study.yaml``.

    Returns
    -------
    Checklist

    Raises
    ------
    ExportError
        Unknown checklist, or answer to an item that does not exist.

    Examples
    --------
    >>> filled = checklist("COREQ", {"saturation": "Aucun code nouveau après le neuvième entretien."})
    >>> filled.sentence().split(" Restent")[0].replace(chr(0xA0), " ")
    'COREQ : 1 points sur 8 sont remplis.'
    """
    if standard not in STANDARDS:
        raise ExportError(
            _("There is no checklist “{name}”.", name=standard),
            expected=", ".join(STANDARDS),
            hint=suggest(standard, STANDARDS) or None,
        )
    given = dict(answers or {})
    known = keys()
    for key in given:
        if key not in known:
            raise ExportError(
                _("No checklist asks for “{name}”.", name=key),
                parameter="answers",
                hint=suggest(key, known) or ", ".join(known),
            )
    asked = tuple(item for item in items() if standard in dict(item.standards))
    filled = {**_from_study(study), **_of_the_run(), **{key: _words(value) for key, value in given.items()}}
    return Checklist(standard, asked, {item.key: filled[item.key] for item in asked if filled.get(item.key)})


def keys() -> list[str]:
    """The keys of every item, in the order of an article.

    Examples
    --------
    >>> keys()[:3]
    ['flow', 'response_rates', 'fieldwork']
    """
    return [item.key for item in items()]


def _words(value: Any) -> str:
    if isinstance(value, Result):
        return value.sentence()
    if isinstance(value, (list, tuple)):
        return " ".join(map(_words, value))
    return str(value)


def _of_the_run() -> dict[str, str]:
    used = ", ".join(f"{name} {number}" for name, number in versions().items())
    return {"software": _("Versions: {used}.", used=used)}


def _from_study(study: Any) -> dict[str, str]:
    if study is None:
        return {}
    confidentiality = study.confidentiality
    answers = {
        "fieldwork": " ".join(_wave(wave) for wave in study.waves.values()),
        "hypotheses": _hypotheses(list(study.hypotheses.values())),
        "ethics": str(confidentiality.get("base_legale", "")),
    }
    if "politique" in confidentiality:
        answers["disclosure"] = study.policy.sentence()
    return answers


def _wave(wave: Any) -> str:
    return _(
        "{id}: from {start} to {end}, {modes}, {n} reminders.",
        id=wave.id,
        start=f"{wave.start:%d/%m/%Y}",
        end=f"{wave.end:%d/%m/%Y}",
        modes=", ".join(wave.modes),
        n=format_count(wave.reminders),
    )


def _hypotheses(hypotheses: list[Any]) -> str:
    dated = [one.id for one in hypotheses if one.is_confirmatory]
    if not hypotheses:
        return ""
    return _("Dated before the data: {names}; the rest is exploratory.", names=", ".join(dated) or "–")
