"""Response CSV and VV files: found out, matched, and read into :class:`Raw`."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from optima_research.language import _
from optima_research.sources.delimited import Probe, probe, read_cells
from optima_research.sources.limesurvey.answer_forms import coded_positions, raw_of
from optima_research.sources.limesurvey.matching import match_columns
from optima_research.sources.limesurvey.raw import Raw
from optima_research.sources.limesurvey.structure import Structure

__all__ = ["is_vv", "read_csv", "read_vv"]

NOT_SHOWN = "{question_not_shown}"
_ESCAPES = (("{tab}", "\t"), ("{cr}", "\r"), ("{newline}", "\n"))


def is_vv(found: Probe) -> bool:
    """Whether a delimited file is a VV export: tabs, and a second header line of codes that begins with ``id``."""
    return found.separator == "\t" and len(found.header) > 1 and found.header[1][:1] == ("id",)


def read_csv(path: Path, structure: Structure) -> Raw:
    """Read a response CSV of any header form, separator and answer form."""
    found = probe(path)
    match = match_columns(found.header[0], structure, where=path.name)
    cells = read_cells(found, coded=coded_positions(match))
    columns = {place.position: cells.column(place.position) for place in match.places}
    raw = raw_of(path, _("LimeSurvey CSV"), structure, match, columns, exact=False)
    _note_resaved(found, raw)
    return raw


def read_vv(path: Path, structure: Structure) -> Raw:
    """Read a VV file (v1: stored names, v2: ExpressionScript codes); NULL and empty are told apart."""
    found = probe(path, header_rows=2, separators="\t")
    match = match_columns(found.header[1], structure, where=path.name)
    cells = read_cells(found, coded=coded_positions(match))
    return Raw(
        path=path,
        form=_("LimeSurvey VV"),
        structure=structure,
        match=match,
        cells={place.position: _unescaped(cells.column(place.position)) for place in match.places},
        exact=True,
    )


def _unescaped(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """VV's escapes undone, in LimeSurvey's order; ``{question_not_shown}`` becomes null."""
    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
        return pa.chunked_array(
            [pa.DictionaryArray.from_arrays(c.indices, _plain(c.dictionary)) for c in column.chunks] or [],
            type=column.type,
        )
    return pa.chunked_array([_plain(chunk) for chunk in column.chunks], type=pa.string())


def _plain(text: pa.Array) -> pa.Array:
    text = pc.if_else(pc.equal(text, NOT_SHOWN), pa.scalar(None, pa.string()), text)
    if not pc.any(pc.match_substring(text, "{")).as_py():
        return text
    quoted = pc.starts_with(text, "{quote}")
    text = pc.if_else(quoted, pc.binary_join_element_wise('"', pc.utf8_slice_codeunits(text, 7), ""), text)
    for escape, character in _ESCAPES:
        text = pc.replace_substring(text, escape, character)
    return pc.replace_substring(text, "{lbrace}", "{")


def _note_resaved(found: Probe, raw: Raw) -> None:
    signs = _resaved(found)
    if signs:
        raw.notes.append(
            _(
                "This copy does not look as LimeSurvey writes it ({signs}): a program saved it again.",
                signs=", ".join(signs),
            )
        )


def _resaved(found: Probe) -> list[str]:
    signs = []
    if not found.bom:
        signs.append(_("no byte order mark"))
    if not found.crlf:
        signs.append(_("Unix line ends"))
    if not found.quoted:
        signs.append(_("cells without quotes"))
    if found.encoding == "cp1252":
        signs.append(_("Windows encoding"))
    return signs
