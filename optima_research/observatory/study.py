"""A study: one folder of raw files and the ``study.yaml`` that says what they are and what was asked of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from optima_research.errors import StudyError, suggest
from optima_research.language import _
from optima_research.language.typography import typeset
from optima_research.observatory.study_file import parse_study
from optima_research.observatory.study_parts import Deliverable, Hypothesis, Partner, SourceFile, Wave

if TYPE_CHECKING:
    from optima_research.coding.qualitative import CodedProject
    from optima_research.privacy import Policy
    from optima_research.sources.period_sheets import PeriodSheets
    from optima_research.survey import Survey


@dataclass(frozen=True, repr=False)
class Study:
    """What a study is: partners, waves, hypotheses, promises, confidentiality, raw files.

    Read it with :meth:`load`. Nothing it holds is a result.

    Examples
    --------
    >>> from pathlib import Path
    >>> study = Study("essai", "Une étude d'essai", Path("data/raw/essai"))
    >>> study.slug
    'essai'
    """

    slug: str
    title: str
    folder: Path
    partners: tuple[Partner, ...] = ()
    period: tuple[str, str] = ("", "")
    kinds: tuple[str, ...] = ()
    axes: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    hypotheses: Mapping[str, Hypothesis] = field(default_factory=dict)
    deliverables: Mapping[str, Deliverable] = field(default_factory=dict)
    waves: Mapping[str, Wave] = field(default_factory=dict)
    sources: Mapping[str, SourceFile] = field(default_factory=dict)
    confidentiality: Mapping[str, Any] = field(default_factory=dict)
    simulated: bool = False
    seed: int | None = None
    content: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def load(cls, path: str | Path) -> Study:
        """Read a study from its ``study.yaml``, its folder, or its slug alone.

        Parameters
        ----------
        path : str or Path
            A file, a folder, or a slug looked for as ``data/raw/<slug>`` in this folder and the ones above it.

        Raises
        ------
        StudyError
            No such study (near slugs are proposed), or a file with errors: all of them are listed at once.
        """
        file = _find(Path(path))
        return cls(folder=file.parent, **parse_study(file))

    @property
    def root(self) -> Path:
        """Folder of the project: the one that holds ``data/raw``."""
        return self.folder.parents[2]

    @property
    def processed(self) -> Path:
        """Where the notebook writes cleaned data and the register of results."""
        return self.root / "data" / "processed" / self.slug

    @property
    def exports(self) -> Path:
        """Where tables, figures and reports are written."""
        return self.root / "exports" / self.slug

    @property
    def policy(self) -> Policy:
        """The disclosure policy of the study, never laxer than the named policy it starts from."""
        from optima_research.privacy import Policy

        return Policy.of_study(self.confidentiality, name=self.slug)

    def file(self, name: str) -> Path:
        """Path of a raw file named in ``sources``, or of any file of the study's folder."""
        path = self.folder / (self.sources[name].file if name in self.sources else name)
        if not path.is_file():
            raise StudyError(
                _("The study has no file « {name} ».", name=path.name),
                where=self.slug,
                hint=suggest(path.name, [p.name for p in self.folder.iterdir()]),
            )
        return path

    def survey(self, name: str) -> Survey:
        """Read one of the study's surveys, with what its codebook adds to the export.

        Parameters
        ----------
        name : str
            Id of a source.
        """
        from optima_research.observatory.reading import read_source

        return read_source(self, self._source(name))

    def project(self, name: str) -> CodedProject:
        """Read one of the study's projects of coded interviews (NVivo, ATLAS.ti, MAXQDA, Taguette, QualCoder).

        Parameters
        ----------
        name : str
            Id of a source whose ``outil`` is the coding tool.
        """
        from optima_research.observatory.reading import read_project

        return read_project(self, self._source(name))

    def sheets(self, name: str) -> PeriodSheets:
        """Read one of the study's follow-ups kept one sheet a quarter or a year (``outil: sheets``).

        Parameters
        ----------
        name : str
            Id of a source whose ``options`` are those of :func:`~optima_research.sources.read_period_sheets`.
        """
        from optima_research.observatory.reading import read_sheets

        return read_sheets(self, self._source(name))

    def _source(self, name: str) -> SourceFile:
        if name not in self.sources:
            raise StudyError(
                _("The study has no source « {name} ».", name=name),
                where=self.slug,
                hint=suggest(name, self.sources),
            )
        return self.sources[name]

    def table(self, name: str) -> pd.DataFrame:
        """Read one of the study's plain tables (``;``, UTF-8, decimal comma): staff numbers, plans of action…

        Cells stay text where they are not plainly numbers, so that codes keep their zeros.
        """
        path = self.file(name)
        try:
            text = pd.read_csv(path, sep=";", dtype="string", encoding="utf-8-sig", keep_default_na=False)
        except (UnicodeDecodeError, pd.errors.ParserError) as error:
            raise StudyError(
                _("This table is not a CSV in UTF-8 with semicolons."),
                where=path.name,
                got=error,
                hint=_("Save it so, or read it with survey(…), which takes workbooks and other encodings."),
            ) from error
        return text.apply(_numbers_where_plain)

    def truth(self) -> Mapping[str, Any]:
        """What the simulation knows, for the last cell of a notebook; a real study has no truth to read.

        Raises
        ------
        StudyError
            The data are not simulated.
        """
        import json

        path = self.root / "data" / "truth" / f"{self.slug}.json"
        if not self.simulated or not path.is_file():
            raise StudyError(
                _("The data of this study are not simulated: nobody knows the truth."), where=self.slug
            )
        known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return known

    def hypothesis(self, name: str) -> Hypothesis:
        """One hypothesis by its id."""
        if name not in self.hypotheses:
            raise StudyError(
                _("The study has no hypothesis « {name} ».", name=name),
                where=self.slug,
                hint=suggest(name, self.hypotheses),
            )
        return self.hypotheses[name]

    def source_line(self, name: str) -> str:
        """The *Source* note of tables made from one survey: title, partners, wave, collection dates."""
        wave = self.waves.get(self.sources[name].wave or "") if name in self.sources else None
        place = ", ".join(partner.name for partner in self.partners)
        dates = f"{wave.start:%d/%m/%Y}–{wave.end:%d/%m/%Y}" if wave else "–".join(filter(None, self.period))
        return _(
            "Chaire OPTIMA, survey « {title} », {place}, {dates}.", title=self.title, place=place, dates=dates
        )

    def _facts(self) -> list[tuple[str, str]]:
        return [
            (_("partners"), ", ".join(partner.name for partner in self.partners)),
            (_("period"), "–".join(filter(None, self.period))),
            (_("axes"), ", ".join(self.axes)),
            (_("hypotheses"), "; ".join(f"{h.id} ({h.status})" for h in self.hypotheses.values())),
            (_("data"), _("simulated") if self.simulated else _("collected")),
        ]

    def __repr__(self) -> str:
        return "\n".join(
            [
                f"Study {self.slug}: {self.title}",
                *(typeset(f"{name} : {text}") for name, text in self._facts()),
            ]
        )


