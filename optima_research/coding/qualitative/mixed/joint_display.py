"""Joint displays: what the survey measures and what interviews say, side by side, code by code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from optima_research.coding.qualitative._protection import may_be_told
from optima_research.coding.qualitative.codes.verbatims import verbatims
from optima_research.coding.qualitative.mixed._joint_effects import mean_differences, share_differences
from optima_research.coding.qualitative.mixed.linking import Linkage, link_by_pseudonym
from optima_research.coding.qualitative.projects._codes_in_use import codes_asked
from optima_research.coding.qualitative.projects.project import CodedProject
from optima_research.errors import AnalysisError, suggest
from optima_research.language import _
from optima_research.language.numbers import (
    NBSP,
    SUPPRESSED,
    counted,
    format_count,
    format_level,
    format_number,
)
from optima_research.results import Column, Estimate, Protect, PublicationTable, Result
from optima_research.results.frames import Data, categories, label_of, numeric

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Reading(StrEnum):
    """How interviews and survey stand to each other on one point."""

    CONVERGENCE = "convergence"
    COMPLEMENTARITY = "complementarity"
    DIVERGENCE = "divergence"
    SILENCE = "silence"
    WITHHELD = "withheld"

    @property
    def label(self) -> str:
        """The reading in the reader's language."""
        return {
            Reading.CONVERGENCE: _("convergence"),
            Reading.COMPLEMENTARITY: _("complementarity"),
            Reading.DIVERGENCE: _("divergence"),
            Reading.SILENCE: _("silence"),
            Reading.WITHHELD: _("not told"),
        }[self]


def joint_display(
    survey: Data,
    project: CodedProject,
    score: str | None = None,
    *,
    classes: str | None = None,
    key: str | None = None,
    case_key: str | None = None,
    partner: str | None = None,
    codes: Sequence[str] | None = None,
    coder: str | None = None,
    expected: Mapping[str, str] | None = None,
    quantiles: int = 3,
    least_cases: int = 3,
    show: Sequence[str] = (),
    names: Sequence[str] = (),
    draws: int = 2000,
    seed: int = 20,
    confidence: float = 0.95,
) -> JointDisplay:
    """Cross a score, or the classes of a typology, with what the same people said in interviews.

    Parameters
    ----------
    survey : Survey or DataFrame
        One row a respondent.
    project : CodedProject
        Interviews; their cases are people.
    score : str, optional
        A numeric column; respondents are cut into quantile groups for the columns of the display.
    classes : str, optional
        A column of classes, instead of a score.
    key, case_key : str, optional
        Where the shared pseudonym is (see :func:`link_by_pseudonym`).
    partner : str, optional
        Column of the survey: partners are then resampled whole.
    codes : sequence of str, optional
        By default every code used.
    coder : str, optional
        Only that coder's codings.
    expected : mapping, optional
        What was expected before looking. For a score: code → ``higher`` or ``lower`` (score of those who mention
        it); for classes: code → the class that should mention it more.
    quantiles : int
        Number of groups of a score.
    least_cases : int
        Under that many people who mention a code, interviews are said to be silent on it; under that many on either
        side of a comparison, it is no convergence or divergence.
    show, names :
        Traits shown with quotations, and names taken out of them (see :func:`verbatims`).
    draws, seed, confidence :
        Bootstrap of people, or of whole partners, and permutations.

    Returns
    -------
    JointDisplay
        ``effects`` (index code: ``n_mention n_silent effect low high p_value p_adjusted reading quote speaker``),
        ``shares`` (codes × groups), ``groups`` (``respondents interviewed``), ``linkage``.

    Raises
    ------
    AnalysisError
        Neither or both of score and classes, no shared pseudonym.

    Notes
    -----
    For a score the effect is the mean score of people who mention the code minus that of the others; for classes, the
    share of people who mention it in the expected class (else the largest) minus the share elsewhere. With five
    partners or more, whole partners are resampled; with fewer, people within partners. *Silence*: too few mention
    the code. *Convergence*, *divergence*: the interval excludes zero, on the expected side or the other, and each of
    the two groups compared has ``least_cases`` people; there is no interval when one of them is a single person.
    *Complementarity*: anything else; interviews say what the score does not tell apart. *Not told*: hidden by
    ``protect``. P-values permute people (within partners), Benjamini-Hochberg over codes.

    Examples
    --------
    >>> from optima_research.coding.qualitative.projects.project import coded_project
    >>> people = [f"P{i}" for i in range(8)]
    >>> survey = pd.DataFrame({"usage": [1, 2, 2, 1, 4, 5, 4, 5.0]}, index=people)
    >>> project = coded_project(
    ...     pd.DataFrame({"name": people, "text": "Je m'en sers tous les jours."}),
    ...     pd.DataFrame({"source": people[4:], "start": 0, "end": 28, "code": "usage"}),
    ...     cases=pd.DataFrame({"name": people}))
    >>> display = joint_display(survey, project, "usage", expected={"usage": "higher"}, quantiles=2, draws=200)
    >>> float(display.effects.loc["usage", "effect"]), str(display.effects.loc["usage", "reading"])
    (3.0, 'convergence')
    """
    if (score is None) == (classes is None):
        raise AnalysisError(_("Give a score or classes, not both."), parameter="score")
    column = str(score or classes)
    wanted = [column, *([partner] if partner else [])]
    linkage = link_by_pseudonym(survey, project, wanted, key=key, case_key=case_key)
    group, people = _groups(survey, linkage, column, quantiles if score else None)
    mention, paths = _mentions(project, linkage, codes, coder)
    known = people.notna().to_numpy()
    rows = list(linkage.rows)
    strata = categories(survey, partner).iloc[rows].astype(str).to_numpy()[known] if partner else None
    options: dict[str, Any] = {"strata": strata, "draws": draws, "seed": seed, "confidence": confidence}
    hopes = _expectations(project, paths, dict(expected or {}), None if score else people)
    if score:
        effects = mean_differences(
            mention[known], numeric(linkage.frame, column).to_numpy()[known], **options
        )
    else:
        aimed = [hopes.get(path, "") for path in paths]
        effects = share_differences(mention[known], people[known].astype(str).to_numpy(), aimed, **options)
    frame = effects.set_axis(pd.Index(paths, name="code"))
    frame["reading"] = [
        _reading(row, hopes.get(path, ""), least_cases, of_score=score is not None)
        for path, row in frame.iterrows()
    ]
    told = verbatims(
        _people_only(project, linkage), paths, show=show, names=names, per_code=1, coder=coder, seed=seed
    )
    return JointDisplay(
        effects=_quoted(frame, told.quotes),
        shares=_shares(mention[known], paths, people[known], group),
        groups=_sizes(group, people),
        linkage=linkage,
        label=label_of(survey, column),
        of_score=score is not None,
        confidence=confidence,
        has_expectations=bool(hopes),
    )


