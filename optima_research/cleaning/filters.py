"""Steps that leave respondents out, or keep only some: each one names whom it excludes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from optima_research.cleaning.conditions import matches
from optima_research.cleaning.steps import expand, item_columns, require_columns, step
from optima_research.errors import CleaningError
from optima_research.language import _
from optima_research.survey import Survey


@step
def keep(survey: Survey, condition: str, *, reason: str, excludes: str = "") -> Survey:
    """Keep the respondents who meet a condition; those whose answer is missing do not meet it.

    Parameters
    ----------
    survey : Survey
    condition : str
        See :func:`optima_research.cleaning.conditions.matches`.
    reason : str
        Why, for the trail.
    excludes : str
        What the flow of exclusions calls those left out; the reason by default.

    Examples
    --------
    >>> from optima_research.codebook import Codebook, Variable
    >>> book = Codebook([Variable("age", measure="ratio")])
    >>> survey = Survey.build(pd.DataFrame({"age": [34, 17, 52]}), book)
    >>> keep(survey, "age >= 18", reason="Agents majeurs").n
    2
    """
    return survey.kept(
        matches(survey, condition),
        rule="keep",
        reason=reason,
        parameters={"condition": condition, "excludes": excludes},
        excludes=excludes or reason,
    )


@step
def drop(survey: Survey, condition: str, *, reason: str, excludes: str = "") -> Survey:
    """Leave out the respondents who meet a condition; those whose answer is missing stay.

    Parameters
    ----------
    survey : Survey
    condition, reason, excludes : str
        As for :func:`keep`.
    """
    return survey.kept(
        ~matches(survey, condition),
        rule="drop",
        reason=reason,
        parameters={"condition": condition, "excludes": excludes},
        excludes=excludes or reason,
    )


@step
def drop_test_responses(
    survey: Survey,
    *,
    reason: str,
    ids: Sequence[Any] = (),
    before: str | None = None,
    after: str | None = None,
    date: str = "startdate",
    condition: str | None = None,
) -> Survey:
    """Leave out the responses made to try the questionnaire.

    Parameters
    ----------
    survey : Survey
    reason : str
    ids : sequence
        Response ids of the tests.
    before, after : str, optional
        Opening and closing of the field work (ISO dates): what lies outside is a test.
    date : str
        Column the dates are read from.
    condition : str, optional
        Any other sign (``"token == 'test'"``).

    Raises
    ------
    CleaningError
        Nothing says what a test is, an id does not exist, or the dates are those of an anonymous survey.
    """
    tests = pd.Series(False, index=survey.answers.index)
    if not (len(ids) or before or after or condition):
        raise CleaningError(
            _("Nothing says what a test response is."),
            hint=_('Give their ids, the opening date (before="2013-05-13"), or a condition.'),
        )
    if len(ids):
        tests |= _known_ids(survey, ids)
    if before or after:
        moments = usable_dates(survey, date)
        if before:
            tests |= moments < pd.Timestamp(before)
        if after:
            tests |= moments > pd.Timestamp(after)
    if condition:
        tests |= matches(survey, condition)
    parameters = {"ids": list(ids), "before": before, "after": after, "date": date, "condition": condition}
    return survey.kept(
        ~tests, rule="drop_test_responses", reason=reason, parameters=parameters, excludes="test responses"
    )


@step
def drop_not_started(survey: Survey, *, reason: str, columns: Sequence[str] = ()) -> Survey:
    """Leave out the responses that were opened but hold no answer at all.

    Parameters
    ----------
    survey : Survey
    reason : str
    columns : sequence of str
        Columns or sets that count as answers; every item by default.
    """
    names = expand(survey, columns) if columns else item_columns(survey)
    return survey.kept(
        survey.answers[names].notna().any(axis=1),
        rule="drop_not_started",
        reason=reason,
        parameters={"columns": list(columns)},
        excludes="opened without answering",
    )


@step
def drop_unsubmitted(survey: Survey, *, reason: str, column: str = "submitdate") -> Survey:
    """Leave out the responses that were never submitted.

    Parameters
    ----------
    survey : Survey
    reason : str
    column : str
        Filled when the respondent pressed "submit" (LimeSurvey: ``submitdate``).

    Raises
    ------
    SurveyError
        The column does not exist.

    Examples
    --------
    >>> from optima_research.codebook import Codebook, Variable
    >>> book = Codebook([Variable("submitdate", measure="date")])
    >>> survey = Survey.build(pd.DataFrame({"submitdate": ["2013-05-14 10:02:00", None]}), book)
    >>> drop_unsubmitted(survey, reason="Questionnaires abandonnés").n
    1
    """
    require_columns(survey, [column], "column")
    return survey.kept(
        survey.answers[column].notna(),
        rule="drop_unsubmitted",
        reason=reason,
        parameters={"column": column},
        excludes="not submitted",
    )


def usable_dates(survey: Survey, column: str) -> pd.Series:
    """A column as dates, refused when the tool wrote the same date for everybody to keep the survey anonymous.

    Raises
    ------
    CleaningError
        Every date is 1980-01-01 (LimeSurvey, anonymous responses), or none can be read.
    """
    require_columns(survey, [column])
    dates = pd.to_datetime(survey.answers[column], errors="coerce")
    present = dates.dropna()
    if len(present) and (present.dt.year == 1980).all():
        raise CleaningError(
            _(
                "The dates of « {name} » are all 1980-01-01: LimeSurvey wrote no time in this anonymous survey.",
                name=column,
            ),
            where=survey.name or None,
            hint=_("Times cannot be checked here; use attention items and careless indices instead."),
        )
    if present.empty:
        raise CleaningError(_("« {name} » holds no date.", name=column), where=survey.name or None)
    return dates


def _known_ids(survey: Survey, ids: Sequence[Any]) -> pd.Series:
    index = survey.answers.index
    # A trail read back from JSON may hold texts for numbers; only what is not found as it is, is looked for as text.
    odd = [one for one in ids if one not in index]
    found = index.isin([one for one in ids if one in index])
    if odd:
        labels = index.astype(str)
        unknown = sorted({str(one) for one in odd} - set(labels))
        if unknown:
            raise CleaningError(
                _("These response ids do not exist: {ids}.", ids=", ".join(unknown[:8])),
                where=survey.name or None,
            )
        found |= labels.isin([str(one) for one in odd])
    return pd.Series(found, index=index)
