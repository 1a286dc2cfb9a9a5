"""Estimates held against the truth of a simulation: the last cell of a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_level
from optima_research.results import Column, Estimate, PublicationTable, Result

__all__ = ["Validation", "against_truth"]


@dataclass(frozen=True, eq=False, repr=False)
class Validation(Result):
    """Estimates, their intervals, and what was true.

    Parameters
    ----------
    cases : DataFrame
        One row an estimate: ``value low high truth inside``.
    level : float
        Level of the intervals.
    """

    cases: pd.DataFrame
    level: float = 0.95

    @property
    def inside(self) -> int:
        """Number of intervals that hold the truth."""
        return int(self.cases["inside"].sum())

    def table(self) -> PublicationTable:
        """One line an estimate. The data are simulated: nobody is behind the numbers."""
        words = self.cases["inside"].map({True: _("yes"), False: _("no")})
        columns = (
            Column("value", _("Estimate"), decimals=2),
            Column(("low", "high"), format_level(self.level), kind="interval"),
            Column("truth", _("Truth"), decimals=2),
            Column("said", _("In the interval"), kind="text"),
        )
        return PublicationTable(
            _("Estimates against the truth of the simulation"),
            self.cases.assign(said=words),
            columns,
            name="validation",
            simulated=True,
        )

    def sentence(self) -> str:
        """How many intervals hold the truth."""
        return _(
            "Intervals that hold the true value: {inside} of {n} ({level}).",
            inside=self.inside,
            n=len(self.cases),
            level=format_level(self.level),
        )


def against_truth(estimates: Mapping[str, Estimate] | pd.DataFrame, truth: Mapping[str, float]) -> Validation:
    """Hold estimates against the true values of the same names.

    Parameters
    ----------
    estimates : mapping of Estimate, or DataFrame
        A frame has one row an estimate with ``value low high``, as a design gives with ``by``.
    truth : mapping of str to float
        True value by name; names without an estimate are left out.

    Raises
    ------
    AnalysisError
        An estimate has no truth.

    Examples
    --------
    >>> against_truth({"mean": Estimate(3.2, 3.0, 3.4)}, {"mean": 3.1}).inside
    1
    """
    if not isinstance(estimates, pd.DataFrame):
        rows = {name: (e.value, e.low, e.high) for name, e in estimates.items()}
        estimates = pd.DataFrame.from_dict(rows, orient="index", columns=["value", "low", "high"])
    strangers = [str(name) for name in estimates.index if name not in truth]
    if strangers:
        raise AnalysisError(
            _("The simulation says nothing of {names}.", names=", ".join(strangers)),
            expected=", ".join(truth),
        )
    known = estimates.index.map(truth).astype(float)
    cases = estimates[["value", "low", "high"]].assign(
        truth=known, inside=(estimates["low"] <= known) & (known <= estimates["high"])
    )
    return Validation(cases)
