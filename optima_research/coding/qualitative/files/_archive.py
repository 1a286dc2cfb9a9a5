"""Zip archives of coding tools, opened with guards: no path that leaves the archive, no bomb, no locked member."""

from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from optima_research.errors import SourceError
from optima_research.language import _

MOST_MEMBERS = 50_000
MOST_BYTES = 1 << 30
MOST_TOTAL = 4 << 30
_MOST_RATIO = 200
_RATIO_MATTERS = 1 << 20
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


class Archive:
    """A zip file opened for reading.

    Parameters
    ----------
    path : Path

    Raises
    ------
    SourceError
        Not a zip file, a member whose path leaves the archive, too many members or too large once unzipped.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
            members = self._zip.infolist()
        except FileNotFoundError as error:
            raise SourceError(
                _("The file does not exist."), where=path.name, hint=_("Check the name and the folder.")
            ) from error
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, UnicodeDecodeError) as error:
            raise SourceError(
                _("This is not a readable zip archive, or it was cut short."),
                where=path.name,
                hint=_("Export the project again from the tool."),
            ) from error
        _check_members(members, path.name)
        self.members = {m.filename: m for m in members if not m.is_dir()}
        self._by_name = {PurePosixPath(n.replace("\\", "/")).name.casefold(): n for n in self.members}

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_error: object) -> None:
        self._zip.close()

    def at_root(self, suffix: str) -> list[str]:
        """Members at the root with that extension."""
        return [n for n in self.members if "/" not in n.replace("\\", "/") and n.casefold().endswith(suffix)]

    def find(self, reference: str) -> str | None:
        """The member an ``internal://`` reference means, whatever the case and the slashes; None if absent."""
        name = re.sub(r"^[A-Za-z]+:/*", "", reference).replace("\\", "/")
        return self._by_name.get(PurePosixPath(name).name.casefold())

    def check(self, member: str) -> None:
        """Refuse a member that is locked, or compressed as no coding tool does (LZMA may ask for any memory)."""
        info = self.members[member]
        if info.flag_bits & 1:
            raise SourceError(
                _("The archive is protected by a password."),
                where=f"{self.path.name}/{member}",
                hint=_("Save it without a password."),
            )
        if info.compress_type not in _METHODS:
            raise SourceError(
                _("A member of the archive is compressed in an unusual way."),
                where=f"{self.path.name}/{member}",
                hint=_("Zip it again in the ordinary way (deflate)."),
            )

    def read(self, member: str) -> bytes:
        """The bytes of one member, never more than the size it declares."""
        info = self.members[member]
        self.check(member)
        try:
            with self._zip.open(info) as file:
                data = file.read(info.file_size + 1)
        except (
            zipfile.BadZipFile,
            zlib.error,
            OSError,
            EOFError,
            NotImplementedError,
            RuntimeError,
        ) as error:
            raise SourceError(
                _("A member of the archive is damaged."),
                where=f"{self.path.name}/{member}",
                hint=_("Export the project again from the tool."),
            ) from error
        if len(data) > info.file_size:
            raise SourceError(
                _("A member of the archive is larger than it declares."),
                where=f"{self.path.name}/{member}",
                hint=_("Export the project again from the tool."),
            )
        return data


def _check_members(members: list[zipfile.ZipInfo], name: str) -> None:
    total = 0
    for member in members:
        parts = PurePosixPath(member.filename.replace("\\", "/"))
        if ".." in parts.parts or parts.is_absolute() or re.match(r"^[A-Za-z]:", member.filename):
            raise SourceError(
                _("The archive holds a path that leads out of it; it is refused."),
                where=f"{name}/{member.filename}",
                hint=_("Export the project again from the tool."),
            )
        bomb = member.file_size > _RATIO_MATTERS and member.file_size > _MOST_RATIO * max(
            member.compress_size, 1
        )
        total += member.file_size
        if member.file_size > MOST_BYTES or total > MOST_TOTAL or bomb:
            raise SourceError(
                _("The archive would be too large once unzipped; it is refused."),
                where=name,
                hint=_("Export the project again from the tool."),
            )
    if len(members) > MOST_MEMBERS:
        raise SourceError(
            _("The archive would be too large once unzipped; it is refused."),
            where=name,
            hint=_("Export the project again from the tool."),
        )


def decode_text(data: bytes) -> tuple[str, str]:
    """Text and the encoding it was read in; the byte-order mark stays, offsets may count it."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return "\ufeff" + data.decode("utf-16"), "utf-16"
        except UnicodeDecodeError:
            pass
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace"), "cp1252"
