"""French text as words: elisions, compounds, inclusive writing and expressions, each with its place in the text."""

from __future__ import annotations

import re
from typing import NamedTuple

from optima_research.coding.qualitative.words.lexicon_fr import Lexicon, in_dictionary


class Token(NamedTuple):
    """A lower-case form and the half-open span it comes from."""

    form: str
    start: int
    end: int


_LETTER = r"[^\W\d_]"
_FEMININE = r"(?:ne|le|rice|trice|euse|ère|ière|ive|ve|sse|esse|te|se|fe|ale|elle|e)"
_TOKEN = re.compile(
    rf"""
      (?P<inclusive>{_LETTER}{{2,}}(?:
            [·•‧⋅/]{_FEMININE}(?:[·•‧⋅/]?s)? | \({_FEMININE}\)s? | \({_FEMININE}s\)
          | [.-]{_FEMININE}[.-]s | \.{_FEMININE}(?=\s+{_LETTER}) ))(?!{_LETTER})
    | (?P<whole>aujourd['’]hui|quelqu['’]une?s?|presqu['’]île|prud['’]hom\w+|d['’]abord|d['’]ailleurs|entr['’]\w+)\b
    | (?P<elided>(?:jusqu|lorsqu|puisqu|quoiqu|qu|[cdjlmnst])['’])(?=\w)
    | (?P<word>{_LETTER}[\w]*(?:[-‐‑]\w+)*)
    | (?P<number>\d+(?:[.,\u00a0\u202f]\d+)*)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_INCLUSIVE = re.compile(r"[·•‧⋅/(.-]")
_CLITIC = re.compile(
    r"(?:-t)?-(?:je|tu|ils?|elles?|on|nous|vous|ce|ci|là|moi|toi|lui|leur|les?|la|y|en)$", re.IGNORECASE
)


def tokenize(text: str, lexicon: Lexicon | None = None) -> list[Token]:
    """Words of a French text, in order, with their places.

    Parameters
    ----------
    text : str
    lexicon : Lexicon, optional
        Its hyphenated forms and expressions are kept whole; by default the one of the package.

    Returns
    -------
    list of Token
        Lower-case ``form`` (an expression keeps its spaces), half-open ``start`` and ``end`` in code points.

    Notes
    -----
    Both apostrophes; elided words are words of their own (``l'``); ``aujourd'hui`` and its like stay whole. A
    hyphenated compound is kept when the lexicon or simplemma's dictionary holds it, else cut; inverted pronouns
    (``pensez-vous``) are cut. Inclusive writing (``agent·e·s``, ``élu(e)s``, ``directeur/trice``) becomes the masculine
    form, so that it is counted with the others.

    Examples
    --------
    >>> [token.form for token in tokenize("Aujourd’hui, l'élu(e) et les agent·e·s de l’EPCI y pensent-ils ?")]
    ["aujourd'hui", "l'", 'élu', 'et', 'les', 'agents', 'de', "l'", 'epci', 'y', 'pensent', 'ils']
    """
    lexicon = lexicon or Lexicon.default()
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        kind, raw = match.lastgroup, match.group().lower().replace("’", "'")
        if kind == "inclusive":
            found.append(Token(masculine(raw), start, end))
        elif kind == "word" and len(raw) > 2 and ("-" in raw or "‐" in raw or "‑" in raw):
            found.extend(_compound(raw.replace("‐", "-").replace("‑", "-"), start, lexicon))
        else:
            found.append(Token(raw, start, end))
    return _with_expressions(found, lexicon.expressions)


def masculine(form: str) -> str:
    """The masculine of a form in inclusive writing, plural if it was.

    Examples
    --------
    >>> masculine("directeur·rice·s"), masculine("élu(e)"), masculine("agent.e.s"), masculine("usager(ère)s")
    ('directeurs', 'élu', 'agents', 'usagers')
    """
    stem = _INCLUSIVE.split(form, maxsplit=1)[0]
    plural = form.rstrip(")").endswith("s") and not stem.endswith(("s", "x"))
    return f"{stem}s" if plural else stem


def _compound(raw: str, start: int, lexicon: Lexicon) -> list[Token]:
    if _is_kept(raw, lexicon):
        return [Token(raw, start, start + len(raw))]
    clitic = _CLITIC.search(raw)
    if clitic is not None and clitic.start() > 0:
        head = _compound(raw[: clitic.start()], start, lexicon)
        tail = clitic.group().rpartition("-")[2]
        return [*head, Token(tail, start + len(raw) - len(tail), start + len(raw))]
    parts = []
    for part in re.finditer(r"[^-]+", raw):
        parts.append(Token(part.group(), start + part.start(), start + part.end()))
    return parts


def _is_kept(form: str, lexicon: Lexicon) -> bool:
    return "-" not in form or form in lexicon.entries or in_dictionary(form)


def _with_expressions(tokens: list[Token], expressions: dict[str, list[tuple[str, ...]]]) -> list[Token]:
    """Words of an expression become one token; the longest expression wins."""
    found: list[Token] = []
    position = 0
    while position < len(tokens):
        first = tokens[position]
        for words in expressions.get(first.form, ()):
            run = tokens[position : position + len(words)]
            if tuple(token.form for token in run) == words:
                form = " ".join(words).replace("' ", "'")
                found.append(Token(form, first.start, run[-1].end))
                position += len(words)
                break
        else:
            found.append(first)
            position += 1
    return found
