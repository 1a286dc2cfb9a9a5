"""Risk of re-identification under the three headings of the G29 opinion 05/2014: singling out, linkability, inference.

Pseudonymised is not anonymous. A survey of all the agents of a town hall has no sampling to hide in: the respondents'
k is taken as the population's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optima_research.codebook.identifiers import find_identifiers
from optima_research.errors import PrivacyError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_percent
from optima_research.privacy._profiles import Ints, codes_of, crossed, profiles
from optima_research.privacy.policies import Policy, named_policy
from optima_research.results import Column, Estimate, PublicationTable, Result
from optima_research.results.frames import Data, require
from optima_research.results.style import axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False)
class RiskReport(Result):
    """What the quasi-identifiers give away, in counts only.

    Attributes
    ----------
    k : int
        Size of the smallest profile (combination of quasi-identifiers).
    unique : int
        Respondents whose profile is theirs alone.
    exposed : int
        Respondents in profiles under the policy's threshold.
    n, n_profiles : int
    combinations : DataFrame
        One row for each nested set of quasi-identifiers, as declared: ``k unique exposed share_unique share_exposed``.
    sensitive : DataFrame
        One row a sensitive column: ``l`` (fewest distinct answers in a profile of two or more), ``homogeneous``
        (respondents in profiles of two or more that all answered alike).
    linked : DataFrame
        One row an earlier release: ``shared_keys`` (pseudonyms found in both), ``narrowed`` (respondents whose profile
        is under the threshold once both releases are joined).
    texts : DataFrame
        One row a column of open text scanned: ``n`` answers that hold a direct identifier.
    threshold : int
    quasi_identifiers : tuple of str
    """

    k: int
    unique: int
    exposed: int
    n: int
    n_profiles: int
    combinations: pd.DataFrame
    sensitive: pd.DataFrame
    threshold: int
    quasi_identifiers: tuple[str, ...]
    linked: pd.DataFrame = field(default_factory=pd.DataFrame)
    texts: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def singling_out(self) -> bool:
        """Whether somebody can be isolated: a profile under the threshold, or an identifier in an open answer."""
        return self.k < self.threshold or (len(self.texts) > 0 and bool((self.texts["n"] > 0).any()))

    @property
    def linkability(self) -> bool:
        """Whether respondents can be followed from one release to another."""
        return len(self.linked) > 0 and bool((self.linked["shared_keys"] > 0).any())

    @property
    def inference(self) -> bool:
        """Whether a profile gives away its answer without isolating anybody."""
        return len(self.sensitive) > 0 and bool((self.sensitive["homogeneous"] > 0).any())

    @property
    def may_leave(self) -> bool:
        """Whether none of the three criteria fails, so that the file may leave the team."""
        return not (self.singling_out or self.linkability or self.inference)

    def table(self) -> PublicationTable:
        """One line a criterion and measure."""
        body = pd.DataFrame(self._measures(), columns=["criterion", "measure", "value"]).set_index(
            "criterion"
        )
        return PublicationTable(
            title=_("Risk of re-identification (G29 criteria)"),
            body=body,
            columns=(Column("measure", _("Measure"), kind="text"), Column("value", _("Value"), kind="count")),
            stub=_("Criterion"),
            reading=self.sentence(),
            note=_(
                "Pseudonymised is not anonymous. Quasi-identifiers: {names}.",
                names=", ".join(self.quasi_identifiers),
            ),
            source="G29, avis 05/2014",
            name="risk",
        )

    def sentence(self) -> str:
        """The verdict in words, criterion by criterion."""
        text = _(
            "Out of {n} respondents, {unique} ({share}) are alone on {names}, {exposed} are in profiles under {k}.",
            n=format_count(self.n),
            unique=format_count(self.unique),
            share=format_percent(self.unique / self.n if self.n else None),
            names=" × ".join(self.quasi_identifiers),
            exposed=format_count(self.exposed),
            k=self.threshold,
        )
        failed = [
            name
            for name, fails in (
                (_("singling out"), self.singling_out),
                (_("linkability"), self.linkability),
                (_("inference"), self.inference),
            )
            if fails
        ]
        if failed:
            return text + " " + _("This file may not leave the team: {failed}.", failed=", ".join(failed))
        return text + " " + _("None of the three criteria fails.")

    def plot(self, ax: Axes | None = None) -> Axes:
        """Share of respondents alone or under the threshold as quasi-identifiers are added."""
        ax = axes(ax, rows=len(self.combinations) + 1)
        position = np.arange(len(self.combinations))[::-1]
        ax.barh(
            position,
            self.combinations["share_exposed"],
            color="#DDAA33",
            label=_("profile under {k}", k=self.threshold),
        )
        ax.barh(
            position,
            self.combinations["share_unique"],
            color="#004488",
            height=0.4,
            label=_("alone in the profile"),
        )
        ax.set_yticks(position, [str(name) for name in self.combinations.index])
        ax.set_xlim(0, 1)
        ax.set_xlabel(_("Share of respondents"))
        ax.legend(frameon=False, fontsize=8)
        return ax

    def statistics(self) -> dict[str, Estimate | float]:
        """The main numbers."""
        return {
            "risk_k": float(self.k),
            "risk_unique": float(self.unique),
            "risk_exposed": float(self.exposed),
        }

    def _measures(self) -> list[tuple[str, str, float]]:
        rows = [
            (_("Singling out"), _("smallest profile (k)"), float(self.k)),
            (_("Singling out"), _("respondents alone in their profile"), float(self.unique)),
            (
                _("Singling out"),
                _("respondents in profiles under {k}", k=self.threshold),
                float(self.exposed),
            ),
        ]
        for name, row in self.linked.iterrows():
            rows.append(
                (
                    _("Linkability"),
                    _("same pseudonyms as in « {name} »", name=name),
                    float(row["shared_keys"]),
                )
            )
        for name, row in self.sensitive.iterrows():
            rows.append(
                (_("Inference"), _("fewest answers in a profile, {name} (l)", name=name), float(row["l"]))
            )
            rows.append(
                (
                    _("Inference"),
                    _("respondents in profiles that answered alike, {name}", name=name),
                    float(row["homogeneous"]),
                )
            )
        return rows


def reidentification_risk(
    data: Data,
    quasi_identifiers: Sequence[str],
    *,
    sensitive: Sequence[str] = (),
    policy: Policy | str = "onze",
    texts: Sequence[str] = (),
    key: str | None = None,
    releases: dict[str, pd.DataFrame] | None = None,
) -> RiskReport:
    """How far the quasi-identifiers single out, link and give away.

    Parameters
    ----------
    data : Survey or DataFrame
    quasi_identifiers : sequence of str
        What a colleague knows of a colleague: sex, age class, category, direction… A missing answer
        is a value of its own.
    sensitive : sequence of str
        Answers that must not be inferred.
    policy : Policy or str
        Gives the threshold (its ``n_min_cell``, at least two).
    texts : sequence of str
        Columns of open answers, scanned for direct identifiers.
    key : str, optional
        Column of the pseudonym, compared with that of earlier releases.
    releases : mapping of str to DataFrame, optional
        Files that left before: same ``key``, and any of the quasi-identifiers.

    Raises
    ------
    PrivacyError
        No quasi-identifier is declared.

    Notes
    -----
    k-anonymity (Sweeney 2002) and distinct l-diversity (Machanavajjhala et al. 2007) on profiles of codes.

    Examples
    --------
    >>> staff = pd.DataFrame({"sexe": list("FFHHF"), "cat": list("AABBC"), "avis": [1, 1, 2, 3, 3]})
    >>> report = reidentification_risk(staff, ["sexe", "cat"], sensitive=["avis"], policy="cinq")
    >>> report.k, report.unique, report.sensitive.loc["avis", "homogeneous"]
    (1, 1, np.int64(2))
    """
    if not quasi_identifiers:
        raise PrivacyError(
            _("No quasi-identifier is declared."),
            parameter="quasi_identifiers",
            hint=_("List what colleagues know of each other: sex, age, category, direction, seniority."),
        )
    names = list(quasi_identifiers)
    frame = _plain(data, list(dict.fromkeys([*names, *sensitive, *texts, *([key] if key else [])])))
    threshold = max(2, named_policy(policy).n_min_cell)
    cells, nested = _nested_profiles(frame, names, threshold)
    sizes = np.bincount(cells)
    mine = sizes[cells]
    return RiskReport(
        k=int(sizes[sizes > 0].min()) if len(cells) else 0,
        unique=int((mine == 1).sum()),
        exposed=int((mine < threshold).sum()),
        n=len(frame),
        n_profiles=int((sizes > 0).sum()),
        combinations=nested,
        sensitive=_diversity(frame, cells, sizes, list(sensitive)),
        threshold=threshold,
        quasi_identifiers=tuple(names),
        linked=_linked(frame, names, key, releases or {}, threshold),
        texts=_named_in_texts(frame, texts),
    )


def profile_sizes(data: Data, quasi_identifiers: Sequence[str]) -> pd.Series:
    """Number of respondents who share each respondent's profile (itself included)."""
    frame = _plain(data, list(quasi_identifiers))
    cells = profiles(frame, list(quasi_identifiers))
    return pd.Series(np.bincount(cells)[cells], index=frame.index, name="profile_size")


