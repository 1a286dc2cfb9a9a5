"""Taguette projects: the SQLite file (with the coder of every highlight) and the exported tables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from optima_research.coding.qualitative.files._html_text import HtmlText
from optima_research.coding.qualitative.files._passages import project_of_segments
from optima_research.coding.qualitative.files._sheets import headed, read_sheet
from optima_research.coding.qualitative.files._sqlite_readonly import (
    Database,
    open_database,
    report_pending,
    text_of,
    whole,
)
from optima_research.coding.qualitative.projects import project as tables
from optima_research.coding.qualitative.projects._code_paths import path_of
from optima_research.coding.qualitative.projects.import_report import ReportBuilder
from optima_research.coding.qualitative.projects.offsets import utf8_spans
from optima_research.coding.qualitative.projects.project import CodedProject, coded_project, unique_names
from optima_research.errors import SourceError
from optima_research.language import _

_TABLE_HEADINGS = {
    "id": ("id",),
    "source": ("document",),
    "code": ("tag", "tags"),
    "text": ("content",),
    "coder": ("user", "login"),
}


def read_taguette(
    path: str | Path, *, project: str | int | None = None, separator: str = "/"
) -> CodedProject:
    """Read a Taguette project: ``.sqlite3`` export, a server's database, or an exported CSV or XLSX of highlights.

    Parameters
    ----------
    path : str or Path
    project : str or int, optional
        Name or number of the project, needed when the database holds several.
    separator : str
        What separates levels in tag names; ``/`` by default, ``.`` is also common, empty for no levels.

    Returns
    -------
    CodedProject
        From SQLite: whole texts, and as coder the person of the last add or edit of each highlight in the command
        log. From a table: only the highlighted passages, without position or coder; passages with the same text in
        one document are the same highlight when the table is an older one without ``id``.

    Raises
    ------
    SourceError
        Not a Taguette file, or several projects and none chosen.

    Notes
    -----
    Taguette counts bytes of the UTF-8 text without tags: in French every offset after the first accent is wrong when
    read as characters. Passwords and other tables of a server are never read.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = Path(folder.name) / "highlights.csv"
    >>> _ = path.write_text("id,document,tag,content\\n1,E1,budget,Le budget est voté\\n", encoding="utf-8")
    >>> read_taguette(path).codings[["source", "text", "code"]].values.tolist()
    [['E1', 'Le budget est voté', 'budget']]
    >>> folder.cleanup()
    """
    path = Path(path)
    if path.suffix.casefold() in {".csv", ".xlsx", ".tsv"}:
        return _read_table(path, separator)
    with open_database(path) as database:
        if not {"documents", "highlights", "tags"} <= database.tables:
            raise SourceError(
                _("This database is not a Taguette project."),
                where=path.name,
                expected="documents, highlights, tags",
                got=", ".join(sorted(database.tables)[:8]),
                hint=_("Give the .sqlite3 file that Taguette exports, or its table of highlights."),
            )
        return _read_database(database, path.name, project, separator)


def _read_database(database: Database, name: str, wanted: str | int | None, separator: str) -> CodedProject:
    report = ReportBuilder(name, "Taguette")
    report_pending(database, report)
    number, label = _choose(database.table("projects", ["id", "name"]), wanted, name)
    documents = database.table(
        "documents", ["id", "name", "description", "created", "project_id", "contents"]
    )
    tags = database.table("tags", ["id", "project_id", "path", "description"])
    documents, tags = _of_project(documents, number), _of_project(tags, number)
    highlights = database.table("highlights", ["id", "document_id", "start_offset", "end_offset", "snippet"])
    names = dict(zip(documents["id"], unique_names(text_of(n) for n in documents["name"]), strict=True))
    highlights = highlights[highlights["document_id"].isin(set(names))]
    highlights = highlights.drop_duplicates("id").reset_index(drop=True)
    pages = {
        number: HtmlText(text_of(html))
        for number, html in zip(documents["id"], documents["contents"], strict=True)
    }
    spans = _place(highlights, pages, report).assign(source=highlights["document_id"].map(names))
    links = database.table("highlight_tags", ["highlight_id", "tag_id"]).drop_duplicates()
    paths = _paths(tags, separator)
    coders, dates = _coders(database, report, set(highlights["id"]))
    spans["coder"] = [coders.get(i, "") for i in highlights["id"]]
    spans["date"] = [dates.get(i, "") for i in highlights["id"]]
    coded = links.merge(spans.assign(highlight_id=highlights["id"]), on="highlight_id", how="inner")
    coded["code"] = coded["tag_id"].map(paths)
    coded = coded.dropna(subset=["code"]).drop_duplicates(["highlight_id", "tag_id"])
    untagged = spans[~highlights["id"].isin(set(links["highlight_id"])).to_numpy()]
    report.add("warning", name, _("Highlights without a tag are kept as annotations."), len(untagged))
    if not coders and len(highlights):
        report.add("lost", name, _("The command log does not say who highlighted: no coder."))
    described = {"path": list(paths.values()), "description": [text_of(d) for d in tags["description"]]}
    return coded_project(
        _texts(documents, names, pages),
        coded[["source", "start", "end", "code", "coder", "date", "raw_start", "raw_end"]],
        codes=pd.DataFrame(described, dtype=object),
        notes=_annotations(untagged),
        report=report.build(),
        name=label,
    )


def _of_project(rows: pd.DataFrame, number: int | None) -> pd.DataFrame:
    """Rows of one project; a damaged file may repeat an identifier, the first is kept."""
    mine = np.array(
        [number is None or whole(project) == number for project in rows["project_id"]], dtype=bool
    )
    return rows[mine].drop_duplicates("id")


def _paths(tags: pd.DataFrame, separator: str) -> dict[Any, str]:
    """Path of each tag; two tags that would share one are numbered."""
    named = [path_of(text_of(p), separator) or _("unnamed code") for p in tags["path"]]
    return dict(zip(tags["id"], unique_names(named), strict=True))


def _texts(documents: pd.DataFrame, names: dict[Any, str], pages: dict[Any, HtmlText]) -> pd.DataFrame:
    columns = {
        "name": list(names.values()),
        "text": [pages[i].text for i in documents["id"]],
        "description": [text_of(d) for d in documents["description"]],
        "date": [text_of(d) for d in documents["created"]],
    }
    return pd.DataFrame(columns, dtype=object)


def _choose(projects: pd.DataFrame, wanted: str | int | None, where: str) -> tuple[int | None, str]:
    known = {whole(i): text_of(n) for i, n in zip(projects["id"], projects["name"], strict=True)}
    if wanted is not None:
        found = [i for i, n in known.items() if wanted in (i, n)]
        if len(found) == 1:
            return found[0], known[found[0]]
    elif len(known) <= 1:
        return next(iter(known.items()), (None, ""))
    raise SourceError(
        _("This database holds {n} projects; say which one.", n=len(known)),
        where=where,
        parameter="project",
        expected=", ".join(f"{i} : {n}" for i, n in list(known.items())[:8]),
        hint=_("Name it: project=…"),
    )


def _place(highlights: pd.DataFrame, pages: dict[Any, HtmlText], report: ReportBuilder) -> pd.DataFrame:
    """Spans of the highlights on the text of their document, checked against the passage Taguette kept."""
    start = np.zeros(len(highlights), dtype=np.int64)
    end = np.zeros(len(highlights), dtype=np.int64)
    raw_start = np.array([whole(v) for v in highlights["start_offset"]], dtype=np.int64)
    raw_end = np.array([whole(v) for v in highlights["end_offset"]], dtype=np.int64)
    for document, rows in highlights.groupby("document_id", sort=False).indices.items():
        page = pages[document]
        first, last = utf8_spans(page.counted, raw_start[rows].clip(0), raw_end[rows].clip(0))
        start[rows], end[rows] = page.spans(first, last)
    told = [
        HtmlText(text_of(snippet)).counted.split() == pages[document].text[a:b].split()
        for document, snippet, a, b in zip(
            highlights["document_id"], highlights["snippet"], start.tolist(), end.tolist(), strict=True
        )
        if snippet
    ]
    message = _("Passages that differ from the copy Taguette keeps of them.")
    report.add("warning", report.file, message, len(told) - sum(told))
    if told:
        report.add("decision", report.file, _("Positions read as bytes of the UTF-8 text without tags."))
    return pd.DataFrame({"start": start, "end": end, "raw_start": raw_start, "raw_end": raw_end})


def _coders(
    database: Database, report: ReportBuilder, known: set[Any]
) -> tuple[dict[Any, str], dict[Any, str]]:
    """Who last added or edited each highlight, from the log of commands."""
    commands = database.table("commands", ["id", "date", "user_login", "payload"])
    commands = commands.assign(order=[whole(i) for i in commands["id"]]).sort_values("order", kind="stable")
    coders: dict[Any, str] = {}
    dates: dict[Any, str] = {}
    broken = edited = 0
    for date, login, payload in commands[["date", "user_login", "payload"]].itertuples(index=False):
        try:
            command = json.loads(text_of(payload) or "{}")
        except (ValueError, RecursionError):
            broken += 1
            continue
        if not isinstance(command, dict) or command.get("type") not in {"highlight_add", "highlight_edit"}:
            continue
        highlight = command.get("highlight_id")
        if isinstance(highlight, int) and highlight in known:
            edited += coders.get(highlight, login) != login
            coders[highlight], dates[highlight] = text_of(login), text_of(date)
    report.add("warning", report.file, _("Commands of the log that cannot be read."), broken)
    message = _("Highlights edited by another person than their author: the last person was kept.")
    report.add("decision", report.file, message, edited)
    return coders, dates


def _annotations(spans: pd.DataFrame) -> pd.DataFrame:
    notes = spans.rename(columns={"source": "target"})[["target", "start", "end", "coder", "date"]]
    notes = notes.assign(about="annotation", text="", name="").reset_index(drop=True)
    notes["guid"] = [tables.stable_guid(f"untagged:{i}:{t}") for i, t in enumerate(notes["target"])]
    return notes[tables.NOTE_COLUMNS].astype({"start": float, "end": float})


def _read_table(path: Path, separator: str) -> CodedProject:
    report = ReportBuilder(path.name, "Taguette")
    frame = headed(read_sheet(path), _TABLE_HEADINGS, needed=("source", "code", "text"), where=path.name)
    report.add(
        "lost",
        path.name,
        _("Passages highlighted without a tag, positions and whole texts are not in a table."),
    )
    key = frame["id"] if "id" in frame.columns else frame["text"]
    frame["code"] = [path_of(code, separator) for code in frame["code"]]
    return project_of_segments(frame.assign(segment=key), report)
