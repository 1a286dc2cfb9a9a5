"""One column of a survey, and sets of columns that were one question."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from optima_research.codebook.kinds import ItemSetKind, Measure, MissingKind, Role
from optima_research.errors import CodebookError
from optima_research.language import _

IDENTIFIER_CLASSES = ("direct", "quasi", "sensitive")


@dataclass(frozen=True)
class Variable:
    """What one column means.

    Parameters
    ----------
    name : str
        Name of the column.
    question : str
        The wording put to the respondent, sub-question included.
    label : str
        Short label for tables and figures.
    measure : Measure or str
    values : mapping, optional
        Code → label, in the order of the answers (which is the order of an ordinal item).
    scores : mapping, optional
        Code → number, where the codes are not numbers or not the numbers wanted.
    missing : mapping, optional
        Code → kind of missing, for codes that stand for no answer (9, NSP…).
    universe : str
        Who was asked, in words; ``condition`` keeps the tool's own expression.
    role : Role or str
    identifier : {"direct", "quasi", "sensitive"}, optional
        Class for data protection.
    item_set : str, optional
        Name of the set it belongs to.
    missing_told_apart : bool
        False when the export wrote "not asked" and "no answer" alike.
    group, source, kind, unit : str
        Group of questions, original column, question type in the tool, unit of a number.

    Raises
    ------
    CodebookError
        An unknown measure, kind of missing, role or identifier class.

    Examples
    --------
    >>> item = Variable("CLI1", "Les relations entre services sont bonnes.", measure="ordinal",
    ...                 values={1: "Pas du tout d'accord", 5: "Tout à fait d'accord"})
    >>> item.measure.is_number, item.codes
    (False, (1, 5))
    """

    name: str
    question: str = ""
    label: str = ""
    measure: Measure | str = Measure.NOMINAL
    values: Mapping[Any, str] = field(default_factory=dict)
    scores: Mapping[Any, float] = field(default_factory=dict)
    missing: Mapping[Any, MissingKind | str] = field(default_factory=dict)
    universe: str = ""
    condition: str = ""
    role: Role | str = Role.ITEM
    identifier: str | None = None
    item_set: str | None = None
    missing_told_apart: bool = True
    group: str = ""
    source: str = ""
    kind: str = ""
    unit: str = ""

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        set_(self, "measure", _member(Measure, self.measure, self.name))
        set_(self, "role", _member(Role, self.role, self.name))
        set_(self, "values", dict(self.values))
        set_(self, "scores", dict(self.scores))
        set_(
            self,
            "missing",
            {code: _member(MissingKind, kind, self.name) for code, kind in self.missing.items()},
        )
        if self.identifier is not None:
            _member_of(IDENTIFIER_CLASSES, self.identifier, self.name)

    @property
    def codes(self) -> tuple[Hashable, ...]:
        """Codes of valid answers, in order."""
        return tuple(self.values)

    @property
    def is_ordered(self) -> bool:
        """Whether its answers have an order."""
        return self.measure is Measure.ORDINAL

    @property
    def shown(self) -> str:
        """What a reader calls it: label, else question, else name."""
        return self.label or self.question or self.name

    @property
    def wording(self) -> str:
        """Sixteen characters that change when the wording or the answers offered change, and not when spacing,
        case or typography do: what makes two waves comparable.
        """
        parts = [self.question or self.label, *(f"{code}={label}" for code, label in self.values.items())]
        return hashlib.sha256("\n".join(map(plain, parts)).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class ItemSet:
    """Columns that were one question: a multiple answer, a grid, a ranking, a dual scale.

    Parameters
    ----------
    name : str
        Code of the question.
    kind : ItemSetKind or str
    members : tuple of str
        Columns, in order.
    label : str
        Wording of the question.
    counted : str
        For a multiple answer, the code that means "ticked".

    Examples
    --------
    >>> ItemSet("OUT", "multiple", ("OUT[SQ001]", "OUT[SQ002]"), counted="Y").kind.value
    'multiple'
    """

    name: str
    kind: ItemSetKind | str
    members: tuple[str, ...]
    label: str = ""
    counted: str = "Y"

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", _member(ItemSetKind, self.kind, self.name))
        object.__setattr__(self, "members", tuple(self.members))


def _member(vocabulary: Any, value: Any, name: str) -> Any:
    try:
        return vocabulary(value)
    except ValueError:
        _member_of([str(member) for member in vocabulary], value, name)
        raise


def _member_of(allowed: Any, value: Any, name: str) -> None:
    if value not in allowed:
        raise CodebookError(
            _("« {value} » is not a known value here.", value=value),
            where=name,
            expected=", ".join(map(str, allowed)),
        )


def plain(text: str) -> str:
    """A text as two wordings are compared: without case, spacing, typographic apostrophe or width of characters."""
    text = unicodedata.normalize("NFKC", text).replace("’", "'").casefold()
    return re.sub(r"\s+", " ", text).strip()
