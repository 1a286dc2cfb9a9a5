"""From the file of a tool to the sentence in the thesis: what a doctoral researcher reads along the way."""

from __future__ import annotations

import pandas as pd
import pytest

import optima_research as opt
from optima_research.errors import AnalysisError, SourceError
from tests.coding.qualitative import tool_fixtures
from tests.coding.qualitative.projects import interviews


def _people(roles):
    names = [f"E{i}" for i in range(len(roles))]
    text = "Le budget est voté en décembre par tous."
    return opt.coded_project(
        pd.DataFrame({"name": names, "text": text}),
        pd.DataFrame({"source": names, "start": 0, "end": len(text), "code": "budget", "coder": "Anne"}),
        cases=pd.DataFrame({"name": names, "role": roles}),
    )


def test_the_report_counts_and_the_project_keeps_french_plurals(tmp_path):
    project = opt.read_qualcoder(tool_fixtures.qualcoder(tmp_path / "p.qda"))
    assert repr(project).splitlines() == [
        "CodedProject p (documents 2, codes 3, codages 3, cas 1, codeurs 2)",
        "à vérifier dans .report : 1",
    ]
    path = tmp_path / "c.csv"
    path.write_text("Entretien;Code;Texte\nE1;;x\nE1;;y\nE1;b;z\n", encoding="utf-8")
    assert "sans code ont été laissées de côté. (× 2)" in str(opt.read_coded_table(path).report)


@pytest.mark.parametrize(
    ("headings", "kept"),
    [
        (["A : Élus", "B : DGS"], ["Élus", "DGS"]),
        (["1 : Élus", "2 : DGS"], ["Élus", "DGS"]),
        (["B : Élus", "C : DGS"], ["B : Élus", "C : DGS"]),
    ],
)
def test_nvivo_letters_its_columns(tmp_path, headings, kept):
    path = tmp_path / "m.csv"
    path.write_text(";".join(["", *headings]) + "\n1 : Pilotage : budget;12;1 205,5\n", encoding="cp1252")
    matrix = opt.read_nvivo_matrix(path)
    assert list(matrix.columns) == kept
    assert matrix.index.tolist() == ["Pilotage : budget"]
    assert matrix.iloc[0].tolist() == [12, 1205.5]


def test_a_matrix_cell_that_is_no_number_is_named(tmp_path):
    path = tmp_path / "m.csv"
    path.write_text(";1 : Élus\n1 : Budget;douze\n", encoding="utf-8")
    with pytest.raises(SourceError, match="Budget × Élus") as caught:
        opt.read_nvivo_matrix(path)
    assert "douze" in str(caught.value)


def test_a_value_nobody_has_is_suggested_instead_of_finding_nothing():
    project = interviews()
    with pytest.raises(AnalysisError, match="élu"):
        opt.retrieve(project, "confiance", where={"role": "elu"})
    with pytest.raises(AnalysisError, match="mutualis"):
        opt.kwic(project, " * ")
    assert opt.kwic(project, "(?:)", regex=True).empty


def test_two_people_are_not_known_by_the_trait_they_lack():
    roles = ["élu"] * 4 + ["DGS"] * 2 + ["directeur"] * 3
    quotes = opt.verbatims(_people(roles), show=["role"], per_code=9).quotes
    shown = quotes["speaker"].str.partition(", ")[2]
    assert shown.value_counts().to_dict() == {"": 5, "élu": 4}
    alone = opt.verbatims(_people(["élu"] * 4), show=["role"], per_code=9).quotes
    assert alone["speaker"].str.endswith("élu").all()


def test_the_annex_takes_names_out_of_its_examples():
    text = "Le maire Dupont vote le budget de Pau avec Anne."
    project = opt.coded_project(
        pd.DataFrame({"name": ["Pau"], "text": [text]}),
        pd.DataFrame({"source": ["Pau"], "start": 0, "end": len(text), "code": "budget", "coder": "Anne"}),
        cases=pd.DataFrame({"name": ["Pau"]}),
    )
    example = opt.coding_frame(project, names=["Dupont"]).codes.loc["budget", "example"]
    assert example == "Le maire […] vote le budget de […] avec […]."


