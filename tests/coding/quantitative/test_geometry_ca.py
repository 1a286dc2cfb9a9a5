"""Correspondence analysis of a table: equal to FactoMineR, with supplementary rows and columns, clear on bad input."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from optima_research.coding.quantitative import ca
from optima_research.errors import AnalysisError
from tests.coding.quantitative.conftest import REFERENCE, golden

WANTED = golden("geometry")["ca"]


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    people = pd.read_csv(REFERENCE / "mca.csv")
    return pd.concat([pd.crosstab(people["coll"], people[name]) for name in ("anc", "age4")], axis=1)


def assert_same(ours: pd.DataFrame, theirs: dict[str, list[float]], signs: np.ndarray) -> None:
    for label, row in theirs.items():
        np.testing.assert_allclose(ours.loc[label] * signs, row, atol=1e-9)


def test_axes_equal_factominer(table: pd.DataFrame) -> None:
    later = list(table.columns[3:])
    found = ca(table, supplementary_rows=["SDIS 99"], supplementary_columns=later)
    signs = np.sign(found.rows.loc["CA Nord"] * WANTED["row"]["CA Nord"]).to_numpy()
    np.testing.assert_allclose(found.eigenvalues, WANTED["eigenvalues"], atol=1e-12)
    assert_same(found.rows, WANTED["row"], signs)
    assert_same(found.columns, WANTED["col"], signs)
    assert_same(found.supplementary.droplevel(0), WANTED["row_sup"] | WANTED["col_sup"], signs)
    for ours, name in ((found.contributions * 100, "contrib"), (found.cos2, "cos2")):
        assert_same(ours.droplevel(0), WANTED[f"row_{name}"] | WANTED[f"col_{name}"], np.ones(2))


def test_inertia_is_the_chi_square_of_the_table(table: pd.DataFrame) -> None:
    from scipy.stats import chi2_contingency

    assert ca(table.iloc[:, :3]).chi2 == pytest.approx(chi2_contingency(table.iloc[:, :3]).statistic)


def test_a_two_by_two_table_has_one_axis_and_a_figure() -> None:
    found = ca(pd.DataFrame([[8, 2], [3, 7]], index=["a", "b"], columns=["c", "d"]))
    assert len(found.eigenvalues) == 1
    assert found.plot().get_legend() is not None
    assert "porte 100,0" in found.sentence()


@pytest.mark.parametrize(
    ("cells", "words"),
    [([[1, 2]], "deux lignes"), ([[1, 2], [0, 0]], "Personne"), ([[1, -2], [3, 4]], "positifs"),
     ([["x", "y"], ["x", "x"]], "effectifs")],
)  # fmt: skip
def test_bad_tables_are_refused_in_words(cells: list[list[object]], words: str) -> None:
    with pytest.raises(AnalysisError, match=words):
        ca(pd.DataFrame(cells))
