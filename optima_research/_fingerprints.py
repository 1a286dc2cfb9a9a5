"""Content fingerprints of a survey, kept up to date column by column so that a step costs what it touches."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt
import pandas as pd

Words = npt.NDArray[np.uint64]


def rows_of(answers: pd.DataFrame, missing: pd.DataFrame) -> Words:
    """One 64-bit word a respondent: the sum of its cells' hashes, so that one column can be taken out or put in."""
    total = np.zeros(len(answers), dtype=np.uint64)
    for name in answers.columns:
        total += column_words(name, answers[name], missing[name])
    return total


def column_words(name: str, values: pd.Series, kinds: pd.Series) -> Words:
    """Hash of each cell of one column: its value, else its kind of missing, mixed with the column's name."""
    words = pd.util.hash_array(_hashable(values), categorize=True)
    absent = values.isna().to_numpy()
    words[absent] = kinds.cat.codes.to_numpy()[absent].astype(np.int64).astype(np.uint64)
    key = np.uint64(int.from_bytes(hashlib.sha256(str(name).encode()).digest()[:8], "little") | 1)
    words = (words ^ (words >> np.uint64(29))) * key
    return np.asarray(words ^ (words >> np.uint64(32)))


def digest(names: list[str], index: pd.Index, rows: Words) -> str:
    """SHA-256 over the column names, the respondents' ids and the rows' words."""
    state = hashlib.sha256("\0".join(map(str, names)).encode())
    state.update(
        pd.util.hash_array(np.asarray(index.astype(str), dtype=object), categorize=False).tobytes()
        if index.dtype == object
        else pd.util.hash_pandas_object(index).to_numpy().tobytes()
    )
    state.update(np.ascontiguousarray(rows).tobytes())
    return state.hexdigest()


def _hashable(values: pd.Series) -> npt.NDArray[np.generic] | pd.api.extensions.ExtensionArray:
    if pd.api.types.is_numeric_dtype(values.dtype) and not isinstance(values.dtype, pd.CategoricalDtype):
        return values.to_numpy(dtype="float64", na_value=np.nan)
    return values.astype("string").to_numpy(dtype=object, na_value="")
