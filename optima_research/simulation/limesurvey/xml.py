"""LimeSurvey's XML documents, written to the byte as its exporter writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from optima_research.sources.limesurvey.xml_tables import stored_name

__all__ = ["Rows", "document"]

Rows: TypeAlias = Iterable[Mapping[str, str | None]]


def document(
    kind: str,
    tables: Sequence[tuple[str, Sequence[str], Rows]],
    *,
    languages: Sequence[str],
    db_version: str = "609",
    indent: bool = True,
) -> str:
    """A LimeSurvey XML document.

    Parameters
    ----------
    kind : str
        ``Survey``, ``Responses``, ``Tokens`` or ``Timings``.
    tables : sequence of (name, fields, rows)
        A row maps field → text; ``None`` is a NULL, whose element is left out; a table without rows is left out.
    languages : sequence of str
    db_version : str
    indent : bool
        Structures, participants and timings are indented by one space a level; responses are not.
    """
    out = _Lines(indent)
    out.open("document", 0)
    out.leaf("LimeSurveyDocType", kind, 1)
    out.leaf("DBVersion", db_version, 1)
    out.open("languages", 1)
    for language in languages:
        out.leaf("language", language, 2)
    out.close("languages", 1)
    for name, fields, rows in tables:
        _table(out, name, fields, list(rows))
    out.close("document", 0)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + "".join(out.parts) + ("" if indent else "\n")


class _Lines:
    def __init__(self, indent: bool) -> None:
        self.parts: list[str] = []
        self._indent = indent

    def line(self, text: str, depth: int) -> None:
        self.parts.append(f"{' ' * depth}{text}\n" if self._indent else text)

    def open(self, name: str, depth: int) -> None:
        self.line(f"<{name}>", depth)

    def close(self, name: str, depth: int) -> None:
        self.line(f"</{name}>", depth)

    def leaf(self, name: str, text: str, depth: int) -> None:
        self.line(f"<{name}>{text}</{name}>", depth)

    def cell(self, name: str, text: str, depth: int) -> None:
        if text == "":
            self.line(f"<{name}/>", depth)
        else:
            # The end of a CDATA section cannot appear inside one: LimeSurvey drops it.
            self.line(f"<{name}><![CDATA[{text.replace(']]>', '')}]]></{name}>", depth)


def _table(out: _Lines, name: str, fields: Sequence[str], rows: Sequence[Mapping[str, str | None]]) -> None:
    if not rows:
        return
    out.open(name, 1)
    out.open("fields", 2)
    for field in fields:
        out.leaf("fieldname", field, 3)
    out.close("fields", 2)
    out.open("rows", 2)
    elements = [(field, stored_name(field)) for field in fields]
    for row in rows:
        out.open("row", 3)
        for field, element in elements:
            text = row.get(field)
            if text is not None:
                out.cell(element, text, 4)
        out.close("row", 3)
    out.close("rows", 2)
    out.close(name, 1)
