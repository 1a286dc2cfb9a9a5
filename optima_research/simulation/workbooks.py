"""Workbooks whose bytes depend on nothing but the simulation: every date in them is the one given."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

__all__ = ["save_dated"]


def save_dated(book: Any, path: Path, date: datetime) -> None:
    """Save an openpyxl workbook as if made on that day, members in alphabetical order."""
    book.properties.created = book.properties.modified = date
    raw = io.BytesIO()
    book.save(raw)
    stamp = f"{date:%Y-%m-%dT%H:%M:%S}Z".encode()
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in sorted(source.namelist()):
            content = source.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, content)
            target.writestr(zipfile.ZipInfo(name, date.timetuple()[:6]), content, zipfile.ZIP_DEFLATED)
