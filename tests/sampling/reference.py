"""The reference data and R's answers, read once."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from optima_research.sampling import SurveyDesign

FOLDER = Path(__file__).parents[1] / "reference"
MARGINS = {"cat": {"A": 600, "B": 1000, "C": 1895}, "sexe": {"F": 1900, "H": 1595}}
CLUSTER_MARGINS = {"grade": {"A": 300, "B": 420, "C": 980}, "sex": {"F": 980, "H": 720}}
RTOL = 1e-10


@cache
def goldens() -> dict[str, Any]:
    return json.loads((FOLDER / "sampling.json").read_text())


def partners() -> pd.DataFrame:
    answers = pd.read_csv(FOLDER / "data.csv")
    return answers.assign(score_na=answers["score"].where(answers.index >= 5))


def stratified(answers: pd.DataFrame | None = None) -> SurveyDesign:
    """609 agents drawn within six partners of known size."""
    answers = partners() if answers is None else answers
    return SurveyDesign(answers, weights="w", strata="coll", population="pop")


def clustered() -> SurveyDesign:
    """Services drawn within three kinds of bodies, unequal weights, a rare answer and missing scores."""
    answers = pd.read_csv(FOLDER / "sampling_clusters.csv")
    return SurveyDesign(answers, weights="weight", strata="kind", clusters="service", population="services")
