"""Joint counts of many questions at once: the Burt table from a few bincounts, and scores summed over answers.

Neighbouring questions are packed into one joint code, so that twenty questions of five answers need fifteen counts of
the respondents instead of a hundred and ninety, and five table look-ups a score instead of twenty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_LARGEST_JOINT, _SMALLEST_JOINT = 1024, 16


@dataclass(frozen=True, eq=False)
class Packed:
    """Questions packed into joint codes.

    Parameters
    ----------
    sizes : tuple of int
        Number of answers of each question.
    groups : tuple of tuple of int
        Positions of the questions each joint code holds.
    codes : tuple of int32 arrays of shape (n,)
        One joint code a group.
    """

    sizes: tuple[int, ...]
    groups: tuple[tuple[int, ...], ...]
    codes: tuple[npt.NDArray[np.int32], ...]

    @property
    def starts(self) -> IntArray:
        """First category of each question, and the number of categories."""
        return np.concatenate([[0], np.cumsum(self.sizes)]).astype(np.int64)

    def burt(self, weights: FloatArray | None = None) -> FloatArray:
        """Sum of weights (respondents without them) over every pair of categories, shape (J, J)."""
        total = int(self.starts[-1])
        table = np.zeros((total, total))
        for g, first in enumerate(self.codes):
            shape, rows = self._shape(g), self._span(g)
            member = self._members(g)
            counts = np.bincount(first, weights, len(member)).astype(float)
            table[rows, rows] = np.einsum("ci,cj->ij", member * counts[:, None], member)
            for h in range(g + 1, len(self.codes)):
                others, columns = self._shape(h), self._span(h)
                cells = int(np.prod(others))
                flat = first.astype(np.int64) * cells + self.codes[h]
                joint = np.bincount(flat, weights, int(np.prod(shape)) * cells).astype(float)
                block = _margins(_margins(joint.reshape(-1, cells), shape).T, others).T
                table[rows, columns] = block
                table[columns, rows] = block.T
        return table

    def scores(self, values: FloatArray) -> FloatArray:
        """Sum over a respondent's answers of ``values`` (J, k), shape (n, k)."""
        total = np.zeros((values.shape[1], len(self.codes[0])))
        for g, codes in enumerate(self.codes):
            member = self._members(g)
            for axis, column in enumerate(values[self._span(g)].T):
                total[axis] += (member * column).sum(axis=1)[codes]
        return total.T

    def _shape(self, g: int) -> list[int]:
        return [self.sizes[question] for question in self.groups[g]]

    def _span(self, g: int) -> slice:
        """Categories of the questions of a group; they follow each other."""
        return slice(int(self.starts[self.groups[g][0]]), int(self.starts[self.groups[g][-1] + 1]))

    def _members(self, g: int) -> FloatArray:
        """Which categories of its group each joint code stands for, shape (joint codes, categories)."""
        shape = self._shape(g)
        member = np.zeros((int(np.prod(shape)), sum(shape)))
        answers = np.unravel_index(np.arange(len(member)), shape)
        for start, answer in zip(np.cumsum([0, *shape]), answers, strict=False):
            member[np.arange(len(member)), start + answer] = 1
        return member


def _margins(table: FloatArray, shape: Sequence[int]) -> FloatArray:
    """Rows of joint codes (c, m) summed into rows of categories (sum of ``shape``, m)."""
    cube = table.reshape(*shape, table.shape[1])
    axes = range(len(shape))
    return np.concatenate([cube.sum(axis=tuple(other for other in axes if other != axis)) for axis in axes])


def pack(codes: Sequence[npt.NDArray[np.integer]], sizes: Sequence[int]) -> Packed:
    """Pack the questions, in order, into joint codes small enough for their pairs to be counted in cache."""
    n = len(codes[0])
    # A joint table much larger than the number of respondents would cost more than it saves.
    largest = int(np.clip(np.sqrt(n), _SMALLEST_JOINT, _LARGEST_JOINT))
    groups: list[list[int]] = []
    room = 0
    for question, size in enumerate(sizes):
        if groups and size <= room:
            groups[-1].append(question)
            room //= size
        else:
            groups.append([question])
            room = largest // size
    joint = []
    for group in groups:
        code = codes[group[0]].astype(np.int32)
        for question in group[1:]:
            code *= sizes[question]
            code += codes[question]
        joint.append(code)
    return Packed(tuple(sizes), tuple(tuple(group) for group in groups), tuple(joint))


def distinct(codes: Sequence[npt.NDArray[np.integer]], sizes: Sequence[int]) -> tuple[IntArray, IntArray]:
    """Distinct patterns of answers, in an order that the order of the rows does not change.

    Returns the row of one respondent for each pattern, and the pattern of each respondent.
    """
    key = np.zeros(len(codes[0]), dtype=np.int64)
    bound = 1
    for answer, size in zip(codes, sizes, strict=True):
        if bound > np.iinfo(np.int64).max // size:
            present, key = np.unique(key, return_inverse=True)
            bound = len(present)
        key = key * size + answer
        bound *= size
    _present, row, pattern = np.unique(key, return_index=True, return_inverse=True)
    return row.astype(np.int64), pattern.astype(np.int64)
