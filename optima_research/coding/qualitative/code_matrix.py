"""Codes by case, by partner or by any variable, with the denominator named."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from optima_research.coding.qualitative.coding_units import merged
from optima_research.coding.qualitative.project import CodedProject
from optima_research.coding.qualitative.retrieval import source_attribute
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_number, format_p
from optima_research.results import Column, Estimate, PublicationTable, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Measure = Literal["share_cases", "cases", "codings", "share_codings", "words", "share_words"]
_WORDS = re.compile(r"\w+")
_SHARES = {"share_cases", "share_codings", "share_words"}


def code_matrix(
    project: CodedProject,
    rows: str | Sequence[str] = "code",
    columns: str = "case",
    *,
    measure: Measure = "share_cases",
    coder: str | None = None,
    branch: bool = False,
    draws: int = 2000,
    seed: int = 20,
) -> CodeMatrix:
    """Cross codes with cases or with a variable of cases.

    Parameters
    ----------
    project : CodedProject
    rows : "code" or sequence of str
        Every code used, or these paths.
    columns : str
        ``case``, ``source``, ``coder``, or a variable of cases or sources (``partner``, ``role``).
    measure : str
        ``share_cases``: share of the column's cases that mention the code (default: one person, one voice);
        ``cases``: their number; ``codings``: distinct passages; ``share_codings``: over the column's passages;
        ``words``: words of the passages; ``share_words``: over all words of the column's texts, so that long
        interviews do not weigh more.
    coder : str, optional
        Only that coder's codings; by default a passage counts once however many coders marked it.
    branch : bool
        Whether a code includes its sub-codes.
    draws, seed :
        Permutations of the columns over cases, for the test that columns differ; 0 for none.

    Returns
    -------
    CodeMatrix
        ``values`` (codes × columns), ``bases`` (cases a column), ``tests`` (``statistic p_value p_adjusted`` a code).

    Raises
    ------
    AnalysisError
        Unknown code or variable.

    Notes
    -----
    The test permutes whole cases between columns (an interviewee with thirty passages is one witness) and adjusts by
    Benjamini and Hochberg; the smallest p it can give is ``1 / (draws + 1)``. Not defined when a column is one case.

    Examples
    --------
    >>> from optima_research.coding.qualitative import coded_project
    >>> names = ["E1", "E2", "E3"]
    >>> project = coded_project(
    ...     pd.DataFrame({"name": names, "text": "Le budget est voté."}),
    ...     pd.DataFrame({"source": ["E1", "E2"], "start": 3, "end": 9, "code": "budget"}),
    ...     cases=pd.DataFrame({"name": names, "role": ["élu", "élu", "DGS"]}))
    >>> code_matrix(project, "code", "role", draws=0).values.loc["budget"].to_dict()
    {'élu': 1.0, 'DGS': 0.0}
    """
    spans = project.codings if coder is None else project.codings[project.codings["coder"] == coder]
    if isinstance(rows, str) and rows in {"code", "codes"}:
        paths = sorted(spans["code"].unique())
    else:
        paths = project.require_codes([rows] if isinstance(rows, str) else rows, "rows")
    groups = _groups(project, spans, columns)
    counts = _CaseCounts(project, spans, paths, groups, branch=branch, by_coder=columns == "coder")
    values, denominators = counts.measure(measure)
    tests = (
        counts.permutation_tests(measure, draws, seed) if columns not in {"case", "source", "coder"} else None
    )
    return CodeMatrix(
        values=values,
        bases=counts.cases_in_column(),
        mentions=counts.measure("cases")[0],
        denominators=denominators,
        tests=tests,
        columns=columns,
        measure=measure,
        draws=draws,
    )


@dataclass(frozen=True, eq=False, repr=False)
class CodeMatrix(Result):
    """Codes × columns, one measure."""

    values: pd.DataFrame
    bases: pd.Series
    mentions: pd.DataFrame
    denominators: pd.Series
    tests: pd.DataFrame | None
    columns: str
    measure: str
    draws: int

    @property
    def denominator(self) -> str:
        """What the cells are counted over, in words."""
        return {
            "share_cases": _("share of the cases of each column that mention the code"),
            "cases": _("number of cases of each column that mention the code"),
            "codings": _("number of passages"),
            "share_codings": _("share of the coded passages of each column"),
            "words": _("words of the passages"),
            "share_words": _("share of all words of the texts of each column"),
        }[self.measure]

    def table(self) -> PublicationTable:
        """Codes in rows; each column's number of cases in its heading."""
        kind: Any = "percent" if self.measure in _SHARES else "count"
        names = [str(c) for c in self.values.columns]
        body = self.values.set_axis(names, axis=1)
        wide = pd.DataFrame(np.tile(self.bases.to_numpy(), (len(body), 1)), index=body.index, columns=names)
        headed = [f"{n} (n = {format_count(b)})" for n, b in zip(names, self.bases, strict=True)]
        columns = [Column(n, h, kind=kind) for n, h in zip(names, headed, strict=True)]
        if self.tests is not None:
            body = body.assign(**{"p ajusté": self.tests["p_adjusted"]})
            columns.append(Column("p ajusté", _("Adjusted p (permutation)"), kind="p_value"))
        return PublicationTable(
            title=_("Codes by {columns}", columns=self.columns),
            body=body,
            columns=tuple(columns),
            stub=_("Code"),
            bases=wide,
            counts=self.mentions.set_axis(names, axis=1),
            reading=self.sentence(),
            note=_("Cells: {denominator}.", denominator=self.denominator),
            name="code_matrix",
        )

    def sentence(self) -> str:
        """The code that differs most between columns, or that none can be said to."""
        if self.values.empty:
            return _("No code to show.")
        if self.tests is None:
            row, column = np.unravel_index(np.nanargmax(self.values.fillna(-1).to_numpy()), self.values.shape)
            return _(
                "The highest cell is « {code} » for {column}: {value}.",
                code=self.values.index[row],
                column=self.values.columns[column],
                value=self._written(self.values.iloc[row, column]),
            )
        best = self.tests["p_adjusted"].idxmin() if self.tests["p_adjusted"].notna().any() else None
        if best is None or self.tests.loc[best, "p_adjusted"] > 0.05:
            return _("With these cases, no code can be said to differ between columns.")
        row = self.values.loc[best]
        return _(
            "« {code} » differs most: {high} for {most}, {low} for {least} (adjusted p {p}).",
            code=best,
            high=self._written(row.max()),
            most=row.idxmax(),
            low=self._written(row.min()),
            least=row.idxmin(),
            p=format_p(self.tests.loc[best, "p_adjusted"]),
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Heat map with the values written in."""
        from optima_research.coding.qualitative._figures import heat_map

        share = self.measure in _SHARES
        label = f"{self.denominator} (%)" if share else self.denominator
        return heat_map(self.values * (100 if share else 1), label, ax=ax)

    def statistics(self) -> dict[str, Estimate | float]:
        """Every cell."""
        found: dict[str, Estimate | float] = {}
        for code, row in self.values.iterrows():
            found |= {f"{code}|{column}": float(value) for column, value in row.items()}
        return found

    def _written(self, value: float) -> str:
        from optima_research.language.numbers import format_percent

        return format_percent(value, 0) if self.measure in _SHARES else format_number(value, 0)


class _CaseCounts:
    """Passages and words of each code for each case, from which every measure is a sum."""

    def __init__(
        self,
        project: CodedProject,
        spans: pd.DataFrame,
        paths: list[str],
        groups: pd.Series,
        *,
        branch: bool,
        by_coder: bool,
    ) -> None:
        self.paths, self.groups = paths, groups
        # One row a case; by coder, one row a case and coder.
        case_of = project.case_of()
        self.keys = [(case, coder) if by_coder else case for case, coder in zip(
            spans["source"].map(case_of), spans["coder"], strict=True
        )]  # fmt: skip
        self.rows = pd.Index(groups.index)
        shape = (len(self.rows), len(paths))
        self.passages, self.words = np.zeros(shape), np.zeros(shape)
        where = self.rows.get_indexer(
            pd.Index(self.keys, tupleize_cols=False) if by_coder else pd.Index(self.keys)
        )
        texts = dict(zip(project.sources["name"], project.sources["text"], strict=True))
        for j, path in enumerate(paths):
            wanted = spans["code"].isin(project.branch(path) if branch else [path]).to_numpy() & (where >= 0)
            own = spans[wanted].assign(row=where[wanted])
            distinct = own.drop_duplicates(["row", "source", "start", "end"])
            self.passages[:, j] = np.bincount(distinct["row"], minlength=shape[0])
            for (row, source), part in distinct.groupby(["row", "source"]):
                self.words[row, j] += _words(texts[source], part)
        totals = pd.Series(0.0, index=self.rows)
        for source, case in case_of.items():
            n = len(_WORDS.findall(texts[str(source)]))
            for key in self.rows:
                if (key[0] if by_coder else key) == case:
                    totals[key] += n
        self.totals = totals.to_numpy()
        self.names = list(dict.fromkeys(groups.dropna()))

    def cases_in_column(self) -> pd.Series:
        """Number of cases in each column."""
        return self.groups.value_counts().reindex(self.names).astype("int64")

    def measure(self, name: Measure) -> tuple[pd.DataFrame, pd.Series]:
        """The values of one measure, and the denominator of each column."""
        top, bottom = self._parts(name, self._indicator(self.groups))
        values = top / bottom if bottom is not None else top
        base = pd.Series(bottom[0] if bottom is not None and len(bottom) else np.nan, index=self.names)
        return pd.DataFrame(values, index=pd.Index(self.paths, name="code"), columns=self.names), base

    def permutation_tests(self, name: Measure, draws: int, seed: int) -> pd.DataFrame | None:
        """Spread of a share between columns against whole cases dealt to columns at random."""
        from scipy.stats import false_discovery_control

        share: Measure = name if name in _SHARES else "share_cases"
        if draws < 1 or self.cases_in_column().max() < 2 or len(self.names) < 2:
            return None
        known = self.groups.notna().to_numpy()
        observed = self._spread(share, self._indicator(self.groups))
        rng = np.random.default_rng(seed)
        reached = np.zeros(len(self.paths))
        member = self._indicator(self.groups)
        dealt = np.flatnonzero(known)
        for _draw in range(draws):
            shuffled = member.copy()
            shuffled[:, dealt] = member[:, rng.permutation(dealt)]
            reached += self._spread(share, shuffled) >= observed - 1e-12
        p = (reached + 1) / (draws + 1)
        frame = pd.DataFrame({"statistic": observed, "p_value": p}, index=pd.Index(self.paths, name="code"))
        return frame.assign(p_adjusted=false_discovery_control(p))

    def _indicator(self, groups: pd.Series) -> Any:
        rows = [(groups == name).to_numpy(dtype=float) for name in self.names]
        return np.array(rows).reshape(len(self.names), len(groups))

    def _parts(self, name: str, member: Any) -> tuple[Any, Any]:
        source = {
            "cases": self.passages > 0,
            "share_cases": self.passages > 0,
            "codings": self.passages,
            "share_codings": self.passages,
            "words": self.words,
            "share_words": self.words,
        }[name]
        top = (member @ source.astype(float)).T
        bottoms = {
            "share_cases": member.sum(axis=1),
            "share_codings": (member @ self.passages).sum(axis=1),
            "share_words": member @ self.totals,
        }
        if name not in bottoms:
            return top, None
        bottom = np.tile(bottoms[name], (len(self.paths), 1))
        return top, np.where(bottom > 0, bottom, np.nan)

    def _spread(self, name: str, member: Any) -> Any:
        """Between-column sum of squares of a share, weighted by the column's denominator."""
        top, bottom = self._parts(name, member)
        bottom = np.nan_to_num(bottom)
        whole = top.sum(axis=1, keepdims=True) / np.maximum(bottom.sum(axis=1, keepdims=True), 1e-300)
        share = np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0)
        return (bottom * (share - whole) ** 2).sum(axis=1)


