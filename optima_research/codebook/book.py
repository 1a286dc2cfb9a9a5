"""The codebook: every variable, set and scale of a survey, immutable like the survey it describes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import pandas as pd

from optima_research.codebook.kinds import Role
from optima_research.codebook.scale import Scale
from optima_research.codebook.variable import ItemSet, Variable
from optima_research.errors import CodebookError, suggest
from optima_research.language import _

_Named = TypeVar("_Named", ItemSet, Scale)


@dataclass(frozen=True, eq=True, repr=False)
class Codebook:
    """What the columns of a survey mean.

    Parameters
    ----------
    variables : iterable of Variable
        In the order of the columns.
    sets : iterable of ItemSet
    scales : iterable of Scale
    title : str
        Title of the questionnaire.

    Raises
    ------
    CodebookError
        A name used twice, or a set or scale naming a variable that does not exist.

    Examples
    --------
    >>> book = Codebook([Variable("sexe", "Vous êtes", values={"F": "Une femme", "H": "Un homme"})])
    >>> book["sexe"].values["F"]
    'Une femme'
    >>> "age" in book
    False
    """

    variables: tuple[Variable, ...] = ()
    sets: tuple[ItemSet, ...] = ()
    scales: tuple[Scale, ...] = ()
    title: str = ""
    _by_name: Mapping[str, Variable] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __init__(
        self,
        variables: Iterable[Variable] = (),
        sets: Iterable[ItemSet] = (),
        scales: Iterable[Scale] = (),
        title: str = "",
    ) -> None:
        set_ = object.__setattr__
        set_(self, "variables", tuple(variables))
        set_(self, "sets", tuple(sets))
        set_(self, "scales", tuple(scales))
        set_(self, "title", title)
        set_(self, "_by_name", {variable.name: variable for variable in self.variables})
        self._check()

    @classmethod
    def read(cls, path: str | Path) -> Codebook:
        """Read a codebook from ``.yaml``, ``.csv`` or ``.xlsx``; see :mod:`optima_research.codebook.files`."""
        from optima_research.codebook.files import read_codebook

        return read_codebook(Path(path))

    def write(self, path: str | Path) -> Path:
        """Write it as ``.yaml``, ``.csv`` or ``.xlsx``, in the form that :meth:`read` takes back."""
        from optima_research.codebook.files import write_codebook

        return write_codebook(self, Path(path))

    @property
    def names(self) -> list[str]:
        """Names of the variables, in order."""
        return list(self._by_name)

    def __getitem__(self, name: str) -> Variable:
        try:
            return self._by_name[name]
        except KeyError:
            raise CodebookError(
                _("The codebook has no variable « {name} ».", name=name), hint=suggest(name, self.names)
            ) from None

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __iter__(self) -> Iterator[Variable]:
        return iter(self.variables)

    def __len__(self) -> int:
        return len(self.variables)

    def _ipython_key_completions_(self) -> list[str]:
        return self.names

    def item_set(self, name: str) -> ItemSet:
        """The set of that name."""
        return _named(self.sets, name)

    def scale(self, name: str) -> Scale:
        """The scale of that name."""
        return _named(self.scales, name)

    def with_role(self, role: Role | str) -> list[Variable]:
        """Variables that have that role."""
        return [variable for variable in self.variables if variable.role == role]

    def replace(self, *variables: Variable) -> Codebook:
        """A codebook where these variables take the place of those of the same name."""
        new = {variable.name: variable for variable in variables}
        for name in new:
            self[name]
        return self._with(variables=tuple(new.get(variable.name, variable) for variable in self.variables))

    def add(self, *variables: Variable) -> Codebook:
        """A codebook with more variables, at the end."""
        return self._with(variables=(*self.variables, *variables))

    def subset(self, names: Iterable[str]) -> Codebook:
        """Only these variables, in this order, with the sets and scales that keep all their members."""
        kept = tuple(self[name] for name in names)
        known = {variable.name for variable in kept}
        return Codebook(
            kept,
            [
                replace(group, members=members)
                for group in self.sets
                if (members := tuple(m for m in group.members if m in known))
            ],
            [scale for scale in self.scales if known.issuperset(scale.items)],
            self.title,
        )

    def drop(self, names: Iterable[str]) -> Codebook:
        """Without these variables."""
        gone = set(names)
        return self.subset(name for name in self.names if name not in gone)

    def with_scales(self, *scales: Scale) -> Codebook:
        """With these scales added, or put in place of those of the same name."""
        names = {scale.name for scale in scales}
        return self._with(scales=(*(s for s in self.scales if s.name not in names), *scales))

    def with_sets(self, *sets: ItemSet) -> Codebook:
        """With these sets added, or put in place of those of the same name."""
        names = {group.name for group in sets}
        return self._with(sets=(*(s for s in self.sets if s.name not in names), *sets))

    def search(self, text: str) -> pd.DataFrame:
        """Variables whose name, question, label or answers hold the text, whatever the case and accents.

        Returns
        -------
        DataFrame
            ``label``, ``measure``, ``values`` indexed by variable name, in the order of the codebook.
        """
        wanted = _plain(text)
        found = [variable for variable in self.variables if wanted in _plain(_searchable(variable))]
        rows = [
            (v.name, v.shown, str(v.measure), " | ".join(f"{c} {t}" for c, t in v.values.items()))
            for v in found
        ]
        return pd.DataFrame(rows, columns=["name", "label", "measure", "values"]).set_index("name")

    def __repr__(self) -> str:
        return f"Codebook({len(self.variables)} variables, {len(self.sets)} sets, {len(self.scales)} scales)"

    def _with(
        self,
        *,
        variables: tuple[Variable, ...] | None = None,
        sets: tuple[ItemSet, ...] | None = None,
        scales: tuple[Scale, ...] | None = None,
    ) -> Codebook:
        return Codebook(
            self.variables if variables is None else variables,
            self.sets if sets is None else sets,
            self.scales if scales is None else scales,
            self.title,
        )

    def _check(self) -> None:
        if len(self._by_name) < len(self.variables):
            names = [variable.name for variable in self.variables]
            twice = sorted({name for name in names if names.count(name) > 1})
            raise CodebookError(_("Names used twice in the codebook: {names}.", names=", ".join(twice)))
        for group in self.sets:
            self._check_members(group.name, group.members)
        for scale in self.scales:
            self._check_members(scale.name, scale.items)

    def _check_members(self, group: str, members: tuple[str, ...]) -> None:
        for name in members:
            if name not in self._by_name:
                raise CodebookError(
                    _(
                        "« {group} » names the variable « {name} », which does not exist.",
                        group=group,
                        name=name,
                    ),
                    hint=suggest(name, self.names),
                )


def _named(things: tuple[_Named, ...], name: str) -> _Named:
    for thing in things:
        if thing.name == name:
            return thing
    raise CodebookError(
        _("The codebook has nothing called « {name} ».", name=name),
        hint=suggest(name, [thing.name for thing in things]),
    )


def _searchable(variable: Variable) -> str:
    return " ".join([variable.name, variable.question, variable.label, *variable.values.values()])


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return re.sub(r"\s+", " ", "".join(c for c in decomposed if not unicodedata.combining(c)))
