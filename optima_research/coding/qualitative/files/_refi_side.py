"""Cases, variables, notes and sets of a REFI-QDA document."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pandas as pd

from optima_research.coding.qualitative.files._refi_elements import Case, Document, guid
from optima_research.coding.qualitative.projects import project as tables
from optima_research.coding.qualitative.projects.import_report import ReportBuilder
from optima_research.coding.qualitative.projects.project import lf_text, unique_names
from optima_research.errors import SourceError
from optima_research.language import _

if TYPE_CHECKING:
    from optima_research.coding.qualitative.files._refi_assemble import TextOf, _Assembly

NAN = float("nan")
_MOST_CELLS = 20_000_000


def case_tables(
    document: Document, work: _Assembly, report: ReportBuilder
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Cases, their sources and spans, and the variables of cases and sources."""
    labels = [case.name or _case_name(case, work) for case in document.cases]
    nameless = sum(not case.name for case in document.cases)
    report.add("repaired", report.file, _("Nameless cases were named after their source."), nameless)
    names = unique_names(labels)
    by_guid = {case.guid: name for case, name in zip(document.cases, names, strict=True)}
    members: list[tuple[Any, ...]] = []
    values: list[tuple[Any, ...]] = []
    shorn = _short_names(document)
    n_codes = 0
    for case, name in zip(document.cases, names, strict=True):
        members += [(name, work.names[s], NAN, NAN) for s in case.sources if s in work.names]
        spans = [work.spans[s] for s in case.selections if s in work.spans]
        members += [(name, source, float(start), float(end)) for source, start, end in spans]
        values += [("case", name, *_typed(shorn, document, value)) for value in case.values]
        n_codes += len(case.codes)
    members += [(by_guid[code], source, start, end) for code, source, start, end in work.case_spans]
    for name, source in work.named.items():
        values += [("source", name, *_typed(shorn, document, value)) for value in source.values]
    report.add("lost", report.file, _("Codes attached to a whole case are not kept."), n_codes)
    variables = pd.DataFrame(values, columns=tables.VARIABLE_COLUMNS, dtype=object)
    memberships = pd.DataFrame(members, columns=tables.MEMBER_COLUMNS, dtype=object)
    memberships = memberships.astype({"start": float, "end": float}).drop_duplicates(ignore_index=True)
    rows = [(name, case.guid, case.description) for case, name in zip(document.cases, names, strict=True)]
    cases = with_variables(pd.DataFrame(rows, columns=tables.CASE_COLUMNS, dtype=object), variables)
    return cases, memberships, variables


def with_variables(cases: pd.DataFrame, variables: pd.DataFrame) -> pd.DataFrame:
    """Cases with one column a variable."""
    own = variables[(variables["owner_kind"] == "case") & ~variables["variable"].isin(cases.columns)]
    own = own.drop_duplicates(["owner", "variable"])
    names = own["variable"].drop_duplicates().tolist()
    if len(names) * len(cases) > _MOST_CELLS:
        raise SourceError(
            _("The cases have too many variables."),
            parameter="variables",
            hint=_("Export the project again from the tool."),
        )
    wide = own.pivot(index="owner", columns="variable", values="value").astype(object)  # noqa: PD010 - no mean of texts
    wide = wide.reindex(index=cases["name"], columns=names).set_axis(cases.index, axis=0)
    return pd.concat([cases, wide.set_axis(names, axis=1)], axis=1)


