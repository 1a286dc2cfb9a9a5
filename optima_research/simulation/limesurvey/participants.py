"""The participants' file: as LimeSurvey exports it in CSV, and as it stands in an archive."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd

__all__ = ["TOKEN_FIELDS", "token_table", "write_participants"]

TOKEN_FIELDS = (
    "tid", "participant_id", "firstname", "lastname", "email", "emailstatus", "token", "language", "blacklisted",
    "sent", "remindersent", "remindercount", "completed", "usesleft", "validfrom", "validuntil", "mpid",
)  # fmt: skip

_EXPORTED = (
    "tid", "firstname", "lastname", "email", "emailstatus", "token", "language", "validfrom", "validuntil",
    "invited", "reminded", "remindercount", "completed", "usesleft",
)  # fmt: skip

_DEFAULTS = {
    "emailstatus": "OK", "language": "fr", "sent": "N", "invited": "N", "remindersent": "N", "reminded": "N",
    "remindercount": "0", "completed": "N", "usesleft": "1",
}  # fmt: skip


def write_participants(participants: pd.DataFrame, path: str | Path) -> Path:
    """Write the participants as LimeSurvey's CSV export does (``tokens_<sid>.csv``).

    Parameters
    ----------
    participants : DataFrame
        One row an invited person: ``token``, and any of ``firstname lastname email emailstatus language completed
        attribute_1 ...``; what is left out takes LimeSurvey's default.
    path : str or Path

    Returns
    -------
    Path

    Notes
    -----
    UTF-8 with byte order mark, comma, every cell quoted, LF line ends.
    """
    attributes = [name for name in participants.columns if str(name).startswith("attribute_")]
    table = _filled(participants, [*_EXPORTED, *attributes]).fillna("")
    path = Path(path)
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(table.columns)
        writer.writerows(table.itertuples(index=False))
    return path


def token_table(participants: pd.DataFrame) -> pd.DataFrame:
    """The ``tokens`` table of an archive, as text, None where NULL."""
    attributes = [name for name in participants.columns if str(name).startswith("attribute_")]
    table = _filled(participants, [*TOKEN_FIELDS, *attributes])
    return table.astype(object).where(table.notna(), None)


def _filled(participants: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    table = pd.DataFrame(index=range(len(participants)))
    for name in names:
        if name in participants:
            values = participants[name].reset_index(drop=True)
            table[name] = values.astype("string").astype(object)
        elif name == "tid":
            table[name] = [str(n) for n in range(1, len(participants) + 1)]
        else:
            table[name] = pd.Series([_DEFAULTS.get(name)] * len(participants), dtype=object)
    return table
