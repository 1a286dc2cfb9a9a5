"""What each coder hears in a code the others do not: a code that merges two ideas has two vocabularies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from optima_research.coding.qualitative.coders.coding_agreement import CodingAgreement
from optima_research.coding.qualitative.projects.speaker_turns import speaker_turns
from optima_research.coding.qualitative.words.corpus import Corpus
from optima_research.coding.qualitative.words.specificities import SpecificForms, specific_forms
from optima_research.errors import AnalysisError, suggest
from optima_research.language import _
from optima_research.language.numbers import format_count
from optima_research.results import Column, Estimate, PublicationTable, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def heard_apart(
    agreement: CodingAgreement, code: str, *, least: float = 1.3, min_docfreq: int = 2
) -> HeardApart:
    """Words of the units that one coder alone gave a code, coder by coder.

    Parameters
    ----------
    agreement : CodingAgreement
    code : str
        For instance the code on which coders agree least.
    least : float
        Specificity from which a word is said to be a coder's (1.3: one chance in twenty).
    min_docfreq : int
        Units a word must be in.

    Returns
    -------
    HeardApart
        ``units`` (number by coder), ``forms`` (:class:`SpecificForms` of the coders), ``words`` (coder → words).

    Raises
    ------
    AnalysisError
        An unknown code, or fewer than two coders who coded units that others did not.

    Notes
    -----
    Specificities of content words, lemmatised (Lafon 1980), among the units in disagreement only. A help to reading,
    not a test: read the units (``agreement.disagreements``) before splitting a code or rewriting its definition.

    Examples
    --------
    >>> from optima_research.coding.qualitative import coded_project, coding_agreement
    >>> one, two = "Il faut rendre des comptes au conseil.", "On apprend de ses erreurs passées."
    >>> text = " ".join([one, two] * 6)
    >>> spans = [(text.index(s, 74 * i), text.index(s, 74 * i) + len(s), "évaluation", c)
    ...          for i in range(6) for s, c in ((one, "Anne"), (two, "Bruno"))]
    >>> project = coded_project(pd.DataFrame({"name": ["E1"], "text": [text]}),
    ...     pd.DataFrame(spans, columns=["start", "end", "code", "coder"]).assign(source="E1"))
    >>> heard_apart(coding_agreement(project, draws=0), "évaluation").words["Bruno"][:2]
    ['apprendre', 'erreur']
    """
    known = [str(path) for path in agreement.by_code.index]
    named = [path for path in known if path.rpartition("/")[2] == code]
    code = named[0] if code not in known and len(named) == 1 else code
    if code not in known:
        raise AnalysisError(
            _("No code « {code} » was compared.", code=code),
            parameter="code",
            hint=suggest(code, known) or ", ".join(known[:8]) or None,
        )
    torn = agreement.disagreements[agreement.disagreements["code"] == code]
    coded = torn[list(agreement.coders)].eq(1).fillna(value=False)
    alone = coded[coded.sum(axis=1) == 1]
    heard = alone.idxmax(axis=1) if len(alone) else pd.Series(dtype=object)
    if heard.nunique() < 2:
        raise AnalysisError(
            _(
                "Disagreements on « {code} » all come from the same coder: there is nothing to compare.",
                code=code,
            ),
            parameter="code",
        )
    texts = torn.loc[alone.index, "text"].map(_words_said)
    corpus = Corpus(texts.tolist(), {"coder": heard.tolist()})
    forms = specific_forms(corpus.term_matrix(min_docfreq=min_docfreq), by="coder", least=least)
    return HeardApart(code, heard.value_counts().sort_index().rename("units"), forms)


@dataclass(frozen=True, eq=False, repr=False)
class HeardApart(Result):
    """Two vocabularies for one code."""

    code: str
    units: pd.Series
    forms: SpecificForms

    @property
    def words(self) -> dict[str, list[str]]:
        """Coder → words of the units this coder alone coded, the most specific first."""
        cells = self.forms.cells
        own = cells[cells["score"] >= self.forms.least].sort_values(
            ["score", "term"], ascending=[False, True]
        )
        return {
            str(coder): own.loc[own["part"] == coder, "term"].head(8).tolist() for coder in self.units.index
        }

    def table(self) -> PublicationTable:
        """One line a coder."""
        words = self.words
        body = pd.DataFrame(
            {"units": self.units, "words": [", ".join(words[str(c)]) or "–" for c in self.units.index]}
        )
        columns = (
            Column("units", _("Units coded by this coder alone"), kind="count"),
            Column("words", _("Words that set them apart"), kind="text"),
        )
        return PublicationTable(
            title=_("What each coder hears in « {code} »", code=self.code), body=body, columns=columns,
            stub=_("Coder"), reading=self.sentence(), note=self.forms.method_note(), name="heard_apart",
        )  # fmt: skip

    def sentence(self) -> str:
        """How many units each coder alone coded, and the words of these units."""
        parts = [
            _(
                "{coder} alone codes {n} units, marked by {words}",
                coder=coder, n=format_count(int(self.units[coder])),
                words=", ".join(f"« {w} »" for w in words[:4]) or _("no word in particular"),
            )
            for coder, words in self.words.items()
        ]  # fmt: skip
        return _("On « {code} »: {parts}.", code=self.code, parts=_("; ").join(parts))

    def plot(self, ax: Axes | None = None) -> Axes:
        """Bars of the words, one block a coder."""
        return self.forms.plot(ax)

    def statistics(self) -> dict[str, Estimate | float]:
        """Units coded by each coder alone."""
        return {f"units:{coder}": float(n) for coder, n in self.units.items()}


def _words_said(text: str) -> str:
    """A unit without the name of who speaks."""
    return " ".join(text[turn.said : turn.end] for turn in speaker_turns(text))
