"""Set the project up and do one of its jobs: ``python tasks.py run``, ``test``, ``setup``, ``lint``...

Standard library only, and readable by any Python 3: this file makes the environment everything else needs,
and it must be able to say in French that the Python at hand is too old.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
EXE = ".exe" if os.name == "nt" else ""
PYTHON = BIN / f"python{EXE}"
STAMP = VENV / "optima-stamp.txt"
OLDEST = (3, 11)
# Where tasks.py runs inside the environment it is about to make again, the Python that made it.
BASE_PYTHON = getattr(sys, "_base_executable", None) or sys.executable
CANDIDATES = ["python3.13", "python3.12", "python3.11", "python3", "python", "py"]

LINT = {
    "ruff (fautes)": ["ruff", "check", "."],
    "ruff (mise en forme)": ["ruff", "format", "--check", "."],
    "mypy (types)": ["mypy"],
    "import-linter (étages)": ["lint-imports", "--no-logo"],
}
# Notebooks first: a test then compares the register they have just written with the committed one.
TESTS = {
    "pytest (carnets, nbval)": [
        *["pytest", "--nbval", "--nbval-current-env", "--nbval-sanitize-with", "nbval.cfg"],
        *["-n", "2", "--dist", "loadfile", "notebooks"],
    ],
    "pytest (bibliothèque)": ["pytest", "-n", "2"],
}
CLOSING_LINE = re.compile(r"=+ .*\b(passed|failed|errors?|skipped|no tests ran)\b.* in [\d.]+s.*=+$")


# --- The environment ------------------------------------------------------------------------------------------


def setup() -> None:
    """Make ``.venv`` again whenever what it was made from has changed, or when it was left half made."""
    stamp = fingerprint()
    if STAMP.exists() and STAMP.read_text(encoding="utf-8") == stamp and works(str(PYTHON)):
        return
    say("Installation de l'environnement dans .venv (une à trois minutes la première fois)…")
    start = time.monotonic()
    remove_environment()
    if not (install_with_uv() or install_with_pip()):
        sys.exit(
            "L'installation a échoué : les lignes ci-dessus disent pourquoi. Vérifiez la connexion (et le proxy),\n"
            "puis relancez la même commande. Sous Debian ou Ubuntu, il faut aussi le paquet python3-venv."
        )
    STAMP.write_text(stamp, encoding="utf-8")
    say(f"Environnement prêt en {time.monotonic() - start:.0f} s.")


def fingerprint() -> str:
    """What the environment depends on: place (scripts hold it), Python, declared packages, exact versions."""
    import tomllib

    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    parts = [str(VENV), str(sys.version_info[:2]), repr(declared["build-system"]), repr(declared["project"])]
    parts.append((ROOT / "constraints.txt").read_text(encoding="utf-8"))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def remove_environment() -> None:
    """Start from nothing, so that the same files always give the same environment."""
    try:
        if VENV.exists():
            shutil.rmtree(VENV)
    except OSError as error:
        sys.exit(
            f"Impossible de refaire .venv ({error}). Fermez JupyterLab et les consoles ouvertes, puis relancez."
        )


def install_with_uv() -> bool:
    """Install in seconds where uv is there; bytecode included, without which notebooks run far slower."""
    uv = shutil.which("uv")
    if uv is None:
        return False
    packages = ["--compile-bytecode", "--constraints", "constraints.txt", "--editable", ".[test]"]
    made = run([uv, "venv", "--quiet", "--seed", "--python", BASE_PYTHON, str(VENV)])
    if made == 0 and run([uv, "pip", "install", "--quiet", "--python", str(PYTHON), *packages]) == 0:
        return True
    say("uv n'a pas pu installer l'environnement ; nouvel essai avec pip.")
    remove_environment()
    return False


def install_with_pip() -> bool:
    """Install with nothing but what comes with Python."""
    pip = [str(PYTHON), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    packages = ["--constraint", "constraints.txt", "--editable", ".[test]"]
    if run([BASE_PYTHON, "-m", "venv", str(VENV)]) != 0:
        return False
    run([*pip, "pip>=24"])  # the one that came with Python works too, more slowly
    return run([*pip, *packages]) == 0


def environment() -> "dict[str, str]":
    """Variables for every command: the same behaviour in a terminal, in Windows and on a server."""
    inherited = {k: v for k, v in os.environ.items() if k not in UNWANTED}
    own = {"VIRTUAL_ENV": str(VENV), "PATH": os.pathsep.join([str(BIN), os.environ.get("PATH", os.defpath)])}
    # A university's proxy signs with a certificate that the system knows, and uv otherwise would not.
    own.update(PYTHONUTF8="1", PIP_NO_INPUT="1", UV_PYTHON_DOWNLOADS="never", UV_NATIVE_TLS="1")
    # One thread a process: two processes run at once, and sums do not depend on the number of cores.
    own.update({f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")})
    # Personal settings of IPython and matplotlib would change what notebooks show.
    own.update(IPYTHONDIR=str(VENV / "ipython"), MPLCONFIGDIR=str(VENV / "matplotlib"))
    return {**inherited, **own}


# PYTHONDONTWRITEBYTECODE makes every start recompile everything; the others bring in foreign packages.
UNWANTED = {"PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "MPLBACKEND", "UV_PYTHON"}


# --- The jobs -------------------------------------------------------------------------------------------------


def run_studies(*arguments: str) -> int:
    """Execute the notebooks and write exports/ (all studies, or those named)."""
    return run([tool("optima"), "run", *arguments])


def test(*arguments: str) -> int:
    """Check style, types and floors, run the tests, then validate the notebooks against their outputs."""
    return stages({**LINT, **{name: [*command, *arguments] for name, command in TESTS.items()}})


def lint() -> int:
    """Check style, types and import contracts only."""
    return stages(LINT)


def catalogue() -> int:
    """Compile the French catalogue after a .po file has changed."""
    return run([str(PYTHON), "-m", "optima_research.language.compile"])


def bench(*names: str) -> int:
    """Run the benchmarks of bench/ (all, or those named)."""
    found = names or sorted(path.stem for path in (ROOT / "bench").glob("[a-z]*.py"))
    return max([run([str(PYTHON), "-m", f"bench.{name}"]) for name in found])


def reference(*names: str) -> int:
    """Compute again the reference values of tests/reference/ (needs R)."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        sys.exit(
            "R est nécessaire pour recalculer les références (Rscript introuvable). Les tests s'en passent."
        )
    folder = ROOT / "tests" / "reference"
    scripts = [f"{name}.R" for name in names] or sorted(path.name for path in folder.glob("*.R"))
    return max([run([rscript, script], cwd=folder) for script in scripts])


