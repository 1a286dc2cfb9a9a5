"""Two readings of the same words: the lexical classes a machine finds, and the codes hands gave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from optima_research.coding.qualitative.projects._codes_in_use import codes_used
from optima_research.coding.qualitative.projects.coding_units import coded_units
from optima_research.coding.qualitative.projects.project import CodedProject
from optima_research.coding.qualitative.words.reinert import Reinert
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_number, format_percent
from optima_research.results import Column, Estimate, Protect, PublicationTable, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Adjusted residuals beyond this are rare under independence (0.5 % on one side).
MARKED = 2.58


def classes_and_codes(
    classes: Reinert,
    project: CodedProject,
    *,
    codes: Sequence[str] | None = None,
    coder: str | None = None,
    least_people: int = 3,
) -> ClassesAndCodes:
    """Lexical classes × hand codes: which meet, what hands left uncoded, what the classes do not see.

    Parameters
    ----------
    classes : Reinert
        Of a corpus cut from the texts of ``project`` (:func:`project_corpus`, then ``turns`` or ``segments``).
    project : CodedProject
    codes : sequence of str, optional
        By default every code used; a code counts with those under it.
    coder : str, optional
        Only that coder's codings.
    least_people : int
        A class and a code are said to go together when so many people bear the two together.

    Returns
    -------
    ClassesAndCodes
        ``counts``, ``shares``, ``residuals``, ``people`` (codes × classes), ``uncoded`` (share of each class without
        any code), ``partners`` (class → codes that go with it), ``n``, ``n_unclassified``. Under a disclosure
        policy, ``withheld`` names the classes that are not told.

    Raises
    ------
    AnalysisError
        A corpus that was not cut from these texts.

    Notes
    -----
    A segment bears a code when a coding touches it; it may bear several, so columns do not add up to one. ``residuals``
    are adjusted standardised residuals of the 2 × 2 table of a class and a code; those beyond 2.58 in at least
    ``least_people`` interviewees are marked. Segments of one interview are not independent, so no p-value is given:
    the residual ranks, and the number of people says on how many witnesses it rests.

    Examples
    --------
    >>> from optima_research.coding.qualitative import coded_project, project_corpus, reinert
    >>> money, people = "budget recette dépense impôt", "agent équipe encadrant absence"
    >>> names = [f"E{i}" for i in range(12)]
    >>> project = coded_project(
    ...     pd.DataFrame({"name": names, "text": [money] * 6 + [people] * 6}),
    ...     pd.DataFrame({"source": names[:5], "start": 0, "end": 6, "code": "argent", "coder": "Anne"}))
    >>> found = classes_and_codes(reinert(project_corpus(project), 2), project)
    >>> found.shares.loc["argent"].round(2).tolist(), found.partners[1]
    ([0.83, 0.0], ['argent'])
    """
    units = _units(classes, project)
    spans = project.codings_of(coder)
    paths = project.require_codes(codes) if codes is not None else codes_used(spans)
    borne = _borne(units, spans, project, paths)
    known = units["class"].notna().to_numpy()
    labels = sorted(units.loc[known, "class"].unique())
    member = np.column_stack([(units.loc[known, "class"] == label).to_numpy() for label in labels])
    counts = borne[known].T.astype(np.int64) @ member
    frames = {
        "index": pd.Index(paths, name="code"),
        "columns": pd.Index([int(x) for x in labels], name="class"),
    }
    sizes = pd.Series(member.sum(axis=0), index=frames["columns"])
    people = _people(units.loc[known, "person"].to_numpy(), borne[known], member)
    bare = np.ones(len(units), dtype=bool)
    bare[coded_units(units, spans)["row"].to_numpy(dtype=np.int64)] = False
    return ClassesAndCodes(
        counts=pd.DataFrame(counts, **frames),
        shares=pd.DataFrame(counts / sizes.to_numpy(), **frames),
        residuals=pd.DataFrame(_residuals(counts, sizes.to_numpy(), int(known.sum())), **frames),
        people=pd.DataFrame(people, **frames),
        sizes=sizes,
        people_in_class=_people(
            units.loc[known, "person"].to_numpy(), np.ones((known.sum(), 1), dtype=bool), member
        )[0],
        uncoded=pd.Series(
            member.T.astype(np.int64) @ bare[known] / sizes.to_numpy(),
            index=frames["columns"],
            name="uncoded",
        ),
        n=int(known.sum()),
        n_unclassified=int((~known).sum()),
        least_people=least_people,
    )


@dataclass(frozen=True, eq=False, repr=False)
class ClassesAndCodes(Result):
    """Codes × lexical classes."""

    counts: pd.DataFrame
    shares: pd.DataFrame
    residuals: pd.DataFrame
    people: pd.DataFrame
    sizes: pd.Series
    people_in_class: Any
    uncoded: pd.Series
    n: int
    n_unclassified: int
    least_people: int
    withheld: tuple[int, ...] = ()
    shown: PublicationTable | None = None

    @property
    def partners(self) -> dict[int, list[str]]:
        """Class that may be told → codes that go with it, the strongest first."""
        marked = (self.residuals > MARKED) & (self.people >= self.least_people)
        return {
            int(label): [
                str(c) for c in self.residuals.loc[marked[label], label].sort_values(ascending=False).index
            ]
            for label in self.residuals
            if label not in self.withheld
        }

    @property
    def unseen(self) -> list[str]:
        """Codes that no class goes with, of those that may be told: their words are everybody's, or too few."""
        met = {code for codes in self.partners.values() for code in codes}
        return [str(code) for code in self.counts.index if code not in met]

    def protected(self, protect: Protect) -> Self:
        """Classes that too few people speak in are hidden; no number and no sentence tells of them."""
        table = protect(self.table())
        if table.suppressed is None:
            return replace(self, shown=table)
        hidden = table.suppressed.set_axis(self.shares.columns, axis=1).any()
        cut: dict[str, Any] = {
            name: getattr(self, name).loc[:, ~hidden].reindex(columns=hidden.index)
            for name in ("counts", "shares", "residuals", "people")
        }
        rest = replace(
            self, **cut, uncoded=self.uncoded.mask(hidden), withheld=tuple(map(int, hidden.index[hidden])),
            people_in_class=np.where(hidden, np.nan, self.people_in_class),
        )  # fmt: skip
        return replace(rest, shown=table.with_notes(reading=rest.sentence()))

    def table(self) -> PublicationTable:
        """One line a code: share of the segments of each class that bear it."""
        if self.shown is not None:
            return self.shown
        names = [str(label) for label in self.shares]
        heads = [
            _("Class {label} ({n})", label=label, n=format_count(int(size)))
            for label, size in self.sizes.items()
        ]
        body = self.shares.set_axis(names, axis=1)
        last = pd.DataFrame([self.uncoded.to_numpy()], index=[_("No code")], columns=names)
        body = pd.concat([body, last])
        # What is protected are people: a class that few speak in is hidden. Shares are of segments, nobody's in
        # particular.
        bases = pd.DataFrame(np.tile(self.people_in_class, (len(body), 1)), index=body.index, columns=names)
        return PublicationTable(
            title=_("Lexical classes and hand codes"), body=body,
            columns=tuple(Column(n, h, kind="percent", decimals=0) for n, h in zip(names, heads, strict=True)),
            stub=_("Code"), bases=bases, reading=self.sentence(), note=self.method_note(),
            name="classes_and_codes",
        )  # fmt: skip

    def sentence(self) -> str:
        """Which classes hands had named, which they had not, and the codes no class sees, among what may be told."""
        if len(self.withheld) == len(self.sizes):
            return self._withheld_sentence()
        named = {label: codes for label, codes in self.partners.items() if codes}
        said = [
            _(
                "{named} of {k} classes go with a code",
                named=format_count(len(named)),
                k=format_count(len(self.partners)),
            )
            + (
                _(": {pairs}.", pairs=_("; ").join(self._pair(*item) for item in named.items()))
                if named
                else "."
            )
        ]
        if alone := [label for label in self.partners if label not in named]:
            said.append(_("No code goes with {classes}.", classes=", ".join(map(str, alone))))
        if self.withheld:
            # The share over all classes, or the codes left over, would tell of those that are not told.
            return " ".join([*said, self._withheld_sentence()])
        if self.unseen:
            said.append(_("No class goes with {codes}.", codes=", ".join(f"« {c} »" for c in self.unseen)))
        share = float((self.uncoded * self.sizes).sum() / self.sizes.sum())
        said.append(_("{share} of the classified segments bear no code.", share=format_percent(share, 0)))
        return " ".join(said)

    def _withheld_sentence(self) -> str:
        return _("Classes not told, as too few people speak in them: {n}.", n=len(self.withheld))

    def _pair(self, label: int, codes: list[str]) -> str:
        best = codes[0]
        return _(
            "class {label} with « {code} » (residual {residual}, {people} people)",
            label=label, code=best, residual=format_number(self.residuals.loc[best, label], 1),
            people=format_count(int(self.people.loc[best, label])),
        )  # fmt: skip

    def method_note(self) -> str:
        """What a cell is, and what is marked."""
        return _(
            "Share of the segments of each class that bear the code; a segment may bear several. {out} unclassified "
            "segments are left out. « Goes with »: adjusted residual over {bound}, in {people} people or more.",
            out=format_count(self.n_unclassified), bound=format_number(MARKED, 2),
            people=format_count(self.least_people),
        )  # fmt: skip

    def plot(self, ax: Axes | None = None) -> Axes:
        """Share of the segments of each class that bear each code."""
        from optima_research.coding.qualitative._figures import heat_map

        table = self.table()
        shares = 100 * table.body.astype(float).set_axis([c.label for c in table.columns], axis=1)
        return heat_map(shares, _("Share of the segments of the class (%)"), ax=ax, hidden=table.suppressed)

    def statistics(self) -> dict[str, Estimate | float]:
        """Residual of every code and class that go together, and the share without code."""
        found: dict[str, Estimate | float] = {
            f"residual:{label}:{code}": float(self.residuals.loc[code, label])
            for label, codes in self.partners.items()
            for code in codes
        }
        return found | {f"uncoded:{label}": float(share) for label, share in self.uncoded.dropna().items()}


