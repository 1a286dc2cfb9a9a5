"""What a notebook needs around its results: quiet stable outputs, figures that nbval can see change, a list of files.

nbval never compares pictures. Each figure shown here prints a line with a fingerprint of what it draws, so a change in
the data changes a compared text.
"""

from __future__ import annotations

import hashlib
import re
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from string import ascii_uppercase
from typing import Any

import pandas as pd

from optima_research.errors import ExportError
from optima_research.language import _
from optima_research.language.catalogue import Language, set_language
from optima_research.language.typography import typeset
from optima_research.publishing.audience import audience_label
from optima_research.publishing.figures import PublicationFigure, as_figure, picture_bytes
from optima_research.publishing.manifest import entries_of_this_run
from optima_research.publishing.register import Register
from optima_research.publishing.setting import set_setting
from optima_research.results import Column, PublicationTable, Result
from optima_research.results.style import fingerprint

SCREEN_DPI = 110

# « Ville de Rezé » is also known as « Rezé »: both are kept out of blind files.
_KIND_OF_PLACE = re.compile(
    r"^(?:ville|commune|mairie|métropole|communauté urbaine|département|conseil (?:général|départemental)|région)"
    r" (?:de la |de l['’]|des |du |de |d['’])",
    re.IGNORECASE,
)


def configure_notebook(
    study: Any = "",
    *,
    data: Any = None,
    author: str = "",
    partner: str = "",
    names: Mapping[str, str] | None = None,
    notebook: str = "",
    language: Language = "fr",
) -> Register:
    """Prepare a notebook: display, figures, warnings, language, and what exports must know.

    Parameters
    ----------
    study : Study or str
        The study, or its slug; a study brings its partners, its export folder and whether its data are simulated.
    data : Survey or DataFrame, optional
        The data, for their hash; by default the raw files the study declares.
    author : str
        Written in files for researchers and partners, kept out of publications.
    partner : str
        The partner that ``audience="partner"`` exports are for; by default the only one of the study.
    names : mapping of str to str, optional
        Name to keep out of blind files -> what stands for it; by default « Collectivité A », « Collectivité B »…
    notebook : str
        Name of the notebook; by default the study's.
    language : {"fr", "en"}
        Language of all that is shown.

    Returns
    -------
    Register
        An empty register for the study.

    Examples
    --------
    >>> register = configure_notebook("demo")
    >>> len(register)
    0
    """
    set_language(language)
    slug = str(getattr(study, "slug", study))
    partners = [str(item.name) for item in getattr(study, "partners", ())]
    set_setting(
        study=slug,
        notebook=notebook or slug,
        author=author,
        partner=partner or (partners[0] if len(partners) == 1 else ""),
        names=dict(names) if names is not None else neutral_names(partners),
        source_hash=content_hash(data) if data is not None else raw_hash(study),
        simulated=bool(getattr(study, "simulated", False)),
    )
    _quiet_pandas()
    _quiet_matplotlib()
    warnings.showwarning = _print_warning
    return Register(slug, folder=getattr(study, "exports", None))


def neutral_names(partners: list[str]) -> dict[str, str]:
    """What stands for each partner in a blind file, its short name included.

    Examples
    --------
    >>> neutral_names(["Ville de Rezé", "SDIS 64"])
    {'Ville de Rezé': 'Collectivité A', 'Rezé': 'Collectivité A', 'SDIS 64': 'Collectivité B'}
    """
    names = {}
    for letter, partner in zip(ascii_uppercase, partners, strict=False):
        neutral = _("Partner {letter}", letter=letter)
        names[partner] = neutral
        names[_KIND_OF_PLACE.sub("", partner)] = neutral
    return names


def content_hash(data: Any) -> str:
    """Hash of the content of a survey or frame: the same whatever the file it was read from.

    Examples
    --------
    >>> content_hash(pd.DataFrame({"a": [1, 2]})) == content_hash(pd.DataFrame({"a": [1, 2]}))
    True
    """
    known = getattr(data, "fingerprint", None)
    return known if isinstance(known, str) else fingerprint(data)


