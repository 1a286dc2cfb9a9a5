"""Money saved, honestly: every input with its uncertainty, and which one matters most."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from optima_research.comparison.estimates import EstimateList
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_interval, format_number, format_percent
from optima_research.results import Column, Estimate, PublicationTable, Verdict

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Input: TypeAlias = "float | tuple[float, float, float] | Sequence[float] | npt.NDArray[np.float64]"
DRAWS = 10_000


@dataclass(frozen=True, eq=False, repr=False)
class Savings(EstimateList):
    """A saving with its uncertainty; estimate ``saving``.

    Parameters
    ----------
    tornado : DataFrame
        Index input, most influential first; ``low high`` of the input, ``at_low at_high`` the saving when that
        input alone moves, ``swing``.
    chance_positive : float
        Share of the draws in which something is saved.
    """

    tornado: pd.DataFrame
    chance_positive: float
    unit: str

    def sentence(self) -> str:
        """Whether something is saved, and what decides it."""
        saving = self["saving"]
        values = {
            "value": format_count(saving.value), "interval": format_interval(saving.low, saving.high, 0),
            "unit": self.unit, "first": self.tornado.index[0], "chance": format_percent(self.chance_positive, 0),
        }  # fmt: skip
        if self.verdict is Verdict.INCONCLUSIVE:
            return _(
                "Saving: {value} {unit} {interval}; a loss is not excluded (saving in {chance} of the "
                "draws). The input that matters most is « {first} ».",
                **values,
            )
        if saving.value > 0:
            return _(
                "Saving: {value} {unit} {interval}. The input that matters most is « {first} ».", **values
            )
        return _(
            "Extra cost: {value} {unit} {interval}. The input that matters most is « {first} ».", **values
        )

    def tornado_table(self) -> PublicationTable:
        """One row an input."""
        columns = (
            Column(("low", "high"), _("Range of the input"), kind="interval"),
            Column(("at_low", "at_high"), _("Saving at the ends"), kind="interval", decimals=0),
            Column("swing", _("Swing"), decimals=0),
        )
        return PublicationTable(
            title=_("What the saving depends on"), body=self.tornado, columns=columns, stub=_("Input"), note=self.note,
            name="tornado",
        )  # fmt: skip

    def plot(self, ax: Axes | None = None) -> Axes:
        """Tornado: the saving at both ends of each input, the others at their centre."""
        from optima_research.comparison.figures_change import tornado_plot

        return tornado_plot(self, ax)


def savings(
    inputs: Mapping[str, Input],
    formula: Callable[..., float],
    *,
    unit: str = "€",
    level: float = 0.95,
    seed: int = 0,
) -> Savings:
    """Saving computed from uncertain inputs: interval by simulation and bootstrap, tornado of what matters.

    Parameters
    ----------
    inputs : mapping
        Name → a number (taken as certain), three numbers (low, most likely, high: triangular), or a sample (its mean is
        bootstrapped).
    formula : callable
        Takes the inputs by name, as arrays, and returns the saving.
    unit : str
    level : float
    seed : int

    Returns
    -------
    Savings
        ``["saving"]``, ``tornado``, ``chance_positive``

    Notes
    -----
    Time freed is money saved only where a post, overtime or a contract disappears: put that share among the inputs. The
    ends of the tornado are the declared ones, or the interval of a bootstrapped mean.

    Examples
    --------
    >>> inputs = {"requests": 12_000, "minutes": (4.0, 6.0, 9.0), "rate": 0.55, "cashed": (0.1, 0.3, 0.6)}
    >>> result = savings(inputs, lambda requests, minutes, rate, cashed: requests * minutes * rate * cashed)
    >>> result.tornado.index[0]
    'cashed'
    """
    if not inputs:
        raise AnalysisError(_("Name at least one input."), parameter="inputs")
    rng = np.random.default_rng(seed)
    drawn = {name: _draws(name, value, rng) for name, value in inputs.items()}
    values = np.asarray(formula(**{name: draws for name, (_centre, draws) in drawn.items()}), dtype=float)
    values = np.broadcast_to(values, (DRAWS,))
    if not np.isfinite(values).all():
        raise AnalysisError(_("The formula gives values that are not numbers."), parameter="formula")
    centre = {name: middle for name, (middle, _drawn) in drawn.items()}
    tails = [(1 - level) / 2, (1 + level) / 2]
    low, high = np.quantile(values, tails)
    rows = {}
    for name, (middle, draws) in drawn.items():
        value = inputs[name]
        ends = (
            (value[0], value[2])
            if isinstance(value, tuple) and _is_range(value)
            else np.quantile(draws, tails)
        )
        at = [float(formula(**{**centre, name: float(end)})) for end in ends]
        rows[name] = (middle, float(ends[0]), float(ends[1]), *at, abs(at[1] - at[0]))
    headings = ["centre", "low", "high", "at_low", "at_high", "swing"]
    tornado = pd.DataFrame.from_dict(rows, orient="index", columns=headings)
    tornado = tornado.sort_values("swing", ascending=False, kind="stable")
    estimate = Estimate(float(formula(**centre)), float(low), float(high), level=level, name=_("saving"))
    return Savings(
        _("Saving ({unit})", unit=unit), {"saving": estimate}, _("{n} inputs.", n=len(inputs)),
        _("{draws} draws; {chance} of them save something.", draws=format_count(DRAWS),
          chance=format_percent(float((values > 0).mean()), 0)),
        tornado, float((values > 0).mean()), unit,
    )  # fmt: skip


def _is_range(value: Input) -> bool:
    return isinstance(value, tuple) and len(value) == 3


def _draws(name: str, value: Input, rng: np.random.Generator) -> tuple[float, npt.NDArray[np.float64]]:
    numbers = np.atleast_1d(np.asarray(value, dtype=float))
    if not np.isfinite(numbers).all():
        raise AnalysisError(_("« {name} » is not a number.", name=name), parameter="inputs")
    if len(numbers) == 1:
        return float(numbers[0]), np.full(DRAWS, numbers[0])
    if _is_range(value):
        low, likely, high = numbers
        if not low <= likely <= high or low == high:
            raise AnalysisError(
                _("« {name} »: give low ≤ most likely ≤ high.", name=name), parameter="inputs",
                got=" ; ".join(format_number(number, 2) for number in numbers),
            )  # fmt: skip
        return float(likely), rng.triangular(low, likely, high, size=DRAWS)
    weights = rng.multinomial(len(numbers), np.full(len(numbers), 1 / len(numbers)), size=DRAWS)
    return float(numbers.mean()), weights @ numbers / len(numbers)
