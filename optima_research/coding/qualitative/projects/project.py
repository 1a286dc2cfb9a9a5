"""A coded project: texts, code tree, coded spans, cases and coders, whatever tool they came from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from uuid import UUID, uuid5

import numpy as np
import pandas as pd

from optima_research.coding.qualitative.projects._codes_in_use import in_french_order
from optima_research.coding.qualitative.projects.import_report import ImportReport
from optima_research.errors import AnalysisError, SourceError, suggest
from optima_research.language import _
from optima_research.language.numbers import format_count

SEPARATOR = "/"
CODE_COLUMNS = ["path", "name", "guid", "parent", "color", "description", "codable"]
SOURCE_COLUMNS = ["name", "text", "guid", "kind", "path", "coder", "date", "description"]
CODING_COLUMNS = [
    "source", "case", "start", "end", "text", "code", "coder", "date", "memo", "guid", "selection", "whole_source",
    "raw_start", "raw_end",
]  # fmt: skip
CASE_COLUMNS = ["name", "guid", "description"]
MEMBER_COLUMNS = ["case", "source", "start", "end"]
VARIABLE_COLUMNS = ["owner_kind", "owner", "variable", "type", "value"]
NOTE_COLUMNS = ["guid", "name", "text", "about", "target", "start", "end", "coder", "date"]
SET_COLUMNS = ["set", "guid", "kind", "member"]
REGION_COLUMNS = [
    "source", "code", "coder", "kind", "page", "x1", "y1", "x2", "y2", "begin", "finish", "name", "guid", "date",
]  # fmt: skip
USER_COLUMNS = ["name", "guid", "id"]
LOG_COLUMNS = ["action", "codes", "reason", "codings", "who", "when"]
_MOST_COPIED = 300_000_000
# Taguette's own namespace: a code that has no identifier gets the one Taguette would give it.
_TAGUETTE = UUID("51B2B2B7-27EB-4ECB-9D56-E75B0A0496C2")


def _empty(columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(columns=columns, dtype=object)


@dataclass(frozen=True, eq=False, repr=False)
class CodedProject:
    """Interviews and their codings, immutable: every operation returns a new project.

    Parameters
    ----------
    codes : DataFrame
        One row a code: ``path`` (key: names from the root joined by ``/``), ``name guid parent color description
        codable`` (False for a folder).
    sources : DataFrame
        One row a text: ``name`` (unique), ``text`` (line ends as LF), ``guid kind path coder date description``.
    codings : DataFrame
        One row a (span, code, coder): ``source case start end text code coder`` and ``date memo guid selection
        whole_source raw_start raw_end``. Spans are half-open, in code points of the source's text.
    cases : DataFrame
        One row a case (person, collectivité): ``name guid description`` and one column a variable.
    memberships : DataFrame
        ``case source start end`` (missing start and end: the whole source).
    variables : DataFrame
        ``owner_kind`` (case or source), ``owner variable type value``.
    notes : DataFrame
        Memos and annotations: ``guid name text about target start end coder date``; ``about`` says what kind of
        thing ``target`` is.
    sets : DataFrame
        ``set guid kind member``: document and code groups.
    regions : DataFrame
        Coded pieces of pages, pictures and recordings, coordinates as the tool wrote them.
    users : DataFrame
        ``name guid id``.
    report : ImportReport
        What reading decided, repaired or lost.
    log : DataFrame
        Dated decisions on the code tree: ``action codes reason codings who when``.
    """

    codes: pd.DataFrame = field(default_factory=partial(_empty, CODE_COLUMNS))
    sources: pd.DataFrame = field(default_factory=partial(_empty, SOURCE_COLUMNS))
    codings: pd.DataFrame = field(default_factory=partial(_empty, CODING_COLUMNS))
    cases: pd.DataFrame = field(default_factory=partial(_empty, CASE_COLUMNS))
    memberships: pd.DataFrame = field(default_factory=partial(_empty, MEMBER_COLUMNS))
    variables: pd.DataFrame = field(default_factory=partial(_empty, VARIABLE_COLUMNS))
    notes: pd.DataFrame = field(default_factory=partial(_empty, NOTE_COLUMNS))
    sets: pd.DataFrame = field(default_factory=partial(_empty, SET_COLUMNS))
    regions: pd.DataFrame = field(default_factory=partial(_empty, REGION_COLUMNS))
    users: pd.DataFrame = field(default_factory=partial(_empty, USER_COLUMNS))
    report: ImportReport = field(default_factory=ImportReport)
    log: pd.DataFrame = field(default_factory=partial(_empty, LOG_COLUMNS))
    name: str = ""

    @property
    def coders(self) -> list[str]:
        """Names of those who coded something, in alphabetical order."""
        found = set(self.codings["coder"]) | set(self.regions["coder"])
        return sorted(str(name) for name in found if name)

    def evolve(self, **changes: Any) -> CodedProject:
        """A copy with some parts replaced."""
        return replace(self, **changes)

    def text(self, source: str) -> str:
        """The text of one source."""
        found = self.sources.loc[self.sources["name"] == source, "text"]
        if found.empty:
            raise AnalysisError(
                _("There is no source « {name} ».", name=source),
                parameter="source",
                hint=suggest(source, self.sources["name"]) or None,
            )
        return str(found.iloc[0])

    def require_codes(self, paths: Iterable[str], parameter: str = "codes") -> list[str]:
        """The paths given (or the only one), checked to exist; a bare name is taken when only one code bears it."""
        paths = [paths] if isinstance(paths, str) else paths
        known = set(self.codes["path"])
        found = []
        for path in paths:
            named = self.codes.loc[self.codes["name"] == path, "path"].tolist()
            if path not in known and len(named) != 1:
                raise AnalysisError(
                    _("Several codes are called « {name} ».", name=path)
                    if named
                    else _("There is no code « {name} ».", name=path),
                    parameter=parameter,
                    hint=", ".join(named) if named else suggest(path, known) or None,
                )
            found.append(path if path in known else named[0])
        return found

    def require_coders(
        self, names: Iterable[str], parameter: str = "coder", also: Iterable[str] = ()
    ) -> list[str]:
        """The names given, checked to be coders of the project, its users, or among ``also``."""
        wanted = [names] if isinstance(names, str) else list(names)
        known = {*self.coders, *map(str, self.users["name"]), *also}
        for name in wanted:
            if name not in known:
                raise AnalysisError(
                    _("There is no coder « {name} ».", name=name),
                    parameter=parameter,
                    expected=", ".join(self.coders[:12]) or None,
                    hint=suggest(name, known) or None,
                )
        return wanted

    def codings_of(self, coder: str | None) -> pd.DataFrame:
        """The codings of one coder, checked to be one of the project; everyone's when none is named."""
        if coder is None:
            return self.codings
        return self.codings[self.codings["coder"].isin(self.require_coders([coder]))]

    def branch(self, path: str) -> list[str]:
        """A code and everything under it."""
        (path,) = self.require_codes([path])
        inside = self.codes["path"].str.startswith(path + SEPARATOR)
        return [path, *self.codes.loc[inside, "path"]]

    def attribute(self, name: str) -> pd.Series:
        """A variable for each coding, from its case, else from its source; aligned with ``codings``."""
        of_case = self._values("case", name)
        of_source = self._values("source", name)
        if not len(of_case) and not len(of_source):
            known = sorted({str(v) for v in self.variables["variable"]})
            raise AnalysisError(
                _("No case and no source has a variable « {name} ».", name=name),
                parameter="variable",
                hint=suggest(name, known)
                or (_("Known variables: {names}.", names=", ".join(known)) if known else None),
            )
        values = (
            self.codings["case"].map(of_case) if len(of_case) else pd.Series(None, index=self.codings.index)
        )
        if len(of_source):
            values = values.where(values.notna(), self.codings["source"].map(of_source))
        return values.rename(name)

    def case_of(self) -> pd.Series:
        """Case of each source (the first that holds all of it), its own name where no case does."""
        whole = self.memberships[self.memberships["start"].isna()].drop_duplicates("source")
        cases = whole.set_index("source")["case"]
        names = self.sources["name"]
        return pd.Series(
            names.map(cases).where(names.isin(cases.index), names).to_numpy(), index=names, name="case"
        )

    def _values(self, kind: str, name: str) -> pd.Series:
        rows = self.variables[(self.variables["owner_kind"] == kind) & (self.variables["variable"] == name)]
        return rows.drop_duplicates("owner").set_index("owner")["value"]

    def __repr__(self) -> str:
        counts = [
            (_("sources"), len(self.sources)),
            (_("codes"), int(self.codes["codable"].astype(bool).sum())),
            (_("codings"), len(self.codings)),
            (_("cases"), len(self.cases)),
            (_("coders"), len(self.coders)),
        ]
        said = ", ".join(f"{word} {format_count(n)}" for word, n in counts)
        losses = len(self.report.of("lost")) + len(self.report.of("warning"))
        seen = "\n" + _("to check in .report: {n}", n=format_count(losses)) if losses else ""
        return f"CodedProject {self.name}".strip() + f" ({said}){seen}"


