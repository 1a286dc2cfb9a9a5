"""A file that holds a social security number is refused by every reader, wherever the number hides."""

import pytest

from optima_research.errors import PrivacyError
from optima_research.sources import read_table

# A made-up number with its right key.
NIR = "255081416802538"


@pytest.mark.parametrize("cell", [NIR, "2 55 08 14 168 025 38", f"mon numéro est {NIR}, merci"])
def test_a_number_with_its_key_is_refused(cell, tmp_path):
    path = tmp_path / "agents.csv"
    path.write_text(f"id;remarque;age\n1;{cell};41\n2;rien;52\n", encoding="utf-8")
    with pytest.raises(PrivacyError) as raised:
        read_table(path)
    assert NIR not in str(raised.value)
    assert raised.value.hint


def test_a_number_with_a_wrong_key_is_only_a_number(tmp_path):
    path = tmp_path / "agents.csv"
    path.write_text("id;remarque\n1;dossier 255081416802539\n2;rien\n", encoding="utf-8")
    assert read_table(path).n == 2
