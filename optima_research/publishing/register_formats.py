r"""The register where authors write: ``\optima{id}`` in LaTeX, ``optima("id")`` in Typst, a sheet in Excel."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from optima_research.errors import ExportError
from optima_research.language import _, current_language
from optima_research.publishing import latex, xlsx
from optima_research.publishing.layout import Document, lay_out
from optima_research.publishing.manifest import record
from optima_research.results import Column, PublicationTable
from optima_research.results.files import write_bytes

if TYPE_CHECKING:
    from optima_research.publishing.register import Register

_MACROS = r"""% \optima{id} prints a value, \optimaci{id} its interval; an unknown id stops the compilation.
\makeatletter
\newcommand{\optima}[1]{\optima@value{#1}{value}}
\newcommand{\optimaci}[1]{\optima@value{#1}{interval}}
\newcommand{\optima@value}[2]{\ifcsname optima@#1@#2\endcsname\csname optima@#1@#2\endcsname\else
  \PackageError{optima}{No result is registered as '#1'}{Run the notebook that notes it.}\fi}
\newcommand{\optima@note}[3]{\@namedef{optima@#1@value}{#2}\@namedef{optima@#1@interval}{#3}}
"""
_TYPST = """// #import "results.typ": optima, optima-interval
#let register = json("results.json")
#let row(id) = {
  assert(id in register, message: "No result is registered as " + id)
  register.at(id)
}
#let optima(id) = row(id).text
#let optima-interval(id) = row(id).interval
"""


def register_latex(register: Register) -> str:
    r"""The register as LaTeX macros.

    Examples
    --------
    >>> from optima_research.publishing import Register
    >>> register = Register("demo")
    >>> register.note("part", 0.652, unit="%")
    >>> register_latex(register).splitlines()[-2]
    '\\optima@note{part}{65,2~\\%}{}'
    """
    rows = [
        f"\\optima@note{{{id_}}}{{{latex.escape(row.text)}}}{{{latex.escape(row.interval)}}}"
        for id_, row in register.items()
    ]
    return _MACROS + "\n".join([*rows, "\\makeatother"]) + "\n"


def register_table(register: Register) -> PublicationTable:
    """The register as a table: one row a statistic.

    Raises
    ------
    ExportError
        The register is empty.
    """
    import pandas as pd

    if not len(register):
        raise ExportError(
            _("The register is empty."), hint=_("Note results first: register.note(id, result).")
        )
    rows = [row for _id, row in register.items()]
    body = pd.DataFrame(
        {
            name: [getattr(row, name) for row in rows]
            for name in ("text", "value", "low", "high", "n", "unit", "method")
        },
        index=list(register),
    )
    body = body.astype({"value": float, "low": float, "high": float, "n": "Int64"})
    return PublicationTable(
        title=_("Register of results"),
        body=body,
        columns=(
            Column("text", _("As printed"), "text"),
            Column("value", _("Value"), decimals=6),
            Column(("low", "high"), _("Interval"), "interval", decimals=6),
            Column("n", _("Respondents"), "count"),
            Column("unit", _("Unit"), "text"),
            Column("method", _("Method"), "text"),
        ),
        stub=_("Identifier"),
        name="register",
    )


def write_readers(register: Register, folder: str | Path | None = None) -> list[Path]:
    """Write what LaTeX, Typst and Excel read: ``results.tex``, ``results.typ`` (beside the JSON) and ``results.xlsx``.

    Parameters
    ----------
    register : Register
        The register; its JSON is written too.
    folder : str or Path, optional
        By default the register's own.

    Returns
    -------
    list of Path
        The four files.
    """
    target = Path(folder) if folder is not None else register.folder
    table = register_table(register)
    facts = ((_("Study"), register.study),)
    book = xlsx.render(
        Document(table.title, (lay_out(table),), current_language(), facts=facts), (_("Register"),)
    )
    contents = {
        "results.tex": register_latex(register).encode(),
        "results.typ": _TYPST.encode(),
        "results.xlsx": book,
    }
    files = [register.write(target)]
    for name, content in contents.items():
        files.append(write_bytes(target / name, content))
        record(
            files[-1], content, object="Register", title=table.title, format=name[8:], study=register.study
        )
    return files
