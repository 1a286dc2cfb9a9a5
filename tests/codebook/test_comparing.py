"""What changed between two questionnaires is found, and what did not change is not said to have."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optima_research import Codebook, Scale, Variable, diff_codebooks

AGREE = {1: "Pas d'accord", 2: "Sans avis", 3: "D'accord"}


def item(name: str, question: str, **more: object) -> Variable:
    return Variable(name, question, measure="ordinal", values=AGREE, **more)


@pytest.fixture
def before() -> Codebook:
    return Codebook(
        [item("A", "On m'écoute."), item("B", "On m'aide."), item("C", "On me paie.")],
        scales=[Scale("S", ("A", "B"), range=(1, 3))],
    )


def test_a_questionnaire_is_the_same_as_itself(before: Codebook) -> None:
    diff = diff_codebooks(before, before)
    assert diff.is_same
    assert len(diff.table().body) == 0


def test_typography_is_not_a_change_of_wording(before: Codebook) -> None:
    after = before.replace(item("A", "On  m’écoute. "))
    assert diff_codebooks(before, after).is_same


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("wording", {"question": "On m'écoute souvent."}),
        ("codes", {"values": {1: "Jamais", 2: "Sans avis", 3: "D'accord"}}),
        ("codes", {"values": {**AGREE, 4: "Tout à fait"}}),
        ("codes", {"scores": {1: 0.0, 2: 5.0, 3: 10.0}}),
        ("order", {"values": {3: "D'accord", 2: "Sans avis", 1: "Pas d'accord"}}),
        ("measure", {"measure": "nominal"}),
        ("universe", {"universe": "Encadrants"}),
        ("missing", {"missing": {9: "refused"}}),
    ],
)
def test_each_change_is_named_and_no_other(before: Codebook, kind: str, change: dict[str, object]) -> None:
    diff = diff_codebooks(before, before.replace(replace(before["A"], **change)))
    line = diff.items.loc["A"]
    changes = [k for k in ("wording", "codes", "order", "measure", "universe", "missing") if line[k]]
    assert changes == [kind]
    assert diff.changed() == ["A"]
    hashes_differ = line["wording_before"] != line["wording_after"]
    assert hashes_differ == (kind in ("wording", "order") or "values" in change)


def test_items_come_go_move_and_change_name(before: Codebook) -> None:
    after = Codebook([before["C"], before["A"], replace(before["B"], name="B2"), item("D", "Autre chose.")])
    diff = diff_codebooks(before, after)
    assert (diff.added, diff.dropped, diff.renamed) == (["B2", "D"], ["B"], {"B": "B2"})
    assert len(diff.moved) == 1
    assert diff.statistics() == {"same": 2, "changed": 0, "added": 2, "dropped": 1}
    assert "ajoutés : 2" in diff.sentence()
    assert "item ajouté" in diff.table().formatted().loc["D"].tolist()


def test_scales_declared_otherwise_are_named(before: Codebook) -> None:
    after = before.with_scales(Scale("S", ("A", "B"), range=(1, 3), reversed=("B",)))
    assert diff_codebooks(before, after).scales == ("S",)
