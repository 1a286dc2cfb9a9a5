"""A living manuscript in Word: the author's own file, its numbers and tables refreshed by id, never retyped.

``{{satisfaction_moyenne}}`` typed anywhere becomes a content control; from then on its value follows the register.
``{{table:t1}}`` or ``{{figure:f1}}``, alone in a paragraph, becomes the table or the figure given under that id.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from optima_research.errors import ExportError, suggest
from optima_research.language import _
from optima_research.language.typography import typeset
from optima_research.publishing import _wordml as wordml
from optima_research.publishing._manuscript_audit import audit_text, readable_text
from optima_research.publishing._manuscript_figures import fill_figure, is_same, link_figures, media_members
from optima_research.publishing._manuscript_tables import fill_table, link_tables
from optima_research.publishing.figures import PublicationFigure, draw
from optima_research.publishing.files import stable_zip
from optima_research.publishing.layout import Picture
from optima_research.publishing.register import Register
from optima_research.results import PublicationTable, Result
from optima_research.results.files import write_bytes

Status = Literal["ok", "updated", "linked", "stale", "unknown", "tracked", "orphan", "inconsistent"]
PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z][\w.-]*)\s*(\|\s*ic\s*)?\}\}")
BODY = "word/document.xml"
INTERVAL = "|ic"
"""``{{id|ic}}`` asks for the value with its interval."""


@dataclass(frozen=True)
class Finding:
    """One number, table or test of the manuscript, and what is to be said of it."""

    status: Status
    id: str
    before: str = ""
    after: str = ""
    hint: str = ""

    def __str__(self) -> str:
        moved = f"{self.before} → {self.after}" if self.before != self.after and self.after else self.before
        words = [f"{_label(self.status)}  {self.id}", moved, f"({self.hint})" if self.hint else ""]
        return " ".join(word for word in words if word)


@dataclass(frozen=True, eq=False)
class ManuscriptReport:
    """What was done to a manuscript, or found in it."""

    findings: tuple[Finding, ...]
    path: Path | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing is left for the author to do."""
        return all(finding.status in ("ok", "updated", "linked") for finding in self.findings)

    def count(self, status: Status) -> int:
        """Number of findings of a status."""
        return sum(finding.status == status for finding in self.findings)

    def frame(self) -> pd.DataFrame:
        """The findings as a table: ``status id before after hint``."""
        return pd.DataFrame(
            [vars(finding) for finding in self.findings], columns=list(Finding.__dataclass_fields__)
        )

    def __repr__(self) -> str:
        return "\n".join(map(str, self.findings)) or _("Nothing to report.")


def link(
    path: str | Path,
    register: Register,
    *,
    tables: Mapping[str, PublicationTable | Result] | None = None,
    figures: Mapping[str, PublicationFigure] | None = None,
    output: str | Path | None = None,
) -> ManuscriptReport:
    """Turn every ``{{id}}`` of a Word file into a control that follows the register.

    Parameters
    ----------
    path : str or Path
        The author's ``.docx``; left as it is.
    register : Register
        The values.
    tables : mapping of str to PublicationTable or Result, optional
        What ``{{table:id}}`` stands for.
    figures : mapping of str to PublicationFigure, optional
        What ``{{figure:id}}`` stands for.
    output : str or Path, optional
        Where to write; by default beside, with « -optima » after the name. Writing over the manuscript keeps a
        ``.bak`` copy.

    Returns
    -------
    ManuscriptReport
        One finding a placeholder: linked, or unknown and left as typed.

    Raises
    ------
    ExportError
        No such file, or not a Word file.
    """
    content = _read(path)
    parts = wordml.open_parts(content)
    findings: list[Finding] = []
    known = {name: _as_table(table) for name, table in (tables or {}).items()}
    drawn = {name: draw(figure) for name, figure in (figures or {}).items()}

    def value(found: re.Match[str]) -> tuple[str, str] | None:
        id_ = found[1] + (INTERVAL if found[2] else "")
        if found[1] not in register:
            findings.append(Finding("unknown", found[1], found.group(), hint=suggest(found[1], register)))
            return None
        findings.append(Finding("linked", id_, after=_value(register, id_)))
        return id_, _value(register, id_)

    for name, part in parts.items():
        met = [("table", id_, id_ in known) for id_ in link_tables(part, known)]
        if name == BODY:  # Word keeps the pictures of notes and footers elsewhere
            met += [("figure", id_, id_ in drawn) for id_ in link_figures(part, drawn)]
        findings += [Finding("linked" if there else "unknown", f"{kind}:{id_}") for kind, id_, there in met]
        for paragraph in list(wordml.paragraphs(part)):
            wordml.wrap_text(paragraph, PLACEHOLDER, value)
        wordml.number_controls(part)
    used = {id_: drawn[id_] for id_ in drawn if Finding("linked", f"figure:{id_}") in findings}
    return _written(path, output, wordml.save_parts(content, parts, media_members(content, used)), findings)


def refresh(
    path: str | Path,
    register: Register,
    *,
    tables: Mapping[str, PublicationTable | Result] | None = None,
    figures: Mapping[str, PublicationFigure] | None = None,
    output: str | Path | None = None,
) -> ManuscriptReport:
    """Bring the controls of a Word file up to date with the register.

    Parameters
    ----------
    path, register, tables, figures, output
        As in :func:`link`.

    Returns
    -------
    ManuscriptReport
        Each control: ok, updated, unknown, or tracked (a revision under way inside it: left as it is).
    """
    content = _read(path)
    parts = wordml.open_parts(content)
    known = {name: _as_table(table) for name, table in (tables or {}).items()}
    drawn = {name: draw(figure) for name, figure in (figures or {}).items()}
    findings: list[Finding] = []
    for part in parts.values():
        for id_, control in list(wordml.controls(part)):
            kind, _colon, name = id_.rpartition(":")
            if kind == "table":
                findings.append(_refreshed_table(name, control, known, wordml.text_width(part)))
            elif kind == "figure":
                findings.append(_refreshed_figure(name, control, drawn, content))
            else:
                findings.append(_refreshed(id_, control, register))
    used = {id_: drawn[id_] for id_ in drawn if Finding("updated", f"figure:{id_}") in findings}
    return _written(path, output, wordml.save_parts(content, parts, media_members(content, used)), findings)


