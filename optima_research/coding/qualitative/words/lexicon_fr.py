"""What a French form stands for: its lemma and its word class, from lists anyone can read and extend."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

from optima_research.errors import AnalysisError
from optima_research.language import _

# Classes that carry the theme of a text; every other class of the lists is grammar (supplementary forms).
CONTENT_CLASSES = frozenset({"nom", "ver", "adj", "nr"})
UNKNOWN_CLASS = "nr"
NUMBER_CLASS = "num"
_COLUMNS = ["forme", "lemme", "classe"]


@dataclass(frozen=True)
class Lexicon:
    """Forms with their lemma and class; forms of several words are expressions, kept as one term.

    Parameters
    ----------
    entries : mapping
        Lower-case form → (lemma, class). Classes: ``nom ver adj nr`` (content), ``det pro pre con adv aux mod int num``
        (grammar).

    Examples
    --------
    >>> lexicon = Lexicon.default()
    >>> lexicon.lemma("mutualisées"), lexicon.lemma("élues"), lexicon.lemma("epci")
    ('mutualiser', 'élu', 'EPCI')
    >>> lexicon.word_class("puisque"), lexicon.is_content("budget")
    ('con', True)
    """

    entries: MappingProxyType[str, tuple[str, str]] = field(repr=False)

    @classmethod
    def default(cls) -> Lexicon:
        """The closed classes of French and the words of the local public world, both kept in this package."""
        return _default()

    @classmethod
    def read(cls, path: str | Path) -> Lexicon:
        """A CSV file with columns ``forme,lemme,classe`` (UTF-8)."""
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            return cls(MappingProxyType(_rows(file.read(), str(path))))

    def extended(self, other: Lexicon | str | Path) -> Lexicon:
        """A copy where the other lexicon, or CSV file, has the last word."""
        more = other if isinstance(other, Lexicon) else Lexicon.read(other)
        return Lexicon(MappingProxyType({**self.entries, **more.entries}))

    def lemma(self, form: str) -> str:
        """Dictionary form: these lists first, then simplemma's dictionary; an unknown form stands for itself."""
        found = self.entries.get(form)
        return found[0] if found is not None else _dictionary_lemma(form)

    def word_class(self, form: str) -> str:
        """Class in these lists; ``num`` for figures, ``nr`` (not recognised, hence content) for anything else."""
        found = self.entries.get(form)
        if found is not None:
            return found[1]
        return NUMBER_CLASS if form[:1].isdigit() else UNKNOWN_CLASS

    def is_content(self, form: str) -> bool:
        """Whether a form is active in the analyses by default."""
        return self.word_class(form) in CONTENT_CLASSES

    @cached_property
    def expressions(self) -> dict[str, list[tuple[str, ...]]]:
        """First word → expressions that begin with it, the longest first."""
        found: dict[str, list[tuple[str, ...]]] = {}
        for form in self.entries:
            words = tuple(form.replace("'", "' ").split())
            if " " in form and len(words) > 1:
                found.setdefault(words[0], []).append(words)
        return {first: sorted(several, key=len, reverse=True) for first, several in found.items()}


@cache
def _default() -> Lexicon:
    folder = files("optima_research.coding.qualitative.words") / "lexicon"
    entries: dict[str, tuple[str, str]] = {}
    for name in ("domaine.csv", "outils.csv"):
        entries |= _rows((folder / name).read_text(encoding="utf-8"), name)
    return Lexicon(MappingProxyType(entries))


def _rows(text: str, where: str) -> dict[str, tuple[str, str]]:
    reader = csv.DictReader(text.splitlines())
    if list(reader.fieldnames or []) != _COLUMNS:
        raise AnalysisError(
            _("A lexicon has the columns {names}.", names=", ".join(_COLUMNS)),
            where=where,
            got=", ".join(map(str, reader.fieldnames or [])),
        )
    found = {}
    for number, row in enumerate(reader, start=2):
        if not all(row.get(name) for name in _COLUMNS) or None in row:
            raise AnalysisError(
                _("A line of the lexicon is not complete."),
                where=f"{where}, {number}",
                expected="forme,lemme,classe",
            )
        found[row["forme"].lower().replace("’", "'")] = (row["lemme"], row["classe"])
    return found


@cache
def _dictionary_lemma(form: str) -> str:
    import simplemma

    return simplemma.lemmatize(form, lang="fr").lower()


@cache
def in_dictionary(form: str) -> bool:
    """Whether simplemma's French dictionary holds the form."""
    import simplemma

    return bool(simplemma.is_known(form, lang="fr"))
