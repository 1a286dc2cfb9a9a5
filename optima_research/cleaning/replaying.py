"""Replay a trail on the raw answers: the same steps must give the same fingerprints."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from optima_research.cleaning.steps import RULES
from optima_research.errors import TrailError, suggest
from optima_research.language import _
from optima_research.survey import Survey
from optima_research.trail import Step, Trail


def replay(raw: Survey, trail: Trail) -> Survey:
    """Apply the steps of a trail to the raw survey, checking the fingerprint after each.

    Parameters
    ----------
    raw : Survey
        As read from the raw file, without any cleaning.
    trail : Trail
        Of the cleaned survey, or read back from its JSON lines.

    Returns
    -------
    Survey
        The cleaned survey; its fingerprint is the one the trail ends on.

    Raises
    ------
    TrailError
        The raw file is another one, a step has no rule of that name, or a step gives other data than it did.

    Examples
    --------
    >>> from optima_research.cleaning import drop
    >>> from optima_research.codebook import Codebook, Variable
    >>> ages = pd.DataFrame({"age": [34, 17]})
    >>> raw = Survey.build(ages, Codebook([Variable("age", measure="ratio")]))
    >>> clean = raw.pipe(drop, "age < 18", reason="Agents majeurs seulement")
    >>> replay(raw, clean.trail).fingerprint == clean.fingerprint
    True
    """
    survey = raw
    for _step, _before, after in _stages(raw, trail):
        survey = after
    return survey


def exits(raw: Survey, trail: Trail) -> pd.Series:
    """Number of the step that left each response out (from 1); missing for those who are kept."""
    out = pd.Series(pd.NA, index=raw.answers.index, dtype="Int64", name="step")
    for number, (_step, before, after) in enumerate(_stages(raw, trail), start=1):
        if after.n < before.n:
            out.loc[before.answers.index.difference(after.answers.index, sort=False)] = number
    return out


def _stages(raw: Survey, trail: Trail) -> Iterator[tuple[Step, Survey, Survey]]:
    if trail.source_hash and raw.trail.source_hash and trail.source_hash != raw.trail.source_hash:
        raise TrailError(
            _("The trail belongs to another raw file."),
            where=raw.trail.source,
            expected=f"{trail.source} {trail.source_hash[:12]}…",
            got=f"{raw.trail.source} {raw.trail.source_hash[:12]}…",
        )
    survey = raw
    # Steps the reader itself recorded are already in the raw survey.
    for number, step in list(enumerate(trail, start=1))[len(raw.trail) :]:
        after = _applied(survey, step, number)
        yield step, survey, after
        survey = after


def _applied(survey: Survey, step: Step, number: int) -> Survey:
    where = _("step {number}, {rule}", number=number, rule=step.rule)
    if survey.fingerprint != step.hash_before:
        raise TrailError(_("The data before this step are not those the trail saw."), where=where)
    if step.rule not in RULES:
        raise TrailError(
            _("There is no step called « {rule} ».", rule=step.rule),
            where=where,
            hint=suggest(step.rule, RULES) or _("Replay up to the step before, then redo it by hand."),
        )
    after = RULES[step.rule](survey, **step.parameters, reason=step.reason)
    if after.fingerprint != step.hash_after:
        raise TrailError(
            _("Replaying this step gives other data than the trail recorded."),
            where=where,
            hint=_(
                "The package changed, or the trail was edited; recorded with version {version}.",
                version=step.version,
            ),
        )
    return after
