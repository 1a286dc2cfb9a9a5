"""The flow of exclusions computed from the trail, in all and by partner, population or any other group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import pandas as pd

from optima_research.cleaning.replaying import exits
from optima_research.cleaning.steps import require_columns
from optima_research.errors import CleaningError
from optima_research.language import _
from optima_research.results.flow import Exclusion, Flow, build_flow, flow_of_steps, leaves_out
from optima_research.survey import Survey


def flow(
    survey: Survey,
    *,
    invited: int | Mapping[str, int] | Literal["participants"] | None = None,
    raw: Survey | None = None,
    by: str | None = None,
) -> Flow:
    """From those invited to those kept, every loss with its exclusive reason.

    Parameters
    ----------
    survey : Survey
        After cleaning.
    invited : int, mapping or "participants", optional
        People who received the questionnaire; by group where ``by`` is given (group → number). ``"participants"``
        counts the access codes of the participants file read with the answers.
    raw : Survey, optional
        The survey before cleaning; needed with ``by``, since the trail is then replayed to see who left when.
    by : str, optional
        Column of the raw survey (partner, population…); its labels name the groups.

    Returns
    -------
    Flow
        ``stages``, ``exclusions``, table, sentence and CONSORT-like drawing.

    Raises
    ------
    CleaningError
        Groups are asked for without the raw survey.
    TrailError
        The trail does not replay.

    Examples
    --------
    >>> from optima_research.cleaning import drop_unsubmitted
    >>> from optima_research.codebook import Codebook, Variable
    >>> dates = pd.DataFrame({"submitdate": ["2013-05-14", None, "2013-05-15"]})
    >>> survey = Survey.build(dates, Codebook([Variable("submitdate", measure="date")]))
    >>> clean = survey.pipe(drop_unsubmitted, reason="Questionnaires abandonnés")
    >>> flow(clean, invited=10).stages
    {'invited': 10, 'opened': 3, 'submitted': 2, 'kept': 2}
    """
    if invited == "participants":
        invited = _participants(survey)
    if by is not None:
        return _flow_by(survey, raw, by, invited)
    if isinstance(invited, Mapping):
        invited = sum(invited.values())
    return flow_of_steps(survey.trail.steps, invited=invited, opened=survey.n, source=survey.trail.source)


def _participants(survey: Survey) -> int:
    people = None if survey.participants is None else survey.participants.open()
    if people is None or "token" not in people:
        raise CleaningError(
            _("The survey was read without its participants."),
            parameter="invited",
            hint=_("Read it with participants=path, or give the number of people invited."),
        )
    return int(people["token"].nunique())


def _flow_by(survey: Survey, raw: Survey | None, by: str, invited: int | Mapping[str, int] | None) -> Flow:
    if raw is None:
        raise CleaningError(
            _("The flow by group needs the raw survey."),
            parameter="raw",
            hint=_('Give the survey as it was read: flow(clean, raw=survey, by="{by}").', by=by),
        )
    require_columns(raw, [by], "by")
    labels = raw.frame(by)[by].astype("string").fillna(_("unknown group"))
    left = exits(raw, survey.trail).fillna(0).astype(int)
    table = pd.crosstab(left, labels)
    groups = [str(group) for group in table.columns]
    steps = dict(enumerate(survey.trail, start=1))
    losses = []
    for number, step in steps.items():
        counts = table.loc[number] if number in table.index else table.iloc[0] * 0
        if leaves_out(step):
            by_group = tuple(int(count) for count in counts)
            losses.append(Exclusion(step.rule, step.excludes, int(counts.sum()), by_group))
    guests = _guests(invited, groups)
    return build_flow(
        losses,
        raw.n,
        opened_by=[int(count) for count in table.sum()],
        invited=sum(guests) if guests else invited if isinstance(invited, int) else None,
        invited_by=guests,
        groups=groups,
        source=survey.trail.source,
    )


def _guests(invited: int | Mapping[str, int] | None, groups: list[str]) -> list[int]:
    if not isinstance(invited, Mapping):
        return []
    absent = [group for group in groups if group not in invited]
    if absent:
        raise CleaningError(
            _("The number invited is not given for: {groups}.", groups=", ".join(absent)),
            parameter="invited",
            expected=", ".join(groups),
        )
    return [int(invited[group]) for group in groups]
