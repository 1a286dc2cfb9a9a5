"""Disclosure policies: how many respondents a published number must rest on. Named; only made stricter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from optima_research.errors import PrivacyError, suggest
from optima_research.language import _
from optima_research.language.numbers import format_percent

DEFAULT_FLOOR = "cinq"
_STUDY_KEYS = {
    "n_min_groupe": "n_min_group",
    "n_min_cellule": "n_min_cell",
    "n_min_pourcentage": "n_min_percent",
    "dominance": "dominance",
}


@dataclass(frozen=True)
class Policy:
    """What may be shown.

    Parameters
    ----------
    name : str
        Printed under the tables.
    n_min_group : int
        Fewest respondents behind a mean, a score or a distribution.
    n_min_cell : int
        Fewest respondents in a cell of a frequency table, and in its complement.
    n_min_percent : int
        Fewest respondents for a percentage; below, counts only.
    dominance : float
        Largest share of a value that one unit may hold (1: no rule).
    homogeneous : bool
        Whether "all answered the same" (0 % and 100 % cells) is hidden: it tells everybody's answer, whatever the size.
    source : str
        Where the thresholds come from.

    Notes
    -----
    No French text sets a number for surveys of agents, élus or usagers; these thresholds are professional custom. The
    three units and 85 % of ``insee_entreprises`` are Insee's rule for business tables; its sources say "more than" or
    "at least" 85 %, and the stricter reading is applied.

    Examples
    --------
    >>> onze = named_policy("onze")
    >>> onze.n_min_group, onze.with_limits(n_min_group=15).n_min_group
    (11, 15)
    """

    name: str
    n_min_group: int = 0
    n_min_cell: int = 0
    n_min_percent: int = 0
    dominance: float = 1.0
    homogeneous: bool = True
    source: str = ""

    def __post_init__(self) -> None:
        if min(self.n_min_group, self.n_min_cell, self.n_min_percent) < 0 or not 0 < self.dominance <= 1:
            raise PrivacyError(
                _("A disclosure policy has thresholds of zero or more, and a dominance between 0 and 1."),
                where=self.name,
            )

    @classmethod
    def of_study(cls, entry: Mapping[str, Any], name: str = "") -> Policy:
        """The policy that the ``confidentialite`` entry of a ``study.yaml`` declares.

        ``politique`` names the floor (``cinq`` by default); ``n_min_groupe``, ``n_min_cellule``, ``n_min_pourcentage``
        and ``dominance`` may make it stricter, never laxer. Other keys of the entry are not about tables.

        Examples
        --------
        >>> Policy.of_study({"n_min_groupe": 10, "n_min_cellule": 5}, name="rezé").n_min_group
        10
        """
        floor = named_policy(str(entry.get("politique", DEFAULT_FLOOR)))
        limits = {field: entry[key] for key, field in _STUDY_KEYS.items() if key in entry}
        return floor.with_limits(name or floor.name, **limits) if limits else floor

    @property
    def hides_nothing(self) -> bool:
        """Whether it lets every number through (for the team's own use)."""
        return self.n_min_group <= 1 and self.n_min_cell <= 1 and self.dominance >= 1 and not self.homogeneous

    def with_limits(self, name: str | None = None, **limits: Any) -> Policy:
        """The policy made stricter, as a study may; a limit below this policy's is refused."""
        stricter = replace(self, name=name or self.name, **limits)
        stricter.require_at_least(self)
        return stricter

    def require_at_least(self, floor: Policy) -> None:
        """Check that nothing this policy lets through is hidden by ``floor``.

        Raises
        ------
        PrivacyError
            A threshold is below the floor's.
        """
        loose = [
            f"{name} = {getattr(self, name)} < {getattr(floor, name)}"
            for name in ("n_min_group", "n_min_cell", "n_min_percent")
            if getattr(self, name) < getattr(floor, name)
        ]
        if self.dominance > floor.dominance:
            loose.append(f"dominance = {self.dominance} > {floor.dominance}")
        if floor.homogeneous and not self.homogeneous:
            loose.append("homogeneous = False")
        if loose:
            raise PrivacyError(
                _("The policy « {name} » is below the floor « {floor} ».", name=self.name, floor=floor.name),
                got=" ; ".join(loose),
                hint=_(
                    "A study may only be stricter than its floor: use « {floor} », or raise the limits.",
                    floor=floor.name,
                ),
            )

    def sentence(self) -> str:
        """The rule in words, for the note under a table."""
        if self.hides_nothing:
            return _("Working document of the research team: not to be passed on.")
        text = _("Disclosure policy « {name} »: no result on fewer than {group} respondents.", name=self.name,
                 group=max(self.n_min_group, self.n_min_cell))  # fmt: skip
        if self.n_min_cell and self.n_min_cell != self.n_min_group:
            text = _(
                "Disclosure policy « {name} »: no group under {group} respondents, no cell under {cell}.",
                name=self.name, group=self.n_min_group, cell=self.n_min_cell,
            )  # fmt: skip
        if self.dominance < 1:
            text += " " + _(
                "No value of which one unit holds {share} or more.", share=format_percent(self.dominance, 0)
            )
        return text


POLICIES: Mapping[str, Policy] = {
    policy.name: policy
    for policy in (
        Policy("interne", homogeneous=False, source="équipe de recherche"),
        Policy(
            "insee_entreprises",
            3,
            3,
            dominance=0.85,
            homogeneous=False,
            source="Insee, manuel de protection des tableaux, § 11.1",
        ),
        Policy("cinq", 5, 5, source="usage professionnel, restitution à la collectivité"),
        Policy("onze", 11, 11, source="usage professionnel, par analogie avec les 11 ménages fiscaux"),
    )
}

AUDIENCES: Mapping[str, str] = {"researcher": "interne", "partner": "cinq", "publication": "onze"}
"""Policy that each audience of an export gets unless the study says a stricter one."""


def named_policy(policy: Policy | str, floor: Policy | str | None = None) -> Policy:
    """The policy of that name (or the policy given), checked against the study's floor.

    Raises
    ------
    PrivacyError
        No such policy, or it is below the floor.

    Examples
    --------
    >>> named_policy("cinq").n_min_cell
    5
    """
    if isinstance(policy, str):
        if policy not in POLICIES:
            raise PrivacyError(
                _("There is no disclosure policy « {name} ».", name=policy),
                expected=", ".join(POLICIES),
                hint=suggest(policy, POLICIES),
            )
        policy = POLICIES[policy]
    if floor is not None:
        policy.require_at_least(named_policy(floor))
    return policy
