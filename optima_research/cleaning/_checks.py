"""The checks a screening report runs on one variable: what is odd and how much of it, with codes only."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from optima_research.codebook import Measure, MissingKind, Role, Variable
from optima_research.codebook.identifiers import find_identifiers, named_like_identifier
from optima_research.language import _
from optima_research.language.numbers import format_number, format_percent

Severity = Literal["error", "warning", "note"]

MANY_MISSING = 0.2
"""Share of unanswered questions from which the item deserves a look."""
CEILING = 0.7
"""Share of the answers on the last (or first) step from which an item hardly discriminates."""
FAR = 3.0
"""Tukey's outer fence, in interquartile ranges."""
FEW_VALUES = 40
"""A text with so few distinct values is a category in disguise."""
_SUSPECT_CODES = {8, 9, 88, 98, 99, 888, 998, 999, 9999, -1, -9, -99}
_SUSPECT_TEXTS = {
    "nsp", "nspp", "ne sait pas", "nr", "non reponse", "sans reponse", "so", "sans objet", "nd", "n.d.", "na", "n/a",
    "-", "?", ".", "refus", "non concerne", "non concernee",
}  # fmt: skip
_QUESTIONS = {Role.ITEM, Role.OTHER_TEXT, Role.COMMENT}


@dataclass(frozen=True)
class Problem:
    """Something odd in one variable."""

    check: str
    severity: Severity
    n: int
    detail: str


@dataclass(frozen=True)
class Look:
    """One variable as the checks see it: meaning, answers, kinds of missing, counts of each answer."""

    variable: Variable
    values: pd.Series
    kinds: pd.Series
    counts: pd.Series
    is_tick: bool = False
    """An option of a multiple answer: empty means not ticked."""

    @property
    def measures(self) -> bool:
        """Whether the variable is declared to be a number."""
        return self.variable.measure in (Measure.INTERVAL, Measure.RATIO)

    @property
    def is_text(self) -> bool:
        """Whether the answers are free text (or codes without a list, stored as text)."""
        return not self.variable.values and pd.api.types.is_string_dtype(self.values.dtype)

    @property
    def is_open(self) -> bool:
        """Whether respondents wrote it: then it is counted, never quoted, since it may name somebody."""
        return self.variable.measure is Measure.TEXT and not self.variable.values

    @property
    def is_number(self) -> bool:
        """Whether the answers are numbers without a list of codes."""
        return not self.variable.values and pd.api.types.is_numeric_dtype(self.values.dtype)


def problems(look: Look) -> Iterator[Problem]:
    """Everything odd in one variable, most serious checks first."""
    for check in _CHECKS:
        found = check(look)
        if found is not None:
            yield found


def _codes_not_in_list(look: Look) -> Problem | None:
    declared = set(look.variable.values) | set(look.variable.missing)
    strangers = (
        look.counts[~look.counts.index.isin(list(declared))] if look.variable.values else look.counts[:0]
    )
    n = int(strangers.sum()) + int((look.kinds == str(MissingKind.OUT_OF_CODES)).sum())
    if not n:
        return None
    return Problem("codes_not_in_list", "error", n, _quoted(strangers.index) or _("set aside on import"))


def _wrong_type(look: Look) -> Problem | None:
    if not look.measures or not pd.api.types.is_string_dtype(look.values.dtype) or look.variable.values:
        return None
    odd = look.counts[pd.to_numeric(pd.Series(look.counts.index), errors="coerce").isna().to_numpy()]
    detail = _("{n} distinct texts are no numbers", n=len(odd)) if len(odd) else _("numbers stored as text")
    return Problem("wrong_type", "error", int(odd.sum()) or len(look.values), detail)


def _nobody_answered(look: Look) -> Problem | None:
    if len(look.counts) or look.variable.role not in _QUESTIONS:
        return None
    return Problem("nobody_answered", "warning", len(look.values), "")


def _undeclared_missing(look: Look) -> Problem | None:
    if look.variable.role not in _QUESTIONS:
        return None
    if look.is_number and not look.measures:
        suspects = [code for code in look.counts.index if code in _SUSPECT_CODES]
        # A 9 on a scale that goes to 10 is an answer; alone above a gap, it is not.
        others = [code for code in look.counts.index if code not in _SUSPECT_CODES]
        suspects = [code for code in suspects if others and (code < 0 or code > max(others) + 1)]
    elif look.is_text:
        suspects = [text for text in look.counts.index if _plain(text) in _SUSPECT_TEXTS]
    else:
        return None
    if not suspects:
        return None
    return Problem(
        "undeclared_missing",
        "warning",
        int(look.counts.loc[suspects].sum()),
        ", ".join(map(str, suspects[:8])),
    )