def study_folders(root: Path) -> list[Path]:
    """Folders of ``data/raw`` that hold a study, in alphabetical order."""
    return sorted(file.parent for file in (root / "data" / "raw").glob("*/study.yaml"))


def project_root(start: Path) -> Path:
    """The nearest folder, from ``start`` up, that holds ``data/raw``."""
    for folder in (start, *start.parents):
        if (folder / "data" / "raw").is_dir():
            return folder
    raise StudyError(
        _("No project here: there is no folder data/raw."),
        where=start.name,
        hint=_("Work in the folder of the project, or make a study with: optima new SLUG."),
    )


def _find(path: Path) -> Path:
    for candidate in (path, path / "study.yaml"):
        if candidate.is_file():
            return candidate.resolve()
    root = project_root(Path.cwd())
    file = root / "data" / "raw" / path / "study.yaml"
    if not file.is_file():
        known = [folder.name for folder in study_folders(root)]
        raise StudyError(
            _("There is no study « {name} ».", name=path.name),
            hint=suggest(path.name, known) or _("Known studies: {names}.", names=", ".join(known)),
        )
    return file


def _numbers_where_plain(column: pd.Series) -> pd.Series:
    filled = column[column != ""]
    plain = filled.str.fullmatch(r"-?(0|[1-9]\d*)(,\d+)?").all() and len(filled) > 0
    if not plain:
        return column.mask(column == "")
    return pd.to_numeric(column.mask(column == "").str.replace(",", ".")).convert_dtypes()
