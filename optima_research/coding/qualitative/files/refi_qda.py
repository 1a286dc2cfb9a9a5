"""REFI-QDA projects (.qdpx) and codebooks (.qdc) of NVivo, ATLAS.ti, MAXQDA, QualCoder and others.

Lenient: what a tool got wrong is mended and reported, what has no place here is reported as lost. The strict view of
the same file is :func:`optima_research.coding.qualitative.files.refi_qda_validate.validate`.
"""

from __future__ import annotations

from pathlib import Path

from optima_research.coding.qualitative.files import _refi_assemble as assemble
from optima_research.coding.qualitative.files._archive import Archive, decode_text
from optima_research.coding.qualitative.files._refi_elements import Document, Source, read_document
from optima_research.coding.qualitative.files._safe_xml import Element, local_name, namespace, parse_xml
from optima_research.coding.qualitative.projects.import_report import ReportBuilder
from optima_research.coding.qualitative.projects.project import CodedProject
from optima_research.errors import SourceError
from optima_research.language import _

PROJECT_NAMESPACE = "urn:QDA-XML:project:1.0"
CODEBOOK_NAMESPACE = "urn:QDA-XML:codebook:1.0"
_MOST_REPEATED = 20_000_000


def read_qdpx(path: str | Path) -> CodedProject:
    """Read a REFI-QDA project whatever the tool that wrote it.

    Parameters
    ----------
    path : str or Path
        The ``.qdpx`` archive.

    Returns
    -------
    CodedProject
        Spans as code points on LF text; coder from the ``Coding``; codes keyed by path. ``.report`` says which
        offset convention was found for each source, what was mended and what was lost.

    Raises
    ------
    SourceError
        Not a zip archive, no or several project files in it, unsafe paths, unreadable XML.

    Notes
    -----
    The standard counts code points but NVivo for Windows writes UTF-16 units, ATLAS.ti counts a line end for one and
    QualCoder adds a byte-order mark: each source is resolved by evidence (see ``offsets.resolve_offsets``).

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
    >>> read_qdpx(path).codings[["text", "code", "coder"]].values.tolist()
    [['budget', 'pilotage/budget', 'Anne']]
    >>> folder.cleanup()
    """
    path = Path(path)
    with Archive(path) as archive:
        found = archive.at_root(".qde")
        if len(found) != 1:
            raise SourceError(
                _(
                    "A REFI-QDA project holds one .qde file at its root; this archive holds {n}.",
                    n=len(found),
                ),
                where=path.name,
                got=", ".join(found) or None,
                hint=_("Check that the file is a project exported as REFI-QDA (.qdpx)."),
            )
        root, repairs = parse_xml(archive.read(found[0]), f"{path.name}/{found[0]}")
        if local_name(root) != "Project":
            raise SourceError(
                _("The root element is « {name} », not « Project ».", name=local_name(root)),
                where=path.name,
                hint=_("Check that the file is a project exported as REFI-QDA (.qdpx)."),
            )
        report = ReportBuilder(path.name, root.get("origin", ""))
        _note_form(root, repairs, found[0], report)
        document = read_document(root)
        texts = _Texts(archive, document, report)
        return assemble.project(document, texts.of, report)


def read_qdc(path: str | Path) -> CodedProject:
    """Read a REFI-QDA codebook: a project with codes and sets only.

    Parameters
    ----------
    path : str or Path
        The ``.qdc`` file (XML).

    Raises
    ------
    SourceError
        Unreadable XML, or another kind of document.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> folder = tempfile.TemporaryDirectory()
    >>> import pandas as pd
    >>> from optima_research.coding.qualitative import coded_project, write_qdc
    >>> project = coded_project(
    ...     pd.DataFrame({"name": ["E1"], "text": ["Le budget est voté."]}),
    ...     pd.DataFrame({"source": ["E1"], "start": [3], "end": [9], "code": ["pilotage/budget"], "coder": ["Anne"]}))
    >>> read_qdc(write_qdc(project, Path(folder.name) / "grille.qdc")).codes["path"].tolist()
    ['pilotage', 'pilotage/budget']
    >>> folder.cleanup()
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(
            _("The file cannot be opened."), where=path.name, hint=_("Check the name and the folder.")
        ) from error
    root, repairs = parse_xml(data, path.name)
    if local_name(root) not in {"CodeBook", "Project"}:
        raise SourceError(
            _("The root element is « {name} », not « CodeBook ».", name=local_name(root)),
            where=path.name,
            hint=_("Check that the file is a codebook exported as REFI-QDA (.qdc)."),
        )
    report = ReportBuilder(path.name, root.get("origin", ""))
    _note_form(root, repairs, "", report)
    return assemble.project(read_document(root), lambda _source: "", report)


def _note_form(root: Element, repairs: list[str], member: str, report: ReportBuilder) -> None:
    found = namespace(root)
    if found not in {PROJECT_NAMESPACE, CODEBOOK_NAMESPACE}:
        shown = found or "–"
        report.add(
            "repaired", report.file, _("Unexpected namespace « {name} », read all the same.", name=shown)
        )
    if member and member != "project.qde":
        report.add("repaired", member, _("The project file is called « {name} ».", name=member))
    for repair in repairs:
        report.add("repaired", report.file, repair)
    if root.get("basePath"):
        report.add(
            "warning", report.file, _("The file gives away a folder of the machine that wrote it (basePath).")
        )


class _Texts:
    """Finds the text of a source: inside the XML, in the archive, or beside it."""

    def __init__(self, archive: Archive, document: Document, report: ReportBuilder) -> None:
        self.archive = archive
        self.document = document
        self.report = report
        self._seen: set[str] = set()
        self._repeated = 0

    def of(self, source: Source) -> str:
        """The raw text, empty (and reported) when it cannot be found."""
        if source.content is not None:
            return source.content
        reference = source.attributes.get("plainTextPath", "")
        if not reference:
            return ""
        data = self._bytes(reference)
        if data is None:
            self.report.add(
                "warning", source.name, _("The text of « {name} » is not in the archive.", name=source.name)
            )
            return ""
        text, encoding = decode_text(data)
        self._repeated += len(text) if reference in self._seen else 0
        self._seen.add(reference)
        if self._repeated > _MOST_REPEATED:
            raise SourceError(
                _("Too many sources share one text."),
                where=f"{self.archive.path.name}/{reference}",
                hint=_("Export the project again from the tool."),
            )
        if encoding != "utf-8":
            self.report.add(
                "repaired",
                source.name,
                _(
                    "The text of « {name} » is not UTF-8; read as {encoding}.",
                    name=source.name,
                    encoding=encoding,
                ),
            )
        return text

    def _bytes(self, reference: str) -> bytes | None:
        member = self.archive.find(reference)
        if member is not None:
            return self.archive.read(member)
        if not reference.casefold().startswith("relative:"):
            return None
        # ATLAS.ti puts files beside the archive; nowhere else is looked at.
        beside = self.archive.path.parent / Path(reference.replace("\\", "/")).name
        try:
            return beside.read_bytes() if beside.is_file() and not beside.is_symlink() else None
        except OSError:  # a name too long for a file, or a file that may not be read
            return None
