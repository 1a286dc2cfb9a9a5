"""Keyness: forms that mark a target against a reference, with the unit and the correction said aloud."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Literal

import numpy as np
import pandas as pd

from optima_research.coding.qualitative.words._lexical_tests import adjusted, signed_chi2, signed_g2
from optima_research.coding.qualitative.words._words_of import words_of
from optima_research.coding.qualitative.words.corpus import Corpus
from optima_research.coding.qualitative.words.term_matrix import TermMatrix
from optima_research.coding.quantitative.items import require_choice
from optima_research.errors import AnalysisError, suggest
from optima_research.language import _

Unit = Literal["segments", "occurrences"]
Correction = Literal["none", "yates", "williams"]
Measure = Literal["chi2", "g2"]


def keyness(
    counts: TermMatrix | Corpus | pd.DataFrame,
    target: Any,
    *,
    unit: Unit,
    correction: Correction,
    by: str | pd.Series | None = None,
    reference: Collection[Any] | None = None,
    measure: Measure = "chi2",
    totals: pd.Series | None = None,
) -> pd.DataFrame:
    """Forms more and less frequent in a target than in a reference.

    Parameters
    ----------
    counts : TermMatrix, Corpus or DataFrame
        A matrix (or the corpus it would come from) with ``by``; or a table, forms in rows and parts in columns, in
        the unit said.
    target : label
        The part of interest: a value of ``by`` or a column.
    unit : {"segments", "occurrences"}
        Count segments (documents of the matrix) that hold the form, or occurrences among all words. No default: tools
        that print "chi2" do not agree on it.
    correction : {"none", "yates", "williams"}
        Williams goes with ``g2`` only.
    by : str or Series, optional
    reference : collection of labels, optional
        Parts to compare with; by default all the others.
    measure : {"chi2", "g2"}
        Pearson's chi² or the likelihood ratio, with one degree of freedom.
    totals : Series, optional
        For a table: segments or words of each part; by default the sums of its columns (occurrences only).

    Returns
    -------
    DataFrame
        Index term, from the most over- to the most under-used: ``n_target n_reference share_target share_reference
        log_ratio statistic`` (negative for under-use) ``p_value p_adjusted`` (Benjamini-Hochberg). ``log_ratio`` is in
        base two, with half a count added to both.

    Raises
    ------
    AnalysisError
        An unknown target, a correction that does not go with the measure, segments of a table without ``totals``.

    Notes
    -----
    IRaMuTeQ's profiles: ``segments``, no correction. quanteda and rainette: ``occurrences`` of the forms kept, Yates
    for chi², Williams for the likelihood ratio.

    Examples
    --------
    >>> counts = pd.DataFrame({"A": [30, 10, 960], "B": [5, 12, 1983]}, index=["budget", "agent", "(autres)"])
    >>> keyness(counts, "A", unit="occurrences", correction="none")["statistic"].round(1).to_dict()
    {'budget': 43.7, 'agent': 1.5, '(autres)': -35.5}
    """
    require_choice("unit", unit, Unit)
    require_choice("correction", correction, Correction)
    require_choice("measure", measure, Measure)
    if correction == "williams" and measure != "g2":
        raise AnalysisError(
            _("Williams' correction goes with the likelihood ratio."),
            parameter="correction",
            hint='measure="g2"',
        )
    counts = words_of(counts)
    table, sizes = _table(counts, unit, by, totals)
    others = _reference(table, target, reference)
    a, n_a = table[target].to_numpy(dtype=np.float64), float(sizes[target])
    b, n_b = table[others].sum(axis=1).to_numpy(dtype=np.float64), float(sizes[others].sum())
    return compared(table.index, a, b, n_a, n_b, measure, correction)


def compared(
    terms: pd.Index, a: Any, b: Any, n_a: float, n_b: float, measure: str, correction: str
) -> pd.DataFrame:
    """The table of :func:`keyness` from counts in the target and in the reference."""
    from scipy.special import chdtrc

    test = signed_chi2 if measure == "chi2" else signed_g2
    statistic = test(a, b, n_a, n_b, correction)
    p = chdtrc(1, np.abs(statistic))
    frame = pd.DataFrame(
        {
            "n_target": a.astype(np.int64),
            "n_reference": b.astype(np.int64),
            "share_target": a / n_a if n_a else np.nan,
            "share_reference": b / n_b if n_b else np.nan,
            "log_ratio": np.log2(((a + 0.5) / (n_a + 1)) / ((b + 0.5) / (n_b + 1))),
            "statistic": statistic,
            "p_value": p,
            "p_adjusted": adjusted(p),
        },
        index=pd.Index(terms, name="term"),
    )
    order = np.lexsort([np.array(terms, dtype=str), -statistic])
    return frame.iloc[order]


def _table(
    counts: TermMatrix | pd.DataFrame, unit: str, by: str | pd.Series | None, totals: pd.Series | None
) -> tuple[pd.DataFrame, pd.Series]:
    if isinstance(counts, TermMatrix):
        if by is None:
            raise AnalysisError(_("Name the variable that makes the parts."), parameter="by")
        table = counts.by(by, presence=unit == "segments")
        if totals is None:
            ones = pd.Series(counts.variables[by] if isinstance(by, str) else by)
            totals = counts.tokens_by(by) if unit == "occurrences" else ones.value_counts()
    else:
        table = counts
        if totals is None and unit == "segments":
            raise AnalysisError(_("The number of segments of each part is missing."), parameter="totals")
    sizes = table.sum() if totals is None else totals.reindex(table.columns)
    most = table.max() if unit == "segments" else table.sum()
    if sizes.isna().any() or (sizes < most).any():
        raise AnalysisError(_("A part has fewer words in all than in the table."), parameter="totals")
    return table, sizes


def _reference(table: pd.DataFrame, target: Any, reference: Collection[Any] | None) -> list[Any]:
    others = [part for part in table.columns if part != target] if reference is None else list(reference)
    for part in [target, *others]:
        if part not in table.columns:
            raise AnalysisError(
                _("There is no part « {name} ».", name=part),
                hint=suggest(str(part), [str(name) for name in table.columns]) or None,
            )
    if not others or target in others:
        raise AnalysisError(_("The reference needs another part than the target."), parameter="reference")
    return others
