"""Linking two waves: by pseudonym, or by a self-generated code of which one part may have changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.cleaning.steps import require_columns
from optima_research.errors import CleaningError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_number, format_percent
from optima_research.results import Column, Estimate, PublicationTable, Result
from optima_research.results.frames import categories, measure_of, numeric
from optima_research.results.style import axes, decimal_axis
from optima_research.survey import Survey

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FEWEST_PARTS = 4
"""A code of fewer parts is shared by too many people for one part to be forgiven."""
IMBALANCE = 0.2
"""Standardised difference from which linked and unlinked respondents are said to differ."""


@dataclass(frozen=True, eq=False, repr=False)
class Linkage(Result):
    """Who of the first wave was found in the second, and how.

    Attributes
    ----------
    pairs : DataFrame
        ``before after how`` (response ids; ``exact`` or ``one part differs``).
    before, after : Survey
    ambiguous : int
        Respondents of the first wave whose code is that of several people: never linked.
    """

    pairs: pd.DataFrame
    before: Survey
    after: Survey
    ambiguous: int

    @property
    def rate_before(self) -> float:
        """Share of the first wave found again."""
        return len(self.pairs) / self.before.n if self.before.n else float("nan")

    @property
    def rate_after(self) -> float:
        """Share of the second wave that was in the first."""
        return len(self.pairs) / self.after.n if self.after.n else float("nan")

    def table(self) -> PublicationTable:
        """Numbers linked, by how."""
        how = self.pairs["how"].value_counts()
        names = {"exact": _("same code"), "one part differs": _("one part of the code differs")}
        body = pd.DataFrame({"n": [int(how.get(key, 0)) for key in names]}, index=list(names.values()))
        body.loc[_("linked")] = body["n"].sum()
        body.loc[_("code shared by several people")] = self.ambiguous
        body["share"] = body["n"] / max(self.before.n, 1)
        return PublicationTable(
            title=_("Linkage of the two waves"),
            body=body,
            columns=(
                Column("n", _("Respondents"), kind="count"),
                Column("share", _("Share of the first wave"), kind="percent"),
            ),
            stub=_("Linkage"),
            reading=self.sentence(),
            name="linkage",
        )

    def sentence(self) -> str:
        """Match rates of both waves and the part of fuzzy matches."""
        fuzzy = int((self.pairs["how"] != "exact").sum())
        return _(
            "{n} respondents are linked: {before} of the {n_before} of the first wave, {after} of the {n_after} of the "
            "second; {fuzzy} of them although one part of their code differs.",
            n=format_count(len(self.pairs)),
            before=format_percent(self.rate_before),
            n_before=format_count(self.before.n),
            after=format_percent(self.rate_after),
            n_after=format_count(self.after.n),
            fuzzy=format_count(fuzzy),
        )

    def statistics(self) -> dict[str, Estimate | float]:
        """Match rates."""
        return {
            "linked": float(len(self.pairs)),
            "match_rate_1": self.rate_before,
            "match_rate_2": self.rate_after,
        }

    def compare(self, names: Sequence[str]) -> LinkedComparison:
        """Linked against unlinked respondents of the first wave: those who can be followed are not all.

        Parameters
        ----------
        names : sequence of str
            Columns of the first wave: numbers and ordinal items by their mean, categories by each share.
        """
        require_columns(self.before, names, "names")
        linked = pd.Series(
            self.before.answers.index.isin(self.pairs["before"]), index=self.before.answers.index
        )
        rows = [row for name in names for row in _contrasts(self.before, name, linked)]
        columns = ["variable", "linked", "unlinked", "difference", "n_linked", "n_unlinked"]
        return LinkedComparison(pd.DataFrame(rows, columns=columns).set_index("variable"))


@dataclass(frozen=True, eq=False, repr=False)
class LinkedComparison(Result):
    """Linked against unlinked respondents.

    Attributes
    ----------
    contrasts : DataFrame
        ``linked unlinked difference n_linked n_unlinked`` by variable; the difference is standardised.
    """

    contrasts: pd.DataFrame

    def table(self) -> PublicationTable:
        """One row a mean or share."""
        body = self.contrasts
        bases = pd.DataFrame({"linked": body["n_linked"], "unlinked": body["n_unlinked"]}, index=body.index)
        return PublicationTable(
            title=_("Linked and unlinked respondents"),
            body=body,
            columns=(
                Column("linked", _("Linked")),
                Column("unlinked", _("Not linked")),
                Column("difference", _("Standardised difference")),
            ),
            stub=_("Variable"),
            bases=bases,
            reading=self.sentence(),
            name="linked_comparison",
            attributes={"additive_rows": False},
        )

    def sentence(self) -> str:
        """The largest difference, and whether it matters."""
        worst = self.contrasts["difference"].abs().idxmax()
        value = float(self.contrasts["difference"].loc[worst])
        if abs(value) < IMBALANCE:
            return _(
                "Linked and unlinked respondents differ little: largest standardised difference {value} ({name}).",
                value=format_number(value, 2),
                name=worst,
            )
        return _(
            "Linked respondents are not like the others: standardised difference of {value} on {name}; do not read the "
            "change of the linked as the change of all.",
            value=format_number(value, 2),
            name=worst,
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Standardised differences."""
        ax = axes(ax, rows=len(self.contrasts))
        ax.axvline(0, color="#222222", linewidth=0.8)
        ax.plot(
            self.contrasts["difference"][::-1],
            [str(name) for name in self.contrasts.index[::-1]],
            "o",
            color="#004488",
        )
        ax.set_xlabel(_("Standardised difference"))
        decimal_axis(ax)
        return ax

    def statistics(self) -> dict[str, Estimate | float]:
        """Largest absolute difference."""
        return {"largest_difference": float(self.contrasts["difference"].abs().max())}


