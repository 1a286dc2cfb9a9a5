"""The two readings of a study, by partner: « technique » (indicators) and « comportementale » (attitudes, words)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np
import pandas as pd

from optima_research.coding.qualitative.codes.code_matrix import code_matrix
from optima_research.coding.qualitative.mixed.joint_display import Reading
from optima_research.coding.qualitative.projects.project import CodedProject
from optima_research.errors import AnalysisError, suggest
from optima_research.language import _
from optima_research.results import Column, Estimate, Protect, PublicationTable, Result
from optima_research.results.frames import Data, categories, label_of, numeric

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def two_readings(
    technical: pd.DataFrame,
    survey: Data,
    project: CodedProject | None = None,
    *,
    partner: str,
    attitudes: Sequence[str],
    better: Mapping[str, str] | None = None,
    codes: Sequence[str] | None = None,
    least: int = 3,
) -> TwoReadings:
    """Set indicators beside attitudes and words, one line a partner.

    Parameters
    ----------
    technical : DataFrame
        One row a partner (index), one column an indicator: costs, times, rates.
    survey : Survey or DataFrame
        One row a respondent.
    project : CodedProject, optional
        Interviews, whose cases have a variable of the same name as ``partner``.
    partner : str
        Column of the survey that names the partner.
    attitudes : sequence of str
        Scores of the survey.
    better : mapping, optional
        Indicator or score → ``lower`` where low is good; ``higher`` otherwise.
    codes : sequence of str, optional
        Codes whose share of interviewees is shown; all used by default.
    least : int
        Fewest respondents for a partner's attitudes to be read.

    Returns
    -------
    TwoReadings
        ``partners`` (index partner: ``n technical behavioural reading`` and every mean), ``codes`` (shares).

    Raises
    ------
    AnalysisError
        No partner in common.

    Notes
    -----
    Each side is placed against the median of partners, indicator by indicator; a side is high when most of its
    indicators are on the good side of the median, low when most are on the other. Both high or both low:
    *convergence*; opposite: *divergence*; one in the middle: *complementarity*; a side missing: *silence*. With a few
    partners this is a reading, not a test: no p-value is given.

    Examples
    --------
    >>> indicators = pd.DataFrame({"délai": [10, 40, 20]}, index=["A", "B", "C"])
    >>> survey = pd.DataFrame({"partner": list("AAABBBCCC"), "climat": [4, 4, 5, 2, 2, 1, 3, 3, 3.0]})
    >>> found = two_readings(indicators, survey, partner="partner", attitudes=["climat"], better={"délai": "lower"})
    >>> found.partners["reading"].astype(str).to_dict()
    {'A': 'convergence', 'B': 'convergence', 'C': 'complementarity'}
    """
    attitudes = [attitudes] if isinstance(attitudes, str) else list(attitudes)
    _check_better(dict(better or {}), [*technical.columns, *attitudes])
    if not attitudes:
        raise AnalysisError(_("Name at least one attitude."), parameter="attitudes")
    group = categories(survey, partner)
    names = [str(p) for p in technical.index if str(p) in set(group.dropna().astype(str))]
    if not names:
        raise AnalysisError(
            _("Indicators and survey share no partner."),
            parameter="partner",
            expected=", ".join(map(str, technical.index[:6])),
            got=", ".join(map(str, group.dropna().unique()[:6])),
        )
    scores = pd.DataFrame({label_of(survey, a): numeric(survey, a) for a in attitudes})
    labels = dict(zip(attitudes, scores.columns, strict=True))
    means = scores.groupby(group.astype(str)).mean().reindex(names)
    n = scores.notna().any(axis=1).groupby(group.astype(str)).sum().reindex(names).astype(int)
    means = means.where((n >= least).to_numpy()[:, None])
    signs = {labels.get(k, k): -1 if v == "lower" else 1 for k, v in (better or {}).items()}
    hard = technical.set_axis(technical.index.astype(str)).reindex(names)
    sides = pd.DataFrame({"technical": _side(hard, signs), "behavioural": _side(means, signs)})
    readings = [_together(t, b) for t, b in zip(sides["technical"], sides["behavioural"], strict=True)]
    shares = interviewed = None
    if project is not None:
        _check_partners(project, partner)
        matrix = code_matrix(project, codes if codes is not None else "code", partner, draws=0)
        shares, interviewed = matrix.values.reindex(columns=names), matrix.bases.reindex(names)
    frame = pd.concat([hard, means], axis=1).assign(n=n, **sides, reading=readings)
    return TwoReadings(
        frame.rename_axis("partner"), tuple(hard.columns), tuple(means.columns), shares, interviewed
    )


@dataclass(frozen=True, eq=False, repr=False)
class TwoReadings(Result):
    """Partners with their indicators, attitudes, words, and how the two readings agree."""

    partners: pd.DataFrame
    technical: tuple[str, ...]
    behavioural: tuple[str, ...]
    codes: pd.DataFrame | None
    interviewed: pd.Series | None = None
    shown: PublicationTable | None = None

    def table(self) -> PublicationTable:
        """One line a partner, technical columns then behavioural ones."""
        return self.shown if self.shown is not None else self._table()

    def protected(self, protect: Protect) -> Self:
        """Without the attitudes of too few respondents and the words of too few interviewees, partner by partner.

        A partner whose attitudes are hidden has no behavioural side, in the sentence or in the figure.
        """
        table = protect(self._table())
        if table.suppressed is None:
            return replace(self, shown=table)
        hidden = table.suppressed[list(self.behavioural)].any(axis=1)
        partners = self.partners.copy()
        apart = [*self.behavioural, "behavioural", "n"]
        partners[apart] = partners[apart].mask(hidden, axis=0)
        partners["reading"] = partners["reading"].where(
            ~hidden | (partners["reading"] == Reading.SILENCE), Reading.WITHHELD
        )
        codes = None
        if self.codes is not None:
            masked = table.suppressed[[_quoted(code) for code in self.codes.index]].set_axis(
                self.codes.index, axis=1
            )
            codes = self.codes.mask(masked.T.astype(bool))
        rest = replace(self, partners=partners, codes=codes)
        body = table.body.assign(reading=rest._table().body["reading"])
        return replace(rest, shown=replace(table, body=body, reading=rest.sentence()))

    def _table(self) -> PublicationTable:
        body = self.partners.assign(reading=[Reading(r).label for r in self.partners["reading"]])
        columns = [Column(c, c, group=_("Technical reading")) for c in self.technical]
        columns += [Column(c, c, decimals=2, group=_("Behavioural reading")) for c in self.behavioural]
        if self.codes is not None:
            shares = self.codes.T.rename(columns=_quoted)
            body = body.join(shares)
            columns += [
                Column(c, c, kind="percent", decimals=0, group=_("Said in interviews")) for c in shares
            ]
        columns += [
            Column("n", _("Respondents"), kind="count"),
            Column("reading", _("Reading together"), kind="text"),
        ]
        bases = pd.DataFrame(dict.fromkeys([*self.behavioural, "n"], body["n"]), index=body.index)
        if self.codes is not None and self.interviewed is not None:
            bases = bases.assign(**dict.fromkeys(map(_quoted, self.codes.index), self.interviewed.fillna(0)))
        return PublicationTable(
            title=_("Two readings: technical and behavioural"),
            body=body,
            columns=tuple(columns),
            stub=_("Partner"),
            bases=bases,
            attributes={"additive_rows": True, "public": self.technical},
            totals=("",),
            reading=self.sentence(),
            note=_("Each side against the median of partners; a reading, not a test."),
            name="two_readings",
        )

    def sentence(self) -> str:
        """Partners by reading."""
        named = {r: [str(p) for p, x in self.partners["reading"].items() if x == r] for r in Reading}
        said = [f"{r.label} ({', '.join(names)})" for r, names in named.items() if names]
        return _("Partners: {readings}.", readings=" ; ".join(said))

    def plot(self, ax: Axes | None = None) -> Axes:
        """Each partner by its technical (across) and behavioural (up) side."""
        from optima_research.coding.quantitative._label_placement import place_labels
        from optima_research.results.style import INK, axes, decimal_axis, palette

        ax = axes(ax, rows=10)
        x, y = self.partners["technical"].to_numpy(float), self.partners["behavioural"].to_numpy(float)
        ax.scatter(x, y, color=palette(1)[0], s=50)
        ax.axhline(0, color=INK, linewidth=0.6)
        ax.axvline(0, color=INK, linewidth=0.6)
        ax.set_xlim(-1.2, 1.2)
        ax.set_ylim(-1.2, 1.2)
        ax.set_xlabel(_("Technical reading"))
        ax.set_ylabel(_("Behavioural reading"))
        decimal_axis(ax, "x")
        decimal_axis(ax, "y")
        # Partners often share a place: their names must not cover each other.
        told = np.isfinite(x) & np.isfinite(y)
        names = [str(name) for name in self.partners.index[told]]
        place_labels(ax, np.column_stack([x, y])[told], names, ["normal"] * len(names), size=8)
        return ax

    def statistics(self) -> dict[str, Estimate | float]:
        """The side of each partner."""
        found: dict[str, Estimate | float] = {}
        for name, row in self.partners.iterrows():
            found |= {
                f"technical:{name}": float(row["technical"]),
                f"behavioural:{name}": float(row["behavioural"]),
            }
        return found


def _quoted(code: object) -> str:
    return f"« {code} »"


def _check_partners(project: CodedProject, partner: str) -> None:
    known = sorted({str(name) for name in project.variables["variable"]})
    if partner not in known:
        raise AnalysisError(
            _(
                "The interviews have no variable « {name} », by which the survey tells partners apart.",
                name=partner,
            ),
            parameter="partner",
            hint=_(
                "Give the column and the variable one name: {names}.",
                names=", ".join(known[:8]),
            ),
        )


def _check_better(better: dict[str, str], known: list[object]) -> None:
    names = [str(name) for name in known]
    for name, side in better.items():
        if name not in names:
            raise AnalysisError(
                _("« {name} » is no indicator and no attitude here.", name=name),
                parameter="better",
                hint=suggest(name, names) or None,
            )
        if side not in {"higher", "lower"}:
            raise AnalysisError(
                _("« {value} » is not something that can be expected here.", value=side),
                parameter="better",
                expected="higher | lower",
            )


def _side(frame: pd.DataFrame, signs: Mapping[str, int]) -> pd.Series:
    """Share of indicators above the median of partners minus share below, signed so that high is good."""
    sign = np.array([signs.get(str(c), 1) for c in frame.columns])
    gap = np.sign(frame - frame.median()) * sign
    return gap.mean(axis=1)


def _together(technical: float, behavioural: float) -> Reading:
    if np.isnan(technical) or np.isnan(behavioural):
        return Reading.SILENCE
    if technical * behavioural > 0:
        return Reading.CONVERGENCE
    return Reading.DIVERGENCE if technical * behavioural < 0 else Reading.COMPLEMENTARITY
