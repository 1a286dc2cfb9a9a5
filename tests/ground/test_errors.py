"""Errors say what is wrong, where, and what to do; and they survive a trip between processes."""

import pickle

import pytest

import optima_research.errors as errors
from optima_research.errors import OptimaError, SourceError, suggest


def test_every_error_of_the_house_is_an_optima_error():
    families = [
        value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Exception)
    ]
    assert len(families) > 10
    assert all(issubclass(family, OptimaError) for family in families)


def test_an_error_shows_its_sentence_its_place_and_its_remedy():
    error = SourceError("Colonne absente.", where="a.csv, colonne 3", got=12, hint="Réexportez.")
    assert str(error).splitlines() == [
        "Colonne absente.",
        "  où : a.csv, colonne 3",
        "  trouvé : 12",
        "→ Réexportez.",
    ]


def test_jupyter_shows_the_lines_of_the_error_and_no_stack():
    shown = SourceError("Colonne absente.", hint="Réexportez.")._render_traceback_()
    assert shown == ["SourceError : Colonne absente.", "→ Réexportez."]


def test_an_error_sent_by_a_worker_keeps_its_particulars():
    error = pickle.loads(pickle.dumps(SourceError("Non.", where="ici", hint="Faites cela.")))
    assert type(error) is SourceError
    assert (error.where, error.hint) == ("ici", "Faites cela.")


@pytest.mark.parametrize(("typed", "meant"), [("satisfation", "satisfaction"), ("Directon", "Direction")])
def test_a_mistyped_name_is_answered_with_the_name_meant(typed, meant):
    assert f"« {meant} »" in suggest(typed, ["satisfaction", "Direction", "age"])
