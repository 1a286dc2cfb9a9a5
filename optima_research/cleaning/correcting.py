"""Corrections and derivations: one cell of one respondent, or a new column computed from others."""

from __future__ import annotations

from typing import Any

import pandas as pd

from optima_research.cleaning.conditions import computed, matches
from optima_research.cleaning.steps import matching_code, require_columns, step
from optima_research.codebook import Measure, MissingKind, Variable
from optima_research.errors import CleaningError
from optima_research.language import _
from optima_research.survey import Survey


@step
def correct(
    survey: Survey,
    respondent: Any,
    name: str,
    value: Any,
    *,
    reason: str,
    expected: Any = None,
    kind: MissingKind | str = MissingKind.NO_ANSWER,
) -> Survey:
    """Correct one answer of one respondent.

    Parameters
    ----------
    survey : Survey
    respondent : response id
    name : str
        Column.
    value : the right code; None empties the cell
    reason : str
        Where the right value comes from.
    expected : optional
        The value that stands there now; the step refuses when it is another.
    kind : MissingKind
        For an emptied cell.

    Raises
    ------
    CleaningError
        The respondent does not exist, the code is not in the list, or the cell does not hold what was expected.

    Examples
    --------
    >>> from optima_research.codebook import Codebook
    >>> ages = pd.DataFrame({"age": [34, 420]}, index=[11, 12])
    >>> survey = Survey.build(ages, Codebook([Variable("age", measure="ratio")]))
    >>> correct(survey, 12, "age", 42, expected=420, reason="Relu sur le questionnaire papier").answers.loc[12, "age"]
    np.int64(42)
    """
    require_columns(survey, [name], "name")
    row = _row_of(survey, respondent)
    column = survey.answers[name].copy()
    present = column.loc[row]
    if expected is not None and (present is pd.NA or matching_code(column, expected) != present):
        raise CleaningError(
            _("The cell to correct does not hold the expected value."),
            where=f"{name}, {respondent}",
            expected=expected,
            got=present,
        )
    code = None if value is None else matching_code(column, value)
    variable = survey.codebook[name]
    if code is not None and variable.values and code not in variable.values:
        raise CleaningError(
            _("« {value} » is not a code of « {name} ».", value=value, name=name),
            expected=", ".join(map(str, variable.codes)),
        )
    column.loc[row] = pd.NA if code is None else code
    kinds = survey.missing[name].copy()
    kinds.loc[row] = str(MissingKind(kind)) if code is None else None
    parameters = {
        "respondent": respondent,
        "name": name,
        "value": value,
        "expected": expected,
        "kind": str(kind),
    }
    return survey.changed(
        {name: column}, missing={name: kinds}, rule="correct", reason=reason, parameters=parameters
    )


@step
def derive(
    survey: Survey, name: str, formula: str, *, reason: str, label: str = "", unit: str = ""
) -> Survey:
    """A new numeric column computed from others, or a yes/no column from a condition.

    Parameters
    ----------
    survey : Survey
    name : str
        New column.
    formula : str
        ``"2013 - annee_entree"``, ``"count_answered(CLI1, CLI2)"``, or a condition (``"age >= 55"``: 1 yes, 0 no,
        missing where it is neither).
    reason : str
    label, unit : str

    Examples
    --------
    >>> from optima_research.codebook import Codebook
    >>> book = Codebook([Variable("entree", measure="interval")])
    >>> survey = Survey.build(pd.DataFrame({"entree": [2001, 2010]}), book)
    >>> derive(survey, "anciennete", "2013 - entree", reason="Ancienneté à l'enquête").answers["anciennete"].tolist()
    [12.0, 3.0]
    """
    parameters = {"name": name, "formula": formula, "label": label, "unit": unit}
    try:
        column = computed(survey, formula).astype("Float64")
        variable = Variable(name, label=label or name, measure=Measure.RATIO, unit=unit, source=formula)
    except CleaningError:
        column = matches(survey, formula).astype("Int64")
        values = {1: _("Yes"), 0: _("No")}
        variable = Variable(name, label=label or name, measure=Measure.NOMINAL, values=values, source=formula)
    return survey.with_columns(
        {name: column}, [variable], rule="derive", reason=reason, parameters=parameters
    )


def _row_of(survey: Survey, respondent: Any) -> Any:
    index = survey.answers.index
    if respondent in index:
        return respondent
    position = index.astype(str).get_indexer([str(respondent)])[0]
    if position < 0:
        raise CleaningError(
            _("There is no respondent « {id} ».", id=respondent),
            where=survey.name or None,
            parameter="respondent",
        )
    return index[position]
