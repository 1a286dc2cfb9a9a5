"""A questionnaire guessed from an export alone: its column codes, and what little its cells show."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from optima_research.errors import SourceError
from optima_research.language import _
from optima_research.sources.limesurvey.structure import Answer, Group, Question, Structure, Subquestion
from optima_research.sources.limesurvey.wording import meta_of

__all__ = ["Described", "bracket_name", "infer_structure"]

_NAME = re.compile(r"(?P<code>[A-Za-z][A-Za-z0-9]*)(?:\[(?P<first>[^\[\]]+)\])?(?:\[(?P<second>[^\[\]]+)\])?")
_EM = re.compile(r"(?P<code>[A-Za-z][A-Za-z0-9]*)_(?P<rest>.+)")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_LANGUAGE = "und"


@dataclass(frozen=True)
class Described:
    """One column of an export without structure: header, distinct texts, and labels where the export has any."""

    name: str
    texts: Sequence[str]
    label: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


def bracket_name(name: str) -> str:
    """An ExpressionScript name in bracket form; question codes hold no underscore, so the first one is the seam.

    Examples
    --------
    >>> bracket_name("CLI_SQ001"), bracket_name("dual_SQ01#0"), bracket_name("AGE")
    ('CLI[SQ001]', 'dual[SQ01][1]', 'AGE')
    """
    found = _EM.fullmatch(name)
    if not found:
        return name
    rest, _hash, scale = found["rest"].partition("#")
    return f"{found['code']}[{rest}]" + (f"[{int(scale) + 1}]" if scale.isdigit() else "")


def infer_structure(columns: Sequence[Described], *, where: str) -> Structure:
    """Guess the questionnaire of an export that comes without its ``.lss``.

    Parameters
    ----------
    columns : sequence of Described
        In file order, under bracket names; meta columns among them are left out.
    where : str

    Returns
    -------
    Structure
        Types are guesses: a column of few short codes is a list, whose labels are its codes unless the export gives
        them; options ``Y`` or empty are a multiple choice. Nothing is known of conditions and pages.

    Raises
    ------
    SourceError
        The headers are texts, not codes.
    """
    parsed = [
        (column, found) for column in columns if (found := _NAME.fullmatch(column.name)) and _asked(column)
    ]
    strangers = [
        column.name for column in columns if not _NAME.fullmatch(column.name) and meta_of(column.name) is None
    ]
    if not parsed or len(strangers) > len(parsed):
        raise SourceError(
            _("Without the structure, the headings must be question codes, and they are not."),
            where=where,
            parameter="structure",
            got=", ".join(f"« {name[:40]} »" for name in strangers[:3]),
            hint=_(
                "Export the structure (Display/Export > Survey structure .lss) and give it as structure=; or export a "
                "survey archive (.lsa), which holds both."
            ),
        )
    questions = [
        _question(code, [(c, f) for c, f in group], qid)
        for qid, (code, group) in enumerate(groupby(parsed, key=lambda pair: pair[1]["code"]), start=1)
    ]
    return Structure(
        sid=0,
        language=_LANGUAGE,
        languages=(_LANGUAGE,),
        titles={},
        groups=(Group(1, {}, questions=tuple(questions)),),
        settings={"format": "A", "datestamp": "Y", "ipaddr": "Y", "refurl": "Y"},
    )


def _asked(column: Described) -> bool:
    return meta_of(column.name) is None


_Parsed = list[tuple[Described, re.Match[str]]]


def _question(code: str, columns: _Parsed, qid: int) -> Question:
    rows = [(c, f["first"]) for c, f in columns if f["first"]]
    suffixes = [suffix for _c, suffix in rows]
    options = [(c, s) for c, s in rows if s not in ("other", "comment", "othercomment")]
    kind, answers, subquestions = _kind(columns, options, suffixes)
    return Question(
        qid=qid,
        gid=1,
        code=code,
        type=kind,
        texts={_LANGUAGE: _wording(columns, code)},
        other="other" in suffixes,
        # Nothing is known of filters: no cell may be called shown because another one is.
        attributes={"array_filter": "?"},
        answers=tuple(answers),
        subquestions=tuple(subquestions),
    )


def _kind(
    columns: _Parsed, options: list[tuple[Described, str]], suffixes: list[str]
) -> tuple[str, list[Answer], list[Subquestion]]:
    texts = [text for column, _s in options or [(c, "") for c, _f in columns[:1]] for text in column.texts]
    if any(found["second"] for _c, found in columns):
        first, second = (_answers([c for c, f in columns if f["second"] == scale]) for scale in ("1", "2"))
        return "1", [*first, *(Answer(a.code, a.labels, 1) for a in second)], _rows(options)
    if not options:
        described = [c for c, f in columns if not f["first"]]
        if "comment" in suffixes:
            return "O", _answers(described), []
        kind = _single(texts, described)
        return kind, _answers(described) if kind == "L" else [], []
    if [s for _c, s in options] == [str(n) for n in range(1, len(options) + 1)]:
        return "R", _ranked([c for c, _s in options], len(options)), []
    if any(s.endswith("comment") for _c, s in options):
        return "P", [], _rows([(c, s) for c, s in options if not s.endswith("comment")])
    if set(texts) <= {"Y"}:
        return "M", [], _rows(options)
    kind = _single(texts, [c for c, _s in options])
    array = {"L": "F", "N": "K"}.get(kind, "Q")
    return array, _answers([c for c, _s in options]) if array == "F" else [], _rows(options)


def _single(texts: Sequence[str], columns: Sequence[Described]) -> str:
    if any(column.values for column in columns):
        return "L"
    distinct = {text for text in texts if text}
    short = all(len(text) <= 5 and " " not in text for text in distinct)
    if distinct and short and len(distinct) <= 12:
        return "L"
    return "N" if distinct and all(_NUMBER.fullmatch(text) for text in distinct) else "T"


def _answers(columns: Sequence[Described]) -> list[Answer]:
    values = {code: label for column in columns for code, label in column.values.items()}
    seen = sorted(
        {text for column in columns for text in column.texts if text and text != "-oth-"}, key=_order
    )
    for text in seen:
        values.setdefault(text, text)
    return [Answer(code, {_LANGUAGE: label}) for code, label in values.items()]


def _ranked(columns: Sequence[Described], count: int) -> list[Answer]:
    answers = _answers(columns)
    # A ranking has at least as many items as ranks, even where nobody used them all.
    missing = [Answer(f"?{n}", {}) for n in range(count - len(answers))]
    return [*answers, *missing]


def _rows(options: Sequence[tuple[Described, str]]) -> list[Subquestion]:
    found = {suffix: column for column, suffix in options}
    return [
        Subquestion(1000 + n, suffix, {_LANGUAGE: _part(column.label, suffix)})
        for n, (suffix, column) in enumerate(found.items())
    ]


def _part(label: str, suffix: str) -> str:
    """``[Row] Question`` is how the statistical exports label a row."""
    return label[1 : label.index("]")] if label.startswith("[") and "]" in label else suffix


def _wording(columns: _Parsed, code: str) -> str:
    label = columns[0][0].label
    if label.startswith("[") and "]" in label:
        label = label[label.rindex("]") + 1 :]
    return label.strip() or code


def _order(text: str) -> tuple[int, float, str]:
    return (0, float(text), text) if _NUMBER.fullmatch(text) else (1, 0.0, text)
