"""A survey: the answers, why some are missing, what the columns mean, and what was done to them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Concatenate, ParamSpec, TypeVar

import numpy as np
import pandas as pd

from optima_research import _fingerprints
from optima_research._survey_views import labelled, numbers, survey_html, survey_lines
from optima_research.codebook import MISSING_DTYPE, Codebook, MissingKind, Role, Variable
from optima_research.errors import SurveyError, suggest
from optima_research.language import _
from optima_research.trail import Step, Trail

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, eq=False, repr=False)
class Quarantine:
    """Identifying columns set aside on import: never displayed, never exported with the answers.

    Examples
    --------
    >>> import pandas as pd
    >>> Quarantine(pd.DataFrame({"email": ["a@example.org"]}))
    Quarantine(1 participants, 1 identifying columns)
    """

    _frame: pd.DataFrame

    @property
    def columns(self) -> list[str]:
        """Names of the columns set aside (not their content)."""
        return list(self._frame.columns)

    def __len__(self) -> int:
        return len(self._frame)

    def open(self) -> pd.DataFrame:
        """The identifiers themselves, for linkage or pseudonymisation. Do not display them in a notebook: its
        outputs are saved in the file.
        """
        return self._frame

    def __repr__(self) -> str:
        return f"Quarantine({len(self)} participants, {len(self._frame.columns)} identifying columns)"


@dataclass(frozen=True, eq=False, repr=False)
class Survey:
    """Answers with their meaning and history; every step returns a new one.

    Parameters
    ----------
    answers : DataFrame
        Codes in nullable types, one row a respondent, indexed by the tool's response id.
    missing : DataFrame
        Same rows and columns, type ``MISSING_DTYPE``: the kind of missing where there is no answer.
    codebook : Codebook
        One variable a column.
    trail : Trail
    participants : Quarantine, optional
    timings : DataFrame, optional
        Seconds a page or question, same rows.
    name : str
    report : object, optional
        What the import matched, decided or could not know.

    Raises
    ------
    SurveyError
        The layers do not have the same rows and columns, an id is used twice, or a column has no entry in the codebook.

    Examples
    --------
    >>> import pandas as pd
    >>> book = Codebook([Variable("age", measure="ratio")])
    >>> survey = Survey.build(pd.DataFrame({"age": pd.array([34, None], "Int64")}), book)
    >>> survey.n
    2
    """

    answers: pd.DataFrame
    missing: pd.DataFrame
    codebook: Codebook
    trail: Trail = field(default_factory=Trail)
    participants: Quarantine | None = None
    timings: pd.DataFrame | None = None
    name: str = ""
    report: Any = None

    def __post_init__(self) -> None:
        if not self.answers.columns.equals(self.missing.columns) or not self.answers.index.equals(
            self.missing.index
        ):
            raise SurveyError(
                _("Answers and kinds of missing do not have the same rows and columns."), where=self.name
            )
        if not self.answers.index.is_unique:
            twice = self.answers.index[self.answers.index.duplicated()]
            raise SurveyError(
                _("{n} response ids are used more than once.", n=twice.nunique()),
                where=self.name,
                hint=_("Two exports stacked by hand? Read them apart, then stack the surveys."),
            )
        strangers = [name for name in self.answers.columns if name not in self.codebook]
        if strangers:
            raise SurveyError(
                _(
                    "Columns without an entry in the codebook: {names}.",
                    names=", ".join(map(str, strangers[:8])),
                ),
                where=self.name,
            )

    @classmethod
    def build(cls, answers: pd.DataFrame, codebook: Codebook, **parts: Any) -> Survey:
        """A survey from answers alone: every hole is ``no_answer``, and codes declared missing get their kind."""
        answers = answers.convert_dtypes(dtype_backend="numpy_nullable")
        kinds = {}
        for name in answers.columns:
            declared = codebook[name].missing if name in codebook else {}
            kinds[name] = _kinds(answers[name], declared)
            if declared:
                answers[name] = answers[name].mask(answers[name].isin(list(declared)))
        missing = pd.DataFrame(kinds, index=answers.index, columns=answers.columns)
        return cls(answers, missing, codebook, **parts)

    @property
    def n(self) -> int:
        """Number of respondents."""
        return len(self.answers)

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return list(self.answers.columns)

    def column(self, role: Role | str) -> str | None:
        """Name of the one column that has that role, or None."""
        found = [
            variable.name
            for variable in self.codebook.with_role(role)
            if variable.name in self.answers.columns
        ]
        return found[0] if found else None

    def frame(self, *names: str, labels: bool = True) -> pd.DataFrame:
        """The analyst's view of some columns (all by default).

        Parameters
        ----------
        *names : str
            Columns, or sets of the codebook (their members are then taken).
        labels : bool
            Labelled categoricals, ordered where the item is ordinal, and Oui/Non for the options of a multiple
            answer that was shown; with ``labels=False`` the codes as they are.
        """
        wanted = self._members(names) if names else self.columns
        if not labels:
            return self.answers[wanted]
        return pd.DataFrame({name: labelled(self, name) for name in wanted}, index=self.answers.index)

    def numeric(self, name: str) -> pd.Series:
        """One column as float64: declared scores, else numeric codes; NaN where there is no answer."""
        self._require(name)
        return numbers(self, name)

    def __getitem__(self, name: str) -> pd.Series:
        return self.frame(name)[name]

    def _ipython_key_completions_(self) -> list[str]:
        return self.columns

    def with_columns(
        self,
        columns: Mapping[str, pd.Series],
        variables: list[Variable] | tuple[Variable, ...],
        *,
        rule: str = "with_columns",
        reason: str | None = None,
        parameters: Mapping[str, Any] | None = None,
    ) -> Survey:
        """A survey with more columns (scores, classes, weights), each with its entry in the codebook.

        Raises
        ------
        SurveyError
            A column without entry, an entry without column, or a name already taken.
        """
        described = {variable.name for variable in variables}
        if described != set(columns):
            odd = sorted(described ^ set(columns))
            raise SurveyError(
                _("New columns and codebook entries do not match: {names}.", names=", ".join(odd)),
                hint=_("Give one Variable for each new column."),
            )
        taken = [name for name in columns if name in self.codebook]
        if taken:
            raise SurveyError(_("These columns exist already: {names}.", names=", ".join(taken)))
        added = {name: self._nullable(series) for name, series in columns.items()}
        return self.changed(
            added,
            codebook=self.codebook.add(*variables),
            rule=rule,
            reason=reason or _("Computed columns: {names}.", names=", ".join(columns)),
            parameters=parameters or {"columns": list(columns)},
        )

    def pipe(self, step: Callable[Concatenate[Survey, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Apply a step: ``survey.pipe(drop_unsubmitted, reason=…)``."""
        return step(self, *args, **kwargs)

    def kept(
        self,
        rows: pd.Series,
        *,
        rule: str,
        reason: str,
        parameters: Mapping[str, Any] | None = None,
        excludes: str = "",
    ) -> Survey:
        """Only the respondents where ``rows`` is true, with a line in the trail: the one way rows leave a survey."""
        mask = rows.reindex(self.answers.index).fillna(False).to_numpy(dtype=bool)
        if mask.all():
            return self._next(self, self._rows, rule, reason, parameters, 0, excludes)
        after = replace(
            self,
            answers=self.answers[mask],
            missing=self.missing[mask],
            timings=None if self.timings is None else self.timings[mask],
        )
        return self._next(after, self._rows[mask], rule, reason, parameters, 0, excludes)

    def changed(
        self,
        columns: Mapping[str, pd.Series],
        *,
        rule: str,
        reason: str,
        missing: Mapping[str, pd.Series] | None = None,
        codebook: Codebook | None = None,
        parameters: Mapping[str, Any] | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> Survey:
        """Other answers in some columns (or new columns), with a line in the trail: the one way cells change.

        ``missing`` gives the kinds for these columns; by default holes that were there keep theirs and new ones
        are ``no_answer``. ``details`` is kept in the trail beside the parameters (counts before and after…).
        """
        kinds = {
            name: self._kinds_after(name, series, (missing or {}).get(name))
            for name, series in columns.items()
        }
        rows = self._rows.copy()
        cells = 0
        for name, series in columns.items():
            if name in self.answers.columns:
                old = self.answers[name], self.missing[name]
                changed, difference = _fingerprints.change(name, *old, series, kinds[name])
                cells += len(changed)
                rows[changed] += difference
            else:
                rows += _fingerprints.column_words(name, series, kinds[name])
        after = replace(
            self,
            answers=self.answers.assign(**columns),
            missing=self.missing.assign(**kinds),
            codebook=codebook or self.codebook,
        )
        return self._next(after, rows, rule, reason, parameters, cells, "", details)

    def without(self, names: list[str], *, rule: str, reason: str) -> Survey:
        """Without these columns, with a line in the trail."""
        for name in names:
            self._require(name)
        rows = self._rows.copy()
        for name in names:
            rows -= _fingerprints.column_words(name, self.answers[name], self.missing[name])
        after = replace(
            self,
            answers=self.answers.drop(columns=names),
            missing=self.missing.drop(columns=names),
            codebook=self.codebook.drop(names),
        )
        return self._next(after, rows, rule, reason, {"columns": names}, 0, "")

    def described(self, codebook: Codebook) -> Survey:
        """The same answers with another codebook (labels, scales, roles): no answer changes, so no step."""
        after = replace(self, codebook=codebook)
        after.__dict__["_rows"] = self._rows
        return after

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the answers, kinds of missing, ids and column names."""
        return _fingerprints.digest(self.columns, self.answers.index, self._rows)

    @cached_property
    def _rows(self) -> _fingerprints.Words:
        return _fingerprints.rows_of(self.answers, self.missing)

    def _next(
        self,
        after: Survey,
        rows: _fingerprints.Words,
        rule: str,
        reason: str,
        parameters: Mapping[str, Any] | None,
        cells: int,
        excludes: str,
        details: Mapping[str, Any] | None = None,
    ) -> Survey:
        from optima_research import __version__

        step = Step(
            rule=rule,
            parameters=dict(parameters or {}),
            reason=reason,
            rows_before=self.n,
            rows_after=after.n,
            cells_changed=cells,
            hash_before=self.fingerprint,
            hash_after=_fingerprints.digest(after.columns, after.answers.index, rows),
            author=os.environ.get("OPTIMA_AUTHOR", ""),
            when=datetime.now().astimezone().isoformat(timespec="seconds"),
            version=__version__,
            excludes=excludes,
            details=dict(details or {}),
        )
        recorded = replace(after, trail=self.trail.append(step))
        recorded.__dict__["_rows"] = rows
        return recorded

    def _members(self, names: tuple[str, ...]) -> list[str]:
        sets = {group.name: group.members for group in self.codebook.sets}
        found: list[str] = []
        for name in names:
            if name not in self.answers.columns and name in sets:
                found.extend(sets[name])
            else:
                self._require(name)
                found.append(name)
        return found

    def _require(self, name: str) -> None:
        if name not in self.answers.columns:
            raise SurveyError(
                _("There is no column « {name} ».", name=name), hint=suggest(name, self.columns)
            )

    def _nullable(self, series: pd.Series) -> pd.Series:
        aligned = series.reindex(self.answers.index)
        if isinstance(aligned.dtype, pd.CategoricalDtype):
            return aligned.astype("string")
        if pd.api.types.is_float_dtype(aligned.dtype):
            return aligned.astype("Float64")  # a score that happens to be whole stays a score
        return aligned.convert_dtypes(dtype_backend="numpy_nullable")

    def _kinds_after(self, name: str, series: pd.Series, given: pd.Series | None) -> pd.Series:
        if given is not None:
            aligned = given if given.index.equals(self.answers.index) else given.reindex(self.answers.index)
            kinds = aligned.astype(MISSING_DTYPE)
        elif name in self.missing.columns:
            kinds = self.missing[name]
        else:
            kinds = pd.Series(pd.Categorical([None] * self.n, dtype=MISSING_DTYPE), index=self.answers.index)
        absent = series.isna()
        if np.array_equal(kinds.notna().to_numpy(), absent.to_numpy()):
            return kinds  # each hole has its kind already
        return kinds.where(absent).fillna(str(MissingKind.NO_ANSWER)).where(absent)

    def __repr__(self) -> str:
        return "\n".join(survey_lines(self))

    def _repr_html_(self) -> str:
        return survey_html(self)


def _kinds(series: pd.Series, declared: Mapping[Any, MissingKind | str]) -> pd.Series:
    kinds = pd.Series(np.nan, index=series.index, dtype=MISSING_DTYPE)
    kinds[series.isna()] = str(MissingKind.NO_ANSWER)
    for code, kind in declared.items():
        kinds[series == code] = str(kind)
    return kinds
