"""LaTeX: booktabs tables and included figures, every special character escaped, French spaces as LaTeX writes them."""

from __future__ import annotations

import re

from optima_research.publishing.layout import (
    Document,
    Heading,
    Indicators,
    Note,
    Paragraph,
    Picture,
    Row,
    TableLayout,
)

SPECIAL = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "\u00a0": "~",
    "\u202f": r"\,",
    "\u2007": r"\phantom{0}",
    "\u2212": "$-$",
    "\u2013": "--",
    "\u2014": "---",
    "\u2019": "'",
    "\u2026": r"\dots{}",
    "±": r"$\pm$",
    "×": r"$\times$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "≠": r"$\neq$",
    "∞": r"$\infty$",
    "²": r"\textsuperscript{2}",
    "³": r"\textsuperscript{3}",
    "€": r"\texteuro{}",
    "→": r"$\rightarrow$",
    "α": r"$\alpha$",
    "β": r"$\beta$",
    "η": r"$\eta$",
    "ε": r"$\varepsilon$",
    "κ": r"$\kappa$",
    "χ": r"$\chi$",
    "ω": r"$\omega$",
    "ρ": r"$\rho$",
    "σ": r"$\sigma$",
    "μ": r"$\mu$",
    "Δ": r"$\Delta$",
}
_SPECIAL = re.compile("|".join(map(re.escape, SPECIAL)))

_PREAMBLE = r"""\documentclass[11pt,a4paper]{article}
\usepackage[utf8]{inputenc}
\usepackage[T1]{fontenc}
\usepackage[%s]{babel}
\usepackage[margin=2.5cm]{geometry}
\usepackage{textcomp,booktabs,graphicx,array}
\begin{document}
"""
_BABEL = {"fr": "french", "en": "british"}
_PACKAGES = "% \\usepackage{booktabs,graphicx,textcomp,array}\n"


def render(document: Document, stem: str = "figure") -> bytes:
    """Render a document as LaTeX.

    Parameters
    ----------
    document : Document
        Laid out, with the texts of its audience.
    stem : str
        File name without suffix; its figures are looked for beside it (see :func:`companions`).

    Returns
    -------
    bytes
        A float to ``\\input`` for one table or figure, a whole article for a report; UTF-8.
    """
    text = "\n".join(_block(block, stem) for block in document.blocks)
    text = text.replace("\\end{itemize}\n\n\\begin{itemize}", "")
    if not document.is_report:
        return (_PACKAGES + text).encode()
    head = _PREAMBLE % _BABEL[document.language]
    title = f"\\title{{{escape(document.title)}}}\n\\author{{{escape(document.author)}}}\n\\date{{}}\n\\maketitle\n\n"
    return (head + title + text + "\\end{document}\n").encode()


def companions(document: Document, stem: str) -> dict[str, bytes]:
    """The files a LaTeX document includes: name -> bytes of each figure's PDF."""
    return {f"{_picture_name(picture, stem)}.pdf": picture.pdf for picture in document.pictures}


def escape(text: str) -> str:
    r"""Write a text so that LaTeX prints it as it is.

    Examples
    --------
    >>> escape("65,2\u00a0% & R_1")
    '65,2~\\% \\& R\\_1'
    >>> escape("\u22123,14")
    '$-$3,14'
    """
    return _SPECIAL.sub(lambda found: SPECIAL[found.group()], text)


def _block(block: object, stem: str) -> str:
    match block:
        case Heading(text, level):
            command = {1: "section", 2: "subsection"}.get(level, "subsubsection")
            return f"\\{command}{{{escape(text)}}}\n"
        case Paragraph(text, kind):
            if kind == "bullet":
                return f"\\begin{{itemize}}\\item {escape(text)}\\end{{itemize}}\n"
            return (
                f"\\begin{{quote}}{escape(text)}\\end{{quote}}\n" if kind == "lead" else f"{escape(text)}\n"
            )
        case Indicators(items):
            lines = [
                f"\\item[{{{escape(item.value)}}}] {escape(f'{item.label} {item.detail}'.strip())}"
                for item in items
            ]
            return "\\begin{description}\n" + "\n".join(lines) + "\n\\end{description}\n"
        case TableLayout():
            return _table(block)
        case Picture():
            return _picture(block, stem)
    raise TypeError(type(block).__name__)


def _table(table: TableLayout) -> str:
    sides = "".join("r" if head.numeric else "l" for head in table.heads)
    lines = [
        "\\begin{table}[htbp]",
        "\\centering",
        *(["\\footnotesize\\setlength{\\tabcolsep}{3pt}"] if table.is_wide else []),
        f"\\caption{{{escape(table.title)}}}",
        f"\\label{{tab:{table.number}}}",
        f"\\begin{{tabular}}{{@{{}}l{sides}@{{}}}}",
        "\\toprule",
        *_spanners(table),
        " & ".join(map(escape, [table.stub, *(head.text for head in table.heads)])) + r" \\",
        "\\midrule",
        *(_row(row, len(table.heads) + 1) for row in table.rows),
        "\\bottomrule",
        "\\end{tabular}",
        *_notes(table.notes),
        "\\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _spanners(table: TableLayout) -> list[str]:
    if not table.spanners:
        return []
    cells, rules, at = [""], [], 2
    for spanner in table.spanners:
        cells.append(f"\\multicolumn{{{spanner.width}}}{{c}}{{{escape(spanner.text)}}}")
        if spanner.text:
            rules.append(f"\\cmidrule(lr){{{at}-{at + spanner.width - 1}}}")
        at += spanner.width
    return [" & ".join(cells) + r" \\", " ".join(rules)]


def _row(row: Row, width: int) -> str:
    if row.heading:
        return f"\\multicolumn{{{width}}}{{@{{}}l}}{{\\textit{{{escape(row.label)}}}}} \\\\"
    label = ("\\quad " if row.indented else "") + escape(row.label)
    # A cell that opens with a bracket would be read as the optional argument of the line break before it.
    cells = [f"{{{escape(cell)}}}" if cell.startswith("[") else escape(cell) for cell in row.cells]
    return " & ".join([f"{{{label}}}" if label.startswith("[") else label, *cells]) + r" \\"


def _notes(notes: tuple[Note, ...]) -> list[str]:
    if not notes:
        return []
    lines = [f"\\emph{{{escape(note.opening.rstrip())}}} {escape(note.text)}" for note in notes]
    return [
        "\\par\\smallskip",
        "\\begin{minipage}{\\linewidth}\\footnotesize",
        "\\\\\n".join(lines),
        "\\end{minipage}",
    ]


def _picture(picture: Picture, stem: str) -> str:
    lines = [
        "\\begin{figure}[htbp]",
        "\\centering",
        f"\\caption{{{escape(picture.title)}}}",
        f"\\label{{fig:{picture.number}}}",
        f"% alt: {picture.alt}".replace("\n", " "),
        f"\\includegraphics[width={picture.width_cm:g}cm]{{{_picture_name(picture, stem)}}}",
        *_notes(picture.notes),
        "\\end{figure}",
    ]
    return "\n".join(lines) + "\n"


def _picture_name(picture: Picture, stem: str) -> str:
    return f"{stem}-figure{picture.number}"
