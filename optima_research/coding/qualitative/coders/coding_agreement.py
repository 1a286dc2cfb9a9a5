"""Agreement of coders on a coded project: a binary table a code, on units declared in advance."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from optima_research.coding.qualitative.coders.agreement import agreement
from optima_research.coding.qualitative.projects._codes_in_use import codes_asked
from optima_research.coding.qualitative.projects.coding_units import Unit, coded_units, coding_units
from optima_research.coding.qualitative.projects.project import CodedProject
from optima_research.coding.quantitative.items import require_choice
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_level, format_number
from optima_research.results import Column, Estimate, Protect, PublicationTable, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NUMBERS = ["alpha", "low", "high", "ac1", "positive", "negative", "percent", "n_positive", "n_units"]
# A percentile bootstrap of a handful of clusters hardly varies.
_FEW_SOURCES = 6


def coding_agreement(
    project: CodedProject,
    unit: Unit = "sentence",
    *,
    codes: Sequence[str] | None = None,
    coders: Sequence[str] | None = None,
    read_by: Mapping[str, Sequence[str]] | None = None,
    drop: Collection[str] = (),
    least_share: float = 0.0,
    draws: int = 2000,
    seed: int = 20,
    confidence: float = 0.95,
    minimum: float | None = None,
) -> CodingAgreement:
    """Agreement by code and for all codes together, with the list of disagreements.

    Parameters
    ----------
    project : CodedProject
    unit : {"sentence", "turn", "paragraph", "source"}
        The unit on which coders are compared: choose it before looking, agreement depends on it.
    codes : sequence of str, optional
        Paths of the codes; by default every code that someone used.
    coders : sequence of str, optional
        By default all.
    read_by : mapping, optional
        Source → coders who read it. By default those who coded anything in it: a coder who read a source and coded
        nothing must be declared here, else the source does not count.
    drop : collection of str
        Speakers whose words are no units: questions that nobody codes would pass for agreement.
    least_share : float
        Share of a unit that must be coded for the unit to count as coded; 0 (default): any overlap.
    draws, seed, confidence :
        Bootstrap over sources (interviews), since units of one interview are not independent.
    minimum : float, optional
        A value of alpha fixed in advance; codes below it are named in the sentence.

    Returns
    -------
    CodingAgreement
        ``by_code`` (index code: ``alpha low high ac1 positive negative percent n_positive n_units``), ``pooled``
        (:class:`Agreement` over units × codes), ``disagreements``.

    Raises
    ------
    AnalysisError
        One coder only, or no source read by two.

    Notes
    -----
    Each code gives a binary table units × coders. Alpha is nominal; AC1 and positive agreement stand beside it
    because alpha is low on rare codes even when coders nearly always agree. No verbal scale is applied to values.

    Examples
    --------
    >>> from optima_research.coding.qualitative.projects.project import coded_project
    >>> text = "Le budget est voté. La confiance manque. Rien d'autre."
    >>> spans = [(0, 19, "budget", "Anne"), (0, 10, "budget", "Bruno"), (20, 40, "confiance", "Anne")]
    >>> project = coded_project(pd.DataFrame({"name": ["E1"], "text": [text]}),
    ...     pd.DataFrame(spans, columns=["start", "end", "code", "coder"]).assign(source="E1"))
    >>> coding_agreement(project, draws=0).by_code["alpha"].round(2).to_dict()
    {'budget': 1.0, 'confiance': 0.0}
    """
    people = _people(project, unit, coders, read_by, least_share)
    spans = project.codings[project.codings["coder"].isin(people)]
    paths = codes_asked(project, spans, codes)
    readers = _readers(project, spans, people, read_by)
    units = _units_read(project, unit, readers, drop)
    cube = _cube(units, spans[spans["code"].isin(paths)], paths, people, readers, least_share)
    options: dict[str, Any] = {"seed": seed, "confidence": confidence, "draws": draws}
    clusters = units["source"].to_numpy()
    rows = {path: _code_row(cube[:, i], clusters, options) for i, path in enumerate(paths)}
    flat = pd.DataFrame(cube.reshape(-1, len(people)), columns=people)
    pooled = agreement(
        flat,
        clusters=np.repeat(clusters, len(paths)),
        interval="bootstrap" if draws else "none",
        minimum=minimum,
        **options,
    )
    return CodingAgreement(
        by_code=pd.DataFrame.from_dict(rows, orient="index", columns=NUMBERS).rename_axis("code"),
        pooled=pooled,
        disagreements=_disagreements(units, cube, paths, people),
        unit=unit,
        coders=tuple(people),
        n_sources=len(readers),
        least_share=least_share,
        confidence=confidence,
        minimum=minimum,
        dropped=(drop,) if isinstance(drop, str) else tuple(drop),
    )


@dataclass(frozen=True, eq=False, repr=False)
class CodingAgreement(Result):
    """Agreement of coders on a project, code by code."""

    by_code: pd.DataFrame
    pooled: Any
    disagreements: pd.DataFrame = field(repr=False)
    unit: str
    coders: tuple[str, ...]
    n_sources: int
    least_share: float
    confidence: float
    minimum: float | None = None
    dropped: tuple[str, ...] = ()
    shown: PublicationTable | None = None

    @property
    def value(self) -> float:
        """Alpha over all units and codes."""
        return float(self.pooled.value)

    @property
    def weak_codes(self) -> list[str]:
        """Codes whose alpha is under the minimum fixed in advance."""
        if self.minimum is None:
            return []
        return [str(code) for code in self.by_code.index[self.by_code["alpha"] < self.minimum]]

    def table(self) -> PublicationTable:
        """One line a code, the least agreed first."""
        return self.shown if self.shown is not None else self._table()

    def protected(self, protect: Protect) -> Self:
        """Agreement tells of coders; how much a few sources speak of a code is hidden, and the passages coders
        disagree on stay with the team.
        """
        table = protect(self._table())
        if table.suppressed is None:
            return replace(self, shown=table)
        hidden = table.suppressed["n_positive"].reindex(self.by_code.index)
        by_code = self.by_code.assign(n_positive=self.by_code["n_positive"].mask(hidden))
        return replace(self, by_code=by_code, disagreements=self.disagreements.iloc[:0], shown=table)

    def _table(self) -> PublicationTable:
        columns = (
            Column("alpha", _("Krippendorff's alpha"), decimals=2),
            Column(("low", "high"), format_level(self.confidence), kind="interval", decimals=2),
            Column("ac1", _("Gwet's AC1"), decimals=2),
            Column("positive", _("Positive agreement"), decimals=2),
            Column("percent", _("Raw agreement"), kind="percent"),
            Column("n_positive", _("Units coded by someone"), kind="count"),
            Column("n_units", _("Units"), kind="count"),
        )
        body = self.by_code.sort_values("alpha", kind="stable", na_position="last")
        return PublicationTable(
            title=_("Agreement between coders, by code"),
            body=body,
            columns=columns,
            stub=_("Code"),
            reading=self.sentence(),
            note=self.method_note(),
            name="coding_agreement",
            bases=pd.DataFrame({"n_positive": self.n_sources}, index=body.index),
            attributes={"additive_rows": False, "public": tuple(n for n in NUMBERS if n != "n_positive")},
        )

    def sentence(self) -> str:
        """Agreement over all codes, and the codes that fall short of the minimum."""
        said = self._pooled_sentence()
        if self.minimum is None:
            worst = self.by_code["alpha"].dropna()
            if worst.empty or worst.min() == worst.max():
                return said
            return f"{said} " + _(
                "The least agreed code is « {code} » ({value}).",
                code=worst.idxmin(), value=format_number(worst.min(), 2),
            )  # fmt: skip
        weak = self.weak_codes
        if not weak:
            every = self.by_code["alpha"].notna().all()
            return f"{said} " + _("Every code reaches it.") if every else said
        return f"{said} " + _("Codes below it: {codes}.", codes=", ".join(f"« {c} »" for c in weak))

    def _pooled_sentence(self) -> str:
        if self.pooled.reason:
            return str(self.pooled.sentence())
        said = _(
            "Krippendorff's alpha (nominal) over {codes} codes is {value}, from {units} units ({unit}) of {sources} "
            "sources and {coders} coders.",
            codes=format_count(len(self.by_code)),
            value=str(self.pooled.estimate),
            units=format_count(self.pooled.n_units // max(len(self.by_code), 1)),
            unit=unit_label(self.unit),
            sources=format_count(self.n_sources),
            coders=format_count(len(self.coders)),
        )
        return f"{said} {self.pooled.against_minimum()}".strip()

    def method_note(self) -> str:
        """Unit, coders, rule of overlap and interval, in words."""
        unit = unit_label(self.unit)
        rule = (
            _("coded if any overlap")
            if self.least_share <= 0
            else _("coded if at least {share} % of it is", share=format_number(100 * self.least_share, 0))
        )
        if self.dropped:
            rule += ", " + _("without the words of {speakers}", speakers=", ".join(self.dropped))
        said = _(
            "Unit: {unit}, {rule}; {coders} coders; {sources} sources read by two or more.",
            unit=unit,
            rule=rule,
            coders=format_count(len(self.coders)),
            sources=format_count(self.n_sources),
        )
        if not self.pooled.draws:
            return said
        made = _(
            "Percentile bootstrap over sources, {draws} draws, seed {seed}.",
            draws=format_count(self.pooled.draws),
            seed=self.pooled.seed,
        )
        if self.n_sources < _FEW_SOURCES:
            made += " " + _("With so few sources read by two, intervals are too narrow.")
        return f"{said} {made}"

    def plot(self, ax: Axes | None = None) -> Axes:
        """Alpha and its interval by code."""
        from optima_research.coding.qualitative._figures import forest

        frame = self.by_code.rename(columns={"alpha": "value"}).sort_values(
            "value", ascending=False, kind="stable"
        )
        return forest(
            frame[["value", "low", "high"]], _("Krippendorff's alpha"), ax=ax, reference=self.minimum
        )

    def statistics(self) -> dict[str, Estimate | float]:
        """Pooled alpha and alpha by code."""
        found: dict[str, Estimate | float] = {"alpha": self.pooled.estimate}
        for code, row in self.by_code.iterrows():
            found[f"alpha:{code}"] = Estimate(
                float(row["alpha"]),
                float(row["low"]),
                float(row["high"]),
                self.confidence,
                n=int(row["n_units"]),
            )
        return found


def _people(
    project: CodedProject,
    unit: Unit,
    coders: Sequence[str] | None,
    read_by: Mapping[str, Sequence[str]] | None,
    least_share: float,
) -> list[str]:
    """The coders to compare, once every option is known to make sense."""
    require_choice("unit", unit, Unit)
    if not 0 <= least_share <= 1:
        raise AnalysisError(
            _("{name} must lie between {low} and {high}.", name="least_share", low=0, high=1),
            parameter="least_share",
            got=least_share,
        )
    declared = {person for who in (read_by or {}).values() for person in who}
    people = project.coders if coders is None else project.require_coders(coders, "coders", declared)
    if not people:
        raise AnalysisError(
            _("No coding says who made it."),
            parameter="coders",
            hint=_(
                "Agreement needs the name of each coder: read the tool's own file, or give a column « coder »."
            ),
        )
    if len(people) < 2:
        raise AnalysisError(
            _("Agreement needs two coders; there is only {names}.", names=", ".join(people)),
            parameter="coders",
        )
    return people


def unit_label(unit: str) -> str:
    """A unit of coding in the reader's language."""
    return {
        "sentence": _("sentence"),
        "turn": _("speaking turn"),
        "paragraph": _("paragraph"),
        "source": _("whole source"),
    }[unit]


