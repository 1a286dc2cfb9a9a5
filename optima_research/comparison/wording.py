"""Comparisons in words: the sentence of each verdict, the test as it is printed, the notes of the tables.

Nothing here is known in advance: every phrase is chosen from the numbers of the result.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.language import _
from optima_research.language.numbers import (
    format_count,
    format_estimate,
    format_interval,
    format_level,
    format_number,
    format_p,
    format_percent,
)
from optima_research.results import Estimate, Verdict

if TYPE_CHECKING:
    from optima_research.comparison.result import Comparison

HEADLINE_EFFECTS = (
    "hedges_g", "rank_biserial", "omega_squared", "rank_epsilon_squared", "odds_ratio", "cramers_v_corrected",
)  # fmt: skip


def sentence(result: Comparison) -> str:
    """The finding in words, according to the verdict."""
    if (
        len(result.pairs) == 1
        and not result.withheld
        and not result.on_categories
        and result.method != "ordinal_logit"
    ):
        finding = _two_scores(result)
    else:
        finding = _several_groups(result)
    hidden = ""
    if result.withheld:
        hidden = " " + _("Groups hidden to protect respondents: {n}.", n=result.withheld)
    return f"{finding} ({_evidence(result)}).{hidden}"


def verdict_word(verdict: Verdict) -> str:
    """The verdict in the reader's language."""
    return Verdict(verdict).label


def test_words(result: Comparison) -> str:
    """The test as a reader expects it: name, statistic, degrees of freedom, p."""
    name = method_name(result.method)
    p = f"p {format_p(result.p_value)}"
    if not math.isfinite(result.statistic):
        return f"{name}: {p}" if _is_english() else f"{name} : {p}"
    df = result.df if isinstance(result.df, tuple) else (result.df,)
    inside = list_mark().join(
        format_number(d, 0 if float(d).is_integer() else 1) for d in df if math.isfinite(d)
    )
    freedom = f"({inside})" if inside else ""
    colon = ":" if _is_english() else " :"
    return f"{name}{colon} {symbol(result.method)}{freedom} = {format_number(result.statistic, 2)}{list_mark()}{p}"


def method_name(method: str) -> str:
    """Name of a method in the reader's language."""
    names = {
        "welch_t": _("Welch's t test"),
        "welch_anova": _("Welch's analysis of variance"),
        "anova": _("analysis of variance"),
        "mann_whitney": _("Mann–Whitney test"),
        "kruskal": _("Kruskal–Wallis test"),
        "chi2": _("chi-squared test"),
        "fisher": _("Fisher's exact test"),
        "ordinal_logit": _("proportional-odds model, likelihood ratio"),
        "design_t": _("design-based t test"),
        "design_wald": _("design-based Wald test"),
        "design_rank": _("design-based rank test"),
        "rao_scott": _("chi-squared test with Rao–Scott correction"),
    }
    return names[method]


def symbol(method: str) -> str:
    """Letter of the statistic."""
    letters = {"welch_t": "t", "design_t": "t", "mann_whitney": "U", "kruskal": "H", "design_rank": "F"}
    return letters.get(method, "χ²" if method in ("chi2", "ordinal_logit") else "F")


def scope(result: Comparison) -> str:
    """Who is compared."""
    return _(
        "{n} respondents with an answer to « {outcome} » and a known {by}; {missing} left out.",
        n=format_count(result.n),
        outcome=result.outcome_label,
        by=f"« {result.by_label} »",
        missing=format_count(result.n_missing),
    )


def note(result: Comparison) -> str:
    """Test, reason, effect sizes, family, then what the analysis has to say about its own limits."""
    effects = list_mark().join(f"{e.name} = {_effect(e)}" for e in result.effects.values())
    parts = [f"{_capital(test_words(result))}.", result.reason]
    if effects:
        parts.append(
            _("Effect sizes ({level}): {effects}.", level=format_level(result.level), effects=effects)
        )
    if len(result.pairs) > 1:
        parts.append(family_words(result))
    return " ".join([*parts, *result.notes])


def pair_note(result: Comparison) -> str:
    """Family, adjustment and threshold of a table of pairs."""
    parts = [family_words(result)] if len(result.pairs) > 1 else []
    if result.smallest_effect is not None:
        parts.append(
            _(
                "Smallest effect that matters, fixed in advance: {size}.",
                size=format_number(result.smallest_effect, None if result.smallest_effect >= 1 else 2),
            )
        )
    return " ".join([*parts, *result.notes])


def family_words(result: Comparison) -> str:
    """The family of comparisons and how its error rate is held."""
    pairs = format_count(len(result.pairs))
    if result.method == "welch_anova" and result.adjust == "holm":
        return _("Family: {n} pairs, Games–Howell (simultaneous p-values and intervals).", n=pairs)
    names = {
        "holm": _("Holm's p-values, Bonferroni's intervals"),
        "bonferroni": _("Bonferroni"),
        "bh": _("Benjamini–Hochberg's p-values, intervals not adjusted"),
        "none": _("no adjustment"),
    }
    return _("Family: {n} pairs; {adjustment}.", n=pairs, adjustment=names[result.adjust])


def pair_heading(result: Comparison) -> str:
    """What the estimate of a pair is."""
    if result.method == "ordinal_logit":
        return _("Odds ratio")
    if not result.on_categories:
        return _("Difference of means")
    return _("Difference of shares") if _is_binary(result) else _("Cramér's V")


