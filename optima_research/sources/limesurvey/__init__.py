"""LimeSurvey: structures, archives, and every form of response export."""

from __future__ import annotations

from optima_research.sources.limesurvey.reader import read_limesurvey

__all__ = ["read_limesurvey"]
