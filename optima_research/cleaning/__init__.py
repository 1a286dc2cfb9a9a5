"""Steps from a survey to a survey, each leaving a line in the trail; checks, flow of exclusions, response rates."""

from optima_research.cleaning.careless import CarelessIndices, careless
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
from optima_research.cleaning.flags import (
    Flags,
    drop_flagged,
    flag_attention,
    flag_careless,
    flag_speeders,
    quality_flags,
    relative_speed,
)
from optima_research.cleaning.flow import flow
from optima_research.cleaning.hours import hours_notations, read_hours
from optima_research.cleaning.linkage import Linkage, LinkedComparison, link, link_by_code
from optima_research.cleaning.rates import ResponseRates, dispositions, response_rates
from optima_research.cleaning.recoding import collapse, declare_missing, preview_recode, recode
from optima_research.cleaning.replaying import exits, replay
from optima_research.cleaning.schemes import SCHEMES, bin  # noqa: A004
from optima_research.cleaning.screening import Screening, screen
from optima_research.cleaning.stacking import stack
from optima_research.cleaning.steps import step

__all__ = [
    "SCHEMES",
    "CarelessIndices",
    "Flags",
    "Linkage",
    "LinkedComparison",
    "ResponseRates",
    "Screening",
    "bin",
    "careless",
    "collapse",
    "correct",
    "declare_missing",
    "derive",
    "dispositions",
    "drop",
    "drop_duplicates",
    "drop_flagged",
    "drop_not_started",
    "drop_test_responses",
    "drop_unsubmitted",
    "duplicates",
    "exits",
    "flag_attention",
    "flag_careless",
    "flag_speeders",
    "flow",
    "hours_notations",
    "keep",
    "link",
    "link_by_code",
    "matches",
    "preview_recode",
    "quality_flags",
    "read_hours",
    "recode",
    "relative_speed",
    "replay",
    "response_rates",
    "screen",
    "stack",
    "step",
]
