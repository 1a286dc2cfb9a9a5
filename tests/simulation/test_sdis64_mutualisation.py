"""The simulated SDIS has the warts it is told to have, and its worst centres are the first to start."""

from pathlib import Path

import pandas as pd
import pytest

from optima_research.simulation.sdis64_mutualisation import MISSING, TERMS, simulate

RAW = Path(__file__).resolve().parents[2] / "data" / "raw" / "sdis64_mutualisation"


@pytest.fixture(scope="module")
def log():
    """The committed log, with the minutes from alert to arrival before midnight is put right."""
    table = pd.read_csv(RAW / "interventions.csv", sep=";", parse_dates=["alerte"])
    arrival = pd.to_timedelta(table["sur_les_lieux"])
    return table.assign(
        minutes=(arrival - (table["alerte"] - table["alerte"].dt.normalize())) / pd.Timedelta("1min")
    )


def test_the_log_has_missing_arrivals_midnights_and_wrong_clocks(log):
    assert log["sur_les_lieux"].isna().mean() == pytest.approx(MISSING, abs=0.005)
    assert (log["minutes"] < -1000).sum() > 100
    assert ((log["minutes"] % 1440) > 45).sum() > 50


def test_the_log_stays_small():
    assert (RAW / "interventions.csv").stat().st_size < 2_000_000


def test_the_first_to_start_had_the_longest_delays_of_their_ranking(log):
    starts = pd.read_csv(RAW / "centres.csv", sep=";").set_index("centre")["debut"]
    ranking = log[(log["alerte"] >= "2009-07-01") & (log["alerte"] < "2010-01-01")]
    delays = ranking[(ranking["minutes"] % 1440) <= 45].groupby("centre")["minutes"].median()
    assert starts.nunique() == 3
    assert delays[starts == TERMS[3]].median() > delays[starts != TERMS[3]].quantile(0.75)


def test_sixty_of_ninety_six_answered_by_hand():
    text = (RAW / "sdis_national.csv").read_bytes().decode("utf-8-sig")
    assert len(text.splitlines()) == 61
    assert pd.read_csv(RAW / "sdis_cadre.csv", sep=";")["effectif"].sum() == 96
    assert all(wart in text for wart in ("n.d.", " €", "oui ", "\u00a0"))


def test_the_delay_is_null_whatever_the_sign(tmp_path):
    assert simulate(tmp_path)["estimates"]["Délai"] == 0.0
