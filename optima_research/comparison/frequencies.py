"""Frequencies of one question: how many, what share of those who answered, and who did not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from optima_research.codebook import ItemSet, MissingKind
from optima_research.comparison.shown import whole_rows
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_level, format_percent
from optima_research.results import Column, Estimate, Protect, PublicationTable, Result
from optima_research.results.frames import Data, categories, column_names, label_of, require
from optima_research.tally import Tally

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from optima_research.sampling import SurveyDesign
    from optima_research.sampling.regime import Regime

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class FrequencyTable(Result):
    """Frequencies of one question.

    Parameters
    ----------
    name, label : str
    answers : DataFrame
        One row an answer: ``n`` (respondents), ``share`` of valid answers (weighted where there are weights),
        ``low high`` its interval, ``crude_share`` without weights.
    n, n_missing : int
        Valid answers, and respondents without one.
    missing : Series
        Kinds of missing and their number, where they are known.
    several : bool
        Whether respondents could tick several answers: shares then pass 100 %.
    weighting : str
        In words, empty without weights.
    """

    name: str
    label: str
    answers: pd.DataFrame
    n: int
    n_missing: int
    missing: pd.Series
    level: float = 0.95
    several: bool = False
    weighting: str = ""
    shown: PublicationTable | None = None

    def table(self) -> PublicationTable:
        """One row an answer, then the total (without, where several answers were allowed)."""
        if self.shown is not None:
            return self.shown
        body = self.answers
        total = _("Total")
        if not self.several:
            body = pd.concat(
                [body, pd.DataFrame({"n": [self.n], "share": [1.0], "crude_share": [1.0]}, index=[total])]
            )
        counts = body[["n"]].assign(share=body["n"])
        bases = pd.DataFrame(float(self.n), index=body.index, columns=["share", "low", "high"])
        columns = (
            Column("n", _("Respondents"), kind="count"),
            Column("share", _("Weighted share") if self.weighting else _("Share"), kind="percent"),
            Column(
                ("low", "high"),
                _("{level}, in %", level=format_level(self.level)),
                kind="interval",
                decimals=1,
            ),
        )
        body = body.assign(low=100 * body["low"], high=100 * body["high"])
        return PublicationTable(
            title=self.label,
            body=body,
            columns=columns,
            stub=_("Answer"),
            bases=bases,
            counts=counts,
            totals=() if self.several else (total,),
            reading=self._reading(),
            scope=_("{n} respondents who answered.", n=format_count(self.n)),
            note=self._note(),
            name=f"frequencies_{self.name}",
        )

    def protected(self, protect: Protect) -> Self:
        """The frequencies a policy lets be shown: hidden answers are in no sentence, figure or statistic."""
        table = protect(self.table())
        kept = self.answers[self.answers.index.isin(whole_rows(table))]
        rest = replace(self, answers=kept)
        reading = rest._reading() if len(kept) else ""
        return replace(rest, shown=table.with_notes(reading=reading))

    def sentence(self) -> str:
        """The most frequent answer."""
        if self.answers.empty:
            return _("« {label} »: no answer may be shown.", label=self.label)
        first = self.answers["share"].idxmax()
        return _(
            "« {label} »: the most frequent answer is « {answer} » ({share} of {n} respondents).",
            label=self.label,
            answer=first,
            share=format_percent(self.answers["share"].max()),
            n=format_count(self.n),
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Shares with their intervals, in the order of the answers."""
        from optima_research.comparison.figures import share_bars

        return share_bars(self, ax)

    def statistics(self) -> dict[str, Estimate | float]:
        """The share of each answer."""
        return {
            str(row.Index): Estimate(
                row.share, row.low, row.high, level=self.level, n=self.n, name=str(row.Index)
            )
            for row in self.answers.itertuples()
        }

    def _reading(self) -> str:
        row = self.answers.iloc[0]
        return _(
            "{count} respondents chose « {answer} », that is {share} of those who answered.",
            count=format_count(row["n"]),
            answer=self.answers.index[0],
            share=format_percent(row["share"]),
        )

    def _note(self) -> str:
        parts = [self.weighting] if self.weighting else []
        if self.several:
            parts.append(_("Several answers were allowed: shares do not add up to 100%."))
        kinds = [
            f"{MissingKind(kind).label} : {format_count(number)}" for kind, number in self.missing.items()
        ]
        detail = f" ({' ; '.join(kinds)})" if kinds else ""
        parts.append(_("Without an answer: {n}{detail}.", n=format_count(self.n_missing), detail=detail))
        return " ".join(parts)


