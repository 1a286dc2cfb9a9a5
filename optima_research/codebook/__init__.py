"""What the columns mean: variables, the sets they form, the scales they build."""

from optima_research.codebook.book import Codebook
from optima_research.codebook.comparing import CodebookDiff, diff_codebooks
from optima_research.codebook.ddi import write_ddi
from optima_research.codebook.kinds import MISSING_DTYPE, ItemSetKind, Measure, MissingKind, Role
from optima_research.codebook.scale import Scale
from optima_research.codebook.variable import ItemSet, Variable

__all__ = [
    "MISSING_DTYPE",
    "Codebook",
    "CodebookDiff",
    "ItemSet",
    "ItemSetKind",
    "Measure",
    "MissingKind",
    "Role",
    "Scale",
    "Variable",
    "diff_codebooks",
    "write_ddi",
]
