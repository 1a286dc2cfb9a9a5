"""DDI-Codebook 2.5: the description of a survey as data archives (Quetelet-Progedo, CDSP) take it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from optima_research.codebook.book import Codebook
from optima_research.codebook.kinds import ItemSetKind, Measure, Role
from optima_research.codebook.variable import Variable
from optima_research.errors import CodebookError
from optima_research.language import _, current_language
from optima_research.results.files import write_bytes

NAMESPACE = "ddi:codebook:2_5"
_GROUPS = {ItemSetKind.MULTIPLE: "multipleResp", ItemSetKind.GRID: "grid"}
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def write_ddi(codebook: Codebook, path: str | Path, *, title: str = "") -> Path:
    """Write a codebook as DDI-Codebook 2.5.

    Parameters
    ----------
    codebook : Codebook
        Wording, labels, answers, missing codes, universes, sets and scales are written; no answer of anybody is.
    path : str or Path
        ``.xml``.
    title : str
        Title of the study; that of the codebook by default.

    Returns
    -------
    Path

    Raises
    ------
    CodebookError
        Neither the call nor the codebook gives a title, which the standard requires.

    Notes
    -----
    Elements follow the order of the schema of DDI-Codebook 2.5: in ``var``, ``labl security qstn invalrng universe
    catgry concept varFormat notes``. ``nature`` is the level of measurement, ``catgry missing="Y"`` a code declared
    missing, ``missType`` its kind. Sets and scales are ``varGrp``; reversed items of a scale are in its ``txt``.

    Examples
    --------
    >>> import tempfile
    >>> book = Codebook([Variable("sexe", "Vous êtes", values={"F": "Une femme"})], title="Baromètre")
    >>> path = write_ddi(book, Path(tempfile.mkdtemp()) / "barometre.xml")
    >>> ET.parse(path).find(".//{ddi:codebook:2_5}qstnLit").text
    'Vous êtes'
    """
    told = title or codebook.title
    if not told.strip():
        raise CodebookError(
            _("DDI requires the title of the study."), parameter="title", hint=_('Give it: title="…".')
        )
    root = ET.Element("codeBook", {"xmlns": NAMESPACE, "version": "2.5", "xml:lang": current_language()})
    citation = ET.SubElement(ET.SubElement(root, "stdyDscr"), "citation")
    _text(ET.SubElement(citation, "titlStmt"), "titl", told)
    described = ET.SubElement(root, "dataDscr")
    ids = {name: f"V{number}" for number, name in enumerate(codebook.names, start=1)}
    _groups(described, codebook, ids)
    for variable in codebook:
        _variable(described, variable, ids[variable.name])
    ET.indent(root)
    content: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return write_bytes(Path(path), content + b"\n")


def _groups(parent: ET.Element, codebook: Codebook, ids: dict[str, str]) -> None:
    for number, group in enumerate(codebook.sets, start=1):
        kind = _GROUPS.get(ItemSetKind(group.kind), "other")
        other = {} if kind != "other" else {"otherType": str(group.kind)}
        members = " ".join(ids[name] for name in group.members)
        told = {"ID": f"G{number}", "name": group.name, "type": kind, **other, "var": members}
        _text(ET.SubElement(parent, "varGrp", _clean(told)), "labl", group.label)
    for number, scale in enumerate(codebook.scales, start=1):
        members = " ".join(ids[name] for name in scale.items)
        told = {"ID": f"S{number}", "name": scale.name, "type": "other", "otherType": "scale", "var": members}
        element = ET.SubElement(parent, "varGrp", _clean(told))
        _text(element, "labl", scale.label)
        names = ", ".join(scale.reversed)
        _text(element, "txt", _("Reversed items: {names}.", names=names) if names else "")


def _variable(parent: ET.Element, variable: Variable, id_: str) -> None:
    # In the order of the schema: an element at another place makes the file invalid.
    element = ET.SubElement(parent, "var", _clean(_attributes(variable, id_)))
    _text(element, "labl", variable.label or variable.question or variable.name)
    _text(element, "security", variable.identifier or "")
    if variable.question:
        _text(ET.SubElement(element, "qstn"), "qstnLit", variable.question)
    if variable.missing:
        invalid = ET.SubElement(element, "invalrng")
        for code in variable.missing:
            ET.SubElement(invalid, "item", _clean({"VALUE": str(code)}))
    _text(element, "universe", variable.universe or variable.condition)
    for code, label in variable.values.items():
        _category(element, code, label, {})
    for code, kind in variable.missing.items():
        _category(element, code, kind.label, {"missing": "Y", "missType": str(kind)})  # type: ignore[union-attr]
    _text(element, "concept", variable.group)
    ET.SubElement(element, "varFormat", _format(variable))
    _text(element, "notes", _("Unit: {unit}.", unit=variable.unit) if variable.unit else "")


def _attributes(variable: Variable, id_: str) -> dict[str, str]:
    found = {"ID": id_, "name": variable.name}
    if variable.role == Role.WEIGHT:
        found["wgt"] = "wgt"
    if variable.measure not in (Measure.TEXT, Measure.DATE):
        found["intrvl"] = "contin" if Measure(variable.measure).is_number else "discrete"
        found["nature"] = str(variable.measure)
    return found


def _format(variable: Variable) -> dict[str, str]:
    if variable.measure == Measure.DATE:
        return {"type": "character", "category": "date"}
    texts = variable.measure == Measure.TEXT or any(isinstance(code, str) for code in variable.values)
    return {"type": "character" if texts else "numeric"}


def _category(parent: ET.Element, code: Any, label: str, attributes: dict[str, str]) -> None:
    element = ET.SubElement(parent, "catgry", attributes)
    _text(element, "catValu", str(code))
    _text(element, "labl", label)


def _text(parent: ET.Element, tag: str, text: str) -> None:
    """A child that holds a text; none where there is nothing to say."""
    if text:
        ET.SubElement(parent, tag).text = _NOT_XML.sub("", text)


def _clean(attributes: dict[str, str]) -> dict[str, str]:
    return {name: _NOT_XML.sub("", text) for name, text in attributes.items()}
