"""The screening report as one page: a line a variable, its small plot drawn as inline SVG."""

from __future__ import annotations

from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.cleaning._checks import check_label
from optima_research.codebook import MissingKind
from optima_research.language import _, current_language
from optima_research.language.numbers import format_count, format_percent
from optima_research.language.typography import typeset

if TYPE_CHECKING:
    from optima_research.cleaning.screening import Screening
    from optima_research.survey import Survey

_STYLE = (
    "body{font:15px/1.45 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;"
    "color:#222;background:#fff}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;"
    "border-bottom:1px solid #ddd}td.n{text-align:right;white-space:nowrap}.error{font-weight:700;color:#8a1c1c}"
    ".warning{font-weight:700}.note{color:#555}code{font-size:90%}"
)
_WIDTH, _HEIGHT, _MOST = 160, 34, 24


def screening_page(report: Screening) -> str:
    """The whole page as text."""
    head = [_("Variable"), _("Answers"), _("Missing"), _("Distribution"), _("Remarks")]
    rows = "".join(_row(report, str(name)) for name in report.variables.index)
    cells = "".join(f'<th scope="col">{escape(title)}</th>' for title in head)
    title = escape(f"{_('Screening of the variables')} {report.survey.name}".rstrip())
    return (
        f'<!DOCTYPE html>\n<html lang="{current_language()}"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body><h1>{title}</h1>'
        f"<p>{_text(report.sentence())}</p>"
        f"<p>{_text(_('Working document of the research team: not to be passed on.'))}</p>"
        f"<table><thead><tr>{cells}</tr></thead><tbody>{rows}</tbody></table></body></html>\n"
    )


def _row(report: Screening, name: str) -> str:
    facts = report.variables.loc[name]
    found = report.problems[report.problems["variable"] == name]
    remarks = "".join(
        f'<div class="{row.severity}">{_text(check_label(str(row.check)))} ({format_count(row.n)})'
        f"{_text(' : ' + str(row.detail)) if row.detail else ''}</div>"
        for row in found.itertuples()
    )
    missing = "".join(
        f"<div>{_text(MissingKind(kind).label)} {format_percent(facts[kind] / max(report.survey.n, 1), 0)}</div>"
        for kind in report.variables.columns
        if kind in set(MissingKind) and facts[kind]
    )
    return (
        f"<tr><th scope='row'><code>{escape(name)}</code><br>{_text(str(facts['label']))}</th>"
        f'<td class="n">{format_count(facts["n"])}</td><td>{missing}</td>'
        f"<td>{_small_plot(report.survey, name)}</td><td>{remarks}</td></tr>"
    )


def _small_plot(survey: Survey, name: str) -> str:
    counts = _bars(survey, name)
    if counts.empty:
        return ""
    width = _WIDTH / len(counts)
    bars = "".join(
        f'<rect x="{position * width:.1f}" y="{_HEIGHT * (1 - height):.1f}" width="{max(width - 1, 0.5):.1f}" '
        f'height="{_HEIGHT * height:.1f}" fill="#004488">'
        f"<title>{escape(str(label))} : {format_count(count)}</title></rect>"
        for position, (label, count, height) in enumerate(
            zip(counts.index, counts, counts / counts.max(), strict=True)
        )
    )
    described = escape(_("distribution of {name}", name=name))
    return f'<svg role="img" aria-label="{described}" width="{_WIDTH}" height="{_HEIGHT}">{bars}</svg>'


def _bars(survey: Survey, name: str) -> pd.Series:
    """Counts in the order of the answers; numbers in classes; free text not at all."""
    variable, values = survey.codebook[name], survey.answers[name].dropna()
    if variable.values:
        labelled = survey.frame(name)[name].value_counts(sort=False)
        return labelled if labelled.max() else labelled[:0]
    if pd.api.types.is_numeric_dtype(values.dtype) and len(values):
        counts, edges = np.histogram(values.astype(float), bins=min(_MOST, max(values.nunique(), 1)))
        return pd.Series(counts, index=[f"{low:.4g}–{high:.4g}" for low, high in pairwise(edges)])
    return pd.Series(dtype=int)


def _text(text: str) -> str:
    return escape(typeset(text))
