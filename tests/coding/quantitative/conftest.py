"""Data and goldens shared by the tests of the scales."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

REFERENCE = Path(__file__).parents[2] / "reference"


def golden(topic: str) -> dict[str, Any]:
    return json.loads((REFERENCE / f"{topic}.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def answers() -> pd.DataFrame:
    """609 respondents of six partners, two factors of five items."""
    return pd.read_csv(REFERENCE / "data.csv")


@pytest.fixture(scope="session")
def answers_with_holes() -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "data_na.csv")


@pytest.fixture(scope="session")
def reliability_golden() -> dict[str, Any]:
    return golden("reliability")


@pytest.fixture(scope="session")
def factors_golden() -> dict[str, Any]:
    return golden("factors")


@pytest.fixture(scope="session")
def invariance_golden() -> dict[str, Any]:
    return golden("invariance")


@pytest.fixture(scope="session")
def five() -> list[str]:
    return [f"q{i}" for i in range(1, 6)]


@pytest.fixture(scope="session")
def ten() -> list[str]:
    return [f"q{i}" for i in range(1, 11)]
