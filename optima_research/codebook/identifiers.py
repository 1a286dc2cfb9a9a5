"""Detectors of French direct identifiers in text, with their check digits; what only looks like one is not reported."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from optima_research.language import _


class IdentifierKind(StrEnum):
    """What was recognised."""

    NIR = "nir"
    EMAIL = "email"
    PHONE = "phone"
    IP = "ip"
    IBAN = "iban"
    PLATE = "plate"
    STAFF_NUMBER = "staff_number"
    GPS = "gps"
    PERSON = "person"

    @property
    def label(self) -> str:
        """The kind in the reader's language."""
        return {
            IdentifierKind.NIR: _("social security number"),
            IdentifierKind.EMAIL: _("e-mail address"),
            IdentifierKind.PHONE: _("telephone number"),
            IdentifierKind.IP: _("network address"),
            IdentifierKind.IBAN: _("bank account"),
            IdentifierKind.PLATE: _("vehicle registration"),
            IdentifierKind.STAFF_NUMBER: _("staff number"),
            IdentifierKind.GPS: _("geographical coordinates"),
            IdentifierKind.PERSON: _("name of a person"),
        }[self]


@dataclass(frozen=True)
class Found:
    """One identifier in a text: its kind and its place (half-open, code points)."""

    kind: IdentifierKind
    start: int
    end: int


_BROWSER = re.compile(r"Mozilla/|AppleWebKit|compatible;|Gecko|https?://|User-Agent", re.IGNORECASE)
_DIGIT = r"(?<![\d.,])"
_END = r"(?![\d.,]?\d)"
_GAP = "[ .]?"
_NIR = re.compile(
    _DIGIT
    + _GAP.join(
        [
            r"([12378])",
            r"(\d{2})",
            r"(0[1-9]|1[0-2]|[2-9]\d)",
            r"(\d{2}|2[AB])",
            r"(\d{3})",
            r"(\d{3})",
            r"(\d{2})",
        ]
    )
    + _END
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-zA-Z]{2,}")
_PHONE = re.compile(_DIGIT + r"(?:(?:\+|00)33[ .-]?(?:\(0\)[ .-]?)?|0)[1-9](?:[ .-]?\d{2}){4}" + _END)
_IPV4 = re.compile(r"(?<![\w./-])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\d)")
_IPV6 = re.compile(r"(?<![\w:])(?:[0-9a-f]{1,4}:){5,7}[0-9a-f]{1,4}(?![\w:])", re.IGNORECASE)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,4})?\b")
_PLATE = re.compile(r"\b[A-HJ-NP-TV-Z]{2}-\d{3}-[A-HJ-NP-TV-Z]{2}\b")
_STAFF = re.compile(r"\bmatricule\s*(?:n[°o]\s*)?:?\s*([A-Z]{0,3}\d{3,10})\b", re.IGNORECASE)
_GPS = re.compile(r"(?<![\d.])(-?\d{1,2}[.]\d{4,})\s*[,; ]\s*(-?\d{1,3}[.]\d{4,})(?![\d.])")
_NAME = r"[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ'’]+(?:-[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ'’]+)?"
_UPPER = r"[A-ZÀ-ÖØ-Þ]{2,}(?:[-'’ ][A-ZÀ-ÖØ-Þ]{2,})*"
_PERSON = re.compile(
    rf"\b(?:M\.|Mme|Mlle|Mr|Monsieur|Madame|Mademoiselle|Dr|Docteur|Maître|Me)\s+(?:{_NAME}|{_UPPER})(?:\s+(?:{_NAME}|{_UPPER}))?"
)
_FULL_NAME = re.compile(rf"\b{_NAME}\s+[A-ZÀ-ÖØ-Þ]{{3,}}(?:-[A-ZÀ-ÖØ-Þ]{{2,}})?\b")
# « Madame la Directrice », « Monsieur le Maire »: a function, not a name; « Ville REZE »: not a person.
_FUNCTIONS = re.compile(
    r"^(?:Monsieur|Madame|M\.|Mme|Mr)\s+(?:Maire|Directeur|Directrice|Président|Présidente|Adjoint|Adjointe|Le|La|Les)\b"
)
_NOT_FIRST_NAMES = {
    "Ville",
    "Commune",
    "Mairie",
    "Service",
    "Direction",
    "Pôle",
    "Communauté",
    "Article",
    "Chapitre",
}


def find_identifiers(text: str) -> list[Found]:
    """Direct identifiers in a text, left to right, without overlap.

    Parameters
    ----------
    text : str

    Notes
    -----
    NIR and IBAN must have a right key; SIREN and SIRET identify organisations and are not reported; version numbers and
    browsers' user-agents are neither addresses nor e-mails. Names are found by their form only (« Mme Durand »,
    « Zoé DURAND »): a person reads the rest, completeness is never promised.

    Examples
    --------
    >>> [str(found.kind) for found in find_identifiers("Mme Durand, 05 59 40 70 00, zoe@exemple.fr")]
    ['person', 'phone', 'email']
    >>> find_identifiers("Mozilla/5.0 (compatible; bot@exemple.fr) Chrome/58.0.3029.110")
    []
    """
    if _BROWSER.search(text):
        return []
    found: list[Found] = []
    for kind, pattern, accept in _DETECTORS:
        for match in pattern.finditer(text):
            span = match.span()
            free = all(span[1] <= one.start or span[0] >= one.end for one in found)
            if free and accept(match):
                found.append(Found(kind, *span))
    return sorted(found, key=lambda one: one.start)


