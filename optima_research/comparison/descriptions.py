"""The table that describes a sample: means and shares, in all and by group, with what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np
import pandas as pd

from optima_research.comparison.shown import whole_rows
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_number
from optima_research.results import Column, Estimate, Protect, PublicationTable, Result
from optima_research.results.frames import Data, categories, label_of, measure_of, numeric, require

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WHOLE = ""
COLUMNS = [
    "variable",
    "answer",
    "group",
    "n",
    "n_missing",
    "count",
    "value",
    "sd",
    "median",
    "q1",
    "q3",
    "smd",
]


@dataclass(frozen=True, eq=False, repr=False)
class Description(Result):
    """Variables described one after another.

    Parameters
    ----------
    rows : DataFrame
        One row a variable (number) or answer (categories) and group; ``group`` is "" for everybody. ``value`` is a mean
        or a share, ``n`` its unweighted base, ``count`` the respondents in the cell (categories), ``n_missing`` those
        without an answer, ``sd median q1 q3`` for numbers, ``smd`` the standardised difference of that group with
        the rest of the sample.
    by, by_label : str
    groups : tuple of str
    n : int
    """

    rows: pd.DataFrame
    by: str
    by_label: str
    groups: tuple[str, ...]
    n: int
    shown: PublicationTable | None = None

    def table(self) -> PublicationTable:
        """One line a variable or answer, one column a group; shares in percent, standard deviation beside means."""
        if self.shown is not None:
            return self.shown
        lines = self.rows.drop_duplicates(["label", "answer"])[["label", "answer"]]
        index = pd.Index([_line(label, answer) for label, answer in lines.itertuples(index=False)])
        body, bases, counts = (pd.DataFrame(index=index) for _unused in range(3))
        columns: list[Column] = []
        for group in (WHOLE, *self.groups):
            part = (
                self.rows[self.rows["group"] == group]
                .set_index(["label", "answer"])
                .reindex(pd.MultiIndex.from_frame(lines))
            )
            heading = group or _("Together")
            share = part.index.get_level_values("answer") != ""
            value, sd = f"value {group}".strip(), f"sd {group}".strip()
            body[value] = np.where(share, 100 * part["value"], part["value"])
            body[sd] = part["sd"].to_numpy()
            bases[value] = bases[sd] = part["n"].to_numpy()
            counts[value] = part["count"].to_numpy()
            columns += [
                Column(value, _("Mean or %"), decimals=1, group=heading),
                Column(sd, _("SD"), decimals=1, group=heading),
            ]
        body["missing"] = self._missing(lines)
        columns.append(Column("missing", _("Missing"), kind="count"))
        return PublicationTable(
            title=self._title(),
            body=body, columns=tuple(columns), stub=_("Variable"), bases=bases, counts=counts,
            reading=self._reading(), scope=_("{n} respondents.", n=format_count(self.n)),
            note=_("Shares are of valid answers; counts are not weighted.") + self._imbalance(),
            name="description",
        )  # fmt: skip

    def protected(self, protect: Protect) -> Self:
        """The description a policy lets be shown: a line with a hidden cell is in no sentence or statistic."""
        table = protect(self.table())
        lines = [
            _line(label, answer) for label, answer in self.rows[["label", "answer"]].itertuples(index=False)
        ]
        rest = replace(self, rows=self.rows[pd.Index(lines).isin(whole_rows(table))])
        if rest.rows.empty:
            return replace(rest, shown=table.with_notes(reading=""))
        return replace(rest, shown=table.with_notes(reading=rest._reading()))

    def plot(self, ax: Axes | None = None) -> Axes:
        """Standardised difference of each group with the rest of the sample; without groups, there is no figure."""
        from optima_research.comparison.figures import marked_dots

        if not self.by or not np.isfinite(self.rows["smd"]).any():
            return super().plot(ax)
        rows = self.rows[self.rows["group"] != WHOLE]
        lines = [_line(label, answer) for label, answer in rows[["label", "answer"]].itertuples(index=False)]
        table = rows.assign(line=lines).pivot_table(index="line", columns="group", values="smd")
        table = table.reindex(
            index=dict.fromkeys(lines), columns=[g for g in self.groups if g in table.columns]
        )
        return marked_dots(table, ax, axis_label=_("Standardised difference with the rest"), reference=0.0)

    def sentence(self) -> str:
        """How many, and where answers are most often missing."""
        if self.rows.empty:
            return _("{n} respondents.", n=format_count(self.n))
        whole = self.rows[self.rows["group"] == WHOLE]
        worst = whole.loc[whole["n_missing"].idxmax()]
        if worst["n_missing"] == 0:
            return _("{n} respondents, no missing answer.", n=format_count(self.n))
        return _(
            "{n} respondents; « {label} » has the most missing answers ({missing}).",
            n=format_count(self.n),
            label=worst["label"],
            missing=format_count(worst["n_missing"]),
        )

    def statistics(self) -> dict[str, Estimate | float]:
        """Every mean and share."""
        return {
            " | ".join(part for part in (row.variable, row.answer, row.group) if part): float(row.value)
            for row in self.rows.itertuples()
        }

    def _title(self) -> str:
        if self.by:
            return _("Description of the sample by {by}", by=self.by_label)
        return _("Description of the sample")

    def _missing(self, lines: pd.DataFrame) -> np.ndarray:
        whole = self.rows[self.rows["group"] == WHOLE].set_index(["label", "answer"])
        return np.asarray(whole.reindex(pd.MultiIndex.from_frame(lines))["n_missing"])

    def _reading(self) -> str:
        row = self.rows.iloc[0]
        if row["answer"]:
            return _(
                "{share}% of the {n} respondents are « {answer} » ({label}).",
                share=format_number(100 * row["value"], 1), n=format_count(row["n"]), answer=row["answer"],
                label=row["label"],
            )  # fmt: skip
        return _(
            "The mean of « {label} » is {mean} over {n} respondents.",
            label=row["label"], mean=format_number(row["value"], 1), n=format_count(row["n"]),
        )  # fmt: skip

    def _imbalance(self) -> str:
        if not self.by or not np.isfinite(self.rows["smd"]).any():
            return ""
        worst = self.rows.loc[self.rows["smd"].abs().idxmax()]
        return " " + _(
            "Largest standardised difference with the rest of the sample: {smd} (« {line} », {group}).",
            smd=format_number(worst["smd"], 2), line=_line(worst["label"], worst["answer"]), group=worst["group"],
        )  # fmt: skip


def describe(data: Data, names: Sequence[str], by: str | None = None) -> Description:
    """Describe variables: mean, spread and quartiles of numbers, shares of answers, missing, in all and by group.

    Parameters
    ----------
    data : Survey or DataFrame, one row a respondent
    names : list of str
    by : str, optional
        Column of groups; each is compared with the rest of the sample by a standardised difference, not by a test:
        imbalance is a fact of the sample, and with six groups pairwise differences would be fifteen columns.

    Returns
    -------
    Description

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"age": [30, 40, 50], "sexe": ["F", "H", "F"]})
    >>> describe(data, ["age", "sexe"]).rows[["variable", "answer", "value"]].round(2).values.tolist()
    [['age', '', 40.0], ['sexe', 'F', 0.67], ['sexe', 'H', 0.33]]
    """
    names = [names] if isinstance(names, str) else list(names)
    if not names:
        raise AnalysisError(_("Name at least one variable to describe."), parameter="names")
    require(data, [*names, *([by] if by else [])])
    n = len(data) if isinstance(data, pd.DataFrame) else data.n
    groups: dict[str, np.ndarray] = {WHOLE: np.ones(n, dtype=bool)}
    if by is not None:
        column = categories(data, by)
        codes = column.cat.codes.to_numpy()
        groups |= {
            str(label): codes == code
            for code, label in enumerate(column.cat.categories)
            if (codes == code).any()
        }
    rows = [row for name in names for row in _described(data, name, groups)]
    frame = pd.DataFrame(rows)
    frame.insert(1, "label", [label_of(data, name) for name in frame["variable"]])
    return Description(frame, by or "", label_of(data, by) if by else "", tuple(groups)[1:], n)


def _described(data: Data, name: str, groups: dict[str, np.ndarray]) -> list[dict[str, object]]:
    if measure_of(data, name) in ("interval", "ratio"):
        values = numeric(data, name).to_numpy()
        return [_number(name, group, values, mask) for group, mask in groups.items()]
    column = categories(data, name)
    codes = column.cat.codes.to_numpy()
    return [
        _share(name, str(label), group, np.where(codes < 0, np.nan, codes == code), mask)
        for code, label in enumerate(column.cat.categories)
        for group, mask in groups.items()
    ]


def _number(name: str, group: str, values: np.ndarray, mask: np.ndarray) -> dict[str, object]:
    held = values[mask & np.isfinite(values)]
    quartiles = np.quantile(held, [0.25, 0.5, 0.75]) if len(held) else np.full(3, np.nan)
    mean, sd = _mean(held), _sd(held)
    rest = values[~mask & np.isfinite(values)]
    gap = _standardised(mean - _mean(rest), sd, _sd(rest)) if group else np.nan
    cells = (name, "", group, len(held), int(mask.sum()) - len(held), np.nan, mean, sd, quartiles[1], quartiles[0],
             quartiles[2], gap)  # fmt: skip
    return dict(zip(COLUMNS, cells, strict=True))


def _share(name: str, answer: str, group: str, chosen: np.ndarray, mask: np.ndarray) -> dict[str, object]:
    held, rest = chosen[mask & np.isfinite(chosen)], chosen[~mask & np.isfinite(chosen)]
    p, q = _mean(held), _mean(rest)
    gap = _standardised(p - q, np.sqrt(p * (1 - p)), np.sqrt(q * (1 - q))) if group else np.nan
    cells = (name, answer, group, len(held), int(mask.sum()) - len(held), held.sum(), p, np.nan, np.nan, np.nan,
             np.nan, gap)  # fmt: skip
    return dict(zip(COLUMNS, cells, strict=True))


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _sd(values: np.ndarray) -> float:
    return float(values.std(ddof=1)) if len(values) > 1 else float("nan")


def _standardised(gap: float, first: float, second: float) -> float:
    spread = np.sqrt((first**2 + second**2) / 2)
    return float(gap / spread) if spread > 0 else float("nan")


def _line(label: str, answer: str) -> str:
    return f"{label} : {answer} (%)" if answer else str(label)
