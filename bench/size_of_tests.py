"""How often each method finds an effect that is not there, with two treated partners out of six.

Run ``python -m bench.size_of_tests [replications]`` (2 000 by default, a few minutes). Partners have the sizes of
the reference survey; the same persons answer twice; partners change by chance with a standard deviation of 0, 0.1 or
0.2 point. A sound test finds an effect in 5 % of the replications; the first three columns are what other tools print.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import numpy as np
from scipy import special

from optima_research.comparison._cluster_kernels import ClusterSums, wild_bootstrap
from optima_research.comparison.few_partners import partner_means_test, permutation_test

SIZES = np.array([130, 36, 210, 52, 61, 120])
TREATED = np.array([True, False, False, True, False, False])
BETWEEN = (0.0, 0.1, 0.2)
CHANGE_SD = 0.65
OTHERS = ("pooled OLS", "cluster z", "CR1 t(G-1)")
OURS = ("CR2 Satterthwaite", "CR3 t(G-1)", "wild Webb", "partner means", "permutation")
ALPHA = 0.05


def main(replications: int = 2000) -> int:
    rows = {}
    for between in BETWEEN:
        rng = np.random.default_rng(2026)
        found = np.array([_p_values(rng, between) for _ in range(replications)]) < ALPHA
        rows[between] = dict(zip((*OTHERS, *OURS), found.mean(axis=0).round(4).tolist(), strict=True))
    band = 4 * math.sqrt(ALPHA * (1 - ALPHA) / replications)
    _show(rows, replications, band)
    sound = all(rows[between][name] <= ALPHA + band for between in BETWEEN for name in OURS)
    record = {
        "replications": replications,
        "band": round(band, 4),
        "rates": {str(k): v for k, v in rows.items()},
    }
    results = Path(__file__).parent / "results"
    results.mkdir(exist_ok=True)
    (results / "size_of_tests.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(f"\nOurs within 5 % + {band:.3f}: {'yes' if sound else 'NO'}")
    return int(not sound)


def _p_values(rng: np.random.Generator, between: float) -> list[float]:
    """One null data set of changes, and the p-value of each method."""
    partner = np.repeat(np.arange(len(SIZES)), SIZES)
    change = rng.normal(0, CHANGE_SD, len(partner)) + rng.normal(0, between, len(SIZES))[partner]
    x = np.column_stack([np.ones(len(partner)), TREATED[partner].astype(float)])
    sums = ClusterSums.of(x, change, partner, len(SIZES))
    means = np.bincount(partner, change) / SIZES
    return [*_other_tools(sums, float(change @ change)), *_ours(sums, means)]


def _other_tools(sums: ClusterSums, total: float) -> list[float]:
    beta, clusters = float(sums.beta[-1]), len(SIZES)
    residual = (total - float(sums.beta @ sums.cross.sum(axis=0))) / (sums.n - 2)
    classical = beta / math.sqrt(residual * float(sums.bread[-1, -1]))
    robust = beta / math.sqrt(float(sums.covariance("CR1")[-1, -1]))
    return [_t(classical, sums.n - 2), 2 * float(special.ndtr(-abs(robust))), _t(robust, clusters - 1)]


def _ours(sums: ClusterSums, change: np.ndarray) -> list[float]:
    beta, clusters = float(sums.beta[-1]), len(SIZES)
    cr2, cr3 = (beta / math.sqrt(float(sums.covariance(name)[-1, -1])) for name in ("CR2", "CR3"))
    return [
        _t(cr2, sums.satterthwaite(np.eye(2)[-1])),
        _t(cr3, clusters - 1),
        wild_bootstrap(sums, 1, "webb", draws=999, seed=0).weak,
        partner_means_test(change, TREATED)["p_value"],
        permutation_test(change, TREATED)[0],
    ]


def _t(statistic: float, df: float) -> float:
    return float(2 * special.stdtr(df, -abs(statistic)))


def _show(rows: dict[float, dict[str, float]], replications: int, band: float) -> None:
    names = (*OTHERS, *OURS)
    print(f"\n### False positives at 5 %, {replications} replications (Monte-Carlo band ± {band:.3f})\n")
    print("| SD of partner changes | " + " | ".join(names) + " |")
    print("|---|" + "---:|" * len(names))
    for between, rates in rows.items():
        print(f"| {between} | " + " | ".join(f"{rates[name]:.3f}" for name in names) + " |")


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:2])))
