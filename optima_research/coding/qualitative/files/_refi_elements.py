"""The elements of a REFI-QDA document as plain values, before anything is resolved or judged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from optima_research.coding.qualitative.files._safe_xml import Element, local_name

REGIONS = {"PDFSelection", "PictureSelection", "AudioSelection", "VideoSelection"}
SOURCES = {
    "TextSource": "text",
    "PDFSource": "pdf",
    "PictureSource": "picture",
    "AudioSource": "audio",
    "VideoSource": "video",
}


class Coding(NamedTuple):
    """One ``Coding`` element."""

    guid: str
    creator: str
    date: str
    code: str
    notes: tuple[str, ...]


class Selection(NamedTuple):
    """One selection of any kind, with what is attached to it."""

    guid: str
    kind: str
    name: str
    attributes: dict[str, str]
    creator: str
    date: str
    description: str
    codings: tuple[Coding, ...]
    notes: tuple[str, ...]


@dataclass
class Source:
    """One source, transcript, representation or note."""

    guid: str
    name: str
    kind: str
    attributes: dict[str, str]
    content: str | None = None
    description: str = ""
    selections: list[Selection] = field(default_factory=list)
    codings: list[Coding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    values: list[tuple[str, str, str]] = field(default_factory=list)
    parts: list[Source] = field(default_factory=list)
    sync: dict[str, int] = field(default_factory=dict)


@dataclass
class Case:
    """One case with its references."""

    guid: str
    name: str
    description: str = ""
    codes: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    selections: list[str] = field(default_factory=list)
    values: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass
class Document:
    """Everything a project or codebook file says."""

    attributes: dict[str, str]
    users: list[tuple[str, str, str]] = field(default_factory=list)
    codes: list[dict[str, str]] = field(default_factory=list)
    variables: dict[str, tuple[str, str]] = field(default_factory=dict)
    cases: list[Case] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    notes: list[Source] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    sets: list[tuple[str, str, str, str]] = field(default_factory=list)
    project_notes: list[str] = field(default_factory=list)
    n_graphs: int = 0
    unknown: dict[str, int] = field(default_factory=dict)


def guid(text: str | None) -> str:
    """An identifier made comparable: no braces, upper case."""
    return (text or "").strip().strip("{}").upper()


def read_document(root: Element) -> Document:
    """Walk a ``Project`` or ``CodeBook`` element; unknown elements are counted, never fatal."""
    document = Document(dict(root.attrib))
    for child in root:
        match local_name(child):
            case "Users":
                document.users = [(guid(u.get("guid")), u.get("name", ""), u.get("id", "")) for u in child]
            case "CodeBook":
                for part in child:
                    _codebook_part(part, document)
            case "Codes" | "Sets":
                _codebook_part(child, document)
            case "Variables":
                document.variables = {
                    guid(v.get("guid")): (v.get("name", ""), v.get("typeOfVariable", "Text")) for v in child
                }
            case "Cases":
                document.cases = [_case(c) for c in child]
            case "Sources":
                document.sources = [_source(s) for s in child if local_name(s) in SOURCES]
            case "Notes":
                document.notes = [_source(n, kind="note") for n in child]
            case "Links":
                document.links = [(guid(x.get("originGUID")), guid(x.get("targetGUID"))) for x in child]
            case "Graphs":
                document.n_graphs = len(child)
            case "NoteRef":
                document.project_notes.append(guid(child.get("targetGUID")))
            case "Description":
                document.attributes.setdefault("description", child.text or "")
            case other:
                document.unknown[other] = document.unknown.get(other, 0) + 1
    return document


def _codebook_part(part: Element, document: Document) -> None:
    if local_name(part) == "Codes":
        document.codes.extend(_codes(part, {code["guid"] for code in document.codes}))
    elif local_name(part) == "Sets":
        document.sets.extend(row for one in part for row in _members(one))


def _codes(root: Element, taken: set[str]) -> Iterator[dict[str, str]]:
    """Codes of the tree; one without an identifier, or with that of another, gets one of its own.

    References then mean the first: a code that bore its parent's identifier would be its own parent.
    """
    # A stack, not recursion: a hostile tree may be a hundred thousand levels deep.
    stack = [(code, "") for code in reversed(root) if local_name(code) == "Code"]
    while stack:
        element, parent = stack.pop()
        own = guid(element.get("guid"))
        if not own or own in taken:
            own = f"{own}#{len(taken)}"
        taken.add(own)
        inside = [child for child in element if local_name(child) == "Code"]
        yield {
            "guid": own,
            "name": element.get("name", ""),
            "parent": parent,
            "color": element.get("color", ""),
            "description": _child_text(element, "Description"),
            "codable": element.get("isCodable", "true"),
            "notes": " ".join(_references(element, "NoteRef")),
        }
        stack.extend((child, own) for child in reversed(inside))


def _members(element: Element) -> Iterator[tuple[str, str, str, str]]:
    own, name = guid(element.get("guid")), element.get("name", "")
    for member in element:
        kind = {"MemberCode": "code", "MemberSource": "source", "MemberNote": "note"}.get(local_name(member))
        if kind:
            yield own, name, kind, guid(member.get("targetGUID") or member.get("guid"))


def _case(element: Element) -> Case:
    return Case(
        guid(element.get("guid")),
        element.get("name", ""),
        _child_text(element, "Description"),
        _references(element, "CodeRef"),
        _references(element, "SourceRef"),
        _references(element, "SelectionRef"),
        [_value(child) for child in element if local_name(child) == "VariableValue"],
    )


def _source(element: Element, kind: str = "") -> Source:
    source = Source(
        guid(element.get("guid")),
        element.get("name", ""),
        kind or SOURCES.get(local_name(element), "text"),
        dict(element.attrib),
    )
    for child in element:
        _source_part(child, local_name(child), source)
    return source


def _source_part(child: Element, name: str, source: Source) -> None:
    match name:
        case "PlainTextSelection" | "TranscriptSelection":
            source.selections.append(_selection(child, name))
        case "Coding":
            source.codings.append(_coding(child))
        case "PlainTextContent":
            source.content = child.text or ""
        case "Description":
            source.description = child.text or ""
        case "NoteRef":
            source.notes.append(guid(child.get("targetGUID")))
        case "VariableValue":
            source.values.append(_value(child))
        case "Representation" | "TextDescription" | "Transcript" if source.kind in SOURCES.values():
            source.parts.append(_source(child, kind=name.casefold()))
        case "SyncPoint":
            source.sync[guid(child.get("guid"))] = integer(child.get("position"))
        case _ if name in REGIONS:
            source.selections.append(_selection(child, name))


def _selection(element: Element, kind: str) -> Selection:
    get = element.get
    codings, notes, description = [], [], ""
    for child in element:
        name = local_name(child)
        if name == "Coding":
            codings.append(_coding(child))
        elif name == "NoteRef":
            notes.append(guid(child.get("targetGUID")))
        elif name == "Description":
            description = child.text or ""
    return Selection(
        guid(get("guid")),
        kind,
        get("name", ""),
        dict(element.attrib),
        guid(get("creatingUser")),
        get("creationDateTime", ""),
        description,
        tuple(codings),
        tuple(notes),
    )


def _coding(element: Element) -> Coding:
    target, notes = "", []
    for child in element:
        name = local_name(child)
        if name == "CodeRef":
            target = guid(child.get("targetGUID"))
        elif name == "NoteRef":
            notes.append(guid(child.get("targetGUID")))
    return Coding(
        guid(element.get("guid")),
        guid(element.get("creatingUser")),
        element.get("creationDateTime", ""),
        target,
        tuple(notes),
    )


def _value(element: Element) -> tuple[str, str, str]:
    variable, kind, text = "", "Text", ""
    for child in element:
        name = local_name(child)
        if name == "VariableRef":
            variable = guid(child.get("targetGUID"))
        elif name.endswith("Value"):
            kind, text = name.removesuffix("Value"), child.text or ""
    return variable, kind, text


def _references(element: Element, name: str) -> list[str]:
    return [guid(child.get("targetGUID")) for child in element if local_name(child) == name]


def _child_text(element: Element, name: str) -> str:
    return next((child.text or "" for child in element if local_name(child) == name), "")


def integer(text: Any) -> int:
    """A whole number as tools write it (``"12"``, ``"12.0"``); 0 where it is none."""
    try:
        return max(-(2**53), min(2**53, int(float(text))))
    except (TypeError, ValueError, OverflowError):
        return 0
