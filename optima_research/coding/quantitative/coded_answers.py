"""Answers to several questions as small integers, ready for the geometry of categories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from optima_research.coding.quantitative._burt_kernels import FloatArray, Packed, distinct, pack
from optima_research.errors import AnalysisError, SurveyError, suggest
from optima_research.language import _
from optima_research.results.frames import Data, categories, label_of, numeric, require

Missing: TypeAlias = Literal["category", "exclude", "listwise"]
Codes: TypeAlias = npt.NDArray[np.integer]


@dataclass(frozen=True, eq=False)
class Question:
    """One question: its answers in order, and which of them are left out of the axes.

    Parameters
    ----------
    name, label : str
    levels : tuple of str
        Categories somebody chose.
    excluded : tuple of bool
        Which of them do not build the axes.
    unused : tuple of str
        Declared answers nobody chose.
    holes : int
        Position among the levels of the missing answers, -1 when they are no category.
    has_gap : bool
        Whether some rows carry the code after the last level: answers left out of the counts.
    """

    name: str
    label: str
    levels: tuple[str, ...]
    excluded: tuple[bool, ...]
    unused: tuple[str, ...]
    holes: int
    has_gap: bool

    @property
    def size(self) -> int:
        """Number of codes: the levels, and one more for answers that are left out."""
        return len(self.levels) + self.has_gap

    def code(self, data: Data) -> Codes:
        """The answers of other rows in this question's codes; the code after the last for an answer never met."""
        column = categories(data, self.name)
        place = {level: position for position, level in enumerate(self.levels)}
        hole = self.holes if self.holes >= 0 else len(self.levels)
        found = [place.get(str(level), len(self.levels)) for level in column.cat.categories]
        codes: Codes = np.array([*found, hole]).astype(_small(len(self.levels) + 1))[
            column.cat.codes.to_numpy()
        ]
        return codes

    def unknown(self, data: Data) -> list[str]:
        """Answers of other rows that this question has not met."""
        present = categories(data, self.name).cat.remove_unused_categories().cat.categories
        return [
            str(level) for level in present if str(level) not in self.levels and str(level) not in self.unused
        ]


@dataclass(frozen=True, eq=False)
class CodedAnswers:
    """Coded answers of the respondents kept: active questions first, then supplementary ones."""

    questions: tuple[Question, ...]
    n_active: int
    codes: tuple[Codes, ...]
    weights: FloatArray | None
    index: pd.Index
    kept: npt.NDArray[np.bool_] | None

    @property
    def n_dropped(self) -> int:
        """Rows left out."""
        return 0 if self.kept is None else int((~self.kept).sum())

    @property
    def n(self) -> int:
        """Respondents kept."""
        return len(self.index)

    @property
    def active(self) -> tuple[Question, ...]:
        """The questions that build the axes."""
        return self.questions[: self.n_active]

    def packed(self) -> Packed:
        """All the questions, packed to be counted together."""
        return pack(self.codes, [question.size for question in self.questions])

    def patterns(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """A row of each distinct pattern of active answers, and the pattern of each row."""
        return distinct(self.codes[: self.n_active], [question.size for question in self.active])


def read_answers(
    data: Data,
    active: Sequence[str],
    supplementary: Sequence[str],
    *,
    weights: str | None,
    missing: Missing,
    excluded: Mapping[str, Sequence[str]],
) -> CodedAnswers:
    """Code the questions once; see :func:`optima_research.coding.quantitative.mca` for the arguments."""
    names = [*active, *supplementary]
    _check_names(active, names, excluded)
    require(data, names)
    columns = [categories(data, name) for name in names]
    weight = None if weights is None else _weights(data, weights)
    # A weight of zero would leave categories without anybody in them.
    kept = None if weight is None else weight > 0
    if missing == "listwise":
        complete = np.logical_and.reduce(
            [column.cat.codes.to_numpy() >= 0 for column in columns[: len(active)]]
        )
        kept = complete if kept is None else kept & complete
    index = columns[0].index if kept is None else columns[0].index[kept]
    if len(index) == 0:
        raise AnalysisError(
            _("No respondent answered every active question."),
            parameter="missing",
            hint=_('Use missing="category" or missing="exclude", which keep everybody.'),
        )
    coded = [
        _coded(
            data,
            column,
            kept,
            "left out" if place >= len(active) else missing,
            excluded.get(str(column.name), ()),
        )
        for place, column in enumerate(columns)
    ]
    if weight is not None:
        weight = weight if kept is None else weight[kept]
        weight = weight * (len(weight) / weight.sum())
    questions = tuple(question for question, _codes in coded)
    return CodedAnswers(questions, len(active), tuple(codes for _q, codes in coded), weight, index, kept)


def missing_label() -> str:
    """What the category of missing answers is called."""
    return _("(missing)")


def _coded(
    data: Data, column: pd.Series, kept: npt.NDArray[np.bool_] | None, missing: str, excluded: Sequence[str]
) -> tuple[Question, Codes]:
    name, levels = str(column.name), [str(level) for level in column.cat.categories]
    codes = column.cat.codes.to_numpy()
    codes = codes if kept is None else codes[kept]
    counts = np.bincount(codes + 1, minlength=len(levels) + 1)
    has_hole, used = bool(counts[0]), counts[1:] > 0
    unknown = [level for level in excluded if level not in levels]
    if unknown:
        raise SurveyError(
            _("« {name} » has no category {found}.", name=name, found=f"« {unknown[0]} »"),
            parameter="excluded",
            hint=suggest(unknown[0], levels) or None,
        )
    shown = [level for level, is_used in zip(levels, used, strict=True) if is_used]
    left_out = [level in excluded for level in shown]
    gap, holes = len(shown), -1
    if has_hole and missing in ("category", "exclude"):
        holes = gap
        shown.append(missing_label())
        left_out.append(missing == "exclude")
    new = np.concatenate([np.where(used, np.cumsum(used) - 1, gap), [gap]])
    unused = tuple(level for level, is_used in zip(levels, used, strict=True) if not is_used)
    has_gap = has_hole and holes < 0
    question = Question(name, label_of(data, name), tuple(shown), tuple(left_out), unused, holes, has_gap)
    return question, new.astype(_small(question.size))[codes]


def _check_names(active: Sequence[str], names: list[str], excluded: Mapping[str, Sequence[str]]) -> None:
    if len(active) < 2:
        raise AnalysisError(
            _("A multiple correspondence analysis needs two active questions at least."),
            parameter="active",
            got=", ".join(map(str, active)),
            hint=_("For one table of two questions, use ca(table)."),
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise AnalysisError(
            _("These questions are named twice: {names}.", names=", ".join(twice)),
            hint=_("A question is either active or supplementary."),
        )
    strangers = [name for name in excluded if name not in active]
    if strangers:
        raise AnalysisError(
            _("Categories are excluded from « {name} », which is not an active question.", name=strangers[0]),
            parameter="excluded",
            hint=suggest(strangers[0], list(active)) or None,
        )


def _weights(data: Data, name: str) -> FloatArray:
    values = np.asarray(numeric(data, name), dtype=float)
    if (values < 0).any() or not np.nansum(values) > 0:
        raise AnalysisError(
            _("The weights « {name} » must be positive numbers.", name=name),
            parameter="weights",
        )
    return values


def _small(size: int) -> type[np.integer]:
    return np.int8 if size < 128 else np.int32
