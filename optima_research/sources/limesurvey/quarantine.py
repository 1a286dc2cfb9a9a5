"""Identifiers set aside on import: tokens, addresses, names, attributes; never among the answers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from optima_research.errors import SourceError
from optima_research.language import _
from optima_research.sources.delimited import column_text, probe, read_cells
from optima_research.sources.limesurvey.decoding import text_array
from optima_research.survey import Quarantine

__all__ = ["quarantine_of", "read_participants"]


def read_participants(path: str | Path) -> pd.DataFrame:
    """Read LimeSurvey's export of participants (``tokens_<sid>.csv``).

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    DataFrame
        Text, one row an invited person.

    Raises
    ------
    SourceError
        The file has no column ``token``, or a token stands twice.
    """
    found = probe(path)
    names = [_plain_name(name) for name in found.header[0]]
    if "token" not in names:
        raise SourceError(
            _("This file of participants has no column « token »."),
            where=found.path.name,
            got=len(names),
            hint=_("Export it from LimeSurvey: Survey participants > Export > CSV."),
        )
    cells = read_cells(found)
    people = pd.DataFrame(
        {name: text_array(column_text(cells[place])) for place, name in enumerate(names)}, copy=False
    )
    people = people.mask(people.eq("").fillna(False).astype(bool))
    tokens = people["token"].dropna()
    if tokens.duplicated().any():
        raise SourceError(
            _(
                "{n} access codes stand more than once in the file of participants.",
                n=int(tokens.duplicated().sum()),
            ),
            where=found.path.name,
            hint=_("Export the participants again; do not stack two files by hand."),
        )
    return people


def quarantine_of(
    index: pd.Index, identifying: Mapping[str, object], participants: pd.DataFrame | None
) -> Quarantine | None:
    """Join what identifies respondents.

    Parameters
    ----------
    index : Index
        Response ids.
    identifying : mapping
        Columns of the responses that identify (``token``, ``ipaddr`` ...), in the order of ``index``.
    participants : DataFrame, optional
        The participants, with a column ``token``.

    Returns
    -------
    Quarantine or None
        A frame whose column ``id`` is the response id, missing for people invited who did not answer; None when
        nothing identifies.
    """
    responses = pd.DataFrame({"id": pd.array(index, dtype="Int64"), **identifying}, copy=False)
    if participants is None:
        return Quarantine(responses) if identifying else None
    if "token" not in responses:
        # Anonymous responses: nothing links them to the people invited, and nothing must.
        people = participants.assign(id=pd.array([None] * len(participants), dtype="Int64"))
        return Quarantine(pd.concat([responses, people], ignore_index=True))
    known = participants[participants["token"].notna()]
    repeated = [name for name in known.columns if name in responses and name != "token"]
    linked = responses.merge(known.drop(columns=repeated), on="token", how="left")
    silent = participants[~participants["token"].isin(responses["token"].dropna())]
    return Quarantine(pd.concat([linked, silent], ignore_index=True))


def _plain_name(name: str) -> str:
    """``attribute_1 <Direction>`` and localised headings down to LimeSurvey's field name."""
    name = name.strip().split("<")[0].strip()
    words = {
        "Access code": "token", "Code d'accès": "token", "Token": "token", "Code": "token",
        "First name": "firstname", "Prénom": "firstname", "Last name": "lastname", "Nom": "lastname",
        "Email address": "email", "Adresse de courriel": "email",
    }  # fmt: skip
    return words.get(name.replace("’", "'"), name)
