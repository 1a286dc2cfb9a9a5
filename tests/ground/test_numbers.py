"""Numbers as French typography wants them; the code points matter, so they are spelled out."""

import math

import pandas as pd
import pytest

from optima_research.language import set_language, using_language
from optima_research.language.numbers import (
    format_count,
    format_interval,
    format_number,
    format_p,
    format_percent,
)
from optima_research.language.typography import typeset


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (12345.678, 2, "12\u202f345,68"),
        (1234567.891, 2, "1\u202f234\u202f567,89"),
        (-3.14159, 2, "\u22123,14"),
        (-0.001, 2, "0,00"),
        (0.5, 0, "0"),
        (math.inf, 1, "∞"),
        (math.nan, 1, "\u2013"),
        (None, 1, "\u2013"),
        (pd.NA, 1, "\u2013"),
    ],
)
def test_french_numbers(value, decimals, text):
    assert format_number(value, decimals) == text


def test_percent_takes_a_no_break_space_in_french_and_none_in_english():
    assert format_percent(0.652) == "65,2\u00a0%"
    with using_language("en"):
        assert format_percent(0.652) == "65.2%"


@pytest.mark.parametrize(
    ("p", "text"), [(0.0364, "= 0,036"), (0.0009, "< 0,001"), (0.0, "< 0,001"), (1.0, "= 1,000")]
)
def test_p_values_keep_their_leading_zero_and_are_never_zero(p, text):
    assert format_p(p) == text


def test_interval_bounds_are_parted_by_a_semicolon_because_the_comma_is_taken():
    assert format_interval(0.12, 0.34, 2) == "[0,12\u202f; 0,34]"
    with using_language("en"):
        assert format_interval(0.12, 0.34, 2) == "[0.12, 0.34]"


def test_the_standard_error_decides_how_many_digits_are_worth_showing():
    assert format_number(3.21456, se=0.08) == "3,21"
    assert format_number(52314.6, se=210.0) == "52\u202f315"


def test_counts_have_no_decimals():
    assert format_count(860.0) == "860"


def test_no_locale_of_the_system_is_consulted(monkeypatch):
    import locale

    monkeypatch.setattr(locale, "localeconv", lambda: pytest.fail("locale was consulted"))
    assert format_number(1.5, 1) == "1,5"


def test_an_unknown_language_is_refused():
    with pytest.raises(ValueError, match=r"fr \| en"):
        set_language("de")


def test_spacing_is_not_doubled_where_it_is_right_already():
    once = typeset("Champ : agents ; « oui » : 12 %")
    assert typeset(once) == once
