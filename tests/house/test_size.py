"""Files and functions stay small enough to be read in one go."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("optima_research", "tests", "tools", "bench")
FILES = sorted([ROOT / "tasks.py", *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))])
TEXTS = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in FILES}
LONGEST_FILE, LONGEST_BODY = 500, 40

Function = ast.FunctionDef | ast.AsyncFunctionDef


def body_length(function: Function) -> int:
    """Lines from the first statement after the docstring to the last."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def too_long(lengths: dict[str, int], most: int) -> str:
    """One line for each that passes the limit, the longest first."""
    found = sorted((length, name) for name, length in lengths.items() if length > most)
    return "\n".join(f"{name}: {length}" for length, name in reversed(found))


def test_no_file_is_long() -> None:
    lengths = {name: len(text.splitlines()) for name, text in TEXTS.items()}
    found = too_long(lengths, LONGEST_FILE)
    assert not found, found


def test_no_function_is_long() -> None:
    bodies = {
        f"{name}: {node.name}": body_length(node)
        for name, text in TEXTS.items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, Function)
    }
    found = too_long(bodies, LONGEST_BODY)
    assert not found, found


def test_the_docstring_does_not_count() -> None:
    documented = 'def f():\n    """One.\n\n    Two.\n    """\n    x = 1\n    return x\n'
    function = ast.parse(documented).body[0]
    assert isinstance(function, Function)
    assert body_length(function) == 2
