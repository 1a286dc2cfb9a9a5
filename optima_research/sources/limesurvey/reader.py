"""``read_limesurvey``: whatever LimeSurvey exported, as one survey."""

from __future__ import annotations

import zipfile
from pathlib import Path

from optima_research.sources.delimited import probe
from optima_research.sources.files import require_file
from optima_research.sources.limesurvey.archive import read_archive
from optima_research.sources.limesurvey.assembly import assemble
from optima_research.sources.limesurvey.lss import read_structure
from optima_research.sources.limesurvey.quarantine import read_participants
from optima_research.sources.limesurvey.raw import Raw
from optima_research.sources.limesurvey.tables import read_bare_csv, read_json, read_r, read_spss, read_xlsx
from optima_research.sources.limesurvey.text_exports import is_vv, read_csv, read_vv
from optima_research.sources.workbooks import is_workbook
from optima_research.survey import Survey

__all__ = ["read_limesurvey"]


def read_limesurvey(
    path: str | Path, structure: str | Path | None = None, participants: str | Path | None = None
) -> Survey:
    """Read responses exported by LimeSurvey, with what its structure says of them.

    Parameters
    ----------
    path : str or Path
        ``.lsa`` archive (best: nothing is lost), response CSV (codes, or full text and full answers, any separator,
        any language of the survey), VV file, workbook, JSON, or either file of the pair made for SPSS or R. The file
        is opened read-only.
    structure : str or Path, optional
        The ``.lss`` file. An archive holds its own; without one, other exports must have question codes as headings,
        types are guessed from the cells, and the report says so.
    participants : str or Path, optional
        LimeSurvey's CSV of participants, joined by access code into the quarantine.

    Returns
    -------
    Survey
        ``answers`` holds codes under LimeSurvey's bracket names (``Q[SQ001]``), indexed by response id: ``Int64``
        where every code of the list is a plain integer, else ``string``; options of multiple choices hold ``"Y"`` or
        nothing. ``missing`` says why a cell is empty: ``not_asked`` (filtered), ``not_reached`` (the respondent left
        before that page), ``no_answer`` (shown, left blank), ``out_of_codes``; and ``not_asked_or_no_answer`` where a
        CSV cannot tell, with ``missing_told_apart=False`` in the codebook. ``participants`` is the quarantine
        (tokens, addresses, names, attributes), ``timings`` the seconds spent, ``report`` what was matched.

    Raises
    ------
    SourceError
        The file does not belong to the structure, is damaged or cut short, or was saved again by a spreadsheet that
        lost part of it.

    Notes
    -----
    Columns are matched by name where the export bears codes, and by position where it bears question texts, since two
    questions may have the same text. In a CSV, a question with one answer was shown with all its rows (unless a
    filter hides rows), and a page after ``lastpage`` was not reached; what remains undecided stays so.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "results-survey1.csv"
    >>> text = '"id","SEXE","OUT[SQ001]"\\r\\n"3","F","Y"\\r\\n"5","H",""\\r\\n'
    >>> _written = path.write_text(text, encoding="utf-8-sig")
    >>> survey = read_limesurvey(path)
    >>> survey.answers["SEXE"].to_dict(), survey.frame("OUT[SQ001]")["OUT[SQ001]"].tolist()
    ({3: 'F', 5: 'H'}, ['Oui', 'Non'])
    """
    path = require_file(path)
    raw = _raw(path, structure)
    if participants is not None:
        raw.participants = read_participants(require_file(participants))
    return assemble(raw)


def _raw(path: Path, structure: str | Path | None) -> Raw:
    given = None if structure is None else read_structure(require_file(structure))
    suffix = path.suffix.lower()
    if suffix in (".sps", ".dat"):
        return read_spss(path, given)
    if suffix == ".r" or "R_data_file" in path.name:
        return read_r(path, given)
    if suffix in (".lsa", ".zip"):
        return read_archive(path, given)
    if zipfile.is_zipfile(path):
        return read_xlsx(path, given) if is_workbook(path) else read_archive(path, given)
    if suffix == ".json":
        return read_json(path, given)
    found = probe(path)
    if found.separator == "\t" and given is not None and is_vv(probe(path, header_rows=2, separators="\t")):
        return read_vv(path, given)
    return read_bare_csv(path) if given is None else read_csv(path, given)
