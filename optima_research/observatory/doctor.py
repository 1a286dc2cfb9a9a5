"""The doctor: what is installed, what can be written, and what to do about what is wrong."""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from optima_research.language import _

PACKAGES = (
    "optima-research", "pandas", "numpy", "scipy", "statsmodels", "matplotlib", "seaborn", "pyarrow", "jupyterlab",
    "nbval", "python-docx", "openpyxl", "typst",
)  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """One thing looked at: its name, what was found, and what to do when it is not right."""

    name: str
    found: str
    remedy: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing has to be done."""
        return not self.remedy


def examine(root: Path) -> list[Finding]:
    """Look at Python, the packages and the folders of the project; change nothing."""
    return [
        _python(),
        *map(_package, PACKAGES),
        *(_folder(root, name) for name in ("exports", "data/processed")),
    ]


def _python() -> Finding:
    found = f"{platform.python_version()} ({platform.system()})"
    return Finding("Python", found, "" if sys.version_info >= (3, 11) else _("Install Python 3.11 or later."))


def _package(name: str) -> Finding:
    try:
        return Finding(name, version(name))
    except PackageNotFoundError:
        return Finding(name, _("absent"), _("Set up again: python tasks.py setup."))


def _folder(root: Path, name: str) -> Finding:
    folder = root / name
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if os.access(existing, os.W_OK):
        return Finding(name, _("can be written"))
    return Finding(
        name, _("cannot be written"), _("Ask for the right to write there, or copy the project elsewhere.")
    )
