"""QualCoder projects (``.qda`` folder, database versions 8 to 17), read without QualCoder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from optima_research.coding.qualitative.files._refi_side import typed_value, with_variables
from optima_research.coding.qualitative.files._sqlite_readonly import (
    Database,
    open_database,
    report_pending,
    text_of,
    whole,
)
from optima_research.coding.qualitative.projects import project as tables
from optima_research.coding.qualitative.projects._code_paths import step, too_long
from optima_research.coding.qualitative.projects.import_report import ReportBuilder
from optima_research.coding.qualitative.projects.offsets import resolve_offsets
from optima_research.coding.qualitative.projects.project import (
    CodedProject,
    coded_project,
    stable_guid,
    unique_names,
)
from optima_research.errors import SourceError
from optima_research.language import _

NAN = float("nan")
_KINDS = {"/images": "picture", "/audio": "audio", "/video": "video", "/docs": "pdf"}


def read_qualcoder(path: str | Path) -> CodedProject:
    """Read a QualCoder project: texts, code tree, codings by coder, cases, attributes, memos and annotations.

    Parameters
    ----------
    path : str or Path
        The ``.qda`` folder, or its ``data.qda``.

    Returns
    -------
    CodedProject
        Categories are folders (``codable`` False). Codings of pictures and recordings are in ``regions``.

    Raises
    ------
    SourceError
        No database, or not QualCoder's.

    Notes
    -----
    Columns are looked for instead of trusting the version number: versions 10, 14 and 16 added some.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> folder = tempfile.TemporaryDirectory()
    >>> import sqlite3
    >>> path = Path(folder.name) / "data.qda"
    >>> base = sqlite3.connect(path)
    >>> for statement in (
    ...     "CREATE TABLE source (id, name, fulltext)", "INSERT INTO source VALUES (1, 'E1', 'Le budget est voté.')",
    ...     "CREATE TABLE code_name (cid, name)", "INSERT INTO code_name VALUES (1, 'budget')",
    ...     "CREATE TABLE code_text (ctid, cid, fid, seltext, pos0, pos1, owner)",
    ...     "INSERT INTO code_text VALUES (1, 1, 1, 'budget', 3, 9, 'Anne')"):
    ...     _ = base.execute(statement)
    >>> base.commit()
    >>> base.close()
    >>> read_qualcoder(path).codings[["text", "code", "coder"]].values.tolist()
    [['budget', 'budget', 'Anne']]
    >>> folder.cleanup()
    """
    path = Path(path)
    file = path / "data.qda" if path.is_dir() else path
    with open_database(file) as database:
        if not {"source", "code_name", "code_text"} <= database.tables:
            raise SourceError(
                _("This database is not a QualCoder project."),
                where=path.name,
                expected="source, code_name, code_text",
                hint=_("Give the .qda folder of the project, or its data.qda."),
            )
        return _Reader(database, path.name).read()


class _Reader:
    """The tables of one database, read once."""

    def __init__(self, database: Database, name: str) -> None:
        about = database.table("project", ["databaseversion", "about"])
        version = text_of(about["databaseversion"].iloc[0]) if len(about) else ""
        self.database = database
        self.report = ReportBuilder(name, f"QualCoder {version}".strip())
        report_pending(database, self.report)
        columns = ["id", "name", "fulltext", "mediapath", "memo", "owner", "date"]
        # A damaged file may repeat an identifier: the first is kept.
        self.sources = database.table("source", columns).drop_duplicates("id")
        labels = [text_of(n) for n in self.sources["name"]]
        self.names = dict(zip(self.sources["id"], unique_names(labels), strict=True))
        self.codes, self.paths = self._codes()

    def read(self) -> CodedProject:
        """The project."""
        codings, texts = self._codings()
        cases, members, variables = self._cases(texts)
        frame = pd.DataFrame(
            {
                "name": list(self.names.values()),
                "text": [texts[i] for i in self.sources["id"]],
                "kind": [
                    _kind(p, t)
                    for p, t in zip(self.sources["mediapath"], self.sources["fulltext"], strict=True)
                ],
                "path": [text_of(p) for p in self.sources["mediapath"]],
                "coder": [text_of(o) for o in self.sources["owner"]],
                "date": [text_of(d) for d in self.sources["date"]],
                "description": [text_of(m) for m in self.sources["memo"]],
            },
            dtype=object,
        )
        graphs = sum(1 for t in self.database.tables if t.startswith("gr_"))
        self.report.add("lost", self.report.file, _("Graphs and maps are not kept."), graphs)
        return coded_project(
            frame,
            codings,
            codes=self.codes,
            cases=cases,
            memberships=members,
            variables=variables,
            notes=self._notes(),
            regions=self._regions(),
            report=self.report.build(),
            name=Path(self.report.file).stem,
        )

    def _codes(self) -> tuple[pd.DataFrame, dict[Any, str]]:
        """Tree of categories and codes; loops in a damaged tree are cut."""
        cats = self.database.table("code_cat", ["catid", "name", "memo", "supercatid"])
        names = self.database.table("code_name", ["cid", "name", "memo", "catid", "color", "supercid"])
        nodes: dict[tuple[str, Any], tuple[str, tuple[str, Any] | None, str, str]] = {}
        for row in cats.itertuples():
            above = ("cat", row.supercatid) if row.supercatid is not None else None
            nodes["cat", row.catid] = (_step(row.name), above, text_of(row.memo), "")
        for row in names.itertuples():
            above = ("code", row.supercid) if row.supercid is not None else None
            above = above or (("cat", row.catid) if row.catid is not None else None)
            nodes["code", row.cid] = (_step(row.name), above, text_of(row.memo), text_of(row.color))
        keys = list(nodes)
        raw = ["/".join(_ancestry(key, nodes)) for key in keys]
        paths = dict(zip(keys, unique_names(raw), strict=True))
        rows = [
            (paths[key], nodes[key][0], color, memo, key[0] == "code")
            for key, (_name, _above, memo, color) in nodes.items()
        ]
        frame = pd.DataFrame(rows, columns=["path", "name", "color", "description", "codable"], dtype=object)
        return frame, {key[1]: path for key, path in paths.items() if key[0] == "code"}

    def _codings(self) -> tuple[pd.DataFrame, dict[Any, str]]:
        columns = ["ctid", "cid", "fid", "seltext", "pos0", "pos1", "owner", "date", "memo"]
        rows = self.database.table("code_text", columns)
        orphans = ~(rows["fid"].isin(set(self.names)) & rows["cid"].isin(set(self.paths)))
        self.report.add("lost", self.report.file, _("Codings of deleted texts or codes."), int(orphans.sum()))
        rows = rows[~orphans].reset_index(drop=True)
        rows["raw_start"] = np.array([whole(v) for v in rows["pos0"]], dtype=np.int64)
        rows["raw_end"] = np.array([whole(v) for v in rows["pos1"]], dtype=np.int64)
        rows["start"], rows["end"] = rows["raw_start"], rows["raw_end"]
        places = rows.groupby("fid", sort=False).indices
        texts: dict[Any, str] = {}
        for identifier, text in zip(self.sources["id"], self.sources["fulltext"], strict=True):
            where = places.get(identifier, np.array([], dtype=np.int64))
            own = rows.iloc[where]
            told = [text_of(s) for s in own["seltext"]]
            start = np.minimum(own["raw_start"], own["raw_end"]).to_numpy(dtype=np.int64)
            end = np.maximum(own["raw_start"], own["raw_end"]).to_numpy(dtype=np.int64)
            found = resolve_offsets(text_of(text), start, end, names=told)
            texts[identifier] = found.text
            rows.loc[where, "start"], rows.loc[where, "end"] = found.start, found.end
            same = [
                found.text[a:b].split() == t.split()
                for a, b, t in zip(found.start, found.end, told, strict=True)
                if t
            ]
            message = _("Passages that differ from the copy QualCoder keeps of them.")
            self.report.add("warning", self.names[identifier], message, len(same) - sum(same))
        rows = rows.assign(source=rows["fid"].map(self.names), code=rows["cid"].map(self.paths))
        rows["coder"] = [text_of(o) for o in rows["owner"]]
        rows["memo"], rows["date"] = [text_of(m) for m in rows["memo"]], [text_of(d) for d in rows["date"]]
        keep = ["source", "start", "end", "code", "coder", "memo", "date", "raw_start", "raw_end"]
        return rows[keep].drop_duplicates(
            ["source", "start", "end", "code", "coder"], ignore_index=True
        ), texts

    def _cases(self, texts: dict[Any, str]) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        cases = self.database.table("cases", ["caseid", "name", "memo"]).drop_duplicates("caseid")
        labels = dict(zip(cases["caseid"], unique_names(text_of(n) for n in cases["name"]), strict=True))
        members = []
        for row in self.database.table("case_text", ["caseid", "fid", "pos0", "pos1"]).itertuples():
            if row.caseid in labels and row.fid in self.names:
                start, end = whole(row.pos0), whole(row.pos1)
                # Old databases wrote 0 and 0 for a whole file, newer ones its full length.
                everything = end <= start or (start == 0 and end >= len(texts[row.fid]) - 1)
                span = (NAN, NAN) if everything else (float(start), float(end))
                members.append((labels[row.caseid], self.names[row.fid], *span))
        variables = self._variables(labels)
        frame = pd.DataFrame(
            {"name": list(labels.values()), "guid": "", "description": [text_of(m) for m in cases["memo"]]},
            dtype=object,
        )
        memberships = pd.DataFrame(members, columns=tables.MEMBER_COLUMNS, dtype=object)
        return with_variables(frame, variables), memberships.drop_duplicates(ignore_index=True), variables

    def _variables(self, cases: dict[Any, str]) -> pd.DataFrame:
        types = self.database.table("attribute_type", ["name", "valuetype"])
        kinds = {text_of(n): text_of(t) for n, t in zip(types["name"], types["valuetype"], strict=True)}
        rows = []
        for row in self.database.table("attribute", ["name", "attr_type", "value", "id"]).itertuples():
            kind = text_of(row.attr_type)
            owner = (cases if kind == "case" else self.names).get(row.id)
            if owner is not None and text_of(row.value) != "":
                name = text_of(row.name)
                declared = "Float" if kinds.get(name) == "numeric" else "Text"
                value = typed_value(declared, text_of(row.value))
                rows.append(("case" if kind == "case" else "source", owner, name, declared, value))
        return pd.DataFrame(rows, columns=tables.VARIABLE_COLUMNS, dtype=object)

    def _notes(self) -> pd.DataFrame:
        rows: list[tuple[Any, ...]] = []
        for row in self.database.table(
            "annotation", ["anid", "fid", "pos0", "pos1", "memo", "owner", "date"]
        ).itertuples():
            if row.fid in self.names:
                guid = stable_guid(f"annotation:{row.anid}")
                place = ("annotation", self.names[row.fid], float(whole(row.pos0)), float(whole(row.pos1)))
                rows.append((guid, "", text_of(row.memo), *place, text_of(row.owner), text_of(row.date)))
        for row in self.database.table("journal", ["jid", "name", "jentry", "date", "owner"]).itertuples():
            guid = stable_guid(f"journal:{row.jid}")
            text = (guid, text_of(row.name), text_of(row.jentry))
            rows.append((*text, "project", "", NAN, NAN, text_of(row.owner), text_of(row.date)))
        return pd.DataFrame(rows, columns=tables.NOTE_COLUMNS, dtype=object).astype(
            {"start": float, "end": float}
        )

    def _regions(self) -> pd.DataFrame:
        rows: list[tuple[Any, ...]] = []
        columns = ["imid", "id", "x1", "y1", "width", "height", "cid", "owner", "date", "pdf_page"]
        for row in self.database.table("code_image", columns).itertuples():
            if row.id in self.names and row.cid in self.paths:
                x, y = float(whole(row.x1)), float(whole(row.y1))
                box = (x, y, x + whole(row.width), y + whole(row.height), NAN, NAN)
                page = NAN if row.pdf_page is None else float(whole(row.pdf_page))
                kind = "picture" if row.pdf_page is None else "pdf"
                head = (self.names[row.id], self.paths[row.cid], text_of(row.owner), kind, page)
                rows.append((*head, *box, "", stable_guid(f"image:{row.imid}"), text_of(row.date)))
        for row in self.database.table(
            "code_av", ["avid", "id", "pos0", "pos1", "cid", "owner", "date"]
        ).itertuples():
            if row.id in self.names and row.cid in self.paths:
                times = (float(whole(row.pos0)), float(whole(row.pos1)))
                place = (self.names[row.id], self.paths[row.cid], text_of(row.owner), "audio", *[NAN] * 5)
                rows.append((*place, *times, "", stable_guid(f"av:{row.avid}"), text_of(row.date)))
        return pd.DataFrame(rows, columns=tables.REGION_COLUMNS, dtype=object)


def _ancestry(
    key: tuple[str, Any], nodes: dict[tuple[str, Any], tuple[str, tuple[str, Any] | None, str, str]]
) -> list[str]:
    names: list[str] = []
    seen: set[tuple[str, Any]] = set()
    here: tuple[str, Any] | None = key
    while here is not None and here in nodes and here not in seen and not too_long("/".join(names)):
        seen.add(here)
        names.append(nodes[here][0])
        here = nodes[here][1]
    return names[::-1]


def _step(name: Any) -> str:
    return step(text_of(name)) or _("unnamed code")


def _kind(path: Any, text: Any) -> str:
    where = text_of(path).casefold()
    if where.startswith("/docs") and where.endswith(".pdf"):
        return "pdf"
    return next((k for prefix, k in _KINDS.items() if where.startswith(prefix) and k != "pdf"), "text")
