"""A tool's export -> Survey: one module a source, all looking alike."""

from __future__ import annotations

from optima_research.sources.limesurvey import read_limesurvey

__all__ = ["read_limesurvey"]
