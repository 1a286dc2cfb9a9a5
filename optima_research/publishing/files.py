"""The same bytes for the same content: zipped files without the date and machine of the day, and their hash."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Mapping

ZIP_DATE = (2000, 1, 1, 0, 0, 0)
"""Date given to every member of a zipped file: the day of writing is not part of the result."""


def stable_zip(content: bytes, *, change: Mapping[str, Callable[[bytes], bytes]] | None = None) -> bytes:
    """Zip the members again in the same order, with a fixed date and nothing of the machine.

    Parameters
    ----------
    content : bytes
        A zipped file (docx, xlsx).
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
