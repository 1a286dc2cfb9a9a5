"""Flags mark, and only two independent ones may exclude."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from optima_research import cleaning
from optima_research.codebook import Codebook, ItemSet, Scale, Variable
from optima_research.errors import CleaningError
from optima_research.survey import Survey

SCALES = {name: [f"{name}{number}" for number in range(1, 7)] for name in ("EXI", "AUT", "SOU", "REC")}


@pytest.fixture
def answers() -> pd.DataFrame:
    """Consistent answers, but for row 0 (a straight line) and row 1 (chance)."""
    rng = np.random.default_rng(11)
    columns = {}
    for items in SCALES.values():
        trait = rng.normal(size=200)
        for item in items:
            columns[item] = np.clip(np.round(3 + 1.3 * trait + 0.5 * rng.normal(size=200)), 1, 5)
    frame = pd.DataFrame(columns)
    frame["EXI6"] = 6 - frame["EXI6"]
    frame.loc[0] = 4
    frame.loc[1] = rng.integers(1, 6, frame.shape[1])
    frame["ATT"] = 4
    frame.loc[[0, 5], "ATT"] = 2
    return frame


@pytest.fixture
def staff(answers: pd.DataFrame) -> Survey:
    book = Codebook(
        [Variable(name, measure="ordinal") for name in answers],
        [ItemSet(name, "grid", tuple(items)) for name, items in SCALES.items()],
        [
            Scale(name, tuple(items), reversed=("EXI6",) if name == "EXI" else ())
            for name, items in SCALES.items()
        ],
    )
    return Survey.build(answers, book)


def test_a_straight_line_and_a_missed_attention_item_are_two_flags(staff: Survey) -> None:
    flagged = staff.pipe(cleaning.flag_attention, {"ATT": 4}, reason="Question d'attention").pipe(
        cleaning.flag_careless, reason="Indices de négligence"
    )
    assert flagged.n == staff.n
    assert flagged.answers.loc[0, ["flag_attention", "flag_straight_line"]].tolist() == [1, 1]
    assert flagged.answers.loc[5, "flag_attention"] == 1
    after = flagged.pipe(cleaning.drop_flagged, reason="Deux signaux")
    assert 0 not in after.answers.index
    assert 5 in after.answers.index
    assert cleaning.quality_flags(flagged).families.sum() == staff.n


def test_chance_answers_are_inconsistent(staff: Survey) -> None:
    indices = cleaning.careless(staff).indices
    assert indices.loc[1, "even_odd"] > indices["even_odd"].median() + 0.5
    assert indices.loc[0, "straight_grids"] == 1


def test_one_flag_alone_never_excludes(staff: Survey) -> None:
    flagged = cleaning.flag_attention(staff, {"ATT": "4"}, reason="Question d'attention")
    with pytest.raises(CleaningError, match="seul signal"):
        cleaning.drop_flagged(flagged, at_least=1, reason="essai")
    with pytest.raises(CleaningError, match="Aucun signal"):
        cleaning.drop_flagged(staff, reason="essai")


def test_speed_is_judged_page_by_page(staff: Survey) -> None:
    rng = np.random.default_rng(5)
    pages = pd.DataFrame(rng.lognormal(4, 0.2, (200, 6)), index=staff.answers.index)
    pages.loc[3] *= 0.1
    pages.loc[3, 0] = 5000.0  # one long break does not hide five pages clicked through
    pages["interviewtime"] = pages.sum(axis=1)
    timed = replace(staff, timings=pages)
    flagged = cleaning.flag_speeders(timed, reason="Moins d'un tiers du temps médian")
    assert flagged.answers["flag_speed"].sum() == 1
    assert flagged.answers.loc[3, "flag_speed"] == 1


def test_speed_is_refused_on_anonymous_dates_and_without_dates(staff: Survey) -> None:
    dates = pd.Series("1980-01-01 00:00:00", index=staff.answers.index, dtype="string")
    variables = [Variable(name, measure="date", role="meta") for name in ("startdate", "submitdate")]
    anonymous = staff.with_columns({"startdate": dates, "submitdate": dates}, variables)
    with pytest.raises(CleaningError, match="1980"):
        cleaning.flag_speeders(anonymous, reason="essai")
    with pytest.raises(CleaningError, match="chronométrées"):
        cleaning.flag_speeders(staff, reason="essai")


def test_flags_replay(staff: Survey) -> None:
    flagged = staff.pipe(cleaning.flag_attention, {"ATT": 4}, reason="Question d'attention").pipe(
        cleaning.flag_careless, grids=["EXI", "AUT"], reason="Indices de négligence"
    )
    assert cleaning.replay(staff, flagged.trail).fingerprint == flagged.fingerprint


@pytest.mark.parametrize(
    ("scheme", "value", "label"),
    [
        ("age_3", 29, "moins de 30 ans"),
        ("age_3", 50, "50 ans et plus"),
        ("cgct_15", 9735, "7\u202f500 à 9\u202f999 habitants"),
        ("anciennete_4", 2, "2 à 5 ans"),
        ([0, 10, 20], 10, "10 à 19"),
    ],
)
def test_named_classes(scheme: object, value: int, label: str) -> None:
    survey = Survey.build(pd.DataFrame({"x": [value]}), Codebook([Variable("x", measure="ratio")]))
    assert cleaning.bin(survey, "x", scheme, reason="classes").frame("x_classes")["x_classes"].tolist() == [
        label
    ]


def test_unknown_schemes_and_wrong_limits_are_refused(staff: Survey) -> None:
    with pytest.raises(CleaningError, match="age_3"):
        cleaning.bin(staff, "EXI1", "age_4", reason="essai")
    with pytest.raises(CleaningError, match="croître"):
        cleaning.bin(staff, "EXI1", [5, 2], reason="essai")
