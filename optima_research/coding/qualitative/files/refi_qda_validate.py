"""The strict view of a REFI-QDA file: every point where it departs from the standard, and a repaired copy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from optima_research.coding.qualitative.files._archive import Archive
from optima_research.coding.qualitative.files._refi_elements import guid, integer
from optima_research.coding.qualitative.files._safe_xml import Element, local_name, namespace, parse_xml
from optima_research.coding.qualitative.files.refi_qda import (
    CODEBOOK_NAMESPACE,
    PROJECT_NAMESPACE,
    read_qdc,
    read_qdpx,
)
from optima_research.coding.qualitative.files.refi_qda_write import write_qdc, write_qdpx
from optima_research.errors import SourceError
from optima_research.language import _

_GUID = re.compile(
    r"^(\{[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}|[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})$"
)
_SELECTION = ("Description", "Coding", "NoteRef")
_AFTER_TEXT = ("Coding", "NoteRef", "VariableValue")
# Children in the order the schema demands; attributes that must be there; whether one child at least is needed.
_GRAMMAR: dict[str, tuple[tuple[str, ...], tuple[str, ...], bool]] = {
    "Project": (
        ("Users", "CodeBook", "Variables", "Cases", "Sources", "Notes", "Links", "Sets", "Graphs", "Description",
         "NoteRef"),
        ("name",), False,
    ),
    "Users": (("User",), (), True),
    "User": ((), ("guid",), False),
    "CodeBook": (("Codes", "Sets"), (), True),
    "Codes": (("Code",), (), True),
    "Code": (("Description", "NoteRef", "Code"), ("guid", "name", "isCodable"), False),
    "Variables": (("Variable",), (), True),
    "Variable": (("Description",), ("guid", "name", "typeOfVariable"), False),
    "Cases": (("Case",), (), True),
    "Case": (("Description", "CodeRef", "VariableValue", "SourceRef", "SelectionRef"), ("guid",), False),
    "TextSource": (("Description", "PlainTextContent", "PlainTextSelection", *_AFTER_TEXT), ("guid",), False),
    "PlainTextSelection": (_SELECTION, ("guid", "startPosition", "endPosition"), False),
    "Coding": (("CodeRef", "NoteRef"), ("guid",), True),
    "CodeRef": ((), ("targetGUID",), False),
    "NoteRef": ((), ("targetGUID",), False),
    "SourceRef": ((), ("targetGUID",), False),
    "SelectionRef": ((), ("targetGUID",), False),
    "PDFSource": (("Description", "PDFSelection", "Representation", *_AFTER_TEXT), ("guid",), False),
    "PDFSelection": ((*_SELECTION[:1], "Representation", *_SELECTION[1:]),
                     ("guid", "page", "firstX", "firstY", "secondX", "secondY"), False),
    "Notes": (("Note",), (), True),
    "Note": (("Description", "PlainTextContent", "PlainTextSelection", *_AFTER_TEXT), ("guid",), False),
    "Links": (("Link",), (), True),
    "Link": (("NoteRef",), ("guid",), False),
    "Sets": (("Set",), (), True),
    "Set": (("Description", "MemberCode", "MemberSource", "MemberNote"), ("guid", "name"), False),
}  # fmt: skip


class _Fault(NamedTuple):
    rule: str
    element: str
    message: str


def validate(path: str | Path) -> pd.DataFrame:
    """Points where a ``.qdpx`` or ``.qdc`` departs from REFI-QDA 1.5; an empty table for a clean file.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    DataFrame
        ``rule element message count``. ``rule`` is one of ``namespace``, ``container``, ``structure``,
        ``attribute``, ``identifier``, ``reference``, ``position``, ``text``.

    Raises
    ------
    SourceError
        The file cannot be opened, or its XML cannot be mended.

    Notes
    -----
    The checks follow the published schema's sequences and required attributes; they need no schema file.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> folder = tempfile.TemporaryDirectory()
    >>> import pandas as pd
    >>> from optima_research.coding.qualitative import coded_project, write_qdpx
    >>> project = coded_project(
    ...     pd.DataFrame({"name": ["E1"], "text": ["Le budget est voté."]}),
    ...     pd.DataFrame({"source": ["E1"], "start": [3], "end": [9], "code": ["pilotage/budget"], "coder": ["Anne"]}))
    >>> len(validate(write_qdpx(project, Path(folder.name) / "projet.qdpx")))
    0
    >>> folder.cleanup()
    """
    path = Path(path)
    faults: list[_Fault] = []
    if path.suffix.casefold() == ".qdc":
        try:
            root, repairs = parse_xml(path.read_bytes(), path.name)
        except OSError as error:
            raise SourceError(
                _("The file cannot be opened."), where=path.name, hint=_("Check the name and the folder.")
            ) from error
    else:
        with Archive(path) as archive:
            found = archive.at_root(".qde")
            if not found:
                raise SourceError(
                    _("The archive holds no .qde file at its root."),
                    where=path.name,
                    hint=_("Check that the file is a project exported as REFI-QDA (.qdpx)."),
                )
            root, repairs = parse_xml(archive.read(found[0]), found[0])
            faults += [*_container(found), *_texts(root, archive)]
    faults += [_Fault("structure", local_name(root), repair) for repair in repairs]
    faults += [*_namespace(root), *_structure(root), *_identifiers(root)]
    frame = pd.DataFrame(faults, columns=["rule", "element", "message"])
    counted = frame.groupby(["rule", "element", "message"], sort=False).size()
    return counted.rename("count").reset_index()


def repair(path: str | Path, target: str | Path) -> Path:
    """Read a file leniently and write it back clean.

    Parameters
    ----------
    path : str or Path
        A ``.qdpx`` or ``.qdc`` as some tool wrote it.
    target : str or Path
        The clean file to write, of the same kind.

    Returns
    -------
    Path

    Notes
    -----
    The copy has ``project.qde``, code-point offsets on LF text, one selection a span and no byte-order mark. Media of
    pages, pictures and recordings are not copied.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> folder = tempfile.TemporaryDirectory()
    >>> import pandas as pd
    >>> from optima_research.coding.qualitative import coded_project, write_qdpx
    >>> project = coded_project(
    ...     pd.DataFrame({"name": ["E1"], "text": ["Le budget est voté."]}),
    ...     pd.DataFrame({"source": ["E1"], "start": [3], "end": [9], "code": ["pilotage/budget"], "coder": ["Anne"]}))
    >>> path = write_qdpx(project, Path(folder.name) / "projet.qdpx")
    >>> repair(path, Path(folder.name) / "propre.qdpx").name
    'propre.qdpx'
    >>> folder.cleanup()
    """
    if Path(path).suffix.casefold() == ".qdc":
        return write_qdc(read_qdc(path), target)
    return write_qdpx(read_qdpx(path), target)


def _container(found: list[str]) -> Iterator[_Fault]:
    if len(found) > 1:
        yield _Fault("container", "Project", _("Several .qde files at the root of the archive."))
    if found[0] != "project.qde":
        yield _Fault("container", "Project", _("The project file is called « {name} ».", name=found[0]))


def _namespace(root: Element) -> Iterator[_Fault]:
    expected = PROJECT_NAMESPACE if local_name(root) == "Project" else CODEBOOK_NAMESPACE
    if namespace(root) != expected:
        yield _Fault("namespace", local_name(root), _("The namespace should be {name}.", name=expected))


def _structure(root: Element) -> Iterator[_Fault]:
    for element in root.iter():
        name = local_name(element)
        if name not in _GRAMMAR:
            continue
        order, required, needs_child = _GRAMMAR[name]
        for attribute in required:
            if attribute not in element.attrib:
                yield _Fault("attribute", name, _("Attribute {name} is missing.", name=attribute))
        places = []
        for child in element:
            if local_name(child) in order:
                places.append(order.index(local_name(child)))
            else:
                yield _Fault("structure", name, _("« {name} » has no place here.", name=local_name(child)))
        if places != sorted(places):
            yield _Fault("structure", name, _("The children are not in the order of the schema."))
        if needs_child and not len(element):
            yield _Fault("structure", name, _("The element is empty."))


def _identifiers(root: Element) -> Iterator[_Fault]:
    seen: set[str] = set()
    cases = {guid(e.get("guid")) for e in root.iter() if local_name(e) == "Case"}
    references = {"MemberCode", "MemberSource", "MemberNote"}
    for element in root.iter():
        name, own = local_name(element), element.get("guid")
        if own is None or name in references:
            continue
        if not _GUID.match(own):
            yield _Fault("identifier", name, _("An identifier is not a GUID."))
        # NVivo gives a case and its code the same identifier on purpose.
        if guid(own) in seen and guid(own) not in cases:
            yield _Fault("identifier", name, _("An identifier is used twice."))
        seen.add(guid(own))
    for element in root.iter():
        name = local_name(element)
        for attribute in ("targetGUID", "creatingUser", "modifyingUser", "creatingUserGUID"):
            target = element.get(attribute)
            if target is not None and guid(target) not in seen:
                yield _Fault("reference", name, _("{name} points to nothing in the file.", name=attribute))


def _texts(root: Element, archive: Archive) -> Iterator[_Fault]:
    known: dict[str, tuple[bool, int]] = {}
    for element in root.iter():
        reference = element.get("plainTextPath")
        if reference is None:
            continue
        name = local_name(element)
        member = archive.find(reference)
        if member is None:
            yield _Fault("text", name, _("A text is not in the archive."))
            continue
        if not member.startswith("sources/"):
            yield _Fault("container", name, _("Texts should be in the folder sources/."))
        if member not in known:
            data = archive.read(member)
            length = len(data.decode("utf-8", "replace").removeprefix("\ufeff"))
            known[member] = (data.startswith(b"\xef\xbb\xbf"), length)
        marked, length = known[member]
        if marked:
            yield _Fault("text", name, _("A text begins with a byte-order mark."))
        for child in element:
            if local_name(child) == "PlainTextSelection":
                start, end = integer(child.get("startPosition")), integer(child.get("endPosition"))
                if not 0 <= start <= end <= length:
                    yield _Fault("position", "PlainTextSelection", _("A position is out of the text."))
