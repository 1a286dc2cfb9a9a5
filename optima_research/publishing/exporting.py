"""One call writes a table, a figure or a report in every format, for one audience, and says so in the manifest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, get_args

from optima_research.errors import ExportError, suggest
from optima_research.language import _, current_language, using_language
from optima_research.language.catalogue import Language
from optima_research.language.typography import typeset
from optima_research.publishing.audience import (
    Audience,
    audience_label,
    check_blind,
    check_disclosure,
    check_figure,
    kept_out,
    rewording,
)
from optima_research.publishing.figures import PublicationFigure, as_figure, draw
from optima_research.publishing.layout import (
    Block,
    Document,
    lay_out,
    map_text,
    number_blocks,
)
from optima_research.publishing.manifest import record
from optima_research.publishing.report import Report
from optima_research.publishing.setting import Setting, current_setting
from optima_research.results import PublicationTable, Result
from optima_research.results.files import write_bytes
from optima_research.trail import Trail

Format = Literal["docx", "pdf", "xlsx", "tex", "html", "csv", "png", "svg"]
DEFAULT_FORMATS: tuple[Format, ...] = ("docx", "pdf", "xlsx", "tex", "html", "csv")
FIGURE_FORMATS: tuple[Format, ...] = ("png", "svg", "pdf", "csv")
REPORT_FORMATS: tuple[Format, ...] = ("docx", "pdf", "xlsx", "tex", "html")

_RENDERERS = {"docx": "docx", "pdf": "typst", "xlsx": "xlsx", "tex": "latex", "html": "html", "csv": "csv"}


def export(
    obj: Any,
    path: str | Path,
    formats: Sequence[Format] = DEFAULT_FORMATS,
    audience: Audience = "publication",
    language: Language | None = None,
    *,
    alt: str = "",
) -> list[Path]:
    """Write a result, a table, a figure or a report, ready to send.

    Parameters
    ----------
    obj : Result, PublicationTable, PublicationFigure, Report, Trail, or matplotlib Figure or Axes
        What to write; a matplotlib figure needs ``alt``. A trail is written as a table (docx, html, csv by default)
        and as the JSON lines that replay it.
    path : str or Path
        Without suffix; a suffix that names a format asks for that one only, unless ``formats`` are given.
    formats : sequence of {"docx", "pdf", "xlsx", "tex", "html", "csv", "png", "svg"}
        A figure is written as png, svg, pdf and csv (its data) unless told otherwise; a report has no csv.
    audience : {"researcher", "partner", "publication"}
        ``publication`` is blind (no author, no partner in any part of the file); ``partner`` keeps that partner's
        name only; both refuse a table that has not been through disclosure control.
    language : {"fr", "en"}, optional
        Language of the words and numbers the package writes; the one in force by default.
    alt : str
        Alternative text of a matplotlib figure.

    Returns
    -------
    list of Path
        The files written. Each is written whole or not at all, holds the same bytes when run again, and has its line
        in the manifest of the study.

    Raises
    ------
    ExportError
        Unknown format or object, no alternative text, folder that cannot be written, file open elsewhere.
    DisclosureError
        The table has not been through disclosure control.

    Examples
    --------
    >>> import tempfile, pandas as pd
    >>> from optima_research.results import Column
    >>> table = PublicationTable("Titre", pd.DataFrame({"m": [3.2]}, index=["A"]), (Column("m", "Moyenne"),))
    >>> [file.name for file in export(table, Path(tempfile.mkdtemp()) / "t1", formats=("html", "csv"))]
    ['t1.html', 't1.csv']
    """
    if isinstance(obj, Trail):
        return _export_trail(obj, Path(path), formats, audience, language)
    with using_language(language):
        thing = _printable(obj, alt)
        target, chosen = _target(Path(path), formats, thing)
        setting = current_setting()
        document = build_document(thing, audience, setting)
        files = [
            file for name in chosen for file in _rendered(name, document, thing, target, audience, setting)
        ]
        secret = kept_out(audience, setting)
        for file, content, _name in files:
            check_blind(file.name, content, secret)
        facts = {**_facts(thing, audience, setting), "title": document.title}
        for file, content, name in files:
            write_bytes(file, content)
            record(file, content, format=name, **facts)
    return [file for file, _content, _name in files]


def _export_trail(
    trail: Trail, path: Path, formats: Sequence[Format], audience: Audience, language: Language | None
) -> list[Path]:
    """The cleaning log to read, and beside it the lines that replay it."""
    asked = ("docx", "html", "csv") if formats == DEFAULT_FORMATS else formats
    files = export(trail.table(), path, asked, audience, language)
    lines = trail.write(path.with_suffix(".jsonl"))
    facts = _facts(trail.table(), audience, current_setting())
    record(lines, lines.read_bytes(), format="jsonl", title=typeset(trail.table().title), **facts)
    return [*files, lines]


def build_document(thing: Any, audience: Audience, setting: Setting) -> Document:
    """Lay an object out for an audience: disclosure gate, layout, numbering, names kept out.

    Parameters
    ----------
    thing : PublicationTable, PublicationFigure or Report
        What to write.
    audience : {"researcher", "partner", "publication"}
        Who will read it.
    setting : Setting
        Names, author, study.

    Returns
    -------
    Document
        What a renderer takes.
    """
    change = rewording(audience, setting)
    items = thing.items if isinstance(thing, Report) else (thing,)
    blocks = number_blocks(tuple(_block(item, audience, setting, change) for item in items))
    document = Document(
        title=typeset(thing.title),
        subtitle=typeset(getattr(thing, "subtitle", "")),
        blocks=blocks,
        language=current_language(),
        author="" if audience == "publication" else setting.author,
        is_report=isinstance(thing, Report),
        one_page=isinstance(thing, Report) and thing.one_page,
        facts=_shown_facts(_facts(thing, audience, setting)),
    )
    return document if change is None else map_text(document, change)


def _printable(obj: Any, alt: str) -> PublicationTable | PublicationFigure | Report:
    if isinstance(obj, (PublicationTable, PublicationFigure, Report)):
        return obj
    if isinstance(obj, Result):
        return obj.table()
    if hasattr(obj, "savefig") or hasattr(getattr(obj, "figure", None), "savefig"):
        return PublicationFigure(as_figure(obj), alt=alt)
    raise ExportError(
        _("A {kind} cannot be exported.", kind=type(obj).__name__),
        expected=_("a result, a publication table, a figure or a report"),
        hint=_("Make a PublicationTable of it: title, body, columns."),
    )


def _target(path: Path, formats: Sequence[Format], thing: Any) -> tuple[Path, tuple[Format, ...]]:
    asked: tuple[str, ...] = (formats,) if isinstance(formats, str) else tuple(formats)
    suffix = path.suffix.lstrip(".").lower()
    if suffix in get_args(Format):
        path, asked = path.with_suffix(""), (suffix,) if asked == DEFAULT_FORMATS else asked
    elif asked == DEFAULT_FORMATS and isinstance(thing, Report):
        asked = REPORT_FORMATS if any(isinstance(item, PublicationTable) for item in thing.items) else _WORDS
    elif asked == DEFAULT_FORMATS and isinstance(thing, PublicationFigure):
        asked = FIGURE_FORMATS if thing.data is not None else FIGURE_FORMATS[:3]
    for name in asked:
        if name not in get_args(Format):
            raise ExportError(
                _("Unknown format “{name}”.", name=name),
                parameter="formats",
                expected=", ".join(get_args(Format)),
                hint=suggest(name, get_args(Format)) or None,
            )
    return path, asked  # type: ignore[return-value]


_WORDS: tuple[Format, ...] = ("docx", "pdf", "tex", "html")


def _block(item: Any, audience: Audience, setting: Setting, change: Callable[[str], str] | None) -> Block:
    if isinstance(item, PublicationTable):
        check_disclosure(item, audience)
        note = item.note
        if not item.policy and (item.bases is not None or item.counts is not None):
            note = f"{note} {_('Working document of the research team: not to be passed on.')}".strip()
        return lay_out(item.with_notes(note=note, simulated=item.simulated or setting.simulated))
    if isinstance(item, PublicationFigure):
        check_figure(item.canvas, item.data, audience)
        return draw(replace(item, simulated=item.simulated or setting.simulated), change=change)
    block: Block = map_text(item, typeset)
    return block


def _rendered(
    name: Format, document: Document, thing: Any, target: Path, audience: Audience, setting: Setting
) -> list[tuple[Path, bytes, str]]:
    """The files one format asks for: (path, bytes, format)."""
    file = target.with_name(f"{target.name}.{name}")
    if isinstance(thing, PublicationFigure):
        picture = document.pictures[0]
        if name in ("png", "svg", "pdf"):
            return [(file, getattr(picture, name), name)]
        if name in ("csv", "xlsx"):
            document = build_document(_data_table(thing), audience, setting)
    elif name in ("png", "svg"):
        raise ExportError(
            _("“{name}” is a format for figures.", name=name),
            hint=_("Choose docx, pdf, xlsx, tex, html or csv."),
        )
    renderer = import_module(f"optima_research.publishing.{_RENDERERS[name]}")
    if name != "tex":
        return [(file, renderer.render(document), name)]
    beside = renderer.companions(document, target.name)
    included = [(target.with_name(extra), content, "pdf") for extra, content in beside.items()]
    return [(file, renderer.render(document, target.name), name), *included]


def _data_table(figure: PublicationFigure) -> PublicationTable:
    """The data of a figure as a table, to be written beside it."""
    from optima_research.results import Column

    if isinstance(figure.data, PublicationTable):
        return figure.data
    if figure.data is None:
        raise ExportError(
            _("The figure has no data to write."), parameter="data", hint=_("Give what it draws: data=table.")
        )
    body = figure.data
    numeric = set(body.select_dtypes("number").columns)
    columns = tuple(
        Column(str(name), str(name), "number" if name in numeric else "text") for name in body.columns
    )
    return PublicationTable(figure.title, body.rename(columns=str), columns, stub=str(body.index.name or ""))


def _facts(thing: Any, audience: Audience, setting: Setting) -> dict[str, str]:
    items = thing.items if isinstance(thing, Report) else (thing,)
    tables = [item if isinstance(item, PublicationTable) else getattr(item, "data", None) for item in items]
    policies = {table.policy for table in tables if isinstance(table, PublicationTable) and table.policy}
    return {
        "object": type(thing).__name__,
        "audience": audience,
        "language": current_language(),
        "policy": " ; ".join(sorted(policies)),
        "study": setting.study,
        "notebook": setting.notebook,
        "source_hash": setting.source_hash,
        "alt": thing.alt if isinstance(thing, PublicationFigure) else "",
    }


def _shown_facts(facts: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """The facts a reader of the file may see: a blind file does not name its study."""
    from optima_research import __version__

    blind = facts["audience"] == "publication"
    named = [
        (_("Study"), "" if blind else facts["study"]),
        (_("Notebook"), "" if blind else facts["notebook"]),
        (_("Readers"), audience_label(facts["audience"])),
        (_("Disclosure policy"), facts["policy"] or _("none applied")),
        (_("Hash of the data"), facts["source_hash"]),
        (_("Written by"), f"optima_research {__version__}"),
    ]
    return tuple((name, value) for name, value in named if value)
