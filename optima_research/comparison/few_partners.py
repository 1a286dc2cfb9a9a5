"""Did a device work, when a few partners have it and a few do not: difference in differences, honestly.

With four to ten partners the usual cluster p-values are wrong by a factor of five. Every method that holds is computed
and shown beside the others, and what the number of partners cannot tell is said.
"""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pandas as pd

from optima_research.comparison._cluster_kernels import ClusterSums, Floats, Ints, wild_bootstrap
from optima_research.comparison.few_partners_result import DifferenceInDifferences
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.results import Estimate, Verdict
from optima_research.results.frames import Data, categories, label_of, numeric

DRAWS = 9999
MOST_ASSIGNMENTS = 50_000
POWER = 0.8


def difference_in_differences(
    data: Data,
    outcome: str,
    treated: str,
    wave: str,
    partner: str,
    *,
    smallest_effect: float | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> DifferenceInDifferences:
    """Effect of a device from two waves of a few partners, by every method that holds with few.

    Parameters
    ----------
    data : Survey or DataFrame, one row an answer (a respondent at a wave)
    outcome : str
        A number or a scale score.
    treated : str
        Whether the partner has the device: 0/1, True/False or two labels (the second in order is the device).
        Constant within a partner.
    wave : str
        Exactly two waves, in order.
    partner : str
    smallest_effect : float, optional
        In points of the scale, fixed in advance.
    level : float
    seed : int
        For the wild bootstrap with Webb's weights when they are too many to enumerate.

    Returns
    -------
    DifferenceInDifferences
        ``estimate tests partners minimal_effect verdict``

    Raises
    ------
    AnalysisError
        A partner absent from a wave, treated in part, or no partner on one of the sides.

    Notes
    -----
    Respondent-level least squares ``outcome ~ treated * wave``: CR2 with Satterthwaite df and CR3 as clubSandwich. Wild
    cluster bootstrap with the null imposed, Rademacher weights enumerated (2^G), Webb's enumerated up to six partners.
    Permutation of which partners have the device, on differences of partner changes, enumerated.
    Simulated sizes under the null: ``bench/size_of_tests.py``. For staggered starts see :func:`staggered_effects`.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [(p, w, p < "c", s + (w == 2) * (0.5 if p < "c" else 0.1 * i))
    ...         for i, p in enumerate("abcdef") for w in (1, 2) for s in (2.0, 3.0, 4.0)]
    >>> data = pd.DataFrame(rows, columns=["partner", "wave", "device", "score"])
    >>> result = difference_in_differences(data, "score", "device", "wave", "partner")
    >>> round(result.estimate.value, 3), round(result.permutation_floor, 3)
    (0.15, 0.067)
    """
    y = numeric(data, outcome).to_numpy()
    groups, waves, sides = (categories(data, name) for name in (partner, wave, treated))
    device = _device(data, treated, sides)
    codes = np.column_stack([groups.cat.codes, waves.cat.codes, device])
    valid = np.isfinite(y) & (codes >= 0).all(axis=1)
    y, codes = y[valid], codes[valid].astype(np.int64)
    g, labels = pd.factorize(np.asarray(groups.cat.categories.astype(str))[codes[:, 0]], sort=True)
    after = _two_waves(codes[:, 1], wave)
    partners = _partners(y, g, after, codes[:, 2], list(labels))
    x = np.column_stack([np.ones(len(y)), codes[:, 2], after, codes[:, 2] * after]).astype(float)
    sums = ClusterSums.of(x, y, g.astype(np.int64), len(labels))
    tests = protocol(sums, partners["change"].to_numpy(), partners["treated"].to_numpy(), level, seed)
    cr2, means = tests.loc["CR2"], tests.loc["partner_means"]
    narrow = _interval(cr2["estimate"], cr2["se"], cr2["df"], 2 * level - 1)
    verdict = Verdict.decide(
        cr2["low"],
        cr2["high"],
        smallest_effect=smallest_effect,
        low_equivalence=narrow[0],
        high_equivalence=narrow[1],
    )
    return DifferenceInDifferences(
        label_of(data, outcome), _estimate(cr2, level, len(y)), _estimate(means, level, len(labels)), tests, partners,
        minimal_effect(means["se"], means["df"], level), verdict, len(y), int((~valid).sum()), level, smallest_effect,
    )  # fmt: skip


def protocol(
    sums: ClusterSums, change: Floats, treated: np.ndarray, level: float = 0.95, seed: int = 0
) -> pd.DataFrame:
    """Every method that holds with few partners, the effect being the last coefficient of ``sums``."""
    rows = {"partner_means": partner_means_test(change, treated)}
    beta, contrast = float(sums.beta[-1]), np.eye(len(sums.beta))[-1]
    for correction in ("CR2", "CR3"):
        se = math.sqrt(sums.covariance(correction)[-1, -1])
        df = sums.satterthwaite(contrast) if correction == "CR2" else len(sums.cross) - 1.0
        rows[correction] = _t_row(beta, se, df)
    p, floor = permutation_test(change, treated)
    rows["permutation"] = {"estimate": rows["partner_means"]["estimate"], "p_value": p, "floor": floor}
    for kind in ("rademacher", "webb"):
        # One partner alone on a side: every weighting gives back the observed t, so there is no bootstrap test.
        if min(treated.sum(), (~treated).sum()) > 1:
            wild = wild_bootstrap(sums, len(sums.beta) - 1, kind, draws=DRAWS, seed=seed)
            floor = 2 / wild.draws if wild.enumerated else 1 / wild.draws
            rows[f"wild_{kind}"] = {
                "estimate": beta,
                "p_value": wild.strict,
                "p_high": wild.weak,
                "floor": floor,
            }
        else:
            rows[f"wild_{kind}"] = {"estimate": beta}
    table = pd.DataFrame.from_dict(
        rows, orient="index", columns=["estimate", "se", "df", "statistic", "p_value", "p_high", "floor"]
    )
    bounds = [_interval(row.estimate, row.se, row.df, level) for row in table.itertuples()]
    return table.assign(low=[low for low, _high in bounds], high=[high for _low, high in bounds]).astype(
        float
    )


def partner_means_test(change: Floats, treated: np.ndarray) -> dict[str, float]:
    """Pooled t on the changes of the partners, each counting for one."""
    with_it, without = change[treated], change[~treated]
    df = len(change) - 2.0
    squares = float(((with_it - with_it.mean()) ** 2).sum() + ((without - without.mean()) ** 2).sum())
    se = math.sqrt(squares / df * (1 / len(with_it) + 1 / len(without))) if df > 0 else float("nan")
    return _t_row(float(with_it.mean() - without.mean()), se, df)


def permutation_test(change: Floats, treated: np.ndarray, seed: int = 0) -> tuple[float, float]:
    """Two-sided p over every choice of as many partners, and the smallest value it could take."""
    g, k = len(change), int(treated.sum())
    if math.comb(g, k) <= MOST_ASSIGNMENTS:
        chosen = np.zeros((math.comb(g, k), g))
        for row, members in enumerate(combinations(range(g), k)):
            chosen[row, list(members)] = 1
    else:
        rng = np.random.default_rng(seed)
        chosen = (rng.random((MOST_ASSIGNMENTS, g)).argsort(axis=1) < k).astype(float)
        chosen[0] = treated
    effects = np.abs(chosen @ change / k - (1 - chosen) @ change / (g - k))
    observed = abs(float(change[treated].mean() - change[~treated].mean()))
    floor = (2 if 2 * k == g else 1) / len(chosen)
    return float((effects >= observed - 1e-9).mean()), floor


def minimal_effect(se: float, df: float, level: float, power: float = POWER) -> float:
    """Effect that a two-sided t test with this standard error detects with that power."""
    from scipy import special

    return (
        float((special.stdtrit(df, (1 + level) / 2) + special.stdtrit(df, power)) * se)
        if df > 0
        else float("nan")
    )


def _t_row(estimate: float, se: float, df: float) -> dict[str, float]:
    from scipy import special

    t = estimate / se if se > 0 else float("nan")
    return {
        "estimate": estimate,
        "se": se,
        "df": df,
        "statistic": t,
        "p_value": float(2 * special.stdtr(df, -abs(t))),
    }


def _interval(estimate: float, se: float, df: float, level: float) -> tuple[float, float]:
    from scipy import special

    half = float(special.stdtrit(df, (1 + level) / 2)) * se
    return estimate - half, estimate + half


def _estimate(row: pd.Series, level: float, n: int) -> Estimate:
    return Estimate(
        float(row["estimate"]), float(row["low"]), float(row["high"]), level=level, se=float(row["se"]),
        df=float(row["df"]), n=n, name=_("difference in differences"),
    )  # fmt: skip


def _device(data: Data, treated: str, sides: pd.Series) -> Ints:
    """1 with the device, 0 without, −1 unknown."""
    used = [label for label in sides.cat.categories if (sides == label).any()]
    if len(used) != 2:
        raise AnalysisError(
            _("« {name} » must tell two sides apart: with and without the device.", name=treated),
            parameter="treated", got=", ".join(map(str, used)),
        )  # fmt: skip
    codes: Ints = np.where(sides.isna(), -1, (sides == used[1]).astype(int)).astype(np.int64)
    return codes


def _two_waves(codes: Ints, wave: str) -> Ints:
    used = np.unique(codes)
    if len(used) != 2:
        raise AnalysisError(
            _("Difference in differences compares two waves; there are {n}.", n=len(used)),
            parameter="wave", got=wave, hint=_("Keep two waves, or use staggered_effects()."),
        )  # fmt: skip
    after: Ints = (codes == used[1]).astype(np.int64)
    return after


def _partners(y: Floats, g: Ints, after: Ints, device: Ints, labels: list[str]) -> pd.DataFrame:
    k = len(labels)
    n = np.bincount(2 * g + after, minlength=2 * k).reshape(k, 2)
    absent = [labels[row] for row in np.flatnonzero((n == 0).any(axis=1))]
    if absent:
        raise AnalysisError(
            _("These partners have answers in one wave only: {names}.", names=", ".join(absent)),
            hint=_("Leave them out, and say so: nothing can be said of their change."),
        )
    mean = np.bincount(2 * g + after, y, 2 * k).reshape(k, 2) / n
    share = np.bincount(g, device, k) / n.sum(axis=1)
    mixed = [labels[row] for row in np.flatnonzero((share > 0) & (share < 1))]
    if mixed:
        raise AnalysisError(
            _("These partners are treated in part: {names}.", names=", ".join(mixed)), parameter="treated"
        )
    treated = share == 1
    if not 0 < treated.sum() < k or k < 3:
        raise AnalysisError(_("There must be partners with the device and without, three in all at least."))
    columns = {
        "treated": treated, "n_before": n[:, 0], "n_after": n[:, 1], "before": mean[:, 0], "after": mean[:, 1],
        "change": mean[:, 1] - mean[:, 0],
    }  # fmt: skip
    return pd.DataFrame(columns, index=pd.Index(labels, name="partner"))
