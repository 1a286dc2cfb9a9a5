"""A tool's export -> Survey: one module a source, all looking alike; and a survey -> files for other tools."""

from __future__ import annotations

from optima_research.sources.data_package import write_data_package
from optima_research.sources.forms import read_forms
from optima_research.sources.limesurvey import read_limesurvey
from optima_research.sources.ofgl import read_ofgl
from optima_research.sources.period_sheets import read_period_sheets
from optima_research.sources.qualtrics import read_qualtrics
from optima_research.sources.sniffing import read
from optima_research.sources.sphinx import read_sphinx
from optima_research.sources.statfile_writing import write_spss
from optima_research.sources.statfiles import read_spss, read_stata
from optima_research.sources.tabular import read_table
from optima_research.sources.xlsform import read_xlsform

__all__ = [
    "read",
    "read_forms",
    "read_limesurvey",
    "read_ofgl",
    "read_period_sheets",
    "read_qualtrics",
    "read_spss",
    "read_sphinx",
    "read_stata",
    "read_table",
    "read_xlsform",
    "write_data_package",
    "write_spss",
]
