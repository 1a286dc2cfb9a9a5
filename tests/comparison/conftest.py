"""The synthetic survey of six partners and what R says of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

REFERENCE = Path(__file__).resolve().parents[1] / "reference"


@pytest.fixture(scope="session")
def partners() -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "data.csv")


@pytest.fixture(scope="session")
def two(partners: pd.DataFrame) -> pd.DataFrame:
    return partners[partners["coll"].isin(["CA Nord", "Mairie A"])]


@pytest.fixture(scope="session")
def waves() -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "waves.csv")


@pytest.fixture(scope="session")
def golden() -> dict[str, Any]:
    return json.loads((REFERENCE / "comparison.json").read_text(encoding="utf-8"))
