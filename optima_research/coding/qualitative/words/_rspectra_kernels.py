"""Leading eigenvector with the sign RSpectra gives it: of no meaning, but rainette's published classes rest on it.

RSpectra runs the implicitly restarted Lanczos method (Sorensen 1992) from Park and Miller's generator with seed 1, on
20 vectors of which a restart keeps 10. The sign it returns hangs on the start, and on the rotations of the implicit QR
algorithm (Golub and Van Loan, 8.3) for the eigenvectors of the tridiagonal matrix; both are followed here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import hypot
from typing import Any

import numpy as np

_VECTORS, _TOLERANCE, _RESTARTS = 20, 1e-10, 1000
_EPSILON = float(np.finfo(float).eps)


def leading_vector(product: Callable[[Any], Any], n: int) -> Any:
    """Unit eigenvector of the largest eigenvalue of a symmetric positive operator on n dimensions."""
    m = min(n, _VECTORS)
    kept = m // 2 if m >= 6 else min(2, m - 1)
    lanczos = _Lanczos(np.zeros((n, m)), np.zeros(m), np.zeros(m - 1), _park_miller(n))
    _extend(lanczos, product, 0)
    for _restart in range(_RESTARTS):
        values, first, last = _eigen(lanczos.diagonal, lanczos.below)
        order = np.argsort(-values, kind="stable")
        bound = _TOLERANCE * max(abs(values[order[0]]), _EPSILON ** (2 / 3))
        if abs(last[order[0]]) * np.linalg.norm(lanczos.rest) < bound:
            break
        _shift(lanczos, values[order[kept:]], kept)
        _extend(lanczos, product, kept)
    vector = np.linalg.eigh(_matrix(lanczos.diagonal, lanczos.below))[1][:, -1]
    return lanczos.basis @ (vector if (vector[0] > 0) == (first[order[0]] > 0) else -vector)


@dataclass
class _Lanczos:
    """An orthonormal basis, the tridiagonal matrix of the operator in it, and what the last image leaves over."""

    basis: Any
    diagonal: Any
    below: Any
    rest: Any


def _park_miller(n: int) -> Any:
    """The first values of the minimal standard generator, between −1/2 and 1/2."""
    state, values = 1, []
    for _draw in range(n):
        state = 16807 * state % 2147483647
        values.append(state / 2147483647 - 0.5)
    return np.array(values)


def _extend(lanczos: _Lanczos, product: Callable[[Any], Any], k: int) -> None:
    """Fill the basis from vector k on."""
    for i in range(k, len(lanczos.diagonal)):
        length = float(np.linalg.norm(lanczos.rest))
        if i:
            lanczos.below[i - 1] = length
        vector = lanczos.rest / length if length else lanczos.rest
        lanczos.basis[:, i], rest = vector, product(vector)
        lanczos.diagonal[i] = vector @ rest
        filled = lanczos.basis[:, : i + 1]
        for _again in range(2):
            rest = rest - filled @ (filled.T @ rest)
        lanczos.rest = rest


def _shift(lanczos: _Lanczos, shifts: Any, kept: int) -> None:
    """Cut the basis to the vectors kept, after a QR step with each shift."""
    unit = np.eye(len(lanczos.diagonal))
    whole, turned = _matrix(lanczos.diagonal, lanczos.below), unit
    for shift in shifts:
        q, r = np.linalg.qr(whole - shift * unit)
        signs = np.where(np.diag(r) < 0, -1.0, 1.0)
        step = (r * signs[:, None]) @ (q * signs) + shift * unit
        whole, turned = _matrix(np.diag(step), np.diag(step, -1)), turned @ (q * signs)
    new = lanczos.basis @ turned[:, : kept + 1]
    lanczos.rest = new[:, kept] * whole[kept, kept - 1] + lanczos.rest * turned[-1, kept - 1]
    lanczos.basis[:, :kept] = new[:, :kept]
    lanczos.diagonal[:kept], lanczos.below[: kept - 1] = np.diag(whole)[:kept], np.diag(whole, -1)[: kept - 1]


def _matrix(diagonal: Any, below: Any) -> Any:
    return np.diag(diagonal) + np.diag(below, 1) + np.diag(below, -1)


def _eigen(diagonal: Any, below: Any) -> tuple[Any, Any, Any]:
    """Eigenvalues of a tridiagonal matrix, and first and last components of its eigenvectors, by implicit QR steps."""
    n = len(diagonal)
    scale = max(np.abs(diagonal).max(), np.abs(below).max()) or 1.0
    d, e = (diagonal / scale).tolist(), (below / scale).tolist()
    first, last = [1.0, *[0.0] * (n - 1)], [*[0.0] * (n - 1), 1.0]
    begin, end = 0, n - 1
    for _step in range(30 * n):
        for i in range(begin, end):
            if abs(e[i]) <= (abs(d[i]) + abs(d[i + 1])) * 2 * _EPSILON:
                e[i] = 0.0
        while end > 0 and e[end - 1] == 0:
            end -= 1
        if end == 0:
            break
        begin = end - 1
        while begin > 0 and e[begin - 1] != 0:
            begin -= 1
        _qr_step(d, e, (first, last), begin, end)
    return np.array(d) * scale, np.array(first), np.array(last)


def _qr_step(d: list[float], e: list[float], rows: tuple[list[float], ...], begin: int, end: int) -> None:
    """One step with Wilkinson's shift on d[begin..end], by rotations whose r is positive; rows turn with it."""
    half, off = (d[end - 1] - d[end]) / 2, e[end - 1]
    length = hypot(half, off)
    shift = d[end] - (abs(off) if half == 0 else off * off / (half + (length if half > 0 else -length)))
    x, z = d[begin] - shift, e[begin]
    for k in range(begin, end):
        r = hypot(x, z)
        c, s = (x / r, -z / r) if r else (1.0, 0.0)
        upper, middle, lower = d[k], e[k], d[k + 1]
        d[k] = c * c * upper - 2 * c * s * middle + s * s * lower
        d[k + 1] = s * s * upper + 2 * c * s * middle + c * c * lower
        e[k] = c * s * (upper - lower) + (c * c - s * s) * middle
        if k > begin:
            e[k - 1] = c * e[k - 1] - s * z
        x = e[k]
        if k < end - 1:
            z = -s * e[k + 1]
            e[k + 1] *= c
        for row in rows:
            row[k], row[k + 1] = c * row[k] - s * row[k + 1], s * row[k] + c * row[k + 1]
