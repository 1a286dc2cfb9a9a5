"""The best set of disjoint candidates, exactly, without listing the sets."""

from __future__ import annotations

from collections.abc import Sequence


def best_disjoint(masks: Sequence[int], values: Sequence[float], k: int) -> list[int] | None:
    """Places of the k candidates without a common bit whose values sum highest; None if there is no such set.

    Branch and bound: candidates by falling value, a branch is left when even the next best values cannot lift it above
    the best set met.
    """
    order = sorted(range(len(masks)), key=lambda i: (-values[i], i))
    sums = [0.0]
    for i in order:
        sums.append(sums[-1] + values[i])
    best: list[int] | None = None
    best_value = float("-inf")
    # A branch: next place, bits taken, value so far, places chosen.
    stack: list[tuple[int, int, float, tuple[int, ...]]] = [(0, 0, 0.0, ())]
    while stack:
        place, taken, value, chosen = stack.pop()
        missing = k - len(chosen)
        if not missing:
            if value > best_value:
                best, best_value = [order[i] for i in chosen], value
            continue
        if place + missing > len(order) or value + sums[place + missing] - sums[place] <= best_value:
            continue
        stack.append((place + 1, taken, value, chosen))
        candidate = order[place]
        if not taken & masks[candidate]:
            stack.append((place + 1, taken | masks[candidate], value + values[candidate], (*chosen, place)))
    return best
