"""A protected table shows no small cell, and nobody can compute one back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from optima_research.errors import DisclosureError, PrivacyError
from optima_research.privacy import POLICIES, Policy, group_sizes_hidden, named_policy, protect
from optima_research.results import Column, PublicationTable

ROWS = ["Culture", "Finances", "Voirie", "Enfance", "Sports"]


def crosstab(counts: np.ndarray, *, margins: bool = True) -> PublicationTable:
    """Row percentages of groups by answers, as the analysis rooms build them."""
    names = [f"r{number}" for number in range(counts.shape[1])]
    frame = pd.DataFrame(
        counts, columns=names, index=[f"g{number}" for number in range(len(counts))], dtype=float
    )
    if margins:
        frame.loc["Ensemble"] = frame.sum()
        frame["Ensemble"] = frame.sum(axis=1)
    sizes = frame["Ensemble"] if margins else frame.sum(axis=1)
    return PublicationTable(
        "Réponses par direction",
        frame.div(sizes.where(sizes > 0), axis=0),
        tuple(Column(name, name, kind="percent") for name in frame.columns),
        bases=pd.DataFrame(dict.fromkeys(frame.columns, sizes)),
        counts=frame,
        totals=("Ensemble",) if margins else (),
        total_columns=("Ensemble",) if margins else (),
    )


def attacked(table: PublicationTable) -> pd.DataFrame:
    """What an outsider knows of each hidden count: rows ``low high`` by (row, column), from the published ones only."""
    counts = table.counts
    hidden = [
        (i, j) for i in range(counts.shape[0]) for j in range(counts.shape[1]) if np.isnan(counts.iloc[i, j])
    ]
    at = {cell: position for position, cell in enumerate(hidden)}
    rows, right = [], []
    lines = [[(i, j) for j in range(counts.shape[1])] for i in range(counts.shape[0])]
    lines += [[(i, j) for i in range(counts.shape[0])] for j in range(counts.shape[1])]
    for line in lines:
        row, known = np.zeros(len(hidden)), 0.0
        for position, cell in enumerate(line):
            sign = -1.0 if position == len(line) - 1 else 1.0
            if cell in at:
                row[at[cell]] = sign
            else:
                known += sign * counts.iloc[cell]
        rows.append(row)
        right.append(-known)
    result = {}
    for cell, position in at.items():
        objective = np.zeros(len(hidden))
        objective[position] = 1
        low = linprog(objective, A_eq=np.array(rows), b_eq=right, bounds=(0, None)).fun
        high = linprog(-objective, A_eq=np.array(rows), b_eq=right, bounds=(0, None))
        result[cell] = (low, np.inf if high.status == 3 else -high.fun)
    return pd.DataFrame(result, index=["low", "high"]).T


@settings(max_examples=15, deadline=None)
@given(st.integers(2, 6), st.integers(2, 4), st.integers(0, 10_000), st.sampled_from(["cinq", "onze"]))
def test_the_attacker_recovers_no_cell(rows: int, columns: int, seed: int, policy: str) -> None:
    counts = np.random.default_rng(seed).negative_binomial(1.2, 0.08, (rows, columns)).astype(float)
    if counts.sum() < 40:
        counts += 8
    table = crosstab(counts)
    try:
        shown = protect(table, policy)
    except DisclosureError:
        return
    threshold = POLICIES[policy].n_min_cell
    truth = table.counts
    published = shown.counts
    visible = published.to_numpy()[~published.isna().to_numpy()]
    assert not ((visible > 0) & (visible < threshold)).any()
    if published.isna().to_numpy().all():
        return
    for (row, column), (low, high) in attacked(shown).iterrows():
        value = truth.iloc[row, column]
        assert high - low > 0.5, "a hidden cell is known exactly"
        if 0 < value < threshold:
            assert low <= 1e-6
            assert high >= threshold - 1e-6


def test_a_group_of_seven_is_never_shown() -> None:
    frame = pd.DataFrame({"n": [40, 7, 23, 50], "mean": [3.2, 2.9, 3.4, 3.1]}, index=ROWS[:4])
    table = PublicationTable(
        "Climat social",
        frame,
        (Column("n", "n", kind="count"), Column("mean", "Moyenne")),
        bases=pd.DataFrame({"n": frame["n"], "mean": frame["n"]}),
        reading="Finances : 7 agents, moyenne 2,90.",
    )
    shown = protect(table, "onze")
    assert shown.suppressed.loc["Finances"].all()
    assert shown.suppressed.to_numpy().sum() == 4  # a second direction hides it from the subtraction
    assert shown.body.loc["Finances"].isna().all()
    assert shown.bases.loc["Finances"].isna().all()
    assert shown.reading == ""
    assert "onze" in shown.note
    assert shown.policy == "onze"
    assert "s" in shown.formatted()["n"].tolist()


def test_the_interval_beside_a_hidden_mean_is_hidden_too() -> None:
    frame = pd.DataFrame({"mean": [3.2, 2.9, 3.4], "low": 3.0, "high": 4.0}, index=ROWS[:3])
    columns = (Column("mean", "Moyenne"), Column(("low", "high"), "IC", kind="interval"))
    sizes = pd.DataFrame({"mean": [40, 7, 23]}, index=frame.index)
    shown = protect(PublicationTable("T", frame, columns, bases=sizes), "onze")
    assert shown.formatted().loc["Finances"].tolist() == ["s", "s"]


def test_everybody_answering_the_same_is_hidden_whatever_the_size() -> None:
    table = crosstab(np.array([[60, 0, 0], [20, 20, 20], [15, 25, 30]]))
    shown = protect(table, "cinq")
    assert shown.suppressed.loc["g0", "r0"]
    low = attacked(shown).loc[(0, 0), "low"]
    assert low <= 55


def test_a_small_complement_is_as_telling_as_a_small_cell() -> None:
    body = pd.DataFrame({"accord": [38 / 40, 20 / 41, 22 / 45]}, index=ROWS[:3])
    counts = pd.DataFrame({"accord": [38, 20, 22]}, index=body.index)
    bases = pd.DataFrame({"accord": [40, 41, 45]}, index=body.index)
    table = PublicationTable(
        "Accord", body, (Column("accord", "Accord", kind="percent"),), bases=bases, counts=counts
    )
    shown = protect(table, "cinq")
    assert shown.suppressed.loc["Culture", "accord"]
    assert shown.suppressed["accord"].sum() == 2


def test_a_battery_of_items_has_no_column_total() -> None:
    counts = pd.DataFrame({"oui": [40, 3, 30], "non": [60, 97, 70]}, index=["Item 1", "Item 2", "Item 3"])
    bases = pd.DataFrame(100, index=counts.index, columns=counts.columns)
    columns = tuple(Column(name, name, kind="percent") for name in counts)
    table = PublicationTable("Batterie", counts / 100, columns, bases=bases, counts=counts,
                             attributes={"additive_rows": False})  # fmt: skip
    shown = protect(table, "cinq")
    assert shown.suppressed.any(axis=1).tolist() == [False, True, False]


def test_a_one_way_table_hides_two_answers_and_keeps_its_total() -> None:
    n = pd.DataFrame({"n": [50, 3, 30, 83]}, index=["A", "B", "C", "Ensemble"])
    body = n.assign(share=n["n"] / 83)
    table = PublicationTable(
        "Statut", body, (Column("n", "n", kind="count"), Column("share", "%", kind="percent")),
        counts=pd.DataFrame({"n": n["n"], "share": n["n"]}),
        bases=pd.DataFrame(83, index=n.index, columns=["n", "share"]),
        totals=("Ensemble",),
    )  # fmt: skip
    assert protect(table, "cinq").formatted()["n"].tolist() == ["50", "s", "s", "83"]


def test_the_size_of_the_rows_is_a_total_even_undeclared() -> None:
    counts = np.array([[20, 15], [2, 5], [18, 30], [16, 12]], dtype=float)
    frame = pd.DataFrame(counts, columns=["F", "H"], index=ROWS[:4])
    frame["n"] = frame.sum(axis=1)
    body = frame[["F", "H"]].div(frame["n"], axis=0).assign(n=frame["n"])
    kinds = {"F": "percent", "H": "percent", "n": "count"}
    table = PublicationTable(
        "Sexe par direction", body, tuple(Column(name, name, kind=kinds[name]) for name in body), counts=frame,
        bases=pd.DataFrame(dict.fromkeys(body, frame["n"])),
    )  # fmt: skip
    shown = protect(table, "onze")
    assert shown.suppressed.loc["Finances"].all()
    assert shown.suppressed["n"].sum() == 2
    assert not shown.suppressed.all(axis=None)


def test_a_group_may_be_a_column_and_its_answers_the_rows() -> None:
    index = ["Ancienneté", "Catégorie A", "Catégorie B"]
    sizes = {"all": 90, "g1": 7, "g2": 38, "g3": 45}
    body = pd.DataFrame({name: [12.5, 0.4, 0.6] for name in sizes}, index=index)
    known = {"all": [np.nan, 43, 47], "g1": [np.nan, 3, 4], "g2": [np.nan, 20, 18], "g3": [np.nan, 20, 25]}
    counts = pd.DataFrame(known, index=index)
    bases = pd.DataFrame({name: [size] * 3 for name, size in sizes.items()}, index=index)
    columns = tuple(Column(name, "Valeur", group=name) for name in sizes)
    shown = protect(PublicationTable("Profil", body, columns, bases=bases, counts=counts), "onze")
    assert shown.suppressed["g1"].all()
    assert not shown.suppressed["all"].any()
    assert (shown.suppressed.sum(axis=1) == 2).all()


def test_bases_that_are_not_printed_protect_all_the_same() -> None:
    body = pd.DataFrame({"mean": [3.2, 2.9, 3.4]}, index=ROWS[:3])
    sizes = pd.DataFrame({"n": [40, 7, 23]}, index=body.index)
    shown = protect(PublicationTable("T", body, (Column("mean", "Moyenne"),), bases=sizes), "onze")
    assert shown.suppressed["mean"].tolist() == [False, True, True]


def test_counts_alone_are_the_answers_of_one_group() -> None:
    n = pd.DataFrame({"n": [50, 3, 40]}, index=["A", "B", "C"])
    shown = protect(PublicationTable("T", n, (Column("n", "n", kind="count"),), counts=n), "cinq")
    assert shown.suppressed["n"].tolist() == [False, True, True]


def test_several_questions_in_one_table_are_protected_each_on_its_own() -> None:
    index = pd.MultiIndex.from_tuples(
        [("sexe", "F"), ("sexe", "H"), ("cat", "A"), ("cat", "B"), ("cat", "C")]
    )
    n = pd.DataFrame({"n": [60, 40, 3, 27, 70]}, index=index)
    shown = protect(PublicationTable("T", n, (Column("n", "n", kind="count"),), counts=n), "cinq")
    assert shown.suppressed["n"].tolist() == [False, False, True, True, False]
    assert shown.formatted()["n"].tolist() == ["60", "40", "s", "s", "70"]


def test_percentages_need_their_own_base() -> None:
    policy = Policy("rezé", 10, 5, n_min_percent=20)
    table = crosstab(np.array([[6, 6, 6], [20, 20, 20], [15, 25, 30]]))
    shown = protect(table, policy)
    assert shown.suppressed.loc["g0"].all()
    assert not shown.suppressed.loc["g1"].any()


def test_one_dominant_firm_hides_the_value() -> None:
    body = pd.DataFrame({"ca": [900.0, 400.0, 300.0, 1600.0]}, index=["Bois", "Eau", "Lait", "Ensemble"])
    table = PublicationTable(
        "Chiffre d'affaires", body, (Column("ca", "CA"),), totals=("Ensemble",),
        bases=pd.DataFrame({"ca": [12, 9, 8, 29]}, index=body.index),
        attributes={"largest_share": pd.DataFrame({"ca": [0.9, 0.2, 0.3, 0.5]}, index=body.index)},
    )  # fmt: skip
    shown = protect(table, "insee_entreprises")
    assert shown.suppressed["ca"].tolist() == [True, False, True, False]
    assert "largest_share" not in shown.attributes


def test_internal_tables_are_marked_and_left_alone() -> None:
    table = crosstab(np.array([[1, 2], [3, 4]]))
    shown = protect(table, "interne")
    assert shown.body.equals(table.body)
    assert shown.policy == "interne"


def test_a_table_too_small_for_its_policy_shows_nothing() -> None:
    shown = protect(crosstab(np.array([[2, 3], [1, 2]])), "onze")
    assert shown.suppressed.to_numpy().all()


def test_a_table_without_bases_is_refused() -> None:
    table = PublicationTable("T", pd.DataFrame({"x": [1.0]}), (Column("x", "x"),))
    with pytest.raises(DisclosureError, match="répondants"):
        protect(table, "onze")


def test_a_policy_below_the_floor_is_refused() -> None:
    with pytest.raises(PrivacyError, match="plancher"):
        protect(crosstab(np.array([[10, 20], [30, 40]])), "cinq", floor="onze")
    with pytest.raises(PrivacyError, match="plancher"):
        named_policy("onze").with_limits(n_min_cell=5)
    with pytest.raises(PrivacyError, match="plancher"):
        Policy.of_study({"politique": "onze", "n_min_groupe": 5})
    with pytest.raises(PrivacyError, match="onze"):
        named_policy("onse")


def test_the_groups_of_a_figure_pass_the_same_gate() -> None:
    sizes = pd.Series([40, 7, 23, 50], index=ROWS[:4])
    assert group_sizes_hidden(sizes, "onze").tolist() == [False, True, True, False]
    assert not group_sizes_hidden(sizes + 30, "onze").any()


def test_in_a_table_where_nothing_adds_up_only_the_small_cells_are_hidden():
    n = pd.DataFrame({"a": [40, 7], "b": [30, 20]}, index=["x", "y"])
    columns = (Column("a", "a", kind="count"), Column("b", "b", kind="count"))
    nothing_adds = {"additive_rows": False, "additive_columns": False}
    table = PublicationTable("t", n, columns, bases=n * 0 + 100, counts=n, attributes=nothing_adds)
    assert protect(table, "onze").formatted().to_numpy().tolist() == [["40", "30"], ["s", "20"]]


def test_an_empty_table_hides_nothing():
    nothing = pd.DataFrame({"n": pd.Series(dtype=float)})
    table = PublicationTable("Rien", nothing, (Column("n", "n", kind="count"),), bases=nothing)
    assert protect(table, "onze").policy == "onze"
