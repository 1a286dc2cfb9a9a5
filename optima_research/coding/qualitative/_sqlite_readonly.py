"""SQLite databases of coding tools, opened so that nothing can be written, run for ever or executed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd

from optima_research.errors import SourceError
from optima_research.language import _

_MOST_STEPS = 2_000
_STEP = 100_000


class Database:
    """Tables read by name; a missing table or column is an empty one."""

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        self._connection = connection
        self.name = name
        # A hostile file may call a view what we expect to be a table: only true tables are read.
        rows = self._rows("SELECT name FROM sqlite_master WHERE type = 'table'")
        self.tables = {str(row[0]) for row in rows}

    def table(self, name: str, columns: list[str]) -> pd.DataFrame:
        """The columns asked for; those the database does not have are None."""
        if name not in self.tables:
            return pd.DataFrame(columns=columns, dtype=object)
        present = {str(row[1]) for row in self._rows(f'PRAGMA table_info("{name}")')}
        wanted = [f'"{c}"' if c in present else "NULL" for c in columns]
        order = " ORDER BY rowid" if "rowid" not in present else ""
        rows = self._rows(f'SELECT {", ".join(wanted)} FROM "{name}"{order}')
        return pd.DataFrame(rows, columns=columns, dtype=object)

    def _rows(self, query: str) -> list[Any]:
        try:
            return self._connection.execute(query).fetchall()
        except (sqlite3.Error, OverflowError) as error:
            raise SourceError(
                _("The database cannot be read: {reason}.", reason=str(error)),
                where=self.name,
                hint=_("Copy the file again from the tool while the tool is closed."),
            ) from error


@contextmanager
def open_database(path: Path) -> Iterator[Database]:
    """Open read-only and immutable: no lock, no journal, no change, whatever the file holds."""
    if not path.is_file():
        raise SourceError(
            _("The file does not exist."), where=path.name, hint=_("Check the name and the folder.")
        )
    with path.open("rb") as file:
        if file.read(16) != b"SQLite format 3\x00":
            raise SourceError(
                _("This is not an SQLite database."),
                where=path.name,
                hint=_("Export the project again from the tool."),
            )
    connection = sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1", uri=True)
    steps = 0

    def too_long() -> int:
        nonlocal steps
        steps += 1
        return int(steps > _MOST_STEPS)

    try:
        connection.text_factory = lambda data: data.decode("utf-8", "replace")
        connection.set_progress_handler(too_long, _STEP)
        connection.execute("PRAGMA trusted_schema = OFF")
        yield Database(connection, path.name)
    except sqlite3.Error as error:
        raise SourceError(
            _("The database cannot be read: {reason}.", reason=str(error)),
            where=path.name,
            hint=_("Copy the file again from the tool while the tool is closed."),
        ) from error
    finally:
        connection.close()


def text_of(value: Any) -> str:
    """A cell as text; numbers as written, nothing for NULL."""
    if value is None:
        return ""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def whole(value: Any, default: int = 0) -> int:
    """A cell as a whole number; SQLite lets any type hide in any column."""
    try:
        return max(-(2**53), min(2**53, int(float(value))))
    except (TypeError, ValueError, OverflowError):
        return default