def _groups(project: CodedProject, spans: pd.DataFrame, columns: str) -> pd.Series:
    """Column of each case (or of each case and coder)."""
    case_of = project.case_of()
    cases = pd.Index(dict.fromkeys(case_of))
    if columns == "case":
        return pd.Series(cases, index=cases)
    if columns == "coder":
        pairs = list(dict.fromkeys(zip(spans["source"].map(case_of), spans["coder"], strict=True)))
        return pd.Series(
            [coder for _case, coder in pairs], index=pd.Index(pairs, tupleize_cols=False), dtype=object
        )
    if columns == "source":
        if case_of.nunique() < len(case_of):
            raise AnalysisError(
                _("Some cases have several sources."), parameter="columns", hint=_('Use columns="case".')
            )
        return pd.Series(case_of.index, index=case_of.to_numpy())
    values = source_attribute(project, columns)
    of_case = {case: values[str(source)] for source, case in case_of[::-1].items()}
    return pd.Series([of_case[c] for c in cases], index=cases, dtype=object)


def _words(text: str, spans: pd.DataFrame) -> int:
    first, last = merged(spans["start"].to_numpy(dtype=np.int64), spans["end"].to_numpy(dtype=np.int64))
    return sum(len(_WORDS.findall(text[a:b])) for a, b in zip(first.tolist(), last.tolist(), strict=True))
