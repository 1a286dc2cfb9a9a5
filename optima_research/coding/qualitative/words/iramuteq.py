"""IRaMuTeQ corpora read and written: starred variables, themes, and names that survive the way back."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Literal, TypeAlias

import pandas as pd

from optima_research.coding.qualitative.files._sheets import read_sheet
from optima_research.coding.qualitative.words.corpus import Corpus
from optima_research.errors import AnalysisError, ExportError, SourceError
from optima_research.language import _

_HEADER = re.compile(r"^(?:\*{4}|\d{4,}(?=[^\S\n]+\*))(?P<stars>(?:[^\S\n]+[^\n]*)?)$", re.MULTILINE)
_THEME = re.compile(r"^-\*(?P<theme>[^\n]*)$", re.MULTILINE)
_STAR = re.compile(r"\*(\S*)")
_UNSAFE = re.compile(r"[^0-9A-Za-zÀ-ÖØ-öø-ÿŒœ]+")
_MOST_CELLS = 20_000_000
_UTF16_MARKS = {b"\xff\xfe", b"\xfe\xff"}
_MAP_COLUMNS = ["variable", "modalite", "etoile"]

Piece: TypeAlias = "tuple[str | None, str]"


def read_iramuteq(
    path: str | Path, *, themes: Literal["remove", "split"] = "remove", encoding: str | None = None
) -> Corpus:
    """A corpus in IRaMuTeQ's format.

    Parameters
    ----------
    path : path
        Text file: each document begins with ``**** *variable_modality …`` (or ``0001 *…``).
    themes : {"remove", "split"}
        What ``-*theme`` lines do: disappear, or begin a document of their own with a variable ``theme``.
    encoding : str, optional
        By default UTF-16 where the file says so, strict UTF-8, then Windows' cp1252; ``corpus.notes`` says which was
        used.

    Returns
    -------
    Corpus
        One document a header, named ``1 2 3…``; a variable that a header lacks is missing there. The modality is all
        that follows the first ``_``. When :func:`write_iramuteq` left its list beside the file, names are restored.

    Raises
    ------
    SourceError
        No header, an empty or binary file, a damaged list of names beside it.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder) / "corpus.txt"
    ...     _ = file.write_text("**** *role_elu *epci_a_b\\nLe budget est voté.\\n", encoding="utf-8")
    ...     read_iramuteq(file).variables.iloc[0].to_dict()
    {'role': 'elu', 'epci': 'a_b'}
    """
    path = Path(path)
    text, notes = _decoded(path, encoding)
    marks = list(_HEADER.finditer(text))
    if not marks:
        raise SourceError(
            _("The file has no line that begins with ****."),
            where=path.name,
            hint=_("An IRaMuTeQ document begins with a line such as: **** *role_dgs *epci_a"),
        )
    if text[: marks[0].start()].strip():
        notes.append(_("Text before the first header was left out."))
    texts: list[str] = []
    rows: list[dict[str, str]] = []
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        stars, twice = _stars(mark["stars"])
        if twice:
            names = ", ".join(twice)
            notes.append(_("Document {n} repeats {names}: the first is kept.", n=len(rows) + 1, names=names))
        body = text[mark.end() : None if following is None else following.start()]
        for theme, piece in _pieces(body, themes):
            texts.append(piece)
            rows.append(stars if theme is None else {**stars, "theme": theme})
    if len(rows) * len({name for row in rows for name in row}) > _MOST_CELLS:
        raise SourceError(
            _("The headers hold too many variables."),
            where=path.name,
            hint=_("A starred variable is written *name_value: its name is the same in every header."),
        )
    variables = pd.DataFrame(rows, dtype=object)
    return Corpus(texts, _restored(variables, path), notes=tuple(notes))


def write_iramuteq(corpus: Corpus, path: str | Path) -> Path:
    """Write a corpus for IRaMuTeQ; returns the path.

    Parameters
    ----------
    corpus : Corpus
    path : path
        A list of the original names (``<name>.modalites.csv``) is written beside it.

    Notes
    -----
    Names keep letters and figures only, made unique by a number where two would become one. In the texts, stars and
    dashes at the start of a line, which IRaMuTeQ would read as marks, become ``•`` and ``–``.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = write_iramuteq(Corpus(["Le budget."], {"rôle": ["chef·fe de service"]}), Path(folder) / "c.txt")
    ...     print(file.read_text(encoding="utf-8").strip())
    ...     read_iramuteq(file).variables.iloc[0].to_dict()
    **** *rôle_cheffedeservice
    Le budget.
    {'rôle': 'chef·fe de service'}
    """
    if not isinstance(corpus, Corpus):
        raise AnalysisError(
            _("A corpus is written for IRaMuTeQ, not a project of codings."),
            parameter="corpus",
            hint="write_iramuteq(project_corpus(project), path)",
        )
    path = Path(path)
    names = _unique([str(name) for name in corpus.variables.columns])
    modalities = {
        name: _unique([str(value) for value in corpus.variables[name].dropna().unique()])
        for name in corpus.variables.columns
    }
    lines = []
    for (_document, row), text in zip(corpus.variables.iterrows(), corpus.texts, strict=True):
        stars = [
            f"*{names[str(name)]}_{modalities[name][str(value)]}"
            for name, value in row.items()
            if pd.notna(value)
        ]
        lines += [" ".join(["****", *stars]), _safe_text(text), ""]
    try:
        path.write_text("\n".join(lines), encoding="utf-8", errors="replace", newline="\n")
        with _map_path(path).open("w", encoding="utf-8", errors="replace", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(_MAP_COLUMNS)
            for name in corpus.variables.columns:
                writer.writerow([name, "", names[str(name)]])
                writer.writerows([name, value, star] for value, star in modalities[name].items() if value)
    except OSError as failure:
        raise ExportError(
            _("The file cannot be written."), where=path.name, hint=_("Check the name and the folder.")
        ) from failure
    return path


def _decoded(path: Path, encoding: str | None) -> tuple[str, list[str]]:
    try:
        raw = path.read_bytes()
    except OSError as failure:
        raise SourceError(
            _("The file cannot be opened."), where=path.name, hint=_("Check the name and the folder.")
        ) from failure
    if not raw.strip():
        raise SourceError(
            _("The file is empty."), where=path.name, hint=_("Export the corpus again from the tool.")
        )
    marked = ["utf-16"] if raw[:2] in _UTF16_MARKS else []
    for name in [encoding] if encoding is not None else [*marked, "utf-8-sig", "cp1252"]:
        try:
            text = raw.decode(name).removeprefix("\ufeff")
        except (UnicodeError, LookupError):
            continue
        if "\0" in text:
            break
        said = [_("Read as {encoding}.", encoding=name)] if name not in {"utf-8-sig", "utf-8"} else []
        return text.replace("\r\n", "\n").replace("\r", "\n"), said
    else:
        raise SourceError(
            _("The text is neither UTF-8 nor Windows-1252.")
            if encoding is None
            else _("The text is not in the encoding « {name} ».", name=encoding),
            where=path.name,
            hint=_("Give its encoding: encoding=…"),
        )
    raise SourceError(
        _("The file is not plain text."),
        where=path.name,
        hint=_("Save it as text in UTF-8, or give its encoding."),
    )


def _stars(header: str) -> tuple[dict[str, str], list[str]]:
    found: dict[str, str] = {}
    twice = []
    for star in _STAR.findall(header):
        name, _underscore, modality = star.partition("_")
        if name and name in found:
            twice.append(name)
        elif name:
            found[name] = modality
    return found, twice


def _pieces(body: str, themes: str) -> list[Piece]:
    marks = list(_THEME.finditer(body))
    if themes == "remove" or not marks:
        return [(None, _THEME.sub("", body).strip())]
    before = body[: marks[0].start()].strip()
    pieces: list[Piece] = [(None, before)] if before else []
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        said = body[mark.end() : None if following is None else following.start()]
        pieces.append((mark["theme"].strip(), said.strip()))
    return pieces


def _unique(values: list[str]) -> dict[str, str]:
    """Each value with the letters and figures that stand for it, no two alike."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for value in values:
        # An empty modality is one of the format's: ``*age_``.
        base = (_UNSAFE.sub("", value) or "x") if value else ""
        written, number = base, 2
        while written in taken:
            written, number = f"{base}{number}", number + 1
        taken.add(written)
        found[value] = written
    return found


