"""The flow of exclusions: from those invited to those analysed, each loss with its reason (CONSORT, STROBE)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_percent
from optima_research.results.base import Result
from optima_research.results.estimate import Estimate
from optima_research.results.table import Column, PublicationTable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from optima_research.trail import Step

TESTS = "test responses"
_STAGE_AFTER = {"drop_not_started": "started", "drop_unsubmitted": "submitted"}


@dataclass(frozen=True)
class Exclusion:
    """Respondents left out by one step: its rule, what the flow calls them, how many (in all and by group)."""

    rule: str
    excludes: str
    n: int
    by: tuple[int, ...] = ()


@dataclass(frozen=True)
class FlowLine:
    """One line of a flow: a stage that was reached, or an exclusion before the next stage."""

    key: str
    n: int
    is_stage: bool
    by: tuple[int, ...] = ()

    @property
    def label(self) -> str:
        """The line in the reader's language."""
        return _stage_label(self.key) if self.is_stage else _exclusion_label(self.key)


@dataclass(frozen=True, eq=False, repr=False)
class Flow(Result):
    """Who was invited, opened, started, submitted and is kept, with the exclusive reasons of every loss.

    Attributes
    ----------
    lines : tuple of FlowLine
        Stages and exclusions, top to bottom.
    tests : int
        Test responses in the file; they are nobody, so the flow starts without them.
    groups : tuple of str
        Groups the counts are given by, in the order of ``FlowLine.by``.
    source : str
        Name of the raw file.
    """

    lines: tuple[FlowLine, ...]
    tests: int = 0
    groups: tuple[str, ...] = ()
    source: str = ""

    @property
    def stages(self) -> dict[str, int]:
        """Stage → number of respondents who reached it."""
        return {line.key: line.n for line in self.lines if line.is_stage}

    @property
    def exclusions(self) -> dict[str, int]:
        """Reason → number of respondents left out."""
        return {line.key: line.n for line in self.lines if not line.is_stage}

    def table(self) -> PublicationTable:
        """The flow as a table: number, and share of the first stage."""
        labels = [line.label if line.is_stage else f"– {line.label}" for line in self.lines]
        first = self.lines[0].n
        body = pd.DataFrame(
            {
                "n": [line.n for line in self.lines],
                "share": [line.n / first if first else float("nan") for line in self.lines],
            },
            index=labels,
        )
        columns = [
            Column("n", _("Number"), kind="count"),
            Column("share", _("Share of the first line"), kind="percent"),
        ]
        for position, group in enumerate(self.groups):
            body[group] = [line.by[position] if line.by else pd.NA for line in self.lines]
            columns.append(Column(group, group, kind="count"))
        return PublicationTable(
            title=_("Flow of respondents"),
            body=body,
            columns=tuple(columns),
            stub=_("Stage"),
            bases=self._smallest(body) if self.groups else None,
            # How many were invited or left out in all says nothing of anybody; by group it may.
            attributes={"public": ("n", "share"), "additive_rows": False, "additive_columns": True},
            reading=self.sentence(),
            note=self._tests_note(),
            source=self.source,
            name="flow",
        )

    def sentence(self) -> str:
        """The flow in words."""
        first = self.lines[0]
        parts = []
        for line in self.lines:
            if line.is_stage:
                share = f" ({format_percent(line.n / first.n)})" if first.n and line is not first else ""
                parts.append(_("{label}: {n}", label=line.label, n=format_count(line.n)) + share)
        text = _("; ").join(parts) + "."
        losses = [
            f"{line.label} ({format_count(line.n)})" for line in self.lines if not line.is_stage and line.n
        ]
        if losses:
            text += " " + _("Left out: {reasons}.", reasons=", ".join(losses))
        return text

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the flow: stages down the left, exclusions to the right of the arrow they leave from."""
        from optima_research.results._flow_drawing import draw_flow

        return draw_flow(self.lines, ax)

    def statistics(self) -> dict[str, Estimate | float]:
        """Counts by stage and by reason."""
        return {f"flow_{line.key}".replace(" ", "_"): float(line.n) for line in self.lines}

    def _smallest(self, body: pd.DataFrame) -> pd.DataFrame:
        """Smallest number of each group, whatever the line: its lines are sums and differences of one another, so
        that one small loss is hidden only where the whole group is.
        """
        numbers = body[list(self.groups)].astype("Float64")
        least = numbers.where(numbers > 0).min().astype(float).fillna(0.0)
        return pd.DataFrame({group: [least[group]] * len(body) for group in self.groups}, index=body.index)

    def _tests_note(self) -> str:
        return (
            _("The file also holds {n} test responses, which are nobody's.", n=format_count(self.tests))
            if self.tests
            else ""
        )


def build_flow(
    exclusions: Sequence[Exclusion],
    opened: int,
    *,
    opened_by: Sequence[int] = (),
    invited: int | None = None,
    invited_by: Sequence[int] = (),
    groups: Sequence[str] = (),
    source: str = "",
) -> Flow:
    """A flow from the losses of each step, in order.

    Parameters
    ----------
    exclusions : sequence of Exclusion
        Steps that left respondents out.
    opened : int
        Responses in the raw file, tests included.
    invited : int, optional
        People invited.
    opened_by, invited_by, groups : the same by group

    Raises
    ------
    AnalysisError
        Fewer people were invited than answered.

    Examples
    --------
    >>> flow = build_flow([Exclusion("drop_unsubmitted", "not submitted", 30)], 470, invited=860)
    >>> flow.stages
    {'invited': 860, 'opened': 470, 'submitted': 440, 'kept': 440}
    """
    tests = [loss for loss in exclusions if loss.excludes == TESTS]
    losses = [loss for loss in exclusions if loss.excludes != TESTS]
    zero = (0,) * len(groups)
    n, by = opened - sum(loss.n for loss in tests), tuple(opened_by) or zero
    for loss in tests:
        by = _less(by, loss.by or zero)
    lines: list[FlowLine] = []
    if invited is not None:
        if invited < n:
            raise AnalysisError(
                _("{n} people answered but only {invited} were invited.", n=n, invited=invited),
                parameter="invited",
                hint=_("Count everybody who received the questionnaire, or drop the duplicates first."),
            )
        guests = tuple(invited_by)
        lines.append(FlowLine("invited", invited, True, guests))
        lines.append(FlowLine("not opened", invited - n, False, _less(guests, by) if guests else ()))
    lines.append(FlowLine("opened", n, True, by))
    for loss in losses:
        if loss.n:
            lines.append(FlowLine(loss.excludes or loss.rule, loss.n, False, loss.by))
        n, by = n - loss.n, _less(by, loss.by or zero)
        if loss.rule in _STAGE_AFTER:
            lines.append(FlowLine(_STAGE_AFTER[loss.rule], n, True, by))
    lines.append(FlowLine("kept", n, True, by))
    return Flow(tuple(lines), sum(loss.n for loss in tests), tuple(groups), source)


def flow_of_steps(
    steps: Sequence[Step], *, invited: int | None = None, opened: int | None = None, source: str = ""
) -> Flow:
    """The flow that the steps of a trail tell; ``opened`` is the number of raw responses where there is no step."""
    losses = [Exclusion(step.rule, step.excludes, step.dropped) for step in steps if leaves_out(step)]
    rows = steps[0].rows_before if steps else opened or 0
    return build_flow(losses, rows, invited=invited, source=source)


def leaves_out(step: Step) -> bool:
    """Whether a step makes a line of the flow: it dropped somebody, or it marks a stage."""
    return step.dropped > 0 or step.rule in _STAGE_AFTER


def _less(left: Sequence[int], right: Sequence[int]) -> tuple[int, ...]:
    return tuple(a - b for a, b in zip(left, right, strict=True))


def _stage_label(key: str) -> str:
    return {
        "invited": _("Invited"),
        "opened": _("Opened"),
        "started": _("Started"),
        "submitted": _("Submitted"),
        "kept": _("Kept for the analysis"),
    }[key]


def _exclusion_label(key: str) -> str:
    known: dict[str, Any] = {
        "not opened": _("questionnaire not opened"),
        "opened without answering": _("opened without answering"),
        "not submitted": _("not submitted"),
        "duplicate token": _("access code used twice"),
        "identical answers": _("answers identical to another response"),
        "same name": _("same person answering twice"),
        "two independent flags": _("at least two independent quality flags"),
    }
    return str(known.get(key, key))
