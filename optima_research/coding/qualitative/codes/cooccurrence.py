"""Codes that go together: how often, beyond chance or not, and in how many people's mouths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, Self

import numpy as np
import pandas as pd

from optima_research.coding.qualitative.codes._code_meetings import (
    Meetings,
    meetings_by_overlap,
    meetings_in_units,
)
from optima_research.coding.qualitative.codes._cooccurrence_kernels import (
    fisher_two_sided,
    jaccard,
    jaccard_intervals,
)
from optima_research.coding.qualitative.projects._codes_in_use import codes_asked
from optima_research.coding.qualitative.projects.project import CodedProject
from optima_research.coding.quantitative.items import require_choice
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_level, format_number
from optima_research.results import Column, Estimate, Protect, PublicationTable, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Within = Literal["overlap", "sentence", "turn", "paragraph", "source"]


def cooccurrence(
    project: CodedProject,
    within: Within = "turn",
    *,
    codes: Sequence[str] | None = None,
    coder: str | None = None,
    draws: int = 1000,
    seed: int = 20,
    confidence: float = 0.95,
) -> Cooccurrence:
    """How codes meet in the same unit of text.

    Parameters
    ----------
    project : CodedProject
    within : {"overlap", "sentence", "turn", "paragraph", "source"}
        What meeting means. ``overlap``: stretches of text that bear both codes, Jaccard and PMI being counted in
        characters; else units that bear both.
    codes : sequence of str, optional
        By default every code used.
    coder : str, optional
        Only that coder's codings; by default a unit bears a code when any coder gave it.
    draws, seed, confidence :
        Bootstrap of Jaccard over cases: an interviewee with thirty passages is one witness, not thirty.

    Returns
    -------
    Cooccurrence
        ``counts`` and ``jaccard`` (codes × codes), ``pairs`` (``code1 code2 together shared either jaccard low high
        pmi cases_together p_value p_adjusted``; ``shared`` over ``either`` is Jaccard: units, or characters for
        ``overlap``), ``n_units`` (units, or characters, in all).

    Raises
    ------
    AnalysisError
        Fewer than two codes.

    Notes
    -----
    PMI is log2 of observed over expected meetings under independence of units. One long passage may overlap several
    short ones: counting stretches, Jaccard could exceed 1, hence the characters. The p-value is Fisher's exact test on
    cases (who mentions both, one, none), because units of one interview are not independent; it is adjusted by
    Benjamini and Hochberg over all pairs shown.

    Examples
    --------
    >>> from optima_research.coding.qualitative import coded_project
    >>> text = "Le budget est voté. Nous manquons de temps. Le budget manque."
    >>> spans = [(0, 19, "budget"), (20, 43, "freins/temps"), (44, 61, "budget"), (44, 61, "freins/temps")]
    >>> project = coded_project(
    ...     pd.DataFrame({"name": ["E1"], "text": [text]}),
    ...     pd.DataFrame(spans, columns=["start", "end", "code"]).assign(source="E1", coder="Anne"))
    >>> int(cooccurrence(project, "sentence", draws=0).counts.loc["budget", "freins/temps"])
    1
    """
    require_choice("within", within, Within)
    spans = project.codings_of(coder)
    paths = codes_asked(project, spans, codes)
    if len(paths) < 2:
        raise AnalysisError(
            _("Co-occurrence needs two codes."), parameter="codes", got=", ".join(paths) or None
        )
    found = (
        meetings_by_overlap(project, spans, paths)
        if within == "overlap"
        else meetings_in_units(project, spans, paths, within)
    )
    shared, covered = found.shared.sum(axis=0), found.covered.sum(axis=0)
    return Cooccurrence(
        counts=pd.DataFrame(found.times.sum(axis=0), index=paths, columns=paths).astype("int64"),
        jaccard=pd.DataFrame(jaccard(shared, covered[:, None], covered[None, :]), index=paths, columns=paths),
        pairs=_pairs(paths, found, draws, seed, confidence),
        within=within,
        n_units=int(found.total.sum()),
        n_cases=len(found.total),
        confidence=confidence,
    )


@dataclass(frozen=True, eq=False, repr=False)
class Cooccurrence(Result):
    """Meetings of codes, pair by pair."""

    counts: pd.DataFrame
    jaccard: pd.DataFrame
    pairs: pd.DataFrame
    within: str
    n_units: int
    n_cases: int
    confidence: float
    shown: PublicationTable | None = None

    def strongest(self, n: int = 10) -> pd.DataFrame:
        """The pairs with the highest Jaccard, ties in the order of codes."""
        met = self.pairs[self.pairs["together"] > 0]
        return met.sort_values("jaccard", ascending=False, kind="stable").head(n)

    def table(self) -> PublicationTable:
        """The twenty closest pairs."""
        return self.shown if self.shown is not None else self._table()

    def protected(self, protect: Protect) -> Self:
        """Itself, or nothing where the cases are too few for a policy: every pair speaks of all of them."""
        table = protect(self._table())
        if table.suppressed is None or not table.suppressed.to_numpy().any():
            return replace(self, shown=table)
        nothing = pd.DataFrame(np.nan, index=self.counts.index, columns=self.counts.columns)
        rest = replace(
            self, counts=nothing.iloc[:0, :0], jaccard=nothing.iloc[:0, :0], pairs=self.pairs.iloc[:0]
        )
        return replace(rest, shown=table.with_notes(reading=""))

    def _table(self) -> PublicationTable:
        top = self.strongest(20)
        body = top.set_axis([f"{a} – {b}" for a, b in zip(top["code1"], top["code2"], strict=True)])
        columns = (
            Column("together", _("Together"), kind="count"),
            Column("jaccard", _("Jaccard"), decimals=2),
            Column(("low", "high"), format_level(self.confidence), kind="interval", decimals=2),
            Column("pmi", _("PMI (bits)"), decimals=2),
            Column("cases_together", _("Cases with both"), kind="count"),
            Column("p_adjusted", _("Adjusted p (cases)"), kind="p_value"),
        )
        return PublicationTable(
            title=_("Co-occurrence of codes"),
            body=body,
            columns=columns,
            stub=_("Codes"),
            bases=pd.DataFrame(self.n_cases, index=body.index, columns=body.columns),
            attributes={"additive_rows": False},
            reading=self.sentence(),
            note=self.method_note(),
            name="cooccurrence",
        )

    def sentence(self) -> str:
        """The closest pair, or that no pair meets."""
        top = self.strongest(1)
        if top.empty:
            return (
                _("No two codes meet.")
                if self.shown is None
                else _("Too few cases to tell which codes meet.")
            )
        row = top.iloc[0]
        return _(
            "« {one} » and « {two} » meet most: {n} times, in {cases} of {all} cases (Jaccard {jaccard}).",
            one=row["code1"],
            two=row["code2"],
            n=format_count(row["together"]),
            cases=format_count(row["cases_together"]),
            all=format_count(self.n_cases),
            jaccard=format_number(row["jaccard"], 2),
        )

    def method_note(self) -> str:
        """What meeting means, and what the interval and the test rest on."""
        what = {
            "overlap": _("overlapping passages (Jaccard and PMI in characters)"),
            "sentence": _("same sentence"),
            "turn": _("same speaking turn"),
            "paragraph": _("same paragraph"),
            "source": _("same source"),
        }[self.within]
        return _(
            "Meeting: {what}. Interval by bootstrap over {cases} cases; Fisher's exact test on cases, "
            "Benjamini-Hochberg.",
            what=what,
            cases=format_count(self.n_cases),
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Codes around an ellipse; the higher Jaccard, the thicker the line."""
        from optima_research.coding.qualitative._network_figure import network

        sizes = pd.Series(np.diag(self.counts.to_numpy()), index=self.counts.index)
        of_code = {
            "overlap": _("Passages of a code"),
            "sentence": _("Sentences with a code"),
            "turn": _("Speaking turns with a code"),
            "paragraph": _("Paragraphs with a code"),
            "source": _("Sources with a code"),
        }[self.within]
        return network(self.jaccard, sizes, weight_label=_("Jaccard"), size_label=of_code, ax=ax)

    def statistics(self) -> dict[str, Estimate | float]:
        """Jaccard of each pair that meets."""
        return {
            f"jaccard:{r.code1}|{r.code2}": Estimate(
                r.jaccard, r.low, r.high, self.confidence, n=self.n_cases
            )
            for r in self.pairs[self.pairs["together"] > 0].itertuples()
        }


