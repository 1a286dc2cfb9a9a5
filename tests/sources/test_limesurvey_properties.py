"""Whatever the questionnaire and the answers, what was written is what is read."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optima_research.errors import OptimaError
from optima_research.simulation.limesurvey import (
    Group,
    Question,
    Questionnaire,
    write_csv,
    write_lsa,
    write_lss,
    write_vv,
)
from optima_research.sources import read_limesurvey
from optima_research.sources.limesurvey.columns import columns_of
from optima_research.survey import Survey

# Characters XML can hold, and that LimeSurvey does not fold into a line feed; never a space at the ends (VV trims).
ALPHABET = st.characters(
    codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Zl", "Zp"), exclude_characters="\ufeff"
)
LINES = st.text(st.one_of(ALPHABET, st.sampled_from("\n\t\";,{}=|'[]<>&")), min_size=1, max_size=30)
TYPED = LINES.map(str.strip).filter(lambda text: text and "]]>" not in text and not text.startswith("'="))
CODES = st.sampled_from(
    [["1", "2", "3"], ["01", "02", "10"], ["A1", "A2"], ["NA", "N", "Y"], ["0", "-1", "9"]]
)
LABELS = ["Oui", "Non", "Peut-être ; ça dépend"]


@st.composite
def questions(draw: st.DrawFn, number: int) -> Question:
    code, kind = f"Q{number}", draw(st.sampled_from("LFMPYGNTQR1:;D5AEC"))
    answers = dict(zip(draw(CODES), LABELS, strict=False)) if kind in "LFR1" else {}
    rows = (
        {f"SQ{n}": f"Ligne {n}" for n in range(1, draw(st.integers(1, 3)) + 1)}
        if kind in "FMPQ1:;AEC"
        else {}
    )
    return Question(
        code,
        kind,
        f"Question {number} ?",
        answers,
        rows,
        answers2=answers if kind == "1" else {},
        columns={"X1": "a", "X2": "b"} if kind in ":;" else {},
        other=kind in "LMP" and draw(st.booleans()),
    )


@st.composite
def surveys(draw: st.DrawFn) -> tuple[Questionnaire, pd.DataFrame]:
    count = draw(st.integers(1, 5))
    form = Questionnaire("Enquête", [Group("Page", [draw(questions(n)) for n in range(count)])], sid=4321)
    n = draw(st.integers(1, 6))
    columns = {c.name: [draw(cells(c)) for _row in range(n)] for c in columns_of(form.structure)}
    return form, pd.DataFrame(columns, index=range(1, n + 1), dtype=object)


def cells(column: object) -> st.SearchStrategy[object]:
    kind, role, question = column.type, column.role, column.question  # type: ignore[attr-defined]
    blank = st.sampled_from([None, ""])
    if role in ("other", "comment", "othercomment") or kind in "TQ;":
        return st.one_of(blank, TYPED)
    closed = {"M": ["Y"], "P": ["Y"], "Y": ["Y", "N"], "G": ["F", "M"], "E": ["I", "S", "D"], "C": ["Y", "N", "U"],
              "5": ["1", "5"], "A": ["1", "4"], "D": ["1980-01-01 00:00:00"], ":": ["3", "-2.5"]}  # fmt: skip
    codes = [a.code for a in question.answers_on(column.scale)] or closed.get(kind, [])  # type: ignore[attr-defined]
    if kind == "N":
        return st.one_of(blank, st.integers(-(10**6), 10**6), st.sampled_from([0.5, -3.25]))
    return st.one_of(blank, st.sampled_from(codes))


def same(survey: Survey, form: Questionnaire, frame: pd.DataFrame) -> None:
    for column in columns_of(form.structure):
        for row, value in frame[column.name].items():
            read = survey.answers.loc[row, column.name]
            if value in (None, ""):
                assert pd.isna(read)
            elif isinstance(read, pd.Timestamp):
                assert str(read) == value
            else:
                assert read == value or float(read) == float(value), column.name


SETTINGS = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


@given(surveys())
@SETTINGS
def test_every_exact_form_gives_back_answers_and_kinds(made: tuple[Questionnaire, pd.DataFrame]) -> None:
    form, frame = made
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lss = write_lss(form, folder / "s.lss")
        archive = read_limesurvey(write_lsa(form, frame, folder / "a.lsa"))
        vv = read_limesurvey(write_vv(form, frame, folder / "v.txt"), lss)
    same(archive, form, frame)
    pd.testing.assert_frame_equal(vv.answers, archive.answers)
    pd.testing.assert_frame_equal(vv.missing, archive.missing)
    empty = frame.eq("").fillna(False)
    for column in form.columns:
        assert archive.missing.loc[empty[column], column].eq("no_answer").all()


@given(surveys(), st.sampled_from(",;\t|"), st.sampled_from(["code", "expression", "full", "codetext"]))
@SETTINGS
def test_every_csv_gives_back_the_codes(
    made: tuple[Questionnaire, pd.DataFrame], separator: str, headers: str
) -> None:
    form, frame = made
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = write_csv(form, frame, folder / "r.csv", headers=headers, answers="short", separator=separator)  # type: ignore[arg-type]
        survey = read_limesurvey(path, write_lss(form, folder / "s.lss"))
    same(survey, form, frame)


@pytest.mark.parametrize("kind", ["csv", "lsa", "vv"])
@given(made=surveys(), place=st.floats(0, 1), junk=st.binary(max_size=8))
@settings(
    SETTINGS, suppress_health_check=[HealthCheck.too_slow, HealthCheck.differing_executors], max_examples=20
)
def test_damage_anywhere_ends_in_a_survey_or_an_error_that_helps(
    kind: str, made: tuple[Questionnaire, pd.DataFrame], place: float, junk: bytes
) -> None:
    form, frame = made
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lss = write_lss(form, folder / "s.lss")
        write = {"csv": write_csv, "lsa": write_lsa, "vv": write_vv}[kind]
        path = write(form, frame, folder / f"r.{kind}")  # type: ignore[operator]
        data = path.read_bytes()
        cut = int(place * len(data))
        path.write_bytes(data[:cut] + junk + data[cut + 3 :])
        assert outcome(path, lss) in ("survey", "error that helps")


def outcome(path: Path, structure: Path) -> str:
    try:
        read_limesurvey(path, structure)
    except OptimaError as error:
        return "error that helps" if error.hint and (error.where or error.parameter) else str(error)
    return "survey"
