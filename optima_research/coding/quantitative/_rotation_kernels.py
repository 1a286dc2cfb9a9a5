"""Rotations of factor loadings: varimax, promax, oblimin (arrays in, arrays out)."""

from __future__ import annotations

from typing import Literal

import numpy as np

from optima_research.coding.quantitative._item_moments import FloatArray

Rotation = Literal["oblimin", "promax", "varimax", "none"]
VARIMAX_PRECISION = 1e-12
PROMAX_POWER = 4


def rotate(loadings: FloatArray, rotation: Rotation) -> tuple[FloatArray, FloatArray]:
    """Rotated loadings and factor correlations, largest factor first, each pointing to its loadings."""
    m = loadings.shape[1]
    if m == 1 or rotation == "none":
        turned, phi = loadings, np.eye(m)
    elif rotation == "varimax":
        turned, phi = varimax(loadings), np.eye(m)
    elif rotation == "promax":
        turned, phi = promax(loadings)
    else:
        turned, phi = oblimin(loadings)
    if rotation == "none":
        return turned, phi
    order = np.argsort(-np.einsum("ij,jk,ik->j", turned, phi, turned), kind="stable")
    turned, phi = turned[:, order], phi[np.ix_(order, order)]
    signs = np.where(turned.sum(axis=0) < 0, -1.0, 1.0)
    return turned * signs, phi * np.outer(signs, signs)


def varimax(loadings: FloatArray) -> FloatArray:
    """Kaiser-normalised varimax, iterated until the sum of singular values gains less than 1e-12 (relative)."""
    lengths = np.sqrt((loadings**2).sum(axis=1, keepdims=True))
    normalised = loadings / np.where(lengths > 0, lengths, 1.0)
    turn, reached = np.eye(loadings.shape[1]), 0.0
    for _step in range(5000):
        turned = normalised @ turn
        target = turned**3 - turned * (turned**2).mean(axis=0)
        left, values, right = np.linalg.svd(normalised.T @ target)
        turn = left @ right
        if values.sum() < reached * (1 + VARIMAX_PRECISION):
            break
        reached = values.sum()
    rotated: FloatArray = loadings @ turn
    return rotated


def promax(loadings: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Varimax, then least squares towards its loadings to the power 4 (Hendrickson and White 1964)."""
    start = varimax(loadings)
    target = start * np.abs(start) ** (PROMAX_POWER - 1)
    turn, *_rest = np.linalg.lstsq(start, target, rcond=None)
    turn = turn * np.sqrt(np.diag(np.linalg.inv(turn.T @ turn)))
    inverse = np.linalg.inv(turn)
    return start @ turn, inverse @ inverse.T


def oblimin(loadings: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Direct oblimin with gamma = 0 (quartimin), not normalised, by gradient projection (Jennrich 2002).

    Started from the unrotated loadings and from varimax; the better optimum is kept.
    """
    m = loadings.shape[1]
    turned = np.asarray(np.linalg.lstsq(loadings, varimax(loadings), rcond=None)[0], dtype=np.float64)
    # At a tie the first start wins, so that the answer does not hang on rounding.
    candidates = [_projected(loadings, np.eye(m)), _projected(loadings, turned)]
    best = candidates[0] if candidates[0][0] <= candidates[1][0] + 1e-9 else candidates[1]
    return best[1], best[2]


def _projected(loadings: FloatArray, turn: FloatArray) -> tuple[float, FloatArray, FloatArray]:
    step = 1.0
    rotated = loadings @ np.linalg.inv(turn).T
    value, slope = _quartimin(rotated)
    for _iteration in range(5000):
        gradient = -(rotated.T @ slope @ np.linalg.inv(turn)).T
        gradient = gradient - turn * (turn * gradient).sum(axis=0)
        length = np.sqrt((gradient**2).sum())
        if length < 1e-8:
            break
        step *= 2
        for _halving in range(40):
            trial = turn - step * gradient
            trial = trial / np.sqrt((trial**2).sum(axis=0))
            moved = loadings @ np.linalg.inv(trial).T
            reached, new_slope = _quartimin(moved)
            if reached < value - 0.5 * length**2 * step:
                break
            step /= 2
        else:
            break
        turn, rotated, value, slope = trial, moved, reached, new_slope
    return value, rotated, turn.T @ turn


def _quartimin(loadings: FloatArray) -> tuple[float, FloatArray]:
    squares = loadings**2
    others = squares.sum(axis=1, keepdims=True) - squares
    return float((squares * others).sum() / 4), loadings * others
