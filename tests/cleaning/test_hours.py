"""Hours typed in three notations: what each can mean, and a convention that is declared, not guessed."""

import pandas as pd
import pytest

from optima_research.cleaning import hours_notations, read_hours, replay
from optima_research.codebook import Codebook, Variable
from optima_research.errors import CleaningError
from optima_research.survey import Survey


def sheet(*cells):
    return Survey.build(pd.DataFrame({"h": cells}), Codebook([Variable("h", measure="text")]))


@pytest.mark.parametrize(
    ("typed", "minutes", "hundredths"),
    [
        ("7h30", 7.5, 7.5),
        ("7 H 30", 7.5, 7.5),
        ("7:30", 7.5, 7.5),
        ("2h", 2.0, 2.0),
        ("7,5", 7.5, 7.5),
        ("7", 7.0, 7.0),
        ("7.30", 7.5, 7.3),
        ("0.45", 0.75, 0.45),
        ("7.5", 7 + 50 / 60, 7.5),
    ],
)
def test_each_notation_is_read_as_declared(typed, minutes, hundredths):
    for point, expected in (("minutes", minutes), ("hundredths", hundredths)):
        after = read_hours(sheet(typed), "h", into="d", point=point, reason="Convention de la fiche")
        assert after.answers["d"].iloc[0] == pytest.approx(expected)


def test_what_is_no_duration_is_missing_and_counted():
    survey = sheet("idem", "?", "", "7h30", "12.30.15")
    after = read_hours(survey, "h", into="d", point="minutes", reason="Convention de la fiche")
    assert after.answers["d"].notna().tolist() == [False, False, False, True, False]
    assert hours_notations(survey, "h").body["cells"].tolist() == [1, 0, 0, 4]


def test_minutes_are_refused_where_a_cell_cannot_hold_them():
    with pytest.raises(CleaningError, match=r"7\.75") as error:
        read_hours(sheet("7.30", "7.75"), "h", into="d", point="minutes", reason="Convention de la fiche")
    assert error.value.parameter == "point"
    after = read_hours(sheet("7.30", "7.75"), "h", into="d", point="hundredths", reason="Une cellule à 75")
    assert after.answers["d"].tolist() == [7.3, 7.75]


def test_the_convention_is_in_the_trail_and_replays():
    raw = sheet("7h30", "7.30")
    after = read_hours(raw, "h", into="d", point="minutes", reason="Convention de la fiche")
    assert dict(after.trail.steps[-1].parameters)["point"] == "minutes"
    assert replay(raw, after.trail).fingerprint == after.fingerprint
