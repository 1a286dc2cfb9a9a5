"""Can somebody else run this again? Seven checks, printed at the end of a notebook with the versions used."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optima_research.language import _
from optima_research.language.numbers import format_count
from optima_research.language.typography import typeset
from optima_research.publishing.files import sha256
from optima_research.publishing.manifest import entries_of_this_run, versions
from optima_research.publishing.register import FILE, Register, compare_registers

_ABSOLUTE = re.compile(r"""["'](?:/[A-Za-z][\w.-]*/|[A-Za-z]:[\\/])""")


@dataclass(frozen=True)
class Check:
    """One question and its answer: ``ok`` is ``None`` where there was nothing to check."""

    question: str
    ok: bool | None
    detail: str = ""

    def __str__(self) -> str:
        mark = {True: _("yes"), False: _("NO"), None: _("not applicable")}[self.ok]
        text = _("{question}: {mark}", question=self.question, mark=mark)
        return typeset(f"{text} ({self.detail})" if self.detail else text)


@dataclass(frozen=True)
class ReproducibilitySheet:
    """The seven checks and the versions; the text is the same from run to run on the same versions."""

    checks: tuple[Check, ...]
    versions: tuple[tuple[str, str], ...]

    @property
    def ok(self) -> bool:
        """Whether no check failed."""
        return all(check.ok is not False for check in self.checks)

    def __repr__(self) -> str:
        used = ", ".join(f"{name} {number}" for name, number in self.versions)
        title = _("Reproducibility sheet")
        return "\n".join(
            [title, *(f"{n}. {check}" for n, check in enumerate(self.checks, 1)), f"Versions: {used}"]
        )


def reproducibility_sheet(
    study: Any = None,
    *,
    surveys: Iterable[Any] = (),
    register: Register | None = None,
    seed: int | None = None,
) -> ReproducibilitySheet:
    """Check that the run can be done again by somebody else.

    Parameters
    ----------
    study : Study, optional
        Its raw files, its seed, its notebook and its exports are looked at.
    surveys : iterable of Survey
        The surveys used: their trails must lead from the raw file to the answers at hand.
    register : Register, optional
        The register as noted in this run; compared with the one on disk.
    seed : int, optional
        Seed of what was drawn at random; by default the study's.

    Returns
    -------
    ReproducibilitySheet
        Raw files as they were read, trail complete, no answer changed outside it, seed fixed, relative paths only,
        register on disk equal to this run's, files of the manifest intact.

    Examples
    --------
    >>> reproducibility_sheet(seed=1).ok
    True
    """
    known = list(surveys)
    seed = seed if seed is not None else getattr(study, "seed", None)
    checks = (
        _raw_files(study, known),
        _trail(known),
        _answers(known),
        Check(_("random draws start from a fixed seed"), True if seed is not None else None, str(seed or "")),
        _relative_paths(study),
        _register(register),
        _files(study, register),
    )
    return ReproducibilitySheet(checks, tuple(versions().items()))


def _raw_files(study: Any, surveys: list[Any]) -> Check:
    question = _("raw files are those that were read")
    trails = [survey.trail for survey in surveys if survey.trail.source_hash]
    if study is None or not trails:
        return Check(question, None)
    present = {path.name: path for path in Path(study.folder).iterdir() if path.is_file()}
    same = [
        trail.source in present and sha256(present[trail.source].read_bytes()) == trail.source_hash
        for trail in trails
    ]
    return Check(question, all(same), ", ".join(sorted({trail.source for trail in trails})))


def _trail(surveys: list[Any]) -> Check:
    question = _("every change of the answers is in the trail, with its reason")
    if not surveys:
        return Check(question, None)
    steps = [step for survey in surveys for step in survey.trail]
    return Check(
        question, all(step.reason.strip() for step in steps), _("steps: {n}", n=format_count(len(steps)))
    )


def _answers(surveys: list[Any]) -> Check:
    question = _("the answers are those the trail ends with")
    traced = [survey for survey in surveys if len(survey.trail)]
    if not traced:
        return Check(question, None)
    return Check(question, all(survey.trail.steps[-1].hash_after == survey.fingerprint for survey in traced))


def _relative_paths(study: Any) -> Check:
    question = _("the notebook holds relative paths only")
    path = Path(study.root) / "notebooks" / f"{study.slug}.ipynb" if study is not None else None
    if path is None or not path.is_file():
        return Check(question, None)
    import nbformat

    cells = nbformat.read(path, as_version=4).cells
    return Check(
        question, not any(_ABSOLUTE.search(cell.source) for cell in cells if cell.cell_type == "code")
    )


def _register(register: Register | None) -> Check:
    question = _("the register on disk holds the values of this run")
    if register is None or not (register.folder / FILE).is_file():
        return Check(question, None)
    moved = compare_registers(Register.read(register.folder), register)
    same = moved == compare_registers(register, register)
    return Check(question, same, _("values: {n}", n=format_count(len(register))))


def _files(study: Any, register: Register | None) -> Check:
    question = _("the files written are those of the manifest")
    folder = register.folder if register is not None else getattr(study, "exports", None)
    if folder is None or not (entries := entries_of_this_run(Path(folder))):
        return Check(question, None)
    files = [(Path(folder) / entry.path, entry.sha256) for entry in entries]
    intact = all(path.is_file() and sha256(path.read_bytes()) == known for path, known in files)
    return Check(question, intact, _("files: {n}", n=format_count(len(entries))))
