"""Plain tables of codings, and NVivo's matrix queries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from optima_research.coding.qualitative.files._passages import project_of_segments, with_code_and_source
from optima_research.coding.qualitative.files._sheets import headed, read_sheet
from optima_research.coding.qualitative.projects._code_paths import path_of
from optima_research.coding.qualitative.projects.import_report import ReportBuilder
from optima_research.coding.qualitative.projects.offsets import resolve_offsets
from optima_research.coding.qualitative.projects.project import CodedProject, coded_project
from optima_research.errors import SourceError
from optima_research.language import _

HEADINGS: dict[str, tuple[str, ...]] = {
    "source": ("source", "document", "entretien", "fichier", "texte source", "file", "interview"),
    "start": ("start", "début", "position début", "startPosition"),
    "end": ("end", "fin", "position fin", "endPosition"),
    "text": ("text", "texte", "segment", "verbatim", "passage", "extrait", "content", "contenu"),
    "code": ("code", "thème", "tag", "nœud", "noeud", "node", "catégorie"),
    "coder": ("coder", "codeur", "codeuse", "auteur", "author", "user"),
    "memo": ("memo", "mémo", "commentaire", "comment"),
    "date": ("date",),
}
_FARTHEST = 2**53
_LETTERED = re.compile(r"^\s*([A-Z]{1,3})\s*:\s*")
_NUMBERED = re.compile(r"^\s*\d+\s*:\s*")


def read_coded_table(
    path: str | Path, *, texts: Mapping[str, str] | None = None, separator: str = "/"
) -> CodedProject:
    """Read a table with one row a coding (``.csv``, ``.xlsx``).

    Parameters
    ----------
    path : str or Path
        Needs a document and a code, and either the passage or its positions with ``texts``. Headings may be French
        or English.
    texts : mapping, optional
        Whole text of each document; positions are then code points, half-open.
    separator : str
        What separates levels in code names.

    Raises
    ------
    SourceError
        A needed column is missing, positions that are no numbers, or a document without text.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = Path(folder.name) / "codages.csv"
    >>> _ = path.write_text("Entretien;Début;Fin;Code;Codeur\\nE1;3;9;budget;Anne\\n", encoding="utf-8")
    >>> read_coded_table(path, texts={"E1": "Le budget est voté."}).codings["text"].tolist()
    ['budget']
    >>> folder.cleanup()
    """
    path = Path(path)
    report = ReportBuilder(path.name, _("table"))
    needed = ("source", "code", "text") if texts is None else ("source", "code", "start", "end")
    frame = headed(read_sheet(path), HEADINGS, needed=needed, where=path.name)
    frame["code"] = [path_of(code, separator) for code in frame["code"]]
    if texts is None:
        return project_of_segments(frame.drop(columns=["start", "end"], errors="ignore"), report)
    frame = with_code_and_source(frame, report)
    unknown = sorted(set(frame["source"]) - set(texts))
    if unknown:
        raise SourceError(
            _("There is no text for: {names}.", names=", ".join(unknown[:5])),
            where=path.name,
            parameter="texts",
            hint=_("Give the text of each document in texts."),
        )
    for column in ("start", "end"):
        frame[f"raw_{column}"] = _places(frame[column], f"{path.name}, {column}")
    sources = pd.DataFrame({"name": list(texts), "text": list(texts.values())}, dtype=object)
    codings = _placed(frame, texts, report).drop(columns="text", errors="ignore")
    return coded_project(sources, codings, report=report.build())


def _places(column: pd.Series, where: str) -> pd.Series:
    """Positions as whole numbers."""
    numbers = pd.to_numeric(column, errors="coerce").astype("float64")
    wrong = ~(np.isfinite(numbers) & (numbers % 1 == 0))
    if wrong.any():
        rows = ", ".join(str(i + 2) for i in numbers.index[wrong][:5])
        raise SourceError(
            _("Positions that are no numbers (rows {rows}).", rows=rows),
            where=where,
            hint=_("Positions count characters from 0."),
        )
    return numbers.clip(-_FARTHEST, _FARTHEST).astype("int64")


def _placed(frame: pd.DataFrame, texts: Mapping[str, str], report: ReportBuilder) -> pd.DataFrame:
    """Spans on the texts with LF line ends, turned and cut where they had to be."""
    first = frame[["raw_start", "raw_end"]].min(axis=1).to_numpy()
    last = frame[["raw_start", "raw_end"]].max(axis=1).to_numpy()
    start, end = first.copy(), last.copy()
    for name, rows in frame.groupby("source", sort=False).indices.items():
        told = frame["text"].iloc[rows].tolist() if "text" in frame else []
        found = resolve_offsets(str(texts[name]), first[rows].clip(0), last[rows].clip(0), names=told)
        start[rows], end[rows] = found.start, found.end
        message = _("« {name} »: spans beyond the end of the text were cut.", name=name)
        report.add("repaired", str(name), message, found.out_of_range)
        turned = int((frame["raw_start"].to_numpy()[rows] > frame["raw_end"].to_numpy()[rows]).sum())
        message = _("« {name} »: spans written end first were turned.", name=name)
        report.add("repaired", str(name), message, turned)
    return frame.assign(start=start, end=end)


def read_nvivo_matrix(path: str | Path) -> pd.DataFrame:
    """Read NVivo's matrix coding query (``.xlsx``, ``.csv``) as numbers.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    DataFrame
        Rows and columns named without NVivo's numbers and letters (``12 : Pilotage`` and ``B : Pilotage`` become
        ``Pilotage``), which change from one export to the next.

    Raises
    ------
    SourceError
        A cell is no number.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = Path(folder.name) / "matrice.csv"
    >>> _ = path.write_text(";1 : Élus;2 : DGS\\n1 : Budget;12;3\\n", encoding="utf-8")
    >>> read_nvivo_matrix(path).loc["Budget"].to_dict()
    {'Élus': 12.0, 'DGS': 3.0}
    >>> folder.cleanup()
    """
    path = Path(path)
    frame = read_sheet(path)
    labels = _unnumbered(frame.iloc[:, 0].tolist())
    body = frame.iloc[:, 1:].set_axis(_unnumbered(list(frame.columns[1:])), axis=1)
    cells = ["".join(str(c).split()).rstrip("%").replace(",", ".") or "0" for c in body.to_numpy().ravel()]
    found = pd.to_numeric(pd.Series(cells, dtype=object), errors="coerce").to_numpy(dtype=np.float64)
    numbers = pd.DataFrame(found.reshape(body.shape), columns=body.columns)
    wrong = np.argwhere(numbers.isna().to_numpy())
    if len(wrong):
        row, column = wrong[0]
        raise SourceError(
            _("A cell of the matrix is no number."),
            where=f"{path.name}, {labels[row]} × {body.columns[column]}",
            got=str(body.iloc[row, column]),
            hint=_("Export the matrix again, as numbers."),
        )
    return numbers.set_axis(pd.Index(labels, name=None), axis=0)


def _unnumbered(labels: list[object]) -> list[str]:
    """Labels without NVivo's numbers; its letters go only where they follow the alphabet, for they could be names."""
    texts = [str(label) for label in labels]
    letters = [found[1] if (found := _LETTERED.match(text)) else "" for text in texts]
    if letters == [_column_letter(i) for i in range(len(texts))]:
        return [_LETTERED.sub("", text).strip() for text in texts]
    return [_NUMBERED.sub("", text).strip() for text in texts]


def _column_letter(number: int) -> str:
    """A, B… Z, AA, AB…"""
    found = ""
    while number >= 0:
        found = chr(ord("A") + number % 26) + found
        number = number // 26 - 1
    return found