def link(before: Survey, after: Survey, *, key: str = "pseudonym") -> Linkage:
    """Link two waves by a key that means one person (the pseudonym of one panel domain).

    Parameters
    ----------
    before, after : Survey
    key : str
        Column of both.

    Raises
    ------
    SurveyError
        A wave has no such column.

    Examples
    --------
    >>> from optima_research.codebook import Codebook, Variable
    >>> book = Codebook([Variable("pseudonym")])
    >>> first = Survey.build(pd.DataFrame({"pseudonym": ["a", "b", "c"]}), book)
    >>> second = Survey.build(pd.DataFrame({"pseudonym": ["c", "a"]}), book)
    >>> round(link(first, second).rate_before, 2)
    0.67
    """
    return _linked(before, after, [key], forgiving=False)


def link_by_code(before: Survey, after: Survey, parts: Sequence[str], *, forgiving: bool = True) -> Linkage:
    """Link two waves by a self-generated code: the answers to a few stable questions.

    Parameters
    ----------
    before, after : Survey
    parts : sequence of str
        Columns of the code's parts (first letter of the mother's first name, day of birth…), at least four. One single
        column is read character by character.
    forgiving : bool
        Also link people of whom all parts but one agree, when they are the only ones on both sides.

    Raises
    ------
    CleaningError
        The code is too short to forgive a part.

    Notes
    -----
    Codes shared by several people of a wave are never linked. A part that is missing agrees with nothing.
    """
    if forgiving and len(parts) > 1 and len(parts) < FEWEST_PARTS:
        raise CleaningError(
            _("A code of {n} parts is too short to forgive one.", n=len(parts)),
            parameter="parts",
            hint=_("Use at least {least} parts, or forgiving=False.", least=FEWEST_PARTS),
        )
    return _linked(before, after, list(parts), forgiving=forgiving)


def _linked(before: Survey, after: Survey, parts: list[str], *, forgiving: bool) -> Linkage:
    codes = [_code_parts(survey, parts, forgiving) for survey in (before, after)]
    columns = sorted(set(codes[0].columns) & set(codes[1].columns))
    left, right = codes[0][columns], codes[1][columns]
    complete = left.notna().all(axis=1)
    ambiguous = int((left[complete].duplicated(keep=False)).sum())
    found = [_agreeing(left, right, columns).assign(how="exact")]
    if forgiving and len(columns) >= FEWEST_PARTS:
        # Whoever has an exact match is out; so are shared codes, which would only be linked to a neighbour by luck.
        rest_left = left[~left.duplicated(keep=False) & ~left.index.isin(found[0]["before"])]
        rest_right = right[~right.duplicated(keep=False) & ~right.index.isin(found[0]["after"])]
        near = [
            _agreeing(rest_left, rest_right, [c for c in columns if c != left_out]) for left_out in columns
        ]
        candidates = pd.concat(near, ignore_index=True).drop_duplicates()
        alone = ~candidates["before"].duplicated(keep=False) & ~candidates["after"].duplicated(keep=False)
        found.append(candidates[alone].assign(how="one part differs"))
    pairs = pd.concat(found, ignore_index=True)
    return Linkage(pairs, before, after, ambiguous)


def _code_parts(survey: Survey, parts: list[str], forgiving: bool) -> pd.DataFrame:
    require_columns(survey, parts, "parts")
    texts = survey.answers[parts].astype("string").apply(lambda column: column.str.strip().str.casefold())
    texts = texts.mask(texts == "")
    if len(parts) > 1 or not forgiving:
        return texts.set_axis([str(position) for position in range(len(parts))], axis=1)
    length = int(texts[parts[0]].str.len().max()) if texts[parts[0]].notna().any() else 0
    return pd.DataFrame({str(place): texts[parts[0]].str.slice(place, place + 1) for place in range(length)})


def _agreeing(left: pd.DataFrame, right: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Pairs that agree on all these columns, each alone on its side."""
    sides = []
    for frame, name in ((left, "before"), (right, "after")):
        known = frame[frame[columns].notna().all(axis=1)]
        known = known[~known.duplicated(columns, keep=False)]
        sides.append(known[columns].assign(**{name: known.index}))
    return sides[0].merge(sides[1], on=columns)[["before", "after"]]


def _contrasts(
    survey: Survey, name: str, linked: pd.Series
) -> list[tuple[str, float, float, float, int, int]]:
    label = survey.codebook[name].shown
    if measure_of(survey, name) in ("ordinal", "interval", "ratio"):
        return [_contrast(label, numeric(survey, name), linked)]
    groups = categories(survey, name)
    indicators = {
        str(group): (groups == group).astype(float).where(groups.notna()) for group in groups.cat.categories
    }
    return [_contrast(f"{label} : {group}", indicator, linked) for group, indicator in indicators.items()]


def _contrast(label: str, values: pd.Series, linked: pd.Series) -> tuple[str, float, float, float, int, int]:
    a, b = values[linked].dropna(), values[~linked].dropna()
    spread = np.sqrt((a.var() + b.var()) / 2)
    difference = (a.mean() - b.mean()) / spread if spread > 0 else float("nan")
    return label, float(a.mean()), float(b.mean()), float(difference), len(a), len(b)
