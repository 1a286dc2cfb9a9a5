"""Two classifications crossed: the best disjoint classes are found exactly."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from optima_research.coding.qualitative import Corpus, reinert_double
from optima_research.coding.qualitative.words._double_kernels import best_disjoint
from optima_research.errors import AnalysisError
from optima_research.privacy import Policy, protect

THEMES = {
    "finances": "budget recette dépense impôt dette emprunt taxe dotation",
    "personnel": "agent équipe encadrant absence télétravail formation carrière salaire",
    "usagers": "accueil habitant guichet démarche formulaire horaire téléphone réponse",
}


def corpus(n: int = 90) -> Corpus:
    rng = np.random.default_rng(3)
    themes = [list(THEMES)[i * 3 // n] for i in range(n)]
    return Corpus([" ".join(rng.choice(THEMES[theme].split(), 6)) for theme in themes], {"theme": themes})


def test_the_best_set_is_that_of_exhaustive_search() -> None:
    rng = np.random.default_rng(8)
    for _draw in range(20):
        masks = [int(mask) for mask in rng.integers(1, 2**9, size=14) & rng.integers(1, 2**9, size=14)]
        values = rng.random(14).round(3).tolist()
        for k in (2, 3, 4):
            sets = [
                s
                for s in combinations(range(14), k)
                if all(not masks[i] & masks[j] for i, j in combinations(s, 2))
            ]
            found = best_disjoint(masks, values, k)
            if not sets:
                assert found is None
            else:
                assert found is not None
                assert sum(values[i] for i in found) == pytest.approx(
                    max(sum(values[i] for i in s) for s in sets)
                )


def test_themes_survive_both_classifications() -> None:
    result = reinert_double(corpus(), 3, min_terms=(5, 10))
    themes = result.matrix.variables["theme"]
    kept = result.classes.dropna()
    assert len(kept) > 80
    assert (pd.crosstab(kept, themes[kept.index]) > 5).to_numpy().sum() == 3
    assert result.sizes.tolist() == result.pairs["n"].tolist()
    assert set(result.typical_segments(1)["class"]) == {1, 2, 3}


def test_the_result_shows_itself_and_refuses_what_is_not_there() -> None:
    result = reinert_double(corpus(), 3, min_terms=(5, 10))
    assert result.sentence().startswith("Les deux classifications s'accordent sur 3 classes")
    assert len(result.table().body) == 3
    assert result.plot().get_xlabel() == "Classes de la seconde classification"
    with pytest.raises(AnalysisError, match="accordent pas"):
        reinert_double(corpus(), 3, min_terms=(5, 10), min_members=60)


def test_a_class_of_few_people_is_not_told() -> None:
    texts = corpus()
    person = [
        f"E{i % 3 if theme == 'finances' else 3 + i % 15}" for i, theme in enumerate(texts.variables["theme"])
    ]
    whole = reinert_double(Corpus(texts.texts, {"case": person}), 3, min_terms=(5, 10))
    policy = Policy("essai", n_min_group=5, n_min_cell=5)
    result = whole.protected(lambda table: protect(table, policy))
    assert len(result.withheld) == 2
    (told,) = {1, 2, 3} - set(result.withheld)
    assert result.pairs.index.tolist() == result.sizes.index.tolist() == [told]
    assert set(result.typical_segments()["class"]) == set(result.profiles()["class"]) == {told}
    assert result.first.withheld
    assert result.second.withheld
    assert "s'y exprimant : 2" in result.sentence()
    assert "s" in {text.get_text() for text in result.plot().texts}
    assert (result.table().formatted().loc[str(result.withheld[0])] == "s").all()
    assert result.statistics() == whole.statistics()
