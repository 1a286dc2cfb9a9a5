"""What reading a coded project decided, repaired or lost: shown to the researcher instead of passing in silence."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from optima_research.language import _
from optima_research.language.numbers import format_count
from optima_research.language.typography import typeset

Kind = Literal["decision", "repaired", "lost", "warning"]

OFFSET_COLUMNS = ["source", "unit", "newlines", "bom", "score", "prior_score", "spans", "follows_prior"]


@dataclass(frozen=True)
class ReportLine:
    """One fact about the import.

    Parameters
    ----------
    kind : {"decision", "repaired", "lost", "warning"}
    subject : str
        Source, code, user or element concerned.
    message : str
        The fact, in the reader's language.
    count : int
        How many times.
    """

    kind: Kind
    subject: str
    message: str
    count: int = 1


@dataclass(frozen=True, eq=False)
class ImportReport:
    """Decisions, repairs, losses and warnings of one import, and the offset convention of every source.

    Parameters
    ----------
    file : str
        Name of the file read (no folder).
    origin : str
        The tool that wrote it, as it names itself.
    lines : tuple of ReportLine
    offsets : DataFrame
        One row a text source: ``source unit newlines bom score prior_score spans follows_prior``.
    """

    file: str = ""
    origin: str = ""
    lines: tuple[ReportLine, ...] = ()
    offsets: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=OFFSET_COLUMNS))

    def frame(self) -> pd.DataFrame:
        """The lines as a table: ``kind subject message count``."""
        rows = [(line.kind, line.subject, line.message, line.count) for line in self.lines]
        return pd.DataFrame(rows, columns=["kind", "subject", "message", "count"])

    def of(self, kind: Kind) -> list[ReportLine]:
        """The lines of one kind."""
        return [line for line in self.lines if line.kind == kind]

    @property
    def lost(self) -> list[str]:
        """What the file held and the project does not."""
        return [line.message for line in self.of("lost")]

    @property
    def warnings(self) -> list[str]:
        """What the researcher should look at."""
        return [line.message for line in self.of("warning")]

    def __contains__(self, text: str) -> bool:
        return any(text in line.message or text == line.subject for line in self.lines)

    def __len__(self) -> int:
        return len(self.lines)

    def __str__(self) -> str:
        names = {
            "decision": _("decided"),
            "repaired": _("repaired"),
            "lost": _("lost"),
            "warning": _("to check"),
        }
        head = f"{self.file} ({self.origin})" if self.origin else self.file
        told = (
            f"  {names[line.kind]} : {line.message}"
            + (f" (× {format_count(line.count)})" if line.count > 1 else "")
            for line in self.lines
        )
        return typeset("\n".join([head, *told]))

    __repr__ = __str__


class ReportBuilder:
    """Collects lines while a reader works, merging repeats of the same message."""

    def __init__(self, file: str, origin: str = "") -> None:
        self.file = file
        self.origin = origin
        self._lines: dict[tuple[Kind, str, str], int] = {}
        self._offsets: list[tuple[object, ...]] = []

    def add(self, kind: Kind, subject: str, message: str, count: int = 1) -> None:
        """Note a fact; nothing is noted when it happened zero times."""
        if count:
            key = (kind, subject, message)
            self._lines[key] = self._lines.get(key, 0) + count

    def add_offsets(self, row: tuple[object, ...]) -> None:
        """Note the offset convention found for a source."""
        self._offsets.append(row)

    def build(self) -> ImportReport:
        """The finished report."""
        lines = tuple(ReportLine(kind, subject, text, n) for (kind, subject, text), n in self._lines.items())
        offsets = pd.DataFrame(self._offsets, columns=OFFSET_COLUMNS)
        return ImportReport(self.file, self.origin, lines, offsets)
