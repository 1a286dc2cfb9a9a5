"""What a multiple correspondence analysis gives back: the axes, the places of answers, and later waves put on them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

import numpy as np
import pandas as pd

from optima_research.coding.quantitative import _geometry_words as words
from optima_research.coding.quantitative._burt_kernels import pack
from optima_research.coding.quantitative._geometry_kernels import Solution
from optima_research.coding.quantitative.coded_answers import CodedAnswers, Missing
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_percent
from optima_research.results import Column, Estimate, Protect, PublicationTable, Result
from optima_research.results.frames import as_frame

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from optima_research.results.frames import Data

RARE = 0.05


def axis_columns(k: int) -> pd.Index:
    """Axes are numbered from one."""
    return pd.Index(range(1, k + 1), name="axis")


@dataclass(frozen=True, eq=False, repr=False)
class MultipleCorrespondence(Result):
    """Axes of a multiple correspondence analysis; see :func:`mca`.

    ``individuals`` holds one row a respondent, for typologies and projections: no table, figure, sentence or repr of
    this result shows it.
    """

    n: int
    n_missing: int
    eigenvalues: pd.Series
    categories: pd.DataFrame
    contributions: pd.DataFrame
    cos2: pd.DataFrame
    v_tests: pd.DataFrame
    supplementary: pd.DataFrame
    eta2: pd.DataFrame
    correlations: pd.DataFrame
    individuals: pd.DataFrame
    rates: pd.DataFrame
    counts: pd.Series
    shares: pd.Series
    missing: Missing
    answers: CodedAnswers
    solution: Solution
    shown: PublicationTable | None = field(default=None)

    @property
    def active(self) -> tuple[str, ...]:
        """Names of the questions that build the axes."""
        return tuple(question.name for question in self.answers.active)

    @property
    def labels(self) -> dict[str, str]:
        """What a reader calls each question."""
        return {question.name: question.label for question in self.answers.questions}

    @property
    def places(self) -> pd.DataFrame:
        """Coordinates of active and supplementary categories together."""
        return pd.concat([self.categories, self.supplementary])

    def project(self, data: Data) -> pd.DataFrame:
        """Coordinates of other respondents (a later wave, a new partner) on these axes.

        The columns of the active questions are read with the answers met when the axes were learned. An answer
        never met, or a missing one where no missing category was learned, weighs nothing.
        """
        codes = [question.code(data) for question in self.answers.active]
        sizes = [len(question.levels) + 1 for question in self.answers.active]
        scores, rows, start = self.solution.scores, [], 0
        for size in sizes:
            rows.append(np.vstack([scores[start : start + size - 1], np.zeros(scores.shape[1])]))
            start += size - 1
        values = pack(codes, sizes).scores(np.vstack(rows)) - self.solution.centre
        index = as_frame(data, [self.active[0]]).index
        return pd.DataFrame(values, index=index, columns=axis_columns(values.shape[1]))

    def never_met(self, data: Data) -> dict[str, list[str]]:
        """Answers of other respondents that these axes have not met, by question."""
        found = {question.name: question.unknown(data) for question in self.answers.active}
        return {name: answers for name, answers in found.items() if answers}

    def oriented_like(self, other: MultipleCorrespondence) -> Self:
        """The same axes, each turned to go the way of ``other``'s, so that the maps of two waves can be compared."""
        common = self.places.index.intersection(other.places.index)
        k = min(self.solution.n_axes, other.solution.n_axes)
        if len(common) == 0:
            raise AnalysisError(_("The two analyses have no category in common."))
        signs = np.ones(self.solution.n_axes)
        mine, theirs = (one.places.loc[common].iloc[:, :k].to_numpy() for one in (self, other))
        signs[:k] = np.where((mine * theirs).sum(axis=0) < 0, -1.0, 1.0)
        turned = {
            name: getattr(self, name) * signs
            for name in ("categories", "supplementary", "v_tests", "correlations", "individuals")
        }
        solution = replace(self.solution, coordinates=self.solution.coordinates * signs)
        return replace(self, solution=solution, **turned)

    def table(self) -> PublicationTable:
        """Places, contributions and v-tests of the categories on the first two axes."""
        if self.shown is not None:
            return self.shown
        columns: list[Column] = [Column("n", "n", kind="count")]
        places = self.places.loc[self.shares.index]
        body: dict[str, pd.Series] = {"n": self.counts}
        for axis in places.columns[:2]:
            group = words.axis_name(axis, self.rates)
            body[f"coordinate_{axis}"] = places[axis]
            body[f"contribution_{axis}"] = self.contributions[axis].reindex(places.index)
            body[f"v_test_{axis}"] = self.v_tests[axis]
            columns += [
                Column(f"coordinate_{axis}", _("Coordinate"), decimals=2, group=group),
                Column(f"contribution_{axis}", _("Contribution"), kind="percent", decimals=1, group=group),
                Column(f"v_test_{axis}", _("v-test"), decimals=1, group=group),
            ]
        frame = pd.DataFrame(body)
        # Disclosure control reads the first level: the answers to one question add up to its respondents.
        frame.index = pd.MultiIndex.from_tuples([(self.labels[q], level) for q, level in frame.index])
        bases = pd.DataFrame({name: self.counts.to_numpy() for name in frame}, index=frame.index)
        return PublicationTable(
            title=_("Answers on the axes of the multiple correspondence analysis"),
            body=frame,
            columns=tuple(columns),
            stub=_("Question: answer"),
            bases=bases,
            reading=self._reading(),
            scope=_("{n} respondents; {missing} left out.", n=format_count(self.n),
                    missing=format_count(self.n_missing)),
            note=" ".join([words.rates_note(self.rates), *self.remarks()]),
            name="mca",
        )  # fmt: skip

    def sentence(self) -> str:
        """What the first axes carry and what they oppose."""
        first = [words.opposition(self, axis) for axis in self.categories.columns[:2]]
        return " ".join(first)

    def summary_lines(self) -> list[str]:
        """Size of the analysis, the axes, the remarks."""
        size = _("{n} respondents, {q} active questions, {j} active categories, {a} axes.", n=format_count(self.n),
                 q=len(self.active), j=len(self.categories), a=len(self.eigenvalues))  # fmt: skip
        return [size, self.sentence(), *self.remarks()]

    def plot(self, ax: Axes | None = None) -> Axes:
        """The plane of the first two axes; :func:`category_plane` draws others."""
        from optima_research.coding.quantitative.plane_figure import category_plane

        return category_plane(self, ax=ax)

    def statistics(self) -> dict[str, Estimate | float]:
        """Eigenvalues and rates of the axes kept."""
        found: dict[str, Estimate | float] = {}
        for axis in self.categories.columns:
            found[f"eigenvalue_{axis}"] = float(self.eigenvalues[axis])
            found |= {f"{name}_{axis}": float(self.rates.loc[axis, name]) for name in self.rates}
        return found

    def protected(self, protect: Protect) -> Self:
        """The map without the categories a policy hides, and without the respondents."""
        table = protect(self.table())
        hidden = np.zeros(len(self.shares), dtype=bool)
        if table.suppressed is not None:
            hidden = table.suppressed.reindex(self.table().body.index).any(axis=1).to_numpy()
        keep = self.shares.index[~hidden]
        cut = {
            name: getattr(self, name).loc[getattr(self, name).index.isin(keep)]
            for name in (
                "categories",
                "contributions",
                "cos2",
                "v_tests",
                "supplementary",
                "counts",
                "shares",
            )
        }
        rest = replace(self, individuals=self.individuals.iloc[:0], **cut)
        return replace(rest, shown=table.with_notes(reading=rest._reading()))

    def remarks(self) -> list[str]:
        """What a reader must know before trusting the map: rare, unused and inseparable categories."""
        said = words.remarks(self.answers, self.shares.loc[self.categories.index], RARE)
        return [*said, *words.inseparable(self.shares, self.places)]

    def _reading(self) -> str:
        if self.categories.empty:
            return ""
        axis = self.categories.columns[0]
        question, level = self.contributions[axis].idxmax()
        return _(
            "« {category} » makes {share} of the variance of axis {axis}.",
            category=words.category(self.labels[question], level),
            share=format_percent(self.contributions.loc[(question, level), axis]),
            axis=axis,
        )
