"""Which studies can be simulated, and writing one: its raw files under ``data/raw``, its truth under ``data/truth``."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

from optima_research.errors import StudyError, suggest
from optima_research.language import _
from optima_research.results.files import write_text

SIMULATED = (
    "auvergne_numerique",
    "cg65_pilotage",
    "lescar21",
    "nevers_mapo",
    "pau_patrimoine",
    "pau_politiques",
    "prise_en_main",
    "reze_barometre_rh",
    "sdis64_mutualisation",
)


def simulate_study(slug: str, root: Path, **choices: Any) -> list[Path]:
    """Write the simulated raw files of a study, and its truth apart from them.

    Parameters
    ----------
    slug : str
    root : Path
        Folder of the project.
    **choices
        Fields of the study's ``Truth`` (``sign=-1``, ``seed=…``), for tests and teaching.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    StudyError
        No simulation of that name.
    """
    if slug not in SIMULATED:
        raise StudyError(_("There is no simulation of « {name} ».", name=slug), hint=suggest(slug, SIMULATED))
    module = import_module(f"optima_research.simulation.{slug}")
    folder = root / "data" / "raw" / slug
    known = module.simulate(folder, module.Truth(**choices))
    truth = root / "data" / "truth" / f"{slug}.json"
    write_text(truth, json.dumps(known, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
    return [*sorted(path for path in folder.iterdir() if path.name != "study.yaml"), truth]
