"""The whole chain on a real LimeSurvey 6 archive: read, clean, tabulate, compare, protect, write to Word."""

import zipfile

import pytest

import optima_research as opt
from optima_research import cleaning
from optima_research.errors import DisclosureError
from optima_research.publishing import using_setting

FILES = (
    "ls618fr_survey.lsa",
    "ls618fr_csv_code_short_comma.csv",
    "ls618fr_csv_full_long_semicolon.csv",
    "ls618fr_vv_v2.txt",
)


@pytest.fixture(params=FILES)
def survey(request, shared_reference):
    folder = shared_reference / "limesurvey"
    structure = None if request.param.endswith(".lsa") else folder / "ls618fr_survey.lss"
    return opt.read_limesurvey(folder / request.param, structure=structure)


def test_from_the_export_to_word(survey, tmp_path):
    kept = survey.pipe(cleaning.drop_unsubmitted, reason="Questionnaire non validé.")
    assert (survey.n, kept.n) == (40, 32)
    flow = cleaning.flow(kept, invited=60)
    assert "32" in flow.sentence()

    gender = opt.frequency_table(kept, "G")
    comparison = opt.protect(opt.compare(kept, "q5", "Y", smallest_effect=0.5), "cinq")
    with pytest.raises(DisclosureError, match="trop faible"):
        opt.export(comparison, tmp_path / "q5", audience="publication")
    with using_setting(study="essai"):
        files = [
            *opt.export(opt.protect(gender.table(), "cinq"), tmp_path / "genre", audience="researcher"),
            *opt.export(comparison, tmp_path / "q5", audience="researcher"),
        ]
    assert {file.suffix for file in files} == {".docx", ".pdf", ".xlsx", ".tex", ".html", ".csv"}
    assert all(file.stat().st_size > 0 for file in files)
    with zipfile.ZipFile(tmp_path / "q5.docx") as word:
        text = word.read("word/document.xml").decode()
    assert "<w:tbl>" in text
    assert all(note in text for note in ("Lecture", "Champ", "Note"))


def test_the_four_exports_tell_the_same_story(shared_reference):
    folder = shared_reference / "limesurvey"
    sentences = set()
    for name in FILES:
        structure = None if name.endswith(".lsa") else folder / "ls618fr_survey.lss"
        kept = opt.read_limesurvey(folder / name, structure=structure).pipe(
            cleaning.drop_unsubmitted, reason="Questionnaire non validé."
        )
        sentences.add(opt.compare(kept, "q5", "Y").sentence())
    assert len(sentences) == 1
