"""What README and CONTRIBUTING tell people to type exists and works."""

from __future__ import annotations

import re
import runpy
import shutil
from pathlib import Path

import pytest

from optima_research.cli import app

ROOT = Path(__file__).resolve().parents[2]
PAGES = {name: (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "CONTRIBUTING.md")}


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGES[page], flags=re.DOTALL)


def typed(program: str) -> set[str]:
    """The words that follow a program's name at the start of a line of a block of commands, or in `...`."""
    commands = "\n".join(line for page in PAGES for block in blocks(page, "") for line in block.splitlines())
    inline = re.findall(rf"`{program} (\w+)", "\n".join(PAGES.values()))
    return {*re.findall(rf"^{program} (\w+)", commands, flags=re.MULTILINE), *inline}


def test_make_has_every_job_that_is_named() -> None:
    tasks = runpy.run_path(str(ROOT / "tasks.py"))
    assert typed("make") | typed("python tasks.py") <= set(tasks["JOBS"])
    assert typed("make") >= {"run", "test"}


def test_the_makefile_passes_every_job_on() -> None:
    tasks = runpy.run_path(str(ROOT / "tasks.py"))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert set(tasks["JOBS"]) <= set(re.search(r"^help (.*):", makefile, flags=re.MULTILINE)[1].split())


def test_optima_has_every_command_that_is_named() -> None:
    offered = {command.name or command.callback.__name__ for command in app.registered_commands}
    assert typed("optima") <= offered


@pytest.mark.parametrize("page", PAGES)
def test_every_page_that_is_linked_is_there(page: str) -> None:
    linked = [target for target in re.findall(r"\]\(([^)]+)\)", PAGES[page]) if "://" not in target]
    assert [target for target in linked if not (ROOT / target).exists()] == []


def test_the_first_example_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(
        ROOT / "data" / "raw" / "reze_barometre_rh", tmp_path / "data" / "raw" / "reze_barometre_rh"
    )
    monkeypatch.chdir(tmp_path)
    (example,) = blocks("README.md", "python")
    exec(compile(example, "README.md", "exec"), {})
    assert capsys.readouterr().out.strip()
    assert list((tmp_path / "exports" / "reze_barometre_rh").glob("*.docx"))