def _spaces(look: Look) -> Problem | None:
    if not look.is_text:
        return None
    texts = look.counts.index.astype("string")
    odd = look.counts[(texts != texts.str.strip()) | texts.str.contains(r"\s{2,}|\u00a0", regex=True)]
    return Problem("spaces", "note", int(odd.sum()), "") if len(odd) else None


def _spellings(look: Look) -> Problem | None:
    if not look.is_text or look.is_open or not 1 < len(look.counts) <= FEW_VALUES:
        return None
    forms = pd.Series([_plain(text) for text in look.counts.index])
    twice = forms.duplicated(keep=False).to_numpy()
    if not twice.any():
        return None
    return Problem(
        "spellings", "warning", int(look.counts[twice].sum()), _("{n} spellings", n=int(twice.sum()))
    )


def _one_answer_only(look: Look) -> Problem | None:
    if len(look.counts) != 1 or look.is_text or look.is_tick or look.variable.role not in _QUESTIONS:
        return None
    return Problem("one_answer_only", "warning", int(look.counts.iloc[0]), str(look.counts.index[0]))


def _lone_values(look: Look) -> Problem | None:
    if look.is_open or look.variable.role not in _QUESTIONS:
        return None
    if not look.variable.values and not (look.is_text and len(look.counts) <= FEW_VALUES):
        return None
    lone = look.counts[look.counts == 1]
    return Problem("lone_values", "note", len(lone), _quoted(lone.index)) if len(lone) else None


def _end_of_scale(look: Look) -> Problem | None:
    codes = [code for code in look.variable.codes if code in look.counts.index]
    if look.variable.measure is not Measure.ORDINAL or len(look.variable.codes) < 3 or not codes:
        return None
    total = int(look.counts.sum())
    for name, code in (("ceiling", look.variable.codes[-1]), ("floor", look.variable.codes[0])):
        n = int(look.counts.get(code, 0))
        if n >= CEILING * total:
            return Problem(name, "note", n, format_percent(n / total, 0))
    return None


def _far_values(look: Look) -> Problem | None:
    if not look.is_number or not look.measures or look.variable.role not in _QUESTIONS:
        return None
    numbers = look.values.dropna().astype(float)
    low, high = numbers.quantile(0.25), numbers.quantile(0.75)
    if not high > low:
        return None
    fences = low - FAR * (high - low), high + FAR * (high - low)
    far = numbers[(numbers < fences[0]) | (numbers > fences[1])]
    if far.empty:
        return None
    detail = _("outside {low} to {high}", low=format_number(fences[0], 1), high=format_number(fences[1], 1))
    return Problem("far_values", "warning", len(far), detail)


def _many_missing(look: Look) -> Problem | None:
    if look.variable.role != Role.ITEM or look.is_tick or look.is_open:
        return None
    unanswered = int((look.kinds == str(MissingKind.NO_ANSWER)).sum())
    asked = int(look.values.notna().sum()) + unanswered
    if not asked or unanswered < MANY_MISSING * asked or not len(look.counts):
        return None
    return Problem("many_missing", "note", unanswered, format_percent(unanswered / asked, 0))


def _identifying_name(look: Look) -> Problem | None:
    kind = named_like_identifier(look.variable.name)
    if kind is None or look.variable.identifier == "direct" or not len(look.counts):
        return None
    return Problem("identifier", "error", int(look.counts.sum()), kind.label)


def _quoted(codes: pd.Index) -> str:
    """A few codes, for the report; whatever looks like an identifier is not repeated."""
    return ", ".join("…" if find_identifiers(str(code)) else str(code)[:40] for code in codes[:8])


def _plain(text: Any) -> str:
    decomposed = unicodedata.normalize("NFKD", str(text).casefold())
    return re.sub(r"\s+", " ", "".join(c for c in decomposed if not unicodedata.combining(c))).strip()


_CHECKS: tuple[Callable[[Look], Problem | None], ...] = (
    _codes_not_in_list,
    _wrong_type,
    _identifying_name,
    _nobody_answered,
    _undeclared_missing,
    _spellings,
    _one_answer_only,
    _far_values,
    _spaces,
    _lone_values,
    _end_of_scale,
    _many_missing,
)


def check_label(check: str) -> str:
    """A check in the reader's language."""
    return {
        "codes_not_in_list": _("codes not in the list"),
        "wrong_type": _("not the declared type"),
        "identifier": _("may identify a person"),
        "nobody_answered": _("nobody answered"),
        "undeclared_missing": _("looks like an undeclared missing code"),
        "spellings": _("several spellings of one answer"),
        "one_answer_only": _("one answer only"),
        "far_values": _("far values"),
        "spaces": _("odd spaces"),
        "lone_values": _("answers given once"),
        "ceiling": _("ceiling"),
        "floor": _("floor"),
        "many_missing": _("many unanswered"),
    }[check]