def _pairs(paths: list[str], found: Meetings, draws: int, seed: int, confidence: float) -> pd.DataFrame:
    from scipy.stats import false_discovery_control

    i, j = np.triu_indices(len(paths), 1)
    shared, covered = found.shared[:, i, j], found.covered.sum(axis=0)
    together, n = shared.sum(axis=0), found.total.sum()
    expected = covered[i] * covered[j] / n if n else np.zeros(len(i))
    met = (together > 0) & (expected > 0)
    pmi = np.log2(np.divide(together, expected, out=np.ones(len(i)), where=met))
    bears = (found.covered > 0).astype(np.int64)
    cases = bears.T @ bears
    low, high = jaccard_intervals(shared, found.covered, (i, j), draws, seed, confidence)
    p = fisher_two_sided(cases[i, j], np.diag(cases)[i], np.diag(cases)[j], len(bears))
    return pd.DataFrame(
        {
            "code1": np.array(paths, dtype=object)[i],
            "code2": np.array(paths, dtype=object)[j],
            "together": found.times[:, i, j].sum(axis=0).astype(np.int64),
            "shared": together.astype(np.int64),
            "either": (covered[i] + covered[j] - together).astype(np.int64),
            "jaccard": jaccard(together, covered[i], covered[j]),
            "low": low,
            "high": high,
            "pmi": np.where(met, pmi, np.nan),
            "cases_together": (found.times[:, i, j] > 0).sum(axis=0),
            "p_value": p,
            "p_adjusted": false_discovery_control(p),
        }
    )
