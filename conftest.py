"""What every test and every example in a docstring starts from: French, and no figure left open.

Nothing is put in the environment here: nbval reads this file too, and hands its environment to the notebooks.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest


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
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
