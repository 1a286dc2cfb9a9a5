"""Steps from a survey to a survey, each leaving a line in the trail; checks, flow of exclusions, response rates."""

from optima_research.cleaning.conditions import matches
from optima_research.cleaning.correcting import correct, derive
from optima_research.cleaning.duplicates import drop_duplicates, duplicates
from optima_research.cleaning.filters import (
    drop,
    drop_not_started,
    drop_test_responses,
    drop_unsubmitted,
    keep,
)
from optima_research.cleaning.flow import flow
from optima_research.cleaning.rates import ResponseRates, dispositions, response_rates
from optima_research.cleaning.recoding import collapse, declare_missing, preview_recode, recode
from optima_research.cleaning.replaying import exits, replay
from optima_research.cleaning.steps import step

__all__ = [
    "ResponseRates",
    "collapse",
    "correct",
    "declare_missing",
    "derive",
    "dispositions",
    "drop",
    "drop_duplicates",
    "drop_not_started",
    "drop_test_responses",
    "drop_unsubmitted",
    "duplicates",
    "exits",
    "flow",
    "keep",
    "matches",
    "preview_recode",
    "recode",
    "replay",
    "response_rates",
    "step",
]
