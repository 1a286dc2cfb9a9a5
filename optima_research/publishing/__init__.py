"""From a result to the files people open: Word, PDF, Excel, LaTeX, HTML, CSV, figures, and the record of each."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "export": "exporting",
    "save_figure": "figures",
    "draft_alt": "figures",
    "PublicationFigure": "figures",
    "Report": "report",
    "Setting": "setting",
    "current_setting": "setting",
    "set_setting": "setting",
    "using_setting": "setting",
    "write_index": "index",
    "read_manifest": "manifest",
    "Register": "register",
    "compare_registers": "register",
    "write_readers": "register_formats",
    "configure_notebook": "notebook",
    "say": "notebook",
    "show": "notebook",
    "written_files": "notebook",
    "reproducibility_sheet": "reproducibility",
    "statcheck": "pvalues",
    "Indicator": "layout",
    "indicator": "onepage",
    "restitution": "onepage",
    "questionnaire_annex": "annex",
}

_MODULES = ("manuscript", "checklists")
"""Named by what they are for: ``publishing.manuscript.refresh(path, register)``."""

__all__ = sorted([*_HOMES, *_MODULES])


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
