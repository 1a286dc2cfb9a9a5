"""From the elements of a REFI-QDA document to the tables of a coded project."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from optima_research.coding.qualitative.files._refi_elements import (
    REGIONS,
    Document,
    Selection,
    Source,
    guid,
    integer,
)
from optima_research.coding.qualitative.files._refi_side import case_tables, note_table, set_table
from optima_research.coding.qualitative.projects import project as tables
from optima_research.coding.qualitative.projects._code_paths import step, too_long
from optima_research.coding.qualitative.projects.import_report import ReportBuilder
from optima_research.coding.qualitative.projects.offsets import Resolution, resolve_offsets
from optima_research.coding.qualitative.projects.project import CodedProject, unique_names
from optima_research.language import _

TextOf = Callable[[Source], str]

_REGION_FIELDS = {
    "PDFSelection": ("page", "firstX", "firstY", "secondX", "secondY", "", ""),
    "PictureSelection": ("", "firstX", "firstY", "secondX", "secondY", "", ""),
    "AudioSelection": ("", "", "", "", "", "begin", "end"),
    "VideoSelection": ("", "", "", "", "", "begin", "end"),
}


def project(document: Document, text_of: TextOf, report: ReportBuilder) -> CodedProject:
    """Resolve references, offsets and names of a whole document."""
    work = _Assembly(document, report)
    for name, source in work.named.items():
        work.add_source(name, source, text_of)
    work.report_losses()
    codings = work.coding_table()
    cases, memberships, variables = case_tables(document, work, report)
    made = CodedProject(
        codes=work.code_table(),
        sources=_frame(work.source_rows, tables.SOURCE_COLUMNS),
        codings=codings,
        cases=cases,
        memberships=memberships,
        variables=variables,
        notes=note_table(document, work, text_of),
        sets=set_table(document, work),
        regions=_frame(work.region_rows, tables.REGION_COLUMNS),
        users=pd.DataFrame(
            [(name, user, short) for user, name, short in document.users],
            columns=tables.USER_COLUMNS,
            dtype=object,
        ),
        report=report.build(),
        name=document.attributes.get("name", ""),
    )
    return tables.finish(made)


class _Assembly:
    """Rows being built, and the dictionaries that resolve identifiers."""

    def __init__(self, document: Document, report: ReportBuilder) -> None:
        self.document = document
        self.report = report
        self.users = {user: name or short or user for user, name, short in document.users}
        self.default_coder = self.users.get(guid(document.attributes.get("creatingUserGUID")), "")
        case_guids = {case.guid for case in document.cases}
        parents = {code["parent"] for code in document.codes}
        self.case_codes = {
            c["guid"] for c in document.codes if c["guid"] in case_guids and c["guid"] not in parents
        }
        self.code_paths = self._code_paths()
        self.named = self._named_sources()
        self.names = {source.guid: name for name, source in self.named.items()}
        self.source_rows: list[tuple[Any, ...]] = []
        self.coding_rows: list[tuple[Any, ...]] = []
        self.region_rows: list[tuple[Any, ...]] = []
        self.case_spans: list[tuple[str, str, float, float]] = []
        self.annotations: list[tuple[str, Selection, int, int]] = []
        self.spans: dict[str, tuple[str, int, int]] = {}
        self.wrong_coder = 0
        self.orphans = 0

    def _code_paths(self) -> dict[str, str]:
        """Path of each code by identifier; the same name twice under one parent is numbered."""
        paths: dict[str, str] = {}
        taken: set[str] = set()
        last: dict[str, int] = {}
        for code in self.document.codes:
            if code["guid"] in self.case_codes:
                continue
            label = step(code["name"]) or _("unnamed code")
            above = paths.get(code["parent"], "")
            if too_long(above):
                above = ""
                self.report.add("repaired", label, _("Codes nested too deep were brought back to the root."))
            base = f"{above}/{label}" if above else label
            path, n = base, last.get(base, 1)
            while path in taken:
                n += 1
                path = f"{base} ({n})"
            last[base] = n
            if n > 1:
                self.report.add(
                    "warning", base, _("Two codes have the same place and name: « {name} ».", name=base)
                )
            taken.add(path)
            paths[code["guid"]] = path
        return paths

    def _named_sources(self) -> dict[str, Source]:
        """Texts by a name made unique: transcripts and representations are texts of their own or of their source."""
        flat: list[tuple[str, Source]] = []
        for source in self.document.sources:
            label = source.name or _("unnamed source")
            flat.append((label, source))
            flat.extend((part.name or label, part) for part in source.parts if part.kind == "transcript")
        names = unique_names(label for label, _source in flat)
        double = sum(name != label for name, (label, _s) in zip(names, flat, strict=True))
        message = _("Several sources bear the same name; a number was added to tell them apart.")
        self.report.add("repaired", self.report.file, message, double)
        named = {name: source for name, (_label, source) in zip(names, flat, strict=True)}
        for name, source in named.items():
            source.name = name  # what is said of it later must tell it from its namesakes
        return named

    def coder(self, *candidates: str) -> str:
        """The first named of coding, selection, source and project users."""
        for user in candidates:
            if user:
                return self.users.get(user, user)
        return self.default_coder

    def add_source(self, name: str, source: Source, text_of: TextOf) -> None:
        """One source: its text, the spans resolved on it, its regions."""
        # A PDF or a picture is read through its plain-text representation, whose spans are the source's.
        texts = [source, *(p for p in source.parts if p.kind in {"representation", "textdescription"})]
        holder = next(
            (t for t in texts if t.content is not None or t.attributes.get("plainTextPath")), source
        )
        raw = text_of(holder)
        selections = [s for t in texts for s in t.selections if s.kind not in REGIONS]
        sync = source.sync
        starts = [_position(s, "startPosition", "fromSyncPoint", sync) for s in selections]
        ends = [_position(s, "endPosition", "toSyncPoint", sync) for s in selections]
        found = self._resolve(name, raw, starts, ends, selections)
        attributes = source.attributes
        creator = guid(attributes.get("creatingUser"))
        self.source_rows.append(
            (
                name,
                found.text,
                source.guid,
                source.kind,
                attributes.get("path", ""),
                self.users.get(creator, ""),
                attributes.get("creationDateTime", ""),
                source.description,
            )
        )
        spans = zip(selections, found.start.tolist(), found.end.tolist(), starts, ends, strict=True)
        for selection, start, end, raw_start, raw_end in spans:
            self.spans[selection.guid] = (name, start, end)
            self._add_codings(name, selection, (start, end, raw_start, raw_end), creator)
        for coding in [c for t in texts for c in t.codings]:
            place = (0, len(found.text), 0, len(found.text))
            row = (coding.code, self.coder(coding.creator, creator), coding.date, "", coding.guid, "", True)
            self._place(name, place, row)
        for selection in (s for t in texts for s in t.selections if s.kind in REGIONS):
            self._add_region(name, selection, creator)

    def _resolve(
        self, name: str, raw: str, starts: list[int], ends: list[int], selections: list[Selection]
    ) -> Resolution:
        swapped = [(min(a, b), max(a, b)) for a, b in zip(starts, ends, strict=True)]
        turned = sum(a > b for a, b in zip(starts, ends, strict=True))
        self.report.add(
            "repaired", name, _("« {name} »: spans written end first were turned.", name=name), turned
        )
        first = np.array([a for a, _b in swapped], dtype=np.int64)
        last = np.array([b for _a, b in swapped], dtype=np.int64)
        found = resolve_offsets(
            raw, first, last, origin=self.report.origin, names=[selection.name for selection in selections]
        )
        c = found.convention
        row = (
            name,
            c.unit,
            c.newlines,
            c.bom,
            found.score,
            found.prior_score,
            len(first),
            found.follows_prior,
        )
        self.report.add_offsets(row)
        if not found.follows_prior:
            self.report.add(
                "decision",
                name,
                _(
                    "« {name} »: positions read as {unit}, line ends {newlines}, byte-order mark {bom}, on the "
                    "evidence of the words they cut.",
                    name=name, unit=c.unit, newlines=c.newlines, bom=c.bom,
                ),
            )  # fmt: skip
        self._report_spans(name, raw, found)
        return found

    def _report_spans(self, name: str, raw: str, found: Resolution) -> None:
        if len(found.start) and len(raw.strip()) <= 1:
            self.report.add(
                "warning", name, _("« {name} » has codings but no text.", name=name), len(found.start)
            )
            return
        message = _("« {name} »: spans beyond the end of the text were cut.", name=name)
        self.report.add("repaired", name, message, found.out_of_range)
        empty = int((found.start == found.end).sum())
        self.report.add("warning", name, _("« {name} »: codings of length zero.", name=name), empty)

    def _add_codings(
        self, name: str, selection: Selection, place: tuple[int, int, int, int], creator: str
    ) -> None:
        for coding in selection.codings:
            coder = self.coder(coding.creator, selection.creator, creator)
            self.wrong_coder += bool(
                coding.creator and selection.creator and coding.creator != selection.creator
            )
            row = (coding.code, coder, coding.date or selection.date, selection.description, coding.guid)
            self._place(name, place, (*row, selection.guid, False))
        if not selection.codings:
            self.annotations.append((name, selection, place[0], place[1]))

    def _place(self, name: str, place: tuple[int, int, int, int], row: tuple[Any, ...]) -> None:
        code, coder, date, memo, own, selection, whole = row
        if code in self.case_codes:
            bounds = (float("nan"), float("nan")) if whole else (float(place[0]), float(place[1]))
            self.case_spans.append((code, name, *bounds))
            return
        start, end, raw_start, raw_end = place
        path = self.code_path(code)
        self.coding_rows.append(
            (name, "", start, end, "", path, coder, date, memo, own, selection, whole, raw_start, raw_end)
        )

    def code_path(self, code: str) -> str:
        """Path of a code; one that the code tree does not hold gets a place of its own and a warning."""
        if code not in self.code_paths:
            path = _("unknown code {guid}", guid=code[:8])
            self.code_paths[code] = path
            self.orphans += 1
            missing = {
                "guid": code,
                "name": path,
                "parent": "",
                "color": "",
                "description": "",
                "codable": "true",
            }
            self.document.codes.append(missing)
        return self.code_paths[code]

    def _add_region(self, name: str, selection: Selection, creator: str) -> None:
        kind = selection.kind.removesuffix("Selection").casefold()
        values = [
            _number(selection.attributes.get(f)) if f else np.nan for f in _REGION_FIELDS[selection.kind]
        ]
        for coding in selection.codings:
            coder = self.coder(coding.creator, selection.creator, creator)
            self.region_rows.append(
                (
                    name,
                    self.code_path(coding.code),
                    coder,
                    kind,
                    *values,
                    selection.name,
                    coding.guid,
                    coding.date,
                )
            )

    def code_table(self) -> pd.DataFrame:
        """Codes in the order of the file, without those that are cases."""
        rows = []
        for code in self.document.codes:
            path = self.code_paths.get(code["guid"])
            if path is not None:
                above = path.rpartition("/")[0]
                codable = code["codable"].strip().casefold() not in {"false", "0"}
                rows.append(
                    (path, code["name"], code["guid"], above, code["color"], code["description"], codable)
                )
        return _frame(rows, tables.CODE_COLUMNS).astype({"codable": bool})

    def coding_table(self) -> pd.DataFrame:
        """Codings without exact repeats."""
        frame = _frame(self.coding_rows, tables.CODING_COLUMNS)
        repeated = frame.duplicated(["source", "start", "end", "code", "coder", "whole_source"])
        message = _("The same coder had given the same code twice to the same span; kept once.")
        self.report.add("repaired", self.report.file, message, int(repeated.sum()))
        return frame[~repeated].reset_index(drop=True).astype({"whole_source": bool})

    def report_losses(self) -> None:
        """What the document holds that a project does not keep."""
        add = self.report.add
        add(
            "warning",
            self.report.file,
            _("Codings refer to codes that the file does not define."),
            self.orphans,
        )
        message = _("The selection names another person than the coding; the coding was followed.")
        add("decision", self.report.file, message, self.wrong_coder)
        add("lost", self.report.file, _("Graphs and maps are not kept."), self.document.n_graphs)
        message = _("Cases that are also codes: their spans became memberships.")
        add("decision", self.report.file, message, len(self.case_codes))
        for name, n in Counter(self.document.unknown).items():
            add("lost", name, _("Unknown element « {name} ».", name=name), n)


def _position(selection: Selection, own: str, sync_point: str, sync: dict[str, int]) -> int:
    if own in selection.attributes:
        return max(integer(selection.attributes[own]), 0)
    return max(sync.get(guid(selection.attributes.get(sync_point)), 0), 0)


def _number(text: str | None) -> float:
    try:
        return float(text) if text else np.nan
    except ValueError:
        return np.nan


def _frame(rows: list[tuple[Any, ...]], columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=columns, dtype=object)
