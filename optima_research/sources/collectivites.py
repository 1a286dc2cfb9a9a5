"""Reference lists of collectivités: codes and their zeros, strata of population, filières, the COG and its vintage."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import pandas as pd

from optima_research.errors import SourceError
from optima_research.language import _
from optima_research.language.numbers import format_count
from optima_research.sources.grids import read_grid
from optima_research.sources.typed import column_of

__all__ = [
    "FILIERES",
    "STRATA",
    "filiere_of",
    "is_siren",
    "is_siret",
    "read_cog",
    "restore_zeros",
    "stratum_of",
]

STRATA: Mapping[str, tuple[int, ...]] = {
    # CGCT, article L. 2334-3: fifteen strata, on population DGF.
    "cgct_15": (500, 1000, 2000, 3500, 5000, 7500, 10000, 15000, 20000, 35000, 50000, 75000, 100000, 200000),
}
"""Named schemes: the lower bounds of every stratum but the first."""

_EIGHT = {
    "administrative": ("administrative", "administratif"),
    "technique": ("technique",),
    "culturelle": ("culturelle", "culture", "culturel", "patrimoine et bibliothèques", "bibliothèques"),
    "sportive": ("sportive", "sport", "sports"),
    "animation": ("animation",),
    "médico-sociale": ("médico-sociale", "médico-social", "sanitaire et sociale", "sociale", "social",
                       "médico-technique", "sociale et médico-sociale"),
    "police municipale": ("police municipale", "police", "sécurité"),
    "incendie et secours": ("incendie et secours", "sapeurs-pompiers", "sapeurs pompiers", "sdis"),
}  # fmt: skip
_TEN = {
    **{name: aliases for name, aliases in _EIGHT.items() if name != "médico-sociale"},
    "sociale": ("sociale", "social"),
    "médico-sociale": ("médico-sociale", "médico-social"),
    "médico-technique": ("médico-technique", "médicotechnique"),
}
FILIERES: Mapping[str, Mapping[str, tuple[str, ...]]] = {"8": _EIGHT, "10": _TEN}
"""Alias tables: the eight filières of the territorial civil service, or ten where médico-sociale is split."""


def stratum_of(population: pd.Series, scheme: str | tuple[int, ...] = "cgct_15") -> pd.Series:
    """The stratum of each population, as ordered categories.

    Parameters
    ----------
    population : Series of number
        Say which one it is (DGF, municipale, totale): the law counts the population DGF.
    scheme : str or tuple of int
        A named scheme, or the lower bounds of every stratum but the first.

    Raises
    ------
    SourceError
        No scheme of that name.

    Examples
    --------
    >>> stratum_of(pd.Series([499, 500, 1000]), (500, 900)).tolist()
    ['moins de 500', '500 à 899', '900 et plus']
    """
    if isinstance(scheme, str) and scheme not in STRATA:
        raise SourceError(
            _("There is no scheme of strata « {scheme} ».", scheme=scheme),
            parameter="scheme",
            expected=", ".join(STRATA),
            hint=_("Choose one of them, or give the lower bounds of your own."),
        )
    bounds = STRATA[scheme] if isinstance(scheme, str) else scheme
    shown = [format_count(bound) for bound in bounds]
    last = [format_count(bound - 1) for bound in bounds]
    middle = [f"{low} à {high}" for low, high in zip(shown, last[1:], strict=False)]
    labels = [f"moins de {shown[0]}", *middle, f"{shown[-1]} et plus"]
    codes = [-1 if pd.isna(value) else bisect_right(bounds, value) for value in population]
    return pd.Series(pd.Categorical.from_codes(codes, labels, ordered=True), index=population.index)


def filiere_of(text: str, scheme: Literal["8", "10"] = "8") -> str | None:
    """The filière a word stands for, or None.

    Examples
    --------
    >>> filiere_of("Filière Sportive"), filiere_of("Sanitaire et sociale"), filiere_of("Finances")
    ('sportive', 'médico-sociale', None)
    """
    plain = _plain(text).removeprefix("filiere ").strip()
    for name, aliases in FILIERES[scheme].items():
        if plain in {_plain(alias) for alias in aliases}:
            return name
    return None


def is_siren(code: str) -> bool:
    """Nine digits whose key is right (Luhn).

    Examples
    --------
    >>> is_siren("216404301"), is_siren("216404302")
    (True, False)
    """
    return bool(re.fullmatch(r"\d{9}", code)) and _luhn(code)


def is_siret(code: str) -> bool:
    """Fourteen digits whose key is right; La Poste's establishments follow a rule of their own."""
    if not re.fullmatch(r"\d{14}", code):
        return False
    return _luhn(code) or (code.startswith("356000000") and sum(map(int, code)) % 5 == 0)


