"""The front page of a study's exports: every file written, what it holds, for whom, one click away."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from optima_research.errors import ExportError
from optima_research.language import _, current_language
from optima_research.language.numbers import NBSP, format_number
from optima_research.language.typography import typeset
from optima_research.publishing.audience import audience_label
from optima_research.publishing.html import page
from optima_research.publishing.manifest import Entry, read_manifest, record
from optima_research.results.files import write_bytes

INDEX = "index.html"
_INCLUDED = re.compile(r"-figure\d+$")
FORMAT_ORDER = ("docx", "pdf", "html", "xlsx", "csv", "tex", "png", "svg", "json", "typ")
STYLE = """
.cards{display:grid;gap:1rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,19rem),1fr));padding:0;
list-style:none;margin:.8rem 0}
.card{border:1px solid color-mix(in srgb,var(--ink) 25%,transparent);border-radius:6px;padding:.9rem 1rem;
display:flex;flex-direction:column;gap:.45rem;overflow-wrap:anywhere}
.card h3{margin:0;font-size:1rem;line-height:1.35}
.card img{width:100%;height:auto;background:#fff;border-radius:3px}
.card p{margin:0}.links{display:flex;flex-wrap:wrap;gap:.35rem .9rem;margin-top:auto;padding-top:.3rem}
.links a{white-space:nowrap}
.mark{border-left:3px solid #b35806;padding:.2rem .8rem}
body{max-width:72rem}
"""


def write_index(folder: str | Path, *, title: str = "", simulated: bool = False, lead: str = "") -> Path:
    """Write ``index.html`` in a study's export folder.

    Parameters
    ----------
    folder : str or Path
        The study's folder under ``exports``, with its manifest.
    title : str
        Title of the study; the name of the folder by default.
    simulated : bool
        Whether the data are simulated: said under the title.
    lead : str
        A sentence to remember, from a result.

    Returns
    -------
    Path
        The page. It works from the disk, without network or script.

    Raises
    ------
    ExportError
        Nothing has been written for this study yet.
    """
    place = Path(folder)
    entries = [entry for entry in read_manifest(place) if entry.path != INDEX]
    if not entries:
        raise ExportError(
            _("No file has been written for this study."),
            hint=_("Export something first: export(table, path)."),
        )
    title = typeset(title or place.name)
    content = page(
        title, _body(place, entries, title, simulated, lead), language=current_language(), style=STYLE
    )
    path = write_bytes(place / INDEX, content)
    record(path, content, object="Index", title=title, format="html", language=current_language())
    return path


def _body(place: Path, entries: list[Entry], title: str, simulated: bool, lead: str) -> str:
    mark = _("Simulated data, without any link to real persons.") if simulated else ""
    head = f"<h1>{escape(title)}</h1>"
    head += f'<p class="quiet mark">{escape(mark)}</p>' if mark else ""
    head += f'<p class="lead">{escape(typeset(lead))}</p>' if lead else ""
    sections = []
    for name, kinds in _sections():
        cards = [
            _card(place, group) for group in _groups(entry for entry in entries if entry.object in kinds)
        ]
        if cards:
            sections.append(
                f'<section><h2>{escape(name)}</h2><ul class="cards">{"".join(cards)}</ul></section>'
            )
    return f"<header>{head}</header><main>{''.join(sections)}{_notebook_link(place)}</main>"


def _sections() -> tuple[tuple[str, tuple[str, ...]], ...]:
    return (
        (_("Reports"), ("Report", "Restitution", "Checklist")),
        (_("Tables"), ("PublicationTable",)),
        (_("Figures"), ("PublicationFigure",)),
        (_("Register of results"), ("Register",)),
    )


def _groups(entries: Iterable[Entry]) -> list[list[Entry]]:
    """Files of one export together: same path but for the format; the figures a LaTeX file includes are with it."""
    listed = list(entries)
    sources = {_stem(entry) for entry in listed if entry.format == "tex"}

    def family(entry: Entry) -> str:
        stem = _stem(entry)
        owner = _INCLUDED.sub("", stem)
        return owner if owner in sources else stem

    return [list(group) for _name, group in groupby(sorted(listed, key=family), key=family)]


def _stem(entry: Entry) -> str:
    return entry.path.removesuffix(f".{entry.format}")


def _card(place: Path, entries: list[Entry]) -> str:
    first = entries[0]
    picture = next((entry for entry in entries if entry.format == "png"), None)
    image = f'<img src="{_address(picture)}" alt="{escape(picture.alt)}" loading="lazy">' if picture else ""
    readers = f'<p class="quiet">{escape(audience_label(first.audience))}</p>' if first.audience else ""
    links = "".join(
        f'<a href="{_address(entry)}">{escape(_name(entry))}{_size(place, entry)}</a>'
        for entry in sorted(entries, key=_rank)
    )
    name = escape(first.title or first.path)
    return f'<li class="card"><h3>{name}</h3>{image}{readers}<div class="links">{links}</div></li>'


def _rank(entry: Entry) -> tuple[bool, int, str]:
    position = FORMAT_ORDER.index(entry.format) if entry.format in FORMAT_ORDER else len(FORMAT_ORDER)
    return bool(_INCLUDED.search(_stem(entry))), position, entry.path


def _name(entry: Entry) -> str:
    included = _INCLUDED.search(_stem(entry))
    return f"{entry.format} {included.group()[1:]}" if included else entry.format


def _size(place: Path, entry: Entry) -> str:
    path = place / entry.path
    if not path.is_file():
        return ""
    unit = _("kB")
    return f" ({format_number(max(1.0, path.stat().st_size / 1000), 0)}{NBSP}{unit})"


def _address(entry: Entry) -> str:
    return quote(entry.path)


def _notebook_link(place: Path) -> str:
    """The page of the executed notebook, where it has been kept beside the exports."""
    name = f"{place.name}.html"
    if not (place / name).is_file():
        return ""
    text = escape(_("The notebook, from the raw data to these files"))
    return f'<section><h2>{escape(_("Notebook"))}</h2><p><a href="{quote(name)}">{text}</a></p></section>'
