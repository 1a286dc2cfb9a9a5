"""Starting a study: a folder with a ``study.yaml`` to fill in, and a notebook that already runs to its question."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

from optima_research.errors import StudyError
from optima_research.language import _
from optima_research.results.files import write_text


def new_study(slug: str, root: Path) -> list[Path]:
    """Make the files of a new study; nothing that exists is touched.

    Parameters
    ----------
    slug : str
        Lower-case letters, digits and underscores.
    root : Path
        Folder of the project.

    Raises
    ------
    StudyError
        A slug that cannot be a file name, or a study that exists.
    """
    import nbformat

    if not re.fullmatch(r"[a-z][a-z0-9_]{2,40}", slug):
        raise StudyError(
            _("« {slug} » cannot be the short name of a study.", slug=slug),
            expected=_("lower-case letters, digits and underscores, a letter first"),
        )
    study = root / "data" / "raw" / slug / "study.yaml"
    notebook = root / "notebooks" / f"{slug}.ipynb"
    for path in (study, notebook):
        if path.exists():
            raise StudyError(_("« {name} » exists already; nothing was changed.", name=path.name), where=slug)
    template = files("optima_research.observatory").joinpath("templates")
    write_text(study, template.joinpath("study.yaml").read_text(encoding="utf-8").replace("SLUG", slug))
    cells = (
        template.joinpath("notebook.md").read_text(encoding="utf-8").replace("SLUG", slug).split("\n---\n")
    )
    book = nbformat.v4.new_notebook(
        cells=[_cell(text.strip(), position) for position, text in enumerate(cells)]
    )
    book.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    write_text(notebook, nbformat.writes(book) + "\n")
    return [study, notebook]


def _cell(text: str, position: int) -> object:
    import nbformat

    code = re.fullmatch(r"```python\n(.*)\n```", text, flags=re.DOTALL)
    cell = nbformat.v4.new_code_cell(code[1]) if code else nbformat.v4.new_markdown_cell(text)
    cell["id"] = f"cell-{position:02d}"
    return cell
