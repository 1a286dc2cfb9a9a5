"""Did a device work: staggered starts, breaks in a series, regression to the mean, matching, mediation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from optima_research.comparison.before_after import interrupted_series, regression_to_the_mean
from optima_research.comparison.binary import logit_effects
from optima_research.comparison.matching import propensity_matching
from optima_research.comparison.mediation import mediation
from optima_research.comparison.staggered import staggered_effects
from optima_research.errors import AnalysisError
from optima_research.results import Verdict


def centres(rng: np.random.Generator, effect: float, noise: float = 0.3) -> pd.DataFrame:
    """45 centres × 30 months, three starts, an effect that grows by ``effect`` a month; a fifth never start."""
    unit, month = np.repeat(np.arange(45), 30), np.tile(np.arange(1, 31), 45)
    start = np.array([8.0, 15.0, 22.0, 15.0, np.nan])[unit % 5]
    since = np.where(np.isnan(start), 0.0, np.maximum(month - start + 1, 0))
    level = rng.normal(8, 1, 45)[unit] + 0.02 * month + effect * since + rng.normal(0, noise, len(unit))
    return pd.DataFrame({"unit": unit, "month": month, "start": start, "delay": level})


def test_staggered_effects_recover_a_growing_effect_that_two_way_effects_miss(
    rng: np.random.Generator,
) -> None:
    data = centres(rng, 0.1)
    result = staggered_effects(data, "delay", "unit", "month", "start")
    treated = data[data["month"] >= data["start"]]
    # Effects on the last starters, who have no clean comparison but those that never start, are in the truth too.
    truth = 0.1 * (treated["month"] - treated["start"] + 1).mean()
    assert result.overall.low < truth < result.overall.high
    assert result.two_way < 0.75 * truth
    assert result.verdict is Verdict.DIFFERENT


def test_before_the_start_events_are_near_zero(rng: np.random.Generator) -> None:
    events = staggered_effects(centres(rng, 0.1), "delay", "unit", "month", "start").events
    before = events[events.index < 0]
    assert ((before["low"] <= 0) & (before["high"] >= 0)).all()
    assert events.loc[10, "estimate"] == pytest.approx(1.1, abs=0.25)


def test_no_effect_gives_no_finding_and_the_sentence_turns(rng: np.random.Generator) -> None:
    none = staggered_effects(centres(rng, 0.0), "delay", "unit", "month", "start")
    assert none.verdict is Verdict.INCONCLUSIVE
    assert "ni d'exclure" in none.sentence()
    assert len(none.plot().collections) > 0


def test_a_panel_that_cannot_be_compared_is_refused(rng: np.random.Generator) -> None:
    data = centres(rng, 0.1)
    together = data.assign(start=10.0)
    with pytest.raises(AnalysisError, match="pas encore démarré"):
        staggered_effects(together, "delay", "unit", "month", "start")
    with pytest.raises(AnalysisError, match="même date"):
        staggered_effects(pd.concat([data, data]), "delay", "unit", "month", "start")


def test_a_break_in_a_series_is_found_with_its_season(rng: np.random.Generator) -> None:
    t = np.arange(54.0)
    y = 10 + 0.1 * t + np.sin(2 * np.pi * t / 12) + 2.0 * (t >= 30) + rng.normal(0, 0.3, 54)
    result = interrupted_series(pd.DataFrame({"t": t, "y": y}), "y", "t", 30, season=12)
    assert result["level_change"].low < 2.0 < result["level_change"].high
    assert abs(result["slope_change"].value) < 0.05


def worst_first(rng: np.random.Generator, effect: float) -> pd.DataFrame:
    true = rng.normal(8, 1.2, 31)
    before, after = (true + rng.normal(0, 1.0, 31) for _measure in range(2))
    worst = np.argsort(-before)[:10]
    chosen = np.isin(np.arange(31), worst)
    return pd.DataFrame({"before": before, "after": after + effect * chosen, "chosen": chosen})


def test_the_ten_worst_improve_without_any_effect() -> None:
    rng = np.random.default_rng(1)
    results = [
        regression_to_the_mean(worst_first(rng, 0.0), "before", "after", "chosen") for _r in range(150)
    ]
    observed = np.mean([result["observed"].value for result in results])
    assert observed == pytest.approx(-0.71, abs=0.2)
    assert np.mean([result["effect"].value for result in results]) == pytest.approx(0, abs=0.2)
    assert np.mean([result.verdict is Verdict.DIFFERENT for result in results]) < 0.12


def test_a_true_effect_remains_once_selection_is_taken_off() -> None:
    rng = np.random.default_rng(2)
    known = 1.2**2 / (1.2**2 + 1)
    effects = [
        regression_to_the_mean(worst_first(rng, -1.5), "before", "after", "chosen", reliability=known)[
            "effect"
        ].value
        for _replicate in range(40)
    ]
    assert np.mean(effects) == pytest.approx(-1.5, abs=0.2)


def test_marginal_effects_equal_statsmodels(partners: pd.DataFrame) -> None:
    data = partners.assign(a=(partners["cat"] == "A").astype(int))
    result = logit_effects(data, "a", ["age", "sexe", "score"])
    x = np.column_stack([np.ones(609), data["age"], data["sexe"] == "H", data["score"]]).astype(float)
    wanted = sm.Logit(data["a"].to_numpy(), x).fit(disp=0).get_margeff(dummy=True)
    found = list(result.estimates.values())
    assert [e.value for e in found] == pytest.approx(list(wanted.margeff), rel=1e-7)
    assert [e.se for e in found] == pytest.approx(list(wanted.margeff_se), rel=1e-6)


def test_separated_answers_have_no_estimate() -> None:
    data = pd.DataFrame({"y": [0] * 10 + [1] * 10, "x": np.arange(20.0)})
    with pytest.raises(AnalysisError, match="sépare"):
        logit_effects(data, "y", ["x"])


def volunteers(rng: np.random.Generator, n: int = 900) -> pd.DataFrame:
    """Coached firms are readier to start with: the naive difference is twice the true one."""
    ready = rng.normal(size=n)
    coached = rng.random(n) < 1 / (1 + np.exp(-(ready - 0.8)))
    online = 0.5 * coached + 0.6 * ready + rng.normal(size=n)
    return pd.DataFrame({"online": online, "coached": coached.astype(int), "ready": ready})


def test_matching_removes_what_was_measured(rng: np.random.Generator) -> None:
    result = propensity_matching(volunteers(rng), "online", "coached", ["ready"])
    assert result["effect"].low < 0.5 < result["effect"].high
    assert result["naive"].value > 0.8
    assert result.balance.loc["ready", "before"] > 0.5
    assert abs(result.balance.loc["ready", "after"]) < 0.15
    assert result.plot().get_xlabel()
    assert len(result.balance_table().body) == 1


def test_mediation_finds_the_share_that_passes_through(rng: np.random.Generator) -> None:
    x = rng.normal(size=600)
    m = 0.5 * x + rng.normal(size=600)
    data = pd.DataFrame({"x": x, "m": m, "y": 0.4 * m + 0.3 * x + rng.normal(size=600)})
    result = mediation(data, "x", "m", "y")
    assert result["indirect"].low < 0.2 < result["indirect"].high
    assert result["total"].value == pytest.approx(result["indirect"].value + result["direct"].value)
    through = sm.OLS(data["y"], sm.add_constant(data[["m", "x"]])).fit().params["m"]
    first = sm.OLS(data["m"], sm.add_constant(data["x"])).fit().params["x"]
    assert result["indirect"].value == pytest.approx(first * through)
    none = mediation(data.assign(m=rng.normal(size=600)), "x", "m", "y")
    assert none.verdict is Verdict.INCONCLUSIVE
