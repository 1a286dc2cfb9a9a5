"""Duplicate responses: same token, same answers throughout, or same name; never the same network address alone."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Literal

import pandas as pd

from optima_research.cleaning.steps import expand, item_columns, require_columns, step
from optima_research.errors import CleaningError
from optima_research.language import _
from optima_research.survey import Survey

By = Literal["token", "answers", "name"]
Which = Literal["first", "last", "fullest"]
_ADDRESSES = {"ip", "ipaddr", "ipaddress", "ip_address", "adresse_ip", "adresseip"}
# Two people may well give the same five answers; identical answers to ten questions and more are a copy.
FEWEST_ANSWERS = 10


@step
def drop_duplicates(
    survey: Survey,
    *,
    by: By,
    reason: str,
    columns: Sequence[str] = (),
    which: Which = "first",
    fewest_answers: int = FEWEST_ANSWERS,
) -> Survey:
    """Keep one response of each set of duplicates.

    Parameters
    ----------
    survey : Survey
    by : {"token", "answers", "name"}
        The same access code; the same answers to every item; the same name once case, accents and order are set aside.
    reason : str
    columns : sequence of str
        Column of the token (``token`` by default), items compared (all by default), or columns that make the name.
        Tokens and names are also looked for in the quarantine.
    which : {"first", "last", "fullest"}
        The response kept: in the order of the file, or the one with most answers (the first of them on ties).
    fewest_answers : int
        For ``by="answers"``: responses with fewer answers are never called copies.

    Raises
    ------
    CleaningError
        The only criterion is an IP address (colleagues of one town hall share it), or a name has no column.

    Examples
    --------
    >>> from optima_research.codebook import Codebook, Variable
    >>> survey = Survey.build(pd.DataFrame({"token": ["a", "b", "a"]}), Codebook([Variable("token", role="meta")]))
    >>> drop_duplicates(survey, by="token", reason="Réponses doublées").n
    2
    """
    used = _columns(survey, by, columns)
    key, eligible = _keys(survey, by, used, fewest_answers)
    order = _preference(survey, which)
    ranked = key[order]
    repeated = ranked.duplicated().reindex(survey.answers.index) & eligible
    names = {"token": "duplicate token", "answers": "identical answers", "name": "same name"}
    parameters = {"by": by, "columns": list(columns), "which": which, "fewest_answers": fewest_answers}
    return survey.kept(
        ~repeated, rule="drop_duplicates", reason=reason, parameters=parameters, excludes=names[by]
    )


def duplicates(
    survey: Survey, *, by: By, columns: Sequence[str] = (), fewest_answers: int = FEWEST_ANSWERS
) -> pd.Series:
    """Number of the set of duplicates each response belongs to; missing where it is alone."""
    used = _columns(survey, by, columns)
    key, eligible = _keys(survey, by, used, fewest_answers)
    twice = key.duplicated(keep=False) & eligible
    numbers = pd.Series(
        pd.factorize(key.where(twice))[0] + 1, index=key.index, dtype="Int64", name="duplicates"
    )
    return numbers.mask(~twice)


def name_key(texts: pd.Series) -> pd.Series:
    """A name without case, accents, punctuation or order of its parts.

    Examples
    --------
    >>> name_key(pd.Series(["Durand-Péré Zoé", "ZOE DURAND PERE"])).nunique()
    1
    """
    distinct = texts.dropna().astype("string").unique()
    return texts.map({text: _plain_name(str(text)) for text in distinct}).astype("string")


def _columns(survey: Survey, by: By, columns: Sequence[str]) -> list[str]:
    if by not in ("token", "answers", "name"):
        raise CleaningError(
            _("« {value} » is not a way to find duplicates.", value=by),
            parameter="by",
            expected="token, answers, name",
        )
    if columns and all(name.casefold().replace("-", "_") in _ADDRESSES for name in columns):
        raise CleaningError(
            _("An IP address alone does not make a duplicate."),
            parameter="columns",
            hint=_("Colleagues of one town hall share one address: use the token, the answers or the name."),
        )
    if by == "token":
        return _identifying_columns(survey, columns or ["token"])
    if by == "name":
        if not columns:
            raise CleaningError(
                _("No column holds the name."),
                parameter="columns",
                hint=_('Name them: columns=("nom", "prenom").'),
            )
        return _identifying_columns(survey, columns)
    return expand(survey, columns) if columns else item_columns(survey)


def _keys(survey: Survey, by: By, used: list[str], fewest: int) -> tuple[pd.Series, pd.Series]:
    frame = _identifying_frame(survey, used)
    if by == "answers":
        words = pd.util.hash_pandas_object(frame.astype("string").fillna(""), index=False)
        return words, frame.notna().sum(axis=1) >= fewest
    if by == "name":
        joined = frame.astype("string").fillna("").agg(" ".join, axis=1)
        key = name_key(joined)
        return key, key != ""
    return frame[used[0]].astype("string"), frame[used[0]].notna()


def _identifying_columns(survey: Survey, columns: Sequence[str]) -> list[str]:
    """Columns of the answers, or else of the quarantine, where importers set access codes and names aside."""
    aside = [] if survey.participants is None else survey.participants.columns
    return [name if name in aside else require_columns(survey, [name], "columns")[0] for name in columns]


def _identifying_frame(survey: Survey, names: list[str]) -> pd.DataFrame:
    if survey.participants is None or set(names) <= set(survey.columns):
        return survey.answers[names]
    people = survey.participants.open().dropna(subset=["id"]).drop_duplicates("id").set_index("id")
    return pd.DataFrame(
        {
            name: survey.answers[name]
            if name in survey.columns
            else people[name].reindex(survey.answers.index)
            for name in names
        }
    )


def _preference(survey: Survey, which: Which) -> pd.Index:
    index = survey.answers.index
    if which == "first":
        return index
    if which == "last":
        return index[::-1]
    filled = survey.answers.notna().sum(axis=1)
    return filled.sort_values(ascending=False, kind="stable").index


def _plain_name(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(c if c.isalnum() else " " for c in decomposed if not unicodedata.combining(c))
    return " ".join(sorted(kept.split()))
