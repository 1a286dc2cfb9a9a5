"""Reading ``study.yaml``: its French keys, checked whole, every error named at once."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args

from optima_research.errors import StudyError, suggest
from optima_research.language import _
from optima_research.observatory.study_parts import (
    KINDS,
    PARTNERSHIPS,
    Deliverable,
    Hypothesis,
    Partner,
    SourceFile,
    Status,
    Wave,
)

KEYS = (
    "slug", "titre", "partenaire", "partenaires", "periode", "type", "axes", "partenariat", "resultats_attendus",
    "livrables", "questions", "hypotheses", "parties_prenantes", "vagues", "sources", "confidentialite",
    "comite_de_suivi", "donnees", "methode", "intervention", "echelle",
)  # fmt: skip
REQUIRED = ("slug", "titre", "periode", "axes", "sources", "confidentialite", "donnees")


def parse_study(path: Path) -> dict[str, Any]:
    """The fields of a :class:`Study`, from its file.

    Raises
    ------
    StudyError
        Unreadable YAML, or the list of everything that is missing, unknown or of the wrong kind.
    """
    content = _content(path)
    problems = _faults_of_keys(content, path)
    parts = {name: _parts(name, content.get(name), build, problems) for name, build in _BUILDERS.items()}
    if problems:
        raise StudyError(
            _("This study file has {n} errors.", n=len(problems)),
            where=path.name,
            got="".join(f"\n    - {problem}" for problem in problems),
        )
    _warn_of_unknown_axes(tuple(_listed(content["axes"])))
    declared = content["donnees"]
    return {
        "slug": content["slug"],
        "title": content["titre"],
        "partners": tuple(_partner(entry) for entry in _partners(content)),
        "period": tuple(str(part) for part in content["periode"]),
        "kinds": tuple(_listed(content.get("type"))),
        "axes": tuple(_listed(content["axes"])),
        "questions": tuple(entry["texte"] for entry in content.get("questions") or []),
        "hypotheses": parts["hypotheses"],
        "deliverables": parts["livrables"],
        "waves": parts["vagues"],
        "sources": parts["sources"],
        "confidentiality": content["confidentialite"],
        "simulated": bool(declared.get("simulees")),
        "seed": declared.get("graine"),
        "content": content,
    }


@cache
def axes() -> dict[str, Any]:
    """The chair's axes and their leaves."""
    import yaml

    text = files("optima_research.observatory").joinpath("axes.yaml").read_text(encoding="utf-8")
    known: dict[str, Any] = yaml.safe_load(text)
    return known


def _content(path: Path) -> dict[str, Any]:
    import yaml

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise StudyError(_("This file is not valid YAML."), where=path.name, got=error) from error
    if not isinstance(content, dict):
        raise StudyError(_("This study file is empty."), where=path.name)
    return content


def _faults_of_keys(content: Mapping[str, Any], path: Path) -> list[str]:
    """What is unknown, missing, or outside its vocabulary."""
    unknown = [key for key in content if key not in KEYS]
    problems = [
        _("unknown key « {key} ». {hint}", key=key, hint=suggest(key, KEYS)).strip() for key in unknown
    ]
    problems += [_("missing key « {key} ».", key=key) for key in REQUIRED if key not in content]
    if content.get("slug") not in (None, path.parent.name):
        problems.append(_("the slug « {slug} » is not the name of the folder.", slug=content["slug"]))
    partnership = (content.get("partenariat") or {}).get("nature")
    if partnership is not None and partnership not in PARTNERSHIPS:
        problems.append(
            _("partnership « {name} »: one of {names}.", name=partnership, names=", ".join(PARTNERSHIPS))
        )
    strange = [kind for kind in _listed(content.get("type")) if kind not in KINDS]
    return problems + [
        _("type « {name} »: one of {names}.", name=kind, names=", ".join(KINDS)) for kind in strange
    ]


def _parts(
    name: str, entries: Any, build: Callable[[Mapping[str, Any]], Any], problems: list[str]
) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    for position, entry in enumerate(entries or [], start=1):
        try:
            part = build(entry)
        except (KeyError, TypeError, ValueError) as error:
            problems.append(_("{name}, entry {position}: {error}", name=name, position=position, error=error))
            continue
        key = getattr(part, "id", None) or part.code
        if key in parts:
            problems.append(_("{name}: « {key} » is used twice.", name=name, key=key))
        parts[key] = part
    return parts


def _hypothesis(entry: Mapping[str, Any]) -> Hypothesis:
    status = entry.get("statut", "exploratoire")
    if status not in get_args(Status):
        raise ValueError(status)
    return Hypothesis(
        entry["id"],
        entry["texte"],
        status,
        _day(entry.get("date")),
        entry.get("effet_minimal"),
        entry.get("nulle", False),
    )


def _deliverable(entry: Mapping[str, Any]) -> Deliverable:
    return Deliverable(entry["code"], entry["titre"], _day(entry.get("echeance")), entry.get("produit", ""))


def _wave(entry: Mapping[str, Any]) -> Wave:
    start, end = _day(entry["debut"]), _day(entry["fin"])
    if start is None or end is None or end < start:
        raise ValueError(f"{entry['debut']} > {entry['fin']}")
    return Wave(entry["id"], start, end, tuple(_listed(entry.get("mode"))), entry.get("relances", 0))


def _source(entry: Mapping[str, Any]) -> SourceFile:
    return SourceFile(
        entry["id"],
        entry["fichier"],
        entry.get("outil", "table"),
        entry.get("structure"),
        entry.get("participants"),
        entry.get("codebook"),
        entry.get("vague"),
        entry.get("options") or {},
    )


def _partner(entry: Mapping[str, Any]) -> Partner:
    return Partner(entry["nom"], entry.get("type", ""), entry.get("population"), entry.get("effectif"))


def _partners(content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(content.get("partenaires") or ([content["partenaire"]] if "partenaire" in content else []))


def _listed(value: Any) -> list[str]:
    if value is None:
        return []
    return [str(part) for part in value] if isinstance(value, list) else [str(value)]


def _day(value: Any) -> date | None:
    """A date; a month alone (« 2013-10 ») stands for its first day."""
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    text = str(value)
    return date.fromisoformat(text if text.count("-") == 2 else f"{text}-01")


def _warn_of_unknown_axes(declared: tuple[str, ...]) -> None:
    for axis in declared:
        name, _slash, leaf = axis.partition("/")
        known = axes().get(name)
        # "offre/besoins" is one leaf whose name holds a slash: only the first slash parts axis and leaf.
        if known is None or (leaf and leaf not in known["leaves"]):
            warnings.warn(
                _("Axis « {axis} » is not in the chair's list; it is kept.", axis=axis), stacklevel=4
            )


_BUILDERS: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "hypotheses": _hypothesis,
    "livrables": _deliverable,
    "vagues": _wave,
    "sources": _source,
}