def note_table(document: Document, work: _Assembly, text_of: TextOf) -> pd.DataFrame:
    """Memos with what they are about, and annotations: spans that carry a text but no code."""
    about = _targets(document, work)
    rows: list[tuple[Any, ...]] = []
    for note in document.notes:
        kind, target, start, end = about.get(note.guid, ("", "", NAN, NAN))
        creator = work.users.get(guid(note.attributes.get("creatingUser")), "")
        date = note.attributes.get("creationDateTime", "")
        text = lf_text(text_of(note)) or note.description
        rows.append((note.guid, note.name, text, kind, target, start, end, creator, date))
    of_cases = {selection for case in document.cases for selection in case.selections}
    for name, selection, start, end in work.annotations:
        if selection.description or not (selection.notes or selection.guid in of_cases):
            coder = work.users.get(selection.creator, "")
            row = (
                selection.guid,
                selection.name,
                selection.description,
                "annotation",
                name,
                float(start),
                float(end),
            )
            rows.append((*row, coder, selection.date))
    return pd.DataFrame(rows, columns=tables.NOTE_COLUMNS, dtype=object).astype(
        {"start": float, "end": float}
    )


def set_table(document: Document, work: _Assembly) -> pd.DataFrame:
    """Groups of documents and codes, members by name or path."""
    notes = {note.guid: note.guid for note in document.notes}
    known = {"code": work.code_paths, "source": work.names, "note": notes}
    rows = [(name, own, kind, known[kind][m]) for own, name, kind, m in document.sets if m in known[kind]]
    return pd.DataFrame(rows, columns=tables.SET_COLUMNS, dtype=object)


def _targets(document: Document, work: _Assembly) -> dict[str, tuple[str, str, float, float]]:
    found: dict[str, tuple[str, str, float, float]] = dict.fromkeys(
        document.project_notes, ("project", "", NAN, NAN)
    )
    for code in document.codes:
        path = work.code_paths.get(code["guid"], "")
        found.update(dict.fromkeys(code.get("notes", "").split(), ("code", path, NAN, NAN)))
    for name, source in work.named.items():
        found.update(dict.fromkeys(source.notes, ("source", name, NAN, NAN)))
        for part in [source, *source.parts]:
            for selection in part.selections:
                if selection.guid in work.spans:
                    _name, start, end = work.spans[selection.guid]
                    found.update(
                        dict.fromkeys(selection.notes, ("selection", name, float(start), float(end)))
                    )
                else:
                    found.update(dict.fromkeys(selection.notes, ("source", name, NAN, NAN)))
                codings = selection.codings
                found.update({n: ("coding", c.guid, NAN, NAN) for c in codings for n in c.notes})
            found.update({n: ("coding", c.guid, NAN, NAN) for c in part.codings for n in c.notes})
    notes = {note.guid for note in document.notes}
    for origin, target in document.links:
        note, other = (origin, target) if origin in notes else (target, origin)
        if note in notes and note not in found:
            if other in work.spans:
                name, start, end = work.spans[other]
                found[note] = ("selection", name, float(start), float(end))
            elif other in work.names:
                found[note] = ("source", work.names[other], NAN, NAN)
            elif other in work.code_paths:
                found[note] = ("code", work.code_paths[other], NAN, NAN)
    return found


def _case_name(case: Case, work: _Assembly) -> str:
    sources = [work.names[s] for s in case.sources if s in work.names]
    return sources[0] if len(sources) == 1 else _("unnamed case")


def _short_names(document: Document) -> dict[str, str]:
    """Variable names without NVivo's classification prefix (``Cases:Age``), where they stay distinct."""
    short = {v: name.rpartition(":")[2].strip() or name for v, (name, _kind) in document.variables.items()}
    times = Counter(short.values())
    return {v: s if times[s] == 1 else document.variables[v][0] for v, s in short.items()}


def _typed(shorn: dict[str, str], document: Document, value: tuple[str, str, str]) -> tuple[str, str, Any]:
    variable, kind, text = value
    name = shorn.get(variable, variable)
    declared = document.variables.get(variable, ("", kind))[1] or kind
    return name, declared, typed_value(declared, text)


def typed_value(kind: str, text: str) -> Any:
    """The text of a variable's value as a number or a truth value where its type says so and the text allows."""
    try:
        if kind == "Integer":
            return int(text)
        if kind == "Float":
            return float(text)
    except ValueError:
        return text
    if kind == "Boolean":
        return {"true": True, "1": True, "false": False, "0": False}.get(text.strip().casefold(), text)
    return text
