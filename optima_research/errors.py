"""The error family: what is wrong, where it is, and what to do about it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

from optima_research.language import _

__all__ = [
    "AnalysisError",
    "CleaningError",
    "CodebookError",
    "DesignError",
    "DisclosureError",
    "ExportError",
    "OptimaError",
    "PrivacyError",
    "ScaleError",
    "SourceError",
    "StudyError",
    "SurveyError",
    "TrailError",
    "suggest",
]


class OptimaError(Exception):
    """Root of every error this package raises on purpose.

    Parameters
    ----------
    message : str
        What is wrong, as a sentence in the reader's language.
    where : str, optional
        File, column and rows concerned.
    parameter : str, optional
        Name of the argument at fault.
    expected, got : object, optional
        What was wanted and what was found.
    hint : str, optional
        What to do.

    Examples
    --------
    >>> error = OptimaError("La colonne « sexee » n'existe pas.", hint="Vouliez-vous dire « sexe » ?")
    >>> print(error)
    La colonne « sexee » n'existe pas.
    → Vouliez-vous dire « sexe » ?
    """

    def __init__(
        self,
        message: str,
        *,
        where: str | None = None,
        parameter: str | None = None,
        expected: Any = None,
        got: Any = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.parameter = parameter
        self.expected = expected
        self.got = got
        self.hint = hint

    def lines(self) -> list[str]:
        """The error as short lines: the sentence, then each known particular, then the remedy."""
        named = [
            (_("where"), self.where),
            (_("argument"), self.parameter),
            (_("expected"), self.expected),
            (_("found"), self.got),
        ]
        particulars = [f"  {name} : {value}" for name, value in named if value is not None]
        remedy = [f"→ {self.hint}"] if self.hint else []
        return [self.message, *particulars, *remedy]

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def __reduce__(self) -> tuple[Any, ...]:
        # Exception's own reduce would drop the keyword particulars when a worker sends the error back.
        return (_rebuild, (type(self), self.message, dict(self.__dict__)))

    def _render_traceback_(self) -> list[str]:
        # IPython calls this instead of printing sixty lines of stack to someone who wants one sentence.
        first, *rest = self.lines()
        return [f"{type(self).__name__} : {first}", *rest]


class SourceError(OptimaError):
    """A raw file cannot be read as what it claims to be."""


class CodebookError(OptimaError):
    """The codebook contradicts itself or the data."""


class SurveyError(OptimaError):
    """A column or a row asked of a survey does not exist, or does not fit it."""


class CleaningError(OptimaError):
    """A cleaning step cannot be applied as asked."""


class TrailError(OptimaError):
    """The record of what was done cannot be replayed or trusted."""


class PrivacyError(OptimaError):
    """Going on would expose a person."""


class DisclosureError(PrivacyError):
    """A table or figure would give away somebody's answer."""


class DesignError(OptimaError):
    """The sampling design is incomplete or impossible."""


class ScaleError(OptimaError):
    """A scale cannot be scored or assessed as declared."""


class AnalysisError(OptimaError):
    """An analysis is not defined, or not defensible, on these data."""


class ExportError(OptimaError):
    """A result cannot be written."""


class StudyError(OptimaError):
    """The description of a study is incomplete or wrong."""


def suggest(name: object, candidates: Iterable[object]) -> str:
    """Propose the known names nearest to a mistyped one.

    Examples
    --------
    >>> suggest("satisfation", ["satisfaction", "direction"])
    'Vouliez-vous dire « satisfaction » ?'
    >>> suggest("zzz", ["satisfaction"])
    ''
    """
    near = difflib.get_close_matches(str(name), [str(c) for c in candidates], n=3, cutoff=0.6)
    if not near:
        return ""
    return _("Did you mean {names}?", names=", ".join(f"« {n} »" for n in near))


def _rebuild(kind: type[OptimaError], message: str, state: dict[str, Any]) -> OptimaError:
    error = kind(message)
    error.__dict__.update(state)
    return error
