"""Lexical classes crossed with hand codes."""

import numpy as np
import pandas as pd
import pytest

import optima_research as opt
from optima_research.coding.qualitative import classes_and_codes, coded_project, project_corpus
from optima_research.errors import AnalysisError

MONEY = "Le budget manque, la recette baisse et la dépense monte avec l'impôt."
PEOPLE = "L'équipe attend son encadrant, l'agent malade est absent encore."
N = 12


def project(coded=8, names=None, cases=N):
    names = names or [f"E{i:02d}" for i in range(N)]
    texts = [f"ENQUÊTRICE : Alors ?\nDGS : {MONEY}\nENQUÊTRICE : Et ?\nDGS : {PEOPLE}" for _name in names]
    start, end = texts[0].index(MONEY), texts[0].index(MONEY) + len(MONEY)
    spans = pd.DataFrame(
        {"source": names[:coded], "start": start, "end": end, "code": "moyens/argent", "coder": "A"}
    )
    whole = pd.DataFrame(
        {"source": names, "start": start, "end": len(texts[0]), "code": "tout", "coder": "B"}
    )
    holders = pd.DataFrame({"case": [f"P{i % cases}" for i in range(N)], "source": names})
    return coded_project(
        pd.DataFrame({"name": names, "text": texts}),
        pd.concat([spans, whole], ignore_index=True),
        cases=pd.DataFrame({"name": holders["case"].unique()}),
        memberships=holders,
    )


def classes(of):
    return opt.reinert(project_corpus(of).turns(drop=["ENQUÊTRICE"]), 2)


def test_counts_shares_and_people_are_those_of_a_loop():
    of = project()
    found = classes_and_codes(classes(of), of)
    money = classes(of).classes.iloc[0]
    other = 3 - money
    assert found.counts.loc["moyens/argent", [money, other]].tolist() == [8, 0]
    assert found.people.loc["moyens/argent", money] == 8
    assert found.shares.loc["moyens/argent", money] == pytest.approx(8 / N)
    # Adjusted residual of the 2 × 2 table 8, 4 / 0, 12.
    assert found.residuals.loc["moyens/argent", money] == pytest.approx(
        (8 - 4) / np.sqrt(4 * (1 - 8 / 24) * 0.5)
    )
    assert found.partners[money] == ["moyens/argent"]
    assert found.unseen == ["tout"]


def test_a_parent_counts_what_is_under_it_and_one_coder_may_be_asked():
    of = project()
    found = classes_and_codes(classes(of), of, coder="A")
    assert list(found.counts.index) == ["moyens/argent"]
    assert found.uncoded.sort_values().tolist() == pytest.approx([4 / N, 1.0])
    parent = classes_and_codes(classes(of), of, codes=["moyens"])
    assert parent.counts.loc["moyens"].sum() == 8


def test_residuals_do_not_depend_on_the_order_of_interviews():
    of, turned = project(), project(names=[f"E{i:02d}" for i in range(N)][::-1])
    first, second = (classes_and_codes(classes(p), p) for p in (of, turned))
    np.testing.assert_allclose(np.sort(first.residuals), np.sort(second.residuals))


def test_the_sentence_says_what_goes_together_and_what_is_left():
    of = project()
    found = classes_and_codes(classes(of), of)
    assert "« moyens/argent »" in found.sentence()
    assert "Aucune classe ne va avec « tout »" in found.sentence()
    assert len(found.table().body) == 3
    assert found.plot() is not None


def test_a_class_that_few_people_speak_in_is_hidden_by_the_policy():
    of = project(cases=4)
    found = classes_and_codes(classes(of), of)
    assert "moyens/argent" in str(found.partners)
    shown = opt.protect(found, "cinq")
    assert "moyens/argent" not in str(shown.partners)
    assert shown.table().suppressed.to_numpy().all()
    assert "moyens/argent" in str(
        opt.protect(classes_and_codes(classes(project()), project()), "cinq").partners
    )


def test_nothing_is_said_of_a_class_that_is_not_told():
    names = [f"E{i:02d}" for i in range(16)]
    texts = ["budget recette dépense impôt"] * 7 + ["agent équipe encadrant absence"] * 7
    of = coded_project(
        pd.DataFrame({"name": names, "text": [*texts, *["logiciel tableur intranet serveur"] * 2]}),
        pd.DataFrame({"source": [*names[:5], *names[14:]], "start": 0, "end": 6, "code": "c", "coder": "A"}),
    )
    found = classes_and_codes(opt.reinert(project_corpus(of), 3), of)
    shown = opt.protect(found, "cinq")
    assert shown.withheld
    assert not set(shown.withheld) & set(shown.partners)
    assert all(f"uncoded:{label}" not in shown.statistics() for label in shown.withheld)
    assert shown.shares[list(shown.withheld)].isna().to_numpy().all()
    assert "portent aucun code" in found.sentence()
    assert "portent aucun code" not in shown.sentence()
    shown.plot()


def test_other_texts_and_tables_without_texts_are_refused():
    of = project()
    other = project(names=[f"X{i:02d}" for i in range(N)])
    with pytest.raises(AnalysisError, match="textes de ce projet"):
        classes_and_codes(classes(of), other)
    table = opt.reinert(pd.DataFrame(np.kron(np.eye(2, dtype=int), np.ones((6, 4), dtype=int))), 2)
    with pytest.raises(AnalysisError, match="tableau d'effectifs"):
        classes_and_codes(table, of)
