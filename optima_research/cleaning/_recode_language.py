"""The recoding mini-language ``"1:2=1 [Faible]; 3=2; else=NA"``: read into rules, applied to a table of codes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from optima_research.codebook import MissingKind
from optima_research.errors import CleaningError
from optima_research.language import _

COPY = "copy"
_RULE = re.compile(r"^(?P<left>.+?)=(?P<right>[^=\[\]]+?)\s*(?:\[(?P<label>[^\]]*)\])?$")
_NOTHING = re.compile(r"^NA(?:\((?P<kind>\w+)\))?$")


@dataclass(frozen=True)
class Rule:
    """One rule: the answers it takes and what they become.

    ``codes`` and ``ranges`` (closed) are what it takes, ``takes_missing`` and ``takes_rest`` (``else``) too;
    ``target`` is a code, ``"copy"`` or None for missing (then ``kind`` says which).
    """

    codes: tuple[str, ...]
    ranges: tuple[tuple[float, float], ...]
    takes_missing: bool
    takes_rest: bool
    target: str | None
    kind: MissingKind | None
    label: str | None

    def takes(self, code: Any) -> bool:
        """Whether the rule takes that answer (``else`` excepted)."""
        if str(code) in self.codes:
            return True
        number = _number(code)
        return number is not None and any(low <= number <= high for low, high in self.ranges)


def parse_rules(text: str) -> tuple[Rule, ...]:
    """Read the rules; an error shows the part that is not understood.

    Examples
    --------
    >>> rules = parse_rules("1:2=1 [Pas d'accord]; 3=2; else=NA(refused)")
    >>> rules[0].ranges, rules[0].label, str(rules[2].kind)
    (((1.0, 2.0),), "Pas d'accord", 'refused')
    """
    rules = tuple(_rule(part.strip(), text) for part in text.split(";") if part.strip())
    if not rules:
        raise _unreadable(text, text)
    return rules


def table_of(rules: Sequence[Rule], codes: Sequence[Any], text: str) -> pd.DataFrame:
    """What each answer becomes: ``target`` (None: missing) and ``kind``, indexed by code.

    The first rule that takes an answer wins. Answers that no rule takes are an error: they would vanish unseen.
    """
    rest = next((rule for rule in rules if rule.takes_rest), None)
    rows, left_over = [], []
    for code in codes:
        rule = next((one for one in rules if one.takes(code)), rest)
        if rule is None:
            left_over.append(str(code))
            continue
        rows.append((code, str(code) if rule.target == COPY else rule.target, rule.kind))
    if left_over:
        raise CleaningError(
            _("No rule says what these answers become: {codes}.", codes=", ".join(left_over[:12])),
            where=text,
            hint=_("Add a rule for them, or end with « else=NA » or « else=copy »."),
        )
    return pd.DataFrame(rows, columns=["code", "target", "kind"], dtype=object).set_index("code")


def labels_of(rules: Sequence[Rule]) -> dict[str, str]:
    """New code → label, as far as the rules give them."""
    return {str(rule.target): rule.label for rule in rules if rule.label and rule.target not in (None, COPY)}


def _rule(part: str, text: str) -> Rule:
    found = _RULE.match(part)
    if not found:
        raise _unreadable(part, text)
    codes: list[str] = []
    ranges: list[tuple[float, float]] = []
    sources = [source.strip() for source in found["left"].split(",")]
    for source in sources:
        low, colon, high = source.partition(":")
        if colon:
            ranges.append((_bound(low, float("-inf"), part, text), _bound(high, float("inf"), part, text)))
        elif source not in ("else", "NA"):
            codes.append(source.strip("'\""))
    right = found["right"].strip()
    nothing = _NOTHING.match(right)
    return Rule(
        codes=tuple(codes),
        ranges=tuple(ranges),
        takes_missing="NA" in sources,
        takes_rest="else" in sources,
        target=None if nothing else right.strip("'\""),
        kind=_kind(nothing["kind"], part) if nothing else None,
        label=found["label"],
    )


def _bound(text: str, extreme: float, part: str, whole: str) -> float:
    text = text.strip()
    if text in ("min", "max", ""):
        return extreme
    number = _number(text)
    if number is None:
        raise _unreadable(part, whole)
    return number


def _kind(text: str | None, part: str) -> MissingKind:
    if text is None:
        return MissingKind.NO_ANSWER
    if text not in set(MissingKind):
        raise CleaningError(
            _("« {value} » is not a kind of missing.", value=text),
            where=part,
            expected=", ".join(map(str, MissingKind)),
        )
    return MissingKind(text)


def _number(code: Any) -> float | None:
    try:
        return float(str(code).replace(",", "."))
    except ValueError:
        return None


def _unreadable(part: str, text: str) -> CleaningError:
    return CleaningError(
        _("This recoding rule cannot be read: « {rule} ».", rule=part),
        where=text,
        hint=_(
            "Write « 1:2=1; 3=2; else=NA »: codes or ranges, an equals sign, the new code, semicolons between rules."
        ),
    )
