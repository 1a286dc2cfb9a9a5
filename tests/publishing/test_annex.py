"""The annex prints every question once, as it was put, in Word and HTML."""

from __future__ import annotations

from pathlib import Path

import pytest

from optima_research import Codebook, ItemSet, Scale, Variable, export
from optima_research.errors import ExportError
from optima_research.publishing import questionnaire_annex

AGREE = {1: "Pas d'accord", 2: "D'accord"}
GRID = "Êtes-vous d'accord ?"


@pytest.fixture
def book() -> Codebook:
    return Codebook(
        [
            Variable("id", role="meta"),
            Variable("C1", f"{GRID} [On m'écoute <ici>]", "Écoute", "ordinal", AGREE, missing={9: "refused"},
                     item_set="C", group="Climat"),
            Variable("C2", f"{GRID} [On m'aide]", "Aide", "ordinal", AGREE, {}, {9: "refused"},
                     item_set="C", group="Climat"),
            Variable("O1", "Ordinateur", values={"Y": "Oui"}, item_set="O", group="Outils"),
            Variable("O2", "Téléphone", values={"Y": "Oui"}, item_set="O", group="Outils"),
            Variable("age", "Votre âge ?", measure="ratio", unit="ans", universe="Agents permanents", group="Vous"),
            Variable("mot", "Un mot ?", measure="text", role="comment", group="Vous"),
            Variable("score", measure="interval", role="score"),
        ],
        [ItemSet("C", "grid", ("C1", "C2"), GRID), ItemSet("O", "multiple", ("O1", "O2"), "Vos outils")],
        [Scale("CLI", ("C1", "C2"), "Climat", reversed=("C2",), range=(1, 2))],
        title="Baromètre RH",
    )  # fmt: skip


def words(book: Codebook) -> list[str]:
    return [item.text for item in questionnaire_annex(book).items if hasattr(item, "text")]


def test_each_question_is_printed_once_and_in_order(book: Codebook) -> None:
    told = words(book)
    numbered = [text for text in told if text[:1].isdigit() and ". " in text[:4]]
    assert numbered == [f"1. {GRID}", "2. Vos outils", "3. Votre âge ?", "4. Un mot ?"]
    assert [text for text in told if text in ("Climat", "Outils", "Vous")] == ["Climat", "Outils", "Vous"]
    assert not any("score" in text or "[id]" in text for text in told)


def test_answers_universe_and_missing_codes_are_said(book: Codebook) -> None:
    told = "\n".join(words(book))
    assert "On m'écoute <ici> [C1]" in told
    assert "Réponses proposées : 1 = Pas d'accord | 2 = D'accord." in told
    assert "Plusieurs réponses possibles." in told
    assert "Posée à : Agents permanents." in told
    assert "9 = refus" in told
    assert "Un nombre (ans) [age]." in told


def test_it_is_exported_in_word_and_html(book: Codebook, tmp_path: Path) -> None:
    import docx

    files = export(questionnaire_annex(book), tmp_path / "annexe", formats=("docx", "html"))
    page = files[1].read_text(encoding="utf-8")
    assert "écoute &lt;ici&gt; [C1]" in page
    assert "1 – 2</td>" in page
    assert "Items inversés" in page
    paragraphs = [paragraph.text for paragraph in docx.Document(str(files[0])).paragraphs]
    assert "Questionnaire" in paragraphs[0]
    assert any(text.startswith("3. Votre âge") for text in paragraphs)


def test_lines_that_do_not_share_their_answers_say_their_own(book: Codebook) -> None:
    other = Variable("C2", "On m'aide", measure="ordinal", values=AGREE, missing={8: "dont_know"})
    told = "\n".join(words(book.replace(other)))
    assert "On m'aide [C2] (1 = Pas d'accord | 2 = D'accord | 8 = ne sait pas)" in told


def test_a_codebook_without_question_is_refused() -> None:
    with pytest.raises(ExportError, match="aucune question"):
        questionnaire_annex(Codebook([Variable("id", role="meta")]))
