"""Secret keys in files of their own: outside any project, readable by their owner only, and easy to destroy.

A pseudonym made with a key can be made again, so pseudonymised data remain personal data. Destroying the key
(:func:`destroy_key`, once the last wave is linked) makes the pseudonyms one-way.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from optima_research.errors import PrivacyError
from optima_research.language import _

KEY_BYTES = 32
VARIABLE = "OPTIMA_KEY_FILE"
_PROJECT_SIGNS = (".git", "pyproject.toml", "study.yaml", "environment.yml")


@dataclass(frozen=True, repr=False)
class Key:
    """A secret; its bytes are in no repr, its ``id`` may be written down.

    Examples
    --------
    >>> Key(b"\\x00" * 32)
    Key(id=bf072c33)
    """

    secret: bytes

    @property
    def id(self) -> str:
        """Eight characters that tell two keys apart and say nothing of them."""
        return hashlib.sha256(b"optima key id\0" + self.secret).hexdigest()[:8]

    def __repr__(self) -> str:
        return f"Key(id={self.id})"


def create_key(path: str | Path) -> Key:
    """Draw a new key and write it where only its owner can read it.

    Parameters
    ----------
    path : str or Path
        Outside the project; must not exist yet.

    Raises
    ------
    PrivacyError
        The path lies in a project or repository, or a file is there already.
    """
    target = Path(path).expanduser().resolve()
    _refuse_project(target)
    key = Key(secrets.token_bytes(KEY_BYTES))
    target.parent.mkdir(parents=True, exist_ok=True)
    write_private(target, key.secret.hex() + "\n")
    return key


def read_key(path: str | Path | None = None) -> Key:
    """Read a key; without a path, from the file that the variable ``OPTIMA_KEY_FILE`` names.

    Raises
    ------
    PrivacyError
        No key file, a file inside a project, readable by others, or that holds no key of 32 bytes.
    """
    given = path or os.environ.get(VARIABLE)
    if not given:
        raise PrivacyError(
            _("No key file was given."),
            parameter="key",
            hint=_(
                'Create one outside the project: privacy.create_key("~/cles/etude.key"), then give its path.'
            ),
        )
    target = Path(given).expanduser().resolve()
    require_private(target)
    try:
        secret = bytes.fromhex(target.read_text(encoding="ascii").strip())
    except (ValueError, UnicodeDecodeError):
        secret = b""
    if len(secret) < KEY_BYTES:
        raise PrivacyError(
            _("This file holds no key of {n} bytes.", n=KEY_BYTES),
            where=target.name,
            hint=_("Make it with privacy.create_key(path): a password is not a key."),
        )
    return Key(secret)


def destroy_key(path: str | Path) -> None:
    """Overwrite and remove a key: the pseudonyms it made can no longer be tied to persons, nor made again."""
    target = Path(path).expanduser().resolve()
    require_private(target)
    with target.open("r+b") as file:
        size = target.stat().st_size
        file.write(secrets.token_bytes(size))
        file.flush()
        os.fsync(file.fileno())
    target.unlink()


def require_private(path: Path) -> None:
    """Check that a secret file exists, lies outside any project, and is readable by its owner only."""
    if not path.is_file():
        raise PrivacyError(_("There is no file « {name} ».", name=path.name), where=path.parent.name)
    _refuse_project(path)
    # Windows has no such bits: access there is by the folder's rights.
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise PrivacyError(
            _("« {name} » can be read by other users.", name=path.name),
            got=oct(stat.S_IMODE(path.stat().st_mode)),
            expected="0o600",
            hint=_(
                "Keep it to yourself: chmod 600 {name}, and consider the key compromised.", name=path.name
            ),
        )


def write_private(path: Path, text: str) -> None:
    """Write a new file that only its owner can read."""
    _refuse_project(path)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise PrivacyError(
            _("« {name} » exists already and is not overwritten.", name=path.name),
            hint=_("A lost key cannot be made again: choose another name, or destroy the old one knowingly."),
        ) from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


def _refuse_project(path: Path) -> None:
    for folder in path.parents:
        if any((folder / sign).exists() for sign in _PROJECT_SIGNS):
            raise PrivacyError(
                _("A secret may not lie inside a project: « {name} ».", name=path.name),
                where=folder.name,
                hint=_(
                    "Keep it outside, for instance in ~/cles/: a project folder is copied, shared and versioned."
                ),
            )
