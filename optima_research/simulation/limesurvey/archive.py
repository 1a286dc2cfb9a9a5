"""The survey archive, ``.lsa``: structure, responses, participants and timings in one zip."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pandas as pd

from optima_research.simulation.limesurvey.cells import as_structure, stored_cells
from optima_research.simulation.limesurvey.lss import lss
from optima_research.simulation.limesurvey.participants import token_table
from optima_research.simulation.limesurvey.questionnaire import Questionnaire
from optima_research.simulation.limesurvey.xml import document
from optima_research.sources.limesurvey.columns import columns_of
from optima_research.sources.limesurvey.structure import Structure

__all__ = ["write_lsa"]

_EPOCH = (2026, 1, 1, 0, 0, 0)


def write_lsa(
    questionnaire: Questionnaire | Structure,
    responses: pd.DataFrame,
    path: str | Path,
    *,
    participants: pd.DataFrame | None = None,
    timings: pd.DataFrame | None = None,
) -> Path:
    """Write a survey archive as LimeSurvey 6.1.8 does; NULL and empty stay apart.

    Parameters
    ----------
    questionnaire : Questionnaire or Structure
    responses : DataFrame
        As for :func:`~optima_research.simulation.limesurvey.responses.write_csv`.
    path : str or Path
    participants : DataFrame, optional
        As for :func:`~optima_research.simulation.limesurvey.participants.write_participants`.
    timings : DataFrame, optional
        Seconds, indexed by response id: ``interviewtime``, and ``groupTime<gid>`` or ``<code>Time`` columns.

    Returns
    -------
    Path
        The same inputs give the same bytes.
    """
    structure = as_structure(questionnaire)
    members = {".lss": lss(structure), "_responses.lsr": _responses(structure, responses)}
    if participants is not None:
        table = token_table(participants)
        members["_tokens.lst"] = _xml("Tokens", "tokens", table, structure)
    if timings is not None:
        members["_timings.lsi"] = _xml("Timings", "timings", _timings(structure, timings), structure)
    path = Path(path)
    with zipfile.ZipFile(path, "w") as archive:
        for suffix, text in members.items():
            info = zipfile.ZipInfo(f"survey_{structure.sid}{suffix}", _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, text.encode("utf-8"))
    return path


def _responses(structure: Structure, responses: pd.DataFrame) -> str:
    stored = {column.name: column.sgqa for column in columns_of(structure)}
    cells = stored_cells(structure, responses, table=True)
    fields = [stored.get(name, name) for name in cells]
    rows = [dict(zip(fields, row, strict=True)) for row in zip(*cells.values(), strict=True)]
    return document(
        "Responses",
        [("responses", fields, rows)],
        languages=(*structure.languages[1:], structure.language),
        db_version=structure.db_version or "609",
        indent=False,
    )


def _timings(structure: Structure, timings: pd.DataFrame) -> pd.DataFrame:
    names = {"interviewtime": "interviewtime"}
    for group in structure.groups:
        names[f"groupTime{group.gid}"] = f"{structure.sid}X{group.gid}time"
        names |= {f"{q.code}Time": f"{structure.sid}X{group.gid}X{q.qid}time" for q in group.questions}
    table = timings.rename(columns=names).astype("string").astype(object)
    table = table.where(table.notna(), None)
    table.insert(0, "id", timings.index.astype(str))
    return table


def _xml(kind: str, name: str, table: pd.DataFrame, structure: Structure) -> str:
    return document(
        kind,
        [(name, [str(c) for c in table.columns], table.to_dict("records"))],
        languages=(*structure.languages[1:], structure.language),
        db_version=structure.db_version or "609",
    )
