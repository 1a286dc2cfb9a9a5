"""The header LimeSurvey writes over each column, in every form its export screen offers."""

from __future__ import annotations

from typing import Literal

from optima_research.sources.limesurvey.columns import Column
from optima_research.sources.limesurvey.wording import META_WORDS, flatten, pick, word

__all__ = ["Headers", "heading", "meta_heading"]

Headers = Literal["code", "expression", "sgqa", "stored7", "full", "abbreviated", "codetext", "vv"]


def heading(
    column: Column,
    headers: Headers,
    *,
    language: str,
    base: str = "",
    separator: str = ". ",
    length: int = 15,
) -> str:
    """The header of a question column.

    Parameters
    ----------
    column : Column
    headers : {"code", "expression", "sgqa", "stored7", "full", "abbreviated", "codetext", "vv"}
    language : str
        Language of the export, for the forms that quote the questionnaire.
    base : str
        Language to fall back on.
    separator : str
        Between code and text.
    length : int
        Characters kept of each part when abbreviated.
    """
    codes = {"code": column.name, "expression": column.em, "sgqa": column.sgqa, "stored7": column.stored7}
    if headers in codes:
        return codes[headers]
    limit = length if headers == "abbreviated" else None
    opening, closing = ("(", ")") if headers == "vv" else ("[", "]")
    parts = "".join(f"{opening}{_cut(part, limit)}{closing}" for part in _parts(column, language, base))
    text = f"{_cut(_question(column, language, base), limit)} {parts}".strip()
    return f"{column.name}{separator}{text}" if headers == "codetext" else text


def meta_heading(code: str, headers: Headers, *, language: str, separator: str = ". ") -> str:
    """The header of a meta column (``id``, ``submitdate`` ...)."""
    if headers in ("code", "expression", "sgqa", "stored7"):
        return code
    text = word(META_WORDS.get(code, code), language)
    text = _cut(text, 15) if headers == "abbreviated" else text
    return f"{code}{separator}{text}" if headers == "codetext" else text


def _question(column: Column, language: str, base: str) -> str:
    return flatten(pick(column.question.texts, language, base)).strip(" ")


def _parts(column: Column, language: str, base: str) -> list[str]:
    parts = [flatten(pick(s.labels, language, base)) for s in (column.row, column.column) if s is not None]
    if column.role in ("scale1", "scale2"):
        parts.append(word("Scale {n}", language, n=column.scale + 1))
    elif column.role == "rank":
        parts.append(word("Rank {n}", language, n=column.rank))
    elif column.role == "comment":
        parts.append(word("Comment", language))
    elif column.role == "other":
        parts.append(word("Other", language))
    elif column.role == "othercomment":
        parts.append(word("Other comment", language))
    elif column.role == "filecount":
        parts.append(word("File count", language))
    return parts


def _cut(text: str, limit: int | None) -> str:
    return text if limit is None or len(text) <= limit else f"{text[:limit]}.. "
