"""Numbers as a French (or English) reader expects them: one formatter for every table, sentence and file."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from optima_research.language.catalogue import _, current_language

if TYPE_CHECKING:
    from optima_research.results.estimate import Estimate

NBSP = "\u00a0"
"""No-break space: before %, :, units."""
NNBSP = "\u202f"
"""Narrow no-break space: thousands, before ; ! ?"""
MINUS = "\u2212"
MISSING = "\u2013"
SUPPRESSED = "s"

_MARKS = {"fr": (",", NNBSP), "en": (".", ",")}


def format_number(value: float | None, decimals: int | None = None, *, se: float | None = None) -> str:
    """A number with the decimal mark and thousands mark of the language.

    Parameters
    ----------
    value : float or None
        Missing values (``None``, NaN, NA) give an en dash.
    decimals : int, optional
        Digits after the mark. By default as many as ``se`` supports, else two (none for whole numbers).
    se : float, optional
        Standard error of the value: the last digit shown is then worth between a tenth and one standard error.

    Examples
    --------
    >>> format_number(12345.678, 2)
    '12\\u202f345,68'
    >>> format_number(-0.001, 2)
    '0,00'
    >>> format_number(3.21456, se=0.08)
    '3,21'
    """
    if _is_missing(value):
        return MISSING
    number = float(value)  # type: ignore[arg-type]
    if math.isinf(number):
        return (MINUS if number < 0 else "") + "∞"
    if decimals is None:
        decimals = _decimals(number, se)
    decimal_mark, thousands_mark = _MARKS[current_language()]
    text = f"{abs(number):,.{decimals}f}"
    negative = number < 0 and any(digit in text for digit in "123456789")
    text = text.replace(",", "\0").replace(".", decimal_mark).replace("\0", thousands_mark)
    return (MINUS if negative else "") + text


def format_count(value: float | None) -> str:
    """A number of persons, answers or codings, without decimals.

    Examples
    --------
    >>> format_count(1234)
    '1\\u202f234'
    """
    return format_number(value, 0)


def counted(n: int, one: str, many: str) -> str:
    """A number with its noun: ``one`` below two in French, for one only in English, else ``many``.

    Parameters
    ----------
    n : int
    one, many : str
        The noun in the language in force, ``{n}`` standing for the number.

    Examples
    --------
    >>> counted(0, "{n} code", "{n} codes"), counted(2, "{n} code", "{n} codes")
    ('0 code', '2 codes')
    """
    single = n < 2 if current_language() == "fr" else n == 1
    return (one if single else many).replace("{n}", format_count(n))


def format_percent(share: float | None, decimals: int = 1) -> str:
    """A share between 0 and 1 as a percentage.

    Examples
    --------
    >>> format_percent(0.652)
    '65,2\\xa0%'
    """
    if _is_missing(share):
        return MISSING
    sign = f"{NBSP}%" if current_language() == "fr" else "%"
    return format_number(100 * float(share), decimals) + sign  # type: ignore[arg-type]


def format_p(p: float | None) -> str:
    """A p-value as it is printed after its name: ``= 0,036`` or ``< 0,001``.

    Examples
    --------
    >>> format_p(0.0364), format_p(0.0004)
    ('= 0,036', '< 0,001')
    """
    if _is_missing(p):
        return f"= {MISSING}"
    if float(p) < 0.001:  # type: ignore[arg-type]
        return f"< {format_number(0.001, 3)}"
    return f"= {format_number(p, 3)}"


def format_interval(low: float | None, high: float | None, decimals: int | None = None) -> str:
    """An interval; in French its bounds are parted by a semicolon, because the comma is the decimal mark.

    Examples
    --------
    >>> format_interval(0.12, 0.34, 2)
    '[0,12\\u202f; 0,34]'
    """
    if _is_missing(low) and _is_missing(high):
        return MISSING
    mark = f"{NNBSP}; " if current_language() == "fr" else ", "
    return f"[{format_number(low, decimals)}{mark}{format_number(high, decimals)}]"


def format_estimate(estimate: Estimate, decimals: int | None = None) -> str:
    """A value with its interval.

    Examples
    --------
    >>> from optima_research.results import Estimate
    >>> format_estimate(Estimate(3.21, 3.02, 3.40))
    '3,21 [3,02\\u202f; 3,40]'
    """
    if decimals is None:
        decimals = _decimals(estimate.value, estimate.spread)
    interval = format_interval(estimate.low, estimate.high, decimals)
    value = format_number(estimate.value, decimals)
    return value if interval == MISSING else f"{value} {interval}"


def format_level(level: float) -> str:
    """The name of an interval of that level: ``IC à 95 %``.

    Examples
    --------
    >>> format_level(0.95)
    'IC à 95\\xa0%'
    """
    return _("{percent} CI", percent=format_percent(level, 0 if round(level * 100, 6) % 1 == 0 else 1))


def _decimals(value: float, se: float | None) -> int:
    if se is not None and math.isfinite(se) and se > 0:
        return max(0, min(6, -math.floor(math.log10(se))))
    return 0 if math.isfinite(value) and float(value).is_integer() and abs(value) >= 10 else 2


def _is_missing(value: Any) -> bool:
    if value is None:
        return True
    try:
        return bool(value != value)
    except TypeError:  # pandas.NA has no truth value
        return True
