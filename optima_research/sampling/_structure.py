"""Reading a sampling design off columns: weights, strata, clusters and population sizes, each checked."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from optima_research.errors import DesignError, suggest
from optima_research.language import _
from optima_research.results.frames import Data, categories, numeric
from optima_research.sampling._variance_kernels import Codes, FirstStage, Floats

Names: TypeAlias = "str | Sequence[str] | None"
Population: TypeAlias = "Mapping[Hashable, float] | float | str | None"
ROWS_SHOWN = 5


def read_first_stage(
    data: Data, strata: Names, clusters: Names, population: Population, n: int
) -> FirstStage:
    """Strata, first-stage units and their populations, as codes and counts.

    Cluster labels are read within strata: « service 1 » of two partners are two services.
    """
    stratum, labels = _strata(data, strata, n)
    if clusters is None:
        unit, unit_stratum = None, stratum
    else:
        cluster, _labels = joint_codes(data, _listed(clusters), role="clusters")
        pairs, inverse = np.unique(stratum * (cluster.max() + 1) + cluster, return_inverse=True)
        unit, unit_stratum = inverse.astype(np.int64), pairs // (cluster.max() + 1)
    drawn = np.bincount(unit_stratum, minlength=len(labels))
    sizes = _population_sizes(data, population, stratum, labels, strata)
    if sizes is not None:
        _refuse_too_small(sizes, drawn, labels, clustered=clusters is not None)
    return FirstStage(stratum, unit, unit_stratum, drawn, sizes, tuple(map(shown, labels)))


def read_weights(
    data: Data, weights: str | Floats | pd.Series | None, stage: FirstStage, index: pd.Index
) -> Floats:
    """The weights as numbers, checked; N/n of the stratum where only the population is known, else ones."""
    n = len(stage.stratum)
    if weights is None:
        if stage.population is None:
            return np.ones(n)
        return np.asarray((stage.population / stage.drawn)[stage.stratum])
    name = weights if isinstance(weights, str) else _("weights")
    if isinstance(weights, str):
        values = numeric(data, weights).to_numpy()
    elif isinstance(weights, pd.Series):
        values = weights.reindex(index).to_numpy(dtype=float)
    else:
        values = np.asarray(weights, dtype=float)
    if values.shape != (n,):
        raise DesignError(
            _("There must be one weight a respondent."), parameter="weights", expected=n, got=len(values)
        )
    refuse_rows(
        np.isnan(values), lambda k: _("The weight « {name} » is missing for {n} respondents.", name=name, n=k)
    )
    refuse_rows(
        ~np.isfinite(values) | (values < 0),
        lambda k: _("The weight « {name} » is negative or infinite for {n} respondents.", name=name, n=k),
    )
    if not values.any():
        raise DesignError(_("All weights are zero."), parameter="weights")
    return np.array(values)


def joint_codes(data: Data, names: Sequence[str], *, role: str) -> tuple[Codes, pd.Index]:
    """Codes 0… of the combinations of some columns, in category order, and what each code stands for.

    Raises
    ------
    DesignError
        A value is missing.
    """
    codes, labels = domain_codes(data, names)
    refuse_rows(
        codes < 0,
        lambda k: _("« {name} » is missing for {n} respondents.", name=" × ".join(names), n=k),
        parameter=role,
        hint=_("Drop these respondents with a reason, or code their answer."),
    )
    return codes, labels


def domain_codes(data: Data, names: Sequence[str]) -> tuple[Codes, pd.Index]:
    """Codes of the combinations that occur (−1 where one of the columns is missing), and their labels."""
    columns = [_observed(categories(data, name)) for name in names]
    if len(columns) == 1:
        return columns[0][0], columns[0][1].rename(names[0])
    parts, labels = zip(*columns, strict=True)
    sizes = [len(label) for label in labels]
    missing = np.any([part < 0 for part in parts], axis=0)
    joint = np.zeros(len(missing), dtype=np.int64)
    for part, size in zip(parts, sizes, strict=True):
        joint = joint * size + np.maximum(part, 0)
    kept, inverse = np.unique(joint[~missing], return_inverse=True)
    codes = np.full(len(missing), -1, dtype=np.int64)
    codes[~missing] = inverse
    positions = np.unravel_index(kept, sizes)
    arrays = [label[place] for label, place in zip(labels, positions, strict=True)]
    return codes, pd.MultiIndex.from_arrays(arrays, names=list(names))


def label_of_code(data: Data, name: str, category: Hashable) -> Hashable:
    """The label a survey shows for a code; the category itself where it is no code."""
    if isinstance(data, pd.DataFrame) or name not in data.codebook:
        return category
    values = {str(code): label for code, label in data.codebook[name].values.items()}
    return values.get(str(category), category)


def shown(label: object) -> str:
    """A category, or crossed categories, in words; a code read as 1.0 is 1."""
    if isinstance(label, tuple):
        return " × ".join(map(shown, label))
    return str(int(label)) if isinstance(label, float) and label.is_integer() else str(label)


def refuse_rows(
    bad: npt.NDArray[np.bool_],
    message: Callable[[int], str],
    *,
    parameter: str | None = None,
    hint: str | None = None,
) -> None:
    """Raise a DesignError that says how many rows are at fault and which come first."""
    if not bad.any():
        return
    rows = np.flatnonzero(bad)
    first = ", ".join(str(row + 1) for row in rows[:ROWS_SHOWN]) + ("…" if len(rows) > ROWS_SHOWN else "")
    raise DesignError(message(len(rows)), where=_("rows {rows}", rows=first), parameter=parameter, hint=hint)


def _observed(column: pd.Series) -> tuple[Codes, pd.Index]:
    """Codes of a categorical column and the categories somebody belongs to."""
    codes = np.asarray(column.cat.codes, dtype=np.int64)
    present = np.bincount(codes + 1, minlength=len(column.cat.categories) + 1)[1:] > 0
    if present.all():
        return codes, column.cat.categories
    place = np.append(np.cumsum(present) - 1, -1)
    return place[codes], column.cat.categories[present]


def _listed(names: str | Sequence[str]) -> list[str]:
    return [names] if isinstance(names, str) else list(names)


def _strata(data: Data, strata: Names, n: int) -> tuple[Codes, pd.Index]:
    if strata is None:
        return np.zeros(n, dtype=np.int64), pd.Index([_("all respondents")])
    return joint_codes(data, _listed(strata), role="strata")


def _population_sizes(
    data: Data, population: Population, stratum: Codes, labels: pd.Index, strata: Names
) -> Floats | None:
    if population is None:
        return None
    if isinstance(population, str):
        return _sizes_from_column(data, population, stratum, labels)
    if isinstance(population, (Mapping, pd.Series)):
        return _sizes_from_mapping(data, strata, dict(population), labels)
    if len(labels) > 1:
        raise DesignError(
            _("One population size is given for {n} strata: each stratum has its own.", n=len(labels)),
            parameter="population",
            hint=_("Give population={stratum: size} or the name of a column."),
        )
    return np.array([float(population)])


def _sizes_from_column(data: Data, name: str, stratum: Codes, labels: pd.Index) -> Floats:
    sizes = numeric(data, name).to_numpy()
    refuse_rows(
        np.isnan(sizes),
        lambda k: _("The population size « {name} » is missing for {n} respondents.", name=name, n=k),
    )
    first = np.full(len(labels), np.nan)
    first[stratum[::-1]] = sizes[::-1]
    uneven = np.unique(stratum[sizes != first[stratum]])
    if len(uneven):
        raise DesignError(
            _(
                "The population size « {name} » changes within stratum « {stratum} ».",
                name=name,
                stratum=shown(labels[uneven[0]]),
            ),
            parameter="population",
        )
    return first


def _sizes_from_mapping(
    data: Data, strata: Names, population: Mapping[Hashable, float], labels: pd.Index
) -> Floats:
    if strata is None:
        raise DesignError(
            _("Population sizes are given by stratum, but no strata are declared."),
            parameter="strata",
            hint=_("Give strata= the column that holds « {first} ».", first=next(iter(population), "")),
        )
    names = _listed(strata)
    known = {}
    for key, size in population.items():
        known[shown(label_of_code(data, names[0], key) if len(names) == 1 else key)] = float(size)
    lacking = [shown(label) for label in labels if shown(label) not in known]
    if lacking:
        raise DesignError(
            _("No population size for stratum {names}.", names=", ".join(f"« {name} »" for name in lacking)),
            parameter="population",
            expected=", ".join(map(shown, labels)),
            got=", ".join(known),
            hint=suggest(lacking[0], known.keys() - set(map(shown, labels))) or None,
        )
    return np.array([known[shown(label)] for label in labels])


def _refuse_too_small(sizes: Floats, drawn: Codes, labels: pd.Index, *, clustered: bool) -> None:
    small = np.flatnonzero(~(sizes >= drawn))
    if not len(small):
        return
    first = small[0]
    raise DesignError(
        _(
            "Stratum « {stratum} »: {drawn} units in the sample but {size} in the population.",
            stratum=shown(labels[first]),
            drawn=drawn[first],
            size=f"{sizes[first]:g}",
        ),
        parameter="population",
        where=", ".join(shown(labels[place]) for place in small),
        hint=_("The population counts clusters here, not respondents.")
        if clustered
        else _("Look for duplicated respondents, or bring the frame up to date."),
    )
