"""The script behind the two commands: what it decides, without installing anything."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import tasks


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of two files whose installation is only recorded."""
    (tmp_path / "pyproject.toml").write_text('[build-system]\nrequires = []\n[project]\nname = "x"\n')
    (tmp_path / "constraints.txt").write_text("a==1\n")
    venv = tmp_path / ".venv"
    monkeypatch.setattr(tasks, "ROOT", tmp_path)
    monkeypatch.setattr(tasks, "VENV", venv)
    monkeypatch.setattr(tasks, "STAMP", venv / "stamp.txt")
    monkeypatch.setattr(tasks, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(tasks, "install_with_uv", lambda: False)
    monkeypatch.setattr(tasks, "install_with_pip", lambda: venv.mkdir() or True)
    return tmp_path


def installs(capsys: pytest.CaptureFixture[str]) -> bool:
    """Whether setting up has installed anything."""
    capsys.readouterr()
    tasks.setup()
    return "Installation" in capsys.readouterr().out


def test_an_environment_is_made_once(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert installs(capsys)
    assert not installs(capsys)


@pytest.mark.parametrize(
    ("file", "text"),
    [("constraints.txt", "a==2\n"), ("pyproject.toml", '[build-system]\n[project]\nname = "y"\n')],
)
def test_and_again_when_what_it_holds_changes(
    project: Path, capsys: pytest.CaptureFixture[str], file: str, text: str
) -> None:
    tasks.setup()
    (project / file).write_text(text)
    assert installs(capsys)


def test_a_lint_rule_is_no_reason_to_install(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tasks.setup()
    with (project / "pyproject.toml").open("a") as file:
        file.write("[tool.ruff]\nline-length = 90\n")
    assert not installs(capsys)


def test_what_an_interrupted_installation_left_is_made_again(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / ".venv" / "lib").mkdir(parents=True)
    assert installs(capsys)
    assert not (project / ".venv" / "lib").exists()


def test_a_failed_installation_says_what_to_look_at(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "install_with_pip", lambda: False)
    with pytest.raises(SystemExit, match="connexion"):
        tasks.setup()
    assert not tasks.STAMP.exists()


def test_every_stage_runs_and_one_failure_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tasks, "tool", lambda name: sys.executable)
    closing = "===== 3 passed in 0.01s ====="
    code = tasks.stages(
        {
            "premier": ["python", "-c", "raise SystemExit(3)"],
            "second": ["python", "-c", f"print('{closing}'); print('after')"],
        }
    )
    lines = capsys.readouterr().out.strip().splitlines()
    assert code == 1
    assert [line.split()[0] for line in lines[-3:-1]] == ["ÉCHEC", "réussi"]
    assert lines[-1] == closing


def test_the_commands_are_shielded_from_the_users_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    assert {"PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "MPLBACKEND"}.isdisjoint(tasks.environment())


def test_an_old_python_is_told_in_french(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "works", lambda python: False)
    with pytest.raises(SystemExit, match=r"Python 3\.11 ou plus récent est nécessaire"):
        tasks.start_again_with_a_recent_python()


def test_an_unknown_job_lists_the_jobs() -> None:
    done = subprocess.run(
        [sys.executable, tasks.__file__, "rnu"], capture_output=True, text=True, encoding="utf-8"
    )
    assert done.returncode == 2
    assert "run" in done.stdout
