"""The questionnaire as an annex of an article or a thesis, printed from the codebook and never typed again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from optima_research.codebook import Codebook, ItemSet, ItemSetKind, Measure, Role, Variable
from optima_research.errors import ExportError
from optima_research.language import _
from optima_research.language.numbers import format_number, format_percent
from optima_research.publishing.report import Report
from optima_research.results import Column, PublicationTable

_ASKED = {Role.ITEM, Role.OTHER_TEXT, Role.COMMENT}


def questionnaire_annex(codebook: Codebook, *, title: str = "", subtitle: str = "") -> Report:
    """The questions as they were put, with the answers offered, their codes, who was asked, and the scales.

    Parameters
    ----------
    codebook : Codebook
        Its items, in their order; scores, weights and columns of the tool are left out.
    title, subtitle : str
        Of the annex; « Questionnaire » and the title of the codebook by default.

    Returns
    -------
    Report
        To be given to :func:`export` (``formats=("docx", "html")``). A grid, a multiple answer or a ranking is printed
        once, with its lines under it.

    Raises
    ------
    ExportError
        The codebook has no question.

    Examples
    --------
    >>> book = Codebook([Variable("CLI1", "Le climat est bon.", values={1: "Non", 2: "Oui"})])
    >>> [item.text for item in questionnaire_annex(book).items][:2]
    ['Questions : 1.', '1. Le climat est bon.']
    """
    asked = [variable for variable in codebook if variable.role in _ASKED]
    if not asked:
        raise ExportError(
            _("The codebook has no question to print."),
            hint=_("Give the variables of the questionnaire the role “item”."),
        )
    owners = {name: group for group in codebook.sets for name in group.members}
    blocks = list(_blocks(owners, asked))
    report = Report(title or _("Questionnaire"), subtitle or codebook.title)
    report = report.text(_("Questions: {n}.", n=len(blocks)))
    grouped, group = any(variable.group for variable in asked), ""
    for number, (first, members) in enumerate(blocks, start=1):
        if first.group and first.group != group:
            group = first.group
            report = report.heading(group)
        item_set = owners.get(first.name)
        told = (item_set.label if item_set else "") or (first.question or first.shown)
        report = report.heading(f"{number}. {told}", 2 if grouped else 1)
        report = _universe(report, first)
        report = _set(report, item_set, members) if item_set else _answers(report, first)
    return _scales(report, codebook)


def _blocks(
    owners: Mapping[str, ItemSet], asked: list[Variable]
) -> Iterator[tuple[Variable, list[Variable]]]:
    """Each question once: (its first column, its columns)."""
    seen: set[str] = set()
    for variable in asked:
        group = owners.get(variable.name)
        if group is None:
            yield variable, [variable]
        elif group.name not in seen:
            seen.add(group.name)
            members = set(group.members)
            yield variable, [other for other in asked if other.name in members]


def _universe(report: Report, variable: Variable) -> Report:
    return (
        report.text(_("Asked of: {universe}.", universe=variable.universe)) if variable.universe else report
    )


def _set(report: Report, group: ItemSet, members: list[Variable]) -> Report:
    instruction = {
        ItemSetKind.MULTIPLE: _("Several answers possible."),
        ItemSetKind.RANKING: _("Answers to be put in order."),
        ItemSetKind.GRID: _("One answer a line."),
        ItemSetKind.DUAL_SCALE: _("One answer a line on each of the two scales."),
    }.get(ItemSetKind(group.kind), "")
    report = report.text(instruction) if instruction else report
    first = members[0]
    shared = all((m.values, m.missing) == (first.values, first.missing) for m in members)
    for member in members:
        own = "" if shared or not (member.values or member.missing) else f" ({_listed(member, missing=True)})"
        report = report.bullet(f"{_line(member, group)} [{member.name}]{own}")
    # The code of a ticked option says nothing to a reader; the steps of a grid do.
    if shared and group.kind != ItemSetKind.MULTIPLE and first.values:
        report = report.text(_("Answers offered: {answers}.", answers=_listed(first)))
    return _missing(report, first) if shared else report


def _line(member: Variable, group: ItemSet) -> str:
    """The line of a grid without the question that stands above it."""
    told = member.question or member.shown
    rest = told.removeprefix(group.label).strip(" -–—:[]") if group.label else told
    return rest or member.shown


def _listed(variable: Variable, *, missing: bool = False) -> str:
    absent = {code: kind.label for code, kind in variable.missing.items()} if missing else {}  # type: ignore[union-attr]
    told = (*variable.values.items(), *absent.items())
    return " | ".join(_answer(code, label) for code, label in told)


def _answer(code: object, label: str) -> str:
    """A code and its label, once where they are the same (a scale from 0 to 10)."""
    return label if str(code) == label else f"{code} = {label}"


def _answers(report: Report, variable: Variable) -> Report:
    report = report.text(_form(variable))
    for code, label in variable.values.items():
        report = report.bullet(_answer(code, label))
    return _missing(report, variable)


def _form(variable: Variable) -> str:
    unit = f" ({variable.unit})" if variable.unit else ""
    if variable.values:
        form = _("One answer, in order") if variable.is_ordered else _("One answer")
    elif Measure(variable.measure).is_number:
        form = _("A number") + unit
    else:
        form = _("Date") if variable.measure == Measure.DATE else _("Free answer")
    return f"{form} [{variable.name}]."


def _missing(report: Report, variable: Variable) -> Report:
    if not variable.missing:
        return report
    codes = ", ".join(f"{code} = {kind.label}" for code, kind in variable.missing.items())  # type: ignore[union-attr]
    return report.text(_("Codes without answer: {codes}.", codes=codes))


def _scales(report: Report, codebook: Codebook) -> Report:
    if not codebook.scales:
        return report
    rows = [
        {
            "items": ", ".join(scale.items),
            "reversed": ", ".join(scale.reversed) or "–",
            "range": _range(scale.range),
            "minimum": f"{scale.min_items} / {len(scale.items)} ({format_percent(scale.min_valid, 0)})",
        }
        for scale in codebook.scales
    ]
    labels = [f"{scale.label} [{scale.name}]" if scale.label else scale.name for scale in codebook.scales]
    columns = (
        Column("items", _("Items"), kind="text"),
        Column("reversed", _("Reversed items"), kind="text"),
        Column("range", _("Range"), kind="text"),
        Column("minimum", _("Answers required"), kind="text"),
    )
    table = PublicationTable(
        _("Scales of the questionnaire"),
        pd.DataFrame(rows, index=labels),
        columns,
        stub=_("Scale"),
        policy="codebook",
        name="scales",
    )
    return report.heading(_("Scales")).table(table)


def _range(bounds: tuple[float, float]) -> str:
    decimals = 0 if all(float(bound).is_integer() for bound in bounds) else 2
    return " – ".join(format_number(bound, decimals) for bound in bounds)
