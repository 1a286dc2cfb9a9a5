"""Two coders, two tools: bring the codings of a second project onto the texts of the first."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePath

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optima_research.coding.qualitative.projects.import_report import ReportLine
from optima_research.coding.qualitative.projects.project import CodedProject, code_table, finish
from optima_research.errors import AnalysisError
from optima_research.language import _

Ints = NDArray[np.int64]
_SAME = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"', "–": "-", "—": "-", "…": "."}
)


def combine_projects(
    first: CodedProject,
    second: CodedProject,
    *,
    sources: Mapping[str, str] | None = None,
    coder: str | None = None,
) -> CodedProject:
    """Add the codings of a second project to the first, on the same texts.

    Parameters
    ----------
    first, second : CodedProject
        For instance one coder's NVivo project and the other's Taguette project.
    sources : mapping, optional
        Name in the second → name in the first, where names differ by more than case and file ending.
    coder : str, optional
        Name for the second's coder when its file has none.

    Returns
    -------
    CodedProject
        The first, with the second's codings, and codes matched by path; ``report`` says which texts were left out.

    Raises
    ------
    AnalysisError
        No text in common, or two texts of one name that are not the same interview.

    Notes
    -----
    Texts are laid over each other without blanks, and with quotes, dashes and compatibility forms made alike: tools
    change those. Any other difference is refused, because spans would no longer mark the same words.

    Examples
    --------
    >>> from optima_research.coding.qualitative.projects.project import coded_project
    >>> def of(name, text, coder, start, end):
    ...     return coded_project(pd.DataFrame({"name": [name], "text": [text]}), pd.DataFrame(
    ...         {"source": [name], "start": [start], "end": [end], "code": ["budget"], "coder": [coder]}))
    >>> both = combine_projects(of("E1", "Le  budget.", "Anne", 4, 10), of("e1.txt", "Le budget.", "Bruno", 3, 9))
    >>> both.codings[["text", "coder"]].values.tolist()
    [['budget', 'Anne'], ['budget', 'Bruno']]
    """
    pairs = _matched(first, second, dict(sources or {}))
    moved = []
    for name, target in pairs.items():
        own = second.codings[second.codings["source"] == name]
        start, end = _laid_over(second.text(name), first.text(target), own, (name, target))
        moved.append(own.assign(source=target, start=start, end=end, selection=""))
    added = pd.concat(moved, ignore_index=True)
    if coder is not None:
        added["coder"] = added["coder"].where(added["coder"] != "", coder)
    known = second.codes[~second.codes["path"].isin(set(first.codes["path"]))]
    taken = set(first.codes["guid"])
    known = known.assign(guid=known["guid"].where(~known["guid"].isin(taken), ""))
    codes = code_table(pd.concat([first.codes, known], ignore_index=True), added["code"])
    used = set(first.codings["guid"])
    added["guid"] = added["guid"].where(~added["guid"].isin(used), "")
    keys = ["source", "start", "end", "code", "coder", "whole_source"]
    spans = pd.concat([first.codings, added], ignore_index=True).drop_duplicates(keys, ignore_index=True)
    spans["whole_source"] = spans["whole_source"].astype(bool)
    left = sorted(set(second.sources["name"]) - set(pairs))
    lines = [
        ReportLine("lost", name, _("« {name} » has no counterpart in the first project.", name=name))
        for name in left
    ]
    report = replace(first.report, lines=(*first.report.lines, *lines))
    return finish(first.evolve(codes=codes, codings=spans, report=report))


def _matched(first: CodedProject, second: CodedProject, given: dict[str, str]) -> dict[str, str]:
    """Name in the second → name in the first."""
    for target in given.values():
        first.text(target)
    known = {_plain(name): name for name in first.sources["name"]}
    pairs = {
        str(name): given.get(str(name)) or known.get(_plain(str(name)), "") for name in second.sources["name"]
    }
    pairs = {name: target for name, target in pairs.items() if target}
    if not pairs:
        raise AnalysisError(
            _("The two projects have no text in common."),
            parameter="sources",
            expected=", ".join(map(str, first.sources["name"].head(5))),
            got=", ".join(map(str, second.sources["name"].head(5))),
            hint=_("Say which is which: sources={second name: first name}."),
        )
    return pairs


def _plain(name: str) -> str:
    path = PurePath(name)
    stem = (
        path.stem
        if path.suffix.casefold() in {".txt", ".docx", ".doc", ".odt", ".rtf", ".pdf", ".md"}
        else name
    )
    return " ".join(unicodedata.normalize("NFKC", stem).casefold().split())


def _laid_over(text: str, target: str, spans: pd.DataFrame, names: tuple[str, str]) -> tuple[Ints, Ints]:
    start, end = spans["start"].to_numpy(dtype=np.int64), spans["end"].to_numpy(dtype=np.int64)
    if text == target:
        return start, end
    ours, ours_at = _ink(text)
    theirs, theirs_at = _ink(target)
    if ours != theirs:
        place = next(
            (i for i, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b),
            min(len(ours), len(theirs)),
        )
        raise AnalysisError(
            _("« {one} » and « {two} » are not the same text.", one=names[0], two=names[1]),
            expected=theirs[max(0, place - 15) : place + 15],
            got=ours[max(0, place - 15) : place + 15],
            hint=_("Give both coders the same file, or leave the text out."),
        )
    # Positions are counted in characters that leave ink; blanks at the edges of a span fall away.
    first = np.searchsorted(ours_at, start, side="left")
    last = np.searchsorted(ours_at, end, side="left")
    edges = np.append(theirs_at, len(target))
    opens = edges[np.minimum(first, len(theirs_at))]
    closes = np.where(last > first, edges[np.maximum(last - 1, 0)] + 1, opens)
    return opens.astype(np.int64), closes.astype(np.int64)


def _ink(text: str) -> tuple[str, Ints]:
    """The characters that are no blank, in a plain form, and where each stands."""
    pieces, places = [], []
    for i, character in enumerate(text):
        plain = "".join(unicodedata.normalize("NFKC", character).translate(_SAME).split())
        pieces.append(plain)
        places.extend([i] * len(plain))
    return "".join(pieces), np.array(places, dtype=np.int64)
