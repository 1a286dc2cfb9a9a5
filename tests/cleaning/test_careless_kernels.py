"""The careless indices equal those of R careless on complete answers and with holes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from optima_research.cleaning import _careless_kernels as kernels

REFERENCE = json.loads(
    (Path(__file__).parents[1] / "reference" / "careless.json").read_text(encoding="utf-8")
)
BLOCKS = [range(6 * block, 6 * block + 6) for block in range(4)]


def computed(answers: np.ndarray) -> dict[str, np.ndarray]:
    longest, average = kernels.longest_run(answers)
    return {
        "longstring": longest,
        "average_run": average,
        "irv": kernels.response_variability(answers),
        "even_odd": kernels.even_odd(answers, BLOCKS),
        "mahalanobis": kernels.mahalanobis(answers),
        "synonyms": kernels.paired_consistency(answers, *kernels.alike_pairs(answers, 0.5)),
        "antonyms": kernels.paired_consistency(answers, *kernels.alike_pairs(answers, -0.3)),
    }


@pytest.mark.parametrize("case", ["complete", "holed"])
@pytest.mark.parametrize(
    "index", ["longstring", "average_run", "irv", "even_odd", "mahalanobis", "synonyms", "antonyms"]
)
def test_index_equals_r_careless(case: str, index: str) -> None:
    answers = np.array(REFERENCE[case]["data"], dtype=float)
    expected = np.array(REFERENCE[case]["indices"][index], dtype=float)
    np.testing.assert_allclose(computed(answers)[index], expected, rtol=1e-9, atol=1e-9)


def test_swapping_respondents_swaps_the_indices() -> None:
    answers = np.array(REFERENCE["holed"]["data"], dtype=float)
    order = np.random.default_rng(3).permutation(len(answers))
    for name, values in computed(answers).items():
        np.testing.assert_allclose(computed(answers[order])[name], values[order], rtol=1e-9, err_msg=name)
