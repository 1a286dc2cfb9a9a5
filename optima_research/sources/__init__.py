"""A tool's export -> Survey: one module a source, all looking alike."""

from __future__ import annotations

from optima_research.sources.forms import read_forms
from optima_research.sources.limesurvey import read_limesurvey
from optima_research.sources.sphinx import read_sphinx
from optima_research.sources.tabular import read_table

__all__ = ["read_forms", "read_limesurvey", "read_sphinx", "read_table"]
