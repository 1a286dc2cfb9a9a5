"""Figures of a living manuscript: a block control holding caption, picture and notes, redrawn from the object by id."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import quoteattr

from lxml import etree

from optima_research.publishing import _wordml as wordml
from optima_research.publishing.docx import NAMESPACES, caption_xml, note_xml
from optima_research.publishing.layout import Picture

PLACEHOLDER = re.compile(r"\s*\{\{\s*figure:([A-Za-z][\w.-]*)\s*\}\}\s*")
RELATIONS, TYPES = "word/_rels/document.xml.rels", "[Content_Types].xml"
EMU_PER_CM = 360_000

_OFFICE = "http://schemas.openxmlformats.org"
_DRAWING = (
    f'{NAMESPACES} xmlns:wp="{_OFFICE}/drawingml/2006/wordprocessingDrawing" '
    f'xmlns:a="{_OFFICE}/drawingml/2006/main" xmlns:pic="{_OFFICE}/drawingml/2006/picture"'
)


def link_figures(part: Any, pictures: Mapping[str, Picture]) -> list[str]:
    """Replace each paragraph that is only ``{{figure:id}}`` by its figure in a block control; return the ids met."""
    met = []
    for id_, paragraph in wordml.placeholders(part, PLACEHOLDER):
        met.append(id_)
        if id_ in pictures:
            control = wordml.block_control(f"figure:{id_}")
            fill_figure(control, id_, pictures[id_])
            paragraph.getparent().replace(paragraph, control)
    return met


def fill_figure(control: Any, id_: str, picture: Picture) -> None:
    """Put a figure, its caption and its notes in a block control, in place of what was there."""
    notes = [note_xml(note, last=note is picture.notes[-1]) for note in picture.notes]
    wordml.fill_block(control, [caption_xml(picture), _picture_xml(id_, picture), *notes])


def media_members(content: bytes, pictures: Mapping[str, Picture]) -> dict[str, bytes]:
    """The members of the file that the pictures need: their bytes, their relations, their type.

    Parameters
    ----------
    content : bytes
        The Word file.
    pictures : mapping of str to Picture
        Those it holds, by id.
    """
    if not pictures:
        return {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        relations, types = (etree.fromstring(archive.read(name)) for name in (RELATIONS, TYPES))
    space = f"{{{relations.nsmap[None]}}}"
    known = {relation.get("Id") for relation in relations}
    for id_ in pictures:
        if _relation(id_) not in known:
            relation = etree.SubElement(relations, f"{space}Relationship", Id=_relation(id_))
            relation.set("Type", f"{_OFFICE}/officeDocument/2006/relationships/image")
            relation.set("Target", _member(id_).removeprefix("word/"))
    if not any(item.get("Extension") == "png" for item in types):
        default = etree.Element(f"{{{types.nsmap[None]}}}Default", Extension="png", ContentType="image/png")
        types.insert(0, default)
    members = {_member(id_): picture.png for id_, picture in pictures.items()}
    for name, tree in ((RELATIONS, relations), (TYPES, types)):
        members[name] = etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)
    return members


def is_same(content: bytes, id_: str, picture: Picture) -> bool:
    """Whether the file already holds that very picture."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return _member(id_) in archive.namelist() and archive.read(_member(id_)) == picture.png


def _picture_xml(id_: str, picture: Picture) -> str:
    pixels, lines = struct.unpack(">II", picture.png[16:24])  # the header of a PNG
    wide = round(picture.width_cm * EMU_PER_CM)
    high = round(wide * lines / pixels)
    words = f"name={quoteattr(picture.caption)} descr={quoteattr(picture.alt)}"
    number = zlib.crc32(id_.encode()) & 0x7FFFFFFF
    return (
        f"<w:p {_DRAWING}><w:pPr><w:keepNext/></w:pPr><w:r><w:drawing>"
        f'<wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{wide}" cy="{high}"/>'
        f'<wp:docPr id="{number}" {words}/>'
        '<wp:cNvGraphicFramePr><a:graphicFrameLocks noChangeAspect="1"/></wp:cNvGraphicFramePr>'
        f'<a:graphic><a:graphicData uri="{_OFFICE}/drawingml/2006/picture"><pic:pic>'
        f'<pic:nvPicPr><pic:cNvPr id="{number}" {words}/><pic:cNvPicPr/></pic:nvPicPr>'
        f'<pic:blipFill><a:blip r:embed="{_relation(id_)}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
        f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{wide}" cy="{high}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr>'
        "</pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
    )


def _relation(id_: str) -> str:
    return f"optima_{re.sub('[^A-Za-z0-9]', '_', id_)}"


def _member(id_: str) -> str:
    return f"word/media/optima-{id_}.png"
