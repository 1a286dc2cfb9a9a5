"""The XML elements of a coded project, in the order the REFI-QDA schema demands."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any
from xml.etree import ElementTree as ET

import pandas as pd

from optima_research.coding.qualitative.projects.project import CodedProject, stable_guid

PROJECT = "urn:QDA-XML:project:1.0"
CODEBOOK = "urn:QDA-XML:codebook:1.0"
ORIGIN = "optima_research"

_GUID = re.compile(r"^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$")
_DATE = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$")
_COLOR = re.compile(r"^#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})$")
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SOURCE_TAGS = {
    "pdf": "PDFSource",
    "picture": "PictureSource",
    "audio": "AudioSource",
    "video": "VideoSource",
}
_TEXT_TAGS = {
    "pdf": "Representation",
    "picture": "TextDescription",
    "audio": "Transcript",
    "video": "Transcript",
}
_REGION_NUMBERS = {
    "pdf": (("page", "page"), ("firstX", "x1"), ("firstY", "y1"), ("secondX", "x2"), ("secondY", "y2")),
    "picture": (("firstX", "x1"), ("firstY", "y1"), ("secondX", "x2"), ("secondY", "y2")),
    "audio": (("begin", "begin"), ("end", "finish")),
    "video": (("begin", "begin"), ("end", "finish")),
}
_REGION_TAGS = {
    k: f"{n}Selection" for k, n in zip(_REGION_NUMBERS, ("PDF", "Picture", "Audio", "Video"), strict=True)
}


class Builder:
    """A project and the identifiers its elements refer to."""

    def __init__(self, project: CodedProject) -> None:
        self.project = project
        self.texts: dict[str, str] = {}
        self.users = self._users()
        self.codes = _identifiers(project.codes["path"], project.codes["guid"], "code")
        self.sources = _identifiers(project.sources["name"], project.sources["guid"], "source")
        self.cases = _identifiers(project.cases["name"], project.cases["guid"], "case")
        notes = project.notes[project.notes["about"] != "annotation"]
        self.notes = {
            g: (g if _GUID.match(g) else stable_guid(f"note:{g}")) for g in notes["guid"].astype(str)
        }
        kinds = project.variables.drop_duplicates("variable")
        self.variables = {name: stable_guid(f"variable:{name}") for name in kinds["variable"]}
        self.kinds = dict(zip(kinds["variable"], kinds["type"], strict=True))
        self.note_refs: dict[tuple[str, Any], list[str]] = defaultdict(list)
        for note in notes.itertuples():
            key = (note.target, int(note.start), int(note.end)) if note.about == "selection" else note.target
            self.note_refs[note.about, key].append(self.notes[note.guid])
        self.by_source = dict(list(project.codings.groupby("source", sort=False)))
        self.case_spans: dict[tuple[str, int, int], str] = {}
        for row in project.memberships[project.memberships["start"].notna()].itertuples():
            key = (row.source, int(row.start), int(row.end))
            self.case_spans[key] = stable_guid(f"membership:{key}")

    def _users(self) -> dict[str, str]:
        known = self.project.users
        users = {str(n) or str(i) or str(g): str(g) for n, g, i in known[["name", "guid", "id"]].to_numpy()}
        met = [*self.project.coders, *self.project.sources["coder"], *self.project.notes["coder"]]
        for name in met:
            if name and name not in users:
                users[str(name)] = stable_guid(f"user:{name}")
        return {name: g if _GUID.match(g) else stable_guid(f"user:{name}") for name, g in users.items()}


def project_element(builder: Builder) -> ET.Element:
    """The whole ``Project``."""
    project = builder.project
    root = _element("Project", {"xmlns": PROJECT, "name": project.name or "projet", "origin": ORIGIN})
    if builder.users:
        users = _add(root, "Users")
        short = dict(zip(project.users["name"], project.users["id"], strict=True))
        for name, guid in builder.users.items():
            _add(users, "User", {"guid": guid, "name": name, "id": short.get(name, "")})
    if len(project.codes):
        _codes(_add(root, "CodeBook"), builder)
    if builder.variables:
        variables = _add(root, "Variables")
        for name, guid in builder.variables.items():
            _add(
                variables,
                "Variable",
                {"guid": guid, "name": name, "typeOfVariable": _kind(builder.kinds[name])},
            )
    if builder.cases:
        cases = _add(root, "Cases")
        for row in project.cases.itertuples():
            _case(cases, builder, row)
    if builder.sources:
        sources = _add(root, "Sources")
        for row in project.sources.itertuples():
            _source(sources, builder, row)
    _notes(root, builder)
    _sets(root, builder, "targetGUID")
    _references(root, builder.note_refs["project", ""])
    return root


def codebook_element(builder: Builder) -> ET.Element:
    """The code tree as a ``CodeBook`` document."""
    root = _element("CodeBook", {"xmlns": CODEBOOK, "origin": ORIGIN})
    builder.note_refs.clear()
    _codes(root, builder)
    _sets(root, builder, "guid", only="code")
    return root


def _codes(parent: ET.Element, builder: Builder) -> None:
    frame = builder.project.codes
    made: dict[str, ET.Element] = {"": _add(parent, "Codes")}
    for row in frame.sort_values("path", key=lambda p: p.str.count("/"), kind="stable").itertuples():
        attributes = {
            "guid": builder.codes[row.path],
            "name": row.name,
            "isCodable": str(bool(row.codable)).lower(),
        }
        if _COLOR.match(str(row.color)):
            attributes["color"] = str(row.color)
        made[row.path] = _element("Code", attributes)
        _described(made[row.path], row.description)
        _references(made[row.path], builder.note_refs["code", row.path])
    for row in frame.itertuples():
        # The path, not the column of parents, which could lead a code back to itself.
        made.get(row.path.rpartition("/")[0], made[""]).append(made[row.path])


def _case(parent: ET.Element, builder: Builder, row: Any) -> None:
    element = _add(parent, "Case", {"guid": builder.cases[row.name], "name": row.name})
    _described(element, row.description)
    _values(element, builder, "case", row.name)
    members = builder.project.memberships
    own = members[members["case"] == row.name]
    for source in own.loc[own["start"].isna(), "source"]:
        _add(element, "SourceRef", {"targetGUID": builder.sources[source]})
    for span in own[own["start"].notna()].itertuples():
        guid = builder.case_spans[span.source, int(span.start), int(span.end)]
        _add(element, "SelectionRef", {"targetGUID": guid})


def _source(parent: ET.Element, builder: Builder, row: Any) -> None:
    guid = builder.sources[row.name]
    attributes = {"guid": guid, "name": row.name, **_who(builder, row.coder, row.date)}
    # A recording's text is a source of its own; a lone text that claims to be a recording is written as the text it is.
    spoken = row.kind in {"audio", "video"} and bool(row.text)
    tag = "TextSource" if spoken else _SOURCE_TAGS.get(row.kind, "TextSource")
    if tag == "TextSource":
        element = holder = _add(parent, tag, attributes | _text_path(builder, guid, row.text))
        _described(element, row.description)
    else:
        element = _add(parent, tag, attributes | ({"path": row.path} if row.path else {}))
        _described(element, row.description)
        holder = _element(_TEXT_TAGS[row.kind], {"guid": stable_guid(f"text:{guid}"), "name": row.name})
        holder.attrib |= _text_path(builder, guid, row.text)
    _selections(holder, builder, row.name)
    if holder is not element:
        regions = builder.project.regions
        after = [_region(builder, r) for r in regions[regions["source"] == row.name].itertuples()]
        # The schema wants the text of a picture before its selections, that of a page or recording after or before.
        parts = [*after, holder] if row.kind == "pdf" else [holder, *after]
        element.extend(p for p in parts if p is not holder or row.text or len(holder))
    own = builder.by_source.get(row.name)
    if own is not None:
        for coding in own[own["whole_source"].astype(bool)].itertuples():
            _coding(element, builder, coding)
    _references(element, builder.note_refs["source", row.name])
    _values(element, builder, "source", row.name)


def _selections(parent: ET.Element, builder: Builder, name: str) -> None:
    """One selection for each distinct span (and memo), then annotations, noted spans and case spans of their own."""
    taken: set[str] = set()
    open_notes = {
        k: v for (about, k), v in builder.note_refs.items() if about == "selection" and k[0] == name
    }
    spans: dict[tuple[int, int, str], list[Any]] = defaultdict(list)
    for row in builder.by_source.get(name, builder.project.codings.head(0)).itertuples():
        if not row.whole_source:
            spans[row.start, row.end, row.memo].append(row)
    for (start, end, memo), rows in spans.items():
        guid = str(rows[0].selection)
        if not _GUID.match(guid) or guid in taken:
            guid = stable_guid(f"selection:{name}:{start}:{end}:{memo}")
        taken.add(guid)
        element = _span(parent, builder, guid, (start, end), ("", ""), memo)
        for row in rows:
            _coding(element, builder, row)
        _references(element, open_notes.pop((name, start, end), []))
    for key, refs in open_notes.items():
        element = _span(parent, builder, stable_guid(f"noted:{key}"), key[1:], ("", ""), "")
        _references(element, refs)
    notes = builder.project.notes
    for note in notes[(notes["about"] == "annotation") & (notes["target"] == name)].itertuples():
        guid = note.guid if _GUID.match(str(note.guid)) else stable_guid(f"annotation:{note.guid}")
        span = (int(note.start), int(note.end))
        _span(parent, builder, guid, span, (note.coder, note.date), note.text).set("name", _clean(note.name))
    for (source, start, end), guid in builder.case_spans.items():
        if source == name:
            _span(parent, builder, guid, (start, end), ("", ""), "")


def _span(
    parent: ET.Element, builder: Builder, guid: str, span: tuple[int, int], who: tuple[str, str], memo: str
) -> ET.Element:
    places = {"startPosition": str(int(span[0])), "endPosition": str(int(span[1]))}
    element = _add(parent, "PlainTextSelection", {"guid": guid, **places, **_who(builder, *who)})
    _described(element, memo)
    return element


def _region(builder: Builder, row: Any) -> ET.Element:
    numbers = {
        attribute: f"{getattr(row, column):.0f}"
        for attribute, column in _REGION_NUMBERS[row.kind]
        if pd.notna(getattr(row, column))
    }
    guid = stable_guid(f"region:{row.guid}")
    element = _element(_REGION_TAGS[row.kind], {"guid": guid, "name": row.name, **numbers})
    _coding(element, builder, row)
    return element


def _coding(parent: ET.Element, builder: Builder, row: Any) -> None:
    guid = row.guid if _GUID.match(str(row.guid)) else stable_guid(f"coding:{row.guid}")
    element = _add(parent, "Coding", {"guid": guid, **_who(builder, row.coder, row.date)})
    _add(element, "CodeRef", {"targetGUID": builder.codes[row.code]})
    _references(element, builder.note_refs.get(("coding", row.guid), []))


def _notes(root: ET.Element, builder: Builder) -> None:
    kept = builder.project.notes[builder.project.notes["about"] != "annotation"]
    if kept.empty:
        return
    notes = _add(root, "Notes")
    for row in kept.itertuples():
        attributes = {"guid": builder.notes[row.guid], "name": row.name, **_who(builder, row.coder, row.date)}
        _add(_add(notes, "Note", attributes), "PlainTextContent").text = _clean(row.text)


def _sets(root: ET.Element, builder: Builder, reference: str, only: str = "") -> None:
    frame = builder.project.sets
    frame = frame[frame["kind"] == only] if only else frame
    if frame.empty:
        return
    sets = _add(root, "Sets")
    tags = {"code": ("MemberCode", builder.codes), "source": ("MemberSource", builder.sources)}
    tags["note"] = ("MemberNote", builder.notes)
    for (name, own), rows in frame.groupby(["set", "guid"], sort=False):
        guid = own if _GUID.match(str(own)) else stable_guid(f"set:{name}")
        element = _add(sets, "Set", {"guid": guid, "name": name})
        for kind in ("code", "source", "note"):
            tag, known = tags[kind]
            for member in rows.loc[rows["kind"] == kind, "member"]:
                if member in known:
                    _add(element, tag, {reference: known[member]})


def _values(parent: ET.Element, builder: Builder, kind: str, owner: str) -> None:
    frame = builder.project.variables
    for row in frame[(frame["owner_kind"] == kind) & (frame["owner"] == owner)].itertuples():
        element = _add(parent, "VariableValue")
        _add(element, "VariableRef", {"targetGUID": builder.variables[row.variable]})
        text = str(row.value).lower() if isinstance(row.value, bool) else str(row.value)
        _add(element, f"{_kind(row.type)}Value").text = _clean(text)


def _text_path(builder: Builder, guid: str, text: str) -> dict[str, str]:
    builder.texts[guid] = text
    return {"plainTextPath": f"internal://{guid}.txt"}


def _who(builder: Builder, coder: str, date: str) -> dict[str, str]:
    who = {"creatingUser": builder.users[coder]} if coder in builder.users else {}
    return who | ({"creationDateTime": str(date)} if _DATE.match(str(date)) else {})


def _kind(kind: str) -> str:
    return kind if kind in {"Text", "Boolean", "Integer", "Float", "Date", "DateTime"} else "Text"


def _identifiers(names: pd.Series, guids: pd.Series, kind: str) -> dict[str, str]:
    """A valid identifier, used once, for each name."""
    taken: set[str] = set()
    found = {}
    for name, guid in zip(names, guids, strict=True):
        good = (
            str(guid)
            if _GUID.match(str(guid)) and guid not in taken
            else stable_guid(f"{kind}:{name}:{guid}")
        )
        taken.add(good)
        found[name] = good
    return found


def _described(parent: ET.Element, text: str) -> None:
    if text:
        _add(parent, "Description").text = _clean(text)


def _references(parent: ET.Element, notes: list[str]) -> None:
    for note in notes:
        _add(parent, "NoteRef", {"targetGUID": note})


def _element(tag: str, attributes: dict[str, str]) -> ET.Element:
    return ET.Element(
        tag, {name: _clean(value) for name, value in attributes.items() if value != "" or name == "name"}
    )


def _add(parent: ET.Element, tag: str, attributes: dict[str, str] | None = None) -> ET.Element:
    element = _element(tag, attributes or {})
    parent.append(element)
    return element


def _clean(text: object) -> str:
    return _UNWRITABLE.sub("", str(text))
