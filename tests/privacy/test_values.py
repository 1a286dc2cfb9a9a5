"""Tables of values: few units, or one that dominates, are hidden with whatever would give them back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from optima_research.errors import PrivacyError
from optima_research.privacy import protect, value_table


def test_a_dominated_sector_is_hidden_and_cannot_be_subtracted() -> None:
    rng = np.random.default_rng(4)
    firms = pd.DataFrame(
        {"secteur": np.repeat(["bois", "eau", "lait", "pierre"], [12, 9, 8, 2]), "ca": rng.gamma(5, 20, 31)}
    )
    firms.loc[0, "ca"] = 40_000.0
    firms.loc[12, "ca"] = 30_000.0
    firms.loc[21, "ca"] = 20_000.0
    firms.loc[22:28, "ca"] = 4_000.0
    shown = protect(value_table(firms, "ca", "secteur", unit="k€"), "insee_entreprises")
    hidden = shown.suppressed["total"]
    assert hidden[["bois", "eau", "pierre"]].all()  # two dominated sectors, and one of two firms
    assert not hidden[["lait", "Ensemble"]].any()
    assert "largest_share" not in shown.attributes


def test_a_total_that_one_firm_makes_is_hidden_with_it() -> None:
    firms = pd.DataFrame({"secteur": ["bois"] * 5 + ["eau"] * 5, "ca": [40_000.0, *[10.0] * 9]})
    shown = protect(value_table(firms, "ca", "secteur"), "insee_entreprises")
    assert shown.suppressed["total"].tolist() == [True, False, True]


def test_units_without_value_count_for_nothing() -> None:
    firms = pd.DataFrame({"secteur": list("aaab"), "ca": [10.0, None, 20.0, 5.0]})
    table = value_table(firms, "ca", "secteur")
    assert table.bases["total"].tolist() == [2, 1, 3]
    assert table.body["total"].tolist() == [30.0, 5.0, 35.0]


def test_negative_values_are_refused() -> None:
    with pytest.raises(PrivacyError, match="négatives"):
        value_table(pd.DataFrame({"s": ["a", "b"], "ca": [1.0, -1.0]}), "ca", "s")
