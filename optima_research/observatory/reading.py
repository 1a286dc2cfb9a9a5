"""Reading a study's survey: the tool's export, then what the study's codebook says beyond it."""

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
    from optima_research.observatory.study import Study
    from optima_research.observatory.study_parts import SourceFile

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


def read_source(study: Study, source: SourceFile) -> Survey:
    """Read a source with the reader of its tool, and complete its codebook."""
    import optima_research

    if source.tool not in READERS:
        raise StudyError(
            _("There is no reader for the tool « {tool} ».", tool=source.tool),
            where=study.slug,
            hint=suggest(source.tool, READERS) or ", ".join(READERS),
        )
    read = getattr(optima_research, READERS[source.tool])
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
