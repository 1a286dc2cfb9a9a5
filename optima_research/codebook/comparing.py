"""What changed between two questionnaires: items added and dropped, wording, codes, order, level of measurement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal, Self, get_args

import pandas as pd

from optima_research.codebook.book import Codebook
from optima_research.codebook.variable import Variable, plain
from optima_research.language import _
from optima_research.results import Column, Protect, PublicationTable, Result

Change = Literal["wording", "codes", "order", "measure", "universe", "missing"]
CHANGES: tuple[Change, ...] = get_args(Change)


def diff_codebooks(a: Codebook, b: Codebook) -> CodebookDiff:
    """Compare two questionnaires, item by item: two waves, or the versions of two partners.

    Parameters
    ----------
    a, b : Codebook
        Before and after, or one partner and another. Items are matched by name.

    Returns
    -------
    CodebookDiff
        ``.items`` (a line a variable), ``.added``, ``.dropped``, ``.moved``, ``.renamed``, ``.scales``,
        ``.changed(kind)``.

    Notes
    -----
    Spacing, case, typographic apostrophes and width of characters are not changes: two wordings are compared as
    :attr:`Variable.wording` hashes them. ``codes`` compares codes, their labels and their scores whatever their order;
    ``order`` is then the order of the same answers. An item has moved when it is out of the longest common runs of the
    two orders. An item dropped and one added that ask the same question with the same answers are given as renamed.

    Examples
    --------
    >>> before = Codebook([Variable("CLI1", "Le climat est bon."), Variable("CLI2", "On m'écoute.")])
    >>> after = Codebook([Variable("CLI1", "Le climat de travail est bon."), Variable("CLI3", "On m’aide.")])
    >>> diff = diff_codebooks(before, after)
    >>> diff.changed("wording"), diff.added, diff.dropped
    (['CLI1'], ['CLI3'], ['CLI2'])
    """
    common = [name for name in a.names if name in b]
    moved = _moved(common, [name for name in b.names if name in a])
    names = [*a.names, *(name for name in b.names if name not in a)]
    old, new = ({variable.name: variable for variable in book} for book in (a, b))
    rows = [_line(name, old.get(name), new.get(name), name in moved) for name in names]
    items = pd.DataFrame(
        rows, columns=["name", "status", *CHANGES, "moved", "wording_before", "wording_after"]
    )
    scales = {scale.name: scale for scale in a.scales}
    other = [scale.name for scale in b.scales if scales.get(scale.name, scale) != scale]
    return CodebookDiff(before=a, after=b, items=items.set_index("name"), scales=tuple(other))


@dataclass(frozen=True, eq=False, repr=False)
class CodebookDiff(Result):
    """What changed between two questionnaires.

    Attributes
    ----------
    before, after : Codebook
    items : DataFrame
        Indexed by name, in the order of ``before`` then of what was added: ``status`` (``same changed added dropped``),
        one boolean a kind of change (``wording codes order measure universe missing``), ``moved``, and the wording
        hashes ``wording_before wording_after``.
    scales : tuple of str
        Scales of one name that are not declared alike (items, reversed items, range, minimum).
    """

    before: Codebook
    after: Codebook
    items: pd.DataFrame
    scales: tuple[str, ...] = ()

    @property
    def added(self) -> list[str]:
        """Items of ``after`` only."""
        return self._with_status("added")

    @property
    def dropped(self) -> list[str]:
        """Items of ``before`` only."""
        return self._with_status("dropped")

    @property
    def moved(self) -> list[str]:
        """Items asked at another place among those they have in common."""
        return list(self.items.index[self.items["moved"]])

    @property
    def renamed(self) -> dict[str, str]:
        """Name before → name after, for an item that has another name and the same wording and answers."""
        dropped = _by_wording(self.before, self.dropped)
        added = _by_wording(self.after, self.added)
        return {old: added[wording] for wording, old in dropped.items() if wording in added}

    @property
    def is_same(self) -> bool:
        """Whether every item is in both, unchanged and at its place."""
        return bool((self.items["status"] == "same").all()) and not self.moved and not self.scales

    def changed(self, kind: Change | None = None) -> list[str]:
        """Items in both that changed in that respect, or in any."""
        rows = self.items["status"] == "changed" if kind is None else self.items[kind]
        return list(self.items.index[rows])

    def table(self) -> PublicationTable:
        """The items that are not the same, with both wordings."""
        shown = self.items[(self.items["status"] != "same") | self.items["moved"]]
        body = pd.DataFrame(
            {
                "change": [self._words(name) for name in shown.index],
                "before": [_asked(self.before, name) for name in shown.index],
                "after": [_asked(self.after, name) for name in shown.index],
            },
            index=shown.index.rename(None),
        )
        columns = (
            Column("change", _("What changed"), kind="text"),
            Column("before", _("Before"), kind="text"),
            Column("after", _("After"), kind="text"),
        )
        return PublicationTable(
            _("Changes of the questionnaire"),
            body,
            columns,
            stub=_("Item"),
            note=self.sentence(),
            policy="codebook",
            name="questionnaire_diff",
        )

    def sentence(self) -> str:
        """How many items are the same, changed, added and dropped."""
        if self.is_same:
            return _("The two questionnaires are the same ({n} variables).", n=len(self.items))
        status = self.items["status"].value_counts()
        return _(
            "Same items: {same}; changed: {changed} (wording: {wording}, answers: {codes}); added: {added}; "
            "dropped: {dropped}; moved: {moved}.",
            same=int(status.get("same", 0)),
            changed=int(status.get("changed", 0)),
            wording=len(self.changed("wording")),
            codes=len(self.changed("codes")),
            added=len(self.added),
            dropped=len(self.dropped),
            moved=len(self.moved),
        )

    def statistics(self) -> dict[str, float]:  # type: ignore[override]
        """Numbers of items by status."""
        counts = self.items["status"].value_counts()
        return {name: float(counts.get(name, 0)) for name in ("same", "changed", "added", "dropped")}

    def protected(self, protect: Protect) -> Self:
        """Itself: a questionnaire tells nothing about those who answered it."""
        return self

    def _with_status(self, status: str) -> list[str]:
        return list(self.items.index[self.items["status"] == status])

    def _words(self, name: str) -> str:
        line = self.items.loc[name]
        if line["status"] in ("added", "dropped"):
            return change_label(str(line["status"]))
        kinds = [kind for kind in (*CHANGES, "moved") if line[kind]]
        return ", ".join(map(change_label, kinds))


def change_label(kind: str) -> str:
    """A kind of change in the reader's language.

    Examples
    --------
    >>> change_label("wording")
    'formulation'
    """
    return {
        "added": _("item added"),
        "dropped": _("item dropped"),
        "moved": _("place in the questionnaire"),
        "wording": _("wording"),
        "codes": _("codes or labels of the answers"),
        "order": _("order of the answers"),
        "measure": _("level of measurement"),
        "universe": _("who is asked"),
        "missing": _("codes of missing answers"),
    }[kind]


def _line(name: str, old: Variable | None, new: Variable | None, moved: bool) -> tuple[object, ...]:
    hashes = (old.wording if old else "", new.wording if new else "")
    if old is None or new is None:
        status = "dropped" if new is None else "added"
        return (name, status, *[False] * len(CHANGES), False, *hashes)
    changes = _changes(old, new)
    status = "changed" if any(changes.values()) else "same"
    return (name, status, *(changes[kind] for kind in CHANGES), moved, *hashes)


def _changes(old: Variable, new: Variable) -> Mapping[Change, bool]:
    before, after = _answers(old), _answers(new)
    same_codes = before == after
    return {
        "wording": plain(old.question or old.label) != plain(new.question or new.label),
        "codes": not same_codes,
        "order": same_codes and list(before) != list(after),
        "measure": old.measure != new.measure,
        "universe": plain(old.universe) != plain(new.universe) or old.condition != new.condition,
        "missing": old.missing != new.missing,
    }


def _answers(variable: Variable) -> dict[object, tuple[str, float | None]]:
    return {code: (plain(label), variable.scores.get(code)) for code, label in variable.values.items()}


def _moved(before: list[str], after: list[str]) -> set[str]:
    blocks = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    kept = {name for block in blocks for name in before[block.a : block.a + block.size]}
    return set(before) - kept


def _by_wording(codebook: Codebook, names: list[str]) -> dict[str, str]:
    """Wording → name, for those items that are the only one to ask it."""
    asked = [codebook[name] for name in names if codebook[name].question]
    hashes = [variable.wording for variable in asked]
    return {v.wording: v.name for v in asked if hashes.count(v.wording) == 1}


def _asked(codebook: Codebook, name: str) -> str:
    if name not in codebook:
        return "–"
    variable = codebook[name]
    answers = " | ".join(f"{code} = {label}" for code, label in variable.values.items())
    return (
        f"{variable.question or variable.shown} [{answers}]"
        if answers
        else variable.question or variable.shown
    )
