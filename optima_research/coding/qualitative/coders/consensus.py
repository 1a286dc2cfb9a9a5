"""After the discussion: decisions on the units coders disagreed about become the codings of a further coder."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from optima_research.coding.qualitative.coders.coding_agreement import coding_agreement
from optima_research.coding.qualitative.projects.coding_units import Unit, coded_units, coding_units
from optima_research.coding.qualitative.projects.project import CODING_COLUMNS, CodedProject, complete, finish
from optima_research.errors import AnalysisError
from optima_research.language import _

_KEYS = ["source", "start", "end", "code"]


def settle(
    project: CodedProject,
    decisions: pd.DataFrame,
    *,
    unit: Unit = "sentence",
    coder: str = "consensus",
    drop: Collection[str] = (),
    least_share: float = 0.0,
) -> CodedProject:
    """Add the agreed codings as those of one more coder, so that first codings stay for the record.

    Parameters
    ----------
    project : CodedProject
    decisions : DataFrame
        The ``disagreements`` of :func:`coding_agreement`, with ``decision`` filled: 1 (the code applies) or 0.
    unit : str
        The unit the disagreements were listed on.
    coder : str
        Name of the consensus.
    drop, least_share :
        As in :func:`coding_agreement`.

    Returns
    -------
    CodedProject
        One more coding a unit and code that both had coded, or that the discussion kept. What one coder alone read
        goes in as it is: the consensus covers every interview.

    Raises
    ------
    AnalysisError
        Disagreements without decision, or decisions on units where coders do not disagree.

    Notes
    -----
    Agreement is measured before the discussion and never on the consensus.

    Examples
    --------
    >>> from optima_research.coding.qualitative import coded_project
    >>> spans = [(0, 19, "budget", "Anne"), (0, 10, "budget", "Bruno"), (20, 40, "confiance", "Anne")]
    >>> project = coded_project(
    ...     pd.DataFrame({"name": ["E1"], "text": ["Le budget est voté. La confiance manque. Rien d'autre."]}),
    ...     pd.DataFrame(spans, columns=["start", "end", "code", "coder"]).assign(source="E1"))
    >>> listed = coding_agreement(project, draws=0).disagreements
    >>> agreed = settle(project, listed.assign(decision=0))
    >>> agreed.codings.loc[agreed.codings["coder"] == "consensus", "code"].tolist()
    ['budget']
    """
    people = [name for name in project.coders if name != coder]
    open_cases = coding_agreement(
        project, unit, coders=people, drop=drop, least_share=least_share, draws=0
    ).disagreements
    filled = _checked(decisions, open_cases)
    wanted = open_cases[_KEYS].merge(filled[[*_KEYS, "decision"]], on=_KEYS, how="left")
    undecided = int(wanted["decision"].isna().sum())
    if undecided:
        raise AnalysisError(
            _("{n} disagreements have no decision.", n=undecided),
            parameter="decisions",
            hint=_("Fill the column « decision » with 1 (the code applies) or 0."),
        )
    units = coding_units(project, unit, drop=drop)
    first = project.codings[project.codings["coder"].isin(people)]
    touched = coded_units(units, first, least_share=least_share).drop_duplicates(["row", "code"])
    kept = units.loc[touched["row"], ["source", "start", "end"]].assign(code=touched["code"].to_numpy())
    kept = kept.merge(wanted, on=_KEYS, how="left")
    kept = kept[kept["decision"].fillna(1) == 1][_KEYS]
    added = complete(kept.assign(coder=coder, whole_source=False), CODING_COLUMNS)
    before = project.codings[project.codings["coder"] != coder]
    return finish(project.evolve(codings=pd.concat([before, added.astype(object)], ignore_index=True)))


def _checked(decisions: pd.DataFrame, open_cases: pd.DataFrame) -> pd.DataFrame:
    """The decisions taken, each 1 or 0 and on a disagreement."""
    filled = decisions.dropna(subset=["decision"])
    filled = filled.assign(decision=pd.to_numeric(filled["decision"], errors="coerce"))
    if not filled["decision"].isin([0, 1]).all():
        raise AnalysisError(
            _("A decision is 1 or 0."),
            parameter="decisions",
            hint=_("Fill the column « decision » with 1 (the code applies) or 0."),
        )
    known = filled[_KEYS].merge(open_cases[_KEYS], on=_KEYS, how="left", indicator=True)
    strangers = int((known["_merge"] == "left_only").sum())
    if strangers:
        raise AnalysisError(
            _("{n} decisions are about units where the coders do not disagree.", n=strangers),
            parameter="decisions",
            hint=_("Give the unit, drop and least_share with which the disagreements were listed."),
        )
    return filled
