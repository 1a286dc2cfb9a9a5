"""What the classes of a classification are made of: marked terms, typical segments, variables and hand codes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from optima_research.coding.qualitative.words.keyness import compared
from optima_research.coding.qualitative.words.term_matrix import TermMatrix
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.results import PublicationTable

_PEOPLE = ("case", "source")


def class_profiles(matrix: TermMatrix, classes: pd.Series, unit: str, correction: str) -> pd.DataFrame:
    """Every term in every class against the other classified segments."""
    if correction == "williams":
        raise AnalysisError(
            _("Williams' correction goes with the likelihood ratio."), parameter="correction", hint='"yates"'
        )
    known = classes.dropna().astype(np.int64)
    labels = known.reindex(matrix.documents)
    table = matrix.by(labels, presence=unit == "segments")
    sizes = known.value_counts().sort_index() if unit == "segments" else table.sum()
    whole, n_whole = table.sum(axis=1).to_numpy(dtype=np.float64), float(sizes.sum())
    found = []
    for label in table.columns:
        a, n_a = table[label].to_numpy(dtype=np.float64), float(sizes[label])
        profile = compared(table.index, a, whole - a, n_a, n_whole - n_a, "chi2", correction)
        found.append(profile.reset_index().assign(**{"class": int(label)}))
    frame = pd.concat(found, ignore_index=True)
    return frame[["class", *frame.columns.drop("class")]]


def typical_documents(matrix: TermMatrix, classes: pd.Series, profiles: pd.DataFrame, n: int) -> pd.DataFrame:
    """Per class, the segments with the largest sum of chi² of its marked terms; ties in the order of the corpus."""
    from scipy.sparse import csr_array

    labels = sorted(classes.dropna().unique())
    place = matrix.terms.get_indexer(profiles["term"])
    column = np.searchsorted(labels, profiles["class"].to_numpy())
    weights = csr_array(
        (profiles["statistic"].to_numpy(), (place, column)), shape=(len(matrix.terms), len(labels))
    )
    scores = (matrix.presence @ weights).toarray()
    rows: list[tuple[Any, ...]] = []
    for j, label in enumerate(labels):
        own = np.flatnonzero((classes == label).fillna(value=False).to_numpy(dtype=bool))
        best = own[np.argsort(-scores[own, j], kind="stable")][:n]
        rows += [(int(label), matrix.documents[i], float(scores[i, j])) for i in best]
    frame = pd.DataFrame(rows, columns=["class", "segment", "score"])
    texts = None if matrix.corpus is None else matrix.corpus.texts
    return frame.assign(text="" if texts is None else texts.loc[frame["segment"]].to_numpy())


def people(matrix: TermMatrix) -> pd.Series:
    """Who speaks in each segment: the variable ``case``, else ``source``, else the document the segment is cut from."""
    for name in _PEOPLE:
        if name in matrix.variables:
            return matrix.variables[name]
    origin = None if matrix.corpus is None else matrix.corpus.origin
    if origin is not None:
        return origin["document"]
    return pd.Series(matrix.documents, index=matrix.documents)


def people_by(matrix: TermMatrix, *classes: pd.Series) -> pd.DataFrame:
    """Number of people in each class, or in each class of one classification (rows) and another (columns)."""
    frame = pd.DataFrame({"person": people(matrix), "row": classes[0], "column": classes[-1]}).dropna()
    return frame.pivot_table(values="person", index="row", columns="column", aggfunc="nunique", fill_value=0)


def hidden_lines(table: PublicationTable) -> list[int]:
    """Classes of a protected table with a cell that a policy hides."""
    if table.suppressed is None:
        return []
    return [int(label) for label in table.body.index[table.suppressed.any(axis=1).to_numpy()]]


def crossed(matrix: TermMatrix, classes: pd.Series, variable: str | pd.Series) -> pd.DataFrame:
    """Classes × values with adjusted standardised residuals."""
    if isinstance(variable, str) and variable not in matrix.variables:
        raise AnalysisError(_("The corpus has no variable « {name} ».", name=variable), parameter="variable")
    values = matrix.variables[variable] if isinstance(variable, str) else variable.reindex(classes.index)
    table = pd.crosstab(classes.rename("class"), values.rename("value"))
    n = table.to_numpy(dtype=np.float64)
    total, rows, columns = n.sum(), n.sum(axis=1), n.sum(axis=0)
    expected = np.outer(rows, columns) / max(total, 1.0)
    spread = np.sqrt(expected * np.outer(1 - rows / max(total, 1.0), 1 - columns / max(total, 1.0)))
    residual = np.divide(n - expected, spread, out=np.zeros_like(n), where=spread > 0)
    return pd.DataFrame(
        {
            "class": np.repeat(table.index.to_numpy(dtype=np.int64), n.shape[1]),
            "value": np.tile(table.columns.to_numpy(), n.shape[0]),
            "n": n.ravel().astype(np.int64),
            "expected": expected.ravel(),
            "share_of_class": np.divide(
                n, rows[:, None], out=np.zeros_like(n), where=rows[:, None] > 0
            ).ravel(),
            "residual": residual.ravel(),
        }
    )
