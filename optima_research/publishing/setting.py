"""For whom and from where the files are written: study, notebook, author, partner, names to keep out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Setting:
    """What an export knows beyond the object it writes.

    Parameters
    ----------
    study : str
        Slug of the study.
    notebook : str
        Name of the notebook, without folder.
    author : str
        Written in the files of researchers and partners, never in a blind one.
    partner : str
        The partner a ``"partner"`` export is for; only its name is kept.
    names : mapping of str to str
        Name to keep out of blind files -> what stands for it (« Ville de Rezé » -> « Collectivité A »).
    source_hash : str
        Hash of the data's content.
    simulated : bool
        Whether the study's data are simulated.
    """

    study: str = ""
    notebook: str = ""
    author: str = ""
    partner: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    source_hash: str = ""
    simulated: bool = False


_setting: ContextVar[Setting | None] = ContextVar("optima_setting", default=None)


def current_setting() -> Setting:
    """The setting in force; an empty one by default.

    Examples
    --------
    >>> with using_setting(study="demo"):
    ...     current_setting().study
    'demo'
    """
    return _setting.get() or Setting()


def set_setting(**values: Any) -> Setting:
    """Change some values of the setting until they are changed again."""
    changed = replace(current_setting(), **values)
    _setting.set(changed)
    return changed


@contextmanager
def using_setting(**values: Any) -> Iterator[Setting]:
    """Change some values of the setting for the length of a block."""
    before = _setting.get()
    try:
        yield set_setting(**values)
    finally:
        _setting.set(before)