def coded_project(
    sources: pd.DataFrame,
    codings: pd.DataFrame,
    *,
    codes: pd.DataFrame | None = None,
    cases: pd.DataFrame | None = None,
    memberships: pd.DataFrame | None = None,
    name: str = "",
    **parts: Any,
) -> CodedProject:
    """Build a project from plain tables, filling what they do not say.

    Parameters
    ----------
    sources : DataFrame
        ``name`` and ``text``.
    codings : DataFrame
        ``source start end code`` and, if known, ``coder``.
    codes : DataFrame, optional
        ``path`` and what is known of each code; codes and folders met in ``codings`` are added.
    cases : DataFrame, optional
        ``name`` and one column a variable.
    memberships : DataFrame, optional
        ``case`` and ``source``; by default a case holds the source of the same name.

    Examples
    --------
    >>> import pandas as pd
    >>> project = coded_project(
    ...     pd.DataFrame({"name": ["E1"], "text": ["Le budget est voté."]}),
    ...     pd.DataFrame({"source": ["E1"], "start": [3], "end": [9], "code": ["pilotage/budget"]}))
    >>> project.codings["text"].tolist(), project.codes["path"].tolist()
    (['budget'], ['pilotage', 'pilotage/budget'])
    """
    _check_tables(sources, codings)
    texts = complete(sources.assign(text=sources["text"].map(lf_text)), SOURCE_COLUMNS, kind="text")
    texts["guid"] = fill(texts["guid"], [stable_guid(f"source:{n}") for n in texts["name"]])
    tree = code_table(codes, codings["code"])
    known = complete(cases if cases is not None else pd.DataFrame(columns=CASE_COLUMNS), CASE_COLUMNS)
    known["guid"] = fill(known["guid"], [stable_guid(f"case:{n}") for n in known["name"]])
    if memberships is None:
        held = [n for n in known["name"] if n in set(texts["name"])]
        memberships = pd.DataFrame({"case": held, "source": held})
    members = complete(memberships, MEMBER_COLUMNS)
    members[["start", "end"]] = members[["start", "end"]].replace("", np.nan).astype("float64")
    spans = complete(codings, CODING_COLUMNS)
    spans["whole_source"] = spans["whole_source"].replace("", False).astype(bool)
    project = CodedProject(
        codes=tree,
        sources=texts,
        codings=spans,
        cases=known,
        memberships=members,
        variables=parts.pop("variables", case_variables(known)),
        name=name,
        **parts,
    )
    return finish(project)