@dataclass(frozen=True, eq=False, repr=False)
class JointDisplay(Result):
    """Codes against the groups of a survey."""

    effects: pd.DataFrame
    shares: pd.DataFrame
    groups: pd.DataFrame
    linkage: Linkage
    label: str
    of_score: bool
    confidence: float
    has_expectations: bool
    shown: PublicationTable | None = None

    def of(self, reading: Reading | str) -> list[str]:
        """The codes of one reading."""
        return [str(code) for code, row in self.effects.iterrows() if row["reading"] == Reading(reading)]

    def table(self) -> PublicationTable:
        """One line a code: shares by group, effect with its interval, reading, quotation."""
        return self.shown if self.shown is not None else self._table(self.groups["interviewed"])

    def protected(self, protect: Protect) -> Self:
        """The display without the groups of too few people, and without the effects that rest on too few.

        The mean score of the one person who mentions a code is that person's score. Speakers keep their pseudonyms
        only, and the answers of the people linked are dropped.
        """
        sizes = self.groups["interviewed"]
        groups = may_be_told(sizes, protect, parts=True)
        # A group hidden for another one's sake is given the size of one, which no policy shows.
        table = protect(self._table(sizes.where(groups, 1)))
        if table.suppressed is None:
            return replace(self, shown=table)
        known = ~table.suppressed["effect"].to_numpy(dtype=bool)
        effects = self.effects.assign(
            reading=[
                r if k or r == Reading.SILENCE else Reading.WITHHELD
                for r, k in zip(self.effects["reading"], known, strict=True)
            ],
            quote=self.effects["quote"].where(known, ""),
            speaker=[str(who).split(",")[0] for who in self.effects["speaker"]],
        )
        numbers = ["effect", "low", "high", "p_value", "p_adjusted"]
        effects[numbers] = effects[numbers].where(pd.Series(known, index=effects.index), axis=0)
        linkage = replace(
            self.linkage, frame=pd.DataFrame(index=range(len(self.linkage.frame))),
            cases_alone=("",) * len(self.linkage.cases_alone), rows=(),
        )  # fmt: skip
        shares = self.shares.mask(
            table.suppressed[list(self.shares)].set_axis(self.shares.index).astype(bool)
        )
        rest = replace(
            self, effects=effects, shares=shares, groups=self.groups.where(groups), linkage=linkage
        )
        told = replace(rest, shown=None)._table(sizes)
        body = table.body.assign(reading=told.body["reading"], said=told.body["said"])
        return replace(rest, shown=replace(table, body=body, columns=told.columns, reading=rest.sentence()))

    def _table(self, sizes: pd.Series) -> PublicationTable:
        body = pd.concat([self.shares, self.effects], axis=1)
        body["reading"] = [Reading(r).label for r in body["reading"]]
        body["said"] = [
            f"« {q} » ({w})" if q else "" for q, w in zip(body["quote"], body["speaker"], strict=True)
        ]
        hidden = self.groups["interviewed"].isna()
        headed = [
            f"{g} (n{NBSP}={NBSP}{SUPPRESSED if hidden[g] else format_count(n)})"
            for g, n in self.groups["interviewed"].items()
        ]
        shares = [Column(g, h, kind="percent", decimals=0) for g, h in zip(self.shares, headed, strict=True)]
        effect = _("Difference of score") if self.of_score else _("Difference of share")
        columns = (
            *shares,
            Column("n_mention", _("People who mention it"), kind="count"),
            Column("effect", effect, decimals=2),
            Column(("low", "high"), format_level(self.confidence), kind="interval", decimals=2),
            Column("p_adjusted", _("Adjusted p (permutation)"), kind="p_value"),
            Column("reading", _("Reading together"), kind="text"),
            Column("said", _("Quotation"), kind="text"),
        )
        of_shares = pd.DataFrame({g: sizes[g] for g in self.shares.columns}, index=body.index)
        fewest = self.effects[["n_mention", "n_silent"]].min(axis=1)
        of_effects = pd.DataFrame(
            dict.fromkeys(("effect", "low", "high", "p_value", "p_adjusted"), fewest), index=body.index
        )
        everyone = pd.DataFrame({"n_mention": len(self.linkage.frame)}, index=body.index)
        return PublicationTable(
            title=_("What people score and what they say: {label}", label=self.label),
            body=body,
            columns=columns,
            stub=_("Code"),
            bases=pd.concat([of_shares, everyone, of_effects], axis=1),
            attributes={"additive_rows": False},
            reading=self.sentence(),
            note=self.method_note(),
            name="joint_display",
        )

    def sentence(self) -> str:
        """How many codes converge, complete, diverge or are silent."""
        counts = {r: len(self.of(r)) for r in Reading}
        said = _(
            "Of {codes}, {convergence} converge with the survey, {divergence} diverge, {complementarity} "
            "complete it and interviews are silent on {silence} ({people} in both).",
            codes=counted(len(self.effects), _("{n} code"), _("{n} codes")),
            people=counted(len(self.linkage.frame), _("{n} person"), _("{n} people")),
            **{r.value: format_count(n) for r, n in counts.items()},
        )
        if against := self.of(Reading.DIVERGENCE):
            said += " " + _("Diverging: {codes}.", codes=", ".join(against))
        if untold := counts[Reading.WITHHELD]:
            said += " " + _("Readings that rest on too few people, not told: {n}.", n=format_count(untold))
        return said

    def method_note(self) -> str:
        """What the readings rest on."""
        told = (
            _("Expectations were fixed in advance.")
            if self.has_expectations
            else _("No expectation was fixed in advance: convergence and divergence cannot be told.")
        )
        return f"{self.linkage!r} {told}"

    def plot(self, ax: Axes | None = None) -> Axes:
        """Share of people who mention each code, by group."""
        from optima_research.coding.qualitative._figures import heat_map

        return heat_map(100 * self.shares, _("Share of the people interviewed (%)"), ax=ax)

    def statistics(self) -> dict[str, Estimate | float]:
        """The effect of each code."""
        return {
            f"effect:{code}": Estimate(
                row["effect"],
                row["low"],
                row["high"],
                self.confidence,
                n=int(row["n_mention"] + row["n_silent"]),
            )
            for code, row in self.effects.iterrows()
        }


