"""Positions of any producer come back as code points on LF text."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from optima_research.coding.qualitative.files._html_text import HtmlText
from optima_research.coding.qualitative.projects.offsets import resolve_offsets, utf8_spans
from tests.coding.qualitative import refi_fixtures as make

TOOLS = [make.NVIVO, make.ATLAS, make.QUALCODER, make.MAXQDA, make.QC]
words = st.sampled_from(["budget", "été", "😀", "élu·e", "l'eau", "🚒🚒", "DGS", "où"])
gaps = st.sampled_from([" ", "\n", ", ", ". "])


@settings(max_examples=60, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(st.lists(st.tuples(words, gaps), min_size=3, max_size=30), st.sampled_from(TOOLS), st.data())
def test_the_words_marked_are_the_words_found(pieces, tool, data):
    text, marks = "", []
    for word, gap in pieces:
        marks.append((len(text), len(text) + len(word), word))
        text += word + gap
    chosen = data.draw(st.lists(st.sampled_from(marks), min_size=1, max_size=8))
    start = [make.position(text, a, tool) for a, _b, _w in chosen]
    end = [make.position(text, b, tool) for _a, b, _w in chosen]
    raw = ("\ufeff" if tool.bom else "") + text.replace("\n", tool.newline)
    found = resolve_offsets(raw, start, end, origin=tool.origin)
    assert found.text == text
    assert [text[a:b] for a, b in zip(found.start, found.end, strict=True)] == [w for _a, _b, w in chosen]


@settings(max_examples=60, deadline=None)
@given(
    st.text(max_size=40),
    st.lists(st.tuples(st.integers(-5, 10**12), st.integers(-5, 10**12)), max_size=5),
    st.lists(st.text(max_size=5), max_size=5),
)
def test_whatever_is_written_stays_inside_the_text(raw, spans, names):
    start, end = (
        np.array([a for a, _b in spans], dtype=np.int64),
        np.array([b for _a, b in spans], dtype=np.int64),
    )
    found = resolve_offsets(raw, start, end, origin="NVivo", names=names)
    assert ((found.start >= 0) & (found.start <= len(found.text))).all()
    assert ((found.end >= 0) & (found.end <= len(found.text))).all()


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=40), st.data())
def test_bytes_to_characters(text, data):
    a, b = sorted(data.draw(st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))))
    first, last = len(text[:a].encode()), len(text[:b].encode())
    start, end = utf8_spans(text, np.array([first]), np.array([last]))
    assert text[start[0] : end[0]] == text[a:b]


def test_a_byte_inside_a_character_rounds_forward():
    start, _end = utf8_spans("aéb", np.array([2]), np.array([4]))
    assert start.tolist() == [2]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a</p><p>b</p>", "a\nb"),
        ("<p>a</p>\n<p>b</p>", "a\nb"),
        ("  <h1>É</h1>l&eacute;", "É\nlé"),
        ("a<br>b <b>gras</b>", "a\nb gras"),
        ("<p></p><div><p>x</p></div>", "x"),
        ("", ""),
        ("<<<p", "<<<p"),
    ],
)
def test_html_as_text(html, text):
    assert HtmlText(html).text == text
