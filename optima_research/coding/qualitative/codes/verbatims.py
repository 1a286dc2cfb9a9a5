"""Quotations for the thesis and the partner: pseudonyms, no names, nobody recognisable by a combination of traits."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
import pandas as pd

from optima_research.coding.qualitative._protection import hides, may_be_told
from optima_research.coding.qualitative.projects._codes_in_use import codes_used, folder_of
from optima_research.coding.qualitative.projects.coding_units import whole_words
from optima_research.coding.qualitative.projects.project import CodedProject
from optima_research.coding.qualitative.projects.retrieval import case_attribute
from optima_research.language import _
from optima_research.language.numbers import format_count
from optima_research.results import Column, Estimate, Protect, PublicationTable, Result

_WORDS = re.compile(r"\w+")


def verbatims(
    project: CodedProject,
    codes: Sequence[str] | None = None,
    *,
    show: Sequence[str] = (),
    names: Iterable[str] = (),
    pseudonyms: Mapping[str, str] | None = None,
    smallest: int = 3,
    per_code: int = 3,
    words: tuple[int, int] = (5, 80),
    coder: str | None = None,
    seed: int = 20,
) -> Verbatims:
    """Choose quotations by code, spread over people, and say who speaks without giving anybody away.

    Parameters
    ----------
    project : CodedProject
    codes : sequence of str, optional
        By default every code used. A code that only groups others stands for them.
    show : sequence of str
        Variables that describe the speaker (``role``, ``partner``), the most important first.
    names : iterable of str
        Names of persons and places to take out of the quotations, beside those of cases and coders.
    pseudonyms : mapping, optional
        Case → pseudonym; by default ``P01``, ``P02``… drawn in an order that tells nothing.
    smallest : int
        Fewest interviewed people who must share the traits shown; the last traits are withheld until they do.
    per_code : int
        Quotations a code, from as many people as possible.
    words : (int, int)
        Shortest and longest quotation.
    coder : str, optional
        Only that coder's passages.
    seed : int
        For the order of pseudonyms.

    Returns
    -------
    Verbatims
        ``quotes`` (``code quote speaker case start end withheld``), ``withheld`` (people whose traits were cut).

    Notes
    -----
    k-anonymity among the people interviewed: « le maire » of the only small town is withheld, « élu » of ten is not.
    People left without any trait are as many, or the smallest group of traits is withheld too: « the two without a
    role » would be the two DGS. The check covers the traits shown and the names given; a story that tells who speaks
    needs a human reader.

    Examples
    --------
    >>> from optima_research.coding.qualitative import coded_project
    >>> text = "Le budget est voté. Nous manquons de temps. Le budget manque."
    >>> spans = [(0, 19, "budget"), (20, 43, "freins/temps"), (44, 61, "budget"), (44, 61, "freins/temps")]
    >>> project = coded_project(
    ...     pd.DataFrame({"name": ["E1"], "text": [text]}),
    ...     pd.DataFrame(spans, columns=["start", "end", "code"]).assign(source="E1", coder="Anne"))
    >>> verbatims(project, ["budget"], words=(3, 20)).quotes[["quote", "speaker"]].values.tolist()[0]
    ['Le budget est voté.', 'P01']
    """
    wanted = codes_used(project.codings) if codes is None else _with_sub_codes(project, codes)
    cases = project.case_of()
    traits_shown = [show] if isinstance(show, str) else list(show)
    traits, withheld = _traits(project, cases, traits_shown, smallest)
    people = sorted(set(cases))
    labels = dict(pseudonyms) if pseudonyms is not None else _pseudonyms(people, seed)
    spans = project.codings_of(coder)
    spans = spans[spans["code"].isin(wanted)].drop_duplicates(["source", "start", "end", "code"])
    size = spans["text"].map(lambda t: len(_WORDS.findall(t)))
    spans = spans[(size >= words[0]) & (size <= words[1])]
    spans = spans.assign(person=spans["source"].map(cases), size=size)
    hide = name_hider([*names, *people, *project.coders])
    texts = dict(zip(project.sources["name"], project.sources["text"], strict=True))
    rows = []
    quoted: Counter[str] = Counter()
    for code in wanted:
        for row in _spread(spans[spans["code"] == code], per_code, quoted).itertuples():
            person = str(row.person)
            quoted[person] += 1
            speaker = ", ".join([labels.get(person, "–"), *traits[person]])
            quote = whole_words(texts[row.source], int(row.start), int(row.end))
            place = (person, int(row.start), int(row.end), person in withheld)
            rows.append((code, hide(" ".join(quote.split())), speaker, *place))
    columns = ["code", "quote", "speaker", "case", "start", "end", "withheld"]
    return Verbatims(
        quotes=pd.DataFrame(rows, columns=columns),
        withheld=tuple(sorted(withheld)),
        show=tuple(traits_shown),
        smallest=smallest,
        n_people=len(people),
        traits=pd.Series({person: tuple(kept) for person, kept in traits.items()}, dtype=object),
    )


@dataclass(frozen=True, eq=False, repr=False)
class Verbatims(Result):
    """Quotations with their speakers, after the check."""

    quotes: pd.DataFrame
    withheld: tuple[str, ...]
    show: tuple[str, ...]
    smallest: int
    n_people: int
    traits: pd.Series = field(repr=False)
    shown: PublicationTable | None = None

    def table(self) -> PublicationTable:
        """Code, quotation, speaker; never the case's own name."""
        return self.shown if self.shown is not None else self._table()

    def protected(self, protect: Protect) -> Self:
        """The quotations without the traits that too few people share, and without the names of the cases."""
        if not hides(protect):
            return replace(self, shown=protect(self._table()))
        told = may_be_told(self.traits.value_counts(), protect, parts=True)
        own = self.quotes["case"].map(self.traits)
        label = [
            who.removesuffix("".join(f", {t}" for t in ts))
            for who, ts in zip(self.quotes["speaker"], own, strict=True)
        ]
        speaker = self.quotes["speaker"].where(own.map(told).astype(bool), label)
        cut = [person for person, ts in self.traits.items() if ts and not told[ts]]
        quotes = self.quotes.drop(columns=["start", "end"]).assign(case=label, speaker=speaker)
        withheld = ("",) * len({*self.withheld, *cut})
        rest = replace(self, quotes=quotes, withheld=withheld, smallest=0, traits=self.traits.iloc[:0])
        return replace(rest, shown=protect(rest._table()))

    def _table(self) -> PublicationTable:
        body = self.quotes[["quote", "speaker"]].set_axis(self.quotes["code"].tolist())
        return PublicationTable(
            title=_("Quotations by code"),
            body=body,
            columns=(
                Column("quote", _("Quotation"), kind="text"),
                Column("speaker", _("Speaker"), kind="text"),
            ),
            stub=_("Code"),
            reading=self.sentence(),
            note=_(
                "Names are replaced by […]; a reader must still check that no story gives its teller away."
            ),
            name="verbatims",
            attributes={"public": ("quote", "speaker")},
        )

    def sentence(self) -> str:
        """How many quotations of how many people, and for whom traits were withheld."""
        if self.quotes.empty:
            return _("No passage of the length asked for bears these codes.")
        said = _(
            "{n} quotations from {people} of {all} people.",
            n=format_count(len(self.quotes)),
            people=format_count(self.quotes["case"].nunique()),
            all=format_count(self.n_people),
        )
        if not self.withheld:
            return said
        if not self.smallest:
            return f"{said} " + _(
                "Traits were withheld for {n} people, as the disclosure policy asks.",
                n=format_count(len(self.withheld)),
            )
        return f"{said} " + _(
            "Traits were withheld for {n} people, whom fewer than {k} shared them with.",
            n=format_count(len(self.withheld)),
            k=self.smallest,
        )

    def statistics(self) -> dict[str, Estimate | float]:
        """Number of quotations and of people quoted."""
        return {"quotations": float(len(self.quotes)), "people": float(self.quotes["case"].nunique())}