def _units_read(
    project: CodedProject, unit: Unit, readers: dict[str, list[str]], drop: Collection[str]
) -> pd.DataFrame:
    units = coding_units(project, unit, drop=drop)
    units = units[units["source"].isin(readers)].reset_index(drop=True)
    if units.empty:
        raise AnalysisError(
            _("No source was coded by two coders."),
            parameter="read_by",
            hint=_("Declare who read what: read_by={source: [coders]}, if someone found nothing to code."),
        )
    return units


def _readers(
    project: CodedProject, spans: pd.DataFrame, people: list[str], read_by: Mapping[str, Sequence[str]] | None
) -> dict[str, list[str]]:
    """Sources read by two of the coders, and who they are."""
    if read_by is None:
        # A source where only one coder left a trace may be one the other found empty: it cannot be told, so it is out.
        read_by = {
            str(s): list(dict.fromkeys(rows)) for s, rows in spans.groupby("source", sort=False)["coder"]
        }
    for source in read_by:
        project.text(source)
    kept = {source: [p for p in people if p in who] for source, who in read_by.items()}
    return {source: who for source, who in kept.items() if len(who) >= 2}


def _cube(
    units: pd.DataFrame,
    spans: pd.DataFrame,
    paths: list[str],
    people: list[str],
    readers: dict[str, list[str]],
    least_share: float,
) -> Any:
    """Units × codes × coders: 1 coded, 0 not, NaN where the coder did not read the source."""
    cube = np.zeros((len(units), len(paths), len(people)))
    touched = coded_units(units, spans, least_share=least_share)
    code = pd.Index(paths).get_indexer(touched["code"])
    coder = pd.Index(people).get_indexer(touched["coder"])
    cube[touched["row"].to_numpy(dtype=np.int64), code, coder] = 1.0
    for i, person in enumerate(people):
        absent = [source for source, who in readers.items() if person not in who]
        cube[units["source"].isin(absent).to_numpy(), :, i] = np.nan
    return cube