def _units(classes: Reinert, project: CodedProject) -> pd.DataFrame:
    """Where each segment lies in the project's texts, its class, and who speaks."""
    corpus = classes.matrix.corpus
    if corpus is None:
        raise AnalysisError(
            _("The classes come from a table of counts: nothing says where its rows lie in the texts."),
            parameter="classes", hint=_("Classify a corpus: reinert(project_corpus(project).turns())."),
        )  # fmt: skip
    documents = pd.Series(corpus.texts.index, index=corpus.texts.index)
    whole = pd.DataFrame({"document": documents, "start": 0, "end": corpus.texts.str.len()})
    origin = whole if corpus.origin is None else corpus.origin
    strange = sorted(set(origin["document"]) - set(project.sources["name"]))
    if strange:
        raise AnalysisError(
            _("The classes were not made from the texts of this project."),
            parameter="classes",
            got=", ".join(strange[:5]),
        )
    units = origin.rename(columns={"document": "source"}).reset_index(drop=True)
    first = units.iloc[0]
    if project.text(str(first["source"]))[first["start"] : first["end"]] != corpus.texts.iloc[0]:
        raise AnalysisError(
            _("The classes were not made from the texts of this project."),
            parameter="classes",
            got=first["source"],
        )
    cases = project.case_of()
    return units.assign(**{"class": classes.classes.to_numpy(), "person": units["source"].map(cases)})


