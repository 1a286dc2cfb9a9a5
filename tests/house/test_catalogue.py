"""Every sentence of the package exists in French, complete, with the same values in it, and compiled."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from optima_research.language.compile import compiled_catalogue

PACKAGE = Path(__file__).resolve().parents[2] / "optima_research"
SOURCES = sorted((PACKAGE / "language" / "fr").glob("*.po"))


def french_messages() -> list[tuple[str, Message]]:
    found = []
    for source in SOURCES:
        with source.open("rb") as file:
            found += [(source.name, message) for message in read_po(file, locale="fr") if message.id]
    return found


def sentences_in_the_code() -> dict[str, str]:
    """Each message id the package hands to ``_`` and where."""
    extracted = extract_from_dir(PACKAGE, method_map=[("**.py", "python")], keywords={"_": None})
    return {str(message): f"{file}:{line}" for file, line, message, _, _ in extracted}


def sentences_with_values() -> Iterator[tuple[str, set[str]]]:
    """Each message id that is filled in, with the names of the values; braces elsewhere are only braces."""
    for path in PACKAGE.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(call, ast.Call)
                and isinstance(call.func, ast.Name)
                and call.func.id == "_"
                and call.keywords
            ):
                text = call.args[0]
                given = {keyword.arg for keyword in call.keywords if keyword.arg is not None}
                if isinstance(text, ast.Constant) and len(given) == len(call.keywords):
                    yield str(text.value), given


def values_in(text: str) -> set[str]:
    return {name.split(".")[0].split("[")[0] for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_every_sentence_has_its_french() -> None:
    translated = {message.id for _, message in french_messages() if message.string}
    missing = [
        f"{where}: {text}" for text, where in sentences_in_the_code().items() if text not in translated
    ]
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_no_translation_is_empty_or_uncertain(source: Path) -> None:
    mine = [message for name, message in french_messages() if name == source.name]
    assert [message.id for message in mine if message.fuzzy or not message.string] == []


def test_both_languages_show_the_values_they_are_given() -> None:
    french = {str(message.id): str(message.string) for _, message in french_messages()}
    for text, given in sentences_with_values():
        assert values_in(text) <= given, text
        assert values_in(french.get(text, text)) == values_in(text), text


def test_the_compiled_catalogue_is_up_to_date() -> None:
    compiled = PACKAGE / "language" / "fr" / "LC_MESSAGES" / "optima_research.mo"
    assert compiled.read_bytes() == compiled_catalogue(), "run: make catalogue"
