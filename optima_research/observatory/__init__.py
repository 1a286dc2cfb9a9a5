"""The observatory: studies, partners, axes, hypotheses, deliverables, and the chair's bank of items."""

from optima_research.observatory.item_bank import item_bank
from optima_research.observatory.study import Study
from optima_research.observatory.study_parts import Deliverable, Hypothesis, Partner, SourceFile, Wave

__all__ = ["Deliverable", "Hypothesis", "Partner", "SourceFile", "Study", "Wave", "item_bank"]
