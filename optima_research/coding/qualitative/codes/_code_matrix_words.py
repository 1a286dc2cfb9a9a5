"""A code matrix in words and as a table: what its cells are counted over, which code stands out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from optima_research.coding.qualitative.codes._case_counts import SHARES
from optima_research.language import _
from optima_research.language.numbers import (
    NBSP,
    SUPPRESSED,
    format_count,
    format_number,
    format_p,
    format_percent,
)
from optima_research.results import Column, PublicationTable

if TYPE_CHECKING:
    from optima_research.coding.qualitative.codes.code_matrix import CodeMatrix

_P = "p_adjusted"


def denominator(measure: str, rows: str, columns: str) -> str:
    """What a cell is counted over, groups being in columns, in rows, or codes on both sides."""
    if rows == columns == "code":
        if measure == "cases":
            return _("number of cases that mention both codes")
        return _("share of the cases that mention the code of the column which also mention that of the row")
    if measure in {"codings", "words"}:
        return _("number of passages") if measure == "codings" else _("words of the passages")
    if columns == "code":
        return {
            "share_cases": _("share of the cases of each row that mention the code"),
            "cases": _("number of cases of each row that mention the code"),
            "share_codings": _("share of the coded passages of each row"),
            "share_words": _("share of all words of the texts of each row"),
        }[measure]
    return {
        "share_cases": _("share of the cases of each column that mention the code"),
        "cases": _("number of cases of each column that mention the code"),
        "share_codings": _("share of the coded passages of each column"),
        "share_words": _("share of all words of the texts of each column"),
    }[measure]


def matrix_table(matrix: CodeMatrix) -> PublicationTable:
    """One line a row; groups, or codes, in columns."""
    kind: Any = "percent" if matrix.measure in SHARES else "count"
    names = [str(c) for c in matrix.values.columns]
    body = matrix.values.set_axis(names, axis=1)
    sizes = matrix.bases.to_numpy()
    if matrix.rows == "code":
        bases = pd.DataFrame(np.tile(sizes, (len(body), 1)), index=body.index, columns=names)
        shown = [SUPPRESSED if np.isnan(size) else format_count(size) for size in sizes]
        heads = [f"{name} (n{NBSP}={NBSP}{size})" for name, size in zip(names, shown, strict=True)]
        columns = [Column(n, h, kind=kind) for n, h in zip(names, heads, strict=True)]
    else:
        bases = pd.DataFrame(np.tile(sizes[:, None], (1, len(names))), index=body.index, columns=names)
        body, bases = body.assign(n=sizes), bases.assign(n=sizes)
        columns = [Column("n", _("Cases"), kind="count"), *(Column(n, n, kind=kind) for n in names)]
    if matrix.tests is not None and matrix.rows == "code":
        body = body.assign(**{_P: matrix.tests[_P]})
        columns.append(Column(_P, _("Adjusted p (permutation)"), kind="p_value"))
    between = matrix.rows == matrix.columns
    by = matrix.columns if matrix.rows == "code" else matrix.rows
    # What is protected is the group, not the cell: few said it, but of how many could it be one? A case is in one group
    # only, so the size of a hidden group must not follow from those of the others.
    parted = not between and by != "coder"
    adds = {
        "additive_rows": parted and by == matrix.rows,
        "additive_columns": parted and by == matrix.columns,
    }
    return PublicationTable(
        title=_("Codes mentioned by the same cases") if between else _("Codes by {columns}", columns=by),
        body=body, columns=tuple(columns), stub=_("Code") if matrix.rows == "code" else matrix.rows,
        bases=bases, reading=matrix_sentence(matrix), note=matrix_note(matrix), name="code_matrix", attributes=adds,
    )  # fmt: skip


def matrix_sentence(matrix: CodeMatrix) -> str:
    """From the values that may be told: the code that differs most, the highest cell, the closest pair of codes."""
    if not matrix.values.notna().to_numpy().any():
        return _("No code to show.")
    if matrix.rows == matrix.columns:
        return _closest_codes(matrix)
    values = matrix.by_code
    if matrix.tests is None:
        row, column = np.unravel_index(np.nanargmax(values.fillna(-1).to_numpy()), values.shape)
        return _(
            "The highest cell is « {code} » for {column}: {value}.",
            code=values.index[row], column=values.columns[column], value=_written(matrix, values.iloc[row, column]),
        )  # fmt: skip
    p = matrix.tests[_P]
    # The smallest p is often shared by several codes: it cannot go under one over the number of draws.
    best = matrix.tests[p == p.min()]["statistic"].idxmax() if p.notna().any() else None
    if best is None or p[best] > 0.05:
        if matrix.rows == "code":
            return _("With these cases, no code can be said to differ between columns.")
        return _("With these cases, no code can be said to differ between rows.")
    row = values.loc[best]
    return _(
        "« {code} » differs most: {high} for {most}, {low} for {least} (adjusted p {p}).",
        code=best, high=_written(matrix, row.max()), most=row.idxmax(), low=_written(matrix, row.min()),
        least=row.idxmin(), p=format_p(p[best]),
    )  # fmt: skip


def _closest_codes(matrix: CodeMatrix) -> str:
    """Not a code with itself; among equals, the code of most cases, then the order of the table."""
    named = matrix.values.rename_axis(index="one", columns="of").reset_index()
    pairs = named.melt(id_vars="one", var_name="of", value_name="value").dropna(subset="value")
    pairs = pairs[pairs["one"] != pairs["of"]]
    if pairs.empty or pairs["value"].max() <= 0:
        return _("No two codes are mentioned by the same case.")
    pairs = pairs.assign(n=pairs["of"].map(matrix.bases))
    top = pairs.sort_values(["value", "n"], ascending=False, kind="stable").iloc[0]
    if matrix.measure == "cases":
        return _(
            "« {one} » and « {of} » are mentioned together most: by {n} cases.",
            one=top["one"], of=top["of"], n=format_count(top["value"]),
        )  # fmt: skip
    return _(
        "Of the cases that mention « {of} » ({n}), {value} also mention « {one} »: the highest share.",
        one=top["one"], of=top["of"], n=format_count(top["n"]), value=format_percent(top["value"], 0),
    )  # fmt: skip


def matrix_note(matrix: CodeMatrix) -> str:
    """What the cells are, and where codes have no column for it, which of them differ."""
    said = _("Cells: {denominator}.", denominator=matrix.denominator)
    if matrix.tests is None or matrix.rows == "code":
        return said
    apart = matrix.tests[_P][matrix.tests[_P] <= 0.05]
    if apart.empty:
        return said
    named = ", ".join(f"« {code} » (p {format_p(p)})" for code, p in apart.items())
    return f"{said} " + _("Codes that differ between rows (permutation, adjusted p): {named}.", named=named)


def _written(matrix: CodeMatrix, value: float) -> str:
    return format_percent(value, 0) if matrix.measure in SHARES else format_number(value, 0)
