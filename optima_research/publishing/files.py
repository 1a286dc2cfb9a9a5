"""Write a file whole or not at all, and give the same bytes for the same content."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from optima_research.errors import ExportError
from optima_research.language import _

ZIP_DATE = (2000, 1, 1, 0, 0, 0)
"""Date given to every member of a zipped file: the day of writing is not part of the result."""


def write_bytes(path: Path, content: bytes) -> Path:
    """Write ``content`` to ``path`` through a temporary name in the same folder.

    Parameters
    ----------
    path : Path
        Where to write; missing folders are made.
    content : bytes
        The whole file.

    Returns
    -------
    Path
        ``path``. A file that already holds these bytes is left as it is.

    Raises
    ------
    ExportError
        The folder cannot be written, or the file is held open by another program.

    Examples
    --------
    >>> folder = Path(tempfile.mkdtemp())
    >>> write_bytes(folder / "a.txt", b"abc").read_bytes()
    b'abc'
    """
    make_folder(path.parent)
    if path.is_dir():
        raise ExportError(
            _("“{name}” is a folder, not a file.", name=path.name),
            where=_shown(path),
            hint=_("Give another name to the export."),
        )
    if path.exists() and path.read_bytes() == content:
        return path
    temporary = _temporary(path, content)
    try:
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise ExportError(
            _("The file “{name}” cannot be replaced.", name=path.name),
            where=_shown(path),
            hint=_("Close it in Word, Excel or the PDF reader, then run the cell again."),
        ) from error
    return path


def make_folder(folder: Path) -> None:
    """Make ``folder`` and its parents, with an error that says what to do.

    Raises
    ------
    ExportError
        A parent is a file, or cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(
            _("The folder “{name}” cannot be created.", name=folder.name),
            where=_shown(folder),
            hint=_("Choose a folder you may write in, or ask for the right to write there."),
        ) from error


def stable_zip(
    content: bytes,
    *,
    drop: tuple[str, ...] = (),
    change: Mapping[str, Callable[[bytes], bytes]] | None = None,
) -> bytes:
    """Zip the members again in the same order, with a fixed date and nothing of the machine.

    Parameters
    ----------
    content : bytes
        A zipped file (docx, xlsx).
    drop : tuple of str
        Members left out.
    change : mapping of str to function, optional
        Member -> what its content becomes.

    Returns
    -------
    bytes
        The same members; equal members give equal bytes.
    """
    result = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            if name in drop:
                continue
            member = zipfile.ZipInfo(name, ZIP_DATE)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = 0
            member.external_attr = 0
            rewritten = (change or {}).get(name, bytes)
            target.writestr(member, rewritten(source.read(name)))
    return result.getvalue()


def sha256(content: bytes) -> str:
    """Return the SHA-256 of ``content`` in hexadecimal.

    Examples
    --------
    >>> sha256(b"abc")[:12]
    'ba7816bf8f01'
    """
    return hashlib.sha256(content).hexdigest()


def _temporary(path: Path, content: bytes) -> Path:
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=".tmp", dir=path.parent)
    except OSError as error:
        raise ExportError(
            _("Nothing can be written in the folder “{name}”.", name=path.parent.name),
            where=_shown(path.parent),
            hint=_("Choose a folder you may write in, or ask for the right to write there."),
        ) from error
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        temporary.chmod(0o644)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise ExportError(
            _("The file “{name}” could not be written to the end.", name=path.name),
            where=_shown(path),
            hint=_("Check the free space of the disk."),
        ) from error
    return temporary


def _shown(path: Path) -> str:
    """Path as the author knows it: relative to the working folder where it lies inside."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):
        return path.name