def raw_hash(study: Any) -> str:
    """Hash of the raw files a study declares, the same on systems that end lines differently; empty without study."""
    state = hashlib.sha256()
    files = sorted(str(source.file) for source in getattr(study, "sources", {}).values())
    for name in files:
        path = Path(study.folder) / name
        content = path.read_bytes().replace(b"\r\n", b"\n") if path.is_file() else b""
        state.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    return state.hexdigest() if files else ""


def show(obj: Any, id: str, *, alt: str = "", data: Any = None, title: str = "") -> None:  # noqa: A002
    """Show a table or a figure with its line of identity: what it is, its size, a fingerprint of its data.

    Parameters
    ----------
    obj : Result, PublicationTable, PublicationFigure, or matplotlib Figure or Axes
        What is shown; the table of a result.
    id : str
        Identifier, given by the author.
    alt : str
        Alternative text of a figure; drafted from ``data`` when empty.
    data : PublicationTable or DataFrame, optional
        What a figure draws.
    title : str
        Title of a figure.

    Raises
    ------
    ExportError
        A figure without alternative text and without data.

    Examples
    --------
    >>> table = PublicationTable("T", pd.DataFrame({"m": [3.2]}, index=["A"]), (Column("m", "Moyenne"),))
    >>> show(table, "t1")
    Tableau t1 – 1 × 1 – données 7c05df9b
    """
    if isinstance(obj, Result):
        obj = obj.table()
    if isinstance(obj, PublicationTable):
        _show_table(obj, id)
        return
    figure = (
        obj if isinstance(obj, PublicationFigure) else PublicationFigure(obj, alt=alt, data=data, title=title)
    )
    _show_figure(figure, id)


def say(*things: Result | str) -> None:
    """Show sentences as paragraphs: those of results, and plain text.

    Parameters
    ----------
    *things : Result or str

    Examples
    --------
    >>> say("Le climat est meilleur.")
    Le climat est meilleur.
    """
    from IPython.core.getipython import get_ipython

    for thing in things:
        text = typeset(thing if isinstance(thing, str) else thing.sentence())
        if get_ipython() is None:
            print(text)
        # A backslash before the characters that Markdown would take for marks.
        marked = re.sub(r"([\\`*_#\[\]<>|])", r"\\\1", text).replace("\n", "\n\n")
        _publish({"text/plain": text, "text/markdown": marked}, {})


def identity(obj: PublicationTable | PublicationFigure, id: str) -> str:  # noqa: A002
    """The line that changes when the data change.

    Examples
    --------
    >>> table = PublicationTable("T", pd.DataFrame({"m": [3.2]}, index=["A"]), (Column("m", "Moyenne"),))
    >>> identity(table, "t1")
    'Tableau t1 – 1 × 1 – données 7c05df9b'
    """
    if isinstance(obj, PublicationTable):
        mark = fingerprint(obj.formatted())
        size = f"{len(obj.body)} × {len(obj.columns)}"
        return _("Table {id} – {size} – data {mark}", id=id, size=size, mark=mark)
    drawn = drawn_values(as_figure(obj.figure))
    marks = _("{n} values drawn", n=len(drawn))
    return _("Figure {id} – {size} – data {mark}", id=id, size=marks, mark=fingerprint(drawn))


def drawn_values(figure: Any) -> pd.DataFrame:
    """The coordinates of what a figure draws, artist after artist: whatever was plotted, its data can be compared.

    Parameters
    ----------
    figure : matplotlib Figure
        Drawn or not.

    Returns
    -------
    DataFrame
        Columns ``kind x y``; texts come as themselves.
    """
    rows: list[tuple[str, Any, Any]] = []
    for axes in figure.axes:
        for line in axes.lines:
            rows += [("line", x, y) for x, y in line.get_xydata().tolist()]
        for patch in axes.patches:
            rows += [
                ("patch", x, y)
                for x, y in patch.get_path().transformed(patch.get_patch_transform()).vertices.tolist()
            ]
        for collection in axes.collections:
            rows += [("point", x, y) for x, y in collection.get_offsets().tolist()]
            rows += [("path", x, y) for path in collection.get_paths() for x, y in path.vertices.tolist()]
        for image in axes.images:
            rows.append(
                (
                    "image",
                    fingerprint(pd.DataFrame(image.get_array().reshape(len(image.get_array()), -1))),
                    "",
                )
            )
        rows += [("text", text.get_text(), "") for text in axes.texts]
    return pd.DataFrame([(kind, _steady(x), _steady(y)) for kind, x, y in rows], columns=["kind", "x", "y"])


