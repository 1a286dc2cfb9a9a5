"""HTML: one self-contained accessible page, no script, nothing fetched; good on a phone, on paper and in the dark."""

from __future__ import annotations

import base64
from html import escape

from optima_research.publishing.layout import (
    Block,
    Document,
    Heading,
    Indicator,
    Indicators,
    Note,
    Paragraph,
    Picture,
    Row,
    TableLayout,
)

STYLE = """
:root{color-scheme:light dark;--ink:#1a1a1a;--paper:#fff;--quiet:#555;--line:#1a1a1a;--accent:#004488}
@media (prefers-color-scheme:dark){:root{--ink:#eee;--paper:#16181c;--quiet:#b5b5b5;--line:#ddd;--accent:#8ab4f8}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1.5rem 1rem 3rem;max-width:56rem;color:var(--ink);background:var(--paper);
font:1rem/1.5 Calibri,Carlito,"Segoe UI",system-ui,sans-serif}
h1{font-size:1.7rem;line-height:1.25;margin:.5rem 0}h2{font-size:1.3rem;margin:2rem 0 .5rem}h3{font-size:1.1rem}
.quiet{color:var(--quiet);margin:.2rem 0}
.lead{border-left:3px solid var(--accent);padding:.3rem 0 .3rem .9rem;font-size:1.1rem}
.block{margin:1.8rem 0}
.scroll{overflow-x:auto}
table{border-collapse:collapse;border-top:2px solid var(--line);border-bottom:2px solid var(--line)}
caption{text-align:left;padding-bottom:.4rem;caption-side:top}
caption em,figcaption em{font-style:italic;font-weight:normal}
caption,figcaption.title{font-weight:bold}
th,td{padding:.25rem .7rem;text-align:left;vertical-align:bottom;font-weight:normal}
.prose tbody th,.prose td{vertical-align:top}
thead th{font-weight:bold}
thead tr:last-child th{border-bottom:1px solid var(--line)}
th.span{text-align:center}th.span.named{border-bottom:1px solid var(--line)}
th.num,td.num{text-align:right}td.num{white-space:nowrap;font-variant-numeric:tabular-nums}
tr.group th{font-style:italic;padding-top:.5rem}th.in{padding-left:1.6rem}
.notes p{margin:.15rem 0;font-size:.88rem}
.indicators{display:grid;grid-template-columns:repeat(auto-fit,minmax(10rem,1fr));gap:1rem;list-style:none;padding:0}
.indicators li{border-top:3px solid var(--accent);padding-top:.4rem;display:flex;flex-direction:column}
.indicators strong{font-size:1.7rem;line-height:1.2}.indicators .detail{color:var(--quiet);font-size:.88rem}
figure{margin:0}figure img{max-width:100%;height:auto;background:#fff}
a{color:var(--accent)}
@media print{body{max-width:none;padding:0}.block{break-inside:avoid}}
""".strip()


def render(document: Document) -> bytes:
    """Render a document as one HTML file.

    Parameters
    ----------
    document : Document
        Laid out, with the texts of its audience.

    Returns
    -------
    bytes
        UTF-8; tables have a caption and scoped headings, figures an alternative text.
    """
    blocks = "".join(block_html(block) for block in document.blocks).replace("</ul><ul>", "")
    head = ""
    if document.is_report:
        lines = "".join(
            f'<p class="quiet">{escape(text)}</p>' for text in (document.subtitle, document.author) if text
        )
        head = f"<header><h1>{escape(document.title)}</h1>{lines}</header>"
    return page(document.title, f"{head}<main>{blocks}</main>", language=document.language)


def page(title: str, body: str, *, language: str, style: str = "") -> bytes:
    """A whole page around ``body``, in the house style."""
    return (
        f'<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}{style}</style></head>\n<body>{body}</body></html>\n"
    ).encode()


def block_html(block: Block) -> str:
    """One block as an HTML fragment.

    Examples
    --------
    >>> block_html(Heading("Résultats & limites"))
    '<h2>Résultats &amp; limites</h2>'
    """
    match block:
        case Heading(text, level):
            rank = min(level + 1, 6)
            return f"<h{rank}>{escape(text)}</h{rank}>"
        case Paragraph(text, "bullet"):
            return f"<ul><li>{escape(text)}</li></ul>"
        case Paragraph(text, kind):
            style = {"lead": ' class="lead"', "small": ' class="quiet"'}.get(kind, "")
            return f"<p{style}>{escape(text)}</p>"
        case Indicators(items):
            return f'<ul class="indicators">{"".join(map(_indicator, items))}</ul>'
        case TableLayout():
            return _table(block)
        case Picture():
            return _picture(block)


def _indicator(item: Indicator) -> str:
    detail = f'<span class="detail">{escape(item.detail)}</span>' if item.detail else ""
    return f"<li><strong>{escape(item.value)}</strong><span>{escape(item.label)}</span>{detail}</li>"


def _table(table: TableLayout) -> str:
    caption = f"<caption>{escape(table.caption)}{_title(table.title)}</caption>"
    head = "".join(_head_rows(table))
    rows = "".join(_row(row, table) for row in table.rows)
    prose = ' class="prose"' if table.is_prose else ""
    return (
        f'<div class="block"><div class="scroll" tabindex="0" role="region" aria-label="{escape(table.caption)}">'
        f"<table{prose}>{caption}<thead>{head}</thead><tbody>{rows}</tbody></table></div>{_notes(table.notes)}</div>\n"
    )


def _head_rows(table: TableLayout) -> list[str]:
    rows = []
    if table.spanners:
        cells = ["<td></td>"]
        for spanner in table.spanners:
            if spanner.text:
                cells.append(
                    f'<th scope="colgroup" colspan="{spanner.width}" class="span named">{escape(spanner.text)}</th>'
                )
            else:
                cells.append(f'<td colspan="{spanner.width}"></td>')
        rows.append(f"<tr>{''.join(cells)}</tr>")
    cells = [f'<th scope="col">{escape(table.stub)}</th>' if table.stub else "<td></td>"]
    for head in table.heads:
        side = ' class="num"' if head.numeric else ""
        cells.append(f'<th scope="col"{side}>{escape(head.text)}</th>')
    rows.append(f"<tr>{''.join(cells)}</tr>")
    return rows


def _row(row: Row, table: TableLayout) -> str:
    if row.heading:
        return f'<tr class="group"><th scope="rowgroup" colspan="{len(table.heads) + 1}">{escape(row.label)}</th></tr>'
    indent = ' class="in"' if row.indented else ""
    cells = [f'<th scope="row"{indent}>{escape(row.label)}</th>']
    for text, head in zip(row.cells, table.heads, strict=True):
        cells.append(f'<td class="num">{escape(text)}</td>' if head.numeric else f"<td>{escape(text)}</td>")
    return f"<tr>{''.join(cells)}</tr>"


def _picture(picture: Picture) -> str:
    source = base64.b64encode(picture.svg).decode()
    return (
        f'<figure class="block"><figcaption class="title">{escape(picture.caption)}{_title(picture.title)}'
        f'</figcaption><img src="data:image/svg+xml;base64,{source}" alt="{escape(picture.alt)}"'
        f' style="width:{picture.width_cm:g}cm">{_notes(picture.notes)}</figure>\n'
    )


def _title(title: str) -> str:
    return f" – <em>{escape(title)}</em>" if title else ""


def _notes(notes: tuple[Note, ...]) -> str:
    lines = "".join(f"<p><em>{escape(note.opening)}</em>{escape(note.text)}</p>" for note in notes)
    return f'<div class="notes">{lines}</div>' if lines else ""
