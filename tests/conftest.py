"""What every test starts from: no screen, French, a fixed seed, a folder of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
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


@pytest.fixture(autouse=True)
def start_in_french() -> Iterator[None]:
    """Give the language back as it was: a test may speak English without the next one noticing."""
    from optima_research.language import set_language

    set_language("fr")
    yield
    set_language("fr")


@pytest.fixture(autouse=True)
def close_figures() -> Iterator[None]:
    """Close what a test has drawn, without importing matplotlib for those that draw nothing."""
    import sys

    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