def test_the_diff_follows_a_merge_through_later_moves():
    before = interviews()
    after = opt.merge_codes(before, ["freins/outils"], "freins/temps", reason="même idée")
    after = opt.rename_code(after, "freins/temps", "moyens", reason="plus large")
    changes = opt.diff_code_trees(before, after).set_index("before")
    assert changes.loc["freins/outils", ["change", "after"]].tolist() == ["merged", "freins/moyens"]
    assert changes.loc["freins/temps", "change"] == "renamed"


def test_the_sentence_names_coefficient_unit_codes_and_coders():
    found = opt.coding_agreement(interviews(), draws=50, minimum=0.8)
    said = found.sentence().replace("\xa0", " ").replace("\u202f", " ")
    assert said.startswith("Alpha de Krippendorff (nominal), 5 codes réunis : 0,9")
    assert "sur 152 unités (phrase) de 8 documents et 2 codeurs. Il dépasse le minimum de 0,80" in said
    assert "50 tirages, graine 20" in found.method_note().replace("\xa0", " ")


def test_observed_agreement_is_shown_only_where_it_is_a_share():
    ratings = pd.DataFrame({"Anne": [1, 2, 3, 4, 1], "Bruno": [1, 2, 4, 4, 2]})
    nominal, ordinal = (opt.agreement(ratings, level=level, draws=50) for level in ("nominal", "ordinal"))
    assert "Accord observé" in nominal.table().formatted().columns
    assert "Accord observé" not in ordinal.table().formatted().columns
    assert list(ordinal.statistics()) == ["krippendorff_alpha"]


def test_messages_of_agreement_read_well():
    with pytest.raises(AnalysisError, match="qu'un : Anne"):
        opt.agreement(pd.DataFrame({"Anne": [1, 2]}))
    with pytest.raises(AnalysisError, match="entre −1 et 1"):
        opt.units_to_double_code(1.0, 0.05)


def test_nothing_is_said_of_unseen_codes_after_one_interview():
    said = opt.saturation(interviews(1), draws=20).sentence()
    assert said.startswith("Un entretien a apporté")
    assert "rien n'indique" not in said


def test_codings_without_a_coder_say_where_the_name_could_come_from():
    nameless = interviews().codings.assign(coder="")
    with pytest.raises(AnalysisError, match="Aucun codage ne dit qui l'a fait"):
        opt.coding_agreement(interviews().evolve(codings=nameless))


@pytest.mark.parametrize(
    "call",
    [
        lambda p: opt.retrieve(p, opt.coded("confiance", coder="Ann")),
        lambda p: opt.coding_agreement(p, coders=["Ann", "Bruno"]),
        lambda p: opt.unitizing_alpha(p, coders=["Ann", "Bruno"]),
        lambda p: opt.verbatims(p, coder="Ann"),
        lambda p: opt.saturation(p, coder="Ann"),
        lambda p: opt.code_matrix(p, coder="Ann"),
        lambda p: opt.cooccurrence(p, coder="Ann"),
    ],
    ids=[
        "retrieve",
        "coding_agreement",
        "unitizing_alpha",
        "verbatims",
        "saturation",
        "code_matrix",
        "cooccurrence",
    ],
)
def test_a_coder_who_is_not_one_is_suggested(call):
    with pytest.raises(AnalysisError, match="« Anne »"):
        call(interviews())


def test_a_choice_that_is_none_lists_the_choices():
    with pytest.raises(AnalysisError, match="sentence"):
        opt.coding_agreement(interviews(), "phrase")
    with pytest.raises(AnalysisError, match="ordinal"):
        opt.agreement(pd.DataFrame({"a": [1, 2], "b": [1, 2]}), level="ordinale")
    with pytest.raises(AnalysisError, match="least_share"):
        opt.coding_agreement(interviews(), least_share=3)
    with pytest.raises(opt.errors.CodebookError, match="nom"):
        opt.rename_code(interviews(), "confiance", "  ", reason="x")


def test_decisions_come_back_from_a_spreadsheet_as_text_and_must_fit_the_disagreements():
    project = interviews()
    listed = opt.coding_agreement(project, draws=0).disagreements
    assert "consensus" in opt.settle(project, listed.assign(decision="1")).coders
    with pytest.raises(AnalysisError, match="1 ou 0"):
        opt.settle(project, listed.assign(decision="oui"))
    with pytest.raises(AnalysisError, match="ne sont pas en désaccord"):
        opt.settle(project, listed.assign(decision=1), unit="turn")
