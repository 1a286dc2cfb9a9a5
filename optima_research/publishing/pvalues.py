"""French statcheck: recompute the p-value of every test written in a text, and say which do not agree.

R's statcheck requires a decimal point in p-values; this one reads « t(28) = 2,20 ; p = 0,036 » too.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

from optima_research.language import _
from optima_research.language.numbers import format_p
from optima_research.language.typography import typeset

Test = Literal["t", "F", "chi2", "r", "z"]  # H of Kruskal-Wallis is read as the chi-squared it is referred to
LEVEL = 0.05

_SPACE = r"[\s\u00a0\u202f]*"
_NUMBER = r"[-−–]?(?:\d+(?:[.,]\d+)?|[.,]\d+)"
_DF = r"\d+(?:[.,]\d+)?"
_NAMES: dict[str, Test] = {"t": "t", "f": "F", "r": "r", "z": "z"}
_DEGREES = re.compile(rf"(?:ddl|dl|df){_SPACE}={_SPACE}({_DF})")
_CLAIM = re.compile(
    rf"(?<![A-Za-zÀ-ÿ])(?P<name>[tTFrzZH]|[χΧX][²2]|khi[- ]?(?:deux|2|carré)|chi[- ]?(?:deux|2|carré))"
    rf"{_SPACE}(?:\((?P<df>[^()]*)\))?{_SPACE}={_SPACE}(?P<value>{_NUMBER})"
    rf"(?P<between>(?:{_SPACE}[;,]{_SPACE}(?:ddl|dl|df){_SPACE}={_SPACE}{_DF})?)"
    rf"{_SPACE}[;,]?{_SPACE}p{_SPACE}(?P<sign>[=<>≤≥]){_SPACE}(?P<p>{_NUMBER})",
)
_ONE_SIDED = re.compile(r"unilat[ée]ral|one[- ](?:sided|tailed)", re.IGNORECASE)


@dataclass(frozen=True)
class Claim:
    """A test as written, and its p-value recomputed.

    Parameters
    ----------
    text : str
        As written.
    test : {"t", "F", "chi2", "r", "z"}
        Which test.
    df : tuple of float
        Degrees of freedom.
    value, p : float
        As written.
    sign : str
        ``=``, ``<`` or ``>`` before the p-value.
    recomputed : float
        Two-sided p-value of the value as written (one-sided where the text says so).
    consistent : bool
        Whether some value that rounds to the one written gives some p-value that rounds to the one written.
    changes_decision : bool
        Whether the two p-values fall on either side of 5 %.
    """

    text: str
    test: Test
    df: tuple[float, ...]
    value: float
    sign: str
    p: float
    recomputed: float
    consistent: bool
    changes_decision: bool

    def sentence(self) -> str:
        """What the check found, in words."""
        found = format_p(self.recomputed)
        if self.consistent:
            return typeset(_("“{text}”: consistent (p {found}).", text=self.text, found=found))
        if self.changes_decision:
            return typeset(
                _(
                    "“{text}”: p {found} once recomputed; the decision at 5% changes.",
                    text=self.text,
                    found=found,
                )
            )
        return typeset(_("“{text}”: p {found} once recomputed.", text=self.text, found=found))


def statcheck(text: str) -> list[Claim]:
    """Find the tests written in a text and recompute their p-values.

    Parameters
    ----------
    text : str
        In French or English; decimal comma or point, with or without leading zero.

    Returns
    -------
    list of Claim
        In the order of the text. Tests without degrees of freedom (but z) are left out.

    Notes
    -----
    A written value stands for all those that round to it: 2,20 for [2,195 ; 2,205]. A claim is inconsistent when none
    of them gives a p-value that rounds to the one written. After statcheck (Nuijten et al. 2016).

    Examples
    --------
    >>> statcheck("Le test conclut (t(28) = 2,20 ; p = 0,036).")[0].consistent
    True
    >>> round(statcheck("t(40) = 1,10, p = ,030")[0].recomputed, 3)
    0.278
    """
    one_sided = bool(_ONE_SIDED.search(text))
    claims = (_claim(found, one_sided) for found in _CLAIM.finditer(text))
    return [claim for claim in claims if claim is not None]


def _claim(found: re.Match[str], one_sided: bool) -> Claim | None:
    test = _NAMES.get(found["name"].lower(), "chi2")
    df = _degrees(found["df"] or "", found["between"] or "", test)
    if df is None:
        return None
    value, p = _parse(found["value"]), _parse(found["p"])
    half = _half_unit(found["value"])
    ends = [
        _p_value(test, df, abs(value) + shift, one_sided) for shift in (half, 0.0, -min(half, abs(value)))
    ]
    low, middle, high = ends
    sign = {"≤": "<", "≥": ">"}.get(found["sign"], found["sign"])
    consistent = _agrees(sign, p, _half_unit(found["p"]), low, high)
    written = (sign == "<" and p <= LEVEL) or (sign == "=" and p < LEVEL)
    return Claim(
        text=re.sub(r"\s+", " ", found.group().strip()),
        test=test,
        df=df,
        value=value,
        sign=sign,
        p=p,
        recomputed=middle,
        consistent=consistent,
        changes_decision=not consistent and written != (middle < LEVEL),
    )


def _degrees(inside: str, after: str, test: Test) -> tuple[float, ...] | None:
    """Degrees of freedom of a test, or ``None`` where they are not written."""
    if test == "z":
        return ()
    named = _DEGREES.search(inside) or _DEGREES.search(after)
    if named and test != "F":
        return (_parse(named[1]),)
    if test == "F":
        # Two numbers; the comma may part them or be their decimal mark.
        for separator in (r";", r",\s", r",", r"[\s\u00a0\u202f]et[\s\u00a0\u202f]"):
            parts = re.split(separator, inside)
            if len(parts) == 2 and all(re.fullmatch(rf"{_SPACE}{_DF}{_SPACE}", part) for part in parts):
                return tuple(_parse(part.strip("\u00a0\u202f ")) for part in parts)
        return None
    first = re.match(rf"{_SPACE}({_DF})(?={_SPACE}(?:$|[;,]))", re.sub(r",\s", "; ", inside))
    return (_parse(first[1]),) if first else None


def _p_value(test: Test, df: tuple[float, ...], value: float, one_sided: bool) -> float:
    from scipy import stats

    sides = 1 if one_sided else 2
    match test:
        case "t":
            return float(sides * stats.t.sf(value, *df))
        case "z":
            return float(sides * stats.norm.sf(value))
        case "r":
            if value >= 1:
                return 0.0
            return float(sides * stats.t.sf(value * math.sqrt(df[0] / (1 - value**2)), *df))
        case "F":
            return float(stats.f.sf(value, *df))
        case "chi2":
            return float(stats.chi2.sf(value, *df))


def _agrees(sign: str, p: float, half: float, low: float, high: float) -> bool:
    if sign == "<":
        return low < p
    if sign == ">":
        return high > p
    return low <= p + half and high >= p - half


def _parse(text: str) -> float:
    return float(text.replace(",", ".").replace("−", "-").replace("–", "-"))


def _half_unit(text: str) -> float:
    decimals = re.search(r"[.,](\d+)$", text)
    return 0.5 * 10.0 ** -(len(decimals[1]) if decimals else 0)