def _with_sub_codes(project: CodedProject, codes: Sequence[str]) -> list[str]:
    """The codes asked for; in the place of those nobody applied, the sub-codes that were."""
    found = []
    for path in project.require_codes(codes):
        found += folder_of(project, project.codings, path) or [path]
    return list(dict.fromkeys(found))


def _traits(
    project: CodedProject, cases: pd.Series, show: list[str], smallest: int
) -> tuple[dict[str, list[str]], set[str]]:
    """Traits that may be shown for each person, the last ones cut until enough people share the rest."""
    people = sorted(set(cases))
    values = [case_attribute(project, name, "show").to_dict() for name in show]
    full = {p: [str(own.get(p) or "") for own in values] for p in people}
    depth = dict.fromkeys(people, len(show))
    for person in people:
        while depth[person] and _sharing(full, full[person][: depth[person]]) < smallest:
            depth[person] -= 1
    # Two people left with « élu » alone would be known by what is missing: all who share it are cut to the same length.
    for length in range(len(show), 0, -1):
        shown = Counter(tuple(full[p][:length]) for p in people if depth[p] == length)
        rare = {key for key, n in shown.items() if n < smallest}
        depth |= {p: length for p in people if depth[p] > length and tuple(full[p][:length]) in rare}
    _hide_among_others(full, depth, smallest)
    kept = {p: [trait for trait in full[p][: depth[p]] if trait] for p in people}
    return kept, {p for p in people if len(kept[p]) < sum(bool(t) for t in full[p])}


def _hide_among_others(full: dict[str, list[str]], depth: dict[str, int], smallest: int) -> None:
    """One or two people shown without any trait would be known by elimination: the smallest groups join them."""
    while 0 < (bare := sum(d == 0 for d in depth.values())) < smallest and bare < len(depth):
        groups = Counter(full[p][0] for p in full if depth[p])
        (least, _n) = min(groups.items(), key=lambda group: (group[1], group[0]))
        depth |= {p: 0 for p in full if depth[p] and full[p][0] == least}


def _sharing(full: dict[str, list[str]], traits: list[str]) -> int:
    return sum(other[: len(traits)] == traits for other in full.values())


def _pseudonyms(people: list[str], seed: int) -> dict[str, str]:
    order = np.random.default_rng(seed).permutation(len(people))
    width = max(2, len(str(len(people))))
    return {person: f"P{rank + 1:0{width}d}" for person, rank in zip(people, order, strict=True)}


def name_hider(names: Iterable[str]) -> Callable[[str], str]:
    """What writes […] in the place of names, whole words in any case."""
    known = sorted({n.strip() for n in names if len(n.strip()) > 1}, key=len, reverse=True)
    if not known:
        return str
    finder = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, known)) + r")(?!\w)", re.IGNORECASE)
    return lambda text: finder.sub("[…]", text)


def _spread(spans: pd.DataFrame, wanted: int, quoted: Counter[str]) -> pd.DataFrame:
    """One quotation a person before a second one, the people least quoted so far first; middle lengths first."""
    if spans.empty:
        return spans
    off = (spans["size"] - spans["size"].median()).abs()
    ordered = spans.assign(off=off, used=spans["person"].map(lambda person: quoted[person]))
    ordered = ordered.sort_values(["off", "person", "start"], kind="stable")
    turn = ordered.groupby("person", sort=False).cumcount()
    return ordered.assign(turn=turn).sort_values(["turn", "used", "off"], kind="stable").head(wanted)
