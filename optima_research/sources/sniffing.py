"""``read``: the tool found out from the content of a file, said with its reason, refused where two could be meant."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from optima_research.codebook import Codebook
from optima_research.errors import OptimaError, SourceError
from optima_research.language import _
from optima_research.sources.delimited import probe
from optima_research.sources.files import require_file
from optima_research.sources.limesurvey.wording import meta_of
from optima_research.sources.workbooks import cell_text, read_workbook
from optima_research.sources.zips import open_zip
from optima_research.survey import Survey

__all__ = ["Guess", "guesses", "read"]

_READERS = {
    "limesurvey": "limesurvey",
    "spss": "statfiles",
    "stata": "statfiles",
    "forms": "forms",
    "qualtrics": "qualtrics",
    "xlsform": "xlsform",
    "sphinx": "sphinx",
    "table": "tabular",
}


@dataclass(frozen=True)
class Guess:
    """One tool that may have written a file, and the sign it is known by."""

    tool: str
    reason: str


def read(
    path: str | Path,
    *,
    structure: str | Path | None = None,
    participants: str | Path | None = None,
    form: str | Path | None = None,
    codebook: Codebook | str | Path | None = None,
    sheet: str | None = None,
) -> Survey:
    """Read a file whatever tool exported it; the tool is found out from the content, never from the name alone.

    Parameters
    ----------
    path : str or Path
    structure, participants : str or Path, optional
        For LimeSurvey.
    form : str or Path, optional
        For Kobo and ODK.
    codebook : Codebook, str or Path, optional
        For Le Sphinx and tables.
    sheet : str, optional
        For workbooks.

    Returns
    -------
    Survey
        Its ``report`` says first which tool was recognised, and by what.

    Raises
    ------
    SourceError
        Two tools could have written the file, it is not data, or it is damaged.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "donnees.csv"
    >>> _written = path.write_text("Horodateur,Service\\n03/02/2026 14:05:09,Voirie\\n", encoding="utf-8")
    >>> read(path).report.notes[0]
    'Lu comme forms : une première colonne « Horodateur ».'
    """
    path = require_file(path)
    found = guesses(path)
    if len(found) != 1:
        raise SourceError(
            _("Several tools could have written this file, and reading it wrongly would spoil it."),
            where=path.name,
            got=" ; ".join(f"{guess.tool} ({guess.reason})" for guess in found),
            hint=_(
                "Call the reader of its tool: {readers}.", readers=", ".join(f"read_{g.tool}" for g in found)
            ),
        )
    guess = found[0]
    companions: dict[str, dict[str, Any]] = {
        "limesurvey": {"structure": structure, "participants": participants},
        "xlsform": {"form": form},
        "sphinx": {"codebook": codebook},
        "table": {"codebook": codebook, "sheet": sheet},
        "forms": {"sheet": sheet},
    }
    given = companions.get(guess.tool, {})
    _require_companion(guess, given, path)
    survey: Survey = _reader(guess.tool)(path, **given)
    decided = _("Read as {tool}: {reason}.", tool=guess.tool, reason=guess.reason)
    return replace(survey, report=replace(survey.report, notes=(decided, *survey.report.notes)))


def guesses(path: str | Path) -> list[Guess]:
    """The tools that may have written a file; a table kept by hand where no sign of any tool is found.

    Raises
    ------
    SourceError
        The file is no data (a questionnaire, a form, a picture), or is damaged.
    """
    path = require_file(path)
    with path.open("rb") as stream:
        start = stream.read(4096)
    binary = _binary(path, start)
    if binary:
        return [binary]
    if start.startswith(b"PK"):
        found = list(_zipped(path))
    else:
        found = list(_text(path, start))
    return found or [Guess("table", _("no sign of a survey tool"))]


def _require_companion(guess: Guess, given: dict[str, Any], path: Path) -> None:
    needed = {"xlsform": ("form", _("the XLSForm")), "sphinx": ("codebook", _("the declared codebook"))}.get(
        guess.tool
    )
    if needed and given[needed[0]] is None:
        raise SourceError(
            _("These data ({reason}) are read with {what}.", reason=guess.reason, what=needed[1]),
            where=path.name,
            parameter=needed[0],
            hint=_("Give it: read(path, {name}=…).", name=needed[0]),
        )


def _reader(tool: str) -> Any:
    from importlib import import_module

    return getattr(import_module(f"optima_research.sources.{_READERS[tool]}"), f"read_{tool}")


def _binary(path: Path, start: bytes) -> Guess | None:
    if start.startswith((b"$FL2", b"$FL3")):
        return Guess("spss", _("the file begins with {mark}", mark=start[:4].decode()))
    if start.startswith(b"<stata_dta>") or (path.suffix.lower() == ".dta" and start[:1] in b"lnoqrstuvwx"):
        return Guess("stata", _("the header of a Stata file"))
    if b"SPSS PORT FILE" in start[:600]:
        return Guess("spss", _("the header of a portable SPSS file"))
    if b"<LimeSurveyDocType>" in start:
        raise SourceError(
            _("This file is a questionnaire of LimeSurvey, not its responses."),
            where=path.name,
            hint=_(
                "Read the responses, and give this file as structure=; or export a survey archive (.lsa)."
            ),
        )
    return None


def _zipped(path: Path) -> Iterator[Guess]:
    with open_zip(path) as archive:
        names = archive.namelist()
    if any(name.endswith(".lss") for name in names):
        yield Guess("limesurvey", _("an archive that holds a .lss structure"))
        return
    if not zipfile.is_zipfile(path) or "xl/workbook.xml" not in names:
        raise SourceError(
            _("This archive is neither a LimeSurvey archive nor a workbook."),
            where=path.name,
            got=", ".join(names[:5]),
            hint=_("Extract it, and read the file that holds the responses."),
        )
    sheets = read_workbook(path)
    titles = {sheet.name.strip().casefold() for sheet in sheets}
    if {"survey", "choices"} <= titles:
        raise SourceError(
            _("This workbook is an XLSForm, not its data."),
            where=path.name,
            hint=_("Read the data, and give this file as form=: read(data, form=…)."),
        )
    if sheets:
        rows = [tuple(cell_text(value) for value in row) for row in sheets[0].rows[:3]]
        yield from _headers(rows)


def _text(path: Path, start: bytes) -> Iterator[Guess]:
    plain = start.lstrip(b"\xef\xbb\xbf \r\n\t")
    if plain.startswith(b"{") and b'"responses"' in plain:
        yield Guess("limesurvey", _("JSON that holds responses"))
        return
    if (b"GET DATA" in start and b"/VARIABLES=" in start) or path.suffix.lower() == ".dat":
        yield Guess("limesurvey", _("a pair for SPSS"))
        return
    if b"names(data)[" in start or "R_data_file" in path.name:
        yield Guess("limesurvey", _("a pair for R"))
        return
    try:
        rows = list(probe(path, header_rows=3).header)
    except OptimaError:
        rows = list(probe(path).header)
    _refuse_participants(path, [cell.strip() for cell in rows[0]])
    yield from _headers(rows)


def _refuse_participants(path: Path, first: list[str]) -> None:
    if {"tid", "token"} <= {cell.casefold() for cell in first}:
        raise SourceError(
            _("This file lists the participants of a LimeSurvey survey, not responses."),
            where=path.name,
            hint=_("Read the responses, and give this file as participants=."),
        )


def _headers(rows: list[tuple[str, ...]]) -> Iterator[Guess]:
    first = [cell.strip() for cell in rows[0]] if rows else []
    plain = {cell.casefold() for cell in first}
    metas = [cell for cell in first if meta_of(cell.split(".")[0]) or meta_of(cell)]
    if len(metas) >= 3:
        yield Guess("limesurvey", _("headings {names}", names=", ".join(metas[:3])))
    elif len(rows) > 1 and rows[1][:1] == ("id",) and "submitdate" in rows[1]:
        yield Guess("limesurvey", _("the two header lines of a VV file"))
    imported = len(rows) > 2 and any("ImportId" in cell for cell in rows[2])
    if (
        imported
        or len({"StartDate", "ResponseId", "ResponseID", "RecordedDate", "IPAddress"} & set(first)) >= 3
    ):
        yield Guess("qualtrics", _("the header rows of Qualtrics"))
    if (
        plain & {"horodateur", "timestamp"}
        and first[:1]
        and first[0].casefold() in ("horodateur", "timestamp")
    ):
        yield Guess("forms", _("a first column « {name} »", name=first[0]))
    if {"id"} & plain and plain & {"heure de début", "start time"}:
        yield Guess("forms", _("the first columns of Microsoft Forms"))
    if len({"_uuid", "_submission_time", "_id", "_index", "__version__"} & plain) >= 2:
        yield Guess("xlsform", _("the columns _uuid and _submission_time of Kobo"))
    if len({"cle", "date_saisie", "temps_saisie"} & plain) >= 2:
        yield Guess("sphinx", _("the columns CLE and DATE_SAISIE of Le Sphinx"))
