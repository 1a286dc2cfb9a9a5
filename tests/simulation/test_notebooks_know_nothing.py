"""The result is not known in advance: turn the truth round, and the sentences of the notebooks turn with it."""

import shutil
from pathlib import Path

import nbformat
import pytest

from optima_research.observatory.running import execute
from optima_research.simulation.studies import simulate_study

ROOT = Path(__file__).resolve().parents[2]


def _sentences(notebook):
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    said = [output.data["text/plain"] for output in outputs if "text/markdown" in output.get("data", {})]
    return [text.replace("\u00a0", " ") for text in said]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("slug", "said", "unsaid"),
    [
        ("reze_barometre_rh", "de « Voirie et propreté », ", "« Voirie et propreté » de "),
        ("cg65_pilotage", "a augmenté de 2008 à 2010", "a baissé de 2008 à 2010"),
        ("pau_patrimoine", "; Occupation −", "; Occupation 0"),
        ("pau_politiques", "la fin vient plus tard", "la fin vient plus tôt"),
        ("prise_en_main", "de « Rivehaute », ", "« Rivehaute » de "),
        ("sdis64_mutualisation", "zéro : Intensité −", "zéro : Intensité 3"),
    ],
)
def test_the_sentences_follow_the_data(slug, said, unsaid, tmp_path):
    for folder in ("data/raw", "notebooks"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    simulate_study(slug, tmp_path, sign=-1.0)
    turned = " ".join(_sentences(execute(tmp_path / "notebooks" / f"{slug}.ipynb")))
    stored = " ".join(_sentences(nbformat.read(ROOT / "notebooks" / f"{slug}.ipynb", as_version=4)))
    assert said in stored
    assert unsaid not in stored
    assert unsaid in turned
    assert said not in turned
