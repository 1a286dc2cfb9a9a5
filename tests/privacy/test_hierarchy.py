"""Tables up to three ways with nested totals: nobody can solve for a hidden cell, even in whole numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, milp

from optima_research.errors import DisclosureError, PrivacyError
from optima_research.privacy import POLICIES, protected_counts

NESTED = {"direction": {"Technique": ["Voirie", "Bâtiments"], "Population": ["Culture", "Sports"]}}


def staff(seed: int, n: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "direction": rng.choice(["Voirie", "Bâtiments", "Culture", "Sports"], n, p=[0.5, 0.2, 0.2, 0.1]),
            "categorie": rng.choice(list("ABC"), n, p=[0.12, 0.18, 0.7]),
            "sexe": rng.choice(["F", "H"], n, p=[0.6, 0.4]),
        }
    )


def attacked_in_whole_numbers(published: pd.Series, ways: list[str]) -> pd.DataFrame:
    """Interval of every hidden count found by an outsider who knows only the sums and that counts are whole."""
    counts = {cell if isinstance(cell, tuple) else (cell,): count for cell, count in published.items()}
    hidden = [cell for cell, count in counts.items() if np.isnan(count)]
    at = {cell: position for position, cell in enumerate(hidden)}
    rows, right = [], []
    for axis, way in enumerate(ways):
        nodes = list(dict.fromkeys(cell[axis] for cell in counts))
        sums: dict[str, list[str]] = {"Ensemble": [node for node in nodes if node != "Ensemble"]}
        if way == "direction":
            sums = {"Ensemble": ["Technique", "Population"], **NESTED["direction"]}
        for rest in dict.fromkeys((*cell[:axis], *cell[axis + 1 :]) for cell in counts):
            for total, parts in sums.items():
                row, known = np.zeros(len(hidden)), 0.0
                for node, sign in [(total, -1.0), *((part, 1.0) for part in parts)]:
                    cell = (*rest[:axis], node, *rest[axis:])
                    if cell in at:
                        row[at[cell]] += sign
                    else:
                        known += sign * counts[cell]
                rows.append(row)
                right.append(-known)
    constraint = LinearConstraint(np.array(rows), right, right)
    bounds = []
    for position in range(len(hidden)):
        objective = np.zeros(len(hidden))
        objective[position] = 1
        low = milp(objective, constraints=constraint, integrality=np.ones(len(hidden)))
        high = milp(-objective, constraints=constraint, integrality=np.ones(len(hidden)))
        bounds.append((low.fun, -high.fun if high.status == 0 else np.inf))
    return pd.DataFrame(bounds, columns=["low", "high"])


@settings(max_examples=8, deadline=None)
@given(
    st.integers(0, 5000),
    st.sampled_from([90, 190, 450]),
    st.integers(1, 3),
    st.sampled_from(["cinq", "onze"]),
)
def test_the_attacker_recovers_no_cell_of_a_nested_table(seed: int, n: int, ways: int, policy: str) -> None:
    data = staff(seed, n)
    names = ["direction", "categorie", "sexe"][:ways]
    try:
        cube = protected_counts(data, names, policy, nested=NESTED)
    except DisclosureError:
        return
    threshold = POLICIES[policy].n_min_cell
    published = cube.frame["count"]
    assert not ((published > 0) & (published < threshold)).any()
    if not cube.hidden.any():
        return
    bounds = attacked_in_whole_numbers(published, names)
    assert (bounds["high"] - bounds["low"] >= 1).all()
    reported = cube.frame[cube.frame["count"].isna()]
    assert (reported["low"].to_numpy() <= bounds["low"] + 1e-6).all()
    assert (reported["high"].to_numpy() >= bounds["high"] - 1e-6).all()


def test_totals_and_counts_are_right_before_anything_is_hidden() -> None:
    data = staff(1, 3000)
    cube = protected_counts(data, ["direction", "categorie"], "interne", nested=NESTED)
    expected = pd.crosstab(data["direction"], data["categorie"], margins=True, margins_name="Ensemble")
    assert cube.frame.loc[("Voirie", "A"), "count"] == expected.loc["Voirie", "A"]
    assert (
        cube.frame.loc[("Technique", "Ensemble"), "count"]
        == expected.loc[["Voirie", "Bâtiments"], "Ensemble"].sum()
    )
    assert cube.frame.loc[("Ensemble", "Ensemble"), "count"] == 3000
    assert not cube.hidden.any()


def test_unknown_or_doubled_categories_and_four_ways_are_refused() -> None:
    data = staff(1, 100)
    with pytest.raises(PrivacyError, match="Voiries"):
        protected_counts(data, ["direction"], "cinq", nested={"direction": {"T": ["Voiries"]}})
    with pytest.raises(PrivacyError, match="deux totaux"):
        protected_counts(
            data, ["direction"], "cinq", nested={"direction": {"T": ["Voirie"], "U": ["Voirie"]}}
        )
    with pytest.raises(PrivacyError, match="trois"):
        protected_counts(data, ["direction", "categorie", "sexe", "sexe"], "cinq")


def test_the_table_says_what_is_hidden() -> None:
    cube = protected_counts(staff(2, 190), ["direction", "categorie"], "cinq", nested=NESTED)
    assert "s" in cube.table().formatted().to_numpy()
    assert str(int(cube.hidden.sum())) in cube.sentence()
