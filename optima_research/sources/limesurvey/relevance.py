"""LimeSurvey's conditions in plain words, where they are simple enough to be said in a sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping

from optima_research.language import _
from optima_research.sources.limesurvey.coding import answer_labels
from optima_research.sources.limesurvey.columns import Column

__all__ = ["universe_in_words"]

_TERM = re.compile(
    r"""(?P<name>[A-Za-z][A-Za-z0-9_]*|\d+X\d+X\d+\w*)(?:\.(?:NAOK|code|value))?\s*
        (?P<sign>==|!=|<=|>=|<|>|\beq\b|\bne\b|\blt\b|\bgt\b|\ble\b|\bge\b)\s*
        (?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<number>-?\d+(?:\.\d+)?))""",
    re.VERBOSE,
)
_EMPTY = re.compile(
    r"(?P<not>!\s*)?is_empty\(\s*(?P<name>[A-Za-z][A-Za-z0-9_]*)(?:\.(?:NAOK|code|value))?\s*\)"
)
_SIGNS = {"eq": "==", "ne": "!=", "lt": "<", "gt": ">", "le": "<=", "ge": ">="}
_JOIN = re.compile(r"\s+(and|or|&&|\|\|)\s+")


def universe_in_words(condition: str, columns: Mapping[str, Column], *, language: str, base: str) -> str:
    """Who was asked, as a sentence.

    Parameters
    ----------
    condition : str
        ExpressionScript; ``""`` or ``"1"`` is everybody.
    columns : mapping
        Columns by ExpressionScript name and by stored name.
    language, base : str
        Language of the labels quoted, and the one to fall back on.

    Returns
    -------
    str
        ``""`` for everybody. Conditions mixing ``and`` with ``or``, arithmetic, functions other than ``is_empty``
        are quoted as they are.
    """
    text = _unwrapped(condition.strip())
    if text in ("", "1"):
        return ""
    parts = _JOIN.split(text)
    terms = [_term(_unwrapped(part), columns, language, base) for part in parts[::2]]
    joins = {"and" if join in ("and", "&&") else "or" for join in parts[1::2]}
    if any(term is None for term in terms) or len(joins) > 1:
        return _("respondents for whom {condition}", condition=condition.strip())
    glue = _(" and ") if joins == {"and"} else _(" or ")
    return _("respondents for whom {condition}", condition=glue.join(term for term in terms if term))


def _term(text: str, columns: Mapping[str, Column], language: str, base: str) -> str | None:
    if found := _EMPTY.fullmatch(text):
        column = columns.get(found["name"])
        if column is None:
            return None
        name = column.name
        return _("{name} is answered", name=name) if found["not"] else _("{name} is empty", name=name)
    found = _TERM.fullmatch(text)
    column = columns.get(found["name"]) if found else None
    if found is None or column is None:
        return None
    value = next((v for v in (found["double"], found["single"], found["number"]) if v is not None), "")
    label = answer_labels(column, language, base).get(value, "")
    shown = f"« {label} »" if label and label != value else value or "« »"
    return f"{column.name} {_sign(_SIGNS.get(found['sign'], found['sign']))} {shown}"


def _sign(sign: str) -> str:
    return {"==": "=", "!=": "≠", "<=": "≤", ">=": "≥"}.get(sign, sign)


def _unwrapped(text: str) -> str:
    """Without the parentheses that enclose the whole."""
    text = text.strip()
    while text.startswith("(") and text.endswith(")"):
        depth = 0
        for place, character in enumerate(text):
            depth += (character == "(") - (character == ")")
            if depth == 0 and place < len(text) - 1:
                return text
        text = text[1:-1].strip()
    return text
