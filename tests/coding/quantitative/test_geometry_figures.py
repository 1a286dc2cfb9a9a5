"""The figures of the geometry: readable labels, marks that survive greyscale."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.text import Annotation

from optima_research.coding.quantitative import category_plane, mca
from optima_research.coding.quantitative.mca_result import MultipleCorrespondence
from optima_research.errors import AnalysisError


@pytest.fixture(scope="module")
def tools() -> MultipleCorrespondence:
    rng = np.random.default_rng(1)
    z = rng.normal(size=(600, 2))
    cut = [-9, -1, 0, 1, 9]
    answers = {
        f"tool_{i}": pd.cut(
            z[:, i % 2] + rng.normal(size=600), cut, labels=["never", "rarely", "often", "always"]
        )
        for i in range(8)
    }
    return mca(
        pd.DataFrame(answers).assign(partner=rng.choice(["A", "B", "C"], 600)), list(answers), ["partner"]
    )


@pytest.fixture(autouse=True)
def _closed() -> object:
    yield
    plt.close("all")


def test_no_label_covers_another(tools: MultipleCorrespondence) -> None:
    ax = category_plane(tools)
    ax.figure.draw_without_rendering()
    labels = [child for child in ax.get_children() if isinstance(child, Annotation) and child.get_text()]
    boxes = [label.get_window_extent() for label in labels]
    assert len(labels) == len(tools.places)
    assert not any(a.overlaps(b) for a, b in itertools.combinations(boxes, 2))


def test_supplementary_answers_have_another_mark(tools: MultipleCorrespondence) -> None:
    lines = category_plane(tools).get_lines()
    assert {line.get_marker() for line in lines if line.get_marker() != "None"} == {"o", "^"}


def test_a_plane_of_axes_that_were_not_kept_is_refused(tools: MultipleCorrespondence) -> None:
    with pytest.raises(AnalysisError, match="deux axes"):
        category_plane(tools, axes=(1, 9))