def restore_zeros(
    codes: pd.Series, kind: Literal["insee", "siren", "siret", "postal"]
) -> tuple[pd.Series, int]:
    """Give back the leading zeros a spreadsheet took from codes, where that is certain.

    Parameters
    ----------
    codes : Series of text
    kind : {"insee", "siren", "siret", "postal"}
        SIREN and SIRET are completed only where the key is then right.

    Returns
    -------
    Series, int
        The codes, and how many were completed.

    Examples
    --------
    >>> restore_zeros(pd.Series(["1053", "64430", "2A004"]), "insee")[0].tolist()
    ['01053', '64430', '2A004']
    """
    width = {"insee": 5, "postal": 5, "siren": 9, "siret": 14}[kind]
    right = {"siren": is_siren, "siret": is_siret}.get(kind)
    texts = codes.astype("string").str.strip()
    padded = texts.str.zfill(width)
    short = texts.str.fullmatch(r"\d+").fillna(False) & texts.str.len().lt(width).fillna(False)
    if kind in ("insee", "postal"):
        # Only the first nine departments lose a zero: four digits remain.
        short &= texts.str.len().eq(width - 1).fillna(False)
    elif right is not None:
        short &= padded.map(lambda code: right(code) if isinstance(code, str) else False).astype(bool)
    return texts.mask(short, padded), int(short.sum())


def read_cog(path: str | Path, vintage: int) -> pd.DataFrame:
    """Read a file of communes of the Code officiel géographique (``v_commune_<year>.csv``).

    Parameters
    ----------
    path : str or Path
    vintage : int
        The year of the COG: communes merge every year, so a code means nothing without it.

    Returns
    -------
    DataFrame
        Indexed by code (text); ``label``, ``department``, ``region``, ``type`` (COM, ARM, COMD, COMA), ``parent``,
        ``vintage``.

    Raises
    ------
    SourceError
        Columns of the COG are missing, or the vintage is no year.
    """
    if not 1943 <= vintage <= 2100:
        raise SourceError(
            _("The vintage of the COG is a year."),
            parameter="vintage",
            got=vintage,
            hint=_("Write vintage=2026."),
        )
    grid = read_grid(path)
    places = {name.upper(): place for place, name in enumerate(grid.names)}
    absent = [name for name in ("COM", "LIBELLE", "DEP") if name not in places]
    if absent:
        raise SourceError(
            _("This table lacks columns of the COG: {names}.", names=", ".join(absent)),
            where=grid.path.name,
            got=", ".join(grid.names[:10]),
            hint=_("Download the list of communes (v_commune) from Insee, in CSV."),
        )
    wanted = {"code": "COM", "label": "LIBELLE", "department": "DEP", "region": "REG", "type": "TYPECOM",
              "parent": "COMPARENT"}  # fmt: skip
    columns = {new: column_of(old, grid.columns[places[old]]) for new, old in wanted.items() if old in places}
    table = pd.DataFrame(
        {n: pd.array([c.distinct[i] for i in c.codes], dtype="string") for n, c in columns.items()}
    )
    table["code"] = restore_zeros(table["code"], "insee")[0]
    return table.assign(vintage=vintage).set_index("code")


def _luhn(code: str) -> bool:
    digits = [int(character) for character in reversed(code)]
    return (sum(digits[::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])) % 10 == 0


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return re.sub(r"\s+", " ", "".join(c for c in decomposed if not unicodedata.combining(c))).strip()
