"""Run in a process of its own, like the reading of such files: writes a ``.sav`` with pyreadstat.

    python _statfile_write_worker.py FOLDER FILE

Reads ``data.arrow`` and ``meta.json`` (the keyword arguments) in the folder; leaves ``error.json`` when it fails.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def main(folder: str, path: str) -> None:
    """Write one file, or leave the error in the folder."""
    import pyarrow as pa
    import pyreadstat

    source = Path(folder)
    with pa.OSFile(str(source / "data.arrow")) as file:
        frame = pa.ipc.open_file(file).read_all().to_pandas()
    options: dict[str, Any] = json.loads((source / "meta.json").read_text(encoding="utf-8"))
    # JSON has no dictionary with numbers as keys: labels travel as pairs.
    labels = {name: dict(pairs) for name, pairs in options.pop("labels").items()}
    try:
        pyreadstat.write_sav(frame, path, variable_value_labels=labels, **options)
    except Exception as error:
        (source / "error.json").write_text(json.dumps(f"{type(error).__name__}: {error}"), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
