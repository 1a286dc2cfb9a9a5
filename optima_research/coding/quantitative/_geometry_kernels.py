"""Arrays behind correspondence analysis: the eigenproblem, coordinates, rates, v-tests, Procrustes, ellipses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_NIL = 1e-10


@dataclass(frozen=True, eq=False)
class Solution:
    """Principal axes of a multiple correspondence analysis.

    Parameters
    ----------
    eigenvalues : array of shape (all axes,)
        Variances of the cloud of individuals, largest first.
    coordinates : array of shape (J, k)
        Principal coordinates of the categories; zero for excluded ones.
    contributions : array of shape (J, k)
        Shares of the variance of each axis, summing to 1.
    shares : array of shape (J,)
        Weighted share of respondents in each category.
    n_questions : int
    """

    eigenvalues: FloatArray
    coordinates: FloatArray
    contributions: FloatArray
    shares: FloatArray
    n_questions: int

    @property
    def n_axes(self) -> int:
        """Axes kept."""
        return int(self.coordinates.shape[1])

    @property
    def scores(self) -> FloatArray:
        """What each answer adds to a respondent's coordinates, shape (J, k)."""
        scale = self.n_questions * np.sqrt(self.eigenvalues[: self.n_axes])
        return np.asarray(self.coordinates / scale, dtype=float)

    @property
    def centre(self) -> FloatArray:
        """Mean of the summed scores; zero unless categories are excluded."""
        return self.shares @ self.scores


def solve(burt: FloatArray, n_questions: int, active: BoolArray, n_axes: int) -> Solution:
    """Diagonalise a Burt table of shares (each question's diagonal sums to 1) over its active categories.

    The matrix (F - f f') / (Q sqrt(f f')) has the eigenvalues of the indicator matrix; its size is that of the
    categories, whatever the number of respondents.
    """
    shares = np.diag(burt).copy()
    kept = shares[active]
    scale = np.sqrt(kept)
    matrix = (burt[np.ix_(active, active)] - np.outer(kept, kept)) / np.outer(scale, scale) / n_questions
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    order = np.argsort(-values, kind="stable")
    values, vectors = values[order], vectors[:, order]
    axes = values > _NIL
    values, vectors = values[axes], _oriented(vectors[:, axes])
    k = min(n_axes, len(values))
    coordinates = np.zeros((len(shares), k))
    contributions = np.zeros((len(shares), k))
    coordinates[active] = vectors[:, :k] * np.sqrt(values[:k] * n_questions / kept[:, None])
    contributions[active] = vectors[:, :k] ** 2
    return Solution(values, coordinates, contributions, shares, n_questions)


def _oriented(vectors: FloatArray) -> FloatArray:
    """Turn each axis so that what contributes most to it is positive (the first listed when several tie)."""
    size = vectors**2
    leading = np.argmax(size > size.max(axis=0) * (1 - 1e-6), axis=0)
    signs = np.sign(vectors[leading, np.arange(vectors.shape[1])])
    return np.asarray(vectors * signs, dtype=float)


def barycentres(cross: FloatArray, solution: Solution) -> FloatArray:
    """Principal coordinates of supplementary categories from their joint shares with the categories, shape (S, J)."""
    own = cross.sum(axis=1, keepdims=True) / solution.n_questions
    means = cross @ solution.scores / own - solution.centre
    return np.asarray(means / np.sqrt(solution.eigenvalues[: solution.n_axes]), dtype=float)


def cos2(coordinates: FloatArray, shares: FloatArray) -> FloatArray:
    """Quality of representation: squared coordinate over squared distance to the centre, 1/f - 1."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(coordinates**2 / (1 / shares - 1)[:, None], dtype=float)


def v_tests(coordinates: FloatArray, shares: FloatArray, n: int) -> FloatArray:
    """Coordinate over its standard deviation if the category were drawn at random without replacement."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(coordinates * np.sqrt((n - 1) * shares / (1 - shares))[:, None], dtype=float)


def adjusted_rates(burt: FloatArray, solution: Solution, blocks: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Benzécri's and Greenacre's rates of every axis (zero under the mean eigenvalue 1/Q).

    ``blocks`` (J,) is the question of each category, -1 where it is excluded.
    """
    q, values = solution.n_questions, solution.eigenvalues
    adjusted = np.where(values > 1 / q, (q / (q - 1) * (values - 1 / q)) ** 2, 0.0)
    inside = (blocks[:, None] == blocks[None, :]) & (blocks >= 0)[:, None]
    f = solution.shares
    own = np.where(inside, (burt - np.outer(f, f)) ** 2 / np.outer(f, f), 0.0).sum() / q**2
    between = q / (q - 1) * ((values**2).sum() - own)
    total = adjusted.sum()
    benzecri = adjusted / total if total > 0 else adjusted
    return benzecri, adjusted / between if between > 0 else adjusted


def procrustes(points: FloatArray, target: FloatArray, weights: FloatArray) -> FloatArray:
    """``points`` turned (rotation and reflection, no stretching) to lie closest to ``target``, both (J, k)."""
    u, _s, vt = np.linalg.svd((points * weights[:, None]).T @ target)
    return np.asarray(points @ (u @ vt), dtype=float)


def singular_table(counts: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    """Simple correspondence analysis: eigenvalues, standard row and column coordinates, row and column masses."""
    p = counts / counts.sum()
    r, c = p.sum(axis=1), p.sum(axis=0)
    residuals = (p - np.outer(r, c)) / np.sqrt(np.outer(r, c))
    u, s, vt = np.linalg.svd(residuals, full_matrices=False)
    kept = s**2 > _NIL**1.5
    both = _oriented(np.vstack([u[:, kept], vt[kept].T]))
    rows, columns = both[: len(r)], both[len(r) :]
    return s[kept] ** 2, rows / np.sqrt(r)[:, None], columns / np.sqrt(c)[:, None], r, c


def mean_ellipse(centre: FloatArray, covariance: FloatArray, n: int, level: float) -> FloatArray:
    """Outline of the confidence region of a mean of n points in the plane (Hotelling's T²), shape (100, 2)."""
    from scipy.special import fdtri

    return _outline(centre, covariance, 2 * (n - 1) / (n - 2) * float(fdtri(2, n - 2, level)))


def normal_ellipse(centre: FloatArray, covariance: FloatArray, level: float) -> FloatArray:
    """Outline of the region that holds ``level`` of a normal law in the plane, shape (100, 2)."""
    return _outline(centre, covariance, -2 * float(np.log(1 - level)))


def _outline(centre: FloatArray, covariance: FloatArray, radius2: float) -> FloatArray:
    if not np.isfinite(covariance).all():
        return np.full((0, 2), np.nan)
    values, vectors = np.linalg.eigh(covariance)
    angle = np.linspace(0, 2 * np.pi, 100)
    circle = np.column_stack([np.cos(angle), np.sin(angle)]) * np.sqrt(np.clip(values, 0, None) * radius2)
    return np.asarray(centre + circle @ vectors.T, dtype=float)
