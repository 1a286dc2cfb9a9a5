"""Checking studies before a run or a deposit: description, raw files, readable surveys, promised deliverables."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from optima_research.cleaning import screen
from optima_research.errors import OptimaError, StudyError, suggest
from optima_research.language import _
from optima_research.language.numbers import format_count
from optima_research.observatory.doctor import Finding
from optima_research.observatory.reading import PROJECT_READERS, SHEETS
from optima_research.observatory.study import Study, study_folders
from optima_research.observatory.study_parts import SourceFile
from optima_research.privacy import scan
from optima_research.survey import Survey


def check_studies(root: Path, slugs: Iterable[str] = ()) -> list[Finding]:
    """Everything found about the studies asked for, all by default; one study's error does not hide another's."""
    known = {folder.name: folder for folder in study_folders(root)}
    wanted = list(slugs) or list(known)
    for slug in wanted:
        if slug not in known:
            raise StudyError(_("There is no study « {name} ».", name=slug), hint=suggest(slug, known))
    return [finding for slug in wanted for finding in _check(known[slug])]


def _check(folder: Path) -> list[Finding]:
    try:
        study = Study.load(folder)
    except OptimaError as error:
        return [Finding(folder.name, str(error), _("Correct study.yaml."))]
    return [Finding(study.slug, study.title), *_sources(study), *_deliverables(study)]


def _sources(study: Study) -> list[Finding]:
    findings = []
    for name, source in study.sources.items():
        where = f"{study.slug} / {name}"
        try:
            findings += _read(study, source, where)
        except OptimaError as error:
            findings.append(Finding(where, error.message, error.hint or _("Correct the file or study.yaml.")))
    return findings


def _read(study: Study, source: SourceFile, where: str) -> list[Finding]:
    """What reading a source finds: its size, and for a survey the screening of its variables."""
    if source.tool in PROJECT_READERS:
        project = study.project(source.id)
        return [Finding(where, f"{source.file}, {project!r}")]
    if source.tool == SHEETS or (
        source.tool == "table" and not source.codebook and source.file.endswith(".csv")
    ):
        table = study.sheets(source.id).table if source.tool == SHEETS else study.table(source.id)
        return [_size(where, source, len(table))]
    survey = study.survey(source.id)
    return [_size(where, source, survey.n), *_variables(where, survey)]


def _size(where: str, source: SourceFile, rows: int) -> Finding:
    return Finding(where, _("{file}, {n} rows", file=source.file, n=format_count(rows)))


def _variables(where: str, survey: Survey) -> list[Finding]:
    """The screening of a survey's variables and the direct identifiers left in its answers."""
    screening, identifiers = screen(survey), scan(survey)
    errors = screening.problems.loc[screening.problems["severity"] == "error", "variable"].unique()
    remedy = (
        _("Look at {names}: cleaning.screen(survey).", names=", ".join(errors[:8])) if len(errors) else ""
    )
    findings = [Finding(f"{where} / variables", screening.sentence(), remedy)]
    if not identifiers.is_clean:
        advice = _("Set them aside: privacy.quarantine(survey, columns, reason=…).")
        findings.append(Finding(f"{where} / variables", identifiers.sentence(), advice))
    return findings


def _deliverables(study: Study) -> list[Finding]:
    findings = []
    for deliverable in study.deliverables.values():
        where = f"{study.slug} / {deliverable.code}"
        if deliverable.file and (study.exports / deliverable.file).is_file():
            findings.append(Finding(where, deliverable.file))
        else:
            findings.append(
                Finding(
                    where,
                    _("« {file} » has not been produced", file=deliverable.file or deliverable.title),
                    _("Run the notebook: optima run {slug}.", slug=study.slug),
                )
            )
    return findings
