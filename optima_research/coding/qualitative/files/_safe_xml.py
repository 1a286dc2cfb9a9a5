"""XML from strangers: no document type, hence no entity; common faults of coding tools mended and counted."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET
from xml.parsers import expat

from optima_research.errors import SourceError
from optima_research.language import _

Element = ET.Element

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_CONTROL_REFERENCE = re.compile(r"&#(?:x0*(?:[0-8bBcCeEfF]|1[0-9a-fA-F])|0*(?:[0-8]|1[124-9]|2[0-9]|3[01]));")
_BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9A-Fa-f]+);)")
_FREE_TEXT = re.compile(r"<(?P<close>/?)(?P<name>PlainTextContent|Description)\b[^<>]*>")


class _RootReached(Exception):
    """The prologue is over."""


def parse_xml(data: bytes, where: str) -> tuple[Element, list[str]]:
    """The root element, and the repairs that were needed to read it.

    Raises
    ------
    SourceError
        A document type declaration (entities could be hidden in it), or XML that cannot be mended.
    """
    _refuse_doctype(data, where)
    try:
        return ET.fromstring(data), []
    except (ET.ParseError, ValueError, LookupError) as error:
        mended, repairs = _mend(data)
        first = error
    if repairs:
        try:
            _refuse_doctype(mended.encode(), where, "utf-8")
            return ET.fromstring(mended), repairs
        except (ET.ParseError, ValueError):
            pass
    raise SourceError(
        _("The XML cannot be read: {reason}.", reason=str(first)),
        where=where,
        hint=_("The file was probably cut short: export it again from the tool."),
    ) from first


def local_name(element: Element) -> str:
    """Tag without its namespace: tools disagree on the namespace, not on the names."""
    return element.tag.rpartition("}")[2]


def namespace(element: Element) -> str:
    """Namespace of a tag, empty when it has none."""
    return element.tag[1:].partition("}")[0] if element.tag.startswith("{") else ""


def _refuse_doctype(data: bytes, where: str, encoding: str | None = None) -> None:
    """Look as far as the root; ``encoding`` overrides the declared one, as when text is parsed, else a false one would
    stop this look before the document type and not the parser.
    """
    parser = expat.ParserCreate(encoding)

    def doctype(*_args: object) -> None:
        raise SourceError(
            _("The XML declares a document type; it is refused, because entities could hide in it."),
            where=where,
            hint=_("Export the project again from the tool."),
        )

    def element(*_args: object) -> None:
        raise _RootReached

    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = element
    try:
        parser.Parse(data, True)
    except (_RootReached, expat.ExpatError, ValueError, LookupError):
        return


def _mend(data: bytes) -> tuple[str, list[str]]:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    text = data.decode(encoding, errors="replace")
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    repairs = []
    clean = _CONTROL_REFERENCE.sub("", _CONTROL.sub("", text))
    if clean != text:
        repairs.append(_("Control characters were removed from the XML."))
    escaped = _BARE_AMPERSAND.sub("&amp;", _escape_free_text(clean))
    if escaped != clean:
        repairs.append(_("Unescaped & and < in memos were escaped."))
    return escaped, repairs


def _escape_free_text(text: str) -> str:
    """What stands between the tags of a memo, its marks escaped; one pass, whatever is left open."""
    pieces: list[str] = []
    opened, name, done = -1, "", 0
    for tag in _FREE_TEXT.finditer(text):
        if opened < 0 and not tag["close"] and not tag[0].endswith("/>"):
            opened, name = tag.end(), tag["name"]
        elif opened >= 0 and tag["close"] and tag["name"] == name:
            memo = text[opened : tag.start()].replace("<", "&lt;").replace(">", "&gt;")
            pieces += [text[done:opened], memo]
            opened, done = -1, tag.start()
    return "".join([*pieces, text[done:]])