def _safe_text(text: str) -> str:
    return re.sub(r"^(\s*)-", r"\1–", text.strip().replace("*", "•"), flags=re.MULTILINE)


def _map_path(path: Path) -> Path:
    return path.with_name(f"{path.stem}.modalites.csv")


def _restored(variables: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Names and modalities as they were before :func:`write_iramuteq`, where its list lies beside the file."""
    beside = _map_path(path)
    if not beside.is_file():
        return variables
    listed = read_sheet(beside)  # a list opened and saved again by a spreadsheet is read too
    heads = listed[listed["modalite"] == ""] if list(listed.columns) == _MAP_COLUMNS else None
    if heads is None or heads[["variable", "etoile"]].apply(lambda c: c.duplicated().any()).any():
        raise SourceError(
            _("The list of modalities that lies beside the corpus is damaged."),
            where=beside.name,
            expected=", ".join(_MAP_COLUMNS),
            hint=_("Move it away to read the corpus with the names IRaMuTeQ sees."),
        )
    names = dict(zip(heads["etoile"], heads["variable"], strict=True))
    frame = variables.rename(columns={star: name for star, name in names.items() if star in variables})
    if frame.columns.has_duplicates:
        raise SourceError(
            _("The list of modalities gives the same name to two variables."),
            where=beside.name,
            hint=_("Move it away to read the corpus with the names IRaMuTeQ sees."),
        )
    for name, rows in listed[listed["modalite"] != ""].groupby("variable", sort=False):
        if name in frame:
            back = dict(zip(rows["etoile"], rows["modalite"], strict=True))
            frame[name] = frame[name].map(lambda value, back=back: back.get(value, value)).astype(object)
    return frame