def frequency_table(
    data: Data,
    name: str,
    *,
    weights: str | None = None,
    design: SurveyDesign | None = None,
    regime: Regime | None = None,
    level: float = 0.95,
) -> FrequencyTable:
    """Frequencies of a question, or of a multiple-answer set of the codebook.

    Parameters
    ----------
    data : Survey or DataFrame, one row a respondent
    name : str
        A column, or the name of a multiple-answer set.
    weights : str, optional
        Column of weights: shares are weighted, without interval (an honest one needs the design).
    design, regime : optional
        Sampling design and regime: shares and intervals come from it.
    level : float

    Returns
    -------
    FrequencyTable
        Shares of valid answers; those without an answer are counted apart, by kind of missing.

    Notes
    -----
    Without weights the interval is Wilson's.

    Examples
    --------
    >>> import pandas as pd
    >>> frequency_table(pd.DataFrame({"q": ["Oui", "Oui", "Non", None]}), "q").answers["share"].round(2).to_dict()
    {'Non': 0.33, 'Oui': 0.67}
    """
    members = _multiple_set(data, name)
    if members is not None:
        return _multiple(data, members, weights, level)
    if design is not None:
        return _designed(data, name, design, regime, level)
    tally = Tally.of(data, [name], weights=weights)
    crude = tally.counts / max(tally.n, 1)
    low, high = wilson(tally.counts, np.full(len(crude), float(tally.n)), level)
    answers = pd.DataFrame(
        {"n": tally.counts.astype(int), "share": crude, "low": low, "high": high, "crude_share": crude},
        index=tally.levels[0].astype(str),
    )
    weighting = ""
    if weights is not None:
        answers = answers.assign(share=tally.weighted / tally.weighted.sum(), low=np.nan, high=np.nan)
        weighting = _("Shares weighted by « {name} »; counts are not.", name=weights)
    _require_answers(tally.n, name)
    return FrequencyTable(
        name, label_of(data, name), answers, tally.n, tally.n_missing, _missing_kinds(data, name), level,
        weighting=weighting,
    )  # fmt: skip


def wilson(count: Floats, n: Floats, level: float) -> tuple[Floats, Floats]:
    """Wilson's interval of a share."""
    from scipy import special

    z = float(special.ndtri((1 + level) / 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        p = count / n
        centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)


def _designed(
    data: Data, name: str, design: SurveyDesign, regime: Regime | None, level: float
) -> FrequencyTable:
    tally = Tally.of(data, [name])
    _require_answers(tally.n, name)
    found = design.proportion(name, regime=regime, level=level)
    labels = tally.levels[0].astype(str)
    if isinstance(found, pd.DataFrame):
        estimates = found.set_axis(found.index.astype(str)).reindex(labels)
    else:
        # A yes/no column: the design gives the share of "yes" alone.
        estimates = pd.DataFrame(
            {
                "value": [1 - found.value, found.value],
                "low": [1 - found.high, found.low],
                "high": [1 - found.low, found.high],
            },
            index=labels,
        )
    answers = pd.DataFrame(
        {
            "n": tally.counts.astype(int),
            "share": estimates["value"].fillna(0.0).to_numpy(),
            "low": estimates["low"].to_numpy(),
            "high": estimates["high"].to_numpy(),
            "crude_share": tally.counts / tally.n,
        },
        index=labels,
    )
    return FrequencyTable(
        name, label_of(data, name), answers, tally.n, tally.n_missing, _missing_kinds(data, name), level,
        weighting=_("Weighted shares; counts are not weighted.") + " " + design.note(regime),
    )  # fmt: skip


def _multiple_set(data: Data, name: str) -> ItemSet | None:
    if isinstance(data, pd.DataFrame) or name in column_names(data):
        return None
    for group in data.codebook.sets:
        if group.name == name and str(group.kind) == "multiple":
            return group
    return None


def _multiple(data: Data, group: ItemSet, weights: str | None, level: float) -> FrequencyTable:
    members = [member for member in group.members if member in column_names(data)]
    require(data, members)
    ticked = pd.DataFrame(
        {
            member: categories(data, member).cat.codes.to_numpy()
            for member in members
            if _is_choice(data, member)
        }
    )
    shown = (ticked >= 0).any(axis=1).to_numpy()
    n = int(shown.sum())
    _require_answers(n, group.name)
    chosen = (ticked == 0).to_numpy() & shown[:, None]
    counts = chosen.sum(axis=0).astype(float)
    crude = counts / n
    low, high = wilson(counts, np.full(len(crude), float(n)), level)
    answers = pd.DataFrame(
        {"n": counts.astype(int), "share": crude, "low": low, "high": high, "crude_share": crude},
        index=[label_of(data, member) for member in ticked.columns],
    )
    weighting = ""
    if weights is not None:
        from optima_research.results.frames import numeric

        w = np.where(shown, numeric(data, weights).fillna(0.0).to_numpy(), 0.0)
        answers = answers.assign(share=w @ chosen / w.sum(), low=np.nan, high=np.nan)
        weighting = _("Shares weighted by « {name} »; counts are not.", name=weights)
    return FrequencyTable(
        group.name, group.label or group.name, answers, n, int((~shown).sum()), pd.Series(dtype=int), level,
        several=True, weighting=weighting,
    )  # fmt: skip


def _is_choice(data: Data, member: str) -> bool:
    return isinstance(data, pd.DataFrame) or str(data.codebook[member].role) == "item"


def _missing_kinds(data: Data, name: str) -> pd.Series:
    if isinstance(data, pd.DataFrame):
        return pd.Series(dtype=int)
    kinds = data.missing[name].value_counts()
    return kinds[kinds > 0]


def _require_answers(n: int, name: str) -> None:
    if n == 0:
        raise AnalysisError(_("Nobody answered « {name} ».", name=name), parameter="name")
