"""Write constraints.txt: the exact version of every package that the installed environment uses for this project.

Run in the environment that has just passed every test: ``python tools/constraints.py > constraints.txt``.
"""

from __future__ import annotations

import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
HEADER = """\
# The versions the results were validated with (Python 3.11 to 3.13, all systems).
# Written by tools/constraints.py; pyproject.toml says what is accepted, this file what is installed.
"""
# Where the newest version refuses an early release of the oldest Python we accept (3.11.0 to 3.11.4).
OLDER = {"soupsieve": "2.10"}
# What other systems than the validating one need on top: colours and terminals.
ELSEWHERE = {"appnope": "0.1.4", "colorama": "0.4.6", "pywinpty": "3.0.5"}


def declared(*extras: str) -> list[Requirement]:
    """The requirements written in pyproject.toml, those of the extras included."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = project["optional-dependencies"]
    texts = [*project["dependencies"], *(text for extra in extras for text in optional[extra])]
    return [Requirement(text) for text in texts]


def closure(requirements: list[Requirement]) -> dict[str, str]:
    """Name and installed version of everything the requirements pull in on this machine."""
    found: dict[str, str] = {}
    waiting = [(requirement, "") for requirement in requirements]
    seen: set[tuple[str, str]] = set()
    while waiting:
        requirement, extra = waiting.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        try:
            installed = distribution(requirement.name)
        except PackageNotFoundError:
            continue
        found[name] = installed.version
        for wanted in ["", *requirement.extras]:
            if (name, wanted) not in seen:
                seen.add((name, wanted))
                waiting += [(Requirement(text), wanted) for text in installed.requires or ()]
    return found


def main() -> None:
    """Print the constraints, sorted by name."""
    versions = closure(declared("test")) | OLDER | ELSEWHERE
    print(HEADER + "\n".join(f"{name}=={versions[name]}" for name in sorted(versions)))


if __name__ == "__main__":
    main()
