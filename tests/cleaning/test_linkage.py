"""Linkage: exact by pseudonym, forgiving by self-generated code, and never by luck."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from optima_research import cleaning
from optima_research.codebook import Codebook, Variable
from optima_research.errors import CleaningError, SurveyError
from optima_research.survey import Survey

PARTS = ["mere", "jour", "ville", "lycee", "aine"]


def wave(frame: pd.DataFrame) -> Survey:
    return Survey.build(
        frame, Codebook([Variable(name, measure="ratio" if name == "age" else "nominal") for name in frame])
    )


@pytest.fixture
def waves() -> tuple[Survey, Survey, pd.DataFrame]:
    """Two hundred people; the second wave keeps 120 of them, of whom 15 change one part of their code."""
    rng = np.random.default_rng(9)
    letters = list("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    people = pd.DataFrame({name: rng.choice(letters, 200) for name in PARTS})
    people["jour"] = rng.integers(1, 32, 200).astype(str)
    people["age"] = rng.integers(20, 60, 200)
    again = people.iloc[:120].copy()
    for row in range(15):
        part = PARTS[row % 5]
        again.loc[row, part] = "?" + str(again.loc[row, part])
    again.index = again.index + 1000
    newcomers = pd.DataFrame({name: [f"n{number}" for number in range(30)] for name in PARTS})
    newcomers["age"] = 30
    second = pd.concat([again, newcomers.set_index(pd.RangeIndex(5000, 5030))]).sample(frac=1, random_state=1)
    return wave(people), wave(second), people


def test_pairs_are_right_and_the_forgiven_part_finds_the_rest(
    waves: tuple[Survey, Survey, pd.DataFrame],
) -> None:
    first, second, _people = waves
    strict = cleaning.link_by_code(first, second, PARTS, forgiving=False)
    forgiving = cleaning.link_by_code(first, second, PARTS)
    assert len(strict.pairs) == 105
    assert len(forgiving.pairs) == 120
    assert (forgiving.pairs["after"] - forgiving.pairs["before"] == 1000).all()
    assert (forgiving.pairs["how"] == "one part differs").sum() == 15
    assert forgiving.rate_before == pytest.approx(0.6)
    assert forgiving.rate_after == pytest.approx(120 / 150)


def test_a_code_in_one_column_is_read_character_by_character() -> None:
    first = wave(pd.DataFrame({"code": ["MA12RE", "LO03PA", "ZU30NE"]}))
    second = wave(pd.DataFrame({"code": ["ma12re", "LO04PA", "XX99XX"]}))
    assert cleaning.link_by_code(first, second, ["code"]).pairs[["before", "after"]].to_numpy().tolist() == [
        [0, 0],
        [1, 1],
    ]


def test_shared_codes_are_never_linked() -> None:
    first = wave(pd.DataFrame({"pseudonym": ["a", "a", "b", None]}))
    second = wave(pd.DataFrame({"pseudonym": ["a", "b", None]}))
    result = cleaning.link(first, second)
    assert result.pairs[["before", "after"]].to_numpy().tolist() == [[2, 1]]
    assert result.ambiguous == 2


def test_the_linked_are_compared_with_the_others(waves: tuple[Survey, Survey, pd.DataFrame]) -> None:
    first, second, people = waves
    comparison = cleaning.link_by_code(first, second, PARTS).compare(["age"])
    expected = people["age"][:120].mean() - people["age"][120:].mean()
    row = comparison.contrasts.loc["age"]
    assert row["linked"] - row["unlinked"] == pytest.approx(expected)
    assert comparison.table().bases.loc["age"].tolist() == [120, 80]


def test_a_short_code_or_an_unknown_part_is_refused(waves: tuple[Survey, Survey, pd.DataFrame]) -> None:
    first, second, _people = waves
    with pytest.raises(CleaningError, match="court"):
        cleaning.link_by_code(first, second, PARTS[:3])
    with pytest.raises(SurveyError, match="mere"):
        cleaning.link_by_code(first, second, ["meres", *PARTS[1:]])
