"""Frequencies, cross-tables and descriptions keep counts and bases beside every share."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from optima_research import Survey
from optima_research.codebook import Codebook, ItemSet, Variable
from optima_research.comparison import crosstab, describe, frequency_table
from optima_research.errors import AnalysisError
from optima_research.sampling import SurveyDesign


def test_shares_are_of_valid_answers_and_the_missing_are_told(partners: pd.DataFrame) -> None:
    data = partners.assign(cat=partners["cat"].where(partners.index % 10 > 0))
    table = frequency_table(data, "cat")
    assert table.answers["share"].sum() == pytest.approx(1)
    assert table.n + table.n_missing == len(data)
    assert str(table.n_missing) in table.table().note


def test_wilson_s_interval_is_that_of_statsmodels(partners: pd.DataFrame) -> None:
    from statsmodels.stats.proportion import proportion_confint

    answers = frequency_table(partners, "cat").answers
    low, high = proportion_confint(answers["n"], len(partners), method="wilson")
    np.testing.assert_allclose(answers[["low", "high"]], np.column_stack([low, high]), rtol=1e-12)


def test_an_answer_nobody_chose_is_still_a_result() -> None:
    column = pd.Categorical(["oui", "oui", "non"], ["oui", "non", "nsp"])
    answers = frequency_table(pd.DataFrame({"q": column}), "q").answers
    assert answers["n"].to_dict() == {"oui": 2, "non": 1, "nsp": 0}


def test_weights_move_shares_and_not_counts(partners: pd.DataFrame) -> None:
    table = frequency_table(partners, "cat", weights="w")
    assert table.answers["n"].tolist() == [101, 156, 352]
    wanted = partners.groupby("cat")["w"].sum() / partners["w"].sum()
    np.testing.assert_allclose(table.answers["share"], wanted)
    assert table.answers["low"].isna().all()


def test_the_design_gives_shares_their_interval(partners: pd.DataFrame) -> None:
    design = SurveyDesign(partners, weights="w", strata="coll", population="pop")
    answers = frequency_table(partners, "cat", design=design, regime="descriptive").answers
    assert (answers["low"] < answers["share"]).all()
    assert answers["share"].sum() == pytest.approx(1)


def test_a_multiple_answer_counts_each_option_over_those_who_saw_it() -> None:
    labels = {"a": "Tableau", "b": "Note"}
    book = Codebook(
        [Variable(name, label=label, item_set="OUT", values={"Y": "Oui"}) for name, label in labels.items()],
        [ItemSet("OUT", "multiple", ("a", "b"), "Outils")],
    )  # fmt: skip
    answers = pd.DataFrame({"a": ["Y", "Y", None], "b": [None, "Y", None]})
    table = frequency_table(Survey.build(answers, book), "OUT")
    assert table.answers["n"].to_dict() == {"Tableau": 2, "Note": 1}
    assert "dépasse 100" in table.table().note


def test_row_shares_add_up_and_total_row_is_the_sample(partners: pd.DataFrame) -> None:
    result = crosstab(partners, "coll", "cat")
    assert result.shares.sum(axis=1).tolist() == pytest.approx([1] * 6)
    table = result.table()
    assert table.totals == ("Ensemble",)
    assert table.counts is not None
    assert table.counts.loc["Ensemble", "n"] == 609
    assert table.bases is not None
    assert table.bases.loc["CC Vallée", "A"] == 36
    assert result.statistic == pytest.approx(11.2686777, abs=1e-6)


@pytest.mark.parametrize("percent", ["row", "column", "total"])
def test_every_direction_keeps_its_denominators(partners: pd.DataFrame, percent: str) -> None:
    result = crosstab(partners, "sexe", "cat", percent=percent)  # type: ignore[arg-type]
    table = result.table()
    assert table.bases is not None
    assert table.counts is not None
    share = table.counts["A"].iloc[0] / table.bases["A"].iloc[0]
    assert table.body["A"].iloc[0] == pytest.approx(share)


def test_weights_without_a_design_give_no_test(partners: pd.DataFrame) -> None:
    assert crosstab(partners, "sexe", "cat", weights="w").comparison is None


def test_a_constant_question_is_crossed_without_a_test() -> None:
    data = pd.DataFrame({"a": ["x", "x", "y"], "b": ["o", "o", "o"]})
    assert crosstab(data, "a", "b").comparison is None
    with pytest.raises(AnalysisError):
        crosstab(data, "a", "a")


def test_a_description_compares_each_group_with_the_rest(partners: pd.DataFrame) -> None:
    rows = describe(partners, ["age", "cat"], by="sexe").rows
    age = rows[(rows["variable"] == "age") & (rows["group"] == "F")].iloc[0]
    women, men = (partners.loc[partners["sexe"] == sex, "age"] for sex in "FH")
    spread = np.sqrt((women.var() + men.var()) / 2)
    assert age["smd"] == pytest.approx((women.mean() - men.mean()) / spread)
    assert rows.loc[rows["group"] == "", "n"].eq(609).all()


def test_figures_draw(partners: pd.DataFrame) -> None:
    assert frequency_table(partners, "cat").plot().get_xlabel().startswith("%")
    assert crosstab(partners, "coll", "cat").plot().get_legend() is not None


def test_what_a_policy_hides_is_told_by_nothing(partners: pd.DataFrame) -> None:
    from optima_research.comparison.multilevel import multilevel
    from optima_research.privacy import protect

    few = partners.assign(
        kind=np.where(partners.index < 4, "rare", np.where(partners["sexe"] == "F", "un", "deux"))
    )
    table = protect(frequency_table(few, "kind"), "onze")
    assert "rare" not in table.answers.index
    assert "rare" not in table.sentence() + table.table().reading
    crossed = protect(crosstab(few, "kind", "cat"), "onze")
    assert not any("rare" in name for name in crossed.statistics())
    league = protect(
        multilevel(few.assign(coll=few["coll"].where(few.index > 5, "petite")), "score", "coll"), "onze"
    )
    assert "petite" not in league.groups.index
    assert "petite" not in league.table().reading
    told = protect(describe(few, ["age", "kind"], by="sexe"), "onze")
    assert not any("rare" in name.split(" | ") for name in told.statistics())