def check(path: str | Path, register: Register) -> ManuscriptReport:
    """Look for what is stale, unknown, typed by hand, or statistically impossible in a Word file.

    Parameters
    ----------
    path : str or Path
        The manuscript; it is not changed.
    register : Register
        The values.

    Returns
    -------
    ManuscriptReport
        Controls (ok, stale, unknown), placeholders not linked, numbers typed by hand outside any control (orphans,
        with the id whose value they are), and tests whose p-value does not follow from their statistic.
    """
    findings: list[Finding] = []
    for part in wordml.open_parts(_read(path)).values():
        for id_, control in wordml.controls(part):
            if ":" not in id_:
                findings.append(_checked(id_, control, register))
        for text, free in readable_text(part):
            findings += [Finding(*finding) for finding in audit_text(text, free, register)]  # type: ignore[arg-type]
    return ManuscriptReport(tuple(findings))


def characters(path: str | Path) -> int:
    """Number of characters of a Word file, blanks included, notes and tables too: what journals count.

    Parameters
    ----------
    path : str or Path
        The manuscript.

    Returns
    -------
    int
        Headers and footers are left out. *Gestion et management public* takes at most 70 000.
    """
    parts = wordml.open_parts(_read(path))
    counted = (part for name, part in parts.items() if not name.startswith(("word/header", "word/footer")))
    return sum(len(text.text or "") for part in counted for text in part.iter(f"{wordml.W}t"))


def _refreshed(id_: str, control: Any, register: Register) -> Finding:
    before = wordml.control_text(control)
    if id_.removesuffix(INTERVAL) not in register:
        return Finding("unknown", id_, before, hint=suggest(id_.removesuffix(INTERVAL), register))
    after = _value(register, id_)
    if before == after:
        return Finding("ok", id_, before)
    if wordml.has_tracked_changes(control):
        return Finding(
            "tracked", id_, before, after, hint=_("accept or reject the revisions, then refresh again")
        )
    wordml.set_control_text(control, after)
    return Finding("updated", id_, before, after)


def _refreshed_table(name: str, control: Any, tables: Mapping[str, PublicationTable], width: int) -> Finding:
    if name not in tables:
        return Finding("unknown", f"table:{name}", hint=suggest(name, tables))
    if wordml.has_tracked_changes(control):
        return Finding(
            "tracked", f"table:{name}", hint=_("accept or reject the revisions, then refresh again")
        )
    before = wordml.control_text(control)
    fill_table(control, tables[name], width)
    return Finding("ok" if wordml.control_text(control) == before else "updated", f"table:{name}")


def _refreshed_figure(name: str, control: Any, pictures: Mapping[str, Picture], content: bytes) -> Finding:
    if name not in pictures:
        return Finding("unknown", f"figure:{name}", hint=suggest(name, pictures))
    before = wordml.control_text(control)
    fill_figure(control, name, pictures[name])
    same = is_same(content, name, pictures[name]) and wordml.control_text(control) == before
    return Finding("ok" if same else "updated", f"figure:{name}")


def _checked(id_: str, control: Any, register: Register) -> Finding:
    before, name = wordml.control_text(control), id_.removesuffix(INTERVAL)
    if name not in register:
        return Finding("unknown", id_, before, hint=suggest(name, register))
    after = _value(register, id_)
    return Finding("ok", id_, before) if before == after else Finding("stale", id_, before, after)


def _value(register: Register, id_: str) -> str:
    row = register[id_.removesuffix(INTERVAL)]
    return f"{row.text} {row.interval}".strip() if id_.endswith(INTERVAL) else row.text


def _as_table(table: PublicationTable | Result) -> PublicationTable:
    return table.table() if isinstance(table, Result) else table


def _read(path: str | Path) -> bytes:
    file = Path(path)
    if not file.is_file():
        near = [other.name for other in file.parent.glob("*.docx")] if file.parent.is_dir() else []
        raise ExportError(
            _("There is no manuscript “{name}”.", name=file.name), hint=suggest(file.name, near) or None
        )
    return file.read_bytes()


def _written(
    path: str | Path, output: str | Path | None, content: bytes, findings: list[Finding]
) -> ManuscriptReport:
    source = Path(path)
    beside = source.with_name(f"{source.stem.removesuffix('-optima')}-optima.docx")
    target = Path(output) if output is not None else beside
    if target.exists() and target.resolve() == source.resolve():
        shutil.copy2(source, source.with_name(f"{source.name}.bak"))
    write_bytes(target, stable_zip(content))
    return ManuscriptReport(tuple(findings), target)


def _label(status: Status) -> str:
    labels = {
        "ok": _("OK"),
        "updated": _("UPDATED"),
        "linked": _("LINKED"),
        "stale": _("OUT OF DATE"),
        "unknown": _("UNKNOWN"),
        "tracked": _("BEING REVISED"),
        "orphan": _("TYPED BY HAND"),
        "inconsistent": _("INCONSISTENT"),
    }
    return typeset(labels[status])
