"""Codes that go together: how often, beyond chance or not, and in how many people's mouths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from optima_research.coding.qualitative.coding_units import coded_units, coding_units, merged
from optima_research.coding.qualitative.project import CodedProject
from optima_research.coding.qualitative.retrieval import shared
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_level, format_number
from optima_research.results import Column, Estimate, PublicationTable, Result

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
        What meeting means. ``overlap``: stretches of text that bear both codes; else units that bear both.
    codes : sequence of str, optional
        By default every code used.
    coder : str, optional
        Only that coder's codings; by default a unit bears a code when any coder gave it.
    draws, seed, confidence :
        Bootstrap of Jaccard over cases: an interviewee with thirty passages is one witness, not thirty.

    Returns
    -------
    Cooccurrence
        ``counts`` and ``jaccard`` (codes × codes), ``pairs`` (``code1 code2 together either jaccard low high pmi
        cases_together p_value p_adjusted``).

    Raises
    ------
    AnalysisError
        Fewer than two codes.

    Notes
    -----
    PMI is log2 of observed over expected meetings under independence of units. The p-value is Fisher's exact test on
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
    spans = project.codings if coder is None else project.codings[project.codings["coder"] == coder]
    paths = project.require_codes(codes) if codes is not None else sorted(spans["code"].unique())
    if len(paths) < 2:
        raise AnalysisError(
            _("Co-occurrence needs two codes."), parameter="codes", got=", ".join(paths) or None
        )
    if within == "overlap":
        both, size, total = _by_overlap(project, spans, paths)
    else:
        both, size, total = _by_unit(project, spans, paths, within)
    presence = size > 0
    counts = both.sum(axis=0)
    frame = _pairs(paths, both, size, total, presence)
    low, high = _intervals(both, size, draws, seed, confidence)
    pair = np.triu_indices(len(paths), 1)
    frame["low"], frame["high"] = low[pair], high[pair]
    return Cooccurrence(
        counts=pd.DataFrame(counts, index=paths, columns=paths).astype("int64"),
        jaccard=pd.DataFrame(_jaccard(counts, size.sum(axis=0)), index=paths, columns=paths),
        pairs=frame,
        within=within,
        n_units=int(total.sum()),
        n_cases=len(size),
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

    def strongest(self, n: int = 10) -> pd.DataFrame:
        """The pairs with the highest Jaccard, ties in the order of codes."""
        met = self.pairs[self.pairs["together"] > 0]
        return met.sort_values("jaccard", ascending=False, kind="stable").head(n)

    def table(self) -> PublicationTable:
        """The twenty closest pairs."""
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
            bases=pd.DataFrame({"together": self.n_cases}, index=body.index),
            counts=pd.DataFrame({"together": body["cases_together"]}, index=body.index),
            reading=self.sentence(),
            note=self.method_note(),
            name="cooccurrence",
        )

    def sentence(self) -> str:
        """The closest pair, or that no pair meets."""
        top = self.strongest(1)
        if top.empty:
            return _("No two codes meet.")
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
            "overlap": _("overlapping passages"),
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
        """Codes on a circle; lines as thick as their Jaccard."""
        from optima_research.coding.qualitative._figures import network

        sizes = pd.Series(np.diag(self.counts.to_numpy()), index=self.counts.index)
        return network(self.jaccard, sizes, ax=ax)

    def statistics(self) -> dict[str, Estimate | float]:
        """Jaccard of each pair that meets."""
        return {
            f"jaccard:{r.code1}|{r.code2}": Estimate(
                r.jaccard, r.low, r.high, self.confidence, n=self.n_cases
            )
            for r in self.pairs[self.pairs["together"] > 0].itertuples()
        }


def _by_unit(
    project: CodedProject, spans: pd.DataFrame, paths: list[str], within: Any
) -> tuple[Any, Any, Any]:
    """Meetings (cases × codes × codes), units with each code (cases × codes), units (cases)."""
    units = coding_units(project, within)
    touched = coded_units(units, spans[spans["code"].isin(paths)]).drop_duplicates(["row", "code"])
    table = np.zeros((len(units), len(paths)))
    table[touched["row"].to_numpy(dtype=np.int64), pd.Index(paths).get_indexer(touched["code"])] = 1
    case, names = pd.factorize(units["case"])
    both = np.stack([table[case == i].T @ table[case == i] for i in range(len(names))])
    return both, np.einsum("ckk->ck", both).copy(), np.bincount(case, minlength=len(names)).astype(float)


def _by_overlap(project: CodedProject, spans: pd.DataFrame, paths: list[str]) -> tuple[Any, Any, Any]:
    cases = project.case_of()
    case, names = pd.factorize(cases)
    place = dict(zip(cases.index, case, strict=True))
    both = np.zeros((len(names), len(paths), len(paths)))
    filled = spans[(spans["end"] > spans["start"]) & spans["code"].isin(paths)]
    number = {path: i for i, path in enumerate(paths)}
    for source, rows in filled.groupby("source", sort=False):
        table = both[place[source]]
        found = {
            number[code]: merged(own["start"].to_numpy(dtype=np.int64), own["end"].to_numpy(dtype=np.int64))
            for code, own in rows.groupby("code", sort=False)
        }
        for a, (start, _end) in found.items():
            table[a, a] += len(start)
        for a, b in combinations(found, 2):
            met = len(shared(found[a], found[b])[0])
            table[a, b] += met
            table[b, a] += met
    size = np.einsum("ckk->ck", both).copy()
    return both, size, size.sum(axis=1)


def _pairs(paths: list[str], both: Any, size: Any, total: Any, presence: Any) -> pd.DataFrame:
    from scipy.stats import false_discovery_control, fisher_exact

    counts, alone, n = both.sum(axis=0), size.sum(axis=0), total.sum()
    share = presence.astype(np.int64)
    rows = []
    for i, j in combinations(range(len(paths)), 2):
        together = counts[i, j]
        expected = alone[i] * alone[j] / n if n else 0.0
        pmi = float(np.log2(together / expected)) if together and expected else float("nan")
        a = int((share[:, i] & share[:, j]).sum())
        b, c = int(share[:, i].sum()) - a, int(share[:, j].sum()) - a
        p = float(fisher_exact([[a, b], [c, len(share) - a - b - c]]).pvalue)
        either = alone[i] + alone[j] - together
        jaccard = together / either if either > 0 else float("nan")
        cases_together = int((both[:, i, j] > 0).sum())
        rows.append((paths[i], paths[j], int(together), int(either), jaccard, pmi, cases_together, p))
    columns = ["code1", "code2", "together", "either", "jaccard", "pmi", "cases_together", "p_value"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(p_adjusted=false_discovery_control(frame["p_value"]))


def _jaccard(both: Any, size: Any) -> Any:
    either = size[..., :, None] + size[..., None, :] - both
    return np.divide(both, either, out=np.full_like(both, np.nan, dtype=float), where=either > 0)


def _intervals(both: Any, size: Any, draws: int, seed: int, confidence: float) -> tuple[Any, Any]:
    """Percentile bounds of Jaccard over resampled cases."""
    cases, q, _q = both.shape
    if draws < 2 or cases < 2:
        return np.full((q, q), np.nan), np.full((q, q), np.nan)
    weights = (
        np.random.default_rng(seed).multinomial(cases, np.full(cases, 1 / cases), size=draws).astype(float)
    )
    sums = (weights @ both.reshape(cases, -1)).reshape(draws, q, q)
    values = _jaccard(sums, weights @ size)
    tail = 50 * (1 - confidence)
    known = ~np.isnan(values).all(axis=0)
    low, high = np.full((q, q), np.nan), np.full((q, q), np.nan)
    low[known], high[known] = np.nanpercentile(values[:, known], [tail, 100 - tail], axis=0)
    return low, high
