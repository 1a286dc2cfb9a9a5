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
    key = np.uint64(int.from_bytes(hashlib.sha256(str(name).encode()).digest()[:8], "little") | 1)
    codes, distinct = _coded(values)
    # Answers take few values: each is hashed and mixed once, then looked up.
    words = _mixed(distinct, key) if codes is None else _mixed(distinct, key)[codes]
    absent = values.isna().to_numpy()
    if absent.any():
        codes_of_kinds = kinds.cat.codes.to_numpy()[absent]
        known = np.arange(-1, len(kinds.cat.categories)).astype(np.int64).astype(np.uint64)
        words[absent] = _mixed(known, key)[codes_of_kinds + 1]
    return words


def change(
    name: str, old: pd.Series, old_kinds: pd.Series, new: pd.Series, new_kinds: pd.Series
) -> tuple[npt.NDArray[np.intp], Words]:
    """Positions of the cells that changed in a column, and what each adds to the word of its row.

    Only those cells are hashed: a step that touches one answer in a thousand costs a comparison.
    """
    positions = np.arange(len(new))
    if old.dtype == new.dtype:
        absent = old.isna().to_numpy() & new.isna().to_numpy()
        absent &= old_kinds.cat.codes.to_numpy() == new_kinds.cat.codes.to_numpy()
        equal = (old == new).to_numpy(dtype=bool, na_value=False)
        positions = np.flatnonzero(~(equal | absent))
    before = column_words(name, old.iloc[positions], old_kinds.iloc[positions])
    after = column_words(name, new.iloc[positions], new_kinds.iloc[positions])
    differ = before != after
    return positions[differ], (after - before)[differ]


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


def _coded(values: pd.Series) -> tuple[npt.NDArray[np.int64] | None, Words]:
    """Position of each cell among the distinct values, and their hashes; no position where hashing all is as quick."""
    if pd.api.types.is_integer_dtype(values.dtype):
        whole = values.to_numpy(dtype="int64", na_value=0)
        low, high = int(whole.min(initial=0)), int(whole.max(initial=0))
        if high - low < max(1000, len(whole) // 4):
            return whole - low, pd.util.hash_array(np.arange(low, high + 1).astype("float64"))
    if pd.api.types.is_numeric_dtype(values.dtype) and not isinstance(values.dtype, pd.CategoricalDtype):
        return None, pd.util.hash_array(values.to_numpy(dtype="float64", na_value=np.nan))
    codes, distinct = pd.factorize(values.astype("string"))
    texts = np.append(np.asarray(distinct, dtype=object), "")  # a hole has the code -1: the last place
    return codes, pd.util.hash_array(texts, categorize=False)


def _mixed(words: Words, key: np.uint64) -> Words:
    words = (words ^ (words >> np.uint64(29))) * key
    return np.asarray(words ^ (words >> np.uint64(32)))
