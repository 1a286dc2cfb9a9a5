"""An XLSForm read from its three sheets: questions in order, their lists of choices, one language of labels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from optima_research.errors import SourceError
from optima_research.language import _
from optima_research.sources.french import clean, ordered_scale
from optima_research.sources.limesurvey.wording import flatten
from optima_research.sources.workbooks import Sheet, cell_text, read_workbook

__all__ = ["Form", "Item", "read_form"]

_SKIPPED = {"note", "calculate", "start", "end", "today", "hidden", "begin_group", "end_group", "begin_repeat",
            "end_repeat", "audit", "xml-external", "csv-external", "background-audio"}  # fmt: skip


@dataclass(frozen=True)
class Item:
    """One question: its name, the groups it stands in, its label and choices in one language."""

    name: str
    path: str
    type: str
    label: str
    group: str = ""
    relevant: str = ""
    options: dict[str, str] = field(default_factory=dict)
    multiple: bool = False

    @property
    def ordered(self) -> bool:
        """Whether its choices are a response scale we know, in its order or the reverse."""
        labels = list(self.options.values())
        known = ordered_scale(labels) if not self.multiple else None
        return known is not None and labels in (known, known[::-1])


@dataclass(frozen=True)
class Form:
    """The questions of a form, in order."""

    title: str
    language: str
    items: tuple[Item, ...]


def read_form(path: str | Path, language: str | None = None) -> Form:
    """Read an XLSForm.

    Parameters
    ----------
    path : str or Path
    language : str, optional
        As written in the headings (``"Français (fr)"``) or its code (``"fr"``).

    Raises
    ------
    SourceError
        No sheet ``survey``, no column ``type`` or ``name``, a list of choices that does not exist, an unknown language.
    """
    path = Path(path)
    sheets = {sheet.name.strip().casefold(): _records(sheet) for sheet in read_workbook(path)}
    survey = sheets.get("survey")
    if not survey or not {"type", "name"} <= set(survey[0]):
        raise SourceError(
            _("This workbook is not an XLSForm: it has no sheet « survey » with « type » and « name »."),
            where=path.name,
            got=", ".join(sheets),
            hint=_("Give the form itself (.xlsx), downloaded from KoboToolbox or ODK."),
        )
    settings = (sheets.get("settings") or [{}])[0]
    chosen = _language(survey[0], language or settings.get("default_language") or None, path.name)
    choices: dict[str, dict[str, str]] = {}
    for row in sheets.get("choices") or []:
        name = row.get("name") or row.get("value") or ""
        if row.get("list_name") and name:
            choices.setdefault(row["list_name"], {})[name] = _label(row, chosen) or name
    return Form(settings.get("form_title", ""), chosen, tuple(_items(survey, choices, chosen, path.name)))


def _records(sheet: Sheet) -> list[dict[str, str]]:
    header = [re.sub(r"\s*::?\s*", "::", clean(cell_text(value)), count=1) for value in sheet.rows[0]]
    header = ["list_name" if name == "list name" else name for name in header]
    return [
        {name: clean(cell_text(value)) for name, value in zip(header, row, strict=True) if name}
        for row in sheet.rows[1:]
    ]


def _language(row: Mapping[str, str], wanted: str | None, where: str) -> str:
    known = [name.removeprefix("label::") for name in row if name.startswith("label::")]
    if wanted is None or not known:
        return known[0] if known and "label" not in row else ""
    for name in known:
        code = re.search(r"\(([^)]+)\)", name)
        if wanted.casefold() in (name.casefold(), code[1].casefold() if code else ""):
            return name
    if "label" in row:
        return ""
    raise SourceError(
        _("The form has no labels in « {language} ».", language=wanted),
        where=where,
        parameter="language",
        expected=", ".join(known),
        hint=_("Choose one of the languages of the form."),
    )


def _label(row: Mapping[str, str], language: str) -> str:
    return flatten(row.get(f"label::{language}") or row.get("label") or "").strip()


def _items(
    rows: list[dict[str, str]], choices: dict[str, dict[str, str]], language: str, where: str
) -> list[Item]:
    groups: list[tuple[str, str]] = []
    found: list[Item] = []
    for number, row in enumerate(rows, start=2):
        kind, *rest = row.get("type", "").split()
        if not kind:
            continue
        kind = f"{kind}_{rest.pop(0)}" if kind in ("begin", "end") and rest else kind
        if kind in ("begin_group", "begin_repeat"):
            groups.append((row.get("name", ""), _label(row, language)))
        elif kind in ("end_group", "end_repeat"):
            groups = groups[:-1]
        if kind in _SKIPPED or not row.get("name"):
            continue
        options = _options(kind, rest, choices, f"{where}, survey, {number}")
        found.append(
            Item(
                name=row["name"],
                path="/".join([*(name for name, _l in groups), row["name"]]),
                type=kind,
                label=_label(row, language) or row["name"],
                group=groups[-1][1] if groups else "",
                relevant=row.get("relevant", ""),
                options=options,
                multiple=kind == "select_multiple",
            )
        )
    return found


def _options(kind: str, rest: list[str], choices: dict[str, dict[str, str]], where: str) -> dict[str, str]:
    if kind not in ("select_one", "select_multiple", "rank"):
        return {}
    name = rest[0] if rest else ""
    if name not in choices:
        raise SourceError(
            _("The list of choices « {name} » does not exist in the form.", name=name),
            where=where,
            expected=", ".join(choices) or None,
            hint=_(
                "Lists kept in another file (select_one_from_file) are not read: copy them to the sheet « choices »."
            ),
        )
    other = {"other": _("Other")} if "or_other" in rest else {}
    return {**choices[name], **other}
