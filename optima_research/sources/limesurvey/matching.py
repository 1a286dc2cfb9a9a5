"""Which column of an export is which question: by name where names are unique, by position where they are not."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from optima_research.errors import SourceError
from optima_research.language import _
from optima_research.sources.limesurvey.columns import Column, columns_of
from optima_research.sources.limesurvey.headings import Headers, heading
from optima_research.sources.limesurvey.structure import Structure
from optima_research.sources.limesurvey.wording import flatten, meta_of, word

__all__ = ["Kind", "Match", "Place", "match_columns", "meta_sequence"]

Kind = Literal["meta", "question", "participant", "timing", "extra"]

_PARTICIPANT = {
    "firstname", "lastname", "email", "emailstatus", "participant_id", "language", "sent", "remindersent",
    "remindercount", "completed", "usesleft", "validfrom", "validuntil", "blacklisted", "mpid", "tid",
}  # fmt: skip
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:\[[^\]]*\]){0,2}")
_UNIQUE: tuple[Headers, ...] = ("code", "expression", "sgqa", "stored7")
_TEXTS: tuple[Headers, ...] = ("full", "abbreviated", "vv")


@dataclass(frozen=True)
class Place:
    """One column of the file: where it stands, what it is."""

    position: int
    header: str
    kind: Kind
    name: str
    column: Column | None = None


@dataclass(frozen=True)
class Match:
    """How the columns of a file were matched to the questionnaire."""

    places: tuple[Place, ...]
    headers: str
    language: str
    renamed: tuple[tuple[str, str], ...] = ()
    absent: tuple[str, ...] = ()

    def of(self, kind: Kind) -> tuple[Place, ...]:
        """The columns of one kind, in file order."""
        return tuple(place for place in self.places if place.kind == kind)


def match_columns(headers: Sequence[str], structure: Structure, *, where: str) -> Match:
    """Match the header of an export to a questionnaire.

    Parameters
    ----------
    headers : sequence of str
        Header cells, in file order.
    structure : Structure
    where : str
        What to call the file in an error.

    Returns
    -------
    Match

    Raises
    ------
    SourceError
        The file does not belong to this questionnaire, or its headers can be read in two ways.
    """
    columns = columns_of(structure)
    form, language = _form(headers, columns, structure)
    if form in _UNIQUE or form == "codetext":
        match = _by_name(headers, columns, structure, form, language, where)
    else:
        match = _by_position(headers, columns, structure, form, language, where)
    _refuse_stranger(match, columns, where)
    return match


def meta_sequence(structure: Structure) -> list[list[str]]:
    """The runs of meta columns this survey may export, most complete first."""
    fixed = ["id", "submitdate", "lastpage", "startlanguage"]
    dates = ["startdate", "datestamp"] if structure.setting("datestamp") else []
    net = [name for name in ("ipaddr", "refurl") if structure.setting(name)]
    middles: tuple[list[str], ...] = (["seed", "token"], ["seed"], ["token"], [])
    return [[*fixed, *middle, *dates, *net] for middle in middles]


def _form(headers: Sequence[str], columns: Sequence[Column], structure: Structure) -> tuple[Headers, str]:
    """The form of header, and language, that recognises most columns."""
    best: tuple[int, Headers, str] = (0, "code", structure.language)
    got = Counter(headers)
    for form in _UNIQUE:
        known = Counter(heading(column, form, language="") for column in columns)
        best = max(best, ((got & known).total(), form, structure.language), key=lambda found: found[0])
    if best[0] == len(columns):
        return best[1], best[2]
    coded = {column.name for column in columns}
    codetext = sum(1 for h in headers if (lead := _CODE.match(h)) and lead[0] != h and lead[0] in coded)
    best = max(best, (codetext, "codetext", structure.language), key=lambda found: found[0])
    got = Counter(map(_key, headers))
    for language in structure.languages:
        for form in _TEXTS:
            known = Counter(
                _key(heading(c, form, language=language, base=structure.language)) for c in columns
            )
            best = max(best, ((got & known).total(), form, language), key=lambda found: found[0])
    return best[1], best[2]


def _by_name(
    headers: Sequence[str],
    columns: Sequence[Column],
    structure: Structure,
    form: Headers,
    language: str,
    where: str,
) -> Match:
    names = [_lead(h) for h in headers] if form == "codetext" else list(headers)
    key: Headers = "code" if form == "codetext" else form
    known: dict[str, list[Column]] = {}
    for column in columns:
        known.setdefault(heading(column, key, language=""), []).append(column)
    counts = Counter(names)
    for name, count in counts.items():
        owners = known.get(name, [])
        if owners and count != len(owners):
            raise SourceError(
                _("The column « {name} » stands {count} times in the file.", name=name, count=count),
                where=where,
                expected=len(owners),
                hint=_("Export again with question codes as headings; two columns may not bear one name."),
            )
    places = []
    for position, (name, header) in enumerate(zip(names, headers, strict=True)):
        owner = known[name].pop(0) if known.get(name) else None
        places.append(_place(position, header, name, owner, structure))
    found = {place.column.name for place in places if place.column}
    absent = tuple(column.name for column in columns if column.name not in found)
    return Match(tuple(places), form, language, absent=absent)


def _by_position(
    headers: Sequence[str],
    columns: Sequence[Column],
    structure: Structure,
    form: Headers,
    language: str,
    where: str,
) -> Match:
    expected = [_key(heading(c, form, language=language, base=structure.language)) for c in columns]
    got = [_key(header) for header in headers]
    owner: dict[int, Column] = {}
    renamed: list[tuple[str, str]] = []
    opcodes = difflib.SequenceMatcher(None, expected, got, autojunk=False).get_opcodes()
    for tag, i1, i2, j1, j2 in opcodes:
        if tag == "equal" or (tag == "replace" and i2 - i1 == j2 - j1):
            owner |= dict(zip(range(j1, j2), columns[i1:i2], strict=True))
        if tag == "replace" and i2 - i1 == j2 - j1:
            renamed += [
                (headers[j], columns[i].name) for i, j in zip(range(i1, i2), range(j1, j2), strict=True)
            ]
    found = {column.name for column in owner.values()}
    absent = [column.name for column in columns if column.name not in found]
    _refuse_ambiguous(expected, got, len(absent), where)
    leading = _leading_meta(headers, owner, structure)
    first = min(owner, default=0)
    places = []
    for j, header in enumerate(headers):
        place = _place(j, header, header, owner.get(j), structure)
        if j in leading:
            place = Place(j, header, "meta", leading[j])
        elif j < first and place.kind == "extra":
            # Among the first columns stand access codes and addresses: one we cannot name is set apart.
            place = Place(j, header, "participant", place.name)
        places.append(place)
    return Match(tuple(places), form, language, tuple(renamed), tuple(absent))


def _refuse_ambiguous(expected: list[str], got: list[str], absent: int, where: str) -> None:
    if not absent:
        return
    asked, present = Counter(expected), Counter(got)
    for text, count in asked.items():
        if count > 1 and 0 < present[text] < count:
            raise SourceError(
                _(
                    "{count} questions have the same wording, and only {found} of them are in the file: nothing tells "
                    "which.",
                    count=count,
                    found=present[text],
                ),
                where=where,
                got=text[:80],
                hint=_("Export again with question codes as headings, or with every column."),
            )


def _leading_meta(headers: Sequence[str], owner: dict[int, Column], structure: Structure) -> dict[int, str]:
    """Meta columns by position, where their headers are in a language we have no words for."""
    first = min(owner, default=0)
    known = {j: meta for j in range(first) if (meta := meta_of(headers[j]))}
    if len(known) == first:
        return known
    for sequence in meta_sequence(structure):
        if len(sequence) == first and all(sequence[j] == name for j, name in known.items()):
            return dict(enumerate(sequence))
    return known


def _place(position: int, header: str, name: str, column: Column | None, structure: Structure) -> Place:
    if column is not None:
        return Place(position, header, "question", column.name, column)
    meta = meta_of(name)
    if meta is not None:
        return Place(position, header, "meta", meta)
    timing = _timing(name, structure)
    if timing:
        return Place(position, header, "timing", timing)
    participant = _participant(name, structure)
    if participant:
        return Place(position, header, "participant", participant)
    return Place(position, header, "extra", header.strip() or f"column_{position + 1}")


def _timing(name: str, structure: Structure) -> str:
    codes = {f"{question.code}Time" for question in structure.questions}
    groups = {f"groupTime{group.gid}" for group in structure.groups}
    if name == "interviewtime" or name in codes or name in groups:
        return name
    for language in structure.languages:
        if name.startswith(word("Total time", language)):
            return "interviewtime"
        if name.startswith((word("Group time", language), word("Question time", language))):
            return name
    return ""


def _participant(name: str, structure: Structure) -> str:
    if name in _PARTICIPANT or name.startswith("attribute_"):
        return name
    captions = {caption: code for code, caption in structure.attribute_captions.items()}
    for language in structure.languages:
        words = {"firstname": "First name", "lastname": "Last name", "email": "Email address"}
        captions |= {word(english, language): code for code, english in words.items()}
    return captions.get(name, "")


def _refuse_stranger(match: Match, columns: Sequence[Column], where: str) -> None:
    """A file of another survey shares few names with this one; say which do not fit."""
    found, extra = match.of("question"), match.of("extra")
    sure = len(found) - len(match.renamed)
    if sure and sure >= 0.5 * (len(found) + len(extra)) and len(extra) <= max(3, 0.2 * len(found)):
        return
    strangers = [place.header for place in extra][:5] or [header for header, _name in match.renamed][:5]
    raise SourceError(
        _(
            "This file does not belong to this questionnaire: {found} of its {asked} questions are found in it, and "
            "{extra} columns are unknown.",
            found=sure,
            asked=len(columns),
            extra=len(extra) + len(match.renamed),
        ),
        where=where,
        expected=", ".join(column.name for column in columns[:5]),
        got=", ".join(f"« {flatten(header)[:40]} »" for header in strangers),
        hint=_(
            "Export the structure (.lss) of the survey that holds these responses, and give it as structure=."
        ),
    )


def _lead(header: str) -> str:
    lead = _CODE.match(header)
    return lead[0] if lead else header


def _key(header: str) -> str:
    """What remains of a header once typography, tags and underscores for spaces are set aside."""
    text = flatten(header).replace("\xa0", " ").replace("\u202f", " ").replace("_", " ").replace("’", "'")
    return " ".join(text.split()).casefold()
