"""The few moves a manuscript needs in WordprocessingML: open the text parts, split runs, wrap text in a control."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any

from lxml import etree

from optima_research.errors import ExportError
from optima_research.language import _

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
NAMESPACES = {"w": W[1:-1]}
A4_TEXT = 9070
PREFIX = "optima:"
"""What the tag of our content controls begins with."""

_TEXT_PARTS = re.compile(r"word/(?:document|footnotes|endnotes|header\d*|footer\d*)\.xml")
Element = Any


def open_parts(content: bytes) -> dict[str, Element]:
    """The parts of a Word file that hold text: name -> parsed XML.

    Raises
    ------
    ExportError
        The file is not a Word file.
    """
    # No entity, no network: the manuscript comes from anywhere.
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = [name for name in archive.namelist() if _TEXT_PARTS.fullmatch(name)]
            parts = {name: etree.fromstring(archive.read(name), parser) for name in names}
    except (zipfile.BadZipFile, etree.XMLSyntaxError) as error:
        raise ExportError(
            _("This file is not a Word document (.docx)."),
            hint=_("In Word, save it as “Document Word (.docx)”, not .doc, .odt or .pdf."),
        ) from error
    if "word/document.xml" not in parts:
        raise ExportError(_("This file is not a Word document (.docx)."))
    return parts


def save_parts(
    content: bytes, parts: dict[str, Element], members: Mapping[str, bytes] | None = None
) -> bytes:
    """The file with those parts and members in place of its own; every other member is kept to the byte."""
    changed = {
        name: etree.tostring(part, xml_declaration=True, encoding="UTF-8", standalone=True)
        for name, part in parts.items()
    }
    changed |= members or {}
    result = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in dict.fromkeys([*source.namelist(), *changed]):
            target.writestr(name, changed[name] if name in changed else source.read(name))
    return result.getvalue()


def text_width(part: Element) -> int:
    """Width between the margins of the author's last page, in twentieths of a point; 16 cm where it is not said."""
    size, margins = ([*part.iter(f"{W}{name}")][-1:] for name in ("pgSz", "pgMar"))
    if not size or not margins:
        return A4_TEXT
    sides = sum(int(margins[0].get(f"{W}{side}", "0")) for side in ("left", "right"))
    return int(size[0].get(f"{W}w", "0")) - sides or A4_TEXT


def placeholders(part: Element, pattern: re.Pattern[str]) -> list[tuple[str, Element]]:
    """The paragraphs whose whole text matches: (what the pattern holds, paragraph)."""
    found = []
    for paragraph in paragraphs(part):
        match = pattern.fullmatch("".join(text.text or "" for text in paragraph.iter(f"{W}t")))
        if match:
            found.append((match[1], paragraph))
    return found


def block_control(id_: str) -> Element:
    """An empty control that holds paragraphs and tables."""
    control = etree.Element(f"{W}sdt", nsmap=NAMESPACES)
    properties = etree.SubElement(control, f"{W}sdtPr")
    for kind in ("alias", "tag"):
        etree.SubElement(properties, f"{W}{kind}").set(f"{W}val", PREFIX + id_)
    etree.SubElement(control, f"{W}sdtContent")
    return control


def fill_block(control: Element, pieces: list[str]) -> None:
    """Put pieces of WordprocessingML in a block control, in place of what was there."""
    content = control.find(f"{W}sdtContent")
    for child in list(content):
        content.remove(child)
    for piece in pieces:
        content.append(etree.fromstring(piece))


def paragraphs(part: Element) -> Iterator[Element]:
    """Every paragraph of a part, those of tables and text boxes included."""
    yield from part.iter(f"{W}p")


def controls(part: Element) -> Iterator[tuple[str, Element]]:
    """Our content controls: (id, ``w:sdt``). LibreOffice drops the tag and keeps the alias: either will do."""
    for control in part.iter(f"{W}sdt"):
        for name in ("tag", "alias"):
            found = control.find(f"{W}sdtPr/{W}{name}")
            value = found.get(f"{W}val", "") if found is not None else ""
            if value.startswith(PREFIX):
                yield value.removeprefix(PREFIX), control
                break


def control_text(control: Element) -> str:
    """The text a control shows."""
    return "".join(text.text or "" for text in control.iter(f"{W}t"))


def set_control_text(control: Element, text: str) -> None:
    """Change the text of an inline control, keeping the format of its first run."""
    content = control.find(f"{W}sdtContent")
    runs = list(content.iter(f"{W}r"))
    first = runs[0] if runs else etree.SubElement(content, f"{W}r")
    for child in [child for child in first if child.tag != f"{W}rPr"]:
        first.remove(child)
    first.append(_text(text))
    for run in runs[1:]:
        run.getparent().remove(run)


def has_tracked_changes(control: Element) -> bool:
    """Whether somebody is revising the inside of a control."""
    return next(control.iter(f"{W}ins", f"{W}del"), None) is not None


