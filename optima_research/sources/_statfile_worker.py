"""Run in a process of its own, because a damaged file can kill it: reads ``.sav .zsav .por .dta`` with pyreadstat.

    python _statfile_worker.py FILE FOLDER

Writes ``data.arrow`` (numbers as float64, texts, and a column of tags for Stata's tagged missing values) and
``meta.json`` in the folder, or ``error.json``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

_READERS = {".sav": "read_sav", ".zsav": "read_sav", ".por": "read_por", ".dta": "read_dta"}


def main(path: str, folder: str) -> None:
    """Read one file, and leave the result or the error in the folder."""
    import pyarrow as pa
    import pyreadstat

    out = Path(folder)
    kind = Path(path).suffix.lower()
    options: dict[str, Any] = {"disable_datetime_conversion": True, "output_format": "dict"}
    if kind != ".por":
        options["user_missing"] = True
    try:
        data, meta = getattr(pyreadstat, _READERS[kind])(path, **options)
    except Exception as error:
        (out / "error.json").write_text(json.dumps(f"{type(error).__name__}: {error}"), encoding="utf-8")
        return
    columns: dict[str, Any] = {}
    for place, name in enumerate(meta.column_names):
        columns |= _column(place, list(data[name]))
    with pa.OSFile(str(out / "data.arrow"), "wb") as sink:
        table = pa.table(columns)
        with pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
    (out / "meta.json").write_text(json.dumps(_meta(meta), ensure_ascii=False, default=str), encoding="utf-8")


def _column(place: int, cells: list[Any]) -> dict[str, Any]:
    import pyarrow as pa

    texts = [cell for cell in cells if isinstance(cell, str)]
    numbers = any(isinstance(cell, int | float) and cell == cell for cell in cells)
    tagged = bool(texts) and all(len(text) == 1 for text in texts) and (numbers or len(texts) < len(cells))
    if texts and not (tagged and numbers):
        return {f"v{place}": pa.array([c if isinstance(c, str) else None for c in cells], pa.string())}
    values = [float(c) if isinstance(c, int | float) and c == c else None for c in cells]
    found = {f"v{place}": pa.array(values, pa.float64())}
    if texts:
        found[f"t{place}"] = pa.array([c if isinstance(c, str) else None for c in cells], pa.string())
    return found


def _meta(meta: Any) -> dict[str, Any]:
    labels = {
        name: [[code, str(label)] for code, label in pairs.items()]
        for name, pairs in (meta.variable_value_labels or {}).items()
    }
    return {
        "names": list(meta.column_names),
        "labels": dict(meta.column_names_to_labels or {}),
        "values": labels,
        "ranges": dict(meta.missing_ranges or {}),
        "measures": dict(meta.variable_measure or {}),
        "formats": dict(meta.original_variable_types or {}),
        "sets": dict(meta.mr_sets or {}),
        "title": meta.file_label or "",
        "encoding": meta.file_encoding or "",
    }


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
