"""The sentences of an invariance result."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from optima_research.coding.quantitative.cfa import heywood_sentence
from optima_research.coding.quantitative.comparable import Comparable, configural_rejected
from optima_research.language import _
from optima_research.language.numbers import format_count, format_number

if TYPE_CHECKING:
    import pandas as pd

    from optima_research.coding.quantitative.invariance import Invariance

SMALL_GROUP = 100
STEP_LABELS: dict[str, Callable[[], str]] = {
    "configural": lambda: _("Configural"),
    "metric": lambda: _("Metric (equal loadings)"),
    "metric_partial": lambda: _("Partial metric"),
    "scalar": lambda: _("Scalar (equal intercepts)"),
    "scalar_partial": lambda: _("Partial scalar"),
    "strict": lambda: _("Strict (equal residuals)"),
}


def verdict(result: Invariance) -> str:
    """What may be compared, and the number that says so."""
    if result.comparable is Comparable.NOTHING:
        return _nothing(result)
    last = _last(result, "scalar")
    values = {"by": result.by, "change": format_number(last["delta_cfi"], 3)}
    if result.comparable is Comparable.RELATIONS:
        if last["holds"]:
            return _(
                "Between the groups of « {by} », relations with this scale may be compared, not its means: the items "
                "that do not hold shift them by up to {bias} points, for a smallest effect of interest of {effect}.",
                by=result.by,
                bias=format_number(result.worst_bias, 2),
                effect=format_number(result.smallest_effect, 2),
            )
        return _(
            "Between the groups of « {by} », relations with this scale may be compared, not its means: the same "
            "answer does not stand for the same level (change of CFI {change} with equal intercepts).",
            **values,
        )
    if len(result.freed):
        return _(
            "Between the groups of « {by} », means may be compared on condition of partial invariance (change of "
            "CFI {change} once some items are freed).",
            **values,
        )
    return _(
        "Between the groups of « {by} », relations and means on this scale may be compared (change of CFI {change} "
        "with equal intercepts).",
        **values,
    )


def _nothing(result: Invariance) -> str:
    last = _last(result, "metric")
    if not configural_rejected(result.steps):
        return _(
            "The groups of « {by} » may not be compared on this scale: its items do not count alike in each (change of "
            "CFI {change} with equal loadings).",
            by=result.by,
            change=format_number(last["delta_cfi"], 3),
        )
    return _(
        "The groups of « {by} » may not be compared on this scale: its factors do not describe the answers (configural "
        "CFI = {cfi}, RMSEA = {rmsea}).",
        by=result.by,
        cfi=format_number(result.steps.loc["configural", "cfi"], 3),
        rmsea=format_number(result.steps.loc["configural", "rmsea"], 3),
    )


def _last(result: Invariance, step: str) -> pd.Series:
    partial = f"{step}_partial"
    return result.steps.loc[partial if partial in result.steps.index else step]


def freed_items(result: Invariance) -> str:
    """The items that do not hold, and what ignoring it would cost."""
    if len(result.freed):
        moved = int((result.impact["rank"] != result.impact["rank_adjusted"]).sum())
        return _(
            "Freed: {items}. Ignoring it would shift the comparison of two groups by up to {bias} points and move "
            "{moved} ranks.",
            items=", ".join(dict.fromkeys(result.freed["label"])),
            bias=format_number(result.worst_bias, 2),
            moved=format_count(moved),
        )
    suspects = result.tests[result.tests["p_adjusted"] < 0.05]
    if suspects.empty:
        return ""
    return _("Items that do not hold: {items}.", items=", ".join(dict.fromkeys(suspects["label"])))


def cautions(result: Invariance) -> str:
    """Small groups, groups left out, improper solutions."""
    said = []
    small = result.groups[result.groups < SMALL_GROUP]
    if len(small):
        said.append(
            _(
                "Under {limit} respondents a group these tests have little power: {groups}.",
                limit=SMALL_GROUP,
                groups=", ".join(f"{group} (n = {format_count(n)})" for group, n in small.items()),
            )
        )
    if result.left_out:
        said.append(
            _(
                "Too small to be tested, hence left out: {groups}.",
                groups=", ".join(f"{group} (n = {format_count(n)})" for group, n in result.left_out),
            )
        )
    if result.heywood:
        said.append(heywood_sentence(tuple(f"{item} ({group})" for item, group in result.heywood)))
    return " ".join(said)
