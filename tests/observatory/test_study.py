"""Studies: found by slug, refused with every error at once, started and checked from the command line."""

import warnings
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

import optima_research as opt
from optima_research.cli import app
from optima_research.errors import StudyError
from optima_research.observatory import item_bank
from optima_research.observatory.study import study_folders

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "data" / "raw" / "essai").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


STUDY = """
slug: essai
titre: Un essai
partenaire: {nom: Ville d'essai}
periode: ["2026-01", "2026-02"]
axes: [comportement_rh/climat social]
sources: [{id: effectifs, fichier: effectifs.csv}]
confidentialite: {politique: onze}
donnees: {simulees: true}
hypotheses:
  - {id: H1, texte: "Rien ne bouge.", statut: confirmatoire, date: 2026-01-02, effet_minimal: 0.3, nulle: true}
livrables: [{code: L1, titre: Rapport, echeance: "2026-10", produit: rapport.docx}]
vagues: [{id: V1, debut: 2026-01-03, fin: 2026-01-31, mode: web}]
"""


def _write(project, text):
    (project / "data" / "raw" / "essai" / "study.yaml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("folder", study_folders(ROOT), ids=lambda folder: folder.name)
def test_every_study_of_the_repository_is_well_described(folder):
    study = opt.Study.load(folder)
    assert study.simulated
    assert study.hypotheses
    assert study.deliverables
    for name in study.sources:
        assert study.file(name).is_file()


def test_a_study_is_found_by_its_slug_from_a_folder_below(project, monkeypatch):
    _write(project, STUDY)
    (project / "notebooks").mkdir()
    monkeypatch.chdir(project / "notebooks")
    study = opt.Study.load("essai")
    assert study.root == project
    assert study.hypothesis("H1").smallest_effect == 0.3
    assert study.deliverables["L1"].due == date(2026, 10, 1)
    assert study.waves["V1"].modes == ("web",)


def test_every_error_of_a_study_file_is_named_at_once(project):
    _write(
        project,
        STUDY.replace("titre: Un essai", "titer: Un essai")
        .replace("confirmatoire", "certaine")
        .replace("slug: essai", "slug: esai"),
    )
    with pytest.raises(StudyError) as raised:
        opt.Study.load("essai")
    shown = str(raised.value)
    for part in ("titer", "titre", "certaine", "esai"):
        assert part in shown


def test_an_unknown_slug_is_answered_with_the_slug_meant(project):
    _write(project, STUDY)
    with pytest.raises(StudyError) as raised:
        opt.Study.load("essay")
    assert "essai" in raised.value.hint


def test_an_axis_outside_the_list_is_reported_and_kept(project):
    _write(project, STUDY.replace("comportement_rh/climat social", "tic/quantique"))
    with pytest.warns(UserWarning, match="quantique"):
        study = opt.Study.load("essai")
    assert study.axes == ("tic/quantique",)


def test_a_leaf_whose_name_holds_a_slash_is_known(project):
    _write(project, STUDY.replace("comportement_rh/climat social", "politique_strategique/offre/besoins"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        opt.Study.load("essai")


def test_a_plain_table_keeps_the_zeros_of_its_codes_and_reads_decimal_commas(project):
    _write(project, STUDY)
    (project / "data" / "raw" / "essai" / "effectifs.csv").write_text(
        "insee;part\n01053;0,5\n64445;0,25\n", encoding="utf-8"
    )
    table = opt.Study.load("essai").table("effectifs")
    assert table["insee"].tolist() == ["01053", "64445"]
    assert table["part"].tolist() == [0.5, 0.25]


def test_nobody_knows_the_truth_of_a_real_study(project):
    _write(project, STUDY.replace("simulees: true", "simulees: false"))
    with pytest.raises(StudyError, match="personne ne connaît"):
        opt.Study.load("essai").truth()


def test_a_new_study_is_made_once_and_never_written_over(project):
    made = CliRunner().invoke(app, ["new", "budget_vert"])
    assert made.exit_code == 0, made.output
    study = project / "data" / "raw" / "budget_vert" / "study.yaml"
    study.write_text("mon travail", encoding="utf-8")
    again = CliRunner().invoke(app, ["new", "budget_vert"])
    assert isinstance(again.exception, StudyError)
    assert study.read_text(encoding="utf-8") == "mon travail"


def test_a_new_study_can_be_loaded_as_soon_as_it_is_made(project):
    CliRunner().invoke(app, ["new", "budget_vert"])
    assert opt.Study.load("budget_vert").slug == "budget_vert"


@pytest.mark.parametrize("slug", ["Étude", "a b", "../x", "1a"])
def test_a_slug_that_is_no_file_name_is_refused(project, slug):
    assert isinstance(CliRunner().invoke(app, ["new", slug]).exception, StudyError)


def test_check_names_the_file_that_is_missing_and_what_to_do(project):
    _write(project, STUDY)
    outcome = CliRunner().invoke(app, ["check"])
    assert outcome.exit_code == 1
    assert "effectifs.csv" in outcome.output
    assert "optima run essai" in outcome.output


def test_doctor_finds_nothing_wrong_here(project):
    outcome = CliRunner().invoke(app, ["doctor"])
    assert outcome.exit_code == 0, outcome.output


@pytest.mark.parametrize("code", ["UTI", "FAC", "INF", "CON", "INT", "EXI", "AUT", "SOU", "REC", "CLI", "OBJ", "UPI",
                                  "CHG", "MSP", "JUS", "IMP", "MUT", "PRX", "ATT", "MAT", "USR", "AFF"])  # fmt: skip
def test_every_scale_of_the_bank_names_its_items_and_an_axis_of_the_chair(code):
    scale, items = item_bank(code)
    assert scale.items == tuple(item.name for item in items)
    assert set(scale.reversed) <= set(scale.items)


def test_a_table_in_another_encoding_is_refused_in_words(project):
    _write(project, STUDY)
    (project / "data" / "raw" / "essai" / "effectifs.csv").write_bytes(
        "catégorie;effectif\nA;3\n".encode("cp1252")
    )
    with pytest.raises(StudyError, match="UTF-8"):
        opt.Study.load("essai").table("effectifs")


def test_interviews_and_follow_ups_are_sources_like_surveys():
    study = opt.Study.load(ROOT / "data" / "raw" / "pau_politiques")
    assert study.project("second_codage").coders == ["codeur_b"]
    assert len(study.project("entretiens").sources) == 56
    assert study.sheets("indicateurs").table["Code"].nunique() == 96


@pytest.mark.parametrize(
    ("call", "name", "said"),
    [
        ("survey", "entretiens", r"study\.project"),
        ("survey", "indicateurs", r"study\.sheets"),
        ("project", "cadres_2012", r"study\.survey"),
        ("sheets", "entretiens", r"study\.project"),
    ],
)
def test_a_source_read_as_another_kind_is_told_its_call(call, name, said):
    with pytest.raises(StudyError, match=said):
        getattr(opt.Study.load(ROOT / "data" / "raw" / "pau_politiques"), call)(name)


def test_check_reads_interviews_and_follow_ups(monkeypatch):
    monkeypatch.chdir(ROOT)
    outcome = CliRunner().invoke(app, ["check", "pau_politiques"])
    assert "entretiens_codeuse_a.qdpx, CodedProject" in outcome.output
    assert "suivi_indicateurs.xlsx, 755" in outcome.output.replace("\u202f", "")
