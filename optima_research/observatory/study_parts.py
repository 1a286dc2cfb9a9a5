"""The parts of a study as its ``study.yaml`` declares them, each checked as it is built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

Status = Literal["confirmatoire", "exploratoire"]
PARTNERSHIPS = ("principal", "specifique")
KINDS = ("conception", "mise_en_oeuvre", "evaluation_effets", "optimisation", "accompagnement")


@dataclass(frozen=True)
class Partner:
    """A collectivité of the study: name, type, population, staff."""

    name: str
    kind: str = ""
    population: int | None = None
    staff: int | None = None


@dataclass(frozen=True)
class Wave:
    """A wave of fieldwork: dates, modes, reminders."""

    id: str
    start: date
    end: date
    modes: tuple[str, ...] = ()
    reminders: int = 0


@dataclass(frozen=True)
class Hypothesis:
    """A hypothesis written down before the data: what would be different, and from which size on it matters.

    ``confirmatory`` hypotheses were dated before the fieldwork; results linked to none are printed as exploratory.
    """

    id: str
    text: str
    status: Status = "exploratoire"
    date: date | None = None
    smallest_effect: float | None = None
    null: bool = False

    @property
    def is_confirmatory(self) -> bool:
        """Whether it was written before the data."""
        return self.status == "confirmatoire"


@dataclass(frozen=True)
class Deliverable:
    """Something promised to the partner: title, due date, and the file of ``exports/`` that fulfils it."""

    code: str
    title: str
    due: date | None = None
    file: str = ""


@dataclass(frozen=True)
class SourceFile:
    """A raw file of the study: which tool wrote it, its structure, its participants, what its codebook adds."""

    id: str
    file: str
    tool: str = "table"
    structure: str | None = None
    participants: str | None = None
    codebook: str | None = None
    wave: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
