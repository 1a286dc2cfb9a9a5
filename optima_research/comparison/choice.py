"""Which comparison suits the data, and why; the reason is kept with the result.

The choice follows the level of measurement, the number of groups and the counts. It never follows a test of normality
or of equal variances on the same data: choosing after such a test spoils the error rate of the test chosen.
"""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

import numpy as np

from optima_research.comparison._table_kernels import Floats, expected
from optima_research.comparison.grouped import Grouped
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_number

Method: TypeAlias = Literal[
    "auto", "welch_t", "welch_anova", "anova", "mann_whitney", "kruskal", "chi2", "fisher", "ordinal_logit"
]
MEAN_METHODS = ("welch_t", "welch_anova", "anova")
RANK_METHODS = ("mann_whitney", "kruskal")
TABLE_METHODS = ("chi2", "fisher")
TWO_GROUPS = ("welch_t", "mann_whitney")


def require_method(method: str) -> None:
    """Refuse a method that does not exist."""
    if method not in get_args(Method):
        raise AnalysisError(
            _("There is no comparison method « {method} ».", method=method),
            parameter="method",
            expected=" | ".join(get_args(Method)),
        )


def is_table_method(method: str, measure: str) -> bool:
    """Whether the outcome is to be read as categories."""
    return method in TABLE_METHODS or (method == "auto" and measure not in ("ordinal", "interval", "ratio"))


def choose_for_numbers(method: str, measure: str, grouped: Grouped) -> tuple[str, str]:
    """Method and reason for an outcome of ordered or numeric answers."""
    k = len(grouped.labels)
    if method != "auto":
        require_suited(method, grouped)
        return method, _("Method asked for.")
    if measure == "ordinal":
        reason = _("Ordinal outcome: the answers have an order but no distances, so ranks are compared.")
        return ("mann_whitney" if k == 2 else "kruskal"), reason
    if not np.all(grouped.variance > 0):
        reason = _(
            "A group has a single answer or no spread, so its mean has no known precision: ranks are compared."
        )
        return ("mann_whitney" if k == 2 else "kruskal"), reason
    reason = _("Numeric outcome: means are compared without assuming equal variances.")
    return ("welch_t" if k == 2 else "welch_anova"), reason


def require_suited(method: str, grouped: Grouped) -> None:
    """Refuse a method that the groups do not allow, and say which one does."""
    k = len(grouped.labels)
    if method in TWO_GROUPS and k != 2:
        other = "welch_anova" if method == "welch_t" else "kruskal"
        raise AnalysisError(
            _("« {method} » compares two groups; there are {k}.", method=method, k=k),
            parameter="method",
            hint=_('Use method="{other}", which compares every pair too.', other=other),
        )
    spread = grouped.variance
    if method in ("welch_t", "welch_anova") and not np.all(spread > 0):
        at_fault = [label for label, s in zip(grouped.labels, spread, strict=True) if not s > 0]
        raise AnalysisError(
            _("A group with a single answer or no spread cannot be compared by its mean."),
            where=", ".join(at_fault[:8]),
            hint=_('Merge or drop that group, or use method="kruskal".'),
        )
    if method == "anova" and not float(np.nansum(spread)) > 0:
        raise AnalysisError(_("The answers do not vary within groups: there is nothing to compare with."))


def choose_for_table(method: str, counts: Floats) -> tuple[str, str]:
    """χ² or Fisher for a table of counts, by Cochran's rule on expected counts."""
    wanted = expected(counts)
    small = float((wanted < 5).mean())
    sparse = bool(small > 0.2 or wanted.min() < 1)
    if method != "auto":
        return method, _("Method asked for.")
    if sparse:
        return "fisher", _(
            "Nominal outcome with small expected counts (smallest {smallest}): exact test.",
            smallest=format_number(float(wanted.min()), 1),
        )
    return "chi2", _("Nominal outcome, expected counts large enough (Cochran's rule): χ² test.")
