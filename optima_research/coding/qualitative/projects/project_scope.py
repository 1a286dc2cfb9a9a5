"""Part of a project: the interviews of one campaign, of one collectivité, of one family of roles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from optima_research.coding.qualitative.projects.project import CodedProject
from optima_research.coding.qualitative.projects.retrieval import sources_where
from optima_research.errors import AnalysisError
from optima_research.language import _


def project_scope(project: CodedProject, where: Mapping[str, Any]) -> CodedProject:
    """Only the sources with these values, and what hangs on them; the code tree stays whole.

    Parameters
    ----------
    project : CodedProject
    where : mapping
        Variable of cases or sources → value, or collection of values. All must hold.

    Returns
    -------
    CodedProject
        Cases left without any of their sources are left out too.

    Raises
    ------
    AnalysisError
        An unknown variable or value, or no source with all of them.

    Examples
    --------
    >>> import pandas as pd
    >>> from optima_research.coding.qualitative import coded_project
    >>> names = ["E1", "E2"]
    >>> project = coded_project(
    ...     pd.DataFrame({"name": names, "text": "Le budget est voté."}),
    ...     pd.DataFrame({"source": names, "start": 3, "end": 9, "code": "budget"}),
    ...     cases=pd.DataFrame({"name": names, "role": ["élu", "DGS"]}))
    >>> project_scope(project, {"role": "DGS"}).sources["name"].tolist()
    ['E2']
    """
    kept = sources_where(project, where)
    if not kept:
        raise AnalysisError(_("No source has these values."), parameter="where", got=str(dict(where)))
    sources = project.sources[project.sources["name"].isin(kept)].reset_index(drop=True)
    left_out = set(project.sources["name"]) - set(kept)
    inside = {
        name: frame[~frame["source"].isin(left_out)].reset_index(drop=True)
        for name in ("codings", "memberships", "regions")
        if len(frame := getattr(project, name))
    }
    emptied = set(project.memberships["case"]) - set(inside.get("memberships", project.memberships)["case"])
    owners = {"source": left_out, "case": emptied}
    variables = project.variables
    gone = [
        owner in owners.get(kind, ())
        for kind, owner in zip(variables["owner_kind"], variables["owner"], strict=True)
    ]
    notes = project.notes[~((project.notes["about"] == "source") & project.notes["target"].isin(left_out))]
    sets = project.sets[~((project.sets["kind"] == "source") & project.sets["member"].isin(left_out))]
    return project.evolve(
        sources=sources, cases=project.cases[~project.cases["name"].isin(emptied)].reset_index(drop=True),
        variables=variables[[not g for g in gone]].reset_index(drop=True), notes=notes.reset_index(drop=True),
        sets=sets.reset_index(drop=True), **inside,
    )  # fmt: skip
