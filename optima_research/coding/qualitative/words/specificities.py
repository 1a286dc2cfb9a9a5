"""Specificities (Lafon 1980): forms over- and under-used in a part of the corpus, whatever the size of the parts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from optima_research.coding.qualitative._protection import may_be_told
from optima_research.coding.qualitative.words._hypergeometric_kernels import log_lower_tail, log_upper_tail
from optima_research.coding.qualitative.words._lexical_tests import adjusted
from optima_research.coding.qualitative.words._speakers import speakers_by
from optima_research.coding.qualitative.words._words_of import words_of
from optima_research.coding.qualitative.words.corpus import Corpus
from optima_research.coding.qualitative.words.term_matrix import TermMatrix
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_number
from optima_research.results import Column, Estimate, Protect, PublicationTable, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def specificities(
    counts: pd.DataFrame | TermMatrix, *, by: str | pd.Series | None = None, totals: pd.Series | None = None
) -> pd.DataFrame:
    """Specificity of every form in every part: how surprising its number of occurrences is, in powers of ten.

    Parameters
    ----------
    counts : DataFrame or TermMatrix
        Occurrences, forms in rows and parts in columns; or a matrix with ``by``, the variable that makes the parts.
    by : str or Series, optional
    totals : Series, optional
        *All* words of each part, those of forms not listed included. By default the matrix's own count of words, or
        the sums of the columns of a table, which must then hold a row for the other words.

    Returns
    -------
    DataFrame
        Same shape as the table: S = −log10 P(X ≥ f) where f reaches its expected value, else +log10 P(X ≤ f), hence
        positive for over-use and negative for under-use. |S| ≥ 2 is a chance of one in a hundred.

    Raises
    ------
    AnalysisError
        Negative or fractional counts, totals smaller than what the table counts, fewer than two parts.

    Notes
    -----
    X is hypergeometric (T words in all, F occurrences of the form, t words in the part). Tails are summed in log space
    and stay finite where R's become infinite. Agrees with R textometry 0.1.6 to its four decimals; its sign rule is
    that of the expected value (textometrieR of 2009, copied in IRaMuTeQ, signs near it otherwise).

    References
    ----------
    Lafon (1980) Mots 1:127-165.

    Examples
    --------
    >>> counts = pd.DataFrame({"A": [30, 10, 960], "B": [5, 12, 1983]}, index=["budget", "agent", "(autres)"])
    >>> specificities(counts).round(2).loc["budget"].tolist()
    [9.75, -9.75]
    """
    table, sizes = _table(counts, by, totals)
    scores = _scores(table.to_numpy(dtype=np.float64), sizes)
    return pd.DataFrame(scores, index=table.index, columns=table.columns)


def specific_forms(
    counts: pd.DataFrame | TermMatrix | Corpus,
    *,
    by: str | pd.Series | None = None,
    totals: pd.Series | None = None,
    least: float = 2.0,
    drop: tuple[str, ...] = (),
    people: pd.Series | None = None,
) -> SpecificForms:
    """The forms that set each part apart, with their counts, as a table, a sentence and a figure.

    Parameters
    ----------
    counts, by, totals
        As in :func:`specificities`.
    least : float
        Forms with |S| below are called common (*banales*).
    drop : tuple of str
        Rows not to be shown, such as the one that holds the other words; they still count.
    people : Series, optional
        For a table: number of people who speak in each part, without which it cannot be protected. A matrix knows its
        own: the values of the variable ``case``, else ``source``, else its documents.

    Returns
    -------
    SpecificForms

    Examples
    --------
    >>> counts = pd.DataFrame({"A": [30, 10, 960], "B": [5, 12, 1983]}, index=["budget", "agent", "(autres)"])
    >>> specific_forms(counts, drop=("(autres)",)).strongest(1)["term"].tolist()
    ['budget', 'budget']
    """
    counts = words_of(counts)
    table, sizes = _table(counts, by, totals)
    values = table.to_numpy(dtype=np.float64)
    scores = _scores(values, sizes)
    shown = ~table.index.isin(list(drop))
    kept = table[shown]
    parts = len(table.columns)
    p = 10.0 ** -np.abs(scores[shown])
    total = values.sum(axis=1)[shown]
    users = pd.DataFrame(np.nan, index=kept.index, columns=kept.columns)
    if isinstance(counts, TermMatrix) and by is not None:
        users, people = speakers_by(counts, by)
    cells = pd.DataFrame(
        {
            "term": np.repeat(kept.index.to_numpy(), parts),
            "part": np.tile(kept.columns.to_numpy(), len(kept)),
            "frequency": kept.to_numpy().ravel().astype(np.int64),
            "total": np.repeat(total, parts).astype(np.int64),
            "expected": np.outer(total, sizes / sizes.sum()).ravel(),
            "users": users.reindex(index=kept.index, columns=kept.columns).to_numpy(dtype=float).ravel(),
            "score": scores[shown].ravel(),
            "p_value": p.ravel(),
            "p_adjusted": adjusted(np.minimum(1.0, 2 * p)).ravel(),
        }
    )
    cells["rests_on"] = _rests_on(cells, people)
    return SpecificForms(
        cells=cells,
        sizes=pd.Series(sizes, index=table.columns, name="words").astype(np.int64),
        least=least,
        people=None if people is None else people.reindex(table.columns),
    )


@dataclass(frozen=True, eq=False, repr=False)
class SpecificForms(Result):
    """Every form in every part: ``cells`` (``term part frequency total expected users score p_value p_adjusted
    rests_on``).

    ``users`` are the people of the part who use the form, ``people`` those of each part, ``rests_on`` those a cell
    speaks of: who use a form over-used; for one avoided, who could have, and do elsewhere.
    """

    cells: pd.DataFrame
    sizes: pd.Series
    least: float
    people: pd.Series | None = None
    shown: PublicationTable | None = None

    def strongest(self, n: int = 10) -> pd.DataFrame:
        """Per part, at most ``n`` over-used and ``n`` under-used forms that reach the threshold."""
        marked = self.cells[self.cells["score"].abs() >= self.least]
        marked = marked.assign(_rank=marked["score"].abs(), _over=marked["score"] > 0)
        order = marked.sort_values(
            ["part", "_over", "_rank", "term"], ascending=[True, False, False, True], kind="stable"
        )
        return (
            order.groupby(["part", "_over"], sort=False)
            .head(n)
            .drop(columns=["_rank", "_over"])
            .reset_index(drop=True)
        )

    def table(self) -> PublicationTable:
        """The strongest forms of each part with what they were expected to be."""
        return self.shown if self.shown is not None else self._table()

    def protected(self, protect: Protect) -> Self:
        """The parts that enough people speak in; of the forms they over-use, those that enough people use.

        Raises
        ------
        DisclosureError
            A table that did not say how many people speak in each part.
        """
        if self.people is None:
            protect(self._table())
            return self
        parts = may_be_told(self.people, protect, parts=True)
        told = may_be_told(self.cells["rests_on"], protect)
        told &= self.cells["part"].map(parts).astype(bool)
        rest = replace(self, cells=self.cells[told].reset_index(drop=True), people=self.people[parts])
        return replace(rest, shown=protect(rest._table()))

    def _table(self) -> PublicationTable:
        top = self.strongest()
        body = top.set_axis(pd.Index([f"{r.part} – {r.term}" for r in top.itertuples()]))
        bases = pd.DataFrame(dict.fromkeys(body.columns, body["rests_on"]), index=body.index)
        columns = (
            Column("frequency", _("Occurrences"), kind="count"),
            Column("expected", _("Expected"), decimals=1),
            Column("score", _("Specificity"), decimals=1),
            Column("p_adjusted", _("Adjusted p"), kind="p_value"),
        )
        return PublicationTable(
            title=_("Forms over- and under-used in each part"), body=body, columns=columns, stub=_("Part and form"),
            reading=self.sentence(), note=self.method_note(), name="specificities",
            bases=None if self.people is None else bases, attributes={"additive_rows": False},
        )  # fmt: skip

    def sentence(self) -> str:
        """The most over-used form of all, or that no form sets a part apart."""
        over = self.cells[self.cells["score"] >= self.least]
        if over.empty:
            if self.people is None or len(self.people) == len(self.sizes):
                return _("No form is over-used in a part beyond the threshold.")
            if self.people.empty:
                return _("Too few people speak in these parts.")
            return _("No form that may be told is over-used beyond the threshold.")
        top = over.sort_values(["score", "term"], ascending=[False, True], kind="stable").iloc[0]
        return _(
            "« {term} » is over-used in {part}: {n} occurrences where {expected} were expected (specificity {score}).",
            term=top["term"], part=top["part"], n=format_count(int(top["frequency"])),
            expected=format_number(top["expected"], 1), score=format_number(top["score"], 1),
        )  # fmt: skip

    def method_note(self) -> str:
        """What the score is and what it rests on."""
        return _(
            "Specificity: power of ten of the hypergeometric probability (Lafon 1980), all {words} words counted; "
            "common below {least}. Adjusted p: two-sided, Benjamini-Hochberg over all forms and parts. Words of one "
            "speaker are not independent: the score ranks forms, it does not test the parts.",
            words=format_count(int(self.sizes.sum())), least=format_number(self.least, int(self.least % 1 > 0)),
        )  # fmt: skip

    def plot(self, ax: Axes | None = None) -> Axes:
        """Bars of the strongest forms, one block a part."""
        from optima_research.coding.qualitative.words._specificity_figure import specificity_bars

        return specificity_bars(self.strongest(5), ax=ax)

    def statistics(self) -> dict[str, Estimate | float]:
        """Score of each strongest form."""
        return {f"specificity:{r.part}|{r.term}": float(r.score) for r in self.strongest().itertuples()}


def _table(
    counts: pd.DataFrame | TermMatrix, by: str | pd.Series | None, totals: pd.Series | None
) -> tuple[pd.DataFrame, Any]:
    if isinstance(counts, TermMatrix):
        if by is None:
            raise AnalysisError(_("Name the variable that makes the parts."), parameter="by")
        table = counts.by(by)
        totals = counts.tokens_by(by) if totals is None else totals
    else:
        table = counts
    values = table.to_numpy(dtype=np.float64)
    if table.shape[1] < 2:
        raise AnalysisError(
            _("Specificities compare at least two parts."), parameter="by" if by else "counts"
        )
    if not np.isfinite(values).all() or (values < 0).any() or (values % 1 != 0).any():
        raise AnalysisError(_("Counts of terms are numbers from zero up."), parameter="counts")
    sums = values.sum(axis=0)
    sizes = sums if totals is None else totals.reindex(table.columns).to_numpy(dtype=np.float64)
    if not np.isfinite(sizes).all() or (sizes < sums).any():
        raise AnalysisError(
            _("A part has fewer words in all than in the table."), parameter="totals",
            hint=_("Give all the words of each part, those of forms not listed included."),
        )  # fmt: skip
    return table, sizes


def _rests_on(cells: pd.DataFrame, people: pd.Series | None) -> pd.Series:
    of_part = cells["part"].map(people) if people is not None else pd.Series(np.nan, cells.index)
    elsewhere = cells["term"].map(cells.groupby("term")["users"].sum(min_count=1))
    own = cells["users"].where(cells["score"] > 0, np.fmin(of_part, elsewhere))
    return own.where(cells["users"].notna(), of_part).astype(float)


def _scores(values: Any, sizes: Any) -> Any:
    """Signed base-ten logarithms; cells with nothing to draw from are exactly 0."""
    grand, marked = sizes.sum(), values.sum(axis=1)
    expected = np.outer(marked, sizes) / max(grand, 1.0)
    scores = np.zeros_like(values)
    drawn, total = np.broadcast_to(sizes, values.shape), np.broadcast_to(marked[:, None], values.shape)
    over = values >= expected
    for where, tail, sign in ((over, log_upper_tail, -1.0), (~over, log_lower_tail, 1.0)):
        n = np.full(int(where.sum()), grand)
        log = tail(values[where], n, total[where], drawn[where])
        scores[where] = sign * np.minimum(log, 0.0) / np.log(10)
    return scores + 0.0
