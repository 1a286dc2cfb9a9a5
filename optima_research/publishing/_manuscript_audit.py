"""What a manuscript says outside its controls: placeholders left, numbers typed by hand, tests that do not add up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from optima_research.publishing import _wordml as wordml
from optima_research.publishing.pvalues import statcheck
from optima_research.publishing.register import Register

W = wordml.W
MARK = "\ufffc"
"""Stands for a controlled value in the text where free numbers are looked for."""

_LEFT = re.compile(r"\{\{\s*((?:(?:table|figure):)?[A-Za-z][\w.-]*)[^{}]*\}\}")
_NUMBER = re.compile(
    r"(?<![\w.,/–-])(?:[-−]?\d{1,3}(?:[\u202f\u00a0 ]\d{3})*[.,]\d+|[-−]?\d+(?=[\s\u00a0\u202f]*%)|"
    r"(?<=\b[nN] = )\d+|(?<=\b[nN]\u00a0=\u00a0)\d+|[.,]\d+)(?:[\s\u00a0\u202f]*%)?(?![\w/]|[.,]\d)"
)
_CONVENTION = re.compile(r"\b(?:9[059]|80)[\s\u00a0\u202f]*%")
"""Levels of intervals are chosen, not found."""

Words = tuple[str, str, str, str, str]


def readable_text(part: Any) -> Iterator[tuple[str, str]]:
    """Each paragraph twice: as a reader reads it, and with a mark in place of what controls hold.

    Text boxes are read with their own paragraphs, tables cell by cell; a table that is in a control is not read.
    """
    for paragraph in wordml.paragraphs(part):
        if _in_control(paragraph):
            continue
        whole, free = [], []
        for text in paragraph.iter(f"{W}t"):
            if next(text.iterancestors(f"{W}p")) is not paragraph:
                continue
            whole.append(text.text or "")
            free.append(MARK if _in_control(text) else text.text or "")
        if whole:
            yield "".join(whole), "".join(free)


def audit_text(text: str, free: str, register: Register) -> list[Words]:
    """Findings on one paragraph: (status, id, before, after, hint).

    Parameters
    ----------
    text, free : str
        The paragraph, whole and without its controlled values.
    register : Register
        Where a number typed by hand may come from.
    """
    findings: list[Words] = [("unknown", found[1], found.group(), "", "") for found in _LEFT.finditer(free)]
    for claim in statcheck(text):
        if not claim.consistent:
            findings.append(("inconsistent", claim.test, claim.text, "", claim.sentence()))
    for found in _NUMBER.finditer(_LEFT.sub("", _CONVENTION.sub("", free))):
        written = found.group().strip()
        findings.append(("orphan", _source(written, register), written, "", _context(free, written)))
    return findings


def _source(written: str, register: Register) -> str:
    """The ids whose printed value is the number typed."""
    plain = _plain(written)
    return " | ".join(id_ for id_ in register if _plain(register[id_].text) == plain)


def _plain(text: str) -> str:
    return re.sub(r"[\s\u00a0\u202f]", "", text).replace("−", "-").replace(".", ",")


def _context(text: str, written: str, width: int = 30) -> str:
    at = text.find(written)
    start, end = max(0, at - width), at + len(written) + width
    return f"{'…' if start else ''}{text[start:end].strip()}{'…' if end < len(text) else ''}".replace(
        MARK, "[…]"
    )


def _in_control(element: Any) -> bool:
    return any(
        value.get(f"{W}val", "").startswith(wordml.PREFIX)
        for control in element.iterancestors(f"{W}sdt")
        for value in control.iterfind(f"{W}sdtPr/*")
        if value.tag in (f"{W}tag", f"{W}alias")
    )
