"""Simulated interviews: what is true of them is in their texts, and two coders agree as much as they were told to."""

import zipfile

import numpy as np
import pandas as pd
import pytest

import optima_research as opt
from optima_research.coding.qualitative.projects.speaker_turns import speaker_turns
from optima_research.simulation import pau_politiques as study
from optima_research.simulation.coders import coded_by, expected_alphas, slip_for
from optima_research.simulation.interviews import INTERVIEWER, Person, compose, mentions, theme_codes

EQUAL = dict.fromkeys(theme_codes(), 1.0)


def interviews(n=12, seed=3):
    rng = np.random.default_rng(seed)
    return [
        compose(rng, Person(f"P{i:02d}", "Directions", "DIRECTEUR"), "2012", EQUAL, pool="direction")
        for i in range(n)
    ]


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pau")
    return folder, study.simulate(folder, study.Truth())


def test_turns_alternate_and_answers_are_those_of_the_person():
    for one in interviews(4):
        turns = speaker_turns(one.text)
        assert [turn.speaker for turn in turns[::2]] == [INTERVIEWER] * (len(turns) // 2)
        assert {turn.speaker for turn in turns[1::2]} == {"DIRECTEUR"}
        assert [(t.start, t.end) for t in turns[1::2]] == [(a.start, a.end) for a in one.answers]


def test_passages_are_whole_sentences_of_their_theme():
    for one in interviews(4):
        for answer in one.answers:
            for passage in answer.passages:
                for start, end in passage.sentences:
                    sentence = one.text[start:end]
                    assert answer.start < start < end <= answer.end
                    assert sentence.endswith(".")
                    assert "{" not in sentence
                    assert sentence == sentence.strip()


def test_nobody_says_the_same_sentence_twice():
    for one in interviews(6):
        said = [one.text[a:b] for answer in one.answers for p in answer.passages for a, b in p.sentences]
        assert len(said) == len(set(said))


@pytest.mark.parametrize("alpha", [0.41, 0.74, 0.82])
def test_two_coders_agree_as_much_as_they_were_told_to(alpha):
    told, n = interviews(40), 30
    shares = mentions(told).drop_duplicates(["interview", "answer", "code"])["code"].value_counts()
    answers = sum(len(one.answers) for one in told)
    read = mentions(told).drop_duplicates(["interview", "answer"]).shape[0] / answers
    slips = {theme: slip_for(alpha, shares[code] / answers, read) for theme, code in theme_codes().items()}
    coders = [
        study.Coder(
            name, {t: 1 - miss for t, (miss, _i) in slips.items()}, {t: i for t, (_m, i) in slips.items()}
        )
        for name in "AB"
    ]
    expected = expected_alphas(*coders, told)
    assert expected["usagers"] == pytest.approx(alpha, abs=1e-9)
    rng, found = np.random.default_rng(8), []
    for _draw in range(n):
        cube = np.zeros((2, answers))
        for row, coder in enumerate(coders):
            coded = coded_by(rng, coder, told)
            marks = coded.loc[coded["code"] == "usagers", ["source", "start"]].itertuples(index=False)
            held = {(source, start) for source, start in marks}
            place = 0
            for one in told:
                for answer in one.answers:
                    cube[row, place] = any(
                        s == one.name and answer.start <= at < answer.end for s, at in held
                    )
                    place += 1
        found.append(opt.agreement(pd.DataFrame(cube.T), interval="none").value)
    assert np.mean(found) == pytest.approx(alpha, abs=4 * np.std(found) / np.sqrt(n))


def test_both_files_read_back_to_the_same_words(raw):
    folder, _known = raw
    nvivo = opt.read_qdpx(folder / "entretiens_codeuse_a.qdpx")
    taguette = opt.read_taguette(folder / "entretiens_2012_codeur_b.sqlite3")
    assert nvivo.coders == [study.FIRST]
    assert taguette.coders == [study.SECOND]
    for project in (nvivo, taguette):
        assert not project.codings["text"].str.startswith(" ").any()
        assert project.codings["text"].str[0].str.isupper().all()
    assert nvivo.codings["text"].str.endswith(".").all()
    both = opt.combine_projects(nvivo, taguette)
    assert both.coders == [study.FIRST, study.SECOND]
    assert both.case_of().nunique() == 28
    assert set(both.attribute("campagne").dropna()) == {"2012", "2014"}


def test_the_archive_has_the_habits_of_nvivo(raw):
    folder, _known = raw
    with zipfile.ZipFile(folder / "entretiens_codeuse_a.qdpx") as archive:
        texts = [archive.read(name) for name in archive.namelist() if name.startswith("Sources/")]
        xml = archive.read("project.qde").decode()
    assert len(texts) == 56
    assert all(text.startswith(b"\xef\xbb\xbf") and b"\r\n" in text for text in texts)
    assert any("😄" in text.decode() for text in texts)
    assert xml.count("<PlainTextSelection") == xml.count("<Coding ")


def test_the_alphas_found_are_near_those_told(raw):
    folder, known = raw
    both = opt.combine_projects(
        opt.read_qdpx(folder / "entretiens_codeuse_a.qdpx"),
        opt.read_taguette(folder / "entretiens_2012_codeur_b.sqlite3"),
    )
    found = opt.coding_agreement(both, "turn", drop=[INTERVIEWER], draws=0).by_code
    often = found[found["n_positive"] >= 25]
    told = pd.Series({code: known[f"alpha {code}"] for code in often.index})
    assert (often["alpha"] - told).abs().mean() < 0.08
    assert found["alpha"].idxmin() == known["bad_code"]


def test_answers_of_the_managers_overlap_as_designed(raw):
    folder, known = raw
    waves = [opt.read_limesurvey(folder / f"survey_archive_{sid}.lsa") for sid in (644512, 644514)]
    keys = [set(w.answers.loc[w.answers["submitdate"].notna(), "CLE"]) for w in waves]
    real = [{key for key in own if not key.startswith("ESSAI")} for own in keys]
    assert [len(own) for own in real] == [165, 150]
    assert len(real[0] & real[1]) == 105
    assert known["évolution de l'usage réfléchi"] > 0.2


def test_turning_the_truth_turns_who_speaks_of_what(tmp_path):
    turned = study.simulate(tmp_path, study.Truth(sign=-1.0))
    assert turned["lowest_political"] == "Élus"
    assert turned["évolution de l'usage réfléchi"] < -0.1
    assert turned["rapport de risque"] == pytest.approx(1 / 0.45, abs=1e-6)
