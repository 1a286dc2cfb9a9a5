"""Agreement on free segments: Krippendorff's alpha for unitizing, and overlap of what coders marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from optima_research.coding.qualitative.coders import _unitizing_kernels as kernels
from optima_research.coding.qualitative.projects._codes_in_use import codes_used
from optima_research.coding.qualitative.projects.coding_units import merged
from optima_research.coding.qualitative.projects.project import CodedProject
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_number
from optima_research.results import Column, Estimate, Protect, PublicationTable, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def unitizing_alpha(
    data: CodedProject | pd.DataFrame,
    *,
    length: int | None = None,
    begin: int = 0,
    coders: Sequence[str] | None = None,
    codes: Sequence[str] | None = None,
) -> UnitizingAgreement:
    """Krippendorff's alpha for coders who cut the text themselves, by code and for all.

    Parameters
    ----------
    data : CodedProject or DataFrame
        A project, or a table ``coder code start end`` on one continuum.
    length, begin : int
        Extent of the continuum, for a table.
    coders, codes : sequence of str, optional
        By default all.

    Returns
    -------
    UnitizingAgreement
        ``value``; ``by_code`` (index code: ``alpha observed expected n_segments jaccard kappa``).

    Raises
    ------
    AnalysisError
        Fewer than two coders, or segments outside the continuum.

    Notes
    -----
    Alpha_U of Krippendorff (1995; 2004, section 11.6) in exact integers. The sources of a project that two coders
    coded are laid end to end in their order. Overlapping segments of one coder with one code are joined; segments
    that merely touch stay two. ``jaccard`` is coded characters in common over coded characters in all; ``kappa`` is
    Cohen's on characters, given only because NVivo prints it: it grows with the length of text nobody coded.

    Examples
    --------
    >>> marks = pd.DataFrame({"coder": ["o1", "o1", "o2", "o2", "o2"], "code": "c",
    ...     "start": [225, 370, 220, 355, 400], "end": [295, 400, 300, 375, 420]})
    >>> round(unitizing_alpha(marks, begin=150, length=300).value, 4)
    0.7286
    """
    marks, first, extent = _continuum(data, length, begin, coders)
    people = list(dict.fromkeys(coders if coders is not None else sorted(marks["coder"].unique())))
    if len(people) < 2:
        raise AnalysisError(
            _("Agreement needs two coders; there is only {names}.", names=", ".join(people) or "–"),
            parameter="coders",
        )
    if isinstance(data, CodedProject) and codes is not None:
        codes = data.require_codes(codes)
    wanted = list(codes) if codes is not None else codes_used(marks)
    rows, total_observed, total_expected = {}, 0.0, 0.0
    for code in wanted:
        own = marks[marks["code"] == code]
        segments = [_segments(own[own["coder"] == person]) for person in people]
        observed = float(kernels.observed_disagreement(segments, first, extent))
        expected = float(kernels.expected_disagreement(segments, first, extent))
        total_observed, total_expected = total_observed + observed, total_expected + expected
        alpha = 1 - observed / expected if expected > 0 else float("nan")
        rows[code] = [alpha, observed, expected, sum(map(len, segments)), *_overlap(segments, extent)]
    columns = ["alpha", "observed", "expected", "n_segments", "jaccard", "kappa"]
    return UnitizingAgreement(
        value=1 - total_observed / total_expected if total_expected > 0 else float("nan"),
        by_code=pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("code"),
        coders=tuple(people),
        length=extent,
    )


@dataclass(frozen=True, eq=False, repr=False)
class UnitizingAgreement(Result):
    """Alpha for unitizing, by code and for all."""

    value: float
    by_code: pd.DataFrame
    coders: tuple[str, ...]
    length: int

    def table(self) -> PublicationTable:
        """One line a code."""
        return PublicationTable(
            title=_("Agreement on freely cut segments, by code"),
            body=self.by_code,
            columns=(
                Column("alpha", _("Krippendorff's alpha for unitizing"), decimals=2),
                Column("jaccard", _("Characters in common (Jaccard)"), decimals=2),
                Column("kappa", _("Kappa on characters (as NVivo)"), decimals=2),
                Column("n_segments", _("Segments"), kind="count"),
            ),
            stub=_("Code"),
            reading=self.sentence(),
            note=_("Characters are not independent judgements: kappa on characters has no valid interval."),
            name="unitizing_agreement",
        )

    def protected(self, protect: Protect) -> Self:
        """Itself: agreement tells of those who code, not of those who speak."""
        return self

    def sentence(self) -> str:
        """Alpha over all codes."""
        if not np.isfinite(self.value):
            return _("No code was marked: agreement on segments is not defined.")
        return _(
            "Krippendorff's alpha for unitizing is {value} for {coders} coders, on {length} characters.",
            value=format_number(self.value, 2),
            coders=format_count(len(self.coders)),
            length=format_count(self.length),
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Alpha by code."""
        from optima_research.coding.qualitative._figures import forest

        frame = self.by_code.rename(columns={"alpha": "value"}).assign(low=np.nan, high=np.nan)
        return forest(frame, _("Krippendorff's alpha for unitizing"), ax=ax)

    def statistics(self) -> dict[str, Estimate | float]:
        """Alpha for all and by code."""
        found: dict[str, Estimate | float] = {"alpha_u": self.value}
        found |= {f"alpha_u:{code}": float(alpha) for code, alpha in self.by_code["alpha"].items()}
        return found


