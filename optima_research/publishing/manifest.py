"""The list of every file written for a study: what it holds, for whom, from which data, with which versions.

One entry a file, sorted, without date or absolute path: the same run gives the same manifest.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from optima_research.errors import ExportError
from optima_research.language import _
from optima_research.publishing.files import sha256
from optima_research.results.files import write_bytes

MANIFEST = "manifest.json"
PACKAGES = ("optima-research", "numpy", "pandas", "matplotlib", "python-docx", "openpyxl", "typst")

_written: dict[Path, set[str]] = {}


@dataclass(frozen=True)
class Entry:
    """One written file.

    Parameters
    ----------
    path : str
        Relative to the folder of the manifest, with forward slashes.
    sha256 : str
        Of its bytes.
    object : str
        Class of what was exported.
    title, format, audience, language, policy, study, notebook, source_hash, alt : str
        What it is, for whom, from where, and in words for a figure.
    versions : dict of str to str
        Python and the packages that wrote it.
    """

    path: str
    sha256: str
    object: str = ""
    title: str = ""
    format: str = ""
    audience: str = ""
    language: str = ""
    policy: str = ""
    study: str = ""
    notebook: str = ""
    source_hash: str = ""
    alt: str = ""
    versions: dict[str, str] = field(default_factory=dict)


def manifest_folder(path: Path) -> Path:
    """The folder whose manifest lists ``path``: the study's folder under ``exports``, else the file's own.

    Examples
    --------
    >>> manifest_folder(Path("exports/reze/figures/f1.png")).as_posix()
    'exports/reze'
    >>> manifest_folder(Path("elsewhere/t1.docx")).as_posix()
    'elsewhere'
    """
    for folder in path.parents:
        if folder.parent.name == "exports":
            return folder
    return path.parent


def record(path: Path, content: bytes, **facts: Any) -> Entry:
    """Enter one written file in its manifest, replacing the line of an earlier run.

    Parameters
    ----------
    path : Path
        The file.
    content : bytes
        What it holds.
    **facts
        The other fields of :class:`Entry`.

    Returns
    -------
    Entry
    """
    folder = manifest_folder(path)
    entry = Entry(path.relative_to(folder).as_posix(), sha256(content), versions=versions(), **facts)
    # Files deleted since are forgotten: the manifest lists what is there.
    known = {old.path: old for old in read_manifest(folder) if (folder / old.path).is_file()}
    write_manifest(folder, (known | {entry.path: entry}).values())
    _written.setdefault(folder.resolve(), set()).add(entry.path)
    return entry


def entries_of_this_run(folder: Path) -> list[Entry]:
    """The entries written since Python started, or all of them where nothing was: what a notebook may show.

    What an earlier run left in the folder is not the same on every machine.
    """
    written = _written.get(folder.resolve())
    return [entry for entry in read_manifest(folder) if not written or entry.path in written]


def read_manifest(folder: Path) -> list[Entry]:
    """The entries of a folder's manifest; none where there is no manifest.

    Raises
    ------
    ExportError
        The manifest is not one.
    """
    path = folder / MANIFEST
    if not path.exists():
        return []
    try:
        return [Entry(**item) for item in json.loads(path.read_text("utf-8"))["files"]]
    except (ValueError, KeyError, TypeError) as error:
        raise ExportError(
            _("The manifest cannot be read."),
            where=f"{folder.name}/{MANIFEST}",
            hint=_("Delete it and run the notebooks of the study again."),
        ) from error


def write_manifest(folder: Path, entries: Iterable[Entry]) -> Path:
    """Write the manifest of a folder, sorted by path."""
    files = [asdict(entry) for entry in sorted(entries, key=lambda entry: entry.path)]
    text = json.dumps({"files": files}, ensure_ascii=False, indent=1, sort_keys=True)
    return write_bytes(folder / MANIFEST, f"{text}\n".encode())


@cache
def _versions() -> tuple[tuple[str, str], ...]:
    found = [("python", platform.python_version())]
    for package in PACKAGES:
        try:
            found.append((package, version(package)))
        except PackageNotFoundError:
            continue
    return tuple(found)


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that compute and write."""
    return dict(_versions())
