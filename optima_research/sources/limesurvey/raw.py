"""A file whose columns are matched to a questionnaire, before its cells are decoded."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pyarrow as pa

from optima_research.sources.limesurvey.coding import Answers, Coding, coding_of
from optima_research.sources.limesurvey.columns import Column
from optima_research.sources.limesurvey.matching import Match
from optima_research.sources.limesurvey.structure import Structure

__all__ = ["Raw"]


@dataclass
class Raw:
    """A file once its columns are matched.

    ``cells`` holds one Arrow column a place, and is emptied as columns are decoded: a large export must not stand
    twice in memory. ``exact`` says that null is NULL and an empty text was shown; ``masked`` that texts starting
    with ``=`` were masked. ``answers`` is how answers were written, ``yes`` and ``no`` how these two were.
    """

    path: Path
    form: str
    structure: Structure
    match: Match
    cells: dict[int, pa.ChunkedArray]
    exact: bool
    masked: bool = False
    answers: Answers = "short"
    language: str = ""
    yes: str = "Y"
    no: str = "N"
    participants: pd.DataFrame | None = None
    timings: pd.DataFrame | None = None
    notes: list[str] = field(default_factory=list)

    def coding(self, column: Column) -> Coding:
        """How to read a column of this file."""
        return coding_of(
            column,
            answers=self.answers,
            language=self.language or self.structure.language,
            base=self.structure.language,
            yes=self.yes,
            no=self.no,
        )
