"""SQLite databases of coding tools, opened so that nothing can be written, run for ever or executed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd

from optima_research.coding.qualitative.projects.import_report import ReportBuilder
from optima_research.errors import SourceError
from optima_research.language import _

_STEP = 100_000
_FREE_STEPS = 100
_STEPS_A_BYTE = 8
_FETCH = 1_000
# A row takes five bytes of a file at the least, and a character one.
_BYTES_A_ROW = 4
_CHARACTERS_A_BYTE = 2
_SMALL = 1 << 16


class Database:
    """Tables read by name; a missing table or column is an empty one."""

    def __init__(self, connection: sqlite3.Connection, path: Path, size: int) -> None:
        self._connection = connection
        self.name = path.name
        # What the tool has not yet written into the file itself, and which is not read.
        self.pending = [
            beside.name for beside in _journals(path) if beside.is_file() and beside.stat().st_size
        ]
        self._size = max(size, _SMALL)
        # A hostile file may call a view or a virtual table what we expect to be a table: only true tables are read.
        rows = self._rows("SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0")
        self.tables = {str(row[0]) for row in rows}

    def table(self, name: str, columns: list[str]) -> pd.DataFrame:
        """The columns asked for; those the database does not have are None."""
        if name not in self.tables:
            return pd.DataFrame(columns=columns, dtype=object)
        present = {str(row[1]) for row in self._rows(f'PRAGMA table_info("{name}")')}
        wanted = [f'"{c}"' if c in present else "NULL" for c in columns]
        query = f'SELECT {", ".join(wanted)} FROM "{name}"'
        try:
            rows = self._fetched(f"{query} ORDER BY rowid")
        except sqlite3.Error as error:  # a table without rowid
            if "rowid" not in str(error):
                raise
            rows = self._rows(query)
        return pd.DataFrame(rows, columns=columns, dtype=object)

    def _rows(self, query: str) -> list[Any]:
        try:
            return self._fetched(query)
        except (sqlite3.Error, OverflowError) as error:
            raise _unreadable(error, self.name) from error

    def _fetched(self, query: str) -> list[Any]:
        """Rows, as long as the file can hold them: pages that point to one another in a loop could go on for ever."""
        try:
            cursor = self._connection.execute(query)
        except UnicodeDecodeError as error:  # SQLite quotes the damaged schema in its complaint
            raise sqlite3.DatabaseError(_("its list of tables is damaged")) from error
        rows: list[Any] = []
        characters = 0
        while chunk := cursor.fetchmany(_FETCH):
            rows += chunk
            characters += sum(len(cell) for row in chunk for cell in row if isinstance(cell, (str, bytes)))
            if len(rows) > self._size // _BYTES_A_ROW or characters > self._size * _CHARACTERS_A_BYTE:
                raise sqlite3.DatabaseError(_("more rows than the file can hold"))
        return rows


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
    size = path.stat().st_size
    most_steps = _FREE_STEPS + _STEPS_A_BYTE * size // _STEP
    steps = 0

    def too_long() -> int:
        nonlocal steps
        steps += 1
        return int(steps > most_steps)

    try:
        connection.text_factory = lambda data: data.decode("utf-8", "replace")
        connection.set_progress_handler(too_long, _STEP)
        connection.execute("PRAGMA trusted_schema = OFF")
        # No value is longer than the file, unless the file computes it.
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, max(size, _SMALL))
        yield Database(connection, path, size)
    except (sqlite3.Error, OverflowError) as error:
        raise _unreadable(error, path.name) from error
    finally:
        connection.close()


def report_pending(database: Database, report: ReportBuilder) -> None:
    """Warn that the tool was still at work: what lies in its journal is not read."""
    message = _(
        "The tool had not closed its file: recent changes, in {names}, are not read. Close it and copy the file again.",
        names=", ".join(database.pending),
    )
    report.add("warning", database.name, message, len(database.pending))


def _journals(path: Path) -> list[Path]:
    return [path.with_name(path.name + suffix) for suffix in ("-wal", "-journal")]


def _unreadable(error: Exception, name: str) -> SourceError:
    return SourceError(
        _("The database cannot be read: {reason}.", reason=str(error)),
        where=name,
        hint=_("Copy the file again from the tool while the tool is closed."),
    )


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
