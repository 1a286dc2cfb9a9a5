"""LimeSurvey's XML (``.lss .lsr .lst .lsi``) as tables, streamed, with no entity ever expanded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat

from optima_research.errors import SourceError
from optima_research.language import _

__all__ = ["Document", "Table", "read_document", "stored_name"]

_CHUNK = 1 << 20
_CELL_LIMIT = 1 << 26


@dataclass
class Table:
    """One database table: its fields, and one dict a row (a NULL is an absent key, '' an empty value)."""

    fields: list[str] = field(default_factory=list)
    rows: list[dict[str, str]] = field(default_factory=list)


@dataclass
class Document:
    """A LimeSurvey XML document."""

    kind: str = ""
    db_version: str = ""
    languages: list[str] = field(default_factory=list)
    tables: dict[str, Table] = field(default_factory=dict)

    def rows(self, name: str) -> list[dict[str, str]]:
        """The rows of a table; none where LimeSurvey left an empty table out."""
        table = self.tables.get(name)
        return table.rows if table else []


def read_document(stream: IO[bytes], *, where: str) -> Document:
    """Read a LimeSurvey XML document.

    Parameters
    ----------
    stream : binary file
    where : str
        What to call the file in an error.

    Returns
    -------
    Document

    Raises
    ------
    SourceError
        Not XML, cut short, a document type or entity declared, not a LimeSurvey document, a cell over 64 MB.
    """
    handler = _Handler(where)
    parser = handler.parser()
    try:
        for chunk in _chunks(stream):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise SourceError(
            _("This XML file is damaged or cut short."),
            where=_(
                "{file}, line {line}, column {column}", file=where, line=error.lineno, column=error.offset + 1
            ),
            got=expat.errors.messages.get(error.code, str(error)),
            hint=_("Export it again from LimeSurvey; do not edit it by hand."),
        ) from None
    if not handler.document.kind:
        raise SourceError(
            _("This XML file was not written by LimeSurvey."),
            where=where,
            expected="<LimeSurveyDocType>",
            hint=_("Give the .lss file: Display/Export > Survey structure (.lss)."),
        )
    return handler.document


def stored_name(field_name: str) -> str:
    """The XML element LimeSurvey uses for a database field.

    Examples
    --------
    >>> stored_name("282267X3X34SQ01#0")
    '_282267X3X34SQ01-0'
    >>> stored_name("submitdate")
    'submitdate'
    """
    name = field_name.replace("#", "-")
    return f"_{name}" if name[:1].isdigit() else name


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK):
        yield chunk


class _Handler:
    """Expat callbacks; depth 2 is a table, 3 ``fields``/``rows``, 4 a field name or a row, 5 a cell."""

    def __init__(self, where: str) -> None:
        self.document = Document()
        self._where = where
        self._depth = 0
        self._text: list[str] = []
        self._size = 0
        self._table = Table()
        self._row: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._section = ""
        self._short: dict[str, str] = {}

    def parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse
        return parser

    def _refuse(self, *_args: object) -> None:
        raise SourceError(
            _(
                "This XML file declares a document type or an entity; LimeSurvey never writes any, so it is refused."
            ),
            where=self._where,
            hint=_("Ask for the file again from the LimeSurvey server itself."),
        )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._text = []
        self._size = 0
        if self._depth == 4:
            self._row = {}
        elif self._depth == 3:
            self._section = name
        elif self._depth == 2:
            self._table = Table()
            self._names = {}

    def _data(self, data: str) -> None:
        self._size += len(data)
        if self._size > _CELL_LIMIT:
            raise SourceError(
                _("A cell holds more than {size} MB of text.", size=_CELL_LIMIT >> 20),
                where=self._where,
                hint=_("Export it again from LimeSurvey; do not edit it by hand."),
            )
        self._text.append(data)

    def _end(self, name: str) -> None:
        depth = self._depth
        self._depth = depth - 1
        if depth == 5 and self._section == "rows":
            text = "".join(self._text)
            if len(text) < 24:
                text = self._short.setdefault(text, text)
            self._row[self._names.get(name, name)] = text
        elif depth == 4:
            self._end_of_row_or_field()
        elif depth == 3 and name == "language":
            self.document.languages.append("".join(self._text).strip())
        elif depth == 2:
            self._end_of_table(name)

    def _end_of_row_or_field(self) -> None:
        if self._section == "rows":
            self._table.rows.append(self._row)
        elif self._section == "fields":
            fieldname = "".join(self._text)
            self._table.fields.append(fieldname)
            self._names[stored_name(fieldname)] = fieldname

    def _end_of_table(self, name: str) -> None:
        if name == "LimeSurveyDocType":
            self.document.kind = "".join(self._text).strip()
        elif name == "DBVersion":
            self.document.db_version = "".join(self._text).strip()
        elif self._table.fields or self._table.rows:
            self.document.tables[name] = self._table