def _check_tables(sources: pd.DataFrame, codings: pd.DataFrame) -> None:
    """The columns without which nothing can be built, one text a name, and codings of these texts."""
    for frame, parameter, needed in (
        (sources, "sources", ["name", "text"]),
        (codings, "codings", ["source", "start", "end", "code"]),
    ):
        for column in needed:
            if column not in frame:
                raise SourceError(
                    _("The table has no column « {name} ».", name=column),
                    parameter=parameter,
                    expected=", ".join(needed),
                    got=", ".join(map(str, frame.columns)),
                )
    if sources["name"].duplicated().any():
        twice = sources["name"][sources["name"].duplicated()].iloc[0]
        raise SourceError(_("Two texts are called « {name} ».", name=twice), parameter="sources")
    lost = codings["source"][~codings["source"].isin(set(sources["name"]))]
    if len(lost):
        raise SourceError(
            _("There is no source « {name} ».", name=lost.iloc[0]),
            parameter="codings",
            hint=suggest(str(lost.iloc[0]), sources["name"].astype(str)) or None,
        )


def finish(project: CodedProject) -> CodedProject:
    """Fill the text, the case and the identifiers of codings, in a fixed order."""
    spans = project.codings.copy()
    texts = dict(zip(project.sources["name"], project.sources["text"], strict=True))
    for column in ("start", "end"):
        spans[column] = spans[column].astype("int64")
    for column in ("raw_start", "raw_end"):
        spans[column] = fill(spans[column], spans[column.removeprefix("raw_")]).astype("int64")
    spans["text"] = _passages(spans, texts)
    case_of = project.case_of() if len(project.cases) else pd.Series(dtype=object)
    case = spans["source"].map(case_of) if len(case_of) else pd.Series("", index=spans.index, dtype=object)
    spans["case"] = case.where(case.isin(set(project.cases["name"])), "").astype(object)
    spans = spans.drop(columns="order", errors="ignore")
    order = {name: i for i, name in enumerate(project.sources["name"])}
    spans = spans.assign(_order=spans["source"].map(order)).sort_values(
        ["_order", "start", "end", "code", "coder"], kind="stable"
    )
    spans = spans.drop(columns="_order").reset_index(drop=True)
    spans["guid"] = _coding_guids(spans)
    return project.evolve(codings=spans[CODING_COLUMNS])


