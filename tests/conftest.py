"""What tests share: no screen, the reference values, the real exports, fixed random numbers."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

os.environ.setdefault("MPLBACKEND", "Agg")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_reference() -> Path:
    """The folder of real exports kept beside the repository; tests that need it are skipped where it is absent."""
    folder = ROOT.parent / "shared" / "reference"
    if not folder.is_dir():
        pytest.skip("the real exports kept beside the repository are not here")
    return folder


@pytest.fixture(scope="session")
def reference() -> Path:
    """The folder of reference values computed by other programs."""
    return ROOT / "tests" / "reference"


@pytest.fixture
def rng() -> np.random.Generator:
    """A generator that gives every test the same numbers, whatever ran before."""
    return np.random.default_rng(20130606)
