"""Recode, collapse and declare missing: other codes in a column, with a preview of what becomes what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from optima_research.cleaning._recode_language import Rule, labels_of, parse_rules, table_of
from optima_research.cleaning.steps import matching_code, require_columns, step
from optima_research.codebook import Codebook, MissingKind, Variable
from optima_research.errors import CleaningError, suggest
from optima_research.language import _
from optima_research.survey import Survey


@step
def recode(
    survey: Survey,
    name: str,
    rules: str,
    *,
    reason: str,
    into: str | None = None,
    label: str = "",
    measure: str | None = None,
) -> Survey:
    """Give the answers of a column other codes.

    Parameters
    ----------
    survey : Survey
    name : str
        Column.
    rules : str
        ``"1:2=1 [Faible]; 3=2 [Fort]; else=NA"``: codes or ranges (``min:4``), the new code, its label. ``else``
        takes the rest, ``copy`` keeps the code, ``NA(refused)`` gives a kind of missing, ``NA=9`` fills holes.
    reason : str
    into : str, optional
        Name of a new column; by default the column itself changes.
    label : str
        Label of the new column.
    measure : str, optional
        Its level of measurement; that of the source by default.

    Raises
    ------
    CleaningError
        A rule cannot be read, or an answer met in the data is taken by none.

    Examples
    --------
    >>> from optima_research.codebook import Codebook, Variable
    >>> book = Codebook([Variable("q", measure="ordinal", values={1: "Non", 2: "Plutôt non", 3: "Oui"})])
    >>> survey = Survey.build(pd.DataFrame({"q": [1, 2, 3, 3]}), book)
    >>> after = recode(survey, "q", "1:2=0 [Non]; 3=1 [Oui]", reason="Deux classes")
    >>> after.frame("q")["q"].tolist()
    ['Non', 'Non', 'Oui', 'Oui']
    """
    require_columns(survey, [name], "name")
    parsed = parse_rules(rules)
    table = table_of(parsed, _present_codes(survey, name), rules)
    column, kinds = _applied(survey, name, parsed, table)
    variable = _recoded_variable(survey.codebook[name], parsed, table, column)
    parameters = {"name": name, "rules": rules, "into": into, "label": label, "measure": measure}
    if measure:
        variable = replace(variable, measure=measure)
    return _put(survey, name, into, label, column, kinds, variable, "recode", reason, parameters)


def preview_recode(survey: Survey, name: str, rules: str) -> pd.DataFrame:
    """What a recoding would do, before doing it: one row an answer, with its count and what it becomes.

    Returns
    -------
    DataFrame
        ``label``, ``n``, ``becomes`` indexed by present code (``NA`` for holes).

    Examples
    --------
    >>> from optima_research.codebook import Codebook, Variable
    >>> book = Codebook([Variable("q", values={1: "Non", 2: "Oui"})])
    >>> survey = Survey.build(pd.DataFrame({"q": [1, 2, 2]}), book)
    >>> preview_recode(survey, "q", "1=0; 2=1")["becomes"].tolist()
    ['0', '1']
    """
    require_columns(survey, [name], "name")
    parsed = parse_rules(rules)
    counts = survey.answers[name].value_counts()
    table = table_of(parsed, _present_codes(survey, name), rules)
    labels = survey.codebook[name].values
    rows = [
        (code, labels.get(code, ""), int(counts.get(code, 0)), "NA" if row.target is None else row.target)
        for code, row in zip(table.index, table.itertuples(), strict=True)
    ]
    holes = int(survey.answers[name].isna().sum())
    if holes:
        filled = next((rule.target for rule in parsed if rule.takes_missing), None)
        rows.append(("NA", "", holes, filled or "NA"))
    return pd.DataFrame(rows, columns=["code", "label", "n", "becomes"]).set_index("code")


@step
def collapse(
    survey: Survey,
    name: str,
    groups: Mapping[str, Sequence[Any]],
    *,
    reason: str,
    into: str | None = None,
    label: str = "",
) -> Survey:
    """Merge categories, each new one under a label.

    Parameters
    ----------
    survey : Survey
    name : str
    groups : mapping
        New label → codes or labels it takes; answers named by no group keep their own category.
    reason : str
    into, label : str, optional
        As for :func:`recode`.

    Raises
    ------
    CleaningError
        A code does not exist, or belongs to two groups.

    Examples
    --------
    >>> from optima_research.codebook import Codebook, Variable
    >>> book = Codebook([Variable("s", values={"a": "Titulaire", "b": "Stagiaire", "c": "Contractuel"})])
    >>> survey = Survey.build(pd.DataFrame({"s": ["a", "b", "c"]}), book)
    >>> collapse(survey, "s", {"Fonctionnaire": ["a", "b"]}, reason="Moins de 5 stagiaires").frame("s")["s"].tolist()
    ['Fonctionnaire', 'Fonctionnaire', 'Contractuel']
    """
    require_columns(survey, [name], "name")
    variable = survey.codebook[name]
    known = variable.values or {code: str(code) for code in _present_codes(survey, name)}
    target = _group_of_each_code(known, groups, name)
    # New codes are labels-free numbers in the order of the old answers, so that an ordinal item stays ordered.
    order = list(dict.fromkeys(target[code] for code in known))
    numbers = {text: str(position) for position, text in enumerate(order, start=1)}
    mapping = {code: numbers[target[code]] for code in known}
    column = survey.answers[name].map(mapping).astype("string")
    new = replace(variable, values={numbers[text]: text for text in order}, scores={}, missing={})
    plain = {text: [str(code) for code in codes] for text, codes in groups.items()}
    parameters = {"name": name, "groups": plain, "into": into, "label": label}
    return _put(survey, name, into, label, column, survey.missing[name], new, "collapse", reason, parameters)


@step
def declare_missing(
    survey: Survey, name: str | Sequence[str], codes: Mapping[Any, MissingKind | str], *, reason: str
) -> Survey:
    """Say that some codes are no answers, and which kind of missing they are.

    Parameters
    ----------
    survey : Survey
    name : str or sequence of str
        Column or columns.
    codes : mapping
        Code → kind: ``{6: "no_answer", 9: "refused"}``.
    reason : str

    Examples
    --------
    >>> from optima_research.codebook import Codebook, Variable
    >>> survey = Survey.build(pd.DataFrame({"q": [1, 9, 2]}), Codebook([Variable("q", measure="ordinal")]))
    >>> after = declare_missing(survey, "q", {9: "refused"}, reason="9 = refus dans le questionnaire papier")
    >>> after.missing["q"].tolist()
    [nan, 'refused', nan]
    """
    names = require_columns(survey, [name] if isinstance(name, str) else name, "name")
    kinds = {code: _known_kind(kind) for code, kind in codes.items()}
    columns, missing, variables, emptied = {}, {}, [], {}
    for one in names:
        values = survey.answers[one]
        layer = survey.missing[one].copy()
        taken = {matching_code(values, code): kind for code, kind in kinds.items()}
        hit = np.zeros(survey.n, dtype=bool)
        for code, kind in taken.items():
            these = (values == code).to_numpy(dtype=bool, na_value=False)
            layer[these] = str(kind)
            hit |= these
        columns[one], missing[one], emptied[one] = values.mask(hit), layer, int(hit.sum())
        variable = survey.codebook[one]
        valid = {code: text for code, text in variable.values.items() if code not in taken}
        variables.append(replace(variable, values=valid, missing={**variable.missing, **taken}))
    return survey.changed(
        columns,
        missing=missing,
        codebook=survey.codebook.replace(*variables),
        rule="declare_missing",
        reason=reason,
        parameters={"name": names, "codes": {str(code): str(kind) for code, kind in kinds.items()}},
        details={
            "emptied": {one: int((columns[one].isna() & survey.answers[one].notna()).sum()) for one in names}
        },
    )


def _present_codes(survey: Survey, name: str) -> list[Any]:
    """Declared codes in their order, then those met in the data only."""
    declared = list(survey.codebook[name].codes)
    met = survey.answers[name].dropna().unique().tolist()
    return declared + sorted(
        (code for code in met if code not in set(declared)), key=lambda code: (str(type(code)), code)
    )


def _applied(
    survey: Survey, name: str, rules: Sequence[Rule], table: pd.DataFrame
) -> tuple[pd.Series, pd.Series]:
    values, kinds = survey.answers[name], survey.missing[name]
    numeric = all(target is None or _is_integer(target) for target in table["target"])
    targets = table["target"].map(int, na_action="ignore") if numeric else table["target"]
    column = values.map(targets.to_dict()).astype("Int64" if numeric else "string")
    given = {code: kind for code, kind in table["kind"].items() if kind is not None}
    if given:
        kinds = kinds.copy()
    for code, kind in given.items():
        kinds[(values == code).to_numpy(dtype=bool, na_value=False)] = str(kind)
    filler = next((rule.target for rule in rules if rule.takes_missing), None)
    if filler is not None:
        column = column.where(values.notna(), int(filler) if numeric else filler)
    return column, kinds


def _recoded_variable(
    variable: Variable, rules: Sequence[Rule], table: pd.DataFrame, column: pd.Series
) -> Variable:
    named = labels_of(rules)
    old = {str(code): text for code, text in variable.values.items()}
    numeric = pd.api.types.is_integer_dtype(column.dtype)
    targets = dict.fromkeys(
        [*(rule.target for rule in rules if rule.target not in (None, "copy")), *table["target"]]
    )
    values = {
        (int(target) if numeric else target): named.get(target) or _kept_label(target, table, old)
        for target in targets
        if target is not None
    }
    if not variable.values and not named:
        values = {}
    return replace(variable, values=values, scores={}, missing={})


def _kept_label(target: str, table: pd.DataFrame, old: Mapping[str, str]) -> str:
    """Without a label of its own, a new code is called after the answers it gathers."""
    sources = [old.get(str(code), str(code)) for code in table.index[table["target"] == target]]
    return " / ".join(sources) or target


def _put(
    survey: Survey,
    name: str,
    into: str | None,
    label: str,
    column: pd.Series,
    kinds: pd.Series,
    variable: Variable,
    rule: str,
    reason: str,
    parameters: Mapping[str, Any],
) -> Survey:
    target = into or name
    if into and into in survey.codebook:
        raise CleaningError(
            _("The column « {name} » exists already.", name=into),
            parameter="into",
            hint=_("Choose another name."),
        )
    new = replace(variable, name=target, label=label or variable.label, source=variable.source or name)
    book: Codebook = (
        survey.codebook.replace(new) if not into else survey.codebook.add(replace(new, item_set=None))
    )
    return survey.changed(
        {target: column},
        missing={target: kinds},
        codebook=book,
        rule=rule,
        reason=reason,
        parameters=parameters,
        details={"before": _counts(survey.answers[name]), "after": _counts(column)},
    )


def _counts(column: pd.Series) -> dict[str, int]:
    """Answers and how many gave them, holes included, as the trail keeps them."""
    counts = column.value_counts(dropna=False)
    return {"NA" if code is pd.NA or code != code else str(code): int(n) for code, n in counts.items()}


def _group_of_each_code(
    known: Mapping[Any, str], groups: Mapping[str, Sequence[Any]], name: str
) -> dict[Any, str]:
    by_text = {str(code): code for code in known} | {label: code for code, label in known.items()}
    target = {code: str(label) for code, label in known.items()}
    seen: dict[Any, str] = {}
    for text, members in groups.items():
        for member in members:
            code = by_text.get(str(member))
            if code is None:
                raise CleaningError(
                    _("« {value} » is neither a code nor a label of « {name} ».", value=member, name=name),
                    expected=", ".join(
                        f"{known_code} = {label}" for known_code, label in list(known.items())[:8]
                    ),
                    hint=suggest(member, by_text),
                )
            if code in seen:
                raise CleaningError(
                    _("« {value} » belongs to two groups.", value=member), where=f"{seen[code]}, {text}"
                )
            seen[code] = target[code] = text
    return target


def _known_kind(kind: MissingKind | str) -> MissingKind:
    if kind not in set(MissingKind):
        raise CleaningError(
            _("« {value} » is not a kind of missing.", value=kind), expected=", ".join(map(str, MissingKind))
        )
    return MissingKind(kind)


def _is_integer(text: str) -> bool:
    return text.lstrip("-").isdigit() and (text == "0" or not text.lstrip("-").startswith("0"))
