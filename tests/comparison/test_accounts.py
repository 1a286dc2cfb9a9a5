"""Money, time, durations and networks: reconciled, uncertain where they are, never double."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from optima_research.comparison.costing import activity_costs
from optima_research.comparison.multiverse import multiverse
from optima_research.comparison.networks import network_density
from optima_research.comparison.savings import savings
from optima_research.comparison.survival import kaplan_meier
from optima_research.errors import AnalysisError
from optima_research.results import Estimate


def declared(rng: np.random.Generator) -> pd.DataFrame:
    return pd.DataFrame(
        {"service": rng.choice(list("ABC"), 400), "activity": rng.choice([f"act{i}" for i in range(17)], 400),
         "hours": rng.uniform(0.5, 9, 400).round(2)}
    )  # fmt: skip


def test_costs_reconcile_with_the_accounts_to_the_cent(rng: np.random.Generator) -> None:
    charges = {"A": 123456.78, "B": 65432.11, "C": 99999.99}
    result = activity_costs(declared(rng), "service", "activity", "hours", charges=charges,
                            capacity={"A": 900, "B": 800, "C": 700})  # fmt: skip
    cents = round(100 * result.activities["cost"].sum()) + round(100 * result.services["unused"].sum())
    assert cents == round(100 * sum(charges.values()))
    for name, row in result.services.iterrows():
        assert round(100 * (row["used"] + row["unused"])) == round(100 * charges[str(name)])
    np.testing.assert_allclose(result.costs.sum(), result.activities["cost"])


def test_without_a_capacity_declared_hours_absorb_everything(rng: np.random.Generator) -> None:
    result = activity_costs(
        declared(rng), "service", "activity", "hours", charges={"A": 10.0, "B": 20.0, "C": 30.01}
    )
    assert result.unused == pytest.approx(0)
    assert result.activities["cost"].sum() == pytest.approx(60.01)
    assert len(result.table().body) == 19


def test_more_hours_than_the_capacity_are_named(rng: np.random.Generator) -> None:
    charges = {"A": 10.0, "B": 20.0, "C": 30.0}
    result = activity_costs(declared(rng), "service", "activity", "hours", charges=charges,
                            capacity={"A": 10, "B": 5000, "C": 5000})  # fmt: skip
    assert "A" in result.sentence().split("déclarées dans")[1]
    assert result.services.loc["A", "unused"] < 0
    assert result.plot().get_yticks()[0] == 0


def test_services_must_match_the_accounts(rng: np.random.Generator) -> None:
    with pytest.raises(AnalysisError, match="ne se correspondent pas"):
        activity_costs(declared(rng), "service", "activity", "hours", charges={"A": 1.0, "B": 2.0})


def test_unit_costs_follow_volumes() -> None:
    data = pd.DataFrame({"s": ["A", "A"], "a": ["x", "y"], "h": [30.0, 10.0]})
    result = activity_costs(data, "s", "a", "h", charges={"A": 400.0}, volumes={"x": 60})
    assert result.activities.loc["x", "unit_cost"] == pytest.approx(5.0)
    assert np.isnan(result.activities.loc["y", "unit_cost"])


def test_the_tornado_puts_first_what_matters_most() -> None:
    result = savings(
        {"requests": 1000, "minutes": (4.0, 5.0, 6.0), "rate": (0.1, 0.5, 0.9)},
        lambda requests, minutes, rate: requests * minutes * rate,
    )
    assert list(result.tornado.index) == ["rate", "minutes", "requests"]
    assert result.tornado.loc["rate", ["at_low", "at_high"]].tolist() == [500, 4500]
    assert result["saving"].value == 2500
    assert result.plot().get_yticks()[0] == 0


def test_a_sample_is_bootstrapped_as_a_mean(rng: np.random.Generator) -> None:
    minutes = rng.normal(5, 2, 200)
    saving = savings({"minutes": minutes}, lambda minutes: minutes)["saving"]
    assert saving.value == pytest.approx(minutes.mean())
    assert saving.half_width == pytest.approx(1.96 * minutes.std() / np.sqrt(200), rel=0.05)


def test_a_loss_that_is_not_excluded_is_said() -> None:
    result = savings({"net": (-10.0, 2.0, 8.0)}, lambda net: net)
    assert "perte n'est pas exclue" in result.sentence()
    with pytest.raises(AnalysisError, match="plus probable"):
        savings({"net": (3.0, 2.0, 8.0)}, lambda net: net)


def test_kaplan_meier_and_log_rank_equal_survival(reference: Path) -> None:
    golden = json.loads((reference / "comparison_paired.json").read_text(encoding="utf-8"))
    data, wanted = pd.DataFrame(golden["lung"]), golden["km"]
    result = kaplan_meier(data, "time", "status")
    found = [result.at(time) for time in wanted["time"]]
    np.testing.assert_allclose([e.value for e in found], wanted["surv"])
    np.testing.assert_allclose(
        [(e.low, e.high) for e in found], np.column_stack([wanted["low"], wanted["high"]])
    )
    assert result.medians[""].value == wanted["median"]
    groups = kaplan_meier(data, "time", "status", "sex")
    assert groups.statistic == pytest.approx(golden["logrank"])
    assert len(groups.table().body) == 2
    assert groups.plot().get_legend() is not None


def test_density_counts_each_contact_once_and_services_without_any() -> None:
    data = pd.DataFrame({"a": list("AABAABC"), "b": list("BBCBCCD"), "w": [1, 1, 1, 2, 2, 2, 2]})
    result = network_density(data, "a", "b", "w", nodes=list("ABCDE"))
    assert result["before"].value == pytest.approx(2 / 10)
    assert result["after"].value == pytest.approx(4 / 10)
    with pytest.raises(AnalysisError, match="absents de la liste"):
        network_density(data, "a", "b", "w", nodes=list("ABCE"))


def test_the_multiverse_keeps_refusals_apart() -> None:
    def analysis(rows: list[float], scale: float) -> Estimate:
        if len(rows) < 2:
            raise AnalysisError("trop peu")
        return Estimate(scale * float(np.mean(rows)), 0.1, 1, n=len(rows))

    result = multiverse(
        analysis, {"rows": {"all": [1.0, 3.0], "one": [1.0]}, "scale": {"1": 1.0, "2": 2.0}}, label="m"
    )
    assert (result.smallest, result.largest) == (2.0, 4.0)
    assert result.estimates["reason"].tolist() == ["", "", "trop peu", "trop peu"]
    assert "2 combinaisons" in result.footnote()
    assert result.plot().get_xlabel() == "m"
