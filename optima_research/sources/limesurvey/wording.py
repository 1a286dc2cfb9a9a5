"""The words LimeSurvey itself puts in headers and answers, by language (its own translations, versions 3 to 6)."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

__all__ = ["META", "META_WORDS", "flatten", "fixed_labels", "meta_of", "pick", "word"]

META = (
    "id", "submitdate", "lastpage", "startlanguage", "seed", "token", "startdate", "datestamp", "ipaddr", "refurl",
    "quota_exit",
)  # fmt: skip

_FRENCH = {
    "Response ID": "ID de la réponse",
    "Date submitted": "Date de soumission",
    "Last page": "Dernière page",
    "Start language": "Langue de départ",
    "Seed": "Tête de série",
    "Access code": "Code d'accès",
    "Date started": "Date de lancement",
    "Date last action": "Date de la dernière action",
    "IP address": "Adresse IP",
    "Referrer URL": "URL référente",
    "Other": "Autre",
    "Comment": "Commentaire",
    "Other comment": "Commentaire pour autre",
    "Rank {n}": "Classement {n}",
    "Scale {n}": "Échelle {n}",
    "File count": "Nombre de fichiers",
    "Total time": "Temps total :",
    "Group time": "Durée pour le groupe ",
    "Question time": "Durée pour la question",
    "Yes": "Oui",
    "No": "Non",
    "N/A": "N/A",
    "Uncertain": "Incertain",
    "Increase": "Augmenter",
    "Same": "Sans changement",
    "Decrease": "Diminuer",
    "Female": "Féminin",
    "Male": "Masculin",
    "Not selected": "Non sélectionné",
    "No answer": "Sans réponse",
    "First name": "Prénom",
    "Last name": "Nom",
    "Email address": "Adresse de courriel",
}

META_WORDS: Mapping[str, str] = {
    "id": "Response ID",
    "submitdate": "Date submitted",
    "lastpage": "Last page",
    "startlanguage": "Start language",
    "seed": "Seed",
    "token": "Access code",
    "startdate": "Date started",
    "datestamp": "Date last action",
    "ipaddr": "IP address",
    "refurl": "Referrer URL",
    "quota_exit": "Quota exit",
}

# Versions 2 and 3 said it otherwise.
_OLDER = {"Token": "token", "Code": "token", "Access code": "token", "Completed": "submitdate"}

_FIXED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "Y": (("Y", "Yes"), ("N", "No")),
    "G": (("F", "Female"), ("M", "Male")),
    "C": (("Y", "Yes"), ("U", "Uncertain"), ("N", "No")),
    "E": (("D", "Decrease"), ("S", "Same"), ("I", "Increase")),
    "M": (("Y", "Yes"),),
    "P": (("Y", "Yes"),),
}


def word(english: str, language: str, **values: object) -> str:
    """LimeSurvey's own translation of one of its words; English where we do not have it.

    Examples
    --------
    >>> word("Rank {n}", "fr", n=2)
    'Classement 2'
    """
    text = _FRENCH.get(english, english) if language.split("-")[0] == "fr" else english
    return text.format(**values) if values else text


def fixed_labels(question_type: str, language: str) -> dict[str, str]:
    """Labels of the types whose answers LimeSurvey decides itself, in scale order.

    Examples
    --------
    >>> fixed_labels("E", "fr")
    {'D': 'Diminuer', 'S': 'Sans changement', 'I': 'Augmenter'}
    >>> fixed_labels("A", "fr")
    {'1': '1', '2': '2', '3': '3', '4': '4', '5': '5'}
    """
    if question_type in ("5", "A", "B"):
        return {str(n): str(n) for n in range(1, 11 if question_type == "B" else 6)}
    return {code: word(english, language) for code, english in _FIXED.get(question_type, ())}


def meta_of(header: str) -> str | None:
    """The meta column a header stands for: its code, or its wording in a language we know.

    Examples
    --------
    >>> meta_of("Dernière page"), meta_of("submitdate"), meta_of("Q1")
    ('lastpage', 'submitdate', None)
    """
    header = header.strip().replace("’", "'").replace("_", " ")
    return _META_BY_WORD.get(header)


def flatten(text: str) -> str:
    """A wording as LimeSurvey flattens it for a header: no tags, entities decoded, one line.

    Examples
    --------
    >>> flatten("<p>Êtes-vous&nbsp;<b>satisfait(e)</b><br />de votre service&nbsp;?</p>")
    'Êtes-vous\\xa0satisfait(e) de votre service\\xa0? '
    """
    if "<" in text:
        text = _SCRIPT.sub("", text)
        text = _BREAK.sub(" ", text)
        text = _TAG.sub("", text)
    if "&" in text:
        text = html.unescape(text)
    return _SPACES.sub(" ", text)


def pick(texts: Mapping[str, str], language: str, base: str = "") -> str:
    """The text in a language, else in the base language, else in any."""
    for code in (language, base):
        if texts.get(code):
            return texts[code]
    return next((text for text in texts.values() if text), "")


_SCRIPT = re.compile(r"<(script|style)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(r"<(?:br|/p|/div|/li|/h\d)\b[^>]{0,500}>", re.IGNORECASE)
_TAG = re.compile(r"<[!/?a-zA-Z][^>]{0,5000}>")
_SPACES = re.compile(r"[ \t\r\n]+")
_META_BY_WORD = {
    **{code: code for code in META},
    **{code.replace("_", " "): code for code in META},
    **_OLDER,
    **{english: code for code, english in META_WORDS.items()},
    **{_FRENCH[english]: code for code, english in META_WORDS.items() if english in _FRENCH},
}
