"""Open answers without identifiers: each becomes a mark, and the way back is kept in a private file."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from optima_research.codebook.identifiers import IdentifierKind, find_identifiers
from optima_research.language import _
from optima_research.privacy.keys import require_private, write_private


@dataclass(frozen=True, repr=False)
class Vault:
    """Which mark stands for which text; never shown, kept outside the project or not at all.

    Parameters
    ----------
    marks : mapping
        Mark (``[PERSONNE 1]``) → original text.
    """

    marks: Mapping[str, str] = field(default_factory=dict)

    def write(self, path: str | Path) -> Path:
        """Write it where only its owner can read it, outside any project."""
        target = Path(path).expanduser().resolve()
        write_private(
            target, json.dumps(dict(self.marks), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        )
        return target

    @classmethod
    def read(cls, path: str | Path) -> Vault:
        """Read one, if it is private."""
        target = Path(path).expanduser().resolve()
        require_private(target)
        return cls(json.loads(target.read_text(encoding="utf-8")))

    def restore(self, texts: pd.Series) -> pd.Series:
        """The original texts."""
        if not self.marks:
            return texts
        pattern = re.compile("|".join(re.escape(mark) for mark in sorted(self.marks, key=len, reverse=True)))
        return texts.map(lambda text: pattern.sub(lambda mark: self.marks[mark[0]], text), na_action="ignore")

    def __repr__(self) -> str:
        return f"Vault({len(self.marks)} marks)"


def anonymise_texts(texts: pd.Series, *, terms: Mapping[str, str] | None = None) -> tuple[pd.Series, Vault]:
    """Texts where identifiers, and the terms given, are replaced by marks; and the vault that undoes it.

    Parameters
    ----------
    texts : Series of str
    terms : mapping, optional
        Words a machine does not know to be telling → what they are: ``{"Jean-Luc": "personne", "la DGS": "fonction"}``.
        A role that one person holds names that person.

    Returns
    -------
    texts, vault
        The same text always has the same mark; marks are numbered in order of appearance.

    Examples
    --------
    >>> avis = pd.Series(["Mme Durand m'aide", "Voir Mme Durand au 05 59 40 70 00"])
    >>> shown, vault = anonymise_texts(avis)
    >>> shown.tolist()
    ["[PERSONNE 1] m'aide", 'Voir [PERSONNE 1] au [TÉLÉPHONE 1]']
    >>> vault.restore(shown).equals(avis)
    True
    """
    given: dict[tuple[str, str], str] = {}
    counts: dict[str, int] = {}

    def mark(word: str, text: str) -> str:
        if (word, text) not in given:
            counts[word] = counts.get(word, 0) + 1
            given[word, text] = f"[{word} {counts[word]}]"
        return given[word, text]

    shown = texts.map(lambda text: _replaced(str(text), terms or {}, mark), na_action="ignore")
    return shown, Vault({written: text for (_word, text), written in given.items()})


def _replaced(text: str, terms: Mapping[str, str], mark: Callable[[str, str], str]) -> str:
    spans = [(found.start, found.end, _mark_word(found.kind)) for found in find_identifiers(text)]
    for term, word in terms.items():
        for match in re.finditer(rf"(?<!\w){re.escape(term)}(?!\w)", text, re.IGNORECASE):
            if all(match.end() <= start or match.start() >= end for start, end, _kind in spans):
                spans.append((match.start(), match.end(), word.upper()))
    pieces, at = [], 0
    for start, end, word in sorted(spans):
        pieces += [text[at:start], mark(word, text[start:end])]
        at = end
    return "".join([*pieces, text[at:]])


def _mark_word(kind: IdentifierKind) -> str:
    return {
        IdentifierKind.NIR: _("NIR"),
        IdentifierKind.EMAIL: _("E-MAIL"),
        IdentifierKind.PHONE: _("TELEPHONE"),
        IdentifierKind.IP: _("IP"),
        IdentifierKind.IBAN: _("IBAN"),
        IdentifierKind.PLATE: _("VEHICLE"),
        IdentifierKind.STAFF_NUMBER: _("STAFF NUMBER"),
        IdentifierKind.GPS: _("PLACE"),
        IdentifierKind.PERSON: _("PERSON"),
    }[kind]
