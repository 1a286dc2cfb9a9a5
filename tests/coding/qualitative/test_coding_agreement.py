"""Agreement on a project: by code, on declared units, by interview; consensus after, never before."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from optima_research.coding.qualitative.coders.agreement_planning import units_to_double_code
from optima_research.coding.qualitative.coders.coding_agreement import coding_agreement
from optima_research.coding.qualitative.coders.consensus import settle
from optima_research.coding.qualitative.coders.unitizing import unitizing_alpha
from optima_research.coding.qualitative.files.refi_qda import read_qdpx
from optima_research.coding.qualitative.files.taguette import read_taguette
from optima_research.coding.qualitative.projects.coding_units import coding_units, unit_bounds
from optima_research.coding.qualitative.projects.project import coded_project
from optima_research.errors import AnalysisError
from optima_research.privacy import protect
from tests.coding.qualitative import refi_fixtures, tool_fixtures
from tests.coding.qualitative.projects import interviews

REFERENCE = Path(__file__).parents[2] / "reference"
GOLDEN = json.loads((REFERENCE / "agreement.json").read_text(encoding="utf-8"))
DATA = json.loads((REFERENCE / "agreement_data.json").read_text(encoding="utf-8"))


def test_the_bad_code_is_found():
    found = coding_agreement(interviews(), "sentence", minimum=0.667)
    assert found.by_code["alpha"].idxmin() == "freins/outils"
    assert "freins/outils" in found.weak_codes
    assert "freins/outils" in found.sentence()
    good = found.by_code.loc["pilotage/budget"]
    assert good["low"] < good["alpha"] < good["high"]
    assert found.pooled.n_clusters == 8


def test_agreement_depends_on_the_unit():
    project = interviews()
    values = {
        unit: coding_agreement(project, unit, draws=0).value
        for unit in ("sentence", "turn", "paragraph", "source")
    }
    assert len({round(v, 3) for v in values.values()}) >= 3


def test_the_paradox_of_rare_codes_shows_alpha_and_ac1_apart():
    text = " ".join(f"Phrase {i}." for i in range(100))
    spans = [(0, 9, "rare", "A"), (20, 28, "rare", "B"), (0, 9, "autre", "A"), (0, 9, "autre", "B")]
    project = coded_project(
        pd.DataFrame({"name": ["E"], "text": [text]}),
        pd.DataFrame(spans, columns=["start", "end", "code", "coder"]).assign(source="E"),
    )
    row = coding_agreement(project, draws=0).by_code.loc["rare"]
    assert row["percent"] > 0.95
    assert row["alpha"] < 0.05
    assert row["ac1"] > 0.95
    assert row["positive"] == 0.0


def test_a_source_read_by_one_counts_only_when_declared():
    project = interviews()
    only = project.codings[~((project.codings["source"] == "E01") & (project.codings["coder"] == "Bruno"))]
    half = project.evolve(codings=only)
    assert coding_agreement(half, draws=0).n_sources == 7
    readers = {f"E{i:02d}": ["Anne", "Bruno"] for i in range(1, 9)}
    declared = coding_agreement(half, draws=0, read_by=readers)
    assert declared.n_sources == 8
    assert declared.value < coding_agreement(half, draws=0).value


def test_share_of_the_unit_can_be_demanded():
    text = "Une phrase assez longue pour être coupée."
    spans = [(0, 41, "a", "A"), (0, 5, "a", "B"), (3, 6, "a", "B")]
    project = coded_project(
        pd.DataFrame({"name": ["E"], "text": [text + " Autre phrase."]}),
        pd.DataFrame(spans, columns=["start", "end", "code", "coder"]).assign(source="E"),
    )
    assert coding_agreement(project, draws=0).value == pytest.approx(1.0)
    assert coding_agreement(project, draws=0, least_share=0.5).value < 0.1
    assert coding_agreement(project, draws=0, least_share=6 / 41).value == pytest.approx(1.0)


def test_one_coder_is_refused():
    with pytest.raises(AnalysisError, match="Anne"):
        coding_agreement(interviews(), coders=["Anne"])


def test_nvivo_and_taguette_projects_give_agreement(tmp_path):
    nvivo = read_qdpx(refi_fixtures.archive(tmp_path, refi_fixtures.NVIVO))
    assert coding_agreement(nvivo, draws=0).value == pytest.approx(1.0)
    taguette = read_taguette(tool_fixtures.taguette(tmp_path / "p.sqlite3"))
    found = coding_agreement(taguette, draws=0)
    assert found.by_code.loc["pilotage/budget", "alpha"] == pytest.approx(1.0)


def test_decisions_make_a_consensus_and_leave_the_first_codings():
    project = interviews()
    listed = coding_agreement(project, draws=0).disagreements
    assert {"Anne", "Bruno", "text", "decision"} <= set(listed.columns)
    with pytest.raises(AnalysisError):
        settle(project, listed)
    listed["decision"] = 1
    agreed = settle(project, listed)
    assert agreed.coders == ["Anne", "Bruno", "consensus"]
    kept = agreed.codings["coder"] == "consensus"
    assert kept.sum() == coding_units(project).shape[0] - filler(project)
    again = settle(agreed, listed)
    pd.testing.assert_frame_equal(agreed.codings, again.codings)
    assert (
        coding_agreement(agreed, coders=["Anne", "Bruno"], draws=0).value
        == coding_agreement(project, draws=0).value
    )


def filler(project) -> int:
    """Sentences nobody coded."""
    units = coding_units(project)
    from optima_research.coding.qualitative.projects.coding_units import coded_units

    return len(units) - coded_units(units, project.codings)["row"].nunique()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("M. Dupin est venu. Mme Lô aussi !", ["M. Dupin est venu.", "Mme Lô aussi !"]),
        ("« On verra. » Puis rien… Bon.", ["« On verra. »", "Puis rien…", "Bon."]),
        ("Voir art. 5 al. 2 du code.\nFin", ["Voir art. 5 al. 2 du code.", "Fin"]),
        ("  \n ", []),
        ("", []),
    ],
)
def test_french_sentences(text, expected):
    start, end = unit_bounds(text, "sentence")
    assert [text[a:b] for a, b in zip(start, end, strict=True)] == expected


def test_turns_begin_with_a_speaker():
    text = "ENQUÊTEUR : Alors ?\nÉLUE 1 : Voici : deux points.\nEt une suite.\nDGS: Bien."
    start, end = unit_bounds(text, "turn")
    assert [text[a:b].split(":")[0].strip() for a, b in zip(start, end, strict=True)] == [
        "ENQUÊTEUR",
        "ÉLUE 1",
        "DGS",
    ]


def test_alpha_for_unitizing_of_2004():
    golden = GOLDEN["alpha_U_2004_p254"]
    rows = [(o, code, s, s + n) for code in "ck" for o in ("o1", "o2") for s, n in golden[code][o]]
    marks = pd.DataFrame(rows, columns=["coder", "code", "start", "end"])
    begin, end = golden["continuum"]
    found = unitizing_alpha(marks, begin=begin, length=end - begin)
    assert found.value == pytest.approx(golden["overall"], abs=5e-7)
    assert found.value == pytest.approx(golden["printed_in_book"], abs=5e-4)
    assert found.by_code.loc["c", ["observed", "expected", "alpha"]].tolist() == pytest.approx(
        [golden["c"]["Do"], golden["c"]["De"], golden["c"]["alpha"]], abs=5e-7
    )
    assert found.by_code.loc["k", "expected"] == pytest.approx(golden["k"]["De"], abs=5e-7)


@pytest.mark.parametrize("code", list("ABCD"))
def test_alpha_for_unitizing_of_1995(code):
    data = DATA["alpha_U_1995"]
    rows = [(f"o{i}", code, s, s + n) for i, marks in enumerate(data[code]) for s, n in marks]
    marks = pd.DataFrame(rows, columns=["coder", "code", "start", "end"])
    found = unitizing_alpha(marks, length=data["length"]).by_code.loc[code]
    assert found[["observed", "expected", "alpha"]].tolist() == pytest.approx(
        GOLDEN["alpha_U_1995_p57_stretch1"][code], abs=1.2e-5
    )


@pytest.mark.parametrize("code", list("ABCD"))
def test_alpha_for_unitizing_tends_to_the_printed_limits(code):
    limits = {"A": 0.553, "B": -0.926, "C": 0.693, "D": 0.066}
    data, stretch = DATA["alpha_U_1995"], 50_000
    rows = [
        (f"o{i}", code, s * stretch, (s + n) * stretch)
        for i, marks in enumerate(data[code])
        for s, n in marks
    ]
    marks = pd.DataFrame(rows, columns=["coder", "code", "start", "end"])
    assert unitizing_alpha(marks, length=24 * stretch).value == pytest.approx(limits[code], abs=3e-3)


@pytest.mark.parametrize(("length", "kappa"), [(1000, "char_kappa"), (10_000, "n=10000")])
def test_character_kappa_is_the_true_one_not_qualcoders(length, kappa):
    golden = GOLDEN["QualCoder_kappa"]
    marks = pd.DataFrame({"coder": ["A", "B"], "code": "c", "start": [100, 150], "end": [200, 250]})
    row = unitizing_alpha(marks, length=length).by_code.loc["c"]
    expected = golden[kappa] if kappa == "char_kappa" else golden[kappa]["char_kappa"]
    assert row["kappa"] == pytest.approx(expected, abs=5e-5)
    assert row["jaccard"] == pytest.approx(golden["jaccard"], abs=5e-5)
    assert abs(row["kappa"] - golden["qualcoder"]) > 0.1


def test_a_coder_who_overlaps_himself_is_not_two_coders():
    marks = pd.DataFrame(
        {"coder": ["A", "A", "B"], "code": ["c", "c", "c"], "start": [0, 50, 300], "end": [100, 150, 310]}
    )
    row = unitizing_alpha(marks, length=1000).by_code.loc["c"]
    assert row["jaccard"] == 0.0
    assert row["n_segments"] == 2


def test_unitizing_on_a_project_and_outside_the_continuum():
    found = unitizing_alpha(interviews())
    assert 0.5 < found.value < 1
    assert found.by_code["alpha"].idxmin() == "freins/outils"
    with pytest.raises(AnalysisError):
        unitizing_alpha(pd.DataFrame({"coder": ["a"], "code": ["c"], "start": [0], "end": [9]}), length=5)


def test_planning_needs_more_units_for_rare_codes_and_clusters():
    plain = units_to_double_code(0.8, 0.05)
    assert units_to_double_code(0.8, 0.05, prevalence=0.05) > 3 * plain
    assert units_to_double_code(0.8, 0.05, units_per_interview=20, intraclass=0.1) == pytest.approx(
        2.9 * plain, rel=0.01
    )
    with pytest.raises(AnalysisError):
        units_to_double_code(1.5, 0.05)


def test_results_show_themselves():
    from matplotlib import pyplot as plt

    for found in (coding_agreement(interviews(), draws=50), unitizing_alpha(interviews())):
        assert found.sentence()
        assert len(found.table().formatted()) == 5
        assert found.statistics()
        found.plot()
        assert np.isfinite(found.value)
    plt.close("all")


def test_the_passages_coders_disagree_on_stay_with_the_team():
    whole = coding_agreement(interviews(), draws=0)
    shown = protect(whole, "cinq")
    assert len(whole.disagreements) > 0
    assert shown.disagreements.empty
    assert shown.by_code["alpha"].equals(whole.by_code["alpha"])
    assert shown.by_code["n_positive"].equals(whole.by_code["n_positive"])
    few = protect(whole, "onze")
    assert few.by_code["n_positive"].isna().all()
    assert few.by_code["alpha"].equals(whole.by_code["alpha"])
    assert few.sentence() == whole.sentence()
    few.plot()
    assert len(protect(whole, "interne").disagreements) == len(whole.disagreements)
