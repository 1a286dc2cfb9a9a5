"""Sentences about axes and categories, shared by the results of the geometry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.language import _
from optima_research.language.numbers import format_count, format_percent

if TYPE_CHECKING:
    from optima_research.coding.quantitative.coded_answers import CodedAnswers
    from optima_research.coding.quantitative.mca_result import MultipleCorrespondence

_MOST_NAMED = 6


def category(question: str, level: str) -> str:
    """A category as a reader meets it."""
    return _("{question}: {answer}", question=question, answer=level)


def axis_name(axis: int, rates: pd.DataFrame) -> str:
    """Axis 1 (14,7 %): raw share of the variance."""
    return _("Axis {axis} ({share})", axis=axis, share=format_percent(rates.loc[axis, "raw"]))


def rates_note(rates: pd.DataFrame) -> str:
    """Raw rates understate the axes of an MCA: the three are told together."""
    axes = rates.index[:2]
    named = [
        (_("raw"), "raw"), (_("Benzécri"), "benzecri"), (_("Greenacre"), "greenacre")
    ]  # fmt: skip
    told = " · ".join(
        f"{name} " + ", ".join(format_percent(rates.loc[axis, column]) for axis in axes)
        for name, column in named
    )
    return _(
        "Share of the variance carried by axes {axes} – {told}.", axes=", ".join(map(str, axes)), told=told
    )


def opposition(result: MultipleCorrespondence, axis: int) -> str:
    """What an axis carries, and the answers that contribute more than the average on each side of it."""
    rate = result.rates.loc[axis]
    main = _(
        "Axis {axis} carries {raw} of the variance ({benzecri} by Benzécri's rate)",
        axis=axis,
        raw=format_percent(rate["raw"]),
        benzecri=format_percent(rate["benzecri"]),
    )
    sides = [_side(result, axis, sign) for sign in (1, -1)]
    if not all(sides):
        return f"{main}."
    return main + _(" and opposes {first} to {second}.", first=sides[0], second=sides[1])


def _side(result: MultipleCorrespondence, axis: int, sign: int) -> str:
    on_side = result.contributions[axis][np.sign(result.categories[axis]) == sign]
    strong = on_side.sort_values(ascending=False, kind="stable")
    above = strong[strong > 1 / len(result.solution.shares)].index[:3]
    return ", ".join(f"« {category(result.labels[q], level)} »" for q, level in above)


def remarks(answers: CodedAnswers, shares: pd.Series, rare: float) -> list[str]:
    """Unused answers, rare categories."""
    said = []
    unused = [category(q.label, level) for q in answers.questions for level in q.unused]
    if unused:
        said.append(_("Nobody chose {names}: these answers have no place on the map.", names=_listed(unused)))
    labels = {question.name: question.label for question in answers.questions}
    few = [category(labels[q], level) for (q, level), share in shares.items() if share < rare]
    if few:
        said.append(
            _(
                "Fewer than {share} of respondents are in {names}: such categories may build an axis by themselves "
                "(excluded=… keeps them off it).",
                share=format_percent(rare, 0),
                names=_listed(few),
            )
        )
    return said


def inseparable(shares: pd.Series, places: pd.DataFrame) -> list[str]:
    """Categories of two questions held by the same respondents sit at the same place on every axis."""
    key = pd.concat([places.round(9), shares.round(12)], axis=1)
    twins = key[key.duplicated(keep=False)]
    if twins.empty:
        return []
    names = [category(q, level) for q, level in twins.index]
    return [
        _(
            "The same respondents are in {names}: these categories count the same thing several times "
            '(for missing answers, missing="exclude").',
            names=_listed(names),
        )
    ]


def _listed(names: list[str]) -> str:
    shown = ", ".join(f"« {name} »" for name in names[:_MOST_NAMED])
    more = len(names) - _MOST_NAMED
    return shown if more <= 0 else _("{names} and {more} others", names=shown, more=format_count(more))
