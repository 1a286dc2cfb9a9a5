"""A code that merges two ideas shows two vocabularies."""

import pandas as pd
import pytest

from optima_research.coding.qualitative import coded_project, coding_agreement, heard_apart
from optima_research.errors import AnalysisError

CHECK = "DGS : Il faut rendre des comptes au conseil et justifier la dépense."
LEARN = "DGS : On apprend des erreurs, on essaie, on change la pratique."


def agreement(spans):
    text = "\n".join([CHECK, LEARN] * 8)
    rows = []
    for place, code, coder in spans:
        start = sum(len((CHECK, LEARN)[i % 2]) + 1 for i in range(place))
        rows.append((start, start + len((CHECK, LEARN)[place % 2]), code, coder))
    return coding_agreement(
        coded_project(
            pd.DataFrame({"name": ["E1"], "text": [text]}),
            pd.DataFrame(rows, columns=["start", "end", "code", "coder"]).assign(source="E1"),
        ),
        "turn",
        draws=0,
    )


SPLIT = [(p, "évaluation", "Anne" if p % 2 == 0 else "Bruno") for p in range(12)]


def test_each_coder_has_the_words_of_the_idea_heard():
    found = heard_apart(agreement(SPLIT), "évaluation")
    assert {"compte", "justifier"} <= set(found.words["Anne"])
    assert {"apprendre", "essayer"} <= set(found.words["Bruno"])
    assert not {"dgs", "DGS"} & {word for words in found.words.values() for word in words}
    assert found.units.to_dict() == {"Anne": 6, "Bruno": 6}
    assert "6 unités sont codées par Bruno seulement" in found.sentence()


def test_units_both_coded_do_not_count():
    both = [(p, "évaluation", coder) for p in (12, 13) for coder in ("Anne", "Bruno")]
    assert heard_apart(agreement(SPLIT + both), "évaluation").units.sum() == 12


def test_one_ear_only_and_unknown_codes_are_refused():
    one = agreement([(0, "évaluation", "Anne"), (2, "évaluation", "Anne"), (1, "temps", "Bruno")])
    with pytest.raises(AnalysisError, match="même codeur"):
        heard_apart(one, "évaluation")
    with pytest.raises(AnalysisError, match="évaluation"):
        heard_apart(one, "évaluations")
