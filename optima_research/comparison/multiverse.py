"""One key estimate under every defensible choice: a range for the footnote."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import pandas as pd

from optima_research.errors import AnalysisError, OptimaError
from optima_research.language import _
from optima_research.language.numbers import format_level, format_number
from optima_research.results import Column, Estimate, PublicationTable, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False)
class Multiverse(Result):
    """An estimate recomputed under every combination of choices.

    Parameters
    ----------
    label : str
    estimates : DataFrame
        One row a combination: one column a choice, then ``value low high n reason`` (why it could not be made).
    level : float
    """

    label: str
    estimates: pd.DataFrame
    level: float = 0.95

    @property
    def smallest(self) -> float:
        """Smallest of the estimates."""
        return float(self.estimates["value"].min())

    @property
    def largest(self) -> float:
        """Largest of the estimates."""
        return float(self.estimates["value"].max())

    def footnote(self) -> str:
        """The range as a note under the table of the key estimate."""
        done = self.estimates["value"].notna()
        away = (self.estimates["low"] > 0) | (self.estimates["high"] < 0)
        choices = ", ".join(self.estimates.columns[: -len(_VALUES)])
        return _(
            "According to {choices} ({n} combinations), {label} goes from {low} to {high}; its interval "
            "excludes zero in {away} of them.",
            choices=choices, n=int(done.sum()), label=self.label, low=format_number(self.smallest, 2),
            high=format_number(self.largest, 2), away=int(away[done].sum()),
        )  # fmt: skip

    def sentence(self) -> str:
        """The footnote."""
        return self.footnote()

    def table(self) -> PublicationTable:
        """One row a combination."""
        choices = list(self.estimates.columns[: -len(_VALUES)])
        names = [" – ".join(map(str, row)) for row in self.estimates[choices].itertuples(index=False)]
        body = self.estimates.set_index(pd.Index(names))
        columns = (
            Column("n", "n", kind="count"), Column("value", _("Estimate"), decimals=2),
            Column(("low", "high"), format_level(self.level), kind="interval"),
        )  # fmt: skip
        bases = pd.DataFrame(dict.fromkeys(("value", "low", "high"), body["n"]))
        return PublicationTable(
            title=_("{label} under every choice", label=self.label), body=body, columns=columns,
            stub=" – ".join(choices), bases=bases, note=self.footnote(), name="multiverse",
        )  # fmt: skip

    def plot(self, ax: Axes | None = None) -> Axes:
        """Estimates with their intervals, in order of size."""
        from optima_research.comparison.figures import interval_dots

        shown = self.table().body.dropna(subset=["value"]).sort_values("value", kind="stable")
        return interval_dots(
            ax, labels=list(map(str, shown.index)), values=shown["value"].to_numpy(), low=shown["low"].to_numpy(),
            high=shown["high"].to_numpy(), axis_label=self.label, reference=0.0,
        )  # fmt: skip

    def statistics(self) -> dict[str, Estimate | float]:
        """Ends of the range."""
        return {"smallest": self.smallest, "largest": self.largest}


_VALUES = ("value", "low", "high", "n", "reason")


def multiverse(
    analysis: Callable[..., Estimate], choices: Mapping[str, Mapping[str, Any]], *, label: str = ""
) -> Multiverse:
    """Recompute an estimate under every combination of defensible choices.

    Parameters
    ----------
    analysis : callable
        Takes one keyword argument a choice and returns an Estimate.
    choices : mapping
        Choice (weights, careless filter, missing rule, regime…) → label of the option → value handed to ``analysis``.
    label : str
        What is estimated, in words.

    Returns
    -------
    Multiverse
        ``estimates smallest largest`` and ``footnote()``

    Notes
    -----
    A combination that the data do not allow (a refusal of this package) stays in the table with its reason, and out of
    the range.

    Examples
    --------
    >>> from optima_research.results import Estimate
    >>> def mean(rows, shift):
    ...     return Estimate(sum(rows) / len(rows) + shift, -1, 1)
    >>> result = multiverse(mean, {"rows": {"all": [1, 2, 3], "kept": [1, 2]}, "shift": {"no": 0, "yes": 1}})
    >>> result.smallest, result.largest
    (1.5, 3.0)
    """
    if not choices or not all(choices.values()):
        raise AnalysisError(_("Name at least one choice, each with its options."), parameter="choices")
    rows = []
    level = 0.95
    for combination in product(*(options.items() for options in choices.values())):
        named = dict(zip(choices, combination, strict=True))
        row: dict[str, Any] = {name: option for name, (option, _value) in named.items()}
        try:
            found = analysis(**{name: value for name, (_option, value) in named.items()})
        except OptimaError as refusal:
            rows.append({**row, "value": float("nan"), "low": float("nan"), "high": float("nan"), "n": 0,
                         "reason": refusal.message})  # fmt: skip
            continue
        level = found.level
        rows.append(
            {**row, "value": found.value, "low": found.low, "high": found.high, "n": found.n, "reason": ""}
        )
    table = pd.DataFrame(rows)
    if table["value"].isna().all():
        raise AnalysisError(
            _("No combination of choices could be computed: {reason}", reason=table["reason"].iloc[0])
        )
    return Multiverse(label or _("the estimate"), table, level)
