"""Survey and interviews together: linked by pseudonym, and interviews planned from a typology of respondents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd

from optima_research.coding.qualitative.projects.project import CodedProject
from optima_research.errors import AnalysisError, PrivacyError
from optima_research.language import _
from optima_research.language.numbers import format_count
from optima_research.results import Column, Estimate, Protect, PublicationTable, Result
from optima_research.results.frames import Data, as_frame, categories


@dataclass(frozen=True, eq=False)
class Linkage:
    """Interviewees with their survey answers.

    Parameters
    ----------
    frame : DataFrame
        One row an interviewed person found in both, indexed by case: the survey's columns asked for.
    cases_alone : tuple of str
        Interviewed people with no answer.
    n_survey_only : int
        Respondents who were not interviewed.
    rows : tuple of int
        Position in the survey of each person of ``frame``.
    """

    frame: pd.DataFrame
    cases_alone: tuple[str, ...]
    n_survey_only: int
    rows: tuple[int, ...] = ()

    def __repr__(self) -> str:
        return _(
            "Linkage: {both} people in both, {alone} interviewed only, {rest} surveyed only.",
            both=format_count(len(self.frame)),
            alone=format_count(len(self.cases_alone)),
            rest=format_count(self.n_survey_only),
        )


def link_by_pseudonym(
    survey: Data,
    project: CodedProject,
    columns: Sequence[str],
    *,
    key: str | None = None,
    case_key: str | None = None,
) -> Linkage:
    """Join answers to interviewed cases by a shared pseudonym.

    Parameters
    ----------
    survey : Survey or DataFrame
        One row a respondent.
    project : CodedProject
    columns : sequence of str
        Survey columns to bring.
    key : str, optional
        Column of the survey that holds the pseudonym; by default its index.
    case_key : str, optional
        Variable of the cases that holds it; by default the name of the case.

    Returns
    -------
    Linkage

    Raises
    ------
    AnalysisError
        A pseudonym borne by two respondents or two cases, or no pseudonym in common.
    PrivacyError
        A key that is an e-mail address.

    Examples
    --------
    >>> from optima_research.coding.qualitative.projects.project import coded_project
    >>> project = coded_project(pd.DataFrame({"name": ["P1"], "text": ["Oui."]}),
    ...     pd.DataFrame({"source": [], "start": [], "end": [], "code": []}), cases=pd.DataFrame({"name": ["P1"]}))
    >>> link_by_pseudonym(pd.DataFrame({"score": [3.0, 4.0]}, index=["P1", "P2"]), project, ["score"]).frame
          score
    case
    P1      3.0
    """
    frame = as_frame(survey, [*columns, *([key] if key and key not in columns else [])])
    ids = _filled(pd.Series(frame[key] if key else frame.index, index=frame.index))
    if ids.dropna().str.contains("@", regex=False).any():
        raise PrivacyError(
            _("The key is an e-mail address."),
            parameter="key",
            hint=_("Replace it by a pseudonym before the analysis: optima_research.privacy."),
        )
    cases = _case_keys(project, case_key)
    for what, values in ((_("respondents"), ids), (_("cases"), cases)):
        double = values[values.notna() & values.duplicated()].unique()
        if len(double):
            shown = ", ".join(map(str, double[:5]))
            raise AnalysisError(
                _("Several {what} bear the same pseudonym: {names}.", what=what, names=shown),
                parameter="case_key" if values is cases else "key",
                hint=_(
                    "Name the column or the variable that holds one pseudonym a person: key=…, case_key=…"
                ),
            )
    place = {name: row for row, name in enumerate(ids) if isinstance(name, str)}
    rows = tuple(place[name] for name in cases if name in place)
    if not rows:
        raise AnalysisError(
            _("Survey and interviews share no pseudonym."),
            parameter="key",
            expected=", ".join(map(str, cases.dropna().head(5))),
            got=", ".join(map(str, ids.dropna().head(5))),
            hint=_("Name the column or the variable that holds one pseudonym a person: key=…, case_key=…"),
        )
    known = cases.isin(set(place)).to_numpy()
    linked = frame[list(columns)].iloc[list(rows)].set_axis(pd.Index(cases.index[known], name="case"))
    alone = tuple(str(name) for name in cases.index[~known])
    return Linkage(linked, alone, int((~ids.isin(set(cases.dropna()))).sum()), rows)


def interview_quotas(
    survey: Data, classes: str, n: int, *, by: str | None = None, least: int = 1, seed: int = 20
) -> InterviewQuotas:
    """Share out interviews over the classes of a typology (and partners), and draw whom to ask.

    Parameters
    ----------
    survey : Survey or DataFrame
        One row a respondent; its index is the internal identifier that is drawn.
    classes : str
        Column of classes.
    n : int
        Number of interviews.
    by : str, optional
        Column of partners: quotas are then for classes within partners.
    least : int
        Fewest interviews in a cell that holds anybody.
    seed : int
        For the draw.

    Returns
    -------
    InterviewQuotas
        ``quotas`` (``respondents interviews`` a cell), ``drawn`` (identifier, cell, rank; ranks beyond the quota are
        substitutes in their order).

    Raises
    ------
    AnalysisError
        Fewer interviews than cells times ``least``, or than respondents allow.

    Notes
    -----
    Proportional to respondents by largest remainders once every cell has its least number; never more than the cell
    holds. Small classes are thus over-represented on purpose: interviews are for understanding, not for estimating.

    Examples
    --------
    >>> answers = pd.DataFrame({"classe": ["a"] * 8 + ["b"] * 2})
    >>> interview_quotas(answers, "classe", 5).quotas["interviews"].to_dict()
    {'a': 4, 'b': 1}
    """
    names = [classes] if by is None else [by, classes]
    cells = pd.DataFrame({name: categories(survey, name) for name in names}).dropna()
    size = cells.groupby(names, observed=True).size()
    quotas = _allot(size, n, least)
    rng = np.random.default_rng(seed)
    drawn = cells.assign(order=rng.permutation(len(cells))).sort_values("order")
    drawn["rank"] = drawn.groupby(names, observed=True).cumcount() + 1
    key = pd.MultiIndex.from_frame(drawn[names]) if by else pd.Index(drawn[classes])
    drawn["chosen"] = drawn["rank"].to_numpy() <= quotas.reindex(key).to_numpy()
    drawn = drawn.drop(columns="order").sort_values([*names, "rank"], kind="stable")
    return InterviewQuotas(pd.DataFrame({"respondents": size, "interviews": quotas}), drawn, n)


@dataclass(frozen=True, eq=False, repr=False)
class InterviewQuotas(Result):
    """How many interviews in each cell, and whom to ask in which order."""

    quotas: pd.DataFrame
    drawn: pd.DataFrame
    n: int
    shown: PublicationTable | None = None

    def table(self) -> PublicationTable:
        """One line a cell; no identifier."""
        return self.shown if self.shown is not None else self._table()

    def protected(self, protect: Protect) -> Self:
        """The quotas of the cells that a policy lets be told, and nobody's name on the list."""
        table = protect(self._table())
        if table.suppressed is None:
            return replace(self, shown=table)
        told = ~table.suppressed.any(axis=1).to_numpy()
        rest = replace(self, quotas=self.quotas[told], drawn=self.drawn.iloc[:0])
        return replace(rest, n=int(rest.quotas["interviews"].sum()), shown=table)

    def _table(self) -> PublicationTable:
        labels = [" – ".join(map(str, i)) if isinstance(i, tuple) else str(i) for i in self.quotas.index]
        body = self.quotas.set_axis(labels)
        return PublicationTable(
            title=_("Interviews by class of respondents"),
            body=body,
            columns=(
                Column("respondents", _("Respondents"), kind="count"),
                Column("interviews", _("Interviews"), kind="count"),
            ),
            stub=_("Class"),
            bases=pd.DataFrame({"respondents": body["respondents"]}),
            reading=self.sentence(),
            name="interview_quotas",
        )

    def sentence(self) -> str:
        """Interviews and cells."""
        return _(
            "{n} interviews shared over {cells} cells of {people} respondents.",
            n=format_count(self.n),
            cells=format_count(len(self.quotas)),
            people=format_count(self.quotas["respondents"].sum()),
        )

    def statistics(self) -> dict[str, Estimate | float]:
        """Interviews by cell."""
        return {f"interviews:{cell}": float(value) for cell, value in self.quotas["interviews"].items()}


