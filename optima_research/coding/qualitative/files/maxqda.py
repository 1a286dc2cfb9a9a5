"""MAXQDA's table of coded segments, whatever the language of its headings."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from optima_research.coding.qualitative.files._passages import project_of_segments
from optima_research.coding.qualitative.files._sheets import headed, read_sheet
from optima_research.coding.qualitative.files.refi_qda import read_qdpx
from optima_research.coding.qualitative.projects import project as tables
from optima_research.coding.qualitative.projects._code_paths import path_of
from optima_research.coding.qualitative.projects.import_report import ReportBuilder
from optima_research.coding.qualitative.projects.project import CodedProject
from optima_research.errors import SourceError
from optima_research.language import _

# French, English, German, Spanish, Italian, Portuguese, Dutch, Polish.
HEADINGS: dict[str, tuple[str, ...]] = {
    "source": (
        "nom du document", "document", "document name", "dokumentname", "nombre del documento", "documento",
        "nome del documento", "nome do documento", "documentnaam", "nazwa dokumentu", "dokument",
    ),
    "group": (
        "groupe de documents", "groupe du document", "document group", "dokumentgruppe", "grupo de documentos",
        "gruppo di documenti", "documentgroep", "grupa dokumentów",
    ),
    "code": ("code", "codes", "código", "codice", "kod", "codesystem"),
    "text": (
        "segment", "segment codé", "coded segment", "coded segments", "segmento", "fragment", "codiertes segment",
        "extrait", "passage",
    ),
    "begin": ("début", "begin", "beginning", "start", "anfang", "inicio", "inizio", "início", "początek"),
    "finish": ("fin", "end", "ende", "final", "fine", "fim", "einde", "koniec"),
    "coder": (
        "auteur", "créé par", "author", "created by", "autor", "erstellt von", "creado por", "autore", "creato da",
        "criado por", "auteur du code", "utilisateur",
    ),
    "memo": ("commentaire", "comment", "kommentar", "comentario", "commento", "comentário", "komentarz", "opmerking"),
    "date": ("date", "date de création", "created", "creation date", "datum", "erstellt", "fecha", "data", "creado"),
    "weight": ("poids", "score", "weight", "score de poids", "gewicht", "peso", "waga", "gewichtungsscore"),
}  # fmt: skip
_DATABASES = {".mx24", ".mx22", ".mx20", ".mx18", ".mx12", ".mex", ".mex24", ".mex22"}


def read_maxqda(path: str | Path) -> CodedProject:
    """Read MAXQDA's "coded segments" export (``.xlsx``, ``.csv``); a ``.qdpx`` is passed on to :func:`read_qdpx`.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    CodedProject
        Code paths from ``A > B`` or ``A\\B``; document groups as sets and as the variable of that name; comments as
        memos. Only the coded passages are in the table, and paragraph numbers stay in ``raw_start raw_end``.

    Raises
    ------
    SourceError
        A MAXQDA database (its texts are encrypted), an old ``.xls``, or headings in no known language.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = Path(folder.name) / "segments.csv"
    >>> lines = ["Nom du document;Code;Segment", "E1;pilotage > budget;Le budget est voté"]
    >>> _ = path.write_text("\\n".join(lines), encoding="utf-8")
    >>> read_maxqda(path).codings[["text", "code"]].values.tolist()
    [['Le budget est voté', 'pilotage/budget']]
    >>> folder.cleanup()
    """
    path = Path(path)
    if path.suffix.casefold() == ".qdpx":
        return read_qdpx(path)
    if path.suffix.casefold() in _DATABASES:
        raise SourceError(
            _("The texts of a MAXQDA project file are encrypted."),
            where=path.name,
            hint=_("In MAXQDA, export the project as REFI-QDA (.qdpx), or the coded segments as Excel."),
        )
    report = ReportBuilder(path.name, "MAXQDA")
    frame = headed(read_sheet(path), HEADINGS, needed=("source", "code", "text"), where=path.name)
    frame["code"] = [_path(code) for code in frame["code"]]
    report.add("lost", path.name, _("Weights of codings are not kept."), int(_filled(frame, "weight")))
    places = pd.Series("", index=frame.index, dtype=object)
    for column in ("begin", "finish"):
        places += "–" + frame[column] if column in frame else ""
    frame["segment"] = places + "\0" + frame["text"]
    return project_of_segments(frame, report, **_document_groups(frame))


def _document_groups(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Groups of documents, as sets and as a variable of the documents."""
    if not _filled(frame, "group"):
        return {}
    pairs = frame.drop_duplicates("source")[["source", "group"]].itertuples(index=False)
    known = [(str(source), str(group)) for source, group in pairs]
    variables = [("source", source, "Groupe de documents", "Text", group) for source, group in known]
    sets = [(group, tables.stable_guid(f"set:{group}"), "source", source) for source, group in known]
    return {
        "variables": pd.DataFrame(variables, columns=tables.VARIABLE_COLUMNS, dtype=object),
        "sets": pd.DataFrame(sets, columns=tables.SET_COLUMNS, dtype=object),
    }


def _path(code: str) -> str:
    return path_of(code, next((s for s in (" > ", "\\", ">") if s in code), ""))


def _filled(frame: pd.DataFrame, column: str) -> bool:
    return column in frame and not bool(frame[column].str.strip().isin(["", "0"]).all())
