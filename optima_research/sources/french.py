"""How French hands type: words for "no answer", numbers with spaces and commas, days before months."""

from __future__ import annotations

import datetime as dt
import re

from optima_research.codebook import MissingKind

__all__ = [
    "MISSING_WORDS",
    "clean",
    "date_of",
    "heads_codes",
    "is_code",
    "missing_word",
    "number_of",
    "ordered_scale",
]

_SPACES = re.compile(r"[\s\u00a0\u202f\u2007]+")
_NUMBER = re.compile(
    r"[+\-−]?(?:\d{1,3}(?: \d{3})+|\d{1,3}(?:\.\d{3})+(?=,)|\d+)(?:[.,]\d+)?"
    r"(?:[eE][+\-]?\d{1,3})?(?: ?(?:€|%|k€|euros?|ans?))?",
    re.IGNORECASE,
)
_UNIT = re.compile(r" ?(?:€|%|k€|euros?|ans?)$", re.IGNORECASE)
_CODE = re.compile(r"0\d+|\d{1,2}[AB]\d+")
_CODE_HEADING = re.compile(
    r"(?:.*\b)?sire[nt]\b.*"
    r"|(?:n°|num[ée]ro|code)s? ?(?:de |du |d['’])?(?:insee|postal|commune|finess|uai|ape|naf|rna)\b.*"
    r"|insee|depcom|codgeo|cp|com|finess|uai"
)
_FRENCH_DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ T]+(\d{1,2})[:h](\d{2})(?::(\d{2}))?)?")
_ISO_DATE = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})?)?"
)

_WORDS = {
    MissingKind.DONT_KNOW: ("nsp", "nspp", "ne sait pas", "ne sais pas", "je ne sais pas", "ne se prononce pas",
                            "sans opinion", "ne sait pas / ne se prononce pas"),
    MissingKind.NO_ANSWER: ("nr", "non réponse", "non-réponse", "sans réponse", "pas de réponse", "non renseigné",
                            "non renseignée", "nd", "n.d.", "n.r.", "-", "–", "?", "."),
    MissingKind.REFUSED: ("refus", "refus de répondre", "refuse de répondre", "ne souhaite pas répondre",
                          "je ne souhaite pas répondre"),
    MissingKind.NOT_APPLICABLE: ("so", "s.o.", "s/o", "sans objet", "non concerné", "non concernée", "non concerné(e)",
                                 "non applicable", "n/a", "na", "n.a.", "#n/a"),
}  # fmt: skip
_KIND_OF = {word: kind for kind, words in _WORDS.items() for word in words}

MISSING_WORDS = tuple(_KIND_OF)
"""Words that stand for no answer, in lower case."""

_SCALES = (
    ("pas du tout d'accord", "plutôt pas d'accord", "ni d'accord ni pas d'accord", "plutôt d'accord",
     "tout à fait d'accord"),
    ("pas d'accord du tout", "pas d'accord", "ni d'accord ni pas d'accord", "neutre", "d'accord",
     "tout à fait d'accord"),
    ("pas du tout satisfait", "plutôt pas satisfait", "peu satisfait", "moyennement satisfait", "plutôt satisfait",
     "satisfait", "très satisfait", "tout à fait satisfait"),
    ("très insatisfait", "insatisfait", "neutre", "satisfait", "très satisfait"),
    ("jamais", "rarement", "parfois", "de temps en temps", "souvent", "très souvent", "toujours"),
    ("pas du tout", "un peu", "plutôt pas", "moyennement", "plutôt", "assez", "beaucoup", "tout à fait", "énormément"),
    ("pas du tout important", "peu important", "moyennement important", "important", "très important"),
    ("très mauvais", "mauvais", "moyen", "bon", "très bon", "excellent"),
)  # fmt: skip


def clean(text: str) -> str:
    """A text without the spaces around it, and with plain spaces only.

    Examples
    --------
    >>> clean("\\u202f1\\u202f234,5 ")
    '1 234,5'
    """
    return _SPACES.sub(" ", text).strip()


def missing_word(text: str) -> MissingKind | None:
    """The kind of missing a word stands for, if it stands for one.

    Examples
    --------
    >>> missing_word("Ne sait pas").value, missing_word("SO").value, missing_word("Sophie")
    ('dont_know', 'not_applicable', None)
    """
    return _KIND_OF.get(clean(text).casefold().replace("’", "'"))


def number_of(text: str) -> float | None:
    """A number as French people type it, or None.

    Examples
    --------
    >>> number_of("1\\u202f234,50 €"), number_of("1.234,5"), number_of("12 %"), number_of("01053"), number_of("3/4")
    (1234.5, 1234.5, 12.0, None, None)
    """
    text = clean(text)
    if not _NUMBER.fullmatch(text) or (
        _CODE.match(_UNIT.sub("", text)) and "," not in text and "." not in text
    ):
        return None
    text = _UNIT.sub("", text).replace(" ", "").replace("−", "-")
    if "," in text:
        text = text.replace(".", "").replace(",", ".")
    value = float(text)
    return value if abs(value) < 1e300 else None


def is_code(text: str) -> bool:
    """Whether a text of digits is a code rather than a number: it starts with a zero, or is Corsican (2A004).

    Examples
    --------
    >>> is_code("01053"), is_code("2A004"), is_code("0"), is_code("64445")
    (True, True, False, False)
    """
    return bool(_CODE.fullmatch(clean(text)))


def heads_codes(heading: str) -> bool:
    """Whether a heading announces codes made of digits, which are no numbers whatever they look like.

    Examples
    --------
    >>> [heads_codes(h) for h in ("Numéro SIRET", "Code postal", "INSEE", "Population INSEE", "Effectif")]
    [True, True, True, False, False]
    """
    return bool(_CODE_HEADING.fullmatch(clean(heading).casefold()))


def date_of(text: str) -> dt.datetime | None:
    """A date as French people type it (day first) or in ISO form, or None.

    Examples
    --------
    >>> date_of("03/02/2026 14:05"), date_of("2026-02-03"), date_of("02/13/2026")
    (datetime.datetime(2026, 2, 3, 14, 5), datetime.datetime(2026, 2, 3, 0, 0), None)
    """
    text = clean(text)
    if found := _FRENCH_DATE.fullmatch(text):
        day, month, year, *clock = found.groups()
    elif found := _ISO_DATE.fullmatch(text):
        year, month, day, *clock = found.groups()
    else:
        return None
    try:
        hour, minute, second = (int(part or 0) for part in clock)
        return dt.datetime(int(year), int(month), int(day), hour, minute, second)
    except ValueError:
        return None


def ordered_scale(labels: list[str]) -> list[str] | None:
    """The labels in the order of a response scale we know, or None.

    Examples
    --------
    >>> ordered_scale(["Souvent", "Jamais", "Parfois"])
    ['Jamais', 'Parfois', 'Souvent']
    >>> ordered_scale(["Voirie", "Écoles"]) is None
    True
    """
    plain = {
        label: clean(label).casefold().replace("’", "'").replace("(e)", "").replace("·e", "")
        for label in labels
    }
    for scale in _SCALES:
        if len(labels) >= 2 and all(word in scale for word in plain.values()):
            return sorted(labels, key=lambda label: scale.index(plain[label]))
    return None
