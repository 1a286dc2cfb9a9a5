"""Small French REFI-QDA archives with the traits of each tool, written by hand here: nobody's real interview."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid5
from xml.sax.saxutils import escape, quoteattr

SPACE = UUID("00000000-0000-0000-0000-000000000007")

TEXT = (
    "ENQUÊTEUR : Comment décririez-vous le pilotage ?\r\n"
    "ÉLUE : C'est d'abord un budget 😀 qu'on vote en décembre, puis des réunions.\r\n"
    "ENQUÊTEUR : Et les agents ?\r\n"
    "ÉLUE : Ils manquent de temps 🚒🚒 pour lire les indicateurs, mais la confiance est là.\r\n"
)
SPANS = {
    "un budget": "pilotage/budget",
    "des réunions": "pilotage/réunions",
    "manquent de temps": "freins",
    "lire les indicateurs": "pilotage/usage",
    "la confiance est là": "confiance",
}


def guid(name: str) -> str:
    """A stable identifier for the tests."""
    return str(uuid5(SPACE, name)).upper()


@dataclass
class Tool:
    """How one tool writes."""

    origin: str
    utf16: bool = False
    newline: str = "\n"
    count_crlf_as_two: bool = True
    bom: bool = False
    folder: str = "sources"
    project_file: str = "project.qde"
    namespace: str = "urn:QDA-XML:project:1.0"
    names_in_selection: bool = False
    braces: bool = False
    one_selection_each: bool = True
    attributes: str = ""
    extra: str = ""
    codings: list[tuple[str, str, str]] = field(default_factory=list)


NVIVO = Tool(
    "NVivo 12.6", utf16=True, newline="\r\n", bom=True, folder="Sources", names_in_selection=True,
    project_file="project.qde",
)  # fmt: skip
ATLAS = Tool(
    "ATLAS.ti 23",
    newline="\r\n",
    count_crlf_as_two=False,
    project_file="Mon projet.qde",
    one_selection_each=False,
)
QUALCODER = Tool("QualCoder 3.7", bom=True, names_in_selection=True)
MAXQDA = Tool("MAXQDA 24", newline="\r\n", names_in_selection=True, namespace="urn:QDA-XML:codebook:0:4")
QC = Tool("qc 1.3")


def position(text: str, index: int, tool: Tool) -> int:
    """What ``tool`` writes for the code point ``index`` of LF text."""
    before = text[:index]
    shift = before.count("\n") if tool.newline == "\r\n" and tool.count_crlf_as_two else 0
    wide = sum(ord(c) > 0xFFFF for c in before) if tool.utf16 else 0
    return index + shift + wide


def source_xml(tool: Tool, name: str, text: str, spans: dict[str, str], coders: tuple[str, ...]) -> str:
    """One TextSource whose spans are looked up in the text."""
    lf = text.replace("\r\n", "\n")
    selections = []
    for phrase, code in spans.items():
        start = lf.index(phrase)
        first, last = position(lf, start, tool), position(lf, start + len(phrase), tool)
        label = f" name={quoteattr(phrase)}" if tool.names_in_selection else ""
        codings = [
            f'<Coding guid="{guid(name + phrase + coder)}" creatingUser="{guid(coder)}" '
            f'creationDateTime="2014-03-02T10:00:00Z"><CodeRef targetGUID="{shown(guid(code), tool)}"/></Coding>'
            for coder in coders
        ]
        groups = [[c] for c in codings] if tool.one_selection_each else [codings]
        for i, group in enumerate(groups):
            # The selection always names the first user: NVivo's habit, and the trap.
            selections.append(
                f'<PlainTextSelection guid="{guid(name + phrase + str(i))}" startPosition="{first}" '
                f'endPosition="{last}" creatingUser="{guid("Anne")}"{label}>{"".join(group)}</PlainTextSelection>'
            )
    return (
        f'<TextSource guid="{guid(name)}" name={quoteattr(name)} plainTextPath="internal://{guid(name)}.txt" '
        f'creatingUser="{guid("Anne")}">{"".join(selections)}</TextSource>'
    )


def shown(identifier: str, tool: Tool) -> str:
    """Identifier with the tool's braces and case."""
    return f"{{{identifier.lower()}}}" if tool.braces else identifier


def code_xml(paths: list[str], tool: Tool) -> str:
    """The nested code tree of some paths."""

    def inside(parent: str) -> str:
        children = [p for p in paths if p.rpartition("/")[0] == parent]
        return "".join(
            f'<Code guid="{shown(guid(p), tool)}" name={quoteattr(p.rpartition("/")[2])} isCodable="true" '
            f'color="#AA3300"><Description>Définition de {escape(p)}</Description>{inside(p)}</Code>'
            for p in children
        )

    return f"<CodeBook><Codes>{inside('')}</Codes></CodeBook>"


ALL_CODES = ["confiance", "freins", "pilotage", "pilotage/budget", "pilotage/réunions", "pilotage/usage"]


def archive(
    folder: Path, tool: Tool, *, texts: dict[str, str] | None = None, spans: dict[str, str] | None = None,
    coders: tuple[str, ...] = ("Anne", "Bruno"), inner: str = "", codes: list[str] | None = None, name: str = "p.qdpx",
) -> Path:  # fmt: skip
    """Write a .qdpx of that tool and return its path."""
    texts = {"E01 élue": TEXT} if texts is None else texts
    spans = SPANS if spans is None else spans
    sources = "".join(
        source_xml(tool, n, t, {p: c for p, c in spans.items() if p in t.replace("\r\n", "\n")}, coders)
        for n, t in texts.items()
    )
    users = "".join(f'<User guid="{guid(c)}" name="{c}" id="{c[0]}"/>' for c in coders)
    xml = (
        f'<?xml version="1.0" encoding="utf-8"?><Project xmlns="{tool.namespace}" name="Essai" '
        f'origin="{tool.origin}" creatingUserGUID="{guid("Anne")}" {tool.attributes}>'
        f"<Users>{users}</Users>{code_xml(codes or ALL_CODES, tool)}{inner}"
        f"<Sources>{sources}</Sources>{tool.extra}</Project>"
    )
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(tool.project_file, xml)
        for n, t in texts.items():
            body = t.replace("\r\n", "\n").replace("\n", tool.newline)
            file.writestr(f"{tool.folder}/{guid(n)}.txt", ("\ufeff" if tool.bom else "") + body)
    return path


def zipped(members: dict[str, bytes | str]) -> bytes:
    """An archive in memory."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, data in members.items():
            file.writestr(name, data)
    return buffer.getvalue()
