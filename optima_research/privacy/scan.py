"""Scan a survey for direct identifiers, and set the columns that hold them aside; the NIR is refused outright."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from optima_research.cleaning.steps import require_columns, step
from optima_research.codebook import Role
from optima_research.codebook.identifiers import IdentifierKind, find_identifiers, named_like_identifier
from optima_research.language import _
from optima_research.language.numbers import format_count
from optima_research.results import Column, Estimate, PublicationTable, Result
from optima_research.survey import Quarantine, Survey

_TOOL_COLUMNS = {"useragent", "user_agent", "browser", "refurl", "navigateur"}
_SETTLED = {Role.WEIGHT, Role.SCORE, Role.FLAG, Role.TIMING}


@dataclass(frozen=True, eq=False, repr=False)
class IdentifierScan(Result):
    """Columns where something identifies a person; counts only, never the texts themselves.

    Attributes
    ----------
    found : DataFrame
        ``column kind n basis`` (basis: ``content`` or ``name``), in the order of the columns.
    n : int
        Respondents scanned.
    """

    found: pd.DataFrame
    n: int

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found; a person still reads the open answers."""
        return len(self.found) == 0

    @property
    def columns(self) -> list[str]:
        """Columns concerned."""
        return list(dict.fromkeys(self.found["column"]))

    def table(self) -> PublicationTable:
        """One row a column and kind."""
        body = self.found.assign(kind=[IdentifierKind(kind).label for kind in self.found["kind"]])
        body["basis"] = [
            _("content") if basis == "content" else _("name of the column") for basis in body["basis"]
        ]
        return PublicationTable(
            title=_("Direct identifiers found"),
            body=body.set_index("column"),
            columns=(
                Column("kind", _("Kind"), kind="text"),
                Column("n", _("Cells"), kind="count"),
                Column("basis", _("Recognised by"), kind="text"),
            ),
            stub=_("Column"),
            reading=self.sentence(),
            note=_("Found by form: a person still has to read the open answers."),
            name="identifiers",
        )

    def sentence(self) -> str:
        """How many columns hold identifiers."""
        if self.is_clean:
            return _("No direct identifier was found in {n} responses.", n=format_count(self.n))
        return _(
            "{n} columns hold direct identifiers: {names}.",
            n=len(self.columns),
            names=", ".join(f"« {name} »" for name in self.columns[:8]),
        )

    def statistics(self) -> dict[str, Estimate | float]:
        """Number of columns concerned."""
        return {"identifier_columns": float(len(self.columns))}


def scan(survey: Survey) -> IdentifierScan:
    """Look for direct identifiers in every text column, and in the names of columns.

    Parameters
    ----------
    survey : Survey

    Examples
    --------
    >>> from optima_research.codebook import Codebook, Variable
    >>> book = Codebook([Variable("avis", measure="text")])
    >>> survey = Survey.build(pd.DataFrame({"avis": ["Rien à dire", "Demandez à Mme Durand"]}), book)
    >>> scan(survey).found[["column", "kind", "n"]].to_numpy().tolist()
    [['avis', 'person', 1]]
    """
    rows = []
    for name in survey.columns:
        column = survey.answers[name]
        if name.casefold() in _TOOL_COLUMNS or survey.codebook[name].role in _SETTLED:
            continue
        counts = _kinds_in(column) if not survey.codebook[name].values else {}
        rows += [(name, str(kind), n, "content") for kind, n in counts.items()]
        announced = named_like_identifier(name)
        if announced is not None and announced not in counts and column.notna().any():
            rows.append((name, str(announced), int(column.notna().sum()), "name"))
    return IdentifierScan(pd.DataFrame(rows, columns=["column", "kind", "n", "basis"]), survey.n)


@step
def quarantine(survey: Survey, columns: Sequence[str], *, reason: str) -> Survey:
    """Set identifying columns aside: out of the answers, kept for linkage, never displayed nor exported.

    Parameters
    ----------
    survey : Survey
    columns : sequence of str
    reason : str

    Examples
    --------
    >>> from optima_research.codebook import Codebook, Variable
    >>> book = Codebook([Variable("courriel", measure="text"), Variable("age", measure="ratio")])
    >>> survey = Survey.build(pd.DataFrame({"courriel": ["a@exemple.fr"], "age": [40]}), book)
    >>> quarantine(survey, ["courriel"], reason="Identifiant direct").columns
    ['age']
    """
    names = require_columns(survey, columns, "columns")
    aside = survey.answers[names].assign(id=survey.answers.index)
    if survey.participants is not None:
        aside = survey.participants.open().merge(aside, on="id", how="outer")
    after = survey.without(names, rule="quarantine", reason=reason)
    return replace(after, participants=Quarantine(aside))


def _kinds_in(column: pd.Series) -> dict[IdentifierKind, int]:
    if not _may_hold_text(column):
        return {}
    counts = column.dropna().astype("string").value_counts()
    kinds: dict[IdentifierKind, int] = {}
    # Only texts with a digit, an @ or a capital can hold an identifier; each distinct text is read once.
    for text, n in counts[counts.index.str.contains(r"[\d@]|[A-ZÀ-Þ]", regex=True)].items():
        for kind in {found.kind for found in find_identifiers(str(text))}:
            kinds[kind] = kinds.get(kind, 0) + int(n)
    return dict(sorted(kinds.items()))


def _may_hold_text(column: pd.Series) -> bool:
    if pd.api.types.is_integer_dtype(column.dtype):
        # A phone or a NIR read as a number: only long integers are worth reading as text.
        return bool((column.dropna() > 10**8).any())
    return not (
        pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_datetime64_any_dtype(column.dtype)
    )
