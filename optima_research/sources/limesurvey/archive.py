"""Survey archives (``.lsa``): structure, responses, participants and timings out of one zip."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pandas as pd
import pyarrow as pa

from optima_research.errors import SourceError
from optima_research.language import _
from optima_research.sources.limesurvey.lss import structure_of
from optima_research.sources.limesurvey.matching import match_columns
from optima_research.sources.limesurvey.raw import Raw
from optima_research.sources.limesurvey.structure import Structure
from optima_research.sources.limesurvey.xml_tables import Document, read_document
from optima_research.sources.zips import open_member, open_zip

__all__ = ["read_archive"]

_EXPECTED = {".lss": "survey_<sid>.lss", "_responses.lsr": "survey_<sid>_responses.lsr"}


def read_archive(path: Path, structure: Structure | None = None) -> Raw:
    """Read a survey archive; its own structure is used unless another is given.

    Raises
    ------
    SourceError
        Not a zip, cut short, without structure or responses, or holding what LimeSurvey never puts in one.
    """
    with open_zip(path) as archive:
        if structure is None:
            own = _read(archive, ".lss", path)
            structure = structure_of(own, where=f"{path.name}/{_member(archive, '.lss', path)}")
        raw = _responses(_read(archive, "_responses.lsr", path), structure, path)
        if _find(archive, "_tokens.lst"):
            raw.participants = _frame(_read(archive, "_tokens.lst", path), "tokens", numbers=False)
        if _find(archive, "_timings.lsi"):
            timings = _frame(_read(archive, "_timings.lsi", path), "timings", numbers=True)
            raw.timings = _named_timings(timings, structure)
    return raw


def _find(archive: zipfile.ZipFile, suffix: str) -> list[str]:
    return [name for name in archive.namelist() if name.endswith(suffix)]


def _member(archive: zipfile.ZipFile, suffix: str, path: Path) -> str:
    found = _find(archive, suffix)
    if len(found) == 1:
        return found[0]
    message = (
        _("The archive holds several surveys.")
        if found
        else _("The archive lacks « {name} ».", name=_EXPECTED[suffix])
    )
    hints = {
        ".lss": _("This is not a LimeSurvey archive: export it with Display/Export > Survey archive (.lsa)."),
        "_responses.lsr": _(
            "The survey was not active when it was archived: give the archive made before it closed."
        ),
    }
    raise SourceError(message, where=path.name, got=", ".join(archive.namelist()[:6]), hint=hints[suffix])


def _read(archive: zipfile.ZipFile, suffix: str, path: Path) -> Document:
    name = _member(archive, suffix, path)
    with open_member(archive, name, path) as stream:
        return read_document(stream, where=f"{path.name}/{name}")


def _responses(document: Document, structure: Structure, path: Path) -> Raw:
    table = next(
        (t for name, t in document.tables.items() if name.startswith(("responses", "survey_"))), None
    )
    if table is None:
        raise SourceError(
            _("The archive holds no response."),
            where=path.name,
            hint=_("Archive the survey once it has received responses."),
        )
    match = match_columns(table.fields, structure, where=path.name)
    rows = table.rows
    cells = {
        place.position: pa.chunked_array([pa.array([row.get(place.header) for row in rows], pa.string())])
        for place in match.places
    }
    return Raw(
        path=path, form=_("LimeSurvey archive"), structure=structure, match=match, cells=cells, exact=True
    )


def _frame(document: Document, name: str, *, numbers: bool) -> pd.DataFrame | None:
    table = document.tables.get(name) or next(iter(document.tables.values()), None)
    if table is None:
        return None
    columns = {field: [row.get(field) for row in table.rows] for field in table.fields}
    if numbers:
        return pd.DataFrame(
            {n: pd.to_numeric(pd.Series(v, dtype=object), errors="coerce") for n, v in columns.items()}
        )
    return pd.DataFrame({n: pd.array(values, dtype="string") for n, values in columns.items()})


def _named_timings(timings: pd.DataFrame | None, structure: Structure) -> pd.DataFrame | None:
    """Seconds by response id, under LimeSurvey's export names (``groupTime3``, ``Q1Time``)."""
    if timings is None or "id" not in timings:
        return None
    names: dict[str, str] = {}
    for group in structure.groups:
        for stored in (f"{structure.sid}X{group.gid}time", f"G{group.gid}"):
            names[stored] = f"groupTime{group.gid}"
        for question in group.questions:
            for stored in (f"{structure.sid}X{group.gid}X{question.qid}time", f"Q{question.qid}"):
                names[stored] = f"{question.code}Time"
    timings = timings.dropna(subset=["id"]).drop_duplicates("id", keep="last")
    return timings.astype({"id": "int64"}).set_index("id").rename(columns=names)
