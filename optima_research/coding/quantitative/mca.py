"""Multiple correspondence analysis: a map of respondents and answers, exact, from the joint counts of the questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from optima_research.coding.quantitative import _geometry_kernels as kernels
from optima_research.coding.quantitative._burt_kernels import FloatArray, Packed
from optima_research.coding.quantitative.coded_answers import CodedAnswers, Missing, read_answers
from optima_research.coding.quantitative.mca_result import MultipleCorrespondence, axis_columns
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.results.frames import Data, numeric


def mca(
    data: Data,
    active: Sequence[str],
    supplementary: Sequence[str] = (),
    quantitative: Sequence[str] = (),
    weights: str | None = None,
    n_axes: int = 5,
    missing: Missing = "category",
    *,
    excluded: Mapping[str, Sequence[str]] | None = None,
) -> MultipleCorrespondence:
    """Multiple correspondence analysis (ACM) of several questions.

    Parameters
    ----------
    data : DataFrame or Survey
        One row a respondent.
    active : list of str
        Two nominal or ordinal questions at least: they build the axes.
    supplementary : list of str
        Nominal or ordinal questions placed on the axes without weighing on them (the partner, the wave, the sex).
        Those who did not answer one of them are left out of its categories.
    quantitative : list of str
        Numbers placed on the axes by their correlations.
    weights : str, optional
        Column of weights of respondents; scaled to sum to their number. Rows without a weight are left out.
    n_axes : int
        Axes kept, at most as many as there are. Rates are always computed over all of them.
    missing : {"category", "exclude", "listwise"}
        Missing answers to active questions: a category of its own, a category that does not build the axes (specific
        MCA), or rows left out.
    excluded : mapping of question to categories, optional
        Other categories that do not build the axes: "other", "not concerned", answers of four people.

    Returns
    -------
    MultipleCorrespondence
        ``eigenvalues`` (all axes), ``categories`` (principal coordinates), ``contributions`` (shares of each axis),
        ``cos2``, ``v_tests``: one row a (question, category), columns 1…k. ``cos2`` and ``v_tests`` hold the
        supplementary categories too; their coordinates are in ``supplementary``. ``eta2`` by question,
        ``correlations`` by quantitative variable, ``individuals``, ``rates`` (raw, Benzécri, Greenacre).

    Raises
    ------
    AnalysisError
        Fewer than two active questions, a question with one answer, two questions that say the same thing,
        negative weights, nobody left.
    SurveyError
        An unknown column or category.

    Notes
    -----
    The Burt table of weighted shares F (J × J) is diagonalised as (F - f f') / (Q sqrt(f f')): its eigenvalues are
    those of the indicator matrix, which is never built. With excluded categories only their rows and columns are
    removed: margins still come from everybody (specific MCA; Le Roux and Rouanet, 2010). Benzécri's rates share
    (Q/(Q-1))² (l - 1/Q)² over every axis with l > 1/Q; Greenacre's divide by the mean inertia of the off-diagonal
    Burt tables. The v-test of a category is its coordinate times sqrt((n - 1) f / (1 - f)), n being the number of
    respondents, also with weights. On each axis what contributes most is positive.
    Agrees with FactoMineR 2.7 and ca 0.71 to 1e-9: ``tests/reference/geometry.R``.

    Examples
    --------
    >>> import pandas as pd
    >>> tools = pd.DataFrame({"sig": list("ooonnnon"), "gmao": list("oonnnnoo"), "bim": list("onnnonon")})
    >>> result = mca(tools, ["sig", "gmao", "bim"])
    >>> result.eigenvalues.round(3).tolist()
    [0.564, 0.269, 0.167]
    """
    answers = read_answers(
        data, active, supplementary, weights=weights, missing=missing, excluded=excluded or {}
    )
    _check_constant(answers)
    packed = answers.packed()
    counts = packed.burt()
    _check_same(answers, counts)
    weighted = counts if answers.weights is None else packed.burt(answers.weights)
    kept, holes = _places(answers)
    solution, rates = _axes(answers, weighted / answers.n, kept, n_axes)
    individuals = _individuals(answers, packed, solution, kept)
    return _result(
        answers, solution, individuals, rates, counts=np.diag(counts)[~holes], cross=weighted[~holes][:, kept],
        correlations=_correlations(data, quantitative, answers, individuals), missing=missing,
    )  # fmt: skip


def _check_constant(answers: CodedAnswers) -> None:
    for question in answers.active:
        if question.excluded.count(False) < 2:
            raise AnalysisError(
                _("« {name} » has fewer than two categories left: it separates nobody.", name=question.name),
                parameter="active",
                got=", ".join(question.levels),
                hint=_("Leave it out of the active questions, or exclude fewer of its categories."),
            )


def _check_same(answers: CodedAnswers, counts: FloatArray) -> None:
    sizes = np.array([question.size for question in answers.active])
    starts = np.cumsum(sizes) - sizes
    met = np.add.reduceat((counts[: sizes.sum(), : sizes.sum()] > 0).astype(np.int64), starts, axis=0)
    met = np.add.reduceat(met, starts, axis=1)
    # Every category meets one of the other question at least: as many meetings as categories is one to one.
    same = np.tril((met == sizes[:, None]) & (met == sizes), -1)
    if same.any():
        second, first = (answers.questions[place].name for place in np.argwhere(same)[0])
        raise AnalysisError(
            _("« {first} » and « {second} » say the same thing: each answer to one goes with one answer "
              "to the other.", first=first, second=second),
            parameter="active",
            hint=_("Keep one of them active; the other may be supplementary."),
        )  # fmt: skip


def _places(answers: CodedAnswers) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the active questions' categories among all codes, and the codes that stand for a hole."""
    sizes = [question.size for question in answers.questions]
    question = np.repeat(np.arange(len(sizes)), sizes)
    last = np.cumsum(sizes) - 1
    holes = np.zeros(len(question), dtype=bool)
    holes[[place for place, one in zip(last, answers.questions, strict=True) if one.has_gap]] = True
    return (question < answers.n_active) & ~holes, holes


