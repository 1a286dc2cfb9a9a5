"""Pseudonyms by keyed hash: stable within a domain, and telling nothing without the key."""

from __future__ import annotations

import base64
import hashlib
import hmac
import unicodedata
from dataclasses import replace
from pathlib import Path

import pandas as pd

from optima_research.cleaning.steps import step
from optima_research.codebook import Measure, Role, Variable
from optima_research.errors import PrivacyError, suggest
from optima_research.language import _
from optima_research.privacy.keys import Key, read_key
from optima_research.survey import Quarantine, Survey

LENGTH = 16
"""Base-32 characters kept: 80 bits."""


def pseudonym(identifier: str, key: Key, domain: str) -> str:
    """The pseudonym of one identifier.

    Parameters
    ----------
    identifier : str
        E-mail, staff number… compared without case, accents of composition or spaces.
    key : Key
    domain : str
        Study and purpose (``"rezé 2013 panel"``): two files pseudonymised under two domains cannot be joined.

    Notes
    -----
    HMAC-SHA-256(key, domain ‖ 0 ‖ identifier), base 32, 80 bits. A bare hash of a staff or telephone number is found by
    trying them all; a keyed one is not, without the key.

    Examples
    --------
    >>> key = Key(b"k" * 32)
    >>> pseudonym("Zoe@Exemple.fr ", key, "panel") == pseudonym("zoe@exemple.fr", key, "panel")
    True
    >>> pseudonym("zoe@exemple.fr", key, "panel") == pseudonym("zoe@exemple.fr", key, "autre")
    False
    """
    message = domain.encode() + b"\0" + _normalised(identifier).encode()
    digest = hmac.new(key.secret, message, hashlib.sha256).digest()
    return base64.b32encode(digest).decode()[:LENGTH].lower()


def pseudonyms(identifiers: pd.Series, key: Key, domain: str) -> pd.Series:
    """The pseudonym of each identifier of a column; missing stays missing."""
    if not domain.strip():
        raise PrivacyError(
            _("A pseudonym needs a domain."), parameter="domain", hint=_("Name the study and its purpose.")
        )
    texts = identifiers.astype("string")
    table = {text: pseudonym(str(text), key, domain) for text in texts.dropna().unique()}
    return texts.map(table).astype("string")


@step
def pseudonymise(
    survey: Survey,
    column: str,
    *,
    domain: str,
    reason: str,
    key: Key | str | Path | None = None,
    into: str = "pseudonym",
    key_id: str | None = None,
) -> Survey:
    """Give each respondent a pseudonym made from an identifier, which leaves the answers.

    Parameters
    ----------
    survey : Survey
    column : str
        In the quarantine (``token``, ``email``…) or among the answers; then it is quarantined.
    domain : str
        Two waves of one panel share it; two studies never do.
    reason : str
    key : Key or path, optional
        File outside the project; by default the one ``OPTIMA_KEY_FILE`` names.
    into : str
        New column.
    key_id : str, optional
        Refuse another key than the one of that id (the trail sets it when it is replayed).

    Raises
    ------
    PrivacyError
        No such column, no domain, a key that is not private, or another key than expected.
    """
    secret = key if isinstance(key, Key) else read_key(key)
    if key_id is not None and secret.id != key_id:
        raise PrivacyError(_("This is not the key of these pseudonyms."), expected=key_id, got=secret.id)
    identifiers, aside = _identifiers(survey, column)
    parameters = {"column": column, "domain": domain, "into": into, "key_id": secret.id}
    names = pseudonyms(identifiers, secret, domain)
    variable = Variable(
        into, label=_("Pseudonym"), measure=Measure.NOMINAL, role=Role.META, identifier="direct"
    )
    if aside is None:
        return survey.with_columns(
            {into: names}, [variable], rule="pseudonymise", reason=reason, parameters=parameters
        )
    # One line in the trail for the exchange, so that replaying it is one call.
    bare = replace(
        survey,
        answers=survey.answers.drop(columns=[column]),
        missing=survey.missing.drop(columns=[column]),
        codebook=survey.codebook.drop([column]),
    )
    exchanged = bare.with_columns(
        {into: names}, [variable], rule="pseudonymise", reason=reason, parameters=parameters
    )
    last = replace(exchanged.trail.steps[-1], hash_before=survey.fingerprint)
    return replace(exchanged, trail=survey.trail.append(last), participants=aside)


def _identifiers(survey: Survey, column: str) -> tuple[pd.Series, Quarantine | None]:
    if column in survey.answers.columns:
        aside = survey.answers[[column]].assign(id=survey.answers.index)
        if survey.participants is not None:
            aside = survey.participants.open().merge(aside, on="id", how="outer")
        return survey.answers[column], Quarantine(aside)
    known = [] if survey.participants is None else survey.participants.columns
    if survey.participants is None or column not in known:
        raise PrivacyError(
            _("There is no identifier « {name} », neither quarantined nor among the answers.", name=column),
            hint=suggest(column, [*known, *survey.columns]),
        )
    people = survey.participants.open().dropna(subset=["id"]).drop_duplicates("id").set_index("id")[column]
    return people.reindex(survey.answers.index), None


def _normalised(identifier: str) -> str:
    text = unicodedata.normalize("NFKC", str(identifier)).casefold()
    return "".join(text.split())
