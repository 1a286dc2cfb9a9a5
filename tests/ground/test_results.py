"""Verdicts, tables, figures: the shapes every analysis returns."""

import numpy as np
import pandas as pd
import pytest

from optima_research.errors import AnalysisError
from optima_research.language import using_language
from optima_research.results import Column, Estimate, PublicationTable, Verdict
from optima_research.results.style import fingerprint, palette


@pytest.mark.parametrize(
    ("interval", "smallest", "verdict"),
    [
        ((0.35, 0.80), 0.3, "different"),
        ((0.05, 0.20), 0.3, "equivalent"),
        ((-0.20, 0.20), 0.3, "equivalent"),
        ((-0.10, 0.50), 0.3, "inconclusive"),
        ((0.10, 0.50), 0.3, "different"),
        ((-0.01, 0.01), None, "inconclusive"),
        ((np.nan, np.nan), 0.3, "inconclusive"),
    ],
)
def test_the_verdict_is_decided_against_the_smallest_effect_fixed_in_advance(interval, smallest, verdict):
    assert Verdict.decide(*interval, smallest_effect=smallest) == verdict


def test_turning_the_difference_round_does_not_change_the_verdict():
    rng = np.random.default_rng(1)
    for low, width in rng.normal(size=(200, 2)):
        high = low + abs(width)
        assert Verdict.decide(low, high, smallest_effect=0.4) == Verdict.decide(
            -high, -low, smallest_effect=0.4
        )


@pytest.fixture
def table():
    body = pd.DataFrame(
        {"n": [212, 7], "mean": [3.2149, 2.9], "low": [3.1, 2.1], "high": [3.33, 3.7]},
        index=["Culture", "DG"],
    )
    columns = (
        Column("n", "Effectif", kind="count"),
        Column("mean", "Moyenne", decimals=2, group="Score"),
        Column(("low", "high"), "IC à 95 %", kind="interval", decimals=2, group="Score"),
    )
    return PublicationTable("Scores", body, columns, stub="Direction", reading="Un exemple.")


def test_a_table_keeps_numbers_and_writes_them_late(table):
    assert table.formatted().loc["Culture"].tolist() == ["212", "3,21", "[3,10\u202f; 3,33]"]
    with using_language("en"):
        assert table.formatted().loc["Culture"].tolist() == ["212", "3.21", "[3.10, 3.33]"]
    assert table.body.loc["Culture", "mean"] == 3.2149


def test_a_hidden_cell_shows_a_letter_and_the_legend_says_why(table):
    mask = pd.DataFrame(False, index=table.body.index, columns=table.body.columns)
    mask.loc["DG", ["n", "mean", "low"]] = True
    hidden = table.with_notes(suppressed=mask)
    assert hidden.formatted().loc["DG"].tolist() == ["s", "s", "s"]
    assert "s\u202f:" in dict(hidden.notes())["Note"].replace(" :", "\u202f:")
    assert "2,9" not in hidden._repr_html_()


def test_a_simulated_table_says_so(table):
    assert "simulées" in dict(table.with_notes(simulated=True).notes())["Note"]


def test_a_column_without_body_is_refused(table):
    with pytest.raises(AnalysisError, match="median"):
        PublicationTable("x", table.body, (Column("median", "Médiane"),))


def test_html_has_a_caption_and_scopes_and_no_script(table):
    html = table._repr_html_()
    assert html.count('scope="row"') == 2
    assert "<caption" in html
    assert "<script" not in html
    assert 'colspan="2"' in html


def test_markup_in_labels_is_escaped(table):
    assert "<b>" not in table.with_notes(title="<b>Titre</b>")._repr_html_()


def test_an_estimate_prints_with_the_digits_its_interval_supports():
    assert str(Estimate(3.2149, 3.1, 3.33)) == "3,21 [3,10\u202f; 3,33]"


def _luminance(colour):
    from matplotlib.colors import to_rgb

    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    y = float(np.dot([0.2126, 0.7152, 0.0722], linear))
    return 116 * y ** (1 / 3) - 16 if y > 0.008856 else 903.3 * y


@pytest.mark.parametrize("n", range(2, 7))
def test_colours_are_told_apart_in_greyscale(n):
    grey = sorted(_luminance(colour) for colour in palette(n))
    assert min(np.diff(grey)) >= 11


def test_seven_colours_are_refused_with_a_way_out():
    with pytest.raises(AnalysisError) as raised:
        palette(7)
    assert raised.value.hint


def test_the_fingerprint_sees_a_change_and_not_the_noise_of_the_machine():
    data = pd.DataFrame({"x": [1.0, 2.0, 3.0]})
    assert fingerprint(data) == fingerprint(data + 1e-13)
    assert fingerprint(data) != fingerprint(data + 1e-6)