def _groups(
    survey: Data, linkage: Linkage, column: str, quantiles: int | None
) -> tuple[pd.Series, pd.Series]:
    """Group of every respondent, and of every person interviewed."""
    rows = list(linkage.rows)
    if quantiles is None:
        everyone = categories(survey, column)
        return everyone.dropna(), everyone.iloc[rows].set_axis(linkage.frame.index)
    if quantiles < 2:
        raise AnalysisError(
            _("A score is cut into two groups at least."), parameter="quantiles", got=quantiles
        )
    values = numeric(survey, column).dropna()
    edges = np.unique(np.quantile(values, np.linspace(0, 1, quantiles + 1)))
    if len(edges) < 3:
        raise AnalysisError(_("The score does not vary enough to be cut into groups."), parameter="score")
    inner = edges[1:-1]
    names = _group_names([format_number(edge, 2) for edge in inner])

    def cut(series: pd.Series) -> pd.Series:
        codes = np.where(series.isna(), -1, np.searchsorted(inner, series, side="left"))
        return pd.Series(pd.Categorical.from_codes(codes, categories=names, ordered=True), index=series.index)

    return cut(values), cut(numeric(survey, column).iloc[rows].set_axis(linkage.frame.index))


def _group_names(cuts: list[str]) -> list[str]:
    """What scores each group holds: the cut points, which are nobody's extremes."""
    between = [_("over {low}, up to {high}", low=low, high=high) for low, high in pairwise(cuts)]
    return [_("up to {high}", high=cuts[0]), *between, _("over {low}", low=cuts[-1])]


