"""Writing a coded project as REFI-QDA: what the standard says, so that any other tool can read it.

Code-point offsets, LF text without byte-order mark, one selection a span, ``project.qde``, dates and identifiers kept;
the same project always gives the same bytes.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

from optima_research.coding.qualitative.files._refi_build import Builder, codebook_element, project_element
from optima_research.coding.qualitative.projects.project import CodedProject
from optima_research.errors import ExportError
from optima_research.language import _

_EPOCH = (1980, 1, 1, 0, 0, 0)


def write_qdpx(project: CodedProject, path: str | Path) -> Path:
    """Write a project that NVivo, ATLAS.ti, MAXQDA or QualCoder can open.

    Parameters
    ----------
    project : CodedProject
    path : str or Path
        The ``.qdpx`` to write.

    Returns
    -------
    Path

    Raises
    ------
    ExportError
        The file cannot be written.

    Notes
    -----
    Reading the file back gives the same codes, texts, spans, coders, cases, variables, notes, sets and regions; only
    ``selection`` may change, since spans shared by several codings become one selection. Pages, pictures and
    recordings keep their coordinates and their path; their media are not copied.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> folder = tempfile.TemporaryDirectory()
    >>> import pandas as pd
    >>> from optima_research.coding.qualitative import coded_project
    >>> project = coded_project(
    ...     pd.DataFrame({"name": ["E1"], "text": ["Le budget est voté."]}),
    ...     pd.DataFrame({"source": ["E1"], "start": [3], "end": [9], "code": ["pilotage/budget"], "coder": ["Anne"]}))
    >>> write_qdpx(project, Path(folder.name) / "projet.qdpx").name
    'projet.qdpx'
    >>> folder.cleanup()
    """
    builder = Builder(project)
    root = project_element(builder)
    members = [("project.qde", _document(root))]
    members += [
        (f"sources/{guid}.txt", text.encode("utf-8", "replace")) for guid, text in builder.texts.items()
    ]
    path = Path(path)
    try:
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in members:
                info = zipfile.ZipInfo(name, _EPOCH)
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, data)
    except OSError as error:
        raise ExportError(
            _("The file cannot be written."), where=path.name, hint=_("Check the name and the folder.")
        ) from error
    return path


def write_qdc(project: CodedProject, path: str | Path) -> Path:
    """Write the code tree alone as a REFI-QDA codebook (``.qdc``).

    Parameters
    ----------
    project : CodedProject
    path : str or Path

    Raises
    ------
    ExportError
        The file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> folder = tempfile.TemporaryDirectory()
    >>> import pandas as pd
    >>> from optima_research.coding.qualitative import coded_project
    >>> project = coded_project(
    ...     pd.DataFrame({"name": ["E1"], "text": ["Le budget est voté."]}),
    ...     pd.DataFrame({"source": ["E1"], "start": [3], "end": [9], "code": ["pilotage/budget"], "coder": ["Anne"]}))
    >>> write_qdc(project, Path(folder.name) / "grille.qdc").name
    'grille.qdc'
    >>> folder.cleanup()
    """
    path = Path(path)
    try:
        path.write_bytes(_document(codebook_element(Builder(project))))
    except OSError as error:
        raise ExportError(
            _("The file cannot be written."), where=path.name, hint=_("Check the name and the folder.")
        ) from error
    return path


def _document(root: ET.Element) -> bytes:
    ET.indent(root, " ")
    body: bytes = ET.tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + body + b"\n"
