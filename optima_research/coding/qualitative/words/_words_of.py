"""The terms an analysis of words works on, whether it is given a matrix or the corpus itself."""

from __future__ import annotations

from typing import Any

from optima_research.coding.qualitative.projects.project import CodedProject
from optima_research.coding.qualitative.words.corpus import Corpus
from optima_research.errors import AnalysisError
from optima_research.language import _


def words_of(source: Any) -> Any:
    """A corpus as its matrix of terms; a table or a matrix as it is."""
    refuse_project(source)
    return source.term_matrix() if isinstance(source, Corpus) else source


def refuse_project(source: Any) -> None:
    """A project of codings has no words of its own to count: its corpus does."""
    if isinstance(source, CodedProject):
        raise AnalysisError(
            _("This works on the words of a corpus, not on a project of codings."),
            hint="project_corpus(project).turns().term_matrix()",
        )
