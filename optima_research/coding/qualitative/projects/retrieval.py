"""Finding coded text: codes combined by and, or, not, near and touching; words in context."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optima_research.coding.qualitative.projects.coding_units import merged, unit_bounds
from optima_research.coding.qualitative.projects.project import CodedProject
from optima_research.errors import AnalysisError, suggest
from optima_research.language import _

Ints = NDArray[np.int64]
Spans: TypeAlias = tuple[Ints, Ints]
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Query:
    """Text that satisfies a condition on codes; combine with ``&``, ``|`` and ``~``.

    Examples
    --------
    >>> wanted = coded("pilotage/budget") & ~coded("freins")
    >>> near = coded("confiance").near(coded("freins"), words=20)
    """

    find: Callable[[CodedProject, str], Spans]

    def __and__(self, other: Query) -> Query:
        return Query(lambda p, s: shared(self.find(p, s), other.find(p, s)))

    def __or__(self, other: Query) -> Query:
        def union(project: CodedProject, source: str) -> Spans:
            a, b = self.find(project, source), other.find(project, source)
            return merged(np.concatenate([a[0], b[0]]), np.concatenate([a[1], b[1]]))

        return Query(union)

    def __invert__(self) -> Query:
        def outside(project: CodedProject, source: str) -> Spans:
            start, end = self.find(project, source)
            length = len(project.text(source))
            first, last = np.concatenate([[0], end]), np.concatenate([start, [length]])
            kept = last > first
            return first[kept].astype(np.int64), last[kept].astype(np.int64)

        return Query(outside)

    def touching(self, other: Query) -> Query:
        """Whole spans of this query that share at least a character with the other."""

        def touched(project: CodedProject, source: str) -> Spans:
            start, end = self.find(project, source)
            first, last = other.find(project, source)
            n = np.searchsorted(first, end, side="left") - np.searchsorted(last, start, side="right")
            return start[n > 0], end[n > 0]

        return Query(touched)

    def near(self, other: Query, *, words: int = 20, turns: int | None = None) -> Query:
        """Whole spans of this query with the other at most so many words (or speaking turns) before or after."""
        most = words if turns is None else turns

        def close(project: CodedProject, source: str) -> Spans:
            start, end = self.find(project, source)
            first, last = other.find(project, source)
            if not len(start) or not len(first):
                return start[:0], end[:0]
            text = project.text(source)
            marks = _word_starts(text) if turns is None else unit_bounds(text, "turn")[0]
            after = np.minimum(np.searchsorted(first, start, side="left"), len(first) - 1)
            before = np.maximum(np.searchsorted(first, start, side="left") - 1, 0)
            gap_after = np.where(first[after] >= start, _between(marks, end, first[after]), most + 1)
            gap_before = np.where(first[before] < start, _between(marks, last[before], start), most + 1)
            kept = np.minimum(gap_after, gap_before) <= most
            return start[kept], end[kept]

        return Query(close)


def coded(path: str, *, coder: str | None = None, branch: bool = True) -> Query:
    """Text that bears a code.

    Parameters
    ----------
    path : str
        Path of the code, or its name when only one code bears it.
    coder : str, optional
        Only that coder's codings; by default anyone's.
    branch : bool
        Whether sub-codes count (default).

    Examples
    --------
    >>> from optima_research.coding.qualitative import coded_project
    >>> text = "Le budget est voté. Nous manquons de temps. Le budget manque."
    >>> spans = [(0, 19, "budget"), (20, 43, "freins/temps"), (44, 61, "budget"), (44, 61, "freins/temps")]
    >>> project = coded_project(
    ...     pd.DataFrame({"name": ["E1"], "text": [text]}),
    ...     pd.DataFrame(spans, columns=["start", "end", "code"]).assign(source="E1", coder="Anne"))
    >>> retrieve(project, coded("budget") & coded("freins"))["text"].tolist()
    ['Le budget manque.']
    """

    def find(project: CodedProject, source: str) -> Spans:
        wanted = project.branch(path) if branch else project.require_codes([path])
        rows = project.codings_of(coder)
        own = rows[(rows["source"] == source) & rows["code"].isin(wanted)]
        start, end = own["start"].to_numpy(dtype=np.int64), own["end"].to_numpy(dtype=np.int64)
        filled = end > start
        return merged(start[filled], end[filled])

    return Query(find)


def retrieve(
    project: CodedProject, query: Query | str, *, where: Mapping[str, Any] | None = None, context: int = 0
) -> pd.DataFrame:
    """The passages that satisfy a query.

    Parameters
    ----------
    project : CodedProject
    query : Query or str
        From :func:`coded` and its combinations; a bare path means ``coded(path)``.
    where : mapping, optional
        Variable of the case or source → value, or list of values, that must hold.
    context : int
        Characters to show before and after.

    Returns
    -------
    DataFrame
        ``source case start end text`` and, with context, ``before after``. Passages are disjoint.

    Raises
    ------
    AnalysisError
        Unknown code or variable; near names are proposed.

    Examples
    --------
    >>> from optima_research.coding.qualitative.projects.project import coded_project
    >>> project = coded_project(pd.DataFrame({"name": ["E1"], "text": ["Le budget, sans confiance."]}),
    ...     pd.DataFrame({"source": "E1", "start": [0, 11], "end": [9, 25], "code": ["a", "b"]}))
    >>> retrieve(project, coded("a").near(coded("b"), words=3))["text"].tolist()
    ['Le budget']
    """
    wanted = coded(query) if isinstance(query, str) else query
    cases = project.case_of()
    rows = []
    for source in sources_where(project, where):
        text = project.text(source)
        start, end = wanted.find(project, source)
        for a, b in zip(start.tolist(), end.tolist(), strict=True):
            row = (source, cases[source], a, b, text[a:b])
            rows.append((*row, text[max(0, a - context) : a], text[b : b + context]))
    frame = pd.DataFrame(rows, columns=["source", "case", "start", "end", "text", "before", "after"])
    return frame if context else frame.drop(columns=["before", "after"])


def kwic(
    project: CodedProject,
    pattern: str,
    *,
    width: int = 40,
    where: Mapping[str, Any] | None = None,
    regex: bool = False,
) -> pd.DataFrame:
    """Words in context, with the codes of the place.

    Parameters
    ----------
    project : CodedProject
    pattern : str
        A word or expression, whole words, any case; ``mutualis*`` takes every ending. With ``regex``, an expression.
    width : int
        Characters of context on each side.
    where : mapping, optional
        As in :func:`retrieve`.
    regex : bool

    Returns
    -------
    DataFrame
        ``source case start end left keyword right codes``.

    Raises
    ------
    AnalysisError
        An expression that cannot be read.

    Examples
    --------
    >>> from optima_research.coding.qualitative import coded_project
    >>> text = "Le budget est voté. Nous manquons de temps. Le budget manque."
    >>> spans = [(0, 19, "budget"), (20, 43, "freins/temps"), (44, 61, "budget"), (44, 61, "freins/temps")]
    >>> project = coded_project(
    ...     pd.DataFrame({"name": ["E1"], "text": [text]}),
    ...     pd.DataFrame(spans, columns=["start", "end", "code"]).assign(source="E1", coder="Anne"))
    >>> kwic(project, "manqu*", width=5)[["left", "keyword", "codes"]].values.tolist()
    [['Nous ', 'manquons', 'freins/temps'], ['dget ', 'manque', 'budget, freins/temps']]
    """
    if not pattern.strip(" *"):
        raise AnalysisError(
            _("Give a word to look for."), parameter="pattern", hint=_("For example « mutualis* ».")
        )
    try:
        words = re.escape(pattern).replace(r"\*", r"\w*")
        finder = re.compile(pattern if regex else rf"(?<!\w){words}(?!\w)", re.IGNORECASE)
    except re.error as error:
        raise AnalysisError(
            _("The expression cannot be read: {reason}.", reason=str(error)), parameter="pattern"
        ) from error
    cases = project.case_of()
    by_source = dict(list(project.codings.groupby("source", sort=False)))
    rows = []
    for source in sources_where(project, where):
        text = project.text(source)
        own = by_source.get(source, project.codings.head(0))
        first, last = own["start"].to_numpy(dtype=np.int64), own["end"].to_numpy(dtype=np.int64)
        names = own["code"].to_numpy(dtype=object)
        for match in finder.finditer(text):
            a, b = match.span()
            if a == b:
                continue
            codes = ", ".join(sorted(set(names[(first < max(b, a + 1)) & (last > a)])))
            left, right = text[max(0, a - width) : a], text[b : b + width]
            flat = [" ".join(piece.split("\n")) for piece in (left, match[0], right)]
            rows.append((source, cases[source], a, b, *flat, codes))
    return pd.DataFrame(rows, columns=["source", "case", "start", "end", "left", "keyword", "right", "codes"])


def _word_starts(text: str) -> Ints:
    return np.array([m.start() for m in _WORD.finditer(text)], dtype=np.int64)


def _between(marks: Ints, end: Ints, start: Ints) -> Ints:
    """Number of marks from the end of a passage to just before the start of the next; 0 when they overlap."""
    return np.searchsorted(marks, np.maximum(start, end)) - np.searchsorted(marks, end)


def shared(one: Spans, two: Spans) -> Spans:
    """Intersection of two sets of sorted, disjoint spans."""
    (a, b), (c, d) = one, two
    first = np.searchsorted(d, a, side="right")
    last = np.searchsorted(c, b, side="left")
    count = np.maximum(last - first, 0)
    left = np.repeat(np.arange(len(a)), count)
    right = np.repeat(first, count) + np.arange(count.sum()) - np.repeat(count.cumsum() - count, count)
    return np.maximum(a[left], c[right]), np.minimum(b[left], d[right])


def sources_where(project: CodedProject, where: Mapping[str, Any] | None) -> list[str]:
    """Names of the sources whose case (or own) variables have the values wanted."""
    names = [str(name) for name in project.sources["name"]]
    if where is not None and not isinstance(where, Mapping):
        raise AnalysisError(
            _("Say which variable has which value."), parameter="where", hint='{"collectivité": "Nay"}'
        )
    for variable, wanted in (where or {}).items():
        values = source_attribute(project, variable)
        several = isinstance(wanted, Collection) and not isinstance(wanted, str)
        accepted = set(wanted) if several else {wanted}
        known = {value for value in values.values() if value is not None}
        if unknown := sorted(str(value) for value in accepted - known):
            shown = sorted(str(value) for value in known)
            raise AnalysisError(
                _("No source has the value « {value} » for « {name} ».", value=unknown[0], name=variable),
                parameter="where",
                expected=", ".join(shown[:12]),
                hint=suggest(unknown[0], shown) or None,
            )
        names = [name for name in names if values.get(name) in accepted]
    return names


def source_attribute(project: CodedProject, variable: str) -> dict[str, Any]:
    """A variable for each source: of its case, else its own.

    Raises
    ------
    AnalysisError
        No case and no source has it.
    """
    rows = project.variables[project.variables["variable"] == variable]
    if rows.empty:
        project.attribute(variable)
    of_case = rows[rows["owner_kind"] == "case"].drop_duplicates("owner").set_index("owner")["value"]
    own = rows[rows["owner_kind"] == "source"].drop_duplicates("owner").set_index("owner")["value"]
    cases = project.case_of()
    return {str(name): of_case.get(cases[name], own.get(name)) for name in project.sources["name"]}


def case_attribute(project: CodedProject, variable: str, parameter: str) -> pd.Series:
    """A variable for each case that has it.

    Raises
    ------
    AnalysisError
        No case and no source has it, or one case has several values of it, as someone interviewed twice has dates.
    """
    values = pd.Series(source_attribute(project, variable), dtype=object).to_numpy()
    known = pd.DataFrame({"case": project.case_of().to_numpy(), "value": values}).dropna().drop_duplicates()
    if len(twice := known.loc[known["case"].duplicated(), "case"]):
        case = twice.iloc[0]
        raise AnalysisError(
            _("« {case} » has several values of « {name} », from several sources.", case=case, name=variable),
            parameter=parameter,
            got=", ".join(map(str, known.loc[known["case"] == case, "value"])),
            hint=_(
                "Take one group of sources at a time: project_scope(project, {where}).",
                where=f"{{{variable!r}: …}}",
            ),
        )
    return known.set_index("case")["value"]