def _plain(data: Data, names: list[str]) -> pd.DataFrame:
    require(data, names)
    return data[names] if isinstance(data, pd.DataFrame) else data.answers[names]


def _nested_profiles(frame: pd.DataFrame, names: list[str], threshold: int) -> tuple[Ints, pd.DataFrame]:
    rows = []
    cells: Ints = np.zeros(len(frame), dtype=np.int64)
    for position, name in enumerate(names):
        cells = crossed(cells, codes_of(frame[name]))
        sizes = np.bincount(cells)
        filled = sizes[sizes > 0]
        # Counted over profiles, not over respondents: the same sums, from a much shorter array.
        unique, exposed = int((filled == 1).sum()), int(filled[filled < threshold].sum())
        label = name if position == 0 else f"+ {name}"
        share = max(len(frame), 1)
        rows.append(
            (
                label,
                int(filled.min()) if len(filled) else 0,
                unique,
                exposed,
                unique / share,
                exposed / share,
            )
        )
    columns = ["quasi_identifiers", "k", "unique", "exposed", "share_unique", "share_exposed"]
    return cells, pd.DataFrame(rows, columns=columns).set_index("quasi_identifiers")


def _diversity(frame: pd.DataFrame, cells: Ints, sizes: Ints, names: list[str]) -> pd.DataFrame:
    rows = []
    for name in names:
        codes = codes_of(frame[name])
        answered = codes > 0
        pairs = crossed(cells[answered], codes[answered])
        first = np.zeros(int(pairs.max(initial=-1)) + 1, dtype=np.int64)
        first[pairs] = cells[answered]
        distinct = np.bincount(first, minlength=len(sizes))
        groups = np.bincount(cells[answered], minlength=len(sizes))
        several = groups > 1
        alike = several & (distinct == 1)
        rows.append((name, int(distinct[several].min()) if several.any() else 0, int(groups[alike].sum())))
    return pd.DataFrame(rows, columns=["name", "l", "homogeneous"]).set_index("name")


def _linked(
    frame: pd.DataFrame, names: list[str], key: str | None, releases: dict[str, pd.DataFrame], threshold: int
) -> pd.DataFrame:
    rows = []
    for title, earlier in releases.items():
        if key is None or key not in earlier:
            rows.append((title, 0, 0))
            continue
        known = [name for name in names if name in earlier]
        shared = frame.merge(earlier[[key, *known]].dropna(subset=[key]), on=key, suffixes=("", "_before"))
        cells = profiles(shared, [*names, *(f"{name}_before" for name in known)])
        sizes = np.bincount(cells) if len(cells) else np.zeros(0, dtype=np.int64)
        rows.append((title, len(shared), int((sizes[cells] < threshold).sum()) if len(cells) else 0))
    return pd.DataFrame(rows, columns=["release", "shared_keys", "narrowed"]).set_index("release")


def _named_in_texts(frame: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    counts = [
        int(frame[name].dropna().map(lambda text: bool(find_identifiers(str(text)))).sum()) for name in names
    ]
    return pd.DataFrame({"n": counts}, index=pd.Index(list(names), name="column"))