def _case_keys(project: CodedProject, case_key: str | None) -> pd.Series:
    names = project.cases["name"].astype(str)
    if case_key is None:
        return pd.Series(names.to_numpy(), index=names.to_numpy())
    rows = project.variables
    rows = rows[(rows["owner_kind"] == "case") & (rows["variable"] == case_key)]
    if rows.empty:
        project.attribute(case_key)
    found = rows.drop_duplicates("owner").set_index("owner")["value"]
    return _filled(found.reindex(names.drop_duplicates()))


def _filled(ids: pd.Series) -> pd.Series:
    """Pseudonyms as text; a cell left blank is nobody's."""
    text = ids.astype("str").str.strip().astype(object)
    return text.where(ids.notna() & ~text.isin(["", "nan", "<NA>", "None"]))


def _allot(size: pd.Series, n: int, least: int) -> pd.Series:
    floor = np.minimum(size, least)
    if n < floor.sum() or n > size.sum():
        raise AnalysisError(
            _("{n} interviews cannot be shared over these cells.", n=n),
            parameter="n",
            expected=f"{int(floor.sum())}–{int(size.sum())}",
        )
    target = n * size / size.sum()
    given = np.minimum(np.maximum(np.floor(target), floor), size).astype("int64")
    while given.sum() < n:
        short = (target - given).where(given < size, -np.inf)
        given[short.idxmax()] += 1
    while given.sum() > n:
        over = (given - target).where(given > floor, -np.inf)
        given[over.idxmax()] -= 1
    return given
