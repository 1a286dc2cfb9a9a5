"""LimeSurvey lets its users choose the separator: whichever character they chose, the answers are the same."""

import numpy as np
import pandas as pd
import pytest

from optima_research.simulation import prise_en_main
from optima_research.simulation.limesurvey import write_csv, write_lss
from optima_research.sources import read_limesurvey


@pytest.mark.parametrize("headers", ["code", "full"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|", ":", "^", "~"])
def test_any_separator_gives_the_same_answers(separator, headers, tmp_path):
    rng = np.random.default_rng(1)
    form = prise_en_main.questionnaire()
    staff, answers = prise_en_main._agents(rng, 1.0)
    responses = prise_en_main._responses(rng, staff, answers)
    write_lss(form, tmp_path / "s.lss")
    choices = {"headers": headers, "answers": "short" if headers == "code" else "long"}
    write_csv(form, responses, tmp_path / "usual.csv", **choices)
    write_csv(form, responses, tmp_path / "other.csv", separator=separator, **choices)
    usual, other = (
        read_limesurvey(tmp_path / f"{name}.csv", structure=tmp_path / "s.lss") for name in ("usual", "other")
    )
    pd.testing.assert_frame_equal(other.answers, usual.answers)