def _passages(spans: pd.DataFrame, texts: dict[str, str]) -> list[str]:
    """The text of every span; thousands of spans of a whole text each would fill any memory, and mean nothing."""
    found = []
    copied = 0
    triples = zip(spans["source"], spans["start"].tolist(), spans["end"].tolist(), strict=True)
    for source, start, end in triples:
        whole = texts.get(source, "")
        passage = whole[start:end]
        copied += len(passage) if passage is not whole else 0
        if copied > _MOST_COPIED:
            raise SourceError(
                _("The codings cover the texts too many times over."),
                parameter="codings",
                hint=_("Check the positions of the codings: most span nearly a whole text."),
            )
        found.append(passage)
    return found


def complete(frame: pd.DataFrame, columns: list[str], **defaults: Any) -> pd.DataFrame:
    """The frame with every column it should have first, empty text where unknown, its own columns after."""
    added = {c: defaults.get(c, "") for c in columns if c not in frame.columns}
    full = frame.assign(**added).reset_index(drop=True)
    return full[[*columns, *(c for c in full.columns if c not in columns)]].astype(
        {c: object for c in columns if full[c].dtype == "str"}
    )


def fill(column: pd.Series, values: Sequence[Any] | pd.Series) -> pd.Series:
    """The column with empty cells taken from ``values``."""
    other = pd.Series(list(values), index=column.index, dtype=object)
    blank = column.isna() | (column.astype(object) == "")
    return column.astype(object).where(~blank, other)


def stable_guid(text: str) -> str:
    """An identifier that depends on the text only, by Taguette's own rule (version 5, upper case)."""
    return str(uuid5(_TAGUETTE, text)).upper()


def lf_text(text: Any) -> str:
    """Text without byte-order mark, line ends as LF."""
    return str(text).removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def unique_names(names: Iterable[str]) -> list[str]:
    """Names made distinct by a number in brackets, first come first served.

    Examples
    --------
    >>> unique_names(["Maire", "Maire", "DGS"])
    ['Maire', 'Maire (2)', 'DGS']
    """
    taken: set[str] = set()
    last: dict[str, int] = {}
    found = []
    for name in names:
        candidate, n = name, last.get(name, 1)
        while candidate in taken:
            n += 1
            candidate = f"{name} ({n})"
        last[name] = n
        taken.add(candidate)
        found.append(candidate)
    return found


def case_variables(cases: pd.DataFrame) -> pd.DataFrame:
    """The variables of a table of cases, in long form."""
    names = [c for c in cases.columns if c not in CASE_COLUMNS]
    rows = [
        ("case", case, name, "Text", value)
        for name in names
        for case, value in zip(cases["name"], cases[name], strict=True)
        if value is not None and value == value
    ]
    return pd.DataFrame(rows, columns=VARIABLE_COLUMNS, dtype=object)


def code_table(codes: pd.DataFrame | None, met: pd.Series) -> pd.DataFrame:
    """The code tree of known codes and of those met in codings, folders added, sorted by path."""
    given = codes if codes is not None else pd.DataFrame({"path": []}, dtype=object)
    wanted = dict.fromkeys(given["path"].tolist())
    for path in [*given["path"], *met.drop_duplicates()]:
        pieces = str(path).split(SEPARATOR)
        wanted.update(dict.fromkeys(SEPARATOR.join(pieces[: i + 1]) for i in range(len(pieces))))
    known = set(given["path"])
    added = [path for path in wanted if path not in known]
    rows = pd.concat([given, pd.DataFrame({"path": added}, dtype=object)], ignore_index=True)
    rows = complete(rows, CODE_COLUMNS)
    rows["name"] = fill(rows["name"], [p.rpartition(SEPARATOR)[2] for p in rows["path"]])
    rows["parent"] = fill(rows["parent"], [p.rpartition(SEPARATOR)[0] for p in rows["path"]])
    rows["guid"] = fill(rows["guid"], [stable_guid(p) for p in rows["path"]])
    coded = set(met) | set(given["path"])
    rows["codable"] = fill(rows["codable"], [p in coded for p in rows["path"]]).astype(bool)
    for column in ("color", "description"):
        rows[column] = rows[column].fillna("").astype(object)
    return rows.sort_values(
        "path", key=lambda paths: paths.map(in_french_order), kind="stable", ignore_index=True
    )


def _coding_guids(spans: pd.DataFrame) -> pd.Series:
    blank = (spans["guid"].isna() | (spans["guid"] == "")).to_numpy()
    if not blank.any():
        return spans["guid"]
    keys = [
        f"coding:{row.source}:{row.start}:{row.end}:{row.code}:{row.coder}" if empty else ""
        for row, empty in zip(spans.itertuples(), blank, strict=True)
    ]
    made = [stable_guid(key) if key else "" for key in unique_names(keys)]
    return fill(spans["guid"], made)
