"""Every result of this room speaks French and English, prints twelve lines at most, draws, and fits a table."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from optima_research import comparison as room
from optima_research.language import using_language
from optima_research.results import Result


def survey() -> pd.DataFrame:
    rng = np.random.default_rng(11)
    n = 240
    data = pd.DataFrame(
        {"partner": rng.choice(list("ABCDEF"), n), "sex": rng.choice(["F", "H"], n), "age": rng.integers(20, 65, n),
         "grade": rng.choice(["A", "B", "C"], n)}
    )  # fmt: skip
    data["score"] = (3 + 0.3 * (data["sex"] == "F") + rng.normal(0, 0.8, n)).round(1)
    data["item"] = pd.Categorical(rng.integers(1, 6, n), ordered=True)
    data["again"] = data["score"] + rng.normal(0.1, 0.5, n).round(1)
    data["yes"] = (rng.random(n) < 0.4).astype(int)
    return data


def panel() -> pd.DataFrame:
    rng = np.random.default_rng(12)
    rows = [
        (
            unit,
            month,
            (8 if unit < 4 else 12 if unit < 8 else np.nan),
            rng.normal(unit / 5 + (unit < 4) * (month >= 8), 0.3),
        )
        for unit in range(12)
        for month in range(1, 19)
    ]
    return pd.DataFrame(rows, columns=["unit", "month", "start", "delay"])


def two_waves() -> pd.DataFrame:
    data = survey().rename_axis("id").reset_index()
    later = data.assign(score=data["again"], wave=2)
    both = pd.concat([data.assign(wave=1), later.iloc[20:]])
    return both.assign(device=both["partner"].isin(["A", "B"]).astype(int))


D = survey()
RESULTS: dict[str, Callable[[], Result]] = {
    "welch": lambda: room.compare(D, "score", "sex", smallest_effect=0.3),
    "welch_anova": lambda: room.compare(D, "score", "partner"),
    "kruskal": lambda: room.compare(D, "item", "partner"),
    "ordinal_logit": lambda: room.compare(D, "item", "sex", method="ordinal_logit"),
    "chi2": lambda: room.compare(D, "grade", "partner"),
    "many": lambda: room.compare_many(D, ["score", "item", "grade"], "sex"),
    "equivalence": lambda: room.equivalence(D, "score", "sex", 0.4),
    "frequencies": lambda: room.frequency_table(D, "grade"),
    "crosstab": lambda: room.crosstab(D, "sex", "grade"),
    "description": lambda: room.describe(D, ["age", "grade"], by="sex"),
    "robust": lambda: room.robust_regression(D, "score ~ sex + age", "partner"),
    "did": lambda: room.difference_in_differences(two_waves(), "score", "device", "wave", "partner"),
    "multilevel": lambda: room.multilevel(D, "score", "partner", ["age"]),
    "ordinal": lambda: room.ordinal_model(D, "item", ["sex"]),
    "change": lambda: room.change(two_waves(), "score", "wave", "id", population=400),
    "paired": lambda: room.compare_paired(D, ["score", "again"]),
    "factorial": lambda: room.factorial_anova(D, "score", ["sex", "grade"]),
    "staggered": lambda: room.staggered_effects(panel(), "delay", "unit", "month", "start"),
    "series": lambda: room.interrupted_series(panel().query("unit == 1"), "delay", "month", 8),
    "regression": lambda: room.regression_to_the_mean(D, "score", "again", "yes"),
    "logit": lambda: room.logit_effects(D, "yes", ["sex", "age"]),
    "matching": lambda: room.propensity_matching(D, "score", "sex", ["age"]),
    "mediation": lambda: room.mediation(D, "age", "again", "score"),
    "survival": lambda: room.kaplan_meier(D, "age", "yes", "sex"),
    "hazards": lambda: room.proportional_hazards(
        D.assign(w=D.index % 20), "age", "yes", ["sex"], cluster="w"
    ),
    "network": lambda: room.network_density(D.assign(w=D.index % 2), "partner", "grade", "w"),
    "savings": lambda: room.savings({"a": (1.0, 2.0, 3.0), "b": 2.0}, lambda a, b: a * b),
    "costs": lambda: room.activity_costs(
        D, "partner", "grade", "age", charges=dict.fromkeys("ABCDEF", 1000.0)
    ),
    "multiverse": lambda: room.multiverse(
        lambda data: room.compare(data, "score", "sex").effects["hedges_g"],
        {"data": {"all": D, "young": D[D["age"] < 45]}},
    ),
}


@pytest.mark.parametrize("name", RESULTS)
def test_it_speaks_draws_and_prints(name: str) -> None:
    sentences = []
    for language in ("fr", "en"):
        with using_language(language):  # type: ignore[arg-type]
            result = RESULTS[name]()
            sentences.append(result.sentence())
            assert "{" not in result.sentence() + result.table().note + result.table().reading
            assert len(repr(result).splitlines()) <= 12
            assert "<table" in result._repr_html_()
            assert len(result.table().formatted()) == len(result.table().body)
            assert all(isinstance(key, str) for key in result.statistics())
    assert sentences[0] != sentences[1]
    if name != "description":
        result.plot()
        plt.close("all")
