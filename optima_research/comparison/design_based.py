"""Comparisons that respect a sampling design: weights, strata, clusters, finite population.

Group means (or mean ranks, or cell shares) are linearised; their covariance is the design's, in the regime asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from optima_research.comparison import _design_kernels as kernels
from optima_research.comparison import pairs
from optima_research.comparison._mean_kernels import Floats
from optima_research.comparison.choice import MEAN_METHODS, RANK_METHODS, TABLE_METHODS, is_table_method
from optima_research.comparison.effects import scaled_share, within
from optima_research.comparison.multiplicity import adjust_p_values
from optima_research.comparison.result import Comparison
from optima_research.comparison.wording import answer_names
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.results import Estimate, Verdict
from optima_research.results.frames import Data, categories, label_of, measure_of, numeric

if TYPE_CHECKING:
    from optima_research.sampling import SurveyDesign
    from optima_research.sampling.regime import Regime


def compare_with_design(
    data: Data,
    outcome: str,
    by: str,
    method: str,
    design: SurveyDesign,
    regime: Regime | None,
    options: dict[str, Any],
) -> Comparison:
    """The comparison of :func:`compare` when a design is given.

    Means: Wald's F (t for two groups) on linearised domain means, R ``svyglm`` with ``regTermTest``; ranks: the same
    on weighted mid-ranks (Lumley and Scott 2013), unlike R ``svyranktest`` independent of the order of rows;
    categories: Rao–Scott's second-order F, R ``svychisq``.
    """
    groups = categories(data, by)
    if len(groups) != design.n:
        raise AnalysisError(
            _("The design and the data do not have the same respondents."),
            parameter="design", expected=len(groups), got=design.n,
        )  # fmt: skip
    note = design.note(regime)
    measure = measure_of(data, outcome)
    codes = np.asarray(groups.cat.codes).astype(np.int64)
    labels = tuple(map(str, groups.cat.categories))
    if is_table_method(method, measure):
        return _shares(data, outcome, by, codes, labels, design, regime, note, options)
    if method not in ("auto", *MEAN_METHODS, *RANK_METHODS):
        raise AnalysisError(
            _("« {method} » does not exist with a sampling design.", method=method),
            parameter="method", expected=" | ".join((*MEAN_METHODS, *RANK_METHODS, *TABLE_METHODS)),
        )  # fmt: skip
    by_rank = method in RANK_METHODS or (method == "auto" and measure == "ordinal")
    return _scores(data, outcome, by, codes, labels, design, regime, note, options, by_rank=by_rank)


def _scores(
    data: Data, outcome: str, by: str, codes: kernels.Ints, labels: tuple[str, ...], design: SurveyDesign,
    regime: Regime | None, note: str, options: dict[str, Any], *, by_rank: bool,
) -> Comparison:  # fmt: skip
    answers = numeric(data, outcome).to_numpy()
    valid = (codes >= 0) & np.isfinite(answers) & (design.weight_array > 0)
    codes, labels = kernels.held_groups(np.where(valid, codes, -1), labels)
    if len(labels) < 2:
        raise AnalysisError(
            _("« {outcome} » has answers in fewer than two groups of « {by} ».", outcome=outcome, by=by),
            hint=_("Check the coding of the groups and the missing answers."),
        )
    weights, k = design.weight_array, len(labels)
    means = kernels.domain_means(answers, codes, weights, k)
    covariance = design.covariance(kernels.mean_scores(answers, codes, weights, means), regime=regime)
    scale = kernels.weighted_mid_ranks(answers, weights, valid) if by_rank else answers
    tested = kernels.domain_means(scale, codes, weights, k)
    tested_covariance = design.covariance(kernels.mean_scores(scale, codes, weights, tested), regime=regime)
    df2 = design.df + 1 - k
    f, p = kernels.wald(tested, tested_covariance, df2)
    effects = _score_effects(
        scale, codes, weights, tested, tested_covariance, f, df2, options["level"], by_rank
    )
    table = _mean_pairs(labels, means, covariance, tested, tested_covariance, df2, options)
    n = np.bincount(codes[valid], minlength=k)
    df: float | tuple[float, float]
    if k == 2:
        statistic = float(np.sign(tested[0] - tested[1]) * np.sqrt(f))
        method, df = ("design_rank" if by_rank else "design_t"), df2
    else:
        statistic, df, method = f, (k - 1.0, df2), "design_rank" if by_rank else "design_wald"
    reason = (
        _("Ordinal outcome with a sampling design: weighted ranks are compared.") if by_rank
        else _("Numeric outcome with a sampling design: weighted means are compared.")
    )  # fmt: skip
    return Comparison(
        method, reason, outcome, by, label_of(data, outcome), label_of(data, by), int(valid.sum()),
        int((~valid).sum()), statistic, df, p, effects,
        kernels.group_frame(labels, n, means, covariance, answers, codes, weights, df2, options["level"]), table,
        _overall(table, p, options["level"]), notes=(note,), **options,
    )  # fmt: skip


def _score_effects(
    scale: Floats, codes: kernels.Ints, weights: Floats, means: Floats, covariance: Floats, f: float, df2: float,
    level: float, by_rank: bool,
) -> dict[str, Estimate]:  # fmt: skip
    from scipy import special

    n, k = int((codes >= 0).sum()), len(means)
    share, spread = kernels.variance_share(scale, codes, weights, means)
    if k > 2:
        name, words = ("rank_epsilon_squared", _("ε² of ranks")) if by_rank else ("eta_squared", _("η²"))
        return {name: scaled_share(share, f, k - 1.0, df2, level, n, words)}
    difference = float(means[0] - means[1])
    se = float(np.sqrt(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]))
    half = float(special.stdtrit(df2, (1 + level) / 2)) * se
    # Ranks are shares of the population: twice their difference is the rank-biserial correlation.
    unit = 0.5 if by_rank else spread
    name, words = ("rank_biserial", _("rank-biserial r")) if by_rank else ("cohens_d", _("Cohen's d"))
    return {
        name: within(
            difference / unit, [(difference - half) / unit, (difference + half) / unit], level, n, words
        )
    }


def _mean_pairs(
    labels: tuple[str, ...], means: Floats, covariance: Floats, tested: Floats, tested_covariance: Floats, df2: float,
    options: dict[str, Any],
) -> pd.DataFrame:  # fmt: skip
    if len(labels) > pairs.MOST_GROUPS:
        return pairs.no_pairs()
    first, second = pairs.every_pair(len(labels))
    level, adjust, smallest = options["level"], options["adjust"], options["smallest_effect"]
    difference, se = kernels.contrasts(means, covariance, first, second)
    rank_difference, rank_se = kernels.contrasts(tested, tested_covariance, first, second)
    statistic, p = kernels.t_test(rank_difference, rank_se, df2)
    adjusted = adjust_p_values(p, method=adjust)
    freedom = np.full(len(first), df2)
    wide, narrow = (
        pairs.critical_values("design", adjust, freedom, len(labels), confidence) * se
        for confidence in (level, 2 * level - 1)
    )
    verdicts = [
        pairs.verdict_of(q, 1 - level, low, high, smallest)
        for q, low, high in zip(adjusted, difference - narrow, difference + narrow, strict=True)
    ]
    low, high = difference - wide, difference + wide
    return pairs.pair_frame(labels, first, second, difference, low, high, statistic, p, adjusted, verdicts)


def _shares(
    data: Data, outcome: str, by: str, codes: kernels.Ints, labels: tuple[str, ...], design: SurveyDesign,
    regime: Regime | None, note: str, options: dict[str, Any],
) -> Comparison:  # fmt: skip
    column = categories(data, outcome)
    answers = np.asarray(column.cat.codes).astype(np.int64)
    valid = (codes >= 0) & (answers >= 0) & (design.weight_array > 0)
    codes, labels = kernels.held_groups(np.where(valid, codes, -1), labels)
    answers, names = kernels.held_groups(np.where(valid, answers, -1), tuple(map(str, column.cat.categories)))
    if len(labels) < 2 or len(names) < 2:
        raise AnalysisError(_("Everybody gave the same answer: there is nothing to compare."))
    shape = (len(labels), len(names))
    counts = kernels.joint(codes, answers, shape)
    weighted = kernels.joint(codes, answers, shape, design.weight_array)
    cells = np.where(valid, codes * shape[1] + answers, -1)
    scores = kernels.share_scores(cells, design.weight_array, int(np.prod(shape)))
    covariance = design.covariance(scores, regime=regime)
    n = int(valid.sum())
    f, df1, df2, p, pearson = kernels.rao_scott(weighted / weighted.sum(), covariance, n, design.df)
    index, level, headings = pd.Index(labels, name=by), options["level"], answer_names(names)
    groups = pd.DataFrame(weighted / weighted.sum(axis=1, keepdims=True), index=index, columns=headings)
    groups.insert(0, "n", counts.sum(axis=1).astype(int))
    v2 = pearson / (n * (min(shape) - 1))
    v = scaled_share(v2, f, df1, df2, level, n, _("Cramér's V"), root=True)
    verdict = Verdict.DIFFERENT if p < 1 - level else Verdict.INCONCLUSIVE
    return Comparison(
        "rao_scott", _("Nominal outcome with a sampling design: χ² corrected by Rao and Scott (second order)."),
        outcome, by, label_of(data, outcome), label_of(data, by), n, int((~valid).sum()), f, (df1, df2), p,
        {"cramers_v": v}, groups, pairs.no_pairs(), verdict,
        residuals=pd.DataFrame(kernels.design_residuals(weighted, covariance), index=index, columns=headings),
        counts=pd.DataFrame(counts, index=index, columns=headings), notes=(note,), **options,
    )  # fmt: skip


def _overall(table: pd.DataFrame, p: float, level: float) -> Verdict:
    if len(table) == 1:
        return Verdict(table["verdict"].iloc[0])
    if len(table) and bool((table["verdict"] == Verdict.EQUIVALENT).all()):
        return Verdict.EQUIVALENT
    return Verdict.DIFFERENT if p < 1 - level else Verdict.INCONCLUSIVE
