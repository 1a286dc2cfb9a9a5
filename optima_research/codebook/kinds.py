"""The closed vocabularies of a codebook: levels of measurement, kinds of missing, roles, kinds of set."""

from __future__ import annotations

from enum import StrEnum

import pandas as pd

from optima_research.language import _


class Measure(StrEnum):
    """Level of measurement of a variable."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    INTERVAL = "interval"
    RATIO = "ratio"
    TEXT = "text"
    DATE = "date"

    @property
    def is_number(self) -> bool:
        """Whether differences between values mean something."""
        return self in (Measure.INTERVAL, Measure.RATIO)


class MissingKind(StrEnum):
    """Why a cell holds no answer. The kind decides the denominator.

    Examples
    --------
    >>> MissingKind("not_asked").label
    'non posée'
    """

    NOT_ASKED = "not_asked"
    NOT_REACHED = "not_reached"
    NO_ANSWER = "no_answer"
    DONT_KNOW = "dont_know"
    REFUSED = "refused"
    NOT_APPLICABLE = "not_applicable"
    OUT_OF_CODES = "out_of_codes"
    NOT_ASKED_OR_NO_ANSWER = "not_asked_or_no_answer"
    """For formats that write both as an empty cell: the export lost the difference, and we say so."""

    @property
    def label(self) -> str:
        """The kind in the reader's language."""
        return {
            MissingKind.NOT_ASKED: _("not asked"),
            MissingKind.NOT_REACHED: _("not reached"),
            MissingKind.NO_ANSWER: _("no answer"),
            MissingKind.DONT_KNOW: _("does not know"),
            MissingKind.REFUSED: _("refused"),
            MissingKind.NOT_APPLICABLE: _("not applicable"),
            MissingKind.OUT_OF_CODES: _("code not in the list"),
            MissingKind.NOT_ASKED_OR_NO_ANSWER: _("not asked or no answer"),
        }[self]


MISSING_DTYPE = pd.CategoricalDtype([str(kind) for kind in MissingKind])
"""Type of every column of a survey's missing layer: one byte a cell, NA where there is an answer."""


class Role(StrEnum):
    """What a variable is for."""

    ITEM = "item"
    PARTNER = "partner"
    WAVE = "wave"
    POPULATION = "population"
    STRATUM = "stratum"
    CLUSTER = "cluster"
    WEIGHT = "weight"
    SCORE = "score"
    FLAG = "flag"
    OTHER_TEXT = "other_text"
    COMMENT = "comment"
    META = "meta"
    TIMING = "timing"
    DISPLAY = "display"


class ItemSetKind(StrEnum):
    """How the questions of a set belong together."""

    MULTIPLE = "multiple"
    GRID = "grid"
    RANKING = "ranking"
    DUAL_SCALE = "dual_scale"
    TEXTS = "texts"
    NUMBERS = "numbers"
