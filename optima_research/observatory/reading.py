"""Reading a study's sources: surveys with what its codebook adds to the export, coded interviews, follow-ups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optima_research.codebook import Codebook, Scale
from optima_research.errors import CodebookError, StudyError, suggest
from optima_research.language import _
from optima_research.survey import Survey

if TYPE_CHECKING:
    from optima_research.coding.qualitative import CodedProject
    from optima_research.observatory.study import Study
    from optima_research.observatory.study_parts import SourceFile
    from optima_research.sources.period_sheets import PeriodSheets

READERS = {
    "limesurvey": "read_limesurvey",
    "xlsform": "read_xlsform",
    "spss": "read_spss",
    "stata": "read_stata",
    "forms": "read_forms",
    "sphinx": "read_sphinx",
    "qualtrics": "read_qualtrics",
    "table": "read_table",
}
PROJECT_READERS = {
    "nvivo": "read_qdpx",
    "atlas.ti": "read_qdpx",
    "refi_qda": "read_qdpx",
    "taguette": "read_taguette",
    "qualcoder": "read_qualcoder",
    "maxqda": "read_maxqda",
}
SHEETS = "sheets"


def read_source(study: Study, source: SourceFile) -> Survey:
    """Read a source with the reader of its tool, and complete its codebook."""
    import optima_research

    read = getattr(optima_research, _reader(study, source, READERS))
    files = {
        ("form" if (source.tool, name) == ("xlsform", "structure") else name): study.folder / value
        for name in ("structure", "participants")
        if (value := getattr(source, name)) is not None
    }
    if source.tool in ("table", "sphinx") and source.codebook:
        survey: Survey = read(study.file(source.id), study.folder / source.codebook, **source.options)
        return replace(survey, name=source.id)
    survey = read(study.file(source.id), **files, **source.options)
    if source.codebook:
        survey = survey.described(completed(survey.codebook, study.folder / source.codebook))
    return replace(survey, name=source.id)


def read_project(study: Study, source: SourceFile) -> CodedProject:
    """Read coded interviews with the reader of their tool; MAXQDA writes REFI-QDA too, told by the file's ending."""
    import optima_research

    reader = _reader(study, source, PROJECT_READERS)
    if source.file.casefold().endswith(".qdpx"):
        reader = "read_qdpx"
    project: CodedProject = getattr(optima_research, reader)(study.file(source.id), **source.options)
    return project


def read_sheets(study: Study, source: SourceFile) -> PeriodSheets:
    """Read a follow-up kept one sheet a period; the headings its columns have had are in ``options``."""
    from optima_research.sources import read_period_sheets

    _reader(study, source, {SHEETS: ""})
    return read_period_sheets(study.file(source.id), **source.options)


def _reader(study: Study, source: SourceFile, readers: Mapping[str, str]) -> str:
    """Name of the reader of a source's tool; a tool of another kind of source is refused, and the right call said."""
    if source.tool in readers:
        return readers[source.tool]
    others = {"survey": READERS, "project": PROJECT_READERS, "sheets": {SHEETS: ""}}
    call = next((call for call, known in others.items() if source.tool in known), None)
    raise StudyError(
        _("There is no reader for the tool « {tool} ».", tool=source.tool)
        if call is None
        else _("« {name} » is read otherwise: study.{call}(…).", name=source.id, call=call),
        where=study.slug,
        hint="" if call else suggest(source.tool, readers) or ", ".join(readers),
    )


def completed(codebook: Codebook, path: Path) -> Codebook:
    """A codebook with what a study's ``codebook.yaml`` adds: labels, roles, identifier classes, scales…

    Only what is written there changes; the wording and the answers stay as the tool exported them.

    Raises
    ------
    CodebookError
        The file names a variable the export does not have.
    """
    import yaml

    added: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    changed = []
    for name, fields in (added.get("variables") or {}).items():
        if name not in codebook:
            raise CodebookError(
                _("The codebook names « {name} », which the export does not have.", name=name),
                where=path.name,
                hint=suggest(name, codebook.names),
            )
        try:
            changed.append(replace(codebook[name], **fields))
        except TypeError as error:
            raise CodebookError(
                _("The codebook file has an entry that is not understood."),
                where=f"{path.name}, {name}",
                got=error,
            ) from error
    scales = [Scale(name, **fields) for name, fields in (added.get("scales") or {}).items()]
    return codebook.replace(*changed).with_scales(*scales)
