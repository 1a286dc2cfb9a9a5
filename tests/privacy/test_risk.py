"""The risk report counts profiles as a groupby would, and the merges it proposes do protect."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optima_research import cleaning
from optima_research.codebook import Codebook, Variable
from optima_research.errors import PrivacyError, SurveyError
from optima_research.privacy import profile_sizes, propose_merges, reidentification_risk
from optima_research.survey import Survey

QUASI = ["sexe", "age", "categorie", "filiere", "anciennete", "direction"]


@pytest.fixture
def agents() -> pd.DataFrame:
    """105 of 190 agents of a small town: almost any crossing is somebody."""
    rng = np.random.default_rng(20110)
    n = 105
    return pd.DataFrame(
        {
            "sexe": rng.choice(["F", "H"], n, p=[0.6, 0.4]),
            "age": pd.Categorical(rng.choice(["-30", "30-39", "40-49", "50-59", "60+"], n), ordered=True),
            "categorie": pd.Categorical(rng.choice(list("ABC"), n, p=[0.11, 0.15, 0.74]), ordered=True),
            "filiere": rng.choice(["adm", "tech", "cult", "anim", "soc", "pol", "sport"], n),
            "anciennete": rng.choice(["0-1", "2-5", "6-10", "11+"], n),
            "direction": rng.choice(["DGS", "DST", "DEE"], n),
            "avis": rng.integers(1, 6, n),
        }
    )


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(1, 120))
def test_k_l_and_unique_profiles_equal_a_groupby(seed: int, width: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    names = [f"q{number}" for number in range(width)]
    frame = (
        pd.DataFrame(rng.integers(0, 4, (n, width)), columns=names)
        .astype("Int64")
        .mask(rng.random((n, width)) < 0.1)
    )
    frame["avis"] = rng.integers(0, 2, n)
    groups = frame.groupby(names, dropna=False)["avis"]
    sizes = groups.size()
    report = reidentification_risk(frame, names, sensitive=["avis"], policy="cinq")
    assert report.k == sizes.min()
    assert report.unique == (sizes == 1).sum()
    assert report.exposed == sizes[sizes < 5].sum()
    several = sizes > 1
    if several.any():
        assert report.sensitive.loc["avis", "l"] == groups.nunique()[several].min()
    alike = groups.max() == groups.min()
    assert report.sensitive.loc["avis", "homogeneous"] == sizes[several & alike].sum()
    assert profile_sizes(frame, names).value_counts().sum() == n


def test_crossing_everything_exposes_almost_everybody(agents: pd.DataFrame) -> None:
    report = reidentification_risk(agents, QUASI, sensitive=["avis"], policy="cinq")
    assert report.singling_out
    assert report.combinations["share_unique"].is_monotonic_increasing
    assert report.combinations["share_unique"].iloc[-1] > 0.8
    assert not report.may_leave
    assert "individualisation" in report.sentence()


def test_the_report_names_nobody(agents: pd.DataFrame) -> None:
    report = reidentification_risk(agents, QUASI, sensitive=["avis"])
    assert len(repr(report).splitlines()) <= 12
    assert "DGS" not in repr(report) + report.table().formatted().to_string()


def test_a_pseudonym_found_in_an_earlier_release_links(agents: pd.DataFrame) -> None:
    agents["pseudonym"] = [f"p{number}" for number in range(len(agents))]
    earlier = agents.loc[:40, ["pseudonym", "sexe", "age"]]
    report = reidentification_risk(agents, ["sexe"], key="pseudonym", releases={"T0": earlier}, policy="cinq")
    assert report.linked.loc["T0", "shared_keys"] == 41
    assert report.linkability
    other = earlier.assign(pseudonym="x" + earlier["pseudonym"])
    assert not reidentification_risk(
        agents, ["sexe"], key="pseudonym", releases={"T0": other}, policy="cinq"
    ).linkability


def test_an_open_answer_that_names_somebody_singles_out() -> None:
    staff = pd.DataFrame({"sexe": ["F"] * 20, "mot": ["rien"] * 19 + ["demandez à Mme Durand"]})
    report = reidentification_risk(staff, ["sexe"], texts=["mot"])
    assert report.k == 20
    assert report.singling_out
    assert "Durand" not in repr(report) + report.table().formatted().to_string()
    assert reidentification_risk(staff[:19], ["sexe"], texts=["mot"]).may_leave


def test_the_merges_proposed_make_the_policy_hold(agents: pd.DataFrame) -> None:
    plan = propose_merges(agents, QUASI[:4], policy="cinq")
    assert plan.holds
    merged = agents.drop(columns=list(plan.left_out))
    for name, groups in plan.groups.items():
        table = {old: new for new, members in groups.items() for old in members}
        merged[name] = merged[name].astype(str).replace(table)
    kept = [name for name in QUASI[:4] if name not in plan.left_out]
    assert reidentification_risk(merged, kept, policy="cinq").k >= 5


def test_ordered_categories_merge_with_their_neighbours(agents: pd.DataFrame) -> None:
    plan = propose_merges(agents, ["age", "categorie"], policy="onze")
    order = ["-30", "30-39", "40-49", "50-59", "60+"]
    for members in plan.groups.get("age", {}).values():
        places = sorted(order.index(member) for member in members)
        assert places == list(range(places[0], places[-1] + 1))


def test_the_plan_feeds_collapse() -> None:
    frame = pd.DataFrame({"statut": ["T"] * 20 + ["S"] * 2 + ["C"] * 9})
    book = Codebook([Variable("statut", values={"T": "Titulaire", "S": "Stagiaire", "C": "Contractuel"})])
    survey = Survey.build(frame, book)
    plan = propose_merges(survey, ["statut"], policy="cinq")
    after = cleaning.collapse(survey, "statut", plan.groups["statut"], reason=plan.sentence())
    assert reidentification_risk(after, ["statut"], policy="cinq").k >= 5


def test_too_few_people_or_no_quasi_identifier_is_refused(agents: pd.DataFrame) -> None:
    with pytest.raises(PrivacyError, match="quasi"):
        reidentification_risk(agents, [])
    with pytest.raises(SurveyError, match="sexe"):
        reidentification_risk(agents, ["sexee"])
    with pytest.raises(PrivacyError, match="regroupement"):
        propose_merges(agents.iloc[:4], ["sexe"], policy="onze")
