"""The sentence bank of the simulated interviews: complete, without repetition, and naming nobody."""

import re
from collections import Counter
from importlib.resources import files

import pytest
import yaml

BANK = yaml.safe_load(
    (files("optima_research.simulation") / "interview_bank.yaml").read_text(encoding="utf-8"),
)
FREE = ("opening", "closing", "prompts", "filler_talk")
GROUPS = {"elu": 8, "direction_generale": 7, "direction": 8, "tous": 6}
THEMES = (
    *("cap_politique", "suivi_administratif", "usage_reflechi", "usage_affichage", "construction_indicateur"),
    *("confiance", "distance", "transversalite", "budget", "temps", "outils_numeriques", "usagers"),
    *("rendre_compte", "apprendre", "reconnaissance", "calendrier_electoral"),
)
# No other word may carry a capital inside a sentence: a person's name could not slip in.
CAPITALS = {"AP", "CODIR", "CP", "DOB", "LOLF", "SIG", "État"}
SLOT = re.compile(r"\{(\w+)\}")
NBSP = "\u00a0"


def theme_sentences() -> list[str]:
    return [sentence for theme in BANK["themes"] for group in GROUPS for sentence in theme[group]]


def every_sentence() -> list[str]:
    questions = [question for theme in BANK["themes"] for question in theme["questions"]]
    return theme_sentences() + questions + [sentence for part in FREE for sentence in BANK[part]]


def extreme_lengths(sentence: str) -> tuple[int, int]:
    """Return the number of words with the shortest and with the longest filler in every slot."""
    shortest = SLOT.sub(
        lambda slot: min(BANK["fillers"][slot[1]], key=lambda filler: len(filler.split())), sentence
    )
    longest = SLOT.sub(
        lambda slot: max(BANK["fillers"][slot[1]], key=lambda filler: len(filler.split())), sentence
    )
    return len(shortest.split()), len(longest.split())


def test_the_sixteen_themes_are_there_in_order_and_two_share_one_code():
    assert tuple(theme["key"] for theme in BANK["themes"]) == THEMES
    codes = Counter(theme["code"] for theme in BANK["themes"])
    assert {code for code, uses in codes.items() if uses > 1} == {"évaluation"}
    assert codes["évaluation"] == 2


@pytest.mark.parametrize("theme", BANK["themes"], ids=lambda theme: theme["key"])
def test_every_theme_has_its_questions_and_enough_to_say_for_every_group(theme):
    assert len(theme["questions"]) >= 5
    assert all(question.endswith(f"{NBSP}?") for question in theme["questions"])
    for group, enough in GROUPS.items():
        # The last year of a mandate is mostly the business of the elected and of the general management.
        expected = 3 if (theme["key"], group) == ("calendrier_electoral", "direction") else enough
        assert len(theme[group]) >= expected, group


def test_the_talk_around_the_themes_is_complete():
    assert [len(BANK[part]) for part in FREE] == [6, 6, 14, 40]
    assert {name: len(fillers) for name, fillers in BANK["fillers"].items()} == {
        "domaine": 14,
        "document": 8,
        "instance": 8,
        "moment": 8,
    }


def test_no_sentence_comes_twice():
    repeated = [sentence for sentence, times in Counter(every_sentence()).items() if times > 1]
    assert not repeated
    assert len(set(theme_sentences())) >= 460


def test_slots_are_known_follow_no_contracting_preposition_and_open_no_sentence():
    for sentence in every_sentence():
        assert set(SLOT.findall(sentence)) <= set(BANK["fillers"]), sentence
        assert not re.search(r"\b(?:de|à|du|des|au|aux|en)\s\{", sentence), sentence
        assert not sentence.startswith("{"), sentence
        assert not set("{}") & set(SLOT.sub("", sentence)), sentence
    share = sum("{" in sentence for sentence in theme_sentences()) / len(theme_sentences())
    assert 0.25 < share < 0.45


def test_sentences_keep_within_their_lengths_and_are_one_sentence():
    for sentence in theme_sentences():
        shortest, longest = extreme_lengths(sentence)
        assert shortest >= 12, sentence
        assert longest <= 40, sentence
        assert re.fullmatch(r"[^.!?…]+\.", sentence), sentence
    for sentence in BANK["filler_talk"]:
        assert 5 <= len(sentence.split()) <= 25, sentence


def test_no_name_and_no_figure_can_hide_in_a_sentence():
    for sentence in theme_sentences():
        assert not re.search(r"\d|%", sentence), sentence
        inside = re.findall(r"[^\W\d_]+", sentence)[1:]
        assert {word for word in inside if word != word.lower()} <= CAPITALS, sentence
    for sentence in BANK["filler_talk"] + BANK["prompts"]:
        assert re.findall(r"[^\W\d_]+", sentence)[1:] == re.findall(r"[^\W\d_]+", sentence.lower())[1:], (
            sentence
        )


def test_typography_is_french_and_nothing_reads_as_a_speaker_turn():
    for sentence in every_sentence():
        assert not re.search(r"[^\u00a0][:;?!»]", sentence), sentence
        assert "’" not in sentence, sentence
        assert not re.search(r"^\s|\s\s|\s$", sentence), sentence
        assert not re.match(r"\W*\w+\s*:", sentence), sentence
