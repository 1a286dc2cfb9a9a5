"""Where codes meet: in the same unit of text, or on the same characters, for every pair of codes and every case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from optima_research.coding.qualitative.projects.coding_units import Unit, coded_units, coding_units, merged
from optima_research.coding.qualitative.projects.project import CodedProject


@dataclass(frozen=True)
class Meetings:
    """Times met (cases × codes × codes); then, in units or in characters, what two codes share, what each covers
    (cases × codes) and all there is (cases).
    """

    times: Any
    shared: Any
    covered: Any
    total: Any


def meetings_in_units(project: CodedProject, spans: pd.DataFrame, paths: list[str], unit: Unit) -> Meetings:
    """Units that bear both codes of each pair."""
    units = coding_units(project, unit)
    touched = coded_units(units, spans[spans["code"].isin(paths)]).drop_duplicates(["row", "code"])
    table = np.zeros((len(units), len(paths)))
    table[touched["row"].to_numpy(dtype=np.int64), pd.Index(paths).get_indexer(touched["code"])] = 1
    case, names = pd.factorize(units["case"])
    both = np.stack([table[case == i].T @ table[case == i] for i in range(len(names))])
    total = np.bincount(case, minlength=len(names)).astype(float)
    return Meetings(both, both, np.einsum("ckk->ck", both).copy(), total)


def meetings_by_overlap(project: CodedProject, spans: pd.DataFrame, paths: list[str]) -> Meetings:
    """Stretches and characters that bear both codes of each pair.

    The texts are laid end to end, one character apart, so that one sorted list of spans a code serves for all
    sources: a span meets those that start before its end, less those that end before its start.
    """
    length = project.sources["text"].str.len().to_numpy(dtype=np.int64)
    begins = np.cumsum(length + 1) - length - 1
    case_of_source, names = pd.factorize(project.case_of().reindex(project.sources["name"]))
    total = np.bincount(case_of_source, weights=length, minlength=len(names))
    code, start, end = _merged_by_code(project, spans, paths, begins)
    case = case_of_source[np.searchsorted(begins, start, side="right") - 1]
    cell, shape = case * len(paths) + code, (len(names), len(paths))
    times, shared = np.zeros((2, *shape, len(paths)))
    for other in range(len(paths)):
        first, last = start[code == other], end[code == other]
        met = np.searchsorted(first, end, side="left") - np.searchsorted(last, start, side="right")
        characters = _covered_before(first, last, end) - _covered_before(first, last, start)
        for table, values in ((times, met), (shared, characters)):
            table[:, :, other] = np.bincount(cell, weights=values, minlength=shape[0] * shape[1]).reshape(
                shape
            )
    return Meetings(times, shared, np.einsum("ckk->ck", shared).copy(), total)


def _merged_by_code(
    project: CodedProject, spans: pd.DataFrame, paths: list[str], begins: Any
) -> tuple[Any, Any, Any]:
    """Code, start and end of the spans of each code, overlaps and coders joined, in order of code and place."""
    filled = spans[(spans["end"] > spans["start"]) & spans["code"].isin(paths)]
    place = begins[pd.Index(project.sources["name"]).get_indexer(filled["source"])]
    code = pd.Index(paths).get_indexer(filled["code"]).astype(np.int64)
    # Each code has a line of its own, longer than all texts: one sort joins the spans of all codes.
    line = int((place + filled["end"]).max()) + 2 if len(filled) else 1
    shift = code * line + place
    start, end = merged(shift + filled["start"].to_numpy(np.int64), shift + filled["end"].to_numpy(np.int64))
    return start // line, start % line, end % line


def _covered_before(first: Any, last: Any, place: Any) -> Any:
    """Characters of sorted, disjoint spans that lie before each place."""
    if not len(first):
        return np.zeros(len(place), dtype=np.int64)
    whole = np.concatenate([[0], np.cumsum(last - first)])
    at = np.searchsorted(first, place, side="right")
    beyond = np.maximum(last[at - 1] - place, 0)
    return whole[at] - np.where(at > 0, beyond, 0)