def _mentions(
    project: CodedProject, linkage: Linkage, codes: Sequence[str] | None, coder: str | None
) -> tuple[Any, list[str]]:
    """People × codes: 1 when the person mentions the code at least once."""
    spans = project.codings_of(coder)
    paths = codes_asked(project, spans, codes)
    spans = spans.assign(person=spans["source"].map(project.case_of()))
    spans = spans[spans["person"].isin(linkage.frame.index) & spans["code"].isin(paths)]
    table = np.zeros((len(linkage.frame), len(paths)))
    table[linkage.frame.index.get_indexer(spans["person"]), pd.Index(paths).get_indexer(spans["code"])] = 1
    return table, paths


def _expectations(
    project: CodedProject, paths: list[str], expected: dict[str, str], people: pd.Series | None
) -> dict[str, str]:
    """What was expected of each code shown: a side of the score, or a class."""
    known = ["higher", "lower"] if people is None else [str(name) for name in people.cat.categories]
    for path in project.require_codes(expected, "expected"):
        if path not in paths:
            raise AnalysisError(
                _("« {code} » is expected but not shown.", code=path),
                parameter="expected",
                hint=_("Add it to codes."),
            )
    for side in expected.values():
        if side not in known:
            raise AnalysisError(
                _("« {value} » is not something that can be expected here.", value=side),
                parameter="expected",
                expected=" | ".join(known),
                hint=suggest(side, known) or None,
            )
    return dict(zip(project.require_codes(expected, "expected"), expected.values(), strict=True))


def _quoted(effects: pd.DataFrame, quotes: pd.DataFrame) -> pd.DataFrame:
    first = quotes.drop_duplicates("code").set_index("code")[["quote", "speaker"]]
    return effects.join(first).fillna({"quote": "", "speaker": ""})


def _shares(mention: Any, paths: list[str], people: pd.Series, group: pd.Series) -> pd.DataFrame:
    """Share of the people of each group who mention each code."""
    means = pd.DataFrame(mention, columns=paths).groupby(people.astype(str).to_numpy(), sort=False).mean()
    return means.T.reindex(columns=[str(name) for name in group.cat.categories])


def _sizes(group: pd.Series, people: pd.Series) -> pd.DataFrame:
    """Respondents and people interviewed in each group."""
    interviewed = people.astype("object").value_counts()
    return pd.DataFrame(
        {
            "respondents": group.value_counts(sort=False).to_numpy(),
            "interviewed": [int(interviewed.get(name, 0)) for name in group.cat.categories],
        },
        index=[str(name) for name in group.cat.categories],
    )


def _people_only(project: CodedProject, linkage: Linkage) -> CodedProject:
    cases = project.case_of()
    kept = cases.index[cases.isin(linkage.frame.index)]
    return project.evolve(
        sources=project.sources[project.sources["name"].isin(kept)].reset_index(drop=True),
        codings=project.codings[project.codings["source"].isin(kept)].reset_index(drop=True),
    )


def _reading(row: pd.Series, expected: str, least: int, *, of_score: bool) -> Reading:
    if row["n_mention"] < least:
        return Reading.SILENCE
    excludes_zero = row["low"] > 0 or row["high"] < 0
    if not expected or not excludes_zero or row["n_smaller"] < least:
        return Reading.COMPLEMENTARITY
    wanted = -1 if of_score and expected == "lower" else 1
    return Reading.CONVERGENCE if np.sign(row["effect"]) == wanted else Reading.DIVERGENCE
