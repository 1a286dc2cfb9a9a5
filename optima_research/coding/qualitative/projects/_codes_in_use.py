"""Codes in use: in alphabetical order, and those that only group others told apart."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import TYPE_CHECKING

import pandas as pd

from optima_research.errors import AnalysisError
from optima_research.language import _

if TYPE_CHECKING:
    from optima_research.coding.qualitative.projects.project import CodedProject


def in_french_order(path: str) -> str:
    """What sorts paths as a French dictionary does, accents aside, a code before its sub-codes.

    Examples
    --------
    >>> sorted(["usagers", "équité/agents", "équité", "Écoles"], key=in_french_order)
    ['Écoles', 'équité', 'équité/agents', 'usagers']
    """
    steps = (f"{_bare(step)}\x01{step}" for step in path.split("/"))
    return "\x00".join(steps)


def codes_used(spans: pd.DataFrame) -> list[str]:
    """The codes of some codings, in alphabetical order."""
    return sorted(spans["code"].unique(), key=in_french_order)


def codes_asked(project: CodedProject, spans: pd.DataFrame, codes: Iterable[str] | None) -> list[str]:
    """The codes asked for, none of which only groups others; by default those of the codings."""
    if codes is None:
        return codes_used(spans)
    wanted = project.require_codes(codes)
    refuse_folders(project, spans, wanted)
    return wanted


def folder_of(project: CodedProject, spans: pd.DataFrame, path: str) -> list[str]:
    """The sub-codes in use of a code that nobody applied itself; none if it was applied, or has none in use."""
    used = set(spans["code"])
    return [] if path in used else [below for below in project.branch(path) if below in used]


def refuse_folders(project: CodedProject, spans: pd.DataFrame, codes: Iterable[str]) -> None:
    """Refuse a code asked for that only groups others: its zeros would read as silence."""
    for path in project.require_codes(codes):
        below = folder_of(project, spans, path)
        if below:
            raise AnalysisError(
                _("« {code} » only groups other codes: no passage bears it.", code=path),
                parameter="codes",
                hint=_(
                    "Name its sub-codes: {codes}; code_matrix joins them with branch=True.",
                    codes=", ".join(below[:8]),
                ),
            )


def _bare(step: str) -> str:
    parts = unicodedata.normalize("NFD", step)
    return "".join(c for c in parts if not unicodedata.combining(c)).casefold()
