"""The page a steering committee reads: what to remember, a few numbers, one figure, and what we do not know.

Nothing on it is typed: sentences come from results, numbers from the register. A restitution without its section on
what is not known is refused: a committee that is told only what was found decides on more than was found.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from optima_research.errors import ExportError
from optima_research.language import _
from optima_research.publishing.figures import PublicationFigure
from optima_research.publishing.layout import Indicator, Paragraph
from optima_research.publishing.register import Register
from optima_research.publishing.report import Report
from optima_research.results import Result

MOST_INDICATORS = 5
MOST_QUOTATIONS = 3


def indicator(register: Register, id: str, label: str, *, detail: str = "") -> Indicator:  # noqa: A002
    """A number of the register to be shown large, with its interval under it.

    Parameters
    ----------
    register : Register
        Where the number is.
    id : str
        Its id.
    label : str
        What it is, in a few words.
    detail : str
        A line under it; by default the interval and the number of respondents.

    Examples
    --------
    >>> from optima_research.results import Estimate
    >>> register = Register("demo")
    >>> register.note("part", Estimate(0.652, 0.60, 0.70, n=52), unit="%")
    >>> indicator(register, "part", "d'agents satisfaits").value
    '65,2\\xa0%'
    """
    row = register[id]
    if not detail:
        base = _("n = {n}", n=row.n) if row.n else ""
        detail = ", ".join(part for part in (row.interval, base) if part)
    return Indicator(label, row.text, detail)


def restitution(
    title: str,
    *,
    lead: str | Result,
    indicators: Sequence[Indicator],
    findings: Sequence[str | Result],
    unknown: Sequence[str | Result],
    figure: PublicationFigure | Result | None = None,
    quotations: Sequence[str] = (),
    subtitle: str = "",
    source: str = "",
) -> Report:
    """One page for a partner: to be exported with ``audience="partner"``.

    Parameters
    ----------
    title, subtitle : str
        Subject; partner, date, meeting.
    lead : str or Result
        The sentence to remember.
    indicators : sequence of Indicator
        One to five numbers.
    findings, unknown : sequence of str or Result
        What we know, what we do not know; a result gives its sentence. ``unknown`` cannot be empty.
    figure : PublicationFigure or Result, optional
        One figure.
    quotations : sequence of str
        At most three, already anonymous.
    source : str
        Where the data come from.

    Returns
    -------
    Report
        On one page: the PDF is refused when it is longer.

    Raises
    ------
    ExportError
        Too many numbers or quotations, or nothing is said of what is not known.

    Examples
    --------
    >>> page = restitution("Baromètre RH", lead="La satisfaction moyenne est de 3,21 sur 5.",
    ...     indicators=[Indicator("satisfaction", "3,21")], findings=["Les directions diffèrent peu."],
    ...     unknown=["Ce que pensent les agents qui n'ont pas répondu."])
    >>> page.one_page
    True
    """
    _check(indicators, unknown, quotations)
    report = Report(title, subtitle, one_page=True).lead(lead).indicators(*indicators)
    report = _list(report.heading(_("What we know")), findings)
    if figure is not None:
        report = report.figure(figure)
    if quotations:
        report = _list(
            report.heading(_("In their words")), [f"« {text.strip('« »')} »" for text in quotations]
        )
    report = _list(report.heading(_("What we do not know")), unknown)
    return report.add(Paragraph(source, "small")) if source else report


def _check(indicators: Sequence[Indicator], unknown: Sequence[Any], quotations: Sequence[str]) -> None:
    if not unknown:
        raise ExportError(
            _("The restitution does not say what is not known."),
            parameter="unknown",
            hint=_(
                "Give at least one limit: who did not answer, what the survey cannot tell, what is inconclusive."
            ),
        )
    if not 1 <= len(indicators) <= MOST_INDICATORS:
        raise ExportError(
            _("A one-page restitution holds from one to {most} numbers.", most=MOST_INDICATORS),
            parameter="indicators",
            got=len(indicators),
        )
    if len(quotations) > MOST_QUOTATIONS:
        raise ExportError(
            _("A one-page restitution holds at most {most} quotations.", most=MOST_QUOTATIONS),
            parameter="quotations",
            got=len(quotations),
        )


def _list(report: Report, sentences: Sequence[str | Result]) -> Report:
    for sentence in sentences:
        report = report.bullet(sentence.sentence() if isinstance(sentence, Result) else sentence)
    return report
