"""What an import matched, decided and could not know: the match report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from optima_research.language import _
from optima_research.language.numbers import format_count

__all__ = ["ImportReport"]


@dataclass(frozen=True, repr=False)
class ImportReport:
    """How a file was read.

    Parameters
    ----------
    source, form : str
        Name of the file, and what it was found to be.
    headers, answers, language : str
        Form of the headers and of the answers, language of the export.
    matched : int
        Columns that are questions of the structure.
    renamed : tuple of (header, name)
        Columns taken by their position because the header differs.
    extra, absent : tuple of str
        Columns the structure does not know; questions the file does not hold.
    unknown : mapping
        Column → text → number of cells whose text is no code of the list: they became ``out_of_codes``.
    collisions : mapping
        Column → label → the codes that share it; the first was taken.
    unmasked : int
        Cells that LimeSurvey had masked with a quote before ``=``, given back as typed.
    told_apart : bool
        Whether the format tells "not asked" from "no answer" everywhere.
    notes : tuple of str
        What else was decided, in sentences.
    """

    source: str
    form: str
    headers: str = ""
    answers: str = ""
    language: str = ""
    matched: int = 0
    renamed: tuple[tuple[str, str], ...] = ()
    extra: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    unknown: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    collisions: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    unmasked: int = 0
    told_apart: bool = True
    notes: tuple[str, ...] = ()

    def table(self) -> pd.DataFrame:
        """The report as a table: one line a fact."""
        return pd.DataFrame(self._facts(), columns=["fact", "value"]).set_index("fact")

    def _facts(self) -> list[tuple[str, str]]:
        odd = sum(sum(texts.values()) for texts in self.unknown.values())
        counts = [
            (_("columns matched"), self.matched),
            (_("columns renamed"), len(self.renamed)),
            (_("columns unknown to the structure"), len(self.extra)),
            (_("questions absent from the file"), len(self.absent)),
            (_("cells with a code that is not in the list"), odd),
            (_("columns where two codes share a label"), len(self.collisions)),
            (_("cells unmasked"), self.unmasked),
        ]
        return [
            (_("file"), self.source),
            (_("read as"), self.form),
            *((name, format_count(count)) for name, count in counts),
            (_("not asked and no answer told apart"), _("yes") if self.told_apart else _("no")),
        ]

    def __repr__(self) -> str:
        return "\n".join([*(f"{name}: {value}" for name, value in self._facts()), *self.notes[:2]])

    def _repr_html_(self) -> str:
        return str(self.table().to_html(border=0, header=False))
