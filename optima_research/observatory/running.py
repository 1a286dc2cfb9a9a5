"""Running the notebooks: each in its own kernel, in the folder it lives in, its page kept beside its exports."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from optima_research.errors import StudyError, suggest
from optima_research.language import _
from optima_research.results.files import write_text

if TYPE_CHECKING:
    from nbformat import NotebookNode

KERNEL = "python3"
TIMEOUT_SECONDS = 600


@dataclass(frozen=True)
class Run:
    """How one notebook went: seconds, files it left, and what stopped it if anything did."""

    name: str
    seconds: float
    files: tuple[Path, ...]
    error: str = ""

    @property
    def ok(self) -> bool:
        """Whether it ran to its end."""
        return not self.error


def notebooks(root: Path, slugs: Iterable[str] = ()) -> list[Path]:
    """The notebooks asked for, all by default, in alphabetical order.

    Raises
    ------
    StudyError
        There is no such notebook.
    """
    known = {path.stem: path for path in sorted((root / "notebooks").glob("*.ipynb"))}
    wanted = list(slugs) or list(known)
    for slug in wanted:
        if slug not in known:
            raise StudyError(
                _("There is no notebook « {name} ».", name=slug),
                hint=suggest(slug, known) or ", ".join(known),
            )
    return [known[slug] for slug in wanted]


def run_notebooks(
    root: Path, slugs: Iterable[str] = (), *, update: bool = False, workers: int = 2
) -> list[Run]:
    """Execute notebooks, two at a time, with a progress bar on a terminal.

    Parameters
    ----------
    root : Path
        Folder of the project.
    slugs : iterable of str
        Notebooks, all by default.
    update : bool
        Store the outputs in the notebooks themselves (what a maintainer does after a change of results).
    workers : int
        Kernels at a time.
    """
    from tqdm import tqdm

    paths = notebooks(root, slugs)
    with ThreadPoolExecutor(max_workers=workers) as pool:
        runs = pool.map(lambda path: _run(path, root, update), paths)
        bar = tqdm(runs, total=len(paths), desc=_("notebooks"), unit="", disable=None, leave=False)
        return list(bar)


def execute(path: Path) -> NotebookNode:
    """One notebook, executed in its own folder; the notebook on disk is left as it is."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=TIMEOUT_SECONDS,
        kernel_name=KERNEL,
        # Every kernel warns that it talks to us without encryption; it does so on this machine only.
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        resources={"metadata": {"path": str(path.parent)}},
    )
    executed: NotebookNode = client.execute(cwd=str(path.parent))
    return executed


def _run(path: Path, root: Path, update: bool) -> Run:
    from nbclient.exceptions import CellExecutionError

    started = time.perf_counter()
    before = time.time()
    try:
        executed = execute(path)
    except CellExecutionError as error:
        return Run(path.stem, time.perf_counter() - started, (), _short(error))
    if update:
        _store(executed, path)
    exports = root / "exports" / path.stem
    page = write_text(exports / f"{path.stem}.html", _page(executed))
    _enter(page, path.stem)
    _front_page(root, path.stem)
    # A file as old as the run was not written by it; two seconds allow for coarse clocks of network drives.
    written = sorted(
        file for file in exports.rglob("*") if file.is_file() and file.stat().st_mtime >= before - 2
    )
    return Run(path.stem, time.perf_counter() - started, tuple(written))


def _enter(page: Path, slug: str) -> None:
    """The executed notebook in the manifest of its study: for the team, since it shows what the team may see."""
    from optima_research.publishing.manifest import record

    record(
        page,
        page.read_bytes(),
        object="Notebook",
        title=_("Executed notebook"),
        format="html",
        audience="researcher",
        language="fr",
        study=slug,
        notebook=slug,
    )


def _front_page(root: Path, slug: str) -> None:
    """The page that links every file of the study, where its notebook wrote any."""
    from optima_research.observatory.study import Study
    from optima_research.publishing.index import write_index
    from optima_research.publishing.manifest import read_manifest

    exports = root / "exports" / slug
    if read_manifest(exports):
        study = Study.load(root / "data" / "raw" / slug)
        write_index(exports, title=study.title, simulated=study.simulated)


def _short(error: Exception) -> str:
    """The last lines of a cell's error: the sentence, not the stack."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    return os.linesep.join(lines[-4:])


def _store(executed: NotebookNode, path: Path) -> None:
    import nbformat

    for cell in executed.cells:
        cell.metadata.pop("execution", None)
    executed.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": KERNEL},
            "language_info": {"name": "python"},
        }
    )
    write_text(path, nbformat.writes(executed) + "\n")


def _page(executed: NotebookNode) -> str:
    """The notebook as one page without code, for those who read and do not program."""
    from nbconvert import HTMLExporter

    body, _resources = HTMLExporter(
        exclude_input=True, exclude_input_prompt=True, embed_images=True
    ).from_notebook_node(executed)
    return str(body)
