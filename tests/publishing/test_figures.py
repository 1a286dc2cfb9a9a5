"""A figure is never published without words, looks the same everywhere, and gives its data."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from PIL import Image

from optima_research.errors import ExportError
from optima_research.publishing import PublicationFigure, draft_alt, save_figure
from optima_research.publishing.figures import draw
from optima_research.results import PublicationTable


def test_a_figure_without_words_or_data_is_refused(ax: Any, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="texte de remplacement"):
        save_figure(ax, tmp_path / "f")
    assert not list(tmp_path.iterdir())


def test_the_words_are_drafted_from_the_data(table: PublicationTable) -> None:
    alt = draft_alt(table)
    assert "Culture 3,21" in alt
    assert "Police" not in alt  # hidden in the table, hidden in its description


def test_a_long_series_is_described_by_its_extremes() -> None:
    data = pd.DataFrame({"Part": [float(value) for value in range(20)]}, index=[f"S{i}" for i in range(20)])
    assert draft_alt(data).replace("\u00a0", " ") == "Figure. Part : de 0,00 (S0) à 19,00 (S19)."


def test_a_figure_is_written_three_ways_with_its_data(
    ax: Any, table: PublicationTable, tmp_path: Path
) -> None:
    files = save_figure(ax, tmp_path / "f", data=table)
    assert [file.suffix for file in files] == [".png", ".svg", ".pdf", ".csv"]
    with Image.open(files[0]) as image:
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)
    svg = files[1].read_text("utf-8")
    assert "<text" not in svg  # letters are outlines: they look the same where the font is missing
    assert "<dc:date>" not in svg
    assert b"/Type3" not in files[2].read_bytes()
    assert b"CreationDate" not in files[2].read_bytes()


@pytest.mark.parametrize(("width", "centimetres"), [("column", 8), ("single", 12), ("full", 17)])
def test_widths_are_those_of_journals(ax: Any, width: Any, centimetres: float) -> None:
    png = draw(PublicationFigure(ax, alt="x", width=width)).png
    assert Image.open(io.BytesIO(png)).size[0] == pytest.approx(centimetres / 2.54 * 300, abs=2)
    assert ax.figure.get_size_inches()[0] == 4  # the author's figure is left as it was


def test_names_kept_out_are_redrawn_and_the_figure_left_as_it_was(ax: Any) -> None:
    plain, blind = (
        draw(PublicationFigure(ax, alt="x"), change=change).svg
        for change in (None, lambda text: re.sub("Rezé|Culture", "A", text))
    )
    assert plain != blind
    assert draw(PublicationFigure(ax, alt="x")).svg == plain
    assert ax.get_xlabel() == "Satisfaction à Rezé"


def test_something_else_is_not_a_figure() -> None:
    with pytest.raises(ExportError, match="n'est pas une figure"):
        draw(PublicationFigure("a.png", alt="x"))
