"""Who may read a file: researchers, the partner concerned, or anyone; what is refused and what is left out for each.

``researcher`` sees everything. ``partner`` and ``publication`` refuse a table that has not been through disclosure
control. ``partner`` keeps the name of that partner only; ``publication`` is blind: no author, no partner.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from html import unescape
from typing import Any, Literal

import pandas as pd

from optima_research.errors import DisclosureError, ExportError
from optima_research.language import _
from optima_research.privacy.policies import AUDIENCES, POLICIES, Policy
from optima_research.publishing.setting import Setting
from optima_research.results import PublicationTable
from optima_research.results.html import row_label

Audience = Literal["researcher", "partner", "publication"]


def check_disclosure(data: PublicationTable | pd.DataFrame | None, audience: Audience) -> None:
    """Refuse data that could expose someone outside the research team.

    Parameters
    ----------
    data : PublicationTable, DataFrame or None
        A table, or the data of a figure.
    audience : {"researcher", "partner", "publication"}
        Who will read it.

    Raises
    ------
    DisclosureError
        The table carries the number of respondents behind its cells and no policy, or too weak a one, was applied to
        it; or the plain data of a figure have an ``n`` under the threshold of the audience.

    Notes
    -----
    The least policy of each audience is ``privacy.AUDIENCES``. A policy named after a study was checked against the
    study's floor when it was made; a policy for business tables (with a dominance rule) has thresholds of its own.
    """
    if audience == "researcher" or data is None:
        return
    floor = POLICIES[AUDIENCES[audience]]
    if isinstance(data, pd.DataFrame):
        _check_plain(data, floor)
    elif data.bases is not None or data.counts is not None:
        _check_policy(data, floor, audience)


def _check_policy(table: PublicationTable, floor: Policy, audience: Audience) -> None:
    known = POLICIES.get(table.policy)
    if not table.policy:
        message = _("The table “{title}” has not been through disclosure control.", title=table.title)
    elif known is not None and known.dominance == 1 and known.n_min_group < floor.n_min_group:
        message = _(
            "The policy “{policy}” of the table “{title}” is too weak for these readers.",
            policy=table.policy,
            title=table.title,
        )
    else:
        return
    raise DisclosureError(
        message,
        parameter="audience",
        got=audience,
        hint=_(
            "Apply a policy first: privacy.protect(table, “{floor}”), "
            "or export for the research team only: audience=“researcher”.",
            floor=floor.name,
        ),
    )


def _check_plain(data: pd.DataFrame, floor: Policy) -> None:
    for name in data.columns:
        if str(name).lower() in ("n", "base", "effectif") and (data[name] < floor.n_min_group).any():
            raise DisclosureError(
                _(
                    "The data of the figure show a group of fewer than {least} respondents.",
                    least=floor.n_min_group,
                ),
                where=str(name),
                hint=_("Merge small groups, or give the protected table of the figure as its data."),
            )


def check_figure(figure: Any, data: PublicationTable | pd.DataFrame | None, audience: Audience) -> None:
    """Refuse a figure that draws a row its own table hides.

    Parameters
    ----------
    figure : matplotlib Figure
        What is drawn.
    data : PublicationTable, DataFrame or None
        What it claims to draw.
    audience : {"researcher", "partner", "publication"}
        Who will read it.

    Raises
    ------
    DisclosureError
        A row hidden in the table is named on an axis.
    """
    check_disclosure(data, audience)
    if audience == "researcher" or not isinstance(data, PublicationTable) or data.suppressed is None:
        return
    printed = {source for column in data.columns for source in column.sources} & set(data.suppressed.columns)
    hidden = {row_label(row) for row in data.body.index[data.suppressed[sorted(printed)].any(axis=1)]}
    figure.canvas.draw()
    drawn = {
        label.get_text()
        for axes in figure.axes
        for axis in (axes.xaxis, axes.yaxis)
        for label in axis.get_ticklabels()
    }
    shown = sorted(hidden & drawn)
    if shown:
        raise DisclosureError(
            _("The figure draws “{names}”, hidden in its table.", names=", ".join(shown)),
            hint=_("Draw it from the protected result: privacy.protect(result, policy).plot()."),
        )


def rewording(audience: Audience, setting: Setting) -> Callable[[str], str] | None:
    """What every text of a file goes through, or ``None`` when nothing is kept out.

    Examples
    --------
    >>> setting = Setting(names={"Ville de Rezé": "Collectivité A", "Rezé": "Collectivité A"})
    >>> rewording("publication", setting)("Agents de la ville de Reze")
    'Agents de la Collectivité A'
    """
    names = kept_out(audience, setting)
    if not names:
        return None
    patterns = [(_pattern(name), names[name]) for name in sorted(names, key=lambda name: (-len(name), name))]

    def reword(text: str) -> str:
        for pattern, replacement in patterns:
            text = _substituted(text, pattern, replacement)
        return text

    return reword


def audience_label(audience: str) -> str:
    """The readers of a file, in words."""
    labels = {
        "researcher": _("research team"),
        "partner": _("partner"),
        "publication": _("publication (blind)"),
    }
    return labels.get(audience, audience)


def kept_out(audience: Audience, setting: Setting) -> dict[str, str]:
    """The names this audience must not read, and what stands for each."""
    if audience == "researcher":
        return {}
    names = dict(setting.names)
    if audience == "partner":
        own = names.get(setting.partner)
        # Every spelling of the partner's own name stands for the same neutral name.
        return {
            name: neutral for name, neutral in names.items() if name != setting.partner and neutral != own
        }
    if setting.author:
        names[setting.author] = _("the author")
    if "_" in setting.study:
        names[setting.study] = _("of the study")  # a study's own disclosure policy is named after it
    return names


def check_blind(name: str, content: bytes, names: Iterable[str]) -> None:
    """Refuse to write a file in which a name is still found, whatever the part of the file.

    Raises
    ------
    ExportError
        A name is left in a text, a property or a metadata of the file.
    """
    secret = list(names)
    if not secret or content[:4] == b"\x89PNG":
        return
    for part, text in _parts(content).items():
        folded = _folded(text)
        for kept in secret:
            if _pattern(kept).search(folded):
                raise ExportError(
                    _("“{name}” would still be read in {file}.", name=kept, file=f"{name} {part}".strip()),
                    hint=_("Take the name out of the text, or export for the partner: audience=“partner”."),
                )


def _parts(content: bytes) -> Mapping[str, str]:
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {
                member: unescape(archive.read(member).decode("utf-8", "ignore"))  # é may be written &#233;
                for member in archive.namelist()
                if member.endswith((".xml", ".rels"))
            }
    return {"": unescape(content.decode("utf-8", "ignore"))}


def _folded(text: str) -> str:
    """Lower case without accents, one character for each character: positions stay true."""
    return "".join(map(_plain, text))


@cache
def _plain(character: str) -> str:
    return unicodedata.normalize("NFD", character)[0].lower()[:1] or character


@cache
def _pattern(name: str) -> re.Pattern[str]:
    # No letter or digit on either side; an underscore is not one, so that slugs are found too.
    words = r"[\s\u00a0\u202f_-]+".join(
        map(re.escape, re.split(r"[\s\u00a0\u202f_-]+", _folded(name.strip())))
    )
    return re.compile(rf"(?<![^\W_]){words}(?![^\W_])")


def _substituted(text: str, pattern: re.Pattern[str], replacement: str) -> str:
    pieces, at = [], 0
    for found in pattern.finditer(_folded(text)):
        pieces += [text[at : found.start()], replacement]
        at = found.end()
    return "".join([*pieces, text[at:]])
