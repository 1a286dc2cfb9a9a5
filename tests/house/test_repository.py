"""The repository holds nothing of one machine, nothing heavy, and no data that is not declared simulated."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
MOST_BYTES = 3_000_000
FOLDERS_OF_A_MACHINE = ("home", "mnt", "opt", "root", "tmp", "Users", "work")
ABSOLUTE_PATH = re.compile(rf"(?<![\w.:/<~*-])/(?:{'|'.join(FOLDERS_OF_A_MACHINE)})/\w")
REGISTRIES = re.compile(
    r"(?:pypi|pythonhosted|anaconda|conda-forge|npmjs|r-project)\.(?:org|com)/(?:simple|packages|\w+/linux)"
)


def tracked_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listed.returncode != 0:
        pytest.skip("not a git working copy")
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def texts() -> list[tuple[Path, str]]:
    found = []
    for path in tracked_files():
        content = path.read_bytes()
        if b"\0" not in content:
            found.append((path.relative_to(ROOT), content.decode("utf-8", errors="replace")))
    return found


@pytest.mark.parametrize(
    "forbidden", [ABSOLUTE_PATH, REGISTRIES], ids=["path of a machine", "package registry"]
)
def test_no_file_speaks_of(forbidden: re.Pattern[str]) -> None:
    found = {str(path): hit.group() for path, text in texts() if (hit := forbidden.search(text))}
    assert found == {}


def test_no_file_is_heavy() -> None:
    assert [path for path in tracked_files() if path.stat().st_size > MOST_BYTES] == []


def test_every_data_folder_is_declared_simulated() -> None:
    """Real answers never enter the repository: a study whose data are not simulated keeps them elsewhere."""
    raw = ROOT / "data" / "raw"
    for path in tracked_files():
        if raw not in path.parents or path.parent == raw:
            continue
        declaration = raw / path.relative_to(raw).parts[0] / "study.yaml"
        assert declaration.is_file(), f"{path}: no study.yaml says where it comes from"
        assert yaml.safe_load(declaration.read_text(encoding="utf-8"))["donnees"]["simulees"] is True


def test_what_a_run_writes_is_ignored() -> None:
    assert not any(path.relative_to(ROOT).parts[0] in ("exports", ".venv") for path in tracked_files())


def test_git_leaves_raw_files_as_they_are() -> None:
    """On Windows git would change ends of line, and with them the fingerprint of a raw export."""
    raw = [str(path.relative_to(ROOT)) for path in tracked_files() if ROOT / "data" / "raw" in path.parents]
    asked = subprocess.run(
        ["git", "check-attr", "text", "--", *raw], cwd=ROOT, capture_output=True, text=True
    )
    assert {line.rsplit(": ", 1)[1] for line in asked.stdout.splitlines()} == {"unset"}
