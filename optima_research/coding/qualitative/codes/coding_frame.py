"""The coding frame (« grille de codage ») as an annex: definitions, an example each, and how often each code served."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd

from optima_research.coding.qualitative.codes.verbatims import name_hider
from optima_research.coding.qualitative.projects.coding_units import whole_words
from optima_research.coding.qualitative.projects.project import SEPARATOR, CodedProject
from optima_research.language import _
from optima_research.language.numbers import counted
from optima_research.results import Column, Estimate, Protect, PublicationTable, Result

_WORDS = re.compile(r"\w+")


def coding_frame(
    project: CodedProject,
    *,
    examples: bool = True,
    words: tuple[int, int] = (4, 40),
    names: Iterable[str] = (),
) -> CodingFrame:
    """The code tree with what a reader of the thesis needs.

    Parameters
    ----------
    project : CodedProject
    examples : bool
        Whether to quote a passage a code, one that most coders gave it.
    words : (int, int)
        Shortest and longest example.
    names : iterable of str
        Names of persons and places to take out of the examples, beside those of cases and coders, as in ``verbatims``.

    Returns
    -------
    CodingFrame
        ``codes`` (index path: ``level definition example n_codings n_sources n_coders``).

    Examples
    --------
    >>> from optima_research.coding.qualitative import coded_project
    >>> text = "Le budget est voté. Nous manquons de temps. Le budget manque."
    >>> spans = [(0, 19, "budget"), (20, 43, "freins/temps"), (44, 61, "budget"), (44, 61, "freins/temps")]
    >>> project = coded_project(
    ...     pd.DataFrame({"name": ["E1"], "text": [text]}),
    ...     pd.DataFrame(spans, columns=["start", "end", "code"]).assign(source="E1", coder="Anne"))
    >>> coding_frame(project).codes["n_codings"].to_dict()
    {'budget': 2, 'freins': 0, 'freins/temps': 2}
    """
    spans = project.codings.drop_duplicates(["source", "start", "end", "code"])
    sources = spans.groupby("code")["source"].nunique()
    coders = project.codings.groupby("code")["coder"].nunique()
    counts = spans["code"].value_counts()
    hide = name_hider([*names, *project.cases["name"], *project.coders])
    texts = dict(zip(project.sources["name"], project.sources["text"], strict=True))
    rows = {}
    for row in project.codes.itertuples():
        own = project.codings[project.codings["code"] == row.path]
        example = hide(_example(own, words, texts)) if examples else ""
        numbers = [int(table.get(row.path, 0)) for table in (counts, sources, coders)]
        rows[row.path] = [row.path.count(SEPARATOR) + 1, row.description, example, *numbers]
    columns = ["level", "definition", "example", "n_codings", "n_sources", "n_coders"]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("path")
    return CodingFrame(frame, len(project.sources))


@dataclass(frozen=True, eq=False, repr=False)
class CodingFrame(Result):
    """The coding frame of a project."""

    codes: pd.DataFrame
    n_sources: int
    shown: PublicationTable | None = None

    @property
    def undefined(self) -> list[str]:
        """Codes used without a definition."""
        return [
            str(p) for p, r in self.codes.iterrows() if r["n_codings"] and not str(r["definition"]).strip()
        ]

    @property
    def unused(self) -> list[str]:
        """Codes that nobody used and that group no other."""
        folders = {str(path).rpartition(SEPARATOR)[0] for path in self.codes.index}
        return [str(p) for p, n in self.codes["n_codings"].items() if not n and p not in folders]

    def table(self) -> PublicationTable:
        """One line a code, in the order of the tree."""
        return self.shown if self.shown is not None else self._table()

    def protected(self, protect: Protect) -> Self:
        """The frame without examples or numbers where the sources are too few for a policy."""
        table = protect(self._table())
        if table.suppressed is None or not table.suppressed.to_numpy().any():
            return replace(self, shown=table)
        numbers = ["n_codings", "n_sources", "n_coders"]
        codes = self.codes.assign(example="", **dict.fromkeys(numbers, np.nan))
        rest = replace(self, codes=codes, n_sources=0)
        body = table.body.assign(example="")
        return replace(rest, shown=replace(table, body=body, reading=rest.sentence()))

    def _table(self) -> PublicationTable:
        columns = (
            Column("definition", _("Definition"), kind="text"),
            Column("example", _("Example"), kind="text"),
            Column("n_codings", _("Passages"), kind="count"),
            Column("n_sources", _("Sources"), kind="count"),
        )
        return PublicationTable(
            title=_("Coding frame"),
            body=self._told(),
            columns=columns,
            stub=_("Code"),
            reading=self.sentence(),
            name="coding_frame",
            bases=pd.DataFrame(
                dict.fromkeys(("n_codings", "n_sources"), self.n_sources), index=self.codes.index
            ),
            attributes={"additive_rows": False},
        )

    def _told(self) -> pd.DataFrame:
        """The frame, codes that only group others without the zeros that would read as silence."""
        folders = {str(path).rpartition(SEPARATOR)[0] for path in self.codes.index}
        empty = self.codes["n_codings"].eq(0) & self.codes.index.isin(folders)
        numbers = ["n_codings", "n_sources", "n_coders"]
        return self.codes.assign(**{name: self.codes[name].mask(empty) for name in numbers})

    def sentence(self) -> str:
        """Number of codes and passages, and codes without a definition."""
        if self.codes["n_codings"].isna().any():
            folders = {str(path).rpartition(SEPARATOR)[0] for path in self.codes.index}
            return counted(int((~self.codes.index.isin(folders)).sum()), _("{n} code."), _("{n} codes."))
        said = _(
            "{codes}, {passages} in {sources}.",
            codes=counted(int((self.codes["n_codings"] > 0).sum()), _("{n} code"), _("{n} codes")),
            passages=counted(int(self.codes["n_codings"].sum()), _("{n} passage"), _("{n} passages")),
            sources=counted(self.n_sources, _("{n} source"), _("{n} sources")),
        )
        if self.unused:
            said += " " + _(
                "Codes nobody used: {codes}.", codes=", ".join(f"« {c} »" for c in self.unused[:8])
            )
        if not self.undefined:
            return said
        return f"{said} " + _("Codes without a definition: {codes}.", codes=", ".join(self.undefined[:8]))

    def statistics(self) -> dict[str, Estimate | float]:
        """Codes and passages."""
        used = self.codes["n_codings"]
        return {"codes": float((used > 0).sum()), "passages": float(used.sum())}


def _example(spans: pd.DataFrame, words: tuple[int, int], texts: Mapping[str, str]) -> str:
    """Among the passages of a fit length that most coders gave the code, that of median length; the first of ties."""
    size = spans["text"].map(lambda text: len(_WORDS.findall(text)))
    fit = spans.assign(size=size)[(size >= words[0]) & (size <= words[1])]
    if fit.empty:
        return ""
    agreed = [
        spans.loc[
            (spans["source"] == row.source) & (spans["start"] < row.end) & (spans["end"] > row.start), "coder"
        ].nunique()
        for row in fit.itertuples()
    ]
    fit = fit.assign(agreed=agreed).drop_duplicates(["source", "start", "end"])
    best = fit[fit["agreed"] == fit["agreed"].max()].sort_values("size", kind="stable")
    middle = best.iloc[(len(best) - 1) // 2]
    return " ".join(whole_words(texts[middle["source"]], int(middle["start"]), int(middle["end"])).split())