def wrap_text(
    paragraph: Element, pattern: re.Pattern[str], replace: Callable[[re.Match[str]], tuple[str, str] | None]
) -> int:
    """Replace each match in a paragraph by a content control, even where Word split it across runs.

    Parameters
    ----------
    paragraph : Element
        A ``w:p``.
    pattern : Pattern
        What is looked for in its text.
    replace : function
        Match -> (id, text), or ``None`` to leave it.

    Returns
    -------
    int
        Number of controls made.
    """
    if not pattern.search("".join(text.text or "" for text in paragraph.iter(f"{W}t"))):
        return 0
    made = 0
    owned = [run for run in paragraph.iter(f"{W}r") if _owner(run) is paragraph]
    for parent in dict.fromkeys(run.getparent() for run in owned):
        made += _wrap_among(parent, pattern, replace)
    return made


def _wrap_among(
    parent: Element, pattern: re.Pattern[str], replace: Callable[[re.Match[str]], tuple[str, str] | None]
) -> int:
    """Wrap the matches among the runs of one parent (a paragraph, or a link or insertion in it)."""
    for run in parent.findall(f"{W}r"):
        _one_child_each(run)
    runs = parent.findall(f"{W}r")
    texts = [_run_text(run) for run in runs]
    wanted = [(found, replace(found)) for found in pattern.finditer("".join(texts))]
    made = [(found, control) for found, control in wanted if control is not None]
    for found, control in reversed(made):  # from the end, so that earlier positions stay true
        _wrap_range(runs, texts, found.start(), found.end(), _control(*control))
    return len(made)


def _wrap_range(runs: list[Element], texts: list[str], start: int, end: int, control: Element) -> None:
    at, touched = 0, []
    for position, text in enumerate(texts):
        if at < end and at + len(text) > start:
            touched.append((position, max(start - at, 0), min(end - at, len(text))))
        at += len(text)
    first, left, _right = touched[0]
    last, _left, right = touched[-1]
    _formatted(control, runs[first])
    parent, place = runs[first].getparent(), runs[first].getparent().index(runs[first])
    before, after = texts[first][:left], texts[last][right:]
    pieces = [_run_like(runs[first], before)] if before else []
    pieces.append(control)
    if after:
        pieces.append(_run_like(runs[last], after))
    for position, _from, _to in touched:
        parent.remove(runs[position])
    for offset, piece in enumerate(pieces):
        parent.insert(place + offset, piece)
    # The text before the match may hold an earlier one: it is now carried by the first new run.
    runs[first], texts[first] = pieces[0], before
    for position, _from, _to in touched[1:]:
        texts[position] = ""


def _control(id_: str, text: str) -> Element:
    name = PREFIX + id_
    control = etree.Element(f"{W}sdt", nsmap=NAMESPACES)
    properties = etree.SubElement(control, f"{W}sdtPr")
    for kind in ("alias", "tag"):
        etree.SubElement(properties, f"{W}{kind}").set(f"{W}val", name)
    etree.SubElement(properties, f"{W}text")
    content = etree.SubElement(control, f"{W}sdtContent")
    run = etree.SubElement(content, f"{W}r")
    run.append(_text(text))
    return control


def number_controls(part: Element) -> None:
    """Give each of our controls an id of its own, as Word wants, the same at each run."""
    seen: set[int] = set()
    for id_, control in controls(part):
        number = zlib.crc32(id_.encode()) & 0x7FFFFFFF
        while number in seen:
            number += 1
        seen.add(number)
        properties = control.find(f"{W}sdtPr")
        if properties.find(f"{W}id") is None:
            after = properties.find(f"{W}tag") if properties.find(f"{W}tag") is not None else properties[0]
            identifier = etree.Element(f"{W}id")
            identifier.set(f"{W}val", str(number))
            after.addnext(identifier)


def _formatted(control: Element, run: Element) -> None:
    style = run.find(f"{W}rPr")
    if style is not None:
        control.find(f"{W}sdtContent/{W}r").insert(0, deepcopy(style))


def _one_child_each(run: Element) -> None:
    """Split a run that holds text and tabs or breaks into runs of one child, with the same format."""
    children = [child for child in run if child.tag != f"{W}rPr"]
    for child in reversed(children[1:]):
        twin = etree.Element(f"{W}r")
        style = run.find(f"{W}rPr")
        if style is not None:
            twin.append(deepcopy(style))
        twin.append(child)
        run.addnext(twin)


def _run_text(run: Element) -> str:
    """The text of a one-child run; anything else than text counts as one character that matches nothing."""
    child = next((child for child in run if child.tag != f"{W}rPr"), None)
    if child is None:
        return ""
    return (child.text or "") if child.tag == f"{W}t" else "\ufffc"


def _run_like(run: Element, text: str) -> Element:
    twin = etree.Element(f"{W}r")
    style = run.find(f"{W}rPr")
    if style is not None:
        twin.append(deepcopy(style))
    twin.append(_text(text))
    return twin


def _text(text: str) -> Element:
    element = etree.Element(f"{W}t")
    element.text = text
    element.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return element


def _owner(run: Element) -> Element:
    """The paragraph a run belongs to; a text box inside a paragraph has its own."""
    parent = run.getparent()
    while parent is not None and parent.tag != f"{W}p":
        if parent.tag == f"{W}sdt":
            return None
        parent = parent.getparent()
    return parent