def setup_only() -> int:
    """Make the environment and stop."""
    say(f"Environnement à jour : {VENV}")
    return 0


JOBS = {
    "run": (run_studies, "exécute les carnets et écrit exports/ (toutes les études, ou celles nommées)"),
    "test": (test, "contrôle le code, passe les tests, valide les carnets contre leurs sorties"),
    "setup": (setup_only, "prépare l'environnement .venv, rien de plus"),
    "lint": (lint, "contrôle seulement le style, les types et les étages"),
    "catalogue": (catalogue, "compile les messages français"),
    "bench": (bench, "mesure les vitesses (toutes, ou celles nommées)"),
    "reference": (reference, "recalcule avec R les valeurs de référence des tests"),
}


# --- Running commands -----------------------------------------------------------------------------------------


def run(command: "list[str]", cwd: Path = ROOT) -> int:
    """Run a command from the root of the project; it can never wait for a key."""
    return subprocess.run(command, cwd=str(cwd), env=environment(), stdin=subprocess.DEVNULL).returncode


def stages(commands: "dict[str, list[str]]") -> int:
    """Run every command even when one fails, then say how each ended; pytest's own closing lines come last."""
    table, closing, worst = [], [], 0
    for name, command in commands.items():
        say(f"\n── {name} : {' '.join(command)}")
        start = time.monotonic()
        code, lines = run_and_read([tool(command[0]), *command[1:]])
        worst = max(worst, abs(code))
        table.append(f"  {'réussi' if code == 0 else 'ÉCHEC':<7} {time.monotonic() - start:6.1f} s  {name}")
        closing += lines
    say("\n".join(["\n── Bilan", *table, *closing]))
    return min(worst, 1)


def tool(name: str) -> str:
    """The path of a command installed in the environment."""
    return str(BIN / f"{name}{EXE}")


def run_and_read(command: "list[str]") -> "tuple[int, list[str]]":
    """Run a command, pass on what it prints as it comes, and keep pytest's closing line."""
    closing = []
    with subprocess.Popen(
        command,
        cwd=str(ROOT),
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            say(line.rstrip("\n"))
            if CLOSING_LINE.match(line.rstrip()):
                closing = [line.rstrip()]
    return process.returncode, closing


def works(python: str) -> bool:
    """Whether this command starts a Python recent enough (a pyenv shim or a broken link does not)."""
    question = f"import sys; sys.exit(sys.version_info < {OLDEST})"
    try:
        return subprocess.run([python, "-c", question], stderr=subprocess.DEVNULL, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def start_again_with_a_recent_python() -> None:
    """Hand over to a recent Python found on the PATH, or say what to install."""
    for name in CANDIDATES:
        path = shutil.which(name)
        if path and works(path):
            sys.exit(subprocess.run([path, __file__, *sys.argv[1:]]).returncode)
    sys.exit(
        "Python {}.{} ou plus récent est nécessaire ; celui-ci est {}.{} ({}).\n"
        "Installez-le depuis python.org (ou avec votre gestionnaire de paquets), puis relancez.".format(
            *OLDEST, *sys.version_info[:2], sys.executable
        )
    )


def say(text: str) -> None:
    """Print at once, even on a console that cannot show every letter."""
    encoding = sys.stdout.encoding or "ascii"
    print(text.encode(encoding, "replace").decode(encoding), flush=True)


def main() -> int:
    """Find Python, make the environment, do the job."""
    if sys.version_info < OLDEST:
        start_again_with_a_recent_python()
    name, arguments = (sys.argv[1], sys.argv[2:]) if len(sys.argv) > 1 else ("help", [])
    if name not in JOBS:
        say("Usage : make COMMANDE, ou python tasks.py COMMANDE")
        say("\n".join(f"  {job:<10} {what}" for job, (_, what) in JOBS.items()))
        return 0 if name in ("help", "-h", "--help") else 2
    setup()
    job, _ = JOBS[name]
    return job(*arguments)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("\nInterrompu. Relancez la même commande pour reprendre.")
