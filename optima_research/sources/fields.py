"""Columns made into a survey: the last step of every source but LimeSurvey, which has its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.extensions import ExtensionArray

from optima_research.codebook import MISSING_DTYPE, Codebook, ItemSet, MissingKind, Scale, Variable
from optima_research.sources.files import sha256_of
from optima_research.sources.nir import refuse_nir
from optima_research.sources.report import ImportReport
from optima_research.survey import Quarantine, Survey
from optima_research.trail import Trail

__all__ = ["ANSWERED", "KIND_CODES", "Field", "kinds_where", "survey_of", "ticks"]

KIND_CODES = {MissingKind(kind): np.int8(place) for place, kind in enumerate(MISSING_DTYPE.categories)}
"""Code of each kind of missing in the missing layer."""

ANSWERED = np.int8(-1)


@dataclass(frozen=True)
class Field:
    """One column of a survey: what it means, its values, and the kind of each missing cell (-1: answered)."""

    variable: Variable
    values: ExtensionArray
    kinds: npt.NDArray[np.int8]


def kinds_where(absent: npt.NDArray[np.bool_], kind: MissingKind) -> npt.NDArray[np.int8]:
    """The missing layer of a column whose holes are all of one kind."""
    return np.where(absent, KIND_CODES[kind], ANSWERED).astype(np.int8)


def ticks(ticked: npt.NDArray[np.bool_]) -> ExtensionArray:
    """The values of an option: ``"Y"`` where ticked, else nothing."""
    texts = np.full(len(ticked), None, dtype=object)
    texts[ticked] = "Y"
    return pd.array(texts, dtype="string")


def survey_of(
    path: Path,
    fields: Sequence[Field],
    *,
    index: pd.Index,
    report: ImportReport,
    identifying: Mapping[str, object] | None = None,
    sets: Sequence[ItemSet] = (),
    scales: Sequence[Scale] = (),
    title: str = "",
) -> Survey:
    """The survey that these columns make.

    Parameters
    ----------
    path : Path
        The raw file, hashed for the trail.
    fields : sequence of Field
    index : Index
        Response ids.
    report : ImportReport
    identifying : mapping, optional
        Columns that identify people: set aside in the quarantine, never among the answers.
    sets, scales, title
        The rest of the codebook.
    """
    kinds = {f.variable.name: pd.Categorical.from_codes(f.kinds, dtype=MISSING_DTYPE) for f in fields}
    index = index.rename("id")
    people = pd.DataFrame({"id": np.asarray(index), **(identifying or {})}) if identifying else None
    survey = Survey(
        answers=pd.DataFrame({f.variable.name: f.values for f in fields}, index=index, copy=False),
        missing=pd.DataFrame(kinds, index=index, copy=False),
        codebook=Codebook([f.variable for f in fields], sets, scales, title=title),
        trail=Trail(path.name, sha256_of(path)),
        participants=None if people is None else Quarantine(people),
        name=title,
        report=report,
    )
    return refuse_nir(survey)
