"""The trail of every study of the repository, written and read back, replays on its raw file to the same data."""

from __future__ import annotations

from pathlib import Path

import pytest

from optima_research import cleaning
from optima_research.errors import OptimaError
from optima_research.observatory.reading import PROJECT_READERS, SHEETS
from optima_research.observatory.study import Study
from optima_research.survey import Survey
from optima_research.trail import Trail

RAW = Path(__file__).parents[2] / "data" / "raw"
STUDIES = (
    sorted(folder.name for folder in RAW.glob("*") if (folder / "study.yaml").is_file())
    if RAW.is_dir()
    else []
)


def cleaned(survey: Survey) -> Survey:
    """The steps that any study can take: not started, not submitted, duplicates."""
    survey = survey.pipe(cleaning.drop_not_started, reason="Ouverts sans réponse")
    if "submitdate" in survey.columns:
        survey = survey.pipe(cleaning.drop_unsubmitted, reason="Questionnaires abandonnés")
    survey = survey.pipe(cleaning.drop_duplicates, by="answers", reason="Réponses copiées")
    if survey.participants is not None and "token" in survey.participants.columns:
        survey = survey.pipe(
            cleaning.drop_duplicates, by="token", which="fullest", reason="Codes utilisés deux fois"
        )
    return survey


@pytest.mark.parametrize("slug", STUDIES)
def test_the_trail_replays_on_the_raw_file(slug: str, tmp_path: Path) -> None:
    study = Study.load(RAW / slug)
    others = {"table", SHEETS, *PROJECT_READERS}
    surveys = [name for name, s in study.sources.items() if s.tool not in others or s.codebook]
    assert surveys
    for name in surveys:
        clean = cleaned(study.survey(name))
        path = clean.trail.write(tmp_path / f"{name}.jsonl")
        again = cleaning.replay(Study.load(RAW / slug).survey(name), Trail.read(path))
        assert again.fingerprint == clean.fingerprint
        assert cleaning.flow(clean).stages["kept"] == clean.n


@pytest.mark.parametrize("slug", STUDIES)
def test_no_study_keeps_an_error_or_an_identifier(slug: str) -> None:
    from optima_research.observatory.checking import check_studies

    try:
        findings = check_studies(RAW.parents[1], [slug])
    except OptimaError as error:
        pytest.fail(str(error))
    assert all(finding.ok for finding in findings if finding.name.endswith("/ variables"))
