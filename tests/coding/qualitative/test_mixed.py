"""Survey and interviews together: linked by pseudonym, read side by side, never louder than the evidence."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from optima_research.coding.qualitative.mixed.joint_display import Reading, joint_display
from optima_research.coding.qualitative.mixed.linking import interview_quotas, link_by_pseudonym
from optima_research.coding.qualitative.mixed.two_readings import two_readings
from optima_research.coding.qualitative.projects.project import coded_project
from optima_research.errors import AnalysisError, PrivacyError
from optima_research.privacy import POLICIES, protect


def study(n: int = 24, *, sign: float = 1.0, seed: int = 3):
    """People who mention « confiance » score higher by one point; « banal » has nothing to do with the score."""
    rng = np.random.default_rng(seed)
    people = [f"P{i:02d}" for i in range(n)]
    trust = np.arange(n) % 2
    survey = pd.DataFrame(
        {
            "token": [*people, *(f"Q{i}" for i in range(40))],
            "score": np.concatenate([3 + sign * trust + 0.3 * rng.normal(size=n), rng.normal(3.5, 0.7, 40)]),
            "partner": [*(list("ABCDEF") * n)[:n], *["A"] * 40],
            "classe": [*np.where(trust == 1, "confiants", "réservés"), *["réservés"] * 40],
        }
    )
    text = "La confiance est bien là entre nous. Il pleut souvent sur la ville."
    rows = [(p, 0, 36, "confiance") for p, t in zip(people, trust, strict=True) if t]
    rows += [(p, 37, 67, "banal") for i, p in enumerate(people) if i % 4 < 2]
    rows += [(people[0], 0, 5, "rare")]
    project = coded_project(
        pd.DataFrame({"name": people, "text": text}),
        pd.DataFrame(rows, columns=["source", "start", "end", "code"]),
        cases=pd.DataFrame({"name": people, "partner": (list("ABCDEF") * n)[:n]}),
    )
    return survey, project


EXPECTED = {"confiance": "higher", "banal": "higher"}


def display(sign: float = 1.0, **options):
    survey, project = study(sign=sign)
    return joint_display(survey, project, "score", key="token", expected=EXPECTED, draws=500, **options)


def test_the_four_readings():
    found = display()
    assert found.effects["reading"].to_dict() == {
        "banal": Reading.COMPLEMENTARITY,
        "confiance": Reading.CONVERGENCE,
        "rare": Reading.SILENCE,
    }
    assert found.effects.loc["confiance", "effect"] == pytest.approx(1.0, abs=0.25)
    assert found.effects.loc["confiance", "p_adjusted"] < 0.01


def test_the_sign_of_the_data_decides_the_sentence():
    assert display(sign=-1).effects.loc["confiance", "reading"] == Reading.DIVERGENCE
    assert display(sign=-1).sentence() != display().sentence()
    assert "confiance" in display(sign=-1).sentence()


def test_without_expectation_nothing_converges():
    survey, project = study()
    found = joint_display(survey, project, "score", key="token", draws=200)
    assert set(found.effects["reading"]) == {Reading.COMPLEMENTARITY, Reading.SILENCE}


def test_partners_are_resampled_whole_when_there_are_enough():
    by_people, by_partner = display(), display(partner="partner")
    assert by_people.effects["effect"].equals(by_partner.effects["effect"])
    assert not by_people.effects["low"].equals(by_partner.effects["low"])


def test_classes_against_codes():
    survey, project = study()
    found = joint_display(
        survey, project, classes="classe", key="token", expected={"confiance": "confiants"}, draws=300
    )
    assert found.shares.loc["confiance", "confiants"] == 1.0
    assert found.shares.loc["confiance", "réservés"] == 0.0
    assert found.effects.loc["confiance", "effect"] == 1.0
    assert found.effects.loc["confiance", "reading"] == Reading.CONVERGENCE
    assert found.groups["interviewed"].sum() == 24


def test_quotations_come_with_pseudonyms_and_the_display_prints():
    from matplotlib import pyplot as plt

    found = display(show=("partner",))
    table = found.table().formatted()
    assert table.shape[0] == 3
    assert "« La confiance est bien là entre nous. »" in table.to_string()
    assert found.statistics()["effect:confiance"].n == 24
    found.plot()
    plt.close("all")


def test_linkage_counts_who_is_missing_and_refuses_addresses_and_doubles():
    survey, project = study()
    link = link_by_pseudonym(survey, project, ["score"], key="token")
    assert (len(link.frame), link.n_survey_only, link.cases_alone) == (24, 40, ())
    part = link_by_pseudonym(survey.iloc[3:], project, ["score"], key="token")
    assert part.cases_alone == ("P00", "P01", "P02")
    with pytest.raises(PrivacyError):
        link_by_pseudonym(
            survey.assign(token=survey["token"] + "@mairie.fr"), project, ["score"], key="token"
        )
    with pytest.raises(AnalysisError, match="P00"):
        link_by_pseudonym(pd.concat([survey, survey.head(1)]), project, ["score"], key="token")
    with pytest.raises(AnalysisError):
        link_by_pseudonym(survey.assign(token="x" + survey["token"]), project, ["score"], key="token")


def test_quotas_are_proportional_once_each_class_has_its_interview():
    answers = pd.DataFrame(
        {"classe": ["a"] * 50 + ["b"] * 30 + ["c"] * 3}, index=[f"id{i}" for i in range(83)]
    )
    found = interview_quotas(answers, "classe", 12, least=2)
    assert found.quotas["interviews"].to_dict() == {"a": 6, "b": 4, "c": 2}
    assert found.drawn["chosen"].sum() == 12
    assert found.drawn.groupby("classe", observed=True)["chosen"].sum().to_dict() == {"a": 6, "b": 4, "c": 2}
    assert found.drawn.equals(interview_quotas(answers, "classe", 12, least=2).drawn)
    assert not any(i in found.table().formatted().to_string() for i in ("id0", "id7"))
    with pytest.raises(AnalysisError):
        interview_quotas(answers, "classe", 2)


def test_quotas_within_partners_never_exceed_the_people_there():
    answers = pd.DataFrame({"classe": ["a", "b"] * 10, "partner": ["X"] * 18 + ["Y"] * 2})
    found = interview_quotas(answers, "classe", 8, by="partner")
    assert (found.quotas["interviews"] <= found.quotas["respondents"]).all()
    assert found.quotas["interviews"].sum() == 8


def test_two_readings_partner_by_partner():
    survey = pd.DataFrame({"partner": list("AAABBBCCCDD"), "climat": [4, 4, 5, 2, 2, 1, 3, 3, 3, 5, 5.0]})
    technical = pd.DataFrame({"délai": [10, 40, 20, 12], "coût": [1.0, 5.0, 3.0, 2.0]}, index=list("ABCD"))
    found = two_readings(
        technical, survey, partner="partner", attitudes=["climat"], better={"délai": "lower", "coût": "lower"}
    )
    readings = found.partners["reading"].to_dict()
    assert readings == {"A": "convergence", "B": "convergence", "C": "complementarity", "D": "silence"}
    flipped = two_readings(technical, survey.assign(climat=6 - survey["climat"]), partner="partner",
                           attitudes=["climat"], better={"délai": "lower", "coût": "lower"})  # fmt: skip
    assert flipped.partners.loc["A", "reading"] == "divergence"
    assert flipped.sentence() != found.sentence()
    assert found.table().formatted().shape[0] == 4


def test_two_readings_with_interviews():
    survey, project = study()
    technical = pd.DataFrame({"délai": range(6)}, index=list("ABCDEF"))
    found = two_readings(
        technical, survey, project, partner="partner", attitudes=["score"], codes=["confiance"]
    )
    assert found.codes.loc["confiance"].between(0, 1).all()
    assert found.table().formatted().shape[0] == 6


def test_words_and_attitudes_of_too_few_people_are_not_told_by_partner():
    survey = pd.DataFrame(
        {"partner": list("A" * 9 + "B" * 8 + "C" * 3), "climat": [4.0] * 9 + [2.0] * 8 + [5.0] * 3}
    )
    technical = pd.DataFrame({"délai": [10, 40, 20]}, index=list("ABC"))
    people = {f"{partner}{i}": partner for partner, n in {"A": 6, "B": 2, "C": 6}.items() for i in range(n)}
    project = coded_project(
        pd.DataFrame({"name": list(people), "text": "Oui."}),
        pd.DataFrame({"source": list(people), "start": 0, "end": 4, "code": "confiance"}),
        cases=pd.DataFrame({"name": list(people), "partner": list(people.values())}),
    )
    whole = two_readings(technical, survey, project, partner="partner", attitudes=["climat"], least=1)
    shown = protect(whole, "cinq")
    assert (
        shown.partners["climat"].notna().sum() == 1
    )  # C is too small, and its size must not follow from the others
    assert np.isnan(shown.partners.loc["C", "climat"])
    assert shown.partners.loc["C", "reading"] == Reading.WITHHELD
    assert np.isnan(shown.codes.loc["confiance", "B"])
    assert shown.partners["délai"].equals(whole.partners["délai"])
    assert "non dite" in shown.sentence()
    shown.plot()
    assert protect(whole, "interne").partners.equals(whole.partners)


def test_a_survey_of_codes_gives_what_its_labels_give():
    from optima_research.codebook import Codebook, Variable
    from optima_research.survey import Survey
    from optima_research.trail import Trail

    frame, project = study()
    codes = {"confiants": 1, "réservés": 2}
    answers = frame.assign(classe=frame["classe"].map(codes).astype("Int64"))
    survey = Survey(
        answers=answers,
        missing=pd.DataFrame(pd.NA, index=answers.index, columns=answers.columns),
        codebook=Codebook(
            (
                Variable("token", measure="text"),
                Variable("score", measure="interval"),
                Variable("partner", measure="text"),
                Variable("classe", measure="nominal", values={v: k for k, v in codes.items()}),
            )
        ),
        trail=Trail(),
    )
    options = {"key": "token", "expected": {"confiance": "confiants"}, "draws": 100}
    coded = joint_display(survey, project, classes="classe", **options)
    plain = joint_display(frame, project, classes="classe", **options)
    pd.testing.assert_frame_equal(coded.effects, plain.effects)
    scored = joint_display(survey, project, "score", key="token", partner="partner", draws=50)
    assert scored.effects.loc["confiance", "effect"] == pytest.approx(1.0, abs=0.25)
    quotas = interview_quotas(survey, "classe", 6)
    assert quotas.quotas["interviews"].sum() == 6


def test_groups_and_effects_of_too_few_people_are_not_told():
    whole = display(show=("partner",))
    shown = protect(whole, "cinq")
    assert np.isnan(
        shown.effects.loc["rare", "effect"]
    )  # one person mentions it: the effect is that person's score
    assert shown.effects.loc["confiance", "effect"] == whole.effects.loc["confiance", "effect"]
    assert shown.effects.loc["rare", "quote"] == ""
    assert set(shown.effects["speaker"]) <= {"", *(f"P{i:02d}" for i in range(1, 25))}
    assert shown.linkage.frame.shape == (24, 0)
    assert shown.sentence() == whole.sentence()
    assert shown.table().formatted().loc["rare"].tolist().count("s") == 3
    shown.plot()
    table = protect(whole, POLICIES["cinq"].with_limits("strict", n_min_group=11)).table()
    small = whole.groups.index[whole.groups["interviewed"] < 11]
    labels = [column.label for column in table.columns]
    assert len(small) > 0
    assert not [
        label
        for name in small
        for label in labels
        if label.startswith(name) and "n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}s" not in label
    ]
    assert protect(whole, "interne").effects.equals(whole.effects)


def test_quotas_of_small_cells_and_the_people_drawn_are_not_told():
    people = pd.DataFrame({"classe": ["a"] * 20 + ["b"] * 12 + ["c"] * 3}, index=[f"R{i}" for i in range(35)])
    whole = interview_quotas(people, "classe", 7)
    shown = protect(whole, "cinq")
    assert shown.drawn.empty
    assert "c" not in set(shown.quotas.index)
    assert shown.n == shown.quotas["interviews"].sum() < whole.n
    assert protect(whole, "interne").drawn.equals(whole.drawn)


def test_people_without_a_pseudonym_are_interviewed_only() -> None:
    people = ["A", "B", "C", "D"]
    project = coded_project(
        pd.DataFrame({"name": people, "text": "Oui."}),
        pd.DataFrame({"source": [], "start": [], "end": [], "code": []}),
        cases=pd.DataFrame({"name": people, "clé": ["P1", "", " ", None]}),
    )
    survey = pd.DataFrame({"clé": ["P1", "P2", ""], "score": [1.0, 2.0, 3.0]})
    linked = link_by_pseudonym(survey, project, ["score"], key="clé", case_key="clé")
    assert linked.frame.index.tolist() == ["A"]
    assert linked.cases_alone == ("B", "C", "D")
    assert linked.n_survey_only == 2


def test_one_silent_person_makes_no_divergence() -> None:
    """Seven of eight mention the code; redrawing the one who does not says nothing of those who would not."""
    people = [f"P{i}" for i in range(8)]
    survey = pd.DataFrame({"usage": [5.0, 2.1, 2, 1.9, 2.2, 1.8, 2, 2.1]}, index=people)
    project = coded_project(
        pd.DataFrame({"name": people, "text": "Je m'en sers tous les jours."}),
        pd.DataFrame({"source": people[1:], "start": 0, "end": 28, "code": "usage"}),
        cases=pd.DataFrame({"name": people}),
    )
    found = joint_display(survey, project, "usage", expected={"usage": "higher"}, quantiles=2, draws=300)
    row = found.effects.loc["usage"]
    assert row["effect"] < -2
    assert np.isnan(row["low"])
    assert row["reading"] == Reading.COMPLEMENTARITY


def test_a_reading_that_rests_on_too_few_silent_people_is_not_called_silence():
    people = [f"P{i:02d}" for i in range(20)]
    survey = pd.DataFrame({"usage": np.arange(20) % 5 + 1.0}, index=people)
    project = coded_project(
        pd.DataFrame({"name": people, "text": "Oui."}),
        pd.DataFrame({"source": people[:18], "start": 0, "end": 4, "code": "confiance"}),
        cases=pd.DataFrame({"name": people}),
    )
    shown = protect(joint_display(survey, project, "usage", quantiles=2, draws=50), "cinq")
    assert shown.of("withheld") == ["confiance"]
    assert "Sur 1 code, " in shown.sentence()
    assert "silence des entretiens : 0" in shown.sentence()
    assert "non dites : 1" in shown.sentence()
