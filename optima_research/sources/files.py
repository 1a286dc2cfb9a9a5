"""Raw files: opened read-only, hashed, and refused early when they are not what they seem."""

from __future__ import annotations

import hashlib
from pathlib import Path

from optima_research.errors import SourceError, suggest
from optima_research.language import _

__all__ = ["require_file", "sha256_of"]


def require_file(path: str | Path) -> Path:
    """The path, if it is a file that can be read and holds something.

    Raises
    ------
    SourceError
        No such file (near names are proposed), a folder, an empty file, a file that may not be read.
    """
    path = Path(path)
    if not path.exists():
        near = suggest(path.name, [p.name for p in path.parent.iterdir()]) if path.parent.is_dir() else ""
        raise SourceError(
            _("There is no file of that name."),
            where=str(path),
            hint=near or _("Check the folder and the extension."),
        )
    if path.is_dir():
        raise SourceError(
            _("This is a folder, not a file."), where=str(path), hint=_("Give the path of the file itself.")
        )
    try:
        with path.open("rb") as stream:
            empty = not stream.read(1)
    except OSError as error:
        raise SourceError(
            _("The file cannot be opened."),
            where=str(path),
            got=error.strerror or str(error),
            hint=_("Close it in the program that holds it, and check that you may read it."),
        ) from None
    if empty:
        raise SourceError(_("The file is empty."), where=path.name, hint=_("Export or download it again."))
    return path


def sha256_of(path: str | Path) -> str:
    """SHA-256 of the raw file, in hexadecimal."""
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