def _code_row(table: Any, clusters: Any, options: dict[str, Any]) -> list[float]:
    frame = pd.DataFrame(table)
    main = agreement(
        frame, clusters=clusters, interval="bootstrap" if options["draws"] else "none", **options
    )

    def one(coefficient: Any) -> float:
        if coefficient == "positive_agreement" and not np.nansum(table):
            return float("nan")
        if coefficient == "negative_agreement" and not (table == 0).any():
            return float("nan")
        return agreement(frame, coefficient, categories=[0, 1], interval="none").value

    others = [one(c) for c in ("gwet_ac1", "positive_agreement", "negative_agreement", "percent")]
    positive = int((np.nansum(table, axis=1) > 0).sum())
    return [main.value, main.low, main.high, *others, positive, main.n_units]


def _disagreements(units: pd.DataFrame, cube: Any, paths: list[str], people: list[str]) -> pd.DataFrame:
    """Units and codes that some readers coded and others did not, with the text and an empty decision."""
    coded = np.nansum(cube, axis=2)
    read = (~np.isnan(cube)).sum(axis=2)
    row, code = np.nonzero((coded > 0) & (coded < read))
    frame = units.iloc[row][["source", "case", "unit", "start", "end", "text"]].reset_index(drop=True)
    frame["code"] = [paths[c] for c in code]
    for i, person in enumerate(people):
        frame[person] = pd.array(cube[row, code, i], dtype="Int64")
    return frame.assign(decision=pd.array([pd.NA] * len(frame), dtype="Int64"), note="")
