"""The steps of measurement invariance, and the search for the items that break one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from optima_research.coding.quantitative._cfa_inference import ScoreTest, scaling_factors, score_test
from optima_research.coding.quantitative._cfa_kernels import Fitted
from optima_research.coding.quantitative._cfa_measures import fit_measures
from optima_research.coding.quantitative._cfa_spec import Freed, Part
from optima_research.coding.quantitative._item_moments import FloatArray
from optima_research.coding.quantitative.measurement_model import ModelData

SIGNIFICANT = 0.05
STEPS: tuple[tuple[str, Part], ...] = (
    ("metric", "loadings"),
    ("scalar", "intercepts"),
    ("strict", "residuals"),
)


@dataclass(frozen=True)
class Step:
    """One fitted model of the ladder, with its measures and Yuan-Bentler factor (1 for plain ML)."""

    fitted: Fitted
    measures: dict[str, float]
    scaling: float


@dataclass(frozen=True)
class ItemTest:
    """Score test of the equality of one item over groups; ``expected`` is its value in each group once freed."""

    part: Part
    item: int
    chi2: float
    df: int
    p: float
    p_adjusted: float
    expected: FloatArray


@dataclass
class Ladder:
    """The steps climbed: name -> model; what was freed and why; the tests of every item."""

    data: ModelData
    robust: bool
    steps: dict[str, Step] = field(default_factory=dict)
    freed: frozenset[Freed] = frozenset()
    released: list[ItemTest] = field(default_factory=list)
    tests: list[ItemTest] = field(default_factory=list)

    def add(self, name: str, equal: frozenset[Part]) -> Step:
        """Fit one step, with what has been freed so far."""
        fitted = self.data.fitted(equal, self.freed)
        scaling = scaling_factors(fitted, self.data.rows) if self.robust else (1.0, 1.0)
        self.steps[name] = Step(fitted, fit_measures(fitted, means=True, scaling=scaling), scaling[0])
        return self.steps[name]


def climb(
    data: ModelData, *, freed: frozenset[Freed] = frozenset(), search: bool = False, robust: bool = False
) -> Ladder:
    """Fit configural, metric, scalar and strict models; with ``search``, free the items that do not hold.

    The search frees, at the metric and scalar steps, the item with the largest score test as long as one is
    significant at 5 % after Holm, and never leaves a factor with fewer than two invariant items or fewer than half.
    """
    ladder = Ladder(data, robust, freed=freed)
    ladder.add("configural", frozenset())
    equal: frozenset[Part] = frozenset()
    for name, part in STEPS:
        equal = equal | {part}
        step = ladder.add(name, equal)
        if part == "residuals":
            continue
        tests = item_tests(data, step.fitted, equal, ladder.freed, part)
        ladder.tests.extend(tests)
        if search:
            _release(ladder, name, equal, part, tests)
    return ladder


def item_tests(
    data: ModelData, fitted: Fitted, equal: frozenset[Part], freed: frozenset[Freed], part: Part
) -> list[ItemTest]:
    """Score test of each item still held equal, p adjusted by Holm over the items of that part."""
    found: list[tuple[int, ScoreTest, FloatArray]] = []
    where = fitted.spec.loading if part == "loadings" else fitted.spec.intercept
    for item in range(len(data.items)):
        if (part, item) in freed:
            continue
        test = score_test(fitted, data.spec(equal, freed | {(part, item)}))
        element = where.start + int(np.flatnonzero(fitted.spec.rows[where] == item)[0])
        found.append((item, test, test.expected[:, element]))
    adjusted = _holm(np.array([test.p for _item, test, _expected in found]))
    return [
        ItemTest(part, item, test.chi2, test.df, test.p, p, expected)
        for (item, test, expected), p in zip(found, adjusted.tolist(), strict=True)
    ]


def _release(ladder: Ladder, name: str, equal: frozenset[Part], part: Part, tests: list[ItemTest]) -> None:
    """Free the worst item again and again; the partial step takes the name of the full one with ``_partial``."""
    allowed = _spare(ladder)
    while True:
        suspects = [test for test in tests if test.p_adjusted < SIGNIFICANT and allowed(test.item)]
        if not suspects:
            return
        worst = max(suspects, key=lambda test: test.chi2)
        ladder.released.append(worst)
        # An item whose slope differs has no common intercept either.
        companions: set[Freed] = {(part, worst.item), ("intercepts", worst.item)}
        ladder.freed = ladder.freed | companions
        fitted = ladder.add(f"{name}_partial", equal).fitted
        tests = item_tests(ladder.data, fitted, equal, ladder.freed, part)


def _spare(ladder: Ladder) -> Callable[[int], bool]:
    def allowed(item: int) -> bool:
        for members in ladder.data.members:
            if item in members:
                gone = {i for _part, i in ladder.freed if i in members} | {item}
                if len(members) - len(gone) < max(2, len(members) / 2):
                    return False
        return True

    return allowed


def _holm(p: FloatArray) -> FloatArray:
    if not len(p):
        return p
    order = np.argsort(p)
    stepped = np.minimum(1.0, np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)))
    adjusted = np.empty_like(p)
    adjusted[order] = stepped
    return adjusted
