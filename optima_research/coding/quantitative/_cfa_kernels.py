"""Maximum likelihood for multi-group factor models with means, by Fisher scoring (arrays in, arrays out).

Every derivative of an implied covariance is ``u v' + v u'`` for two vectors, so the information matrix needs products
of (items x elements) matrices only, all groups at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optima_research.coding.quantitative._arrow_solver import Arrow, arrow
from optima_research.coding.quantitative._cfa_spec import GroupMoments, Spec
from optima_research.coding.quantitative._item_moments import FloatArray

MAX_STEPS = 150
SCORING_STEPS = 12
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Implied:
    """Model matrices and implied moments of each group."""

    loadings: FloatArray
    phi: FloatArray
    residuals: FloatArray
    intercepts: FloatArray
    latent_means: FloatArray
    covariance: FloatArray
    mean: FloatArray


@dataclass(frozen=True)
class Fitted:
    """Parameters at the optimum, discrepancy of each group, and whether the search ended there."""

    spec: Spec
    moments: GroupMoments
    parameters: FloatArray
    discrepancy: FloatArray
    converged: bool

    @property
    def chi2(self) -> float:
        """Likelihood-ratio statistic against the saturated model (multiplier n)."""
        return float(self.moments.n @ self.discrepancy)


def implied(spec: Spec, parameters: FloatArray) -> Implied:
    """Model matrices and moments at these free parameters."""
    return implied_by(spec, spec.elements(parameters))


def implied_by(spec: Spec, values: FloatArray) -> Implied:
    """Model matrices and moments from the value of every element in every group."""
    loadings = np.zeros((spec.n_groups, spec.n_items, spec.n_factors))
    loadings[:, spec.rows[spec.loading], spec.columns[spec.loading]] = values[:, spec.loading]
    phi = np.zeros((spec.n_groups, spec.n_factors, spec.n_factors))
    phi[:, spec.rows[spec.phi], spec.columns[spec.phi]] = values[:, spec.phi]
    phi[:, spec.columns[spec.phi], spec.rows[spec.phi]] = values[:, spec.phi]
    residuals, intercepts, latent = (
        values[:, spec.residual],
        values[:, spec.intercept],
        values[:, spec.latent],
    )
    covariance = loadings @ phi @ np.swapaxes(loadings, 1, 2)
    diagonal = np.arange(spec.n_items)
    covariance[:, diagonal, diagonal] += residuals
    mean = intercepts + np.einsum("gpm,gm->gp", loadings, latent)
    return Implied(loadings, phi, residuals, intercepts, latent, covariance, mean)


def discrepancy(spec: Spec, moments: GroupMoments, parameters: FloatArray) -> FloatArray:
    """Discrepancy of each group; infinite where an implied covariance is not positive definite."""
    model = implied(spec, parameters)
    try:
        root = np.linalg.cholesky(model.covariance)
    except np.linalg.LinAlgError:
        return np.full(spec.n_groups, np.inf)
    inverse = np.linalg.inv(model.covariance)
    gap = moments.mean - model.mean
    log_ratio = (
        2 * np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1) - np.linalg.slogdet(moments.covariance)[1]
    )
    trace = np.einsum("gij,gij->g", moments.covariance, inverse)
    shift = np.einsum("gi,gij,gj->g", gap, inverse, gap)
    value: FloatArray = log_ratio + trace - spec.n_items + shift
    return value


def fit(spec: Spec, moments: GroupMoments, start: FloatArray) -> Fitted:
    """Minimise the discrepancy from ``start`` by Fisher scoring; steps are damped when they do not improve.

    Scoring is slow where the model fits badly: after a few steps the observed Hessian takes over.
    """
    parameters, value = start, discrepancy(spec, moments, start)
    total, damping, converged = moments.n @ value, 0.0, False
    structure = arrow(spec)
    # What rounding can do to a sum of discrepancies over all respondents.
    slack = 1e-10 + 1e-14 * spec.n_items * float(moments.n.sum())
    for iteration in range(MAX_STEPS):
        gradient, information = derivatives(spec, moments, parameters)
        curvature = (
            2 * information
            if iteration < SCORING_STEPS
            else _observed(structure, moments, parameters, information)
        )
        for _try in range(40):
            step = -structure.solve(curvature, gradient, damping)
            decrease = -float(step @ gradient)
            trial = parameters + step
            reached = discrepancy(spec, moments, trial)
            if moments.n @ reached <= total + slack:
                break
            damping = max(10 * damping, 1e-4)
        else:
            break
        parameters, value, total = trial, reached, moments.n @ reached
        if decrease < max(TOLERANCE, slack) and damping < 1e-3:
            converged = True
            break
        damping = damping / 10 if damping > 1e-6 else 0.0
    return Fitted(spec, moments, parameters, value, converged)


def derivatives(spec: Spec, moments: GroupMoments, parameters: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Gradient of the total discrepancy over free parameters, and each group's expected information over elements.

    The information is that of all the respondents of the group: (g, elements, elements).
    """
    model = implied(spec, parameters)
    inverse = _inverted(model)
    u, v, slope = directions(spec, model)
    local = _gradient(moments, model, inverse, u, v, slope)
    weighted = inverse @ v
    ut = np.swapaxes(u, 1, 2)
    crossed = ut @ weighted
    information = (ut @ (inverse @ u)) * (np.swapaxes(v, 1, 2) @ weighted) + crossed * np.swapaxes(
        crossed, 1, 2
    )
    information += np.swapaxes(slope, 1, 2) @ (inverse @ slope)
    return gathered_vector(spec, moments.n[:, None] * local), moments.n[:, None, None] * information


