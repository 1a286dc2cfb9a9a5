"""Zip files (archives, workbooks) opened with care: sizes watched, paths checked, damage named."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from optima_research.errors import SourceError
from optima_research.language import _

__all__ = ["MAX_RATIO", "open_member", "open_zip"]

MAX_RATIO = 250
"""How many times its own size a zip may grow; LimeSurvey's archives grow 15 to 60 times, a bomb thousands."""

_FLOOR = 1 << 26
_MEMBERS = 2000


@contextmanager
def open_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a zip for reading.

    Raises
    ------
    SourceError
        Not a zip or cut short; a member outside the archive, encrypted, or growing out of proportion.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (
        zipfile.BadZipFile,
        OSError,
        ValueError,
        struct.error,
        NotImplementedError,
        UnicodeError,
    ) as error:
        raise _damaged(path.name, error) from None
    with archive:
        _check(archive, path)
        yield archive


@contextmanager
def open_member(archive: zipfile.ZipFile, name: str, path: Path) -> Iterator[IO[bytes]]:
    """Open one member; whatever goes wrong while it is read is a :class:`SourceError`."""
    where = f"{path.name}/{name}"
    try:
        with archive.open(name) as stream:
            yield stream
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, struct.error) as error:
        raise _damaged(where, error) from None
    except (NotImplementedError, RuntimeError) as error:
        raise SourceError(
            _("A member of the archive cannot be read."),
            where=where,
            got=str(error),
            hint=_("Export the archive again, without password."),
        ) from None


def _check(archive: zipfile.ZipFile, path: Path) -> None:
    members = archive.infolist()
    for member in members:
        parts = PurePosixPath(member.filename.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts or ":" in member.filename[:2]:
            raise SourceError(
                _("A member of the archive points outside it: the archive is refused."),
                where=path.name,
                got=member.filename[:80],
                hint=_("Ask for the archive again from the server that made it."),
            )
        if member.flag_bits & 1:
            raise SourceError(
                _("A member of the archive cannot be read."),
                where=f"{path.name}/{member.filename[:80]}",
                hint=_("Export the archive again, without password."),
            )
    total = sum(member.file_size for member in members)
    if total > max(_FLOOR, MAX_RATIO * path.stat().st_size) or len(members) > _MEMBERS:
        raise SourceError(
            _("The archive would grow out of proportion once opened: it is refused."),
            where=path.name,
            expected=_("at most {ratio} times its size", ratio=MAX_RATIO),
            got=_("{size} MB in {n} members", size=total >> 20, n=len(members)),
            hint=_("Ask for the archive again from the server that made it."),
        )


def _damaged(where: str, error: Exception) -> SourceError:
    return SourceError(
        _("The archive is damaged or cut short."),
        where=where,
        got=str(error)[:120],
        hint=_("Export or download it again; compare the sizes of both files."),
    )