def _continuum(
    data: CodedProject | pd.DataFrame, length: int | None, begin: int, coders: Sequence[str] | None
) -> tuple[pd.DataFrame, int, int]:
    if isinstance(data, CodedProject):
        people = data.coders if coders is None else data.require_coders(coders, "coders")
        spans = data.codings[data.codings["coder"].isin(people)]
        readers = spans.groupby("source")["coder"].nunique()
        both = data.sources[data.sources["name"].isin(set(readers.index[readers >= 2]))]
        size = both["text"].str.len().to_numpy(dtype=np.int64)
        offset = pd.Series(np.concatenate([[0], size.cumsum()[:-1]]) if len(size) else [], index=both["name"])
        marks = spans[spans["source"].isin(set(both["name"]))]
        shift = marks["source"].map(offset).astype("int64")
        moved = marks[["coder", "code"]].assign(start=marks["start"] + shift, end=marks["end"] + shift)
        if not size.sum():
            raise AnalysisError(_("No source was coded by two coders."))
        return moved, 0, int(size.sum())
    if length is None:
        raise AnalysisError(_("The length of the continuum is needed for a table."), parameter="length")
    if len(data) and (data["start"].min() < begin or data["end"].max() > begin + length):
        raise AnalysisError(
            _("Segments lie outside the continuum."), expected=f"{begin}–{begin + length}", parameter="length"
        )
    return data, begin, length


def _segments(rows: pd.DataFrame) -> list[tuple[int, int]]:
    """Segments as (begin, length), overlaps joined, those that touch kept apart, empty ones left out."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(zip(rows["start"].tolist(), rows["end"].tolist(), strict=True)):
        if end <= start:
            continue
        if found and start < found[-1][0] + found[-1][1]:
            first, size = found[-1]
            found[-1] = (first, max(size, end - first))
        else:
            found.append((start, end - start))
    return found


def _overlap(segments: list[list[tuple[int, int]]], length: int) -> tuple[float, float]:
    """Jaccard and Cohen's kappa on characters, for two coders; NaN for more."""
    if len(segments) != 2:
        return float("nan"), float("nan")
    one, two = ([(s, s + n) for s, n in part] for part in segments)
    a, b = (sum(e - s for s, e in part) for part in (one, two))
    union = _total(one + two)
    both = a + b - union
    jaccard = both / union if union else float("nan")
    observed = (both + length - union) / length
    expected = (a * b + (length - a) * (length - b)) / length**2
    kappa = (observed - expected) / (1 - expected) if expected < 1 else float("nan")
    return jaccard, kappa


def _total(spans: list[tuple[int, int]]) -> int:
    if not spans:
        return 0
    table: Any = np.array(spans, dtype=np.int64)
    first, last = merged(table[:, 0], table[:, 1])
    return int((last - first).sum())
