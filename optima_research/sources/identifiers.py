"""Columns that identify people, recognised by their heading or their content before anything is shown."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import islice

__all__ = ["identifies"]

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
_PHONE = re.compile(r"(?:\+33|0)\s?[1-9](?:[ .\-]?\d{2}){4}")
_IP = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_NIR = re.compile(r"[12378]\s?\d{2}\s?(?:0[1-9]|1[0-2])\s?(?:\d{2}|2[AB])\s?\d{3}\s?\d{3}(?:\s?\d{2})?")
_HEADINGS = re.compile(
    r"(?:adresse )?(?:e-?mail|mel|courriel|adresse (?:de )?(?:messagerie|courriel|electronique))s?(?: .{0,40})?"
    r"|(?:votre )?(?:nom|prenom|nom de famille|nom et prenom|nom prenom|prenom nom|nom complet|nom d'utilisateur)"
    r"|e-?mail ?address|(?:first|last|full|user) ?name|name"
    r"|(?:numero de )?(?:tel|telephone|portable|mobile|phone)(?: .{0,20})?"
    r"|matricule|numero (?:d')?agent|agent_id|nir|numero de securite sociale|adresse ip|ip ?address"
    r"|adresse postale|date de naissance|gps|latitude|longitude|geolocation"
)


def identifies(heading: str, texts: Sequence[str]) -> bool:
    """Whether a column identifies people.

    Parameters
    ----------
    heading : str
    texts : sequence of str
        Some of its distinct texts.

    Examples
    --------
    >>> identifies("Adresse de messagerie", []), identifies("Contact", ["a@b.fr"]), identifies("Nom de la commune", [])
    (True, True, False)
    """
    if _HEADINGS.fullmatch(_plain(heading)):
        return True
    filled = list(islice((text.strip() for text in texts if text.strip()), 200))
    if not filled:
        return False
    hits = sum(any(form.fullmatch(text) for form in (_EMAIL, _PHONE, _IP, _NIR)) for text in filled)
    return hits >= 0.5 * len(filled)


def _plain(heading: str) -> str:
    decomposed = unicodedata.normalize("NFKD", heading.casefold().replace("’", "'"))
    text = "".join(c for c in decomposed if not unicodedata.combining(c))
    return re.sub(r"\s+", " ", text).strip(" :*?")
