"""Known totals of a population (margins), read against the respondents and checked before any weight moves."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from optima_research.errors import DesignError, suggest
from optima_research.language import _
from optima_research.language.numbers import format_number
from optima_research.results.frames import Data, label_of
from optima_research.sampling._structure import joint_codes, label_of_code, shown
from optima_research.sampling._variance_kernels import Codes, Floats, compressed, sums_by

if TYPE_CHECKING:
    from optima_research.sampling.design import SurveyDesign

Totals: TypeAlias = Mapping[Hashable, float]
Margins: TypeAlias = Mapping["str | tuple[str, ...]", Totals]
AGREEMENT = 1e-6


@dataclass(frozen=True, eq=False)
class Margin:
    """One margin: the category of each respondent and the total the population has of each.

    Parameters
    ----------
    name : str
    codes : (n,) int
    labels : Index, in code order
    totals : (k,) float
    """

    name: str
    codes: Codes
    labels: pd.Index
    totals: Floats


@dataclass(frozen=True, eq=False)
class Cells:
    """The crossing of margins that occurs among respondents: all that raking needs to know of them.

    Parameters
    ----------
    cell : (n,) int
        Cell of each respondent, 0 to K − 1.
    codes : tuple of (K,) int
        Category of each cell in each margin.
    """

    cell: Codes
    codes: tuple[Codes, ...]

    def weights(self, weights: Floats) -> Floats:
        """Weight of each cell."""
        return sums_by(self.cell, weights, len(self.codes[0]))

    def indicators(self, margins: Sequence[Margin]) -> Floats:
        """(K, p) indicators of every category of every margin."""
        parts = [np.eye(len(margin.labels))[codes] for margin, codes in zip(margins, self.codes, strict=True)]
        return np.concatenate(parts, axis=1)


def read_margins(design: SurveyDesign, margins: Margins) -> list[Margin]:
    """Match margins with the answers.

    Shares (a margin that sums to one) are taken of the sum of the weights.

    Raises
    ------
    DesignError
        No margin, an unknown category (with the nearest known), a category of the respondents without a total, an
        empty or negative total, missing answers, margins that disagree on the size of the population or make it
        smaller than the sample.
    """
    if not margins:
        raise DesignError(_("There is no margin to calibrate on."), parameter="margins")
    read = [read_margin(design, name, totals) for name, totals in margins.items()]
    check_agreement(read)
    check_population(read[0].totals.sum(), design)
    return read


def read_margin(design: SurveyDesign, name: str | tuple[str, ...], totals: Totals) -> Margin:
    """Match one margin with the answers of one column, or of several crossed columns."""
    names = [name] if isinstance(name, str) else list(name)
    title = " × ".join(names)
    codes, labels = joint_codes(design.data, names, role="margins")
    if not isinstance(totals, (Mapping, pd.Series)):
        raise DesignError(
            _("The margin of « {name} » must give a total for each category.", name=title),
            parameter="margins",
            expected="{category: total}",
            got=type(totals).__name__,
        )
    known = _read_totals(design.data, names, totals)
    answered = {_key(label): label for label in labels}
    _refuse_unanswered(title, known, answered)
    _refuse_lacking(title, known, answered)
    found = np.array([known[key] for key in answered])
    if not (np.isfinite(found) & (found > 0)).all():
        empty = labels[~(np.isfinite(found) & (found > 0))]
        raise DesignError(
            _("The margin of « {name} » must be positive: respondents exist in each category.", name=title),
            parameter="margins",
            where=", ".join(map(shown, empty)),
        )
    if abs(found.sum() - 1) < AGREEMENT:
        found = found / found.sum() * design.weight_array.sum()
    return Margin(" × ".join(label_of(design.data, name) for name in names), codes, labels, found)


def cross(margins: Sequence[Margin]) -> Cells:
    """Cells of the crossing of margins, in the order of their codes."""
    sizes = tuple(len(margin.labels) for margin in margins)
    joint = margins[0].codes
    for margin, size in zip(margins[1:], sizes[1:], strict=True):
        joint = joint * size + margin.codes
    kept, cell = compressed(joint, int(np.prod(sizes)))
    codes = np.unravel_index(kept, sizes)
    return Cells(cell, tuple(np.asarray(code, dtype=np.int64) for code in codes))


def check_agreement(margins: Sequence[Margin]) -> None:
    """Margins must describe the same population."""
    sums = [float(margin.totals.sum()) for margin in margins]
    if max(sums) - min(sums) <= AGREEMENT * max(sums):
        return
    raise DesignError(
        _("The margins do not add up to the same population."),
        parameter="margins",
        got=" ; ".join(
            f"{margin.name} : {format_number(total, 0)}" for margin, total in zip(margins, sums, strict=True)
        ),
        hint=_(
            "Take all margins from the same source and date, or scale them to one agreed population size."
        ),
    )


def check_population(size: float, design: SurveyDesign) -> None:
    """A population cannot be smaller than its sample."""
    if size >= design.n * (1 - AGREEMENT):
        return
    raise DesignError(
        _(
            "The margins describe {size} persons, fewer than the {n} respondents.",
            size=f"{size:g}",
            n=design.n,
        ),
        parameter="margins",
        hint=_("Give head counts, or shares that sum to one."),
    )


def match_totals(
    data: Data, names: Sequence[str], labels: pd.Index, totals: Totals
) -> tuple[pd.Index, Floats, Codes]:
    """Totals of every category of a population, answered or not, and the place there of each answered one.

    Raises
    ------
    DesignError
        An answered category without a total, or a total that is not positive.
    """
    known, title = _read_totals(data, names, totals), " × ".join(names)
    answered = {_key(label): label for label in labels}
    _refuse_lacking(title, known, answered)
    sizes = np.array(list(known.values()))
    if not (np.isfinite(sizes) & (sizes > 0)).all():
        raise DesignError(
            _("Every category of « {name} » needs a positive size.", name=title), parameter="population"
        )
    order = {key: place for place, key in enumerate(known)}
    keys = [answered.get(key, key) for key in known]
    index = (
        pd.Index(keys, name=title) if len(names) == 1 else pd.MultiIndex.from_tuples(keys, names=list(names))
    )
    return index, sizes, np.array([order[key] for key in answered])


def _read_totals(data: Data, names: Sequence[str], totals: Totals) -> dict[object, float]:
    """Totals by category, codes of a survey read as the labels they stand for; as frame(labels=True) shows them."""
    known = {}
    for category, total in dict(totals).items():
        parts = category if isinstance(category, tuple) else (category,)
        if len(parts) == len(names):
            parts = tuple(label_of_code(data, name, part) for name, part in zip(names, parts, strict=True))
        known[_key(parts if isinstance(category, tuple) else parts[0])] = float(total)
    return known


def _refuse_unanswered(name: str, known: Mapping[object, float], answered: Mapping[object, object]) -> None:
    unknown = [category for category, total in known.items() if category not in answered and total != 0]
    if not unknown:
        return
    first = shown(unknown[0])
    # The nearest category that still lacks a total is what was meant, if there is one.
    free = [category for category in answered if category not in known] or list(answered)
    raise DesignError(
        _(
            "The margin of « {name} » names a category nobody belongs to: « {category} ».",
            name=name,
            category=first,
        ),
        parameter="margins",
        expected=", ".join(map(shown, answered)),
        got=", ".join(map(shown, known)),
        hint=suggest(first, map(shown, free))
        or _("Merge it with a neighbouring category, in the answers and in the margin."),
    )


def _refuse_lacking(name: str, known: Mapping[object, float], answered: Mapping[object, object]) -> None:
    lacking = [category for category in answered if category not in known]
    if not lacking:
        return
    raise DesignError(
        _("There is no total for « {category} » of « {name} ».", name=name, category=shown(lacking[0])),
        parameter="margins",
        expected=", ".join(map(shown, answered)),
        got=", ".join(map(shown, known)),
        hint=_("Give a total for every category of the respondents."),
    )


def _key(category: object) -> object:
    """Categories are compared as text, so that 1, "1" and an integer read as float are one category."""
    return tuple(map(shown, category)) if isinstance(category, tuple) else shown(category)
