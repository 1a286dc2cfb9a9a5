"""pyproject.toml, environment.yml and constraints.txt say the same thing."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
# conda-forge splits some packages; ours is the part without a graphical toolkit or TeX.
CONDA_NAMES = {"matplotlib-base": "matplotlib", "nbconvert-core": "nbconvert", "seaborn-base": "seaborn"}
LEFT_TO_PIP = {"simplemma", "typst"}
OLDEST_PYTHON = "3.11.0"

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONSTRAINTS = [
    line
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


def requirements(texts: list[str]) -> dict[str, SpecifierSet]:
    parsed = [Requirement(text) for text in texts]
    return {canonicalize_name(requirement.name): requirement.specifier for requirement in parsed}


def conda_dependencies() -> list[str]:
    recipe = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    return [line for line in recipe["dependencies"] if isinstance(line, str) and line != "pip"]


def pinned() -> dict[str, str]:
    return dict(line.split("==") for line in CONSTRAINTS)


def installed_as_pinned() -> dict[str, Distribution]:
    """What can be asked of the machine at hand; another system or other versions have less to say."""
    found = {}
    for name, version in pinned().items():
        try:
            installed = distribution(name)
        except PackageNotFoundError:
            continue
        if installed.version == version:
            found[name] = installed
    return found


def test_conda_and_pip_users_get_the_same_packages_within_the_same_bounds() -> None:
    wanted = requirements(PROJECT["dependencies"])
    offered = requirements(conda_dependencies())
    offered = {CONDA_NAMES.get(name, name): bounds for name, bounds in offered.items()}
    offered.pop("python")
    assert offered == {name: bounds for name, bounds in wanted.items() if name not in LEFT_TO_PIP}


def test_conda_asks_for_the_python_that_the_project_asks_for() -> None:
    assert requirements(conda_dependencies())["python"] == SpecifierSet(PROJECT["requires-python"])


def test_conda_installs_the_project_itself() -> None:
    recipe = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert recipe["dependencies"][-1] == {"pip": ["-e ."]}


def test_constraints_hold_exact_versions_and_nothing_else() -> None:
    for line in CONSTRAINTS:
        assert re.fullmatch(r"[a-z0-9-]+==[0-9][0-9A-Za-z.!+]*", line), line
    assert sorted(pinned()) == list(pinned())


def test_the_validated_versions_are_within_the_declared_bounds() -> None:
    versions = pinned()
    declared = requirements([*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["test"]])
    for name, bounds in declared.items():
        assert name in versions, f"{name}: run tools/constraints.py"
        assert versions[name] in bounds, f"{name}: {versions[name]} outside {bounds}"


def test_everything_that_is_pulled_in_is_pinned() -> None:
    versions = pinned()
    for name, installed in installed_as_pinned().items():
        for text in installed.requires or ():
            needed = Requirement(text)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                assert canonicalize_name(needed.name) in versions, (
                    f"{name} needs {text}: run tools/constraints.py"
                )


def test_the_pinned_versions_accept_the_earliest_python_we_promise() -> None:
    for name, installed in installed_as_pinned().items():
        accepted = SpecifierSet(installed.metadata.get("Requires-Python", ""))
        assert accepted.contains(OLDEST_PYTHON), f"{name} wants Python {accepted}"


def test_the_commit_hook_formats_with_the_version_that_is_pinned() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    (ruff,) = [repo["rev"] for repo in hooks if repo["repo"].endswith("ruff-pre-commit")]
    assert ruff == f"v{pinned()['ruff']}"