def written_files(folder: str | Path | None = None, *, register: Register | None = None) -> PublicationTable:
    """The files this notebook has written for a study, from its manifest: name, formats, what it holds, for whom.

    Parameters
    ----------
    folder : str or Path, optional
        The study's folder under ``exports``.
    register : Register, optional
        Gives the folder when it is not given.

    Raises
    ------
    ExportError
        Neither a folder nor a register, or nothing was written there.

    Examples
    --------
    >>> import tempfile
    >>> register = Register("demo", folder=tempfile.mkdtemp())
    >>> register.note("n", 52)
    >>> _path = register.write()
    >>> written_files(register=register).formatted()["Formats"].to_dict()
    {'results': 'json'}
    """
    place = Path(folder) if folder is not None else (register.folder if register is not None else None)
    entries = entries_of_this_run(place) if place is not None else []
    if not entries:
        raise ExportError(
            _("No file has been written for this study."),
            hint=_("Export something first: export(table, path)."),
        )
    # The formats of one export share a line: a list of forty files is not read.
    lines: dict[str, dict[str, str]] = {}
    for entry in entries:
        stem = entry.path.removesuffix(f".{entry.format}")
        line = lines.setdefault(
            stem, {"title": entry.title, "formats": "", "audience": audience_label(entry.audience)}
        )
        line["formats"] = f"{line['formats']} {entry.format}".strip()
    return PublicationTable(
        title=_("Files written"),
        body=pd.DataFrame.from_dict(lines, orient="index"),
        columns=(
            Column("title", _("Content"), "text"),
            Column("formats", _("Formats"), "text"),
            Column("audience", _("Readers"), "text"),
        ),
        stub=_("File"),
        name="files",
    )


def _steady(value: Any) -> Any:
    """A coordinate without the last bits, in which two machines may differ about zero."""
    return value if isinstance(value, str) else (0.0 if abs(value) < 1e-9 else value)


def _show_table(table: PublicationTable, id: str) -> None:  # noqa: A002
    _publish({"text/html": table._repr_html_(), "text/plain": repr(table)}, {})
    print(identity(table, id))


def _show_figure(figure: PublicationFigure, id: str) -> None:  # noqa: A002
    line = identity(figure, id)
    png = picture_bytes(as_figure(figure.figure), "png", dpi=SCREEN_DPI)
    _publish({"image/png": png, "text/plain": line}, {"image/png": {"alt": figure.alt}})
    print(line)
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close(
            as_figure(figure.figure)
        )  # else Jupyter shows it again, without words


def _publish(bundle: dict[str, Any], metadata: dict[str, Any]) -> None:
    from base64 import b64encode

    from IPython.core.getipython import get_ipython
    from IPython.display import display

    if get_ipython() is None:
        return
    encoded = {
        kind: b64encode(item).decode() if isinstance(item, bytes) else item for kind, item in bundle.items()
    }
    display(encoded, raw=True, metadata=metadata)  # type: ignore[no-untyped-call]


def _quiet_pandas() -> None:
    pd.set_option("display.precision", 3)
    pd.set_option("display.max_rows", 30)
    pd.set_option("display.max_columns", 20)
    pd.set_option("display.width", 110)


def _quiet_matplotlib() -> None:
    import matplotlib as mpl

    mpl.rcParams.update(
        {
            "figure.dpi": SCREEN_DPI,
            "savefig.dpi": SCREEN_DPI,
            "svg.hashsalt": "optima",
            "svg.fonttype": "path",
            "pdf.fonttype": 42,
            "font.family": "DejaVu Sans",  # shipped with matplotlib: the same figure on every machine
            "font.size": 10,
            "axes.titlesize": 10,
            "axes.labelsize": 9,
            "legend.frameon": False,
        }
    )


def _print_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: Any = None,
    line: str | None = None,
) -> None:
    """One line on the standard output: the usual form holds a path and a process number that change at each run."""
    if issubclass(category, (DeprecationWarning, PendingDeprecationWarning, FutureWarning)):
        return  # meant for those who write the library
    print(typeset(_("Warning: {text}", text=str(message).strip().splitlines()[0])))