def _axes(
    answers: CodedAnswers, shares: FloatArray, kept: np.ndarray, n_axes: int
) -> tuple[kernels.Solution, pd.DataFrame]:
    burt = shares[np.ix_(kept, kept)]
    builds = ~np.concatenate([question.excluded for question in answers.active])
    solution = kernels.solve(burt, answers.n_active, builds, n_axes)
    blocks = np.repeat(np.arange(answers.n_active), [len(question.levels) for question in answers.active])
    benzecri, greenacre = kernels.adjusted_rates(burt, solution, np.where(builds, blocks, -1))
    raw = solution.eigenvalues / solution.eigenvalues.sum()
    rates = pd.DataFrame(
        {"eigenvalue": solution.eigenvalues, "raw": raw, "benzecri": benzecri, "greenacre": greenacre},
        index=axis_columns(len(raw)),
    )
    return solution, rates


def _individuals(
    answers: CodedAnswers, packed: Packed, solution: kernels.Solution, kept: np.ndarray
) -> pd.DataFrame:
    values = np.zeros((len(kept), solution.n_axes))
    values[kept] = solution.scores
    used = set(range(answers.n_active))
    groups = [place for place, group in enumerate(packed.groups) if used & set(group)]
    active = Packed(
        packed.sizes, tuple(packed.groups[g] for g in groups), tuple(packed.codes[g] for g in groups)
    )
    return pd.DataFrame(
        active.scores(values) - solution.centre, index=answers.index, columns=axis_columns(solution.n_axes)
    )


def _correlations(
    data: Data, names: Sequence[str], answers: CodedAnswers, individuals: pd.DataFrame
) -> pd.DataFrame:
    found = {}
    for name in names:
        x = numeric(data, name).to_numpy(float)
        x = x if answers.kept is None else x[answers.kept]
        valid = np.isfinite(x)
        w = np.ones(len(x)) if answers.weights is None else answers.weights
        w, x, y = w[valid], x[valid], individuals.to_numpy()[valid]
        x, y = x - np.average(x, weights=w), y - np.average(y, axis=0, weights=w)
        with np.errstate(invalid="ignore", divide="ignore"):
            found[name] = (w * x) @ y / np.sqrt((w * x**2).sum() * (w @ y**2))
    return pd.DataFrame.from_dict(found, orient="index", columns=individuals.columns).rename_axis("variable")


def _result(
    answers: CodedAnswers,
    solution: kernels.Solution,
    individuals: pd.DataFrame,
    rates: pd.DataFrame,
    *,
    counts: FloatArray,
    cross: FloatArray,
    correlations: pd.DataFrame,
    missing: Missing,
) -> MultipleCorrespondence:
    rows = pd.MultiIndex.from_tuples(
        [(question.name, level) for question in answers.questions for level in question.levels],
        names=["question", "category"],
    )
    n_active = sum(len(question.levels) for question in answers.active)
    shares = cross[:, : len(answers.active[0].levels)].sum(axis=1) / answers.n
    builds = np.concatenate([~np.array(question.excluded) for question in answers.questions])
    columns = individuals.columns
    # An excluded category does not build the axes but has its place on them, like a supplementary one.
    points = kernels.barycentres(cross / answers.n, solution)
    points[:n_active][builds[:n_active]] = solution.coordinates[builds[:n_active]]
    places = pd.DataFrame(points, index=rows, columns=columns)
    shares_frame = pd.Series(shares, index=rows, name="share")
    starts = np.cumsum([0, *(len(question.levels) for question in answers.questions[:-1])])
    explained = np.add.reduceat(points**2 * shares[:, None], starts)
    names = pd.Index([question.name for question in answers.questions], name="question")
    is_active = pd.Series(builds & (np.arange(len(rows)) < n_active), index=rows)
    return MultipleCorrespondence(
        n=answers.n,
        n_missing=answers.n_dropped,
        eigenvalues=rates["eigenvalue"].rename_axis("axis"),
        categories=places[is_active],
        contributions=pd.DataFrame(solution.contributions, index=rows[:n_active], columns=columns)[
            is_active.to_numpy()[:n_active]
        ],
        cos2=pd.DataFrame(kernels.cos2(points, shares), index=rows, columns=columns),
        v_tests=pd.DataFrame(kernels.v_tests(points, shares, answers.n), index=rows, columns=columns),
        supplementary=places[~is_active],
        eta2=pd.DataFrame(explained, index=names, columns=columns),
        correlations=correlations,
        individuals=individuals,
        rates=rates.drop(columns="eigenvalue").rename_axis("axis"),
        counts=pd.Series(counts.astype(np.int64), index=rows, name="n"),
        shares=shares_frame,
        missing=missing,
        answers=answers,
        solution=solution,
    )
