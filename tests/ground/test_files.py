"""A file is written whole or not at all."""

import pytest

from optima_research.errors import ExportError
from optima_research.results.files import replacing, write_text


def test_a_failure_leaves_the_old_file_and_no_debris(tmp_path):
    path = write_text(tmp_path / "table.csv", "ancien")

    def fail():
        with replacing(path) as temporary:
            temporary.write_text("à moitié")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert path.read_text() == "ancien"
    assert [file.name for file in tmp_path.iterdir()] == ["table.csv"]


def test_a_folder_that_is_a_file_is_refused_in_words(tmp_path):
    (tmp_path / "exports").write_text("pas un dossier")
    with pytest.raises(ExportError) as raised:
        write_text(tmp_path / "exports" / "table.csv", "x")
    assert raised.value.hint
