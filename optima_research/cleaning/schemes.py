"""Classes for numbers: named French schemes (age, seniority, strata of communes) and one's own limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pandas as pd

from optima_research.cleaning.steps import require_columns, step
from optima_research.codebook import Measure, Variable
from optima_research.errors import CleaningError, suggest
from optima_research.language import _
from optima_research.language.numbers import format_number
from optima_research.survey import Survey


@dataclass(frozen=True)
class Scheme:
    """Lower limits of the classes (the first included) and where they come from.

    ``low`` of the first class is open when it is minus infinity; a value under a closed first limit has no class.
    """

    name: str
    limits: tuple[float, ...]
    unit: str = ""
    source: str = ""


SCHEMES: Mapping[str, Scheme] = {
    scheme.name: scheme
    for scheme in (
        Scheme(
            "age_3", (-float("inf"), 30, 50), "ans", "bilans sociaux de la fonction publique territoriale"
        ),
        Scheme("age_5", (-float("inf"), 30, 40, 50, 60), "ans", "classes décennales"),
        Scheme(
            "anciennete_4",
            (0, 2, 6, 11),
            "ans",
            "usage de l'équipe : arrivée, installation, expérience, carrière",
        ),
        Scheme("effectifs_5", (0, 10, 50, 100, 350), "agents", "tailles d'employeurs territoriaux"),
        Scheme(
            "cgct_15",
            (0, 500, 1000, 2000, 3500, 5000, 7500, 10000, 15000, 20000, 35000, 50000, 75000, 100000, 200000),
            "habitants",
            "CGCT, art. L.2334-3 (population DGF, non la population municipale)",
        ),
    )
}


@step
def bin(  # noqa: A001
    survey: Survey,
    name: str,
    scheme: str | Sequence[float],
    *,
    reason: str,
    into: str | None = None,
    label: str = "",
) -> Survey:
    """Cut a number into ordered classes.

    Parameters
    ----------
    survey : Survey
    name : str
        Numeric column.
    scheme : str or sequence of float
        ``age_3``, ``age_5``, ``anciennete_4``, ``effectifs_5``, ``cgct_15``, or the lower limits of the classes.
    reason : str
    into : str, optional
        New column; ``<name>_classes`` by default.
    label : str

    Raises
    ------
    CleaningError
        No such scheme, or limits that do not increase.

    Examples
    --------
    >>> from optima_research.codebook import Codebook
    >>> survey = Survey.build(pd.DataFrame({"age": [24, 37, 61]}), Codebook([Variable("age", measure="ratio")]))
    >>> bin(survey, "age", "age_3", reason="Classes du bilan social").frame("age_classes")["age_classes"].tolist()
    ['moins de 30 ans', '30 à 49 ans', '50 ans et plus']
    """
    require_columns(survey, [name], "name")
    chosen = _scheme(scheme)
    numbers = survey.numeric(name)
    whole = bool((numbers.dropna() % 1 == 0).all())
    edges = [*chosen.limits, float("inf")]
    codes = pd.cut(numbers, edges, right=False, labels=False) + 1
    target = into or f"{name}_classes"
    variable = Variable(
        target,
        label=label or survey.codebook[name].shown,
        measure=Measure.ORDINAL,
        values=_class_labels(chosen, whole),
        source=name,
        unit=chosen.unit,
    )
    parameters: dict[str, Any] = {
        "name": name,
        "scheme": scheme if isinstance(scheme, str) else [float(limit) for limit in scheme],
        "into": into,
        "label": label,
    }
    return survey.with_columns(
        {target: codes.astype("Int64")}, [variable], rule="bin", reason=reason, parameters=parameters
    )


def _scheme(scheme: str | Sequence[float]) -> Scheme:
    if isinstance(scheme, str):
        if scheme not in SCHEMES:
            raise CleaningError(
                _("There is no scheme of classes « {name} ».", name=scheme),
                expected=", ".join(SCHEMES),
                hint=suggest(scheme, SCHEMES),
            )
        return SCHEMES[scheme]
    limits = tuple(float(limit) for limit in scheme)
    if not limits or any(low >= high for low, high in pairwise(limits)):
        raise CleaningError(
            _("The limits of the classes must increase."), parameter="scheme", got=list(scheme)
        )
    return Scheme("", limits)


def _class_labels(scheme: Scheme, whole: bool) -> dict[int, str]:
    labels = {}
    limits = scheme.limits
    unit = f" {scheme.unit}" if scheme.unit else ""
    for number, low in enumerate(limits, start=1):
        if number == len(limits):
            labels[number] = _("{low}{unit} and over", low=_short(low), unit=unit)
        else:
            high = limits[number] - 1 if whole else limits[number]
            if low == -float("inf"):
                labels[number] = _("under {high}{unit}", high=_short(limits[number]), unit=unit)
            elif whole:
                labels[number] = _("{low} to {high}{unit}", low=_short(low), high=_short(high), unit=unit)
            else:
                labels[number] = _(
                    "from {low} to less than {high}{unit}", low=_short(low), high=_short(high), unit=unit
                )
    return labels


def _short(limit: float) -> str:
    return format_number(limit, 0 if float(limit).is_integer() else 1)