def reading(result: Comparison) -> str:
    """How to read the first line of the table."""
    return _share_reading(result) if result.on_categories else _score_reading(result)


def _score_reading(result: Comparison) -> str:
    first = result.groups.iloc[0]
    return _(
        "The mean of « {outcome} » is {mean} in « {group} » ({level}: {interval}; {n} respondents).",
        outcome=result.outcome_label,
        mean=format_number(first["mean"], 2),
        group=result.groups.index[0],
        level=format_level(result.level),
        interval=format_interval(first["low"], first["high"], 2),
        n=format_count(first["n"]),
    )


def _share_reading(result: Comparison) -> str:
    answer = next(name for name in result.groups.columns if name != "n")
    return _(
        "In « {group} », {share} of the {n} respondents answered « {answer} ».",
        group=result.groups.index[0],
        share=format_percent(result.groups[answer].iloc[0]),
        n=format_count(result.groups["n"].iloc[0]),
        answer=answer,
    )


def answer_names(labels: tuple[str, ...]) -> list[str]:
    """Answers as column headings beside ``n``, the number of respondents: an answer « n » (no) is put in quotes."""
    return ["« n »" if label == "n" else label for label in labels]


def repeated(base: pd.Series, like: pd.DataFrame) -> pd.DataFrame:
    """The same base for every column of a table."""
    column = np.asarray(base, dtype=float)[:, None]
    return pd.DataFrame(np.repeat(column, like.shape[1], axis=1), index=like.index, columns=like.columns)


def _two_scores(result: Comparison) -> str:
    pair = result.pairs.iloc[0]
    estimate = Estimate(pair["estimate"], pair["low"], pair["high"], level=result.level)
    low, high = sorted((abs_bound(estimate, 0), abs_bound(estimate, 1)))
    size = Estimate(abs(estimate.value), low, high, level=result.level)
    values = {
        "outcome": result.outcome_label,
        "first": pair["group1"],
        "second": pair["group2"],
        "estimate": format_estimate(estimate, 2),
    }
    if result.verdict is Verdict.EQUIVALENT:
        limit = format_number(result.smallest_effect, 2)
        return _(
            "« {outcome} » is equivalent in « {first} » and « {second} »: the difference, {estimate}, is "
            "smaller than ±{limit}",
            limit=limit,
            **values,
        )
    if result.verdict is Verdict.DIFFERENT:
        values["estimate"] = format_estimate(size, 2)
        if estimate.value > 0:
            return _("« {outcome} » is higher in « {first} » than in « {second} », by {estimate}", **values)
        return _("« {outcome} » is lower in « {first} » than in « {second} », by {estimate}", **values)
    return _(
        "On « {outcome} », these data neither show nor rule out a difference between « {first} » and « "
        "{second} »: {estimate}",
        **values,
    )


def abs_bound(estimate: Estimate, side: int) -> float:
    """A bound of the interval once the difference is written without its sign."""
    bound = (estimate.low, estimate.high)[side]
    return bound if estimate.value >= 0 else -bound


def _several_groups(result: Comparison) -> str:
    values = {
        "outcome": result.outcome_label,
        "by": result.by_label,
        "groups": format_count(len(result.groups)),
    }
    if result.verdict is Verdict.EQUIVALENT:
        limit = format_number(result.smallest_effect, 2)
        return _(
            "« {outcome} » is equivalent in the {groups} groups of « {by} »: every difference is smaller "
            "than ±{limit}",
            limit=limit,
            **values,
        )
    if result.verdict is Verdict.DIFFERENT:
        return _("« {outcome} » differs between the {groups} groups of « {by} »", **values) + _apart(result)
    return _(
        "On « {outcome} », these data neither show nor rule out differences between the {groups} groups "
        "of « {by} »",
        **values,
    )


def _apart(result: Comparison) -> str:
    """How many pairs are told apart, and the widest of them."""
    found = result.pairs[result.pairs["verdict"] == Verdict.DIFFERENT]
    if len(result.pairs) < 2:
        return ""
    if found.empty:
        return _(", but no pair of groups can be told apart")
    words = _(", {found} pairs out of {all} being told apart", found=len(found), all=len(result.pairs))
    if result.on_categories or result.method == "ordinal_logit":
        return words
    widest = found.loc[found["estimate"].astype(float).abs().idxmax()]
    high, low = ("group1", "group2") if widest["estimate"] > 0 else ("group2", "group1")
    return words + _(
        "; the widest gap is between « {high} » and « {low} », {size}",
        high=widest[high],
        low=widest[low],
        size=format_number(abs(widest["estimate"]), 2),
    )


def _evidence(result: Comparison) -> str:
    parts = [test_words(result)]
    headline = next((name for name in HEADLINE_EFFECTS if name in result.effects), None)
    if headline is not None:
        effect = result.effects[headline]
        parts.append(f"{effect.name} = {_effect(effect)}")
    return list_mark().join(parts)


def _effect(effect: Estimate) -> str:
    return format_estimate(effect, 2)


def _is_binary(result: Comparison) -> bool:
    return result.counts is not None and result.counts.shape[1] == 2


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _is_english() -> bool:
    from optima_research.language import current_language

    return current_language() == "en"


def list_mark() -> str:
    """What parts the items of a list where the comma is the decimal mark."""
    return ", " if _is_english() else " ; "
