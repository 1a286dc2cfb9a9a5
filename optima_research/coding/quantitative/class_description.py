"""What sets each class apart: categories over- and under-represented in it, and means that depart from the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from optima_research.coding.quantitative import _geometry_words as words
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_number, format_percent
from optima_research.results import Column, Estimate, Protect, PublicationTable, Result
from optima_research.results.frames import categories, label_of, numeric
from optima_research.tally import Tally

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from optima_research.results.frames import Data

FloatArray = npt.NDArray[np.float64]
_MOST_SAID = 3


def describe_classes(
    data: Data,
    classes: str,
    questions: Sequence[str],
    numbers: Sequence[str] = (),
    *,
    threshold: float = 0.05,
) -> ClassDescription:
    """Describe groups (classes of a typology, partners) by v-tests.

    Parameters
    ----------
    data : DataFrame or Survey
        One row a respondent.
    classes : str
        Column of the classes.
    questions : list of str
        Nominal or ordinal questions.
    numbers : list of str
        Numbers whose means are compared to the whole.
    threshold : float
        Two-sided p-value under which a category is said to be typical of a class, in sentences and tables.

    Returns
    -------
    ClassDescription
        ``profiles`` (index class, question, category): ``n``, ``share_of_class`` (of the class, who are in the
        category), ``share_of_category`` (of the category, who are in the class), ``share`` (of all), ``p_value``,
        ``v_test``; ``means`` (index class, variable): ``n mean sd overall_mean overall_sd p_value v_test``.

    Raises
    ------
    AnalysisError
        Fewer than two classes.

    Notes
    -----
    A category: hypergeometric mid-p, 2 min(P(X < x), P(X > x)) + P(X = x), turned into a normal deviate. A mean:
    (mean of class - mean) / sqrt(s² (N - n) / ((N - 1) n)), s² with divisor N. Both read classes as if drawn without
    replacement: they rank what is typical; on questions that built the classes they are no test of a hypothesis.
    Each question is read on those who answered it. Agrees with FactoMineR 2.7 (catdes) to 1e-9.

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"class": [1] * 6 + [2] * 6, "sig": list("oooooonnnnno")})
    >>> describe_classes(data, "class", ["sig"]).profiles["v_test"].round(2).tolist()
    [-2.67, 2.67, 2.67, -2.67]
    """
    found = categories(data, classes).cat.remove_unused_categories().cat.categories
    if len(found) < 2:
        raise AnalysisError(_("Two classes at least are needed to tell them apart."), parameter="classes")
    tallies = {name: Tally.of(data, [classes, name]) for name in questions}
    tables = {name: tally.frame().rename(index=str, columns=str) for name, tally in tallies.items()}
    sizes = categories(data, classes).value_counts(sort=False).rename(index=str)
    return ClassDescription(
        profiles=category_profiles(tables),
        means=_means(data, classes, numbers),
        sizes=sizes[sizes > 0].rename("n"),
        labels={name: label_of(data, name) for name in [*questions, *numbers, classes]},
        by=classes,
        threshold=threshold,
    )


def category_profiles(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """V-tests from tables of counts, classes × categories, one a question."""
    parts = []
    for name, table in tables.items():
        counts = table.loc[table.sum(axis=1) > 0, table.sum(axis=0) > 0]
        parts.append(_profile(name, counts))
    whole = pd.concat(parts)
    classes = list(dict.fromkeys(whole.index.get_level_values("class")))
    return pd.concat([whole.loc[[one]] for one in classes])


@dataclass(frozen=True, eq=False, repr=False)
class ClassDescription(Result):
    """What sets classes apart; see :func:`describe_classes`."""

    profiles: pd.DataFrame
    means: pd.DataFrame
    sizes: pd.Series
    labels: dict[str, str]
    by: str
    threshold: float
    shown: PublicationTable | None = None

    @property
    def typical(self) -> pd.DataFrame:
        """The profiles under the threshold, strongest first within each class."""
        kept = self.profiles[self.profiles["p_value"] < self.threshold]
        parts = [
            kept.loc[[one]].sort_values("v_test", ascending=False, kind="stable")
            for one in self.sizes.index
            if one in kept.index.get_level_values(0)
        ]
        return pd.concat(parts) if parts else kept

    def table(self) -> PublicationTable:
        """The typical categories of each class."""
        if self.shown is not None:
            return self.shown
        typical = self.typical
        body = typical.copy()
        # Disclosure control reads the first level: classes share no respondent.
        names = [words.category(self.labels.get(q, q), level) for _class, q, level in typical.index]
        body.index = pd.MultiIndex.from_arrays([[str(key[0]) for key in typical.index], names])
        size = typical.index.get_level_values(0).map(self.sizes)
        whole = (typical["n"] / typical["share_of_category"]).round()
        bases = pd.DataFrame(
            {"n": size, "share_of_class": size, "share_of_category": whole.to_numpy(), "share": self.sizes.sum(),
             "v_test": size}, index=body.index,
        )  # fmt: skip
        columns = (
            Column("n", "n", kind="count"),
            Column("share_of_class", _("Of the class"), kind="percent"),
            Column("share", _("Of all"), kind="percent"),
            Column("share_of_category", _("Of the category"), kind="percent"),
            Column("v_test", _("v-test"), decimals=1),
        )
        counts = pd.DataFrame({"n": body["n"], "share_of_class": body["n"], "share_of_category": body["n"]})
        return PublicationTable(
            title=_("What sets the classes apart"),
            body=body,
            columns=columns,
            stub=_("Class – question: answer"),
            bases=bases,
            counts=counts,
            reading=self._reading(),
            scope=_("{n} respondents in {k} classes.", n=format_count(self.sizes.sum()), k=len(self.sizes)),
            note=_("Categories whose v-test has p < {p} (hypergeometric, mid-p), strongest first.",
                   p=format_number(self.threshold, 2)),
            name=f"classes_{self.by}",
        )  # fmt: skip

    def sentence(self) -> str:
        """One sentence a class: its size and its most typical answers."""
        return " ".join(self._portrait(str(one)) for one in self.sizes.index)

    def summary_lines(self) -> list[str]:
        """One line a class."""
        return [self._portrait(str(one)) for one in self.sizes.index]

    def plot(self, ax: Axes | None = None) -> Axes:
        """V-tests of the most typical answers of each class, one bar an answer."""
        from optima_research.results import style

        typical = self.typical
        rows = typical[typical["v_test"] > 0].groupby(level=0, sort=False).head(_MOST_SAID).iloc[::-1]
        ax = style.axes(ax, width="full", rows=len(rows))
        ax.barh(np.arange(len(rows)), rows["v_test"], color=style.palette(1)[0], height=0.6)
        labels = [f"{one} – {words.category(self.labels.get(q, q), level)}" for one, q, level in rows.index]
        ax.set_yticks(np.arange(len(rows)), labels)
        ax.set_xlabel(_("v-test"))
        style.decimal_axis(ax)
        return ax

    def statistics(self) -> dict[str, Estimate | float]:
        """Sizes and the v-tests under the threshold."""
        found: dict[str, Estimate | float] = {f"n × {one}": float(n) for one, n in self.sizes.items()}
        for key, value in self.typical["v_test"].items():
            found[" × ".join(map(str, np.atleast_1d(np.array(key, dtype=object))))] = float(value)
        return found

    def protected(self, protect: Protect) -> Self:
        """The description without the lines a policy hides."""
        table = protect(self.table())
        if table.suppressed is None:
            return replace(self, shown=table)
        hidden = table.suppressed.reindex(self.table().body.index).any(axis=1).to_numpy()
        keep = self.typical[~hidden]
        sizes = self.sizes[self.sizes.index.isin(keep.index.get_level_values(0))]
        rest = replace(self, profiles=keep, means=self.means.iloc[:0], sizes=sizes)
        return replace(rest, shown=table.with_notes(reading=rest._reading()))

    def typical_answers(self, one: str, *, shares: bool = True) -> str:
        """The answers most over-represented in a class, in words; empty where there is none."""
        typical = self.typical
        rows = typical.loc[[one]] if one in typical.index.get_level_values(0) else typical.iloc[:0]
        if not shares:
            kept = rows[rows["v_test"] > 0].head(_MOST_SAID).index
            return ", ".join(
                f"« {words.category(self.labels.get(q, q), level)} »" for _class, q, level in kept
            )
        named = [
            _("« {category} » ({inside} against {all})",
              category=words.category(self.labels.get(q, q), level),
              inside=format_percent(row["share_of_class"], 0), all=format_percent(row["share"], 0))
            for (_class, q, level), row in rows[rows["v_test"] > 0].head(_MOST_SAID).iterrows()
        ]  # fmt: skip
        return ", ".join(named)

    def _portrait(self, one: str) -> str:
        share = format_percent(self.sizes[one] / self.sizes.sum())
        start = _(
            "Class {name}: {n} respondents ({share})", name=one, n=format_count(self.sizes[one]), share=share
        )
        answers = self.typical_answers(one)
        if not answers:
            return start + _(", without a typical answer.")
        return start + _(", more often {answers}.", answers=answers)

    def _reading(self) -> str:
        if self.typical.empty:
            return ""
        (one, question, level), row = next(iter(self.typical.iterrows()))
        return _(
            "{inside} of class {name} are in « {category} », against {all} of all respondents.",
            inside=format_percent(row["share_of_class"]),
            name=one,
            category=words.category(self.labels.get(question, question), level),
            all=format_percent(row["share"]),
        )


def _profile(name: str, counts: pd.DataFrame) -> pd.DataFrame:
    x = counts.to_numpy(float)
    n_class, n_category, total = x.sum(axis=1)[:, None], x.sum(axis=0)[None, :], x.sum()
    p_value = mid_p(x, n_class, n_category, total)
    share = np.broadcast_to(n_category / total, x.shape)
    index = pd.MultiIndex.from_product(
        [counts.index, [name], counts.columns], names=["class", "question", "category"]
    )
    return pd.DataFrame(
        {
            "n": x.ravel().astype(np.int64),
            "share_of_class": (x / n_class).ravel(),
            "share_of_category": (x / n_category).ravel(),
            "share": share.ravel(),
            "p_value": p_value.ravel(),
            "v_test": _deviate(x, n_class, n_category, total, p_value).ravel(),
        },
        index=index,
    )


def mid_p(x: FloatArray, n_class: FloatArray, n_category: FloatArray, total: float) -> FloatArray:
    """Two-sided hypergeometric mid-p of a count in a class, arrays that broadcast."""
    from scipy.stats import hypergeom

    law = hypergeom(total, n_category, n_class)
    tails = np.minimum(law.cdf(x - 1), law.sf(x))
    return np.asarray(np.minimum(2 * tails + law.pmf(x), 1.0), dtype=float)


def _deviate(
    x: FloatArray, n_class: FloatArray, n_category: FloatArray, total: float, p_value: FloatArray
) -> FloatArray:
    from scipy.special import ndtri

    expected = n_class * n_category / total
    variance = expected * (1 - n_category / total) * (total - n_class) / max(total - 1, 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        # Where p is under the smallest number, the normal deviate itself is all that is left.
        far = np.where(variance > 0, np.abs(x - expected) / np.sqrt(variance), 0.0)
        size = np.where(p_value > 0, -ndtri(p_value / 2), far)
    return np.asarray(np.sign(x - expected) * size, dtype=float)


def _means(data: Data, classes: str, numbers: Sequence[str]) -> pd.DataFrame:
    from scipy.special import ndtr

    parts = []
    group = categories(data, classes)
    for name in numbers:
        values = numeric(data, name)
        valid = values.notna() & group.notna()
        x, g = values[valid], group[valid].astype(str)
        mean, sd, total = x.mean(), x.std(ddof=0), len(x)
        inside = x.groupby(g, sort=False)
        part = pd.DataFrame({"n": inside.size(), "mean": inside.mean(), "sd": inside.std(ddof=0)})
        part["overall_mean"], part["overall_sd"] = mean, sd
        error = sd * np.sqrt((total - part["n"]) / (total - 1) / part["n"])
        part["v_test"] = (part["mean"] - mean) / error
        part["p_value"] = 2 * ndtr(-part["v_test"].abs())
        parts.append(
            part.set_index(pd.MultiIndex.from_product([part.index, [name]], names=["class", "variable"]))
        )
    columns = ["n", "mean", "sd", "overall_mean", "overall_sd", "p_value", "v_test"]
    return pd.concat(parts)[columns] if parts else pd.DataFrame(columns=columns)
