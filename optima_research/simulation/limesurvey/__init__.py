"""Exports written as LimeSurvey 6 would write them, from a questionnaire and simulated responses.

Describe the questionnaire with :class:`Questionnaire`, :class:`Group` and :class:`Question`; simulate a frame with
one row a response, indexed by response id, whose columns bear LimeSurvey's names (``Q1``, ``Q2[SQ001]`` ...; see
:meth:`Questionnaire.columns`). In that frame a missing cell (``None``, ``NaN``, ``NA``) is a question that was not
shown, and ``""`` a question that was shown and left unanswered. Then write: :func:`write_lss`, :func:`write_csv`,
:func:`write_vv`, :func:`write_lsa`, :func:`write_participants`.
"""

from __future__ import annotations

from optima_research.simulation.limesurvey.archive import write_lsa
from optima_research.simulation.limesurvey.lss import write_lss
from optima_research.simulation.limesurvey.participants import write_participants
from optima_research.simulation.limesurvey.questionnaire import Group, Question, Questionnaire
from optima_research.simulation.limesurvey.responses import write_csv, write_vv

__all__ = [
    "Group",
    "Question",
    "Questionnaire",
    "write_csv",
    "write_lsa",
    "write_lss",
    "write_participants",
    "write_vv",
]