def is_nir(text: str) -> bool:
    """Whether a text is a French social security number with its right key.

    Examples
    --------
    >>> is_nir("2 55 08 14 168 025 38"), is_nir("2 55 08 14 168 025 39")
    (True, False)
    """
    match = _NIR.fullmatch(text.strip())
    return match is not None and _right_nir_key(match)


def named_like_identifier(name: str) -> IdentifierKind | None:
    """The kind a column's name announces (``email``, ``nom``, ``matricule``, ``latitude``…), or None.

    Examples
    --------
    >>> str(named_like_identifier("Nom_agent")), named_like_identifier("nombre_enfants")
    ('person', None)
    """
    words = set(re.split(r"[^a-z0-9]+", _plain(name)))
    for kind, hints in _NAME_HINTS.items():
        if words & hints:
            return kind
    return None


def _right_nir_key(match: re.Match[str]) -> bool:
    body = "".join(match.groups()[:6]).replace("2A", "19").replace("2B", "18")
    return 97 - int(body) % 97 == int(match.group(7))


def _right_iban_key(match: re.Match[str]) -> bool:
    text = match[0].replace(" ", "")
    digits = "".join(str(int(character, 36)) for character in text[4:] + text[:4])
    return len(text) >= 15 and int(digits) % 97 == 1


def _right_address(match: re.Match[str]) -> bool:
    before = match.string[max(0, match.start() - 12) : match.start()].casefold()
    return all(int(part) < 256 for part in match[0].split(".")) and not re.search(
        r"version\s*$|\bv\.?\s*$", before
    )


def _in_france(match: re.Match[str]) -> bool:
    latitude, longitude = float(match[1]), float(match[2])
    overseas = abs(latitude) <= 25 and (abs(longitude) >= 40)
    # LimeSurvey writes numbers with ten zeros; a coordinate has digits there.
    return ((41 <= latitude <= 51.5 and -5.5 <= longitude <= 10) or overseas) and match[1].rstrip("0")[
        -1
    ] != "."


def _names_somebody(match: re.Match[str]) -> bool:
    return not _FUNCTIONS.match(match[0]) and match[0].split()[0] not in _NOT_FIRST_NAMES


def _always(_match: re.Match[str]) -> bool:
    return True


def _plain(name: str) -> str:
    import unicodedata

    split = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)
    decomposed = unicodedata.normalize("NFKD", split.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NAME_HINTS: dict[IdentifierKind, frozenset[str]] = {
    IdentifierKind.NIR: _words("nir insee_nir numsecu secu securite_sociale numss"),
    IdentifierKind.EMAIL: _words("email mail courriel mel emailaddress recipientemail"),
    IdentifierKind.PHONE: _words("tel telephone phone mobile portable"),
    IdentifierKind.IP: _words("ip ipaddr ipaddress"),
    IdentifierKind.STAFF_NUMBER: _words("matricule"),
    IdentifierKind.GPS: _words("latitude longitude gps geolocation locationlatitude locationlongitude"),
    IdentifierKind.PERSON: _words("nom prenom firstname lastname surname patronyme naissance adresse"),
}
_DETECTORS: tuple[tuple[IdentifierKind, re.Pattern[str], Callable[[re.Match[str]], bool]], ...] = (
    (IdentifierKind.EMAIL, _EMAIL, _always),
    (IdentifierKind.IBAN, _IBAN, _right_iban_key),
    (IdentifierKind.NIR, _NIR, _right_nir_key),
    (IdentifierKind.PHONE, _PHONE, _always),
    (IdentifierKind.IP, _IPV4, _right_address),
    (IdentifierKind.IP, _IPV6, _always),
    (IdentifierKind.GPS, _GPS, _in_france),
    (IdentifierKind.PLATE, _PLATE, _always),
    (IdentifierKind.STAFF_NUMBER, _STAFF, _always),
    (IdentifierKind.PERSON, _PERSON, _names_somebody),
    (IdentifierKind.PERSON, _FULL_NAME, _names_somebody),
)


def count_identifiers(texts: Iterable[str]) -> dict[IdentifierKind, int]:
    """Number of texts that hold each kind.

    Examples
    --------
    >>> count_identifiers(["appelez le 0559407000", "rien", "06.11.22.33.44"])
    {<IdentifierKind.PHONE: 'phone'>: 2}
    """
    counts: dict[IdentifierKind, int] = {}
    for text in texts:
        for kind in {found.kind for found in find_identifiers(text)}:
            counts[kind] = counts.get(kind, 0) + 1
    return dict(sorted(counts.items()))
