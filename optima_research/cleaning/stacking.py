"""Several waves, or several partners, of one questionnaire put on top of each other: only what asks the same thing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Literal

import pandas as pd

from optima_research.codebook import (
    MISSING_DTYPE,
    Codebook,
    CodebookDiff,
    Measure,
    MissingKind,
    Role,
    Variable,
    diff_codebooks,
)
from optima_research.codebook.comparing import change_label
from optima_research.errors import CleaningError
from optima_research.language import _
from optima_research.survey import Quarantine, Survey
from optima_research.trail import Step, Trail


def stack(
    surveys: Mapping[str, Survey],
    *,
    reason: str,
    role: Literal["wave", "partner"] = "wave",
    by: str | None = None,
    accepted: Mapping[str, str] | None = None,
) -> Survey:
    """Put waves or partners on top of each other, once the diff of their questionnaires allows it.

    Parameters
    ----------
    surveys : mapping of str to Survey
        By wave (in order of time) or by partner; the key becomes the value of the new column.
    reason : str
        Why, for the trail.
    role : {"wave", "partner"}
        What the keys are.
    by : str, optional
        Name of the new column; the role by default.
    accepted : mapping of str to str, optional
        Item (or scale) that differs → why its versions are comparable all the same. The first version then describes
        the column, with the codes that only the others have.

    Returns
    -------
    Survey
        Response ids are ``key/id``. An item one survey did not have is ``not_asked`` there. The trail starts with this
        step, which keeps the trail of each survey.

    Raises
    ------
    CleaningError
        An item common to two surveys differs in wording, codes, level of measurement or (ordinal) order of the answers
        without being accepted, all of them named; an accepted difference that does not exist; no reason.

    Examples
    --------
    >>> book = Codebook([Variable("CLI1", "Le climat est bon.", measure="ordinal", values={1: "Non", 2: "Oui"})])
    >>> first = Survey.build(pd.DataFrame({"CLI1": [1, 2]}), book)
    >>> both = stack({"2022": first, "2024": first}, reason="Deux vagues du même questionnaire")
    >>> both["wave"].value_counts().to_dict()
    {'2022': 2, '2024': 2}
    """
    why = dict(accepted or {})
    by = by or role
    _check_call(surveys, by, reason, why)
    codebook, used = _common_codebook(surveys, why)
    if unused := sorted(set(why) - used):
        raise CleaningError(
            _("Differences declared comparable that do not exist: {names}.", names=", ".join(unused)),
            parameter="accepted",
        )
    column = _key_variable(by, role, tuple(surveys))
    names = [name for name in codebook.names if any(name in s.answers.columns for s in surveys.values())]
    templates = _templates(surveys, names)
    answers = pd.concat([_part(survey, key, templates, by) for key, survey in surveys.items()])
    missing = pd.concat([_kinds(survey, key, names, by) for key, survey in surveys.items()])
    described = Codebook((column, *codebook), codebook.sets, codebook.scales, codebook.title)
    stacked = Survey(
        answers,
        missing,
        described,
        participants=_people(surveys, by),
        timings=_timings(surveys),
        name=" + ".join(surveys),
    )
    parameters = {"by": by, "role": role, "keys": list(surveys), "accepted": why}
    return replace(stacked, trail=_trail(surveys, stacked, parameters, reason))


def _check_call(surveys: Mapping[str, Survey], by: str, reason: str, why: Mapping[str, str]) -> None:
    if len(surveys) < 2:
        raise CleaningError(
            _("Stacking takes at least two surveys."),
            hint=_('Give them by name: stack({"2022": first, "2024": second}, …).'),
        )
    if not reason.strip():
        raise CleaningError(_("Stacking surveys needs a reason."), parameter="reason")
    if silent := [name for name, text in why.items() if not text.strip()]:
        raise CleaningError(
            _("Each accepted difference needs a reason: {names}.", names=", ".join(silent)),
            parameter="accepted",
        )
    for key, survey in surveys.items():
        if by in survey.codebook:
            raise CleaningError(
                _("The column « {name} » exists already in a survey to stack.", name=by),
                where=key,
                hint=_('Give the new column another name: by="…".'),
            )


def _common_codebook(surveys: Mapping[str, Survey], why: Mapping[str, str]) -> tuple[Codebook, set[str]]:
    """The codebook of all, and the accepted differences that were met."""
    (_first, start), *others = surveys.items()
    codebook, used = start.codebook, set()
    for key, survey in others:
        diff = diff_codebooks(codebook, survey.codebook)
        differing = _differing(diff)
        refused = {name: kinds for name, kinds in differing.items() if name not in why}
        if refused:
            raise CleaningError(
                _(
                    "{n} items do not ask the same thing in « {key} » as in the surveys before it.",
                    n=len(refused),
                    key=key,
                ),
                where=key,
                got="; ".join(f"{name} ({kinds})" for name, kinds in refused.items()),
                hint=_(
                    'Recode or drop them; if the versions are comparable, say why: accepted={{"{name}": "…"}}.',
                    name=next(iter(refused)),
                ),
            )
        used |= set(differing)
        codebook = _merged(codebook, survey.codebook)
    return codebook, used


def _differing(diff: CodebookDiff) -> dict[str, str]:
    """Item or scale → how it differs, where answers could not be put in one column without a decision."""
    found: dict[str, str] = {}
    for name in diff.changed():
        line = diff.items.loc[name]
        kinds = [kind for kind in ("wording", "codes", "measure") if line[kind]]
        if line["order"] and diff.before[name].is_ordered:
            kinds.append("order")
        if kinds:
            found[name] = ", ".join(map(change_label, kinds))
    return found | dict.fromkeys(diff.scales, _("scale declared otherwise"))


def _merged(first: Codebook, other: Codebook) -> Codebook:
    variables = [_both(variable, other) for variable in first]
    variables += [variable for variable in other if variable.name not in first]
    sets = {group.name: group for group in first.sets}
    for group in other.sets:
        known = sets.get(group.name)
        members = tuple(dict.fromkeys((*known.members, *group.members))) if known else group.members
        sets[group.name] = replace(known or group, members=members)
    scales = {scale.name: scale for scale in (*other.scales, *first.scales)}
    return Codebook(variables, sets.values(), scales.values(), first.title or other.title)


def _both(variable: Variable, other: Codebook) -> Variable:
    if variable.name not in other:
        return variable
    twin = other[variable.name]
    return replace(
        variable,
        values={**variable.values, **{c: t for c, t in twin.values.items() if c not in variable.values}},
        scores={**twin.scores, **variable.scores},
        missing={**twin.missing, **variable.missing},
        missing_told_apart=variable.missing_told_apart and twin.missing_told_apart,
        identifier=variable.identifier or twin.identifier,
    )


def _key_variable(by: str, role: str, keys: tuple[str, ...]) -> Variable:
    wave = role == Role.WAVE
    return Variable(
        by,
        label=_("Wave") if wave else _("Partner"),
        measure=Measure.ORDINAL if wave else Measure.NOMINAL,
        values={key: key for key in keys},
        role=role,
    )


def _templates(surveys: Mapping[str, Survey], names: list[str]) -> dict[str, pd.Series]:
    """Column → an empty one of its type, for the surveys that have no answer to it."""
    found = {}
    for name in names:
        columns = [s.answers[name] for s in surveys.values() if name in s.answers.columns]
        full = [column for column in columns if column.notna().any()] or columns
        if len({pd.api.types.is_numeric_dtype(column.dtype) for column in full}) > 1:
            raise CleaningError(
                _("Column « {name} » holds numbers in one survey and text in another.", name=name),
                where=name,
                hint=_("Recode one of them before stacking."),
            )
        found[name] = full[0].iloc[:0]
    return found


def _part(survey: Survey, key: str, templates: Mapping[str, pd.Series], by: str) -> pd.DataFrame:
    columns = {by: pd.Series(pd.array([key] * survey.n, dtype="string"), index=survey.answers.index)}
    for name, template in templates.items():
        held = name in survey.answers.columns and survey.answers[name].notna().any()
        columns[name] = survey.answers[name] if held else template.reindex(survey.answers.index)
    return pd.DataFrame(columns).set_axis(_ids(survey.answers.index, key))


def _kinds(survey: Survey, key: str, names: list[str], by: str) -> pd.DataFrame:
    def all_of(kind: MissingKind | None) -> pd.Series:
        cells = [None if kind is None else str(kind)] * survey.n
        return pd.Series(pd.Categorical(cells, dtype=MISSING_DTYPE), index=survey.missing.index)

    columns = {by: all_of(None)}
    for name in names:
        held = name in survey.missing.columns
        columns[name] = survey.missing[name] if held else all_of(MissingKind.NOT_ASKED)
    return pd.DataFrame(columns).set_axis(_ids(survey.missing.index, key))


def _ids(index: pd.Index, key: str) -> pd.Index:
    return pd.Index([f"{key}/{id_}" for id_ in index], dtype=object, name=index.name)


def _people(surveys: Mapping[str, Survey], by: str) -> Quarantine | None:
    held = {
        key: survey.participants.open() for key, survey in surveys.items() if survey.participants is not None
    }
    if not held:
        return None
    return Quarantine(pd.concat([_keyed(frame, key, by) for key, frame in held.items()], ignore_index=True))


def _keyed(people: pd.DataFrame, key: str, by: str) -> pd.DataFrame:
    """Identifiers that still point to their response, under its new id."""
    if "id" in people:
        told = people["id"].map(lambda id_: f"{key}/{id_}", na_action="ignore")
        people = people.assign(id=told.astype("string"))
    return people.assign(**{by: key})


def _timings(surveys: Mapping[str, Survey]) -> pd.DataFrame | None:
    if all(survey.timings is None for survey in surveys.values()):
        return None
    return pd.concat(
        [
            (pd.DataFrame(index=survey.answers.index) if survey.timings is None else survey.timings).set_axis(
                _ids(survey.answers.index, key)
            )
            for key, survey in surveys.items()
        ]
    )


def _trail(surveys: Mapping[str, Survey], stacked: Survey, parameters: dict[str, Any], reason: str) -> Trail:
    from optima_research import __version__

    prints = "\n".join(f"{key} {survey.fingerprint}" for key, survey in surveys.items())
    sources = "\n".join(f"{key} {survey.trail.source_hash}" for key, survey in surveys.items())
    step = Step(
        rule="stack",
        parameters=parameters,
        reason=reason,
        rows_before=stacked.n,
        rows_after=stacked.n,
        cells_changed=0,
        hash_before=hashlib.sha256(prints.encode()).hexdigest(),
        hash_after=stacked.fingerprint,
        when=datetime.now().astimezone().isoformat(timespec="seconds"),
        version=__version__,
        details={"trails": {key: asdict(survey.trail) for key, survey in surveys.items()}},
    )
    named = " + ".join(survey.trail.source or key for key, survey in surveys.items())
    return Trail(named, hashlib.sha256(sources.encode()).hexdigest(), (step,))
