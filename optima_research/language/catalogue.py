"""The message catalogue: English message ids in the code, French in ``fr/*.po``, French by default."""

from __future__ import annotations

import gettext
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

Language = Literal["fr", "en"]

_HERE = Path(__file__).parent
_language: ContextVar[str] = ContextVar("optima_language", default="fr")


def set_language(language: Language) -> None:
    """Choose the language of messages, labels, sentences and numbers.

    Parameters
    ----------
    language : {"fr", "en"}
        French is the default.

    Raises
    ------
    ValueError
        Any other language.

    Examples
    --------
    >>> set_language("en")
    >>> current_language()
    'en'
    >>> set_language("fr")
    """
    if language not in get_args(Language):
        raise ValueError(f"language: {language!r}; fr | en")
    _language.set(language)


def current_language() -> str:
    """The language in force, ``"fr"`` or ``"en"``.

    Examples
    --------
    >>> current_language()
    'fr'
    """
    return _language.get()


@contextmanager
def using_language(language: Language | None) -> Iterator[None]:
    """Speak another language for the length of a block; ``None`` keeps the one in force.

    Examples
    --------
    >>> with using_language("en"):
    ...     current_language()
    'en'
    """
    before = _language.get()
    if language is not None:
        set_language(language)
    try:
        yield
    finally:
        _language.set(before)


def _(message: str, **values: Any) -> str:
    """Translate an English message id into the language in force, then fill in its values.

    Examples
    --------
    >>> _("expected")
    'attendu'
    """
    text = _translations(_language.get()).gettext(message) if message else ""
    return text.format(**values) if values else text


@cache
def _translations(language: str) -> gettext.NullTranslations:
    compiled = _HERE / language / "LC_MESSAGES" / "optima_research.mo"
    if not compiled.exists():
        return gettext.NullTranslations()
    with compiled.open("rb") as file:
        return gettext.GNUTranslations(file)
