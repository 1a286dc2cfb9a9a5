"""Interviews of a coded project as a corpus: whole, or only the passages that bear a code."""

from __future__ import annotations

import pandas as pd

from optima_research.coding.qualitative.projects.project import CodedProject
from optima_research.coding.qualitative.projects.retrieval import coded, retrieve, source_attribute
from optima_research.coding.qualitative.words.corpus import Corpus


def project_corpus(project: CodedProject, *, code: str | None = None) -> Corpus:
    """The texts of a project with the variables of their cases.

    Parameters
    ----------
    project : CodedProject
    code : str, optional
        Only the passages that bear this code or one under it, one document a passage.

    Returns
    -------
    Corpus
        Variables ``source``, ``case`` and every variable of the cases and sources; ready for :func:`write_iramuteq`.

    Examples
    --------
    >>> from optima_research.coding.qualitative import coded_project
    >>> text = "Le budget est voté. Nous manquons de temps."
    >>> project = coded_project(
    ...     pd.DataFrame({"name": ["E1"], "text": [text]}),
    ...     pd.DataFrame({"source": ["E1"], "start": [20], "end": [43], "code": ["freins"], "coder": ["Anne"]}))
    >>> project_corpus(project, code="freins").texts.tolist()
    ['Nous manquons de temps.']
    """
    rows = project.sources[["name", "text"]].rename(columns={"name": "source"})
    if code is not None:
        rows = retrieve(project, coded(code))[["source", "text"]]
    rows = rows.reset_index(drop=True)
    known = pd.DataFrame({"source": rows["source"], "case": rows["source"].map(project.case_of().to_dict())})
    for variable in dict.fromkeys(project.variables["variable"]):
        known[str(variable)] = rows["source"].map(source_attribute(project, variable))
    if code is None:
        return Corpus(pd.Series(rows["text"].to_numpy(), index=rows["source"], dtype=object), known)
    return Corpus(rows["text"].tolist(), known)
