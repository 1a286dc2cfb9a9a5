"""Differencing: two published groups that differ by a few people give those people away. Across tables and releases."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from optima_research.cleaning.conditions import matches
from optima_research.errors import DisclosureError, PrivacyError
from optima_research.language import _
from optima_research.privacy.policies import Policy, named_policy
from optima_research.results import Column, Estimate, PublicationTable, Result
from optima_research.results.files import write_text
from optima_research.results.frames import Data, categories
from optima_research.survey import Survey


@dataclass(frozen=True, eq=False, repr=False)
class Differences(Result):
    """Pairs of published groups whose difference is too small.

    Attributes
    ----------
    pairs : DataFrame
        ``larger smaller difference`` (respondents in one and not in the other).
    threshold : int
    """

    pairs: pd.DataFrame
    threshold: int

    @property
    def is_safe(self) -> bool:
        """Whether no pair gives anybody away."""
        return len(self.pairs) == 0

    def require_safe(self) -> None:
        """Raise where a pair does.

        Raises
        ------
        DisclosureError
            Publishing both groups tells the answers of fewer people than the threshold.
        """
        if not self.is_safe:
            first = self.pairs.iloc[0]
            raise DisclosureError(
                self.sentence(),
                where=f"{first['larger']} ∖ {first['smaller']}",
                hint=_(
                    "Publish one of the two groups only, or define both so that they differ by {k} people.",
                    k=self.threshold,
                ),
            )

    def table(self) -> PublicationTable:
        """One row a pair; the difference itself is shown as under the threshold only."""
        body = self.pairs[["smaller"]].set_axis(self.pairs["larger"])
        return PublicationTable(
            title=_("Groups too close to be published together"),
            body=body,
            columns=(Column("smaller", _("and"), kind="text"),),
            stub=_("Published group"),
            reading=self.sentence(),
            name="differencing",
        )

    def sentence(self) -> str:
        """How many pairs, against which threshold."""
        if self.is_safe:
            return _("No two published groups differ by fewer than {k} respondents.", k=self.threshold)
        return _(
            "{n} pairs of published groups differ by fewer than {k} respondents: subtracting one from the other gives "
            "their answers.",
            n=len(self.pairs),
            k=self.threshold,
        )

    def statistics(self) -> dict[str, Estimate | float]:
        """Number of pairs."""
        return {"close_pairs": float(len(self.pairs))}


@dataclass(frozen=True)
class Release:
    """What left on a date: the groups that were shown and their members, as hashes of their pseudonyms.

    Parameters
    ----------
    name : str
        ``"restitution 2013-07-04"``.
    groups : mapping
        Name of the group → sorted hashes of its members. Without the salt of the study they tell nothing; the file
        stays with the team.
    content : str
        Hash of the tables shown, so that a later change is seen.
    """

    name: str
    groups: Mapping[str, tuple[str, ...]]
    content: str = ""

    def write(self, path: str | Path) -> Path:
        """Freeze it as JSON."""
        entry = {
            "name": self.name,
            "content": self.content,
            "groups": {k: list(v) for k, v in self.groups.items()},
        }
        return write_text(Path(path), json.dumps(entry, ensure_ascii=False, sort_keys=True) + "\n")

    @classmethod
    def read(cls, path: str | Path) -> Release:
        """Read a frozen release."""
        entry = json.loads(Path(path).read_text(encoding="utf-8"))
        groups = {name: tuple(members) for name, members in entry["groups"].items()}
        return cls(entry["name"], groups, entry["content"])


@dataclass(frozen=True, eq=False)
class Guard:
    """The groups a report publishes, gathered table by table, then compared two by two.

    Parameters
    ----------
    survey : Survey or DataFrame
        The respondents (same ids from one release to the next).
    policy : Policy or str
    salt : str
        Secret of the study for the hashes of a release.

    Examples
    --------
    >>> staff = pd.DataFrame({"direction": ["A"] * 20 + ["B"] * 18 + ["C"] * 2})
    >>> guard = Guard(staff, "cinq").published({"tous": staff["direction"] > "", "A et B": staff["direction"] < "C"})
    >>> guard.differences().pairs["difference"].tolist()
    [2]
    """

    survey: Data
    policy: Policy | str
    salt: str = ""
    groups: Mapping[str, npt.NDArray[np.bool_]] = field(default_factory=dict)

    def adding(self, *by: str, among: str | pd.Series | None = None) -> Guard:
        """The groups of a table: everybody concerned, and each category (or crossing) of the columns.

        Categories under the policy's threshold are hidden by it, hence not published, and not added.
        """
        concerned = self._mask(among)
        title = "" if among is None else f" | {among if isinstance(among, str) else _('a subset')}"
        new = {_("all") + title: concerned}
        cells = [categories(self.survey, name) for name in by]
        if cells:
            crossed = pd.Series(
                list(zip(*(column.astype("string") for column in cells), strict=True)), index=cells[0].index
            )
            codes, labels = pd.factorize(crossed)
            least = named_policy(self.policy).n_min_group
            for position, label in enumerate(labels):
                members = (codes == position) & concerned
                if members.sum() >= max(least, 1) and not any(part is pd.NA for part in label):
                    new[" × ".join(map(str, label)) + title] = members
            # Whoever is in none of the categories shown is known by subtraction.
            shown = [mask for name, mask in new.items() if name != _("all") + title]
            if shown:
                new[_("{names}: all the categories shown", names=" × ".join(by)) + title] = (
                    np.logical_or.reduce(shown)
                )
        return self.published(new)

    def published(self, groups: Mapping[str, Any]) -> Guard:
        """With these groups too: name → boolean column, or condition where the data are a survey."""
        added = {name: self._mask(members) for name, members in groups.items()}
        return Guard(self.survey, self.policy, self.salt, {**self.groups, **added})

    def differences(self, releases: Sequence[Release] = ()) -> Differences:
        """Pairs of groups, of this report or of earlier releases, that differ by too few people.

        Notes
        -----
        Two groups are dangerous when one lies within the other and leaves out fewer than k people: ``0 < |A ∖ B| < k``.
        Across releases that catches the same group before and after late answers or exclusions.
        """
        threshold = max(2, named_policy(self.policy).n_min_group, named_policy(self.policy).n_min_cell)
        names = list(self.groups)
        ids = self._hashes()
        members = np.array([self.groups[name] for name in names], dtype=bool).reshape(len(names), len(ids))
        if releases:
            people = sorted(
                {one for release in releases for group in release.groups.values() for one in group} | set(ids)
            )
            at = {one: position for position, one in enumerate(people)}
            wide = np.zeros((len(names), len(people)), dtype=bool)
            wide[:, [at[one] for one in ids]] = members
            rows = [wide]
            for release in releases:
                for name, group in release.groups.items():
                    row = np.zeros((1, len(people)), dtype=bool)
                    row[0, [at[one] for one in group]] = True
                    rows.append(row)
                    names.append(f"{name} ({release.name})")
            members = np.vstack(rows)
        return Differences(_close_pairs(names, members, threshold), threshold)

    def release(self, name: str, tables: Sequence[PublicationTable] = ()) -> Release:
        """Freeze what is published now, to be compared with what will be."""
        ids = np.array(self._hashes())
        groups = {title: tuple(sorted(ids[mask].tolist())) for title, mask in self.groups.items()}
        text = "\n".join(table.formatted().to_csv() for table in tables)
        return Release(name, groups, hashlib.sha256(text.encode()).hexdigest() if tables else "")

    def _mask(self, members: Any) -> npt.NDArray[np.bool_]:
        index = self.survey.index if isinstance(self.survey, pd.DataFrame) else self.survey.answers.index
        if members is None:
            return np.ones(len(index), dtype=bool)
        if isinstance(members, str):
            if not isinstance(self.survey, Survey):
                raise PrivacyError(_("A condition needs a survey; give a column of booleans."), got=members)
            return np.asarray(matches(self.survey, members), dtype=bool)
        return np.asarray(
            pd.Series(members, index=index if not isinstance(members, pd.Series) else None)
            .reindex(index)
            .fillna(False),
            dtype=bool,
        )

    def _hashes(self) -> list[str]:
        index = self.survey.index if isinstance(self.survey, pd.DataFrame) else self.survey.answers.index
        return [hashlib.sha256(f"{self.salt}\0{one}".encode()).hexdigest()[:20] for one in index]


def _close_pairs(names: list[str], members: npt.NDArray[np.bool_], threshold: int) -> pd.DataFrame:
    sizes = members.sum(axis=1)
    counts = members.astype(np.float32)
    shared = (counts @ counts.T).astype(np.int64)
    outside = sizes[:, None] - shared  # people of the row's group who are not in the column's
    close = (outside > 0) & (outside < threshold) & (outside.T == 0) & (sizes[None, :] > 0)
    larger, smaller = np.nonzero(close)
    rows = [(names[a], names[b], int(outside[a, b])) for a, b in zip(larger, smaller, strict=True)]
    return pd.DataFrame(rows, columns=["larger", "smaller", "difference"])
