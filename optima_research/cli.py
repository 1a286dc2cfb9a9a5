"""The command line: ``optima new | run | check | simulate | doctor``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from optima_research.errors import OptimaError
from optima_research.language import _
from optima_research.language.numbers import format_number
from optima_research.observatory.doctor import Finding

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Recherche-action locale : des exports aux tableaux publiables.",
)
Slugs = Annotated[list[str] | None, typer.Argument(help="Études ; toutes par défaut.")]


def main() -> None:
    """Run a command; an expected error is a few lines and an exit status, not a traceback."""
    try:
        app()
    except OptimaError as error:
        print(error, file=sys.stderr)
        raise SystemExit(1) from None


@app.command()
def run(
    slugs: Slugs = None,
    update: Annotated[bool, typer.Option(help="Range aussi les sorties dans les carnets.")] = False,
) -> None:
    """Exécute les carnets et écrit exports/<étude>/."""
    from optima_research.observatory.running import run_notebooks

    root = _root()
    runs = run_notebooks(root, slugs or (), update=update)
    for outcome in runs:
        seconds = format_number(outcome.seconds, 1)
        state = (
            _("done in {seconds} s", seconds=seconds)
            if outcome.ok
            else _("stopped after {seconds} s", seconds=seconds)
        )
        typer.echo(f"{outcome.name} : {state}")
        for line in outcome.error.splitlines():
            typer.echo(f"    {line}")
        for file in outcome.files:
            typer.echo(f"    {file.relative_to(root)}")
    if not all(outcome.ok for outcome in runs):
        raise typer.Exit(1)


@app.command()
def new(slug: Annotated[str, typer.Argument(help="Nom court : minuscules, chiffres, tirets bas.")]) -> None:
    """Prépare une étude : study.yaml et carnet."""
    from optima_research.observatory.scaffold import new_study

    root = _root()
    for path in new_study(slug, root):
        typer.echo(f"{path.relative_to(root)}")


@app.command()
def check(slugs: Slugs = None) -> None:
    """Vérifie les études : description, fichiers, enquêtes lisibles, livrables produits."""
    from optima_research.observatory.checking import check_studies

    _report(check_studies(_root(), slugs or ()))


@app.command()
def simulate(slug: Annotated[str, typer.Argument(help="Étude simulée.")]) -> None:
    """Récrit les fichiers bruts d'une étude simulée."""
    from optima_research.simulation.studies import simulate_study

    root = _root()
    for path in simulate_study(slug, root):
        typer.echo(f"{path.relative_to(root)}")


@app.command()
def doctor() -> None:
    """Dit ce qui est installé, et quoi faire de ce qui ne va pas."""
    from optima_research.observatory.doctor import examine

    _report(examine(_root()))


def _report(findings: list[Finding]) -> None:
    for finding in findings:
        typer.echo(("✓ " if finding.ok else "✗ ") + f"{finding.name} : {finding.found}")
        if not finding.ok:
            typer.echo(f"    → {finding.remedy}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def _root() -> Path:
    from optima_research.observatory.study import project_root

    return project_root(Path.cwd())
