"""The trail: what was done to the answers, why, and what the data were before and after. Append-only."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from optima_research.errors import TrailError
from optima_research.language import _

if TYPE_CHECKING:
    from optima_research.results import PublicationTable

if TYPE_CHECKING:
    from optima_research.results.flow import Flow


@dataclass(frozen=True)
class Step:
    """One operation on a survey.

    Parameters
    ----------
    rule : str
        Name of the step (``drop_unsubmitted``…).
    parameters : mapping
        Its arguments, as plain values that JSON can hold.
    reason : str
        Why, in the researcher's words; never empty.
    rows_before, rows_after : int
        Respondents.
    cells_changed : int
        Cells whose answer or kind of missing changed.
    hash_before, hash_after : str
        Fingerprints of the answers (:attr:`Survey.fingerprint`).
    author, when, version : str
        Who, when (ISO 8601 with time zone), with which version of the package.
    excludes : str
        For a step that drops respondents: what the flow of exclusions calls them.
    """

    rule: str
    parameters: Mapping[str, Any]
    reason: str
    rows_before: int
    rows_after: int
    cells_changed: int
    hash_before: str
    hash_after: str
    author: str = ""
    when: str = ""
    version: str = ""
    excludes: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise TrailError(
                _("A step needs a reason."),
                where=self.rule,
                parameter="reason",
                hint=_('Write why you do this, as a referee would want to read it: reason="…".'),
            )

    @property
    def dropped(self) -> int:
        """Respondents the step left out."""
        return self.rows_before - self.rows_after


@dataclass(frozen=True, repr=False)
class Trail:
    """The steps from the raw file to the survey at hand.

    Parameters
    ----------
    source : str
        Name of the raw file (no folder).
    source_hash : str
        SHA-256 of the raw file.
    steps : tuple of Step

    Examples
    --------
    >>> trail = Trail("enquete.lsa", "ab12").append(
    ...     Step("drop_unsubmitted", {}, "Réponses non validées", 120, 97, 0, "h0", "h1"))
    >>> len(trail), trail.steps[0].dropped
    (1, 23)
    """

    source: str = ""
    source_hash: str = ""
    steps: tuple[Step, ...] = ()

    def append(self, step: Step) -> Trail:
        """A trail with one more step; the step must start from what the last one left.

        Raises
        ------
        TrailError
            The data were changed outside the trail.
        """
        if self.steps and self.steps[-1].hash_after != step.hash_before:
            raise TrailError(
                _("The data were changed between two steps of the trail."),
                where=f"{self.steps[-1].rule} → {step.rule}",
                hint=_("Change answers through cleaning steps only."),
            )
        return Trail(self.source, self.source_hash, (*self.steps, step))

    def __len__(self) -> int:
        return len(self.steps)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def frame(self) -> pd.DataFrame:
        """The steps as a table a person reads: number, rule, reason, respondents and cells; no date, so that
        the same cleaning shows the same table.
        """
        rows = [
            (step.rule, step.reason, step.rows_before, step.rows_after, step.dropped, step.cells_changed)
            for step in self.steps
        ]
        columns = ["rule", "reason", "rows_before", "rows_after", "dropped", "cells_changed"]
        return pd.DataFrame(rows, columns=columns, index=pd.RangeIndex(1, len(rows) + 1, name="step"))

    def flow(self, invited: int | None = None) -> Flow:
        """The exclusions as a flow (table, sentence, drawing); by group, see :func:`optima_research.cleaning.flow`."""
        from optima_research.results.flow import flow_of_steps

        return flow_of_steps(self.steps, invited=invited, source=self.source)

    def table(self) -> PublicationTable:
        """The same as a table to publish: the cleaning log of a thesis annexe."""
        from optima_research.results import Column, PublicationTable

        columns = (
            Column("rule", _("Rule"), kind="text"),
            Column("reason", _("Reason"), kind="text"),
            Column("rows_before", _("before"), kind="count", group=_("Respondents")),
            Column("rows_after", _("after"), kind="count", group=_("Respondents")),
            Column("cells_changed", _("Cells changed"), kind="count"),
        )
        # The policy is said to be applied: the log counts respondents of the whole survey, never of a group.
        return PublicationTable(
            _("Cleaning log"),
            self.frame(),
            columns,
            stub=_("Step"),
            source=self.source,
            policy="journal",
            name="trail",
        )

    def write(self, path: str | Path) -> Path:
        """Write it as JSON lines: the source first, then one step a line."""
        from optima_research.results.files import write_text

        lines = [
            {"source": self.source, "source_hash": self.source_hash},
            *(asdict(step) for step in self.steps),
        ]
        text = "\n".join(
            json.dumps(line, ensure_ascii=False, sort_keys=True, default=_plain) for line in lines
        )
        return write_text(Path(path), text + "\n")

    @classmethod
    def read(cls, path: str | Path) -> Trail:
        """Read a trail written by :meth:`write`."""
        try:
            first, *rest = Path(path).read_text(encoding="utf-8").splitlines()
            return cls(**json.loads(first), steps=tuple(Step(**json.loads(line)) for line in rest))
        except (ValueError, TypeError) as error:
            raise TrailError(_("This file is not a trail."), where=Path(path).name) from error

    def __repr__(self) -> str:
        return f"Trail({self.source!r}, {len(self.steps)} steps)"

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


def _plain(value: Any) -> Any:
    """A NumPy number (a response id taken from an index) as the plain one JSON writes."""
    if hasattr(value, "item"):
        return value.item()
    raise TrailError(_("The trail cannot keep this argument: {value}.", value=repr(value)[:60]))
