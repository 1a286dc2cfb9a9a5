"""Writing a file so that a failure never leaves half of it: to a temporary name, then moved into place."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from optima_research.errors import ExportError
from optima_research.language import _


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path in the same folder, and move it to ``path`` when the block ends well.

    Raises
    ------
    ExportError
        The folder cannot be written to, or the file is open in another program.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem[:40]}-", suffix=path.suffix)
        os.close(handle)
    except OSError as error:
        raise _unwritable(path, error) from error
    temporary = Path(name)
    try:
        yield temporary
        # mkstemp makes a private file; a result is meant to be read by colleagues.
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except PermissionError as error:
        raise _unwritable(path, error) from error
    finally:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()


def write_text(path: Path, text: str) -> Path:
    """Write UTF-8 text with plain line feeds, all or nothing."""
    return write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> Path:
    """Write bytes, all or nothing."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)
    return path


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _unwritable(path: Path, error: OSError) -> ExportError:
    return ExportError(
        _("« {name} » cannot be written: {reason}.", name=path.name, reason=error.strerror or str(error)),
        where=path.parent.name,
        hint=_("Close the file in Word or Excel, or choose a folder you may write to."),
    )
