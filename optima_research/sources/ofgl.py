"""Local finances in the long format of the Observatoire des finances et de la gestion publique locales (OFGL)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from optima_research.errors import SourceError, suggest
from optima_research.language import _
from optima_research.sources.french import number_of
from optima_research.sources.grids import read_grid
from optima_research.sources.typed import column_of

__all__ = ["read_ofgl"]

_NAMES = {
    "exer": ("exer", "exercice"),
    "insee": ("insee", "code insee", "code insee 2024 commune", "com_code"),
    "name": ("com_name", "nom", "nom 2024 commune", "libelle"),
    "budget": ("type_de_budget", "type de budget"),
    "budget_label": ("lbudg", "libellé budget"),
    "aggregate": ("agregat", "agrégat"),
    "amount": ("montant", "montant en €"),
    "population": ("ptot", "population totale"),
}
_NEEDED = ("exer", "insee", "aggregate", "amount")


def read_ofgl(path: str | Path, *, sheet: str | None = None) -> pd.DataFrame:
    """Read a table of OFGL, one row a territory, year, budget and aggregate.

    Parameters
    ----------
    path : str or Path
        CSV (``;``) or ``.xlsx`` as downloaded (licence ouverte 2.0).
    sheet : str, optional

    Returns
    -------
    DataFrame
        ``exer`` (int), ``insee`` (text, zeros kept), ``name``, ``budget``, ``aggregate``, ``amount`` (euros),
        ``population``, ``per_head`` (euros a head, recomputed), ``merged`` (rows summed): one row a year, commune,
        kind of budget and aggregate, in that order.

    Raises
    ------
    SourceError
        A column is missing, or an amount is not a number (its rows are given).

    Notes
    -----
    A commune born of a merger has one row for each former commune, under the same code: amounts and populations are
    summed. The amount a head of the file is not kept: a sum of ratios means nothing.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "ofgl.csv"
    >>> text = "exer;insee;agregat;montant;ptot\\n2023;64300;Frais;1000;10\\n2023;64300;Frais;500;5\\n"
    >>> _written = path.write_text(text, encoding="utf-8")
    >>> read_ofgl(path)[["insee", "amount", "per_head", "merged"]].to_numpy().tolist()
    [['64300', 1500.0, 100.0, 2]]
    """
    grid = read_grid(path, sheet=sheet)
    places = {name: _place(grid.names, names) for name, names in _NAMES.items()}
    absent = [name for name in _NEEDED if places[name] is None]
    if absent:
        raise SourceError(
            _(
                "This table lacks columns of OFGL: {names}.",
                names=", ".join(_NAMES[name][0] for name in absent),
            ),
            where=grid.path.name,
            expected=", ".join(_NAMES[name][0] for name in _NEEDED),
            got=", ".join(grid.names[:10]),
            hint=suggest(_NAMES[absent[0]][0], grid.names)
            or _("Download the table again from the OFGL, in CSV."),
        )
    columns = {n: column_of(n, grid.columns[place]) for n, place in places.items() if place is not None}
    frame = pd.DataFrame(
        {n: pd.array(np.array(c.distinct, dtype=object)[c.codes]) for n, c in columns.items()}
    )
    for name in ("exer", "amount", "population"):
        if name in frame:
            frame[name] = _numbers(frame[name], grid.path.name, _NAMES[name][0])
    frame["insee"] = frame["insee"].astype("string").str.strip().map(_insee)
    return _summed(frame)


def _place(names: list[str], wanted: tuple[str, ...]) -> int | None:
    plain = [name.casefold() for name in names]
    return next((plain.index(name) for name in wanted if name in plain), None)


def _insee(code: str) -> str:
    """``1053`` was ``01053``: a portal that took codes for numbers lost the zero of the first nine departments."""
    return code.zfill(5) if code.isdigit() and len(code) == 4 else code


def _numbers(values: pd.Series, where: str, name: str) -> pd.Series:
    parsed = {text: number_of(str(text)) for text in values.unique()}
    odd = [text for text, number in parsed.items() if number is None and str(text).strip()]
    if odd:
        rows = (np.flatnonzero(values.isin(odd))[:5] + 2).tolist()
        raise SourceError(
            _("An amount is not a number."),
            where=_("{file}, column « {column} », lines {rows}", file=where, column=name, rows=rows),
            got=odd[0],
            hint=_("Download the table again; do not edit it by hand."),
        )
    numbers = values.map(parsed).astype("float64")
    return numbers.astype("Int64") if name == "exer" else numbers


def _summed(frame: pd.DataFrame) -> pd.DataFrame:
    frame = frame.assign(**{n: "" for n in ("budget", "name") if n not in frame}, merged=1)
    if "population" not in frame:
        frame["population"] = np.nan
    keys = ["exer", "insee", "budget", "aggregate"]
    grouped = frame.groupby(keys, sort=True, dropna=False)
    summed = grouped.agg(
        name=("name", "first"),
        amount=("amount", "sum"),
        population=("population", lambda values: values.sum(min_count=1)),
        merged=("merged", "sum"),
    ).reset_index()
    summed["per_head"] = summed["amount"] / summed["population"].where(summed["population"] > 0)
    return summed[
        ["exer", "insee", "name", "budget", "aggregate", "amount", "population", "per_head", "merged"]
    ]
