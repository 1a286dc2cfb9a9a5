"""French spacing of running text: the no-break spaces an editor would put in."""

from __future__ import annotations

import re

from optima_research.language.catalogue import current_language
from optima_research.language.numbers import NBSP, NNBSP

_FRENCH = [
    (re.compile(r"[ \u00a0\u202f]+([;!?])"), rf"{NNBSP}\1"),
    (re.compile(r"[ \u00a0\u202f]+(:)(?!//)"), rf"{NBSP}\1"),
    (re.compile(r"«[ \u00a0\u202f]*"), f"«{NBSP}"),
    (re.compile(r"[ \u00a0\u202f]*»"), f"{NBSP}»"),
    (re.compile(r"(?<=\d)[ \u00a0\u202f]*(%|€|k€|M€)(?!\w)"), rf"{NBSP}\1"),
    (re.compile(r"\b([nN])° "), rf"\1°{NBSP}"),
]


def typeset(text: str) -> str:
    """Put the no-break spaces of French typography where a plain space stands; English is left alone.

    Examples
    --------
    >>> typeset("Champ : agents (« Oui » : 65 %) ; hors stagiaires")
    'Champ\\xa0: agents («\\xa0Oui\\xa0»\\xa0: 65\\xa0%)\\u202f; hors stagiaires'
    """
    if current_language() != "fr":
        return text
    for pattern, replacement in _FRENCH:
        text = pattern.sub(replacement, text)
    return text
