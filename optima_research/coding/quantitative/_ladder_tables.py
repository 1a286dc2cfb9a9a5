"""The labelled tables of an invariance ladder: steps, item tests, latent means, impact on the scores."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from optima_research.coding.quantitative._cfa_inference import standard_errors
from optima_research.coding.quantitative._cfa_kernels import implied
from optima_research.coding.quantitative._item_moments import FloatArray
from optima_research.coding.quantitative._ladder import ItemTest, Ladder, Step
from optima_research.coding.quantitative.comparable import step_holds
from optima_research.coding.quantitative.measurement_model import ModelData
from optima_research.language import _
from optima_research.results import PublicationTable


class FitTable(pd.DataFrame):  # type: ignore[misc]
    """A DataFrame of fit measures that, called like the ``table()`` of other results, gives the publication table.

    The contract wants both ``invariance(...).table`` as a frame and ``result.table()`` as for every result.
    """

    _metadata: ClassVar[list[str]] = ["publication"]
    publication: Callable[[], PublicationTable]

    def __call__(self) -> PublicationTable:
        return self.publication()


def step_table(ladder: Ladder) -> pd.DataFrame:
    """Measures of every step, change from the step it is nested in, and whether it holds."""
    rows: dict[str, dict[str, Any]] = {}
    below: Step | None = None
    for name in _order(ladder):
        step = ladder.steps[name]
        row: dict[str, Any] = dict(step.measures)
        if below is not None:
            row.update(_change(below, step))
            row["holds"] = step_holds(row["delta_cfi"], row["delta_rmsea"], row["delta_p"])
        rows[name] = row
        # The full step that was relaxed is not what the next one is nested in.
        if f"{name}_partial" not in ladder.steps:
            below = step
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("step")


def item_test_table(ladder: Ladder, tests: list[ItemTest]) -> pd.DataFrame:
    """Score tests of the items: chi2, p, and the largest gap of a group from the average, in points of the item.

    For a loading, the gap is what it makes one standard deviation of the factor away from its mean.
    """
    n = ladder.data.moments.n
    rows = []
    for test in tests:
        gaps = test.expected - np.average(test.expected, weights=n)
        worst = int(np.abs(gaps).argmax())
        rows.append(
            {
                "part": test.part,
                "item": ladder.data.items[test.item],
                "label": ladder.data.labels[test.item],
                "chi2": test.chi2,
                "df": test.df,
                "p": test.p,
                "p_adjusted": test.p_adjusted,
                "gap": gaps[worst],
                "group": ladder.data.groups[worst],
            }
        )
    columns = ["part", "item", "label", "chi2", "df", "p", "p_adjusted", "gap", "group"]
    return pd.DataFrame(rows, columns=columns)


def latent_means(ladder: Ladder, level: float) -> pd.DataFrame:
    """Latent means of the groups, in standard deviations of the first one, from the scalar step (partial if any)."""
    from scipy.special import ndtri

    fitted = _scalar(ladder).fitted
    spec = fitted.spec
    index = spec.index[:, spec.latent]
    se = np.zeros(index.shape)
    se[index >= 0] = standard_errors(fitted, index[index >= 0], ladder.data.rows if ladder.robust else None)
    estimate = spec.elements(fitted.parameters)[:, spec.latent]
    half = float(ndtri(0.5 + level / 2)) * se
    labels = pd.MultiIndex.from_product([ladder.data.factors, ladder.data.groups], names=["factor", "group"])
    return pd.DataFrame(
        {
            "estimate": estimate.T.ravel(),
            "se": se.T.ravel(),
            "low": (estimate - half).T.ravel(),
            "high": (estimate + half).T.ravel(),
            "n": np.tile(ladder.data.moments.n.astype(np.int64), len(ladder.data.factors)),
        },
        index=labels,
    )


def impact(ladder: Ladder) -> pd.DataFrame:
    """What the freed items do to the mean score of each group, in points and in rank.

    The bias of a group is the mean over the items of the factor of the distance between the answer its latent mean
    implies with its own intercept and loading, and the answer implied with the average ones (weighted by group size).
    Items that hold contribute nothing.
    """
    fitted, data = _scalar(ladder).fitted, ladder.data
    model, n = implied(fitted.spec, fitted.parameters), data.moments.n
    frames = []
    for f, members in enumerate(data.members):
        positions = list(members)
        observed = data.moments.mean[:, positions].mean(axis=1)
        bias = _bias(
            model.intercepts[:, positions], model.loadings[:, positions, f], model.latent_means[:, f], n
        )
        frame = pd.DataFrame(
            {"n": n.astype(np.int64), "mean": observed, "bias": bias, "adjusted": observed - bias},
            index=pd.MultiIndex.from_product([[data.factors[f]], data.groups], names=["factor", "group"]),
        )
        frame["rank"] = frame["mean"].rank(ascending=False).astype(int)
        frame["rank_adjusted"] = frame["adjusted"].rank(ascending=False).astype(int)
        frames.append(frame)
    return pd.concat(frames)


def freed_table(ladder: Ladder) -> pd.DataFrame:
    """Items freed, one row a part, and why: asked for, found by a score test, or because the loading is free."""
    searched = item_test_table(ladder, ladder.released).assign(why=_("score test (Holm)"))
    known = {(row.part, row.item) for row in searched.itertuples()}
    data: ModelData = ladder.data
    others = []
    for part, item in sorted(ladder.freed):
        name = data.items[item]
        if (part, name) not in known:
            why = _("its loading is free") if ("loadings", name) in known else _("asked for")
            others.append({"part": part, "item": name, "label": data.labels[item], "why": why})
    return pd.concat([searched, pd.DataFrame(others)], ignore_index=True) if others else searched


def _order(ladder: Ladder) -> list[str]:
    names = ["configural", "metric", "metric_partial", "scalar", "scalar_partial", "strict"]
    return [name for name in names if name in ladder.steps]


def _scalar(ladder: Ladder) -> Step:
    return ladder.steps.get("scalar_partial", ladder.steps["scalar"])


def _change(below: Step, step: Step) -> dict[str, float]:
    """Difference test (scaled after Satorra and Bentler 2001 where the estimator is robust) and change of indices."""
    from scipy.special import chdtrc

    df = step.measures["df"] - below.measures["df"]
    scale = (step.measures["df"] * step.scaling - below.measures["df"] * below.scaling) / df
    chi2 = (step.fitted.chi2 - below.fitted.chi2) / scale
    return {
        "delta_chi2": chi2,
        "delta_df": df,
        "delta_p": float(chdtrc(df, max(chi2, 0.0))),
        "delta_cfi": step.measures["cfi"] - below.measures["cfi"],
        "delta_rmsea": step.measures["rmsea"] - below.measures["rmsea"],
    }


def _bias(intercepts: FloatArray, loadings: FloatArray, latent: FloatArray, n: FloatArray) -> FloatArray:
    own = intercepts + loadings * latent[:, None]
    common = (
        np.average(intercepts, axis=0, weights=n) + np.average(loadings, axis=0, weights=n) * latent[:, None]
    )
    bias: FloatArray = (own - common).mean(axis=1)
    return bias
