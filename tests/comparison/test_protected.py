"""What a protected table hides, the sentence, the figure, the pairs and the register do not tell."""

import numpy as np
import pandas as pd
import pytest

from optima_research.comparison import compare
from optima_research.errors import DisclosureError
from optima_research.privacy import protect
from optima_research.results import Result


@pytest.fixture
def data():
    rng = np.random.default_rng(5)
    sizes = {"Culture": 40, "Finances": 7, "Sports": 35, "Voirie": 50}
    service = np.repeat(list(sizes), list(sizes.values()))
    score = rng.normal(3, 0.7, len(service)) + 1.5 * (service == "Finances")
    answer = np.where(rng.random(len(service)) < 0.4, "Oui", "Non")
    return pd.DataFrame({"service": service, "score": score, "answer": answer})


@pytest.mark.parametrize("outcome", ["score", "answer"])
def test_a_group_of_seven_is_told_by_nothing(data, outcome):
    comparison = compare(data, outcome, "service", smallest_effect=0.3)
    shown = protect(comparison, "onze")
    assert "Finances" in comparison.sentence() + repr(list(comparison.groups.index))
    table = shown.table()
    assert "Finances" not in table.body.index or table.suppressed.loc["Finances"].all()
    drawn = shown.plot()
    told = [
        shown.sentence(),
        repr(shown),
        shown.table().reading,
        *shown.statistics(),
        *map(str, shown.groups.index),
    ]
    told += [text.get_text() for text in drawn.figure.findobj(lambda artist: hasattr(artist, "get_text"))]
    assert not any("Finances" in text for text in told)
    assert "Finances" not in shown.pair_table().body.index.str.cat()


def test_the_sentence_says_that_groups_are_hidden(data):
    assert "Groupes masqués" in protect(compare(data, "score", "service"), "onze").sentence()
    assert "Groupes masqués" not in protect(compare(data, "score", "service"), "interne").sentence()


def test_a_result_that_cannot_promise_this_refuses():
    class Bare(Result):
        def table(self):
            raise NotImplementedError

        def sentence(self):
            return ""

    with pytest.raises(DisclosureError):
        protect(Bare(), "onze")
