"""One coder in NVivo, the other in Taguette: agreement is still measured on the same words."""

from __future__ import annotations

import pandas as pd
import pytest

from optima_research.coding.qualitative.coders.coding_agreement import coding_agreement
from optima_research.coding.qualitative.files.taguette import read_taguette
from optima_research.coding.qualitative.projects.combine import combine_projects
from optima_research.coding.qualitative.projects.project import coded_project
from optima_research.errors import AnalysisError
from tests.coding.qualitative import tool_fixtures
from tests.coding.qualitative.projects import interviews


def halves():
    project = interviews()
    return [
        project.evolve(codings=project.codings[project.codings["coder"] == who].reset_index(drop=True))
        for who in ("Anne", "Bruno")
    ]


def test_two_files_agree_as_one_does():
    anne, bruno = halves()
    both = combine_projects(anne, bruno)
    whole = interviews()
    keys = ["source", "start", "end", "code", "coder"]
    pd.testing.assert_frame_equal(both.codings[keys], whole.codings[keys])
    assert coding_agreement(both, draws=0).value == coding_agreement(whole, draws=0).value
    assert both.codings["guid"].is_unique


def test_blanks_quotes_and_names_may_differ():
    anne, bruno = halves()
    other = bruno.evolve(
        sources=bruno.sources.assign(
            name=bruno.sources["name"].str.lower() + ".docx",
            text=bruno.sources["text"].str.replace("\n", "\n\n").str.replace("'", "’"),
        ),
        codings=bruno.codings.assign(
            source=bruno.codings["source"].str.lower() + ".docx",
            start=[
                s + bruno.text(n)[:s].count("\n")
                for n, s in zip(bruno.codings["source"], bruno.codings["start"], strict=True)
            ],
            end=[
                e + bruno.text(n)[:e].count("\n")
                for n, e in zip(bruno.codings["source"], bruno.codings["end"], strict=True)
            ],
        ),
    )
    both = combine_projects(anne, other)
    assert both.codings["text"].tolist() == interviews().codings["text"].tolist()


def test_taguette_html_meets_plain_text(tmp_path):
    taguette = read_taguette(tool_fixtures.taguette(tmp_path / "t.sqlite3"))
    plain = "Nous n'avons pas le temps 🚒.   La confiance, ça se mérite."
    start = plain.index("le temps")
    mine = coded_project(
        pd.DataFrame({"name": ["DGS 2"], "text": [plain]}),
        pd.DataFrame(
            {
                "source": ["DGS 2"],
                "start": [start],
                "end": [start + 8],
                "code": ["freins"],
                "coder": ["chloé"],
            }
        ),
    )
    both = combine_projects(mine, taguette)
    shared = both.codings[both.codings["code"] == "freins"]
    assert shared[["start", "end"]].drop_duplicates().shape[0] == 1
    assert set(shared["coder"]) == {"chloé", "bruno"}
    assert any(line.subject == "Élue 1" for line in both.report.of("lost"))


def test_another_text_is_refused_and_shown():
    anne, bruno = halves()
    changed = bruno.evolve(
        sources=bruno.sources.assign(text=bruno.sources["text"].str.replace("budget", "projet"))
    )
    with pytest.raises(AnalysisError, match="projet"):
        combine_projects(anne, changed)
    renamed = bruno.evolve(sources=bruno.sources.assign(name="X" + bruno.sources["name"]))
    with pytest.raises(AnalysisError, match="XE01"):
        combine_projects(anne, renamed)


def test_a_nameless_coder_can_be_named():
    anne, bruno = halves()
    nameless = bruno.evolve(codings=bruno.codings.assign(coder=""))
    assert combine_projects(anne, nameless, coder="Bruno").coders == ["Anne", "Bruno"]
