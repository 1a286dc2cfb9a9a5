"""Texts with what is known of each: where they come from, who speaks, and the words in them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import pandas as pd

from optima_research.coding.qualitative.projects.speaker_turns import known_speakers, left_out, speaker_turns
from optima_research.coding.qualitative.words.lexicon_fr import Lexicon
from optima_research.coding.qualitative.words.segments import iramuteq_bounds, segment_bounds
from optima_research.coding.qualitative.words.term_matrix import MOST_TERMS, TermMatrix, build_term_matrix
from optima_research.coding.qualitative.words.tokens import tokenize
from optima_research.coding.quantitative.items import require_choice
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_count

Forms = Literal["content", "all"]
Cutting = Literal["rainette", "iramuteq"]


@dataclass(frozen=True, eq=False, repr=False)
class Corpus:
    """Texts and the variables that describe them.

    Parameters
    ----------
    texts : sequence or Series of str
        One document an element; the index of a Series names them, else ``1 2 3…``. A missing text is empty.
    variables : DataFrame or mapping, optional
        One row a document (role, collectivité, wave…), in the same order.
    lexicon : Lexicon, optional
        Lemmas, classes and expressions; by default those of the package.
    origin : DataFrame, optional
        For segments and turns: ``document start end`` in the text they were cut from.
    notes : tuple of str
        What reading the corpus decided.

    Raises
    ------
    AnalysisError
        Names of documents that are not unique, variables of another length.

    Examples
    --------
    >>> corpus = Corpus(["Le budget est voté.", "Les agents attendent le budget."], {"role": ["élu", "DGS"]})
    >>> corpus
    Corpus
    2 documents, 9 mots ; variables : role
    >>> corpus.term_matrix(min_docfreq=1).by("role").loc["budget"].tolist()
    [1, 1]
    """

    texts: Any
    variables: Any = None
    lexicon: Lexicon = field(default_factory=Lexicon.default)
    origin: pd.DataFrame | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        texts = _as_texts(self.texts)
        object.__setattr__(self, "texts", texts)
        object.__setattr__(self, "variables", _as_variables(self.variables, texts.index))

    @property
    def n(self) -> int:
        """Number of documents."""
        return len(self.texts)

    @cached_property
    def forms(self) -> list[list[str]]:
        """Words of each document, as :func:`~optima_research.coding.qualitative.words.tokens.tokenize` finds them."""
        return [[token.form for token in tokenize(text, self.lexicon)] for text in self.texts]

    def segments(self, size: int = 40, *, method: Cutting = "rainette") -> Corpus:
        """Each document cut into segments of about ``size`` words; variables follow.

        Parameters
        ----------
        size : int
        method : {"rainette", "iramuteq"}
            What is counted and which cut wins a tie:
            :func:`~optima_research.coding.qualitative.words.segments.segment_bounds` or
            :func:`~optima_research.coding.qualitative.words.segments.iramuteq_bounds`.

        Returns
        -------
        Corpus
            Documents named ``document_1``…; ``origin`` says where each segment lies in its document.
        """
        require_choice("method", method, Cutting)
        bounds = {"rainette": segment_bounds, "iramuteq": iramuteq_bounds}[method]
        return self._cut([bounds(text, size) for text in self.texts])

    def turns(self, *, drop: Collection[str] = (), variable: str = "speaker") -> Corpus:
        """Each document cut into speaking turns (:func:`speaker_turns`: ``ÉLU 1 : …`` at the start of a line).

        Parameters
        ----------
        drop : collection of str
            Speakers left out: the interviewers; and then what stands before the first speaker (a title).
        variable : str
            Name of the variable that holds the speaker; text before the first turn has none.
        """
        silent = known_speakers(self.texts, drop)
        bounds, speakers = [], []
        for text in self.texts:
            every = speaker_turns(text)
            away = left_out(every, silent)
            found = [turn for turn in every if turn not in away]
            bounds.append([(turn.said, turn.end) for turn in found])
            speakers += [turn.speaker for turn in found]
        return self._cut(bounds, pd.Series(speakers, name=variable, dtype=object))

    def where(self, **values: Any) -> Corpus:
        """Only the documents with these values of variables."""
        kept = pd.Series(data=True, index=self.texts.index)
        for name, value in values.items():
            if name not in self.variables:
                raise AnalysisError(_("The corpus has no variable « {name} ».", name=name), parameter=name)
            wanted = value if isinstance(value, (list, tuple, set)) else [value]
            kept &= self.variables[name].isin(wanted)
        origin = None if self.origin is None else self.origin[kept]
        return Corpus(self.texts[kept], self.variables[kept], self.lexicon, origin, self.notes)

    def term_matrix(
        self,
        *,
        forms: Forms = "content",
        lemmas: bool = True,
        min_docfreq: int | None = None,
        max_terms: int = MOST_TERMS,
        drop: Collection[str] = (),
    ) -> TermMatrix:
        """Documents × terms, sparse.

        Parameters
        ----------
        forms : {"content", "all"}
            ``content`` leaves grammar and figures out (supplementary forms of IRaMuTeQ); ``all`` keeps every word.
        lemmas : bool
            Count lemmas instead of forms.
        min_docfreq : int, optional
            Documents a term must be in; by default max(3, 0.1 % of the documents).
        max_terms : int
            At most so many terms, the most frequent.
        drop : collection of str
            Forms or lemmas left out.

        Returns
        -------
        TermMatrix
        """
        lexicon, dropped = self.lexicon, set(drop)

        def rename(form: str) -> str:
            return lexicon.lemma(form) if lemmas else form

        def keep(form: str) -> bool:
            wanted = forms == "all" or (lexicon.is_content(form) and len(form) > 1)
            return wanted and form not in dropped and rename(form) not in dropped

        return build_term_matrix(
            self, self.forms, rename=rename, keep=keep, min_docfreq=min_docfreq, max_terms=max_terms
        )

    def _cut(self, bounds: Sequence[Sequence[tuple[int, int]]], extra: pd.Series | None = None) -> Corpus:
        rows = [
            (name, f"{name}_{i}", start, end, text[start:end])
            for name, text, spans in zip(self.texts.index, self.texts, bounds, strict=True)
            for i, (start, end) in enumerate(spans, start=1)
        ]
        frame = pd.DataFrame(rows, columns=["document", "name", "start", "end", "text"]).set_index("name")
        known = self.variables.loc[frame["document"]].set_axis(frame.index)
        if extra is not None:
            known = known.assign(**{str(extra.name): extra.to_numpy()})
        origin = frame[["document", "start", "end"]]
        if self.origin is not None:
            before = self.origin.loc[frame["document"]]
            origin = origin.assign(document=before["document"].to_numpy())
            origin[["start", "end"]] += before["start"].to_numpy()[:, None]
        return Corpus(frame["text"], known, self.lexicon, origin, self.notes)

    def __repr__(self) -> str:
        size = _(
            "{n} documents, {words} words; variables: {names}",
            n=format_count(self.n),
            words=format_count(sum(map(len, self.forms))),
            names=", ".join(map(str, self.variables.columns)) or "–",
        )
        return "\n".join(["Corpus", size, *self.notes])


def _as_texts(texts: Any) -> pd.Series:
    if isinstance(texts, str):
        raise AnalysisError(
            _("A corpus is made of several texts."), parameter="texts", hint=_("Give a list: [text].")
        )
    series = pd.Series(texts, dtype=object) if not isinstance(texts, pd.Series) else texts.astype(object)
    if not isinstance(texts, (pd.Series, Mapping)):
        series.index = pd.Index([str(i + 1) for i in range(len(series))])
    if series.index.has_duplicates:
        twice = series.index[series.index.duplicated()][0]
        raise AnalysisError(_("Two documents bear the name « {name} ».", name=twice), parameter="texts")
    return series.where(series.notna(), "").astype(str).rename("text")


def _as_variables(variables: Any, index: pd.Index) -> pd.DataFrame:
    if variables is None:
        return pd.DataFrame(index=index)
    frame = variables if isinstance(variables, pd.DataFrame) else pd.DataFrame(dict(variables))
    if len(frame) != len(index):
        raise AnalysisError(
            _("There are {n} texts and {rows} rows of variables.", n=len(index), rows=len(frame)),
            parameter="variables",
        )
    return frame.set_axis(index)