def _borne(units: pd.DataFrame, spans: pd.DataFrame, project: CodedProject, paths: list[str]) -> Any:
    """Segments × codes: whether a coding of the code, or of one under it, touches the segment."""
    touched = coded_units(units, spans)
    borne = np.zeros((len(units), len(paths)), dtype=bool)
    for place, path in enumerate(paths):
        rows = touched.loc[touched["code"].isin(project.branch(path)), "row"]
        borne[rows.to_numpy(dtype=np.int64), place] = True
    return borne


def _people(person: Any, borne: Any, member: Any) -> Any:
    """Number of people with a segment in the class that bears the code."""
    who, _names = pd.factorize(person)
    found = np.zeros((borne.shape[1], member.shape[1]), dtype=np.int64)
    for place in range(member.shape[1]):
        seen = np.zeros((borne.shape[1], who.max() + 1), dtype=bool)
        row, code = np.nonzero(borne & member[:, [place]])
        seen[code, who[row]] = True
        found[:, place] = seen.sum(axis=1)
    return found


def _residuals(counts: Any, sizes: Any, n: int) -> Any:
    """Adjusted standardised residuals of each code and class, from 2 × 2 tables."""
    total = counts.sum(axis=1, keepdims=True)
    expected = total * sizes / n
    spread = np.sqrt(expected * (1 - total / n) * (1 - sizes / n))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(spread > 0, (counts - expected) / spread, 0.0)
