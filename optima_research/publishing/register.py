"""The register of results: one row a statistic, under an id the author gives, read by every output and every test.

The difference between two registers is the scientific difference between two versions of a study.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from optima_research.errors import ExportError, suggest
from optima_research.language import _, current_language
from optima_research.language.numbers import format_count, format_interval, format_number, format_percent
from optima_research.language.typography import typeset
from optima_research.publishing.manifest import record
from optima_research.publishing.setting import current_setting
from optima_research.results import Estimate, Result
from optima_research.results.files import write_bytes

FILE = "results.json"
DIGITS = 10
"""Significant digits kept: enough for any reader, few enough to be equal on every machine."""
CLOSE = 1e-6
"""Relative difference under which two values are the same result."""

_ID = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")


@dataclass(frozen=True)
class Row:
    """One statistic.

    Parameters
    ----------
    value, low, high : float
        Estimate and interval, at ten significant digits; ``None`` where undefined.
    text, interval : str
        As printed in the study's language.
    unit, method : str
        In words.
    level : float
        Level of the interval.
    n : int
        Respondents behind the value; ``None`` where it does not apply.
    study, notebook, source_hash, version : str
        Where it comes from.
    """

    value: float | None
    text: str
    interval: str = ""
    low: float | None = None
    high: float | None = None
    level: float | None = None
    n: int | None = None
    unit: str = ""
    method: str = ""
    study: str = ""
    notebook: str = ""
    source_hash: str = ""
    version: str = ""


class Register:
    """The statistics of one study, by id.

    Parameters
    ----------
    study : str
        Slug of the study; by default the one of the setting in force.
    folder : Path, optional
        Where :meth:`write` writes; by default ``exports/<study>``.

    Examples
    --------
    >>> register = Register("demo")
    >>> register.note("satisfaction", Estimate(3.214, 3.02, 3.40, n=52), unit="points")
    >>> register["satisfaction"].text
    '3,21'
    """

    def __init__(self, study: str = "", *, folder: str | Path | None = None) -> None:
        self.study = study or current_setting().study
        self.folder = Path(folder) if folder is not None else Path("exports") / self.study
        self._rows: dict[str, Row] = {}

    def note(
        self,
        id: str,  # noqa: A002 - the word of the field, and of the manuscript's {{id}}
        thing: Result | Estimate | float,
        *,
        unit: str = "",
        method: str = "",
        n: int | None = None,
        decimals: int | None = None,
    ) -> None:
        """Enter a value, an estimate, or every statistic of a result.

        Parameters
        ----------
        id : str
            Letters, digits, ``_``, ``.`` and ``-``. The statistics of a result take ``id.name``, where the names of
            groups lose accents and blanks: they are typed in Word and LaTeX.
        thing : Result, Estimate or number
            What is entered.
        unit, method : str
            In words; ``"%"`` for a share between 0 and 1 prints a percentage.
        n : int, optional
            Respondents; an estimate brings its own.
        decimals : int, optional
            Digits after the mark; by default those the standard error supports.

        Raises
        ------
        ExportError
            The id is not one, or already stands for another value.
        """
        if not _ID.fullmatch(id):
            raise ExportError(
                _("“{id}” cannot be the id of a result.", id=id),
                parameter="id",
                hint=_("Letters without accents, digits, _ . and -, beginning with a letter."),
            )
        if isinstance(thing, Result):
            method = method or str(getattr(thing, "method", "") or type(thing).__name__)
            for name, value in thing.statistics().items():
                self._enter(f"{id}.{_ascii(name)}", _row(value, unit, method, n, decimals, self.study))
            return
        self._enter(id, _row(thing, unit, method, n, decimals, self.study))

    def forget(self, id: str) -> None:  # noqa: A002
        """Take out an id, and the statistics of a result entered under it."""
        for known in [known for known in self._rows if known == id or known.startswith(f"{id}.")]:
            del self._rows[known]

    def write(self, path: str | Path | None = None) -> Path:
        """Write the register as JSON, sorted by id, without date.

        Parameters
        ----------
        path : str or Path, optional
            A file or a folder; by default ``results.json`` in the study's exports. A copy written elsewhere, to be
            kept with the code, has no line in a manifest.

        Returns
        -------
        Path
            The file.
        """
        target = Path(path) if path is not None else self.folder
        target = target if target.suffix == ".json" else target / FILE
        rows = {id_: asdict(row) for id_, row in self.items()}
        content = (json.dumps(rows, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
        write_bytes(target, content)
        if target.parent.resolve() == self.folder.resolve():
            facts = {"object": "Register", "title": _("Register of results"), "format": "json"}
            record(target, content, **facts, study=self.study, language=current_language())
        return target

    @classmethod
    def read(cls, path: str | Path) -> Register:
        """Read a register written by :meth:`write`.

        Raises
        ------
        ExportError
            There is no such file, or it is not a register.
        """
        source = Path(path)
        source = source if source.suffix == ".json" else source / FILE
        try:
            rows = {id_: Row(**row) for id_, row in json.loads(source.read_text("utf-8")).items()}
        except OSError as error:
            raise ExportError(
                _("There is no register “{name}”.", name=source.name),
                hint=_("Run the notebook of the study first: it writes the register."),
            ) from error
        except (ValueError, TypeError, AttributeError) as error:
            raise ExportError(_("“{name}” is not a register of results.", name=source.name)) from error
        register = cls(next((row.study for row in rows.values()), ""), folder=source.parent)
        register._rows = rows
        return register

    def items(self) -> list[tuple[str, Row]]:
        """The rows with their ids, sorted."""
        return sorted(self._rows.items())

    def __getitem__(self, id_: str) -> Row:
        try:
            return self._rows[id_]
        except KeyError:
            raise ExportError(
                _("No result is registered as “{id}”.", id=id_),
                hint=suggest(id_, self._rows) or _("Note it first: register.note(id, result)."),
            ) from None

    def __contains__(self, id_: object) -> bool:
        return id_ in self._rows

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._rows))

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        shown = [f"{id_} = {_shown(row)}" for id_, row in self.items()[:10]]
        more = [f"… ({len(self)})"] if len(self) > 10 else []
        return "\n".join([f"Register({self.study!r})", *shown, *more])

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)

    def _enter(self, id_: str, row: Row) -> None:
        known = self._rows.get(id_)
        if known is not None and not _same(known.value, row.value):
            raise ExportError(
                _(
                    "“{id}” already stands for {old}; it cannot stand for {new} too.",
                    id=id_,
                    old=known.text,
                    new=row.text,
                ),
                parameter="id",
                hint=_("Give another id, or take the first value out: register.forget(“{id}”).", id=id_),
            )
        self._rows[id_] = row


def compare_registers(before: Register | str | Path, after: Register | str | Path) -> list[str]:
    """Say what moved between two registers.

    Parameters
    ----------
    before, after : Register or path
        Two versions of the register of a study.

    Returns
    -------
    list of str
        Sentences: values that changed, that are new, that are gone; one sentence when nothing moved.

    Examples
    --------
    >>> a, b = Register("demo"), Register("demo")
    >>> a.note("satisfaction", 3.21), b.note("satisfaction", 3.24)
    (None, None)
    >>> compare_registers(a, b)
    ['1 valeur a changé\\xa0: satisfaction 3,21 → 3,24.']
    """
    old, new = (item if isinstance(item, Register) else Register.read(item) for item in (before, after))
    common = [id_ for id_ in new if id_ in old]
    changed = [id_ for id_ in common if not _same_row(old[id_], new[id_])]
    added = [id_ for id_ in new if id_ not in old]
    gone = [id_ for id_ in old if id_ not in new]
    sentences = []
    if changed:
        moves = _("; ").join(_move(id_, old[id_], new[id_]) for id_ in changed)
        sentences.append(
            _counted(len(changed), _("1 value changed: {what}."), _("{n} values changed: {what}."), moves)
        )
    if added:
        what = _("; ").join(f"{id_} {_shown(new[id_])}" for id_ in added)
        sentences.append(
            _counted(len(added), _("1 value is new: {what}."), _("{n} values are new: {what}."), what)
        )
    if gone:
        what = _("; ").join(f"{id_} {_shown(old[id_])}" for id_ in gone)
        sentences.append(
            _counted(len(gone), _("1 value is gone: {what}."), _("{n} values are gone: {what}."), what)
        )
    return sentences or [_("No value changed ({n} compared).", n=format_count(len(common)))]


def _row(thing: Any, unit: str, method: str, n: int | None, decimals: int | None, study: str) -> Row:
    from optima_research import __version__

    setting = current_setting()
    origin: dict[str, Any] = {
        "unit": unit,
        "method": method,
        "study": study,
        "notebook": setting.notebook,
        "source_hash": setting.source_hash,
        "version": __version__,
    }
    if not isinstance(thing, Estimate):
        value = _number(thing)
        return Row(_kept(value), _text(value, math.nan, unit, decimals), n=n, **origin)
    return Row(
        _kept(thing.value),
        _text(thing.value, thing.spread, unit, decimals),
        interval=_interval(thing, unit, decimals),
        low=_kept(thing.low),
        high=_kept(thing.high),
        level=thing.level if math.isfinite(thing.low) or math.isfinite(thing.high) else None,
        n=n if n is not None else (thing.n or None),
        **origin,
    )


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.replace("œ", "oe")).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9.-]+", "_", plain.replace(" - ", "_")).strip("_")


def _number(thing: Any) -> float:
    try:
        return float(thing)
    except (TypeError, ValueError):
        raise ExportError(
            _("A {kind} cannot be registered.", kind=type(thing).__name__),
            expected=_("a result, an estimate or a number"),
        ) from None


def _kept(value: float) -> float | None:
    return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None


def _text(value: float, spread: float, unit: str, decimals: int | None) -> str:
    places = _places(spread, unit, decimals)
    return format_percent(value, places or 0) if unit == "%" else format_number(value, places)


def _interval(estimate: Estimate, unit: str, decimals: int | None) -> str:
    if not (math.isfinite(estimate.low) or math.isfinite(estimate.high)):
        return ""
    places, scale = _places(estimate.spread, unit, decimals), 100 if unit == "%" else 1
    return format_interval(estimate.low * scale, estimate.high * scale, places)


def _places(spread: float, unit: str, decimals: int | None) -> int | None:
    """Digits after the mark: as asked, one for percentages, else what the standard error supports."""
    if decimals is not None or unit == "%":
        return 1 if decimals is None else decimals
    return max(0, min(6, -math.floor(math.log10(spread)))) if math.isfinite(spread) and spread > 0 else None


def _same(old: float | None, new: float | None) -> bool:
    if old is None or new is None:
        return old is new
    return math.isclose(old, new, rel_tol=CLOSE, abs_tol=1e-12)


def _same_row(old: Row, new: Row) -> bool:
    return all(_same(getattr(old, name), getattr(new, name)) for name in ("value", "low", "high", "n"))


def _move(id_: str, old: Row, new: Row) -> str:
    before, after = (old.text, new.text) if old.text != new.text else (_shown(old), _shown(new))
    if before == after:
        # What moved is smaller than what is printed, or the number of respondents.
        before, after = f"{old.value:.6g} (n = {old.n})", f"{new.value:.6g} (n = {new.n})"
    why = f" ({_('source changed')})" if old.source_hash != new.source_hash else ""
    return f"{id_} {before} → {after}{why}"


def _shown(row: Row) -> str:
    return f"{row.text} {row.interval}".strip()


def _counted(n: int, one: str, many: str, what: str) -> str:
    return typeset((one if n == 1 else many).format(n=format_count(n), what=what))
