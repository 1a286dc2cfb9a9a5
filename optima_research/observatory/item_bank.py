"""The chair's bank of items: scales in its own wording, free to use in a questionnaire."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from optima_research.codebook import Measure, Scale, Variable
from optima_research.errors import StudyError, suggest
from optima_research.language import _


@cache
def _bank() -> dict[str, Any]:
    import yaml

    text = files("optima_research.observatory").joinpath("item_bank.yaml").read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.safe_load(text)
    return content


def item_bank(code: str) -> tuple[Scale, tuple[Variable, ...]]:
    """A scale of the bank and the variables of its items.

    Parameters
    ----------
    code : str
        Three letters: ``"CLI"`` for the social climate…

    Returns
    -------
    (Scale, tuple of Variable)
        Items are named ``CLI1``, ``CLI2``…, ordinal, five-point agreement unless the bank says otherwise.

    Raises
    ------
    StudyError
        The bank has no such scale.

    Examples
    --------
    >>> scale, items = item_bank("CLI")
    >>> scale.label, len(items)
    ('Climat social', 3)
    """
    bank = _bank()
    scales = bank["scales"]
    if code not in scales:
        raise StudyError(_("The bank has no scale « {code} ».", code=code), hint=suggest(code, scales))
    entry = scales[code]
    answers = bank["answers"] if "answers" not in entry else {}
    items = tuple(
        Variable(f"{code}{rank}", wording, measure=Measure.ORDINAL, values=answers, item_set=None, group=code)
        for rank, wording in enumerate(entry["items"], start=1)
    )
    names = tuple(item.name for item in items)
    turned = tuple(names[rank - 1] for rank in entry.get("reversed", []))
    return Scale(code, names, label=entry["label"], reversed=turned), items