def local_gradient(spec: Spec, moments: GroupMoments, values: FloatArray) -> FloatArray:
    """Gradient of each group's discrepancy over its own elements, fixed ones included: (g, elements)."""
    model = implied_by(spec, values)
    return _gradient(moments, model, _inverted(model), *directions(spec, model))


def local_hessian(spec: Spec, moments: GroupMoments, values: FloatArray) -> FloatArray:
    """Second derivatives of each group's discrepancy over its elements, by central differences of the gradient."""
    elements = values.shape[1]
    hessian = np.empty((spec.n_groups, elements, elements))
    for element in range(elements):
        shift = np.zeros(elements)
        shift[element] = 1e-5
        above = local_gradient(spec, moments, values + shift)
        below = local_gradient(spec, moments, values - shift)
        hessian[:, element] = (above - below) / 2e-5
    return (hessian + np.swapaxes(hessian, 1, 2)) / 2


def directions(spec: Spec, model: Implied) -> tuple[FloatArray, FloatArray, FloatArray]:
    """For each element, the vectors of its covariance derivative ``u v' + v u'`` and of its mean derivative."""
    shape = (spec.n_groups, spec.n_items, spec.index.shape[1])
    u, v, slope = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    item, factor = spec.rows[spec.loading], spec.columns[spec.loading]
    positions = np.arange(spec.loading.start, spec.loading.stop)
    u[:, item, positions] = 1.0
    v[:, :, spec.loading] = (model.loadings @ model.phi)[:, :, factor]
    slope[:, item, positions] = model.latent_means[:, factor]
    first, second = spec.rows[spec.phi], spec.columns[spec.phi]
    u[:, :, spec.phi] = model.loadings[:, :, first]
    v[:, :, spec.phi] = model.loadings[:, :, second] * np.where(first == second, 0.5, 1.0)
    items = np.arange(spec.n_items)
    u[:, items, spec.residual.start + items] = 1.0
    v[:, items, spec.residual.start + items] = 0.5
    slope[:, items, spec.intercept.start + items] = 1.0
    slope[:, :, spec.latent] = model.loadings
    return u, v, slope


def gathered_vector(spec: Spec, local: FloatArray) -> FloatArray:
    """Sum what each group says of the free parameters."""
    taken = spec.index >= 0
    return np.bincount(spec.index[taken], local[taken], spec.n_parameters).astype(np.float64)


def gathered_matrix(spec: Spec, local: FloatArray) -> FloatArray:
    """Sum each group's square matrix over elements into one over free parameters."""
    size = spec.n_parameters + 1
    place = np.where(spec.index >= 0, spec.index, size - 1)
    flat = (place[:, :, None] * size + place[:, None, :]).ravel()
    summed = np.bincount(flat, local.ravel(), size * size).astype(np.float64)
    return summed.reshape(size, size)[:-1, :-1]


def oriented(fitted: Fitted) -> Fitted:
    """The same solution with factors pointing the way most of their items do."""
    spec, parameters = fitted.spec, fitted.parameters.copy()
    model = implied(spec, parameters)
    for f in np.flatnonzero(np.average(model.loadings.sum(axis=1), axis=0, weights=fitted.moments.n) < 0):
        for where in (spec.loading, spec.latent):
            mine = spec.index[:, where][:, spec.columns[where] == f]
            chosen = np.unique(mine[mine >= 0])
            parameters[chosen] *= -1
        mixed = (spec.rows[spec.phi] == f) != (spec.columns[spec.phi] == f)
        chosen = spec.index[:, spec.phi][:, mixed]
        parameters[np.unique(chosen[chosen >= 0])] *= -1
    return Fitted(spec, fitted.moments, parameters, fitted.discrepancy, fitted.converged)


def _inverted(model: Implied) -> FloatArray:
    inverse: FloatArray = np.asarray(np.linalg.inv(model.covariance), dtype=np.float64)
    return inverse


def _gradient(
    moments: GroupMoments,
    model: Implied,
    inverse: FloatArray,
    u: FloatArray,
    v: FloatArray,
    slope: FloatArray,
) -> FloatArray:
    gap = moments.mean - model.mean
    seen = moments.covariance + gap[:, :, None] * gap[:, None, :]
    residual = inverse - inverse @ seen @ inverse
    local: FloatArray = 2 * np.einsum("gpe,gpe->ge", u, residual @ v)
    local -= 2 * np.einsum("gpe,gp->ge", slope, np.einsum("gij,gj->gi", inverse, gap))
    return local


def _observed(
    structure: Arrow, moments: GroupMoments, parameters: FloatArray, information: FloatArray
) -> FloatArray:
    """Each group's observed Hessian, or the expected one where the observed is not positive definite."""
    spec = structure.spec
    hessian = moments.n[:, None, None] * local_hessian(spec, moments, spec.elements(parameters))
    try:
        structure.solve(hessian, np.zeros(spec.n_parameters))
    except np.linalg.LinAlgError:
        return 2 * information
    return hessian
