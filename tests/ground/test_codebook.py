"""The codebook: names that hold together, files that come back the same, words that can be searched."""

import pytest

from optima_research import Codebook, ItemSet, Scale, Variable
from optima_research.errors import CodebookError, ScaleError


@pytest.fixture
def book():
    return Codebook(
        [
            Variable(
                "MUT1",
                "La mutualisation coûte moins cher.",
                "Coût",
                "ordinal",
                {1: "Non", 2: "Oui"},
                missing={9: "dont_know"},
            ),
            Variable(
                "MUT2",
                "Elle a éloigné le service.",
                "Éloignement",
                "ordinal",
                {1: "Non", 2: "Oui"},
                scores={1: 0.0, 2: 10.0},
            ),
            Variable(
                "COM",
                "Un mot ?",
                measure="text",
                role="comment",
                identifier="direct",
                missing_told_apart=False,
            ),
        ],
        [ItemSet("MUT", "grid", ("MUT1", "MUT2"), "Mutualisation")],
        [Scale("MUTU", ("MUT1", "MUT2"), "Mutualisation", reversed=("MUT2",), range=(1, 2))],
    )


@pytest.mark.parametrize("suffix", [".yaml", ".xlsx", ".csv"])
def test_a_codebook_written_and_read_again_is_the_same(book, suffix, tmp_path):
    path = book.write(tmp_path / f"dictionnaire{suffix}")
    assert Codebook.read(path) == book


def test_search_ignores_case_and_accents(book):
    assert book.search("MUTUALIS").index.tolist() == ["MUT1"]
    assert book.search("eloigne").index.tolist() == ["MUT2"]


def test_a_name_used_twice_is_refused():
    with pytest.raises(CodebookError, match="deux fois"):
        Codebook([Variable("A"), Variable("A")])


def test_a_set_that_names_a_stranger_is_refused_with_the_name_meant(book):
    with pytest.raises(CodebookError) as raised:
        book.with_sets(ItemSet("X", "grid", ("MUT3",)))
    assert "MUT" in raised.value.hint


@pytest.mark.parametrize(
    ("field", "value"),
    [("measure", "ordinale"), ("role", "chef"), ("identifier", "peut-être"), ("missing", {9: "nsp"})],
)
def test_a_word_outside_the_vocabulary_is_refused_and_the_vocabulary_shown(field, value):
    with pytest.raises(CodebookError) as raised:
        Variable("A", **{field: value})
    assert raised.value.expected


def test_the_wording_hash_changes_with_the_words_and_not_with_their_typography(book):
    item = book["MUT1"]
    same = Variable(
        "autre", "  La mutualisation  coûte moins CHER.", measure="nominal", values={1: "Non", 2: "Oui"}
    )
    other = Variable("MUT1", "La mutualisation coûte plus cher.", values={1: "Non", 2: "Oui"})
    assert item.wording == same.wording
    assert item.wording != other.wording


def test_a_subset_keeps_the_scales_that_are_whole(book):
    assert book.subset(["MUT1", "MUT2"]).scale("MUTU").items == ("MUT1", "MUT2")
    assert book.drop(["MUT2"]).scales == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {"items": ()},
        {"items": ("A", "A")},
        {"items": ("A", "B"), "reversed": ("C",)},
        {"items": ("A", "B"), "range": (5, 1)},
        {"items": ("A", "B"), "min_valid": 0},
    ],
)
def test_a_scale_that_contradicts_itself_is_refused(wrong):
    with pytest.raises(ScaleError):
        Scale("S", **wrong)


def test_two_thirds_of_the_items_are_enough_by_default():
    assert [Scale("S", tuple("ABCDEFGH"[:k])).min_items for k in (1, 2, 3, 4, 5, 6)] == [1, 2, 2, 3, 4, 4]
