"""What every cleaning step has in common: a survey in, a reason, a survey out, and a name by which it is replayed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, ParamSpec

import pandas as pd

from optima_research.codebook import Role
from optima_research.errors import CleaningError, SurveyError, suggest
from optima_research.language import _
from optima_research.survey import Survey

P = ParamSpec("P")

RULES: dict[str, Callable[..., Survey]] = {}
"""Steps by name of rule, as the trail writes them."""


def step(function: Callable[P, Survey]) -> Callable[P, Survey]:
    """Make a function a cleaning step: it refuses to run without a reason or to leave nobody, and can be replayed.

    The step must record in the trail, under its own name, the keyword arguments that repeat it.

    Examples
    --------
    >>> from optima_research.cleaning import drop
    >>> import pandas as pd
    >>> from optima_research.codebook import Codebook, Variable
    >>> ages = pd.DataFrame({"age": pd.array([34, 17], "Int64")})
    >>> survey = Survey.build(ages, Codebook([Variable("age", measure="ratio")]))
    >>> survey.pipe(drop, "age < 18", reason="Agents majeurs seulement").n
    1
    """
    name = function.__name__

    @wraps(function)
    def recorded(*args: P.args, **kwargs: P.kwargs) -> Survey:
        if not str(kwargs.get("reason") or "").strip():
            raise CleaningError(
                _("The step « {name} » needs a reason.", name=name),
                parameter="reason",
                hint=_('Write why you do this, as a referee would want to read it: reason="…".'),
            )
        survey = args[0] if args else kwargs.get("survey")
        if not isinstance(survey, Survey):
            raise CleaningError(
                _("A cleaning step works on a survey."), where=name, got=type(survey).__name__,
                hint=_("Read the file with opt.read_table(path, codebook) first: a survey keeps its trail."),
            )  # fmt: skip
        after = function(*args, **kwargs)
        if survey.n and not after.n:
            raise CleaningError(
                _("The step « {name} » would leave no respondent.", name=name),
                where=survey.name or None,
                hint=_("Check the condition: here it matches everybody, or nobody is kept."),
            )
        return after

    RULES[name] = recorded
    return recorded


def require_columns(survey: Survey, names: Iterable[str], parameter: str | None = None) -> list[str]:
    """The names, all of them columns of the survey; else an error that proposes the nearest."""
    wanted = list(names)
    unknown = [name for name in wanted if name not in survey.answers.columns]
    if unknown:
        raise SurveyError(
            _("There is no column {names}.", names=", ".join(f"« {name} »" for name in unknown)),
            where=survey.name or None,
            parameter=parameter,
            hint=suggest(unknown[0], survey.columns)
            or _("Known columns: {names}.", names=", ".join(map(str, survey.columns[:12]))),
        )
    return wanted


def expand(survey: Survey, names: Iterable[str]) -> list[str]:
    """The names with every set of the codebook replaced by its members that are columns."""
    sets = {group.name: group.members for group in survey.codebook.sets}
    found: list[str] = []
    for name in names:
        if name not in survey.answers.columns and name in sets:
            found.extend(member for member in sets[name] if member in survey.answers.columns)
        else:
            found.extend(require_columns(survey, [name]))
    return found


def item_columns(survey: Survey) -> list[str]:
    """The columns that hold answers to questions (no tool columns, scores or flags)."""
    roles = {Role.ITEM, Role.OTHER_TEXT, Role.COMMENT}
    return [
        variable.name
        for variable in survey.codebook
        if variable.role in roles and variable.name in survey.columns
    ]


def matching_code(column: pd.Series, code: Any) -> Any:
    """A code as the column stores it: a trail read back from JSON, or a person, may write ``"6"`` for 6."""
    if pd.api.types.is_numeric_dtype(column.dtype) and isinstance(code, str):
        try:
            number = float(code.replace(",", "."))
        except ValueError:
            return code
        return int(number) if number.is_integer() else number
    if pd.api.types.is_string_dtype(column.dtype) and not isinstance(code, str):
        return str(int(code)) if isinstance(code, float) and code.is_integer() else str(code)
    return code
