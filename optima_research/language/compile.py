"""Compile the French catalogue: every ``fr/<room>.po`` into the one ``.mo`` that is read at run time.

Run with ``python -m optima_research.language.compile`` after editing a ``.po`` file (Babel is a development tool only).
"""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).parent
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def compiled_catalogue(language: str = "fr") -> bytes:
    """The bytes of the compiled catalogue, the same for the same sources."""
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    # A fixed date: the same sources must give the same bytes.
    merged = Catalog(locale=language, charset="utf-8", creation_date=_EPOCH, revision_date=_EPOCH)
    for source in sorted((HERE / language).glob("*.po")):
        with source.open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id:
                    _add(merged, str(message.id), str(message.string), source)
    buffer = io.BytesIO()
    write_mo(buffer, merged)
    return buffer.getvalue()


def main() -> None:
    """Write the compiled catalogue beside its sources."""
    target = HERE / "fr" / "LC_MESSAGES" / "optima_research.mo"
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(compiled_catalogue())


def _add(catalog: object, key: str, text: str, source: Path) -> None:
    known = catalog.get(key)  # type: ignore[attr-defined]
    if known is not None and known.string != text:
        raise SystemExit(f"{source.name}: {key!r} is already translated as {known.string!r}, not {text!r}")
    catalog.add(key, text)  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
