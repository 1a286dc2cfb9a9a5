"""Changing the code tree: merge, rename, move, redefine, each with its reason in the log; and the diff of two trees."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from optima_research.coding.qualitative.projects.project import (
    LOG_COLUMNS,
    SEPARATOR,
    CodedProject,
    code_table,
    finish,
)
from optima_research.errors import CodebookError
from optima_research.language import _

_SPAN = ["source", "start", "end", "code", "coder", "whole_source"]


def merge_codes(
    project: CodedProject, codes: Sequence[str], into: str, *, reason: str, who: str = "", when: str = ""
) -> CodedProject:
    """Give every coding of some codes to another, which may be new; sub-codes follow.

    Parameters
    ----------
    project : CodedProject
    codes : sequence of str
        Paths to merge; they disappear.
    into : str
        Path that receives them; created beside them when it does not exist.
    reason : str
        Why, for the log: a referee will ask.
    who, when : str
        Who decided, and when (ISO date).

    Returns
    -------
    CodedProject

    Raises
    ------
    CodebookError
        No reason, or a code merged into its own branch.

    Notes
    -----
    A span the same coder had given two of the merged codes keeps one coding.

    Examples
    --------
    >>> from optima_research.coding.qualitative import coded_project
    >>> text = "Le budget est voté. Nous manquons de temps. Le budget manque."
    >>> spans = [(0, 19, "budget"), (20, 43, "freins/temps"), (44, 61, "budget"), (44, 61, "freins/temps")]
    >>> project = coded_project(
    ...     pd.DataFrame({"name": ["E1"], "text": [text]}),
    ...     pd.DataFrame(spans, columns=["start", "end", "code"]).assign(source="E1", coder="Anne"))
    >>> merged = merge_codes(project, ["freins/temps"], "budget", reason="une seule idée ici")
    >>> len(merged.codings), merged.log["action"].tolist()
    (3, ['merge'])
    """
    paths = [path for path in project.require_codes(codes) if path != into]
    for path in paths:
        if into.startswith(path + SEPARATOR):
            raise CodebookError(_("« {path} » cannot go under itself.", path=path), parameter="into")
    if into not in set(project.codes["path"]):
        project = _with_code(project, into)
    moves = dict.fromkeys(paths, into)
    return _relabel(project, moves, "merge", [*paths, into], reason, who, when)


def rename_code(
    project: CodedProject, path: str, name: str, *, reason: str, who: str = "", when: str = ""
) -> CodedProject:
    """Give a code another name in the same place; its identifier and its sub-codes stay.

    Parameters
    ----------
    project : CodedProject
    path, name : str
        The code, and its new name (not a path).
    reason, who, when : str
        For the log.

    Raises
    ------
    CodebookError
        No name, no reason, or a code of that name is already there.

    Examples
    --------
    >>> from optima_research.coding.qualitative import coded_project
    >>> text = "Le budget est voté. Nous manquons de temps. Le budget manque."
    >>> spans = [(0, 19, "budget"), (20, 43, "freins/temps"), (44, 61, "budget"), (44, 61, "freins/temps")]
    >>> project = coded_project(
    ...     pd.DataFrame({"name": ["E1"], "text": [text]}),
    ...     pd.DataFrame(spans, columns=["start", "end", "code"]).assign(source="E1", coder="Anne"))
    >>> rename_code(project, "freins", "obstacles", reason="mot des interviewés").codes["path"].tolist()
    ['budget', 'obstacles', 'obstacles/temps']
    """
    (path,) = project.require_codes([path])
    if not name.strip():
        raise CodebookError(_("A code needs a name."), parameter="name", hint=_("Give its new name."))
    parent = path.rpartition(SEPARATOR)[0]
    return _place(
        project, path, _under(parent, name.replace(SEPARATOR, "∕")), name, "rename", reason, who, when
    )


def move_code(
    project: CodedProject, path: str, under: str, *, reason: str, who: str = "", when: str = ""
) -> CodedProject:
    """Put a code and its sub-codes under another parent (``""``: at the root).

    Parameters
    ----------
    project : CodedProject
    path, under : str
        The code, and its new parent.
    reason, who, when : str
        For the log.

    Raises
    ------
    CodebookError
        No reason, a code of that name is already there, or the parent is in the code's own branch.

    Examples
    --------
    >>> from optima_research.coding.qualitative import coded_project
    >>> text = "Le budget est voté. Nous manquons de temps. Le budget manque."
    >>> spans = [(0, 19, "budget"), (20, 43, "freins/temps"), (44, 61, "budget"), (44, 61, "freins/temps")]
    >>> project = coded_project(
    ...     pd.DataFrame({"name": ["E1"], "text": [text]}),
    ...     pd.DataFrame(spans, columns=["start", "end", "code"]).assign(source="E1", coder="Anne"))
    >>> move_code(project, "freins/temps", "", reason="n'est plus un frein").codes["path"].tolist()
    ['budget', 'freins', 'temps']
    """
    (path,) = project.require_codes([path])
    parent = project.require_codes([under], "under")[0] if under else ""
    if (parent + SEPARATOR).startswith(path + SEPARATOR):
        raise CodebookError(_("« {path} » cannot go under itself.", path=path), parameter="under")
    name = path.rpartition(SEPARATOR)[2]
    return _place(project, path, _under(parent, name), None, "move", reason, who, when)


def redefine_code(
    project: CodedProject, path: str, description: str, *, reason: str, who: str = "", when: str = ""
) -> CodedProject:
    """Change the definition of a code.

    Parameters
    ----------
    project : CodedProject
    path, description : str
    reason, who, when : str
        For the log.

    Raises
    ------
    CodebookError
        No reason.

    Examples
    --------
    >>> from optima_research.coding.qualitative import coded_project
    >>> text = "Le budget est voté. Nous manquons de temps. Le budget manque."
    >>> spans = [(0, 19, "budget"), (20, 43, "freins/temps"), (44, 61, "budget"), (44, 61, "freins/temps")]
    >>> project = coded_project(
    ...     pd.DataFrame({"name": ["E1"], "text": [text]}),
    ...     pd.DataFrame(spans, columns=["start", "end", "code"]).assign(source="E1", coder="Anne"))
    >>> redefine_code(project, "budget", "Tout ce qui touche au vote", reason="précision").log["codings"].tolist()
    [2]
    """
    (path,) = project.require_codes([path])
    codes = project.codes.copy()
    codes.loc[codes["path"] == path, "description"] = description
    n = int((project.codings["code"] == path).sum())
    return _logged(project.evolve(codes=codes), ("redefine", [path]), reason, n, who, when)


def diff_code_trees(before: CodedProject, after: CodedProject) -> pd.DataFrame:
    """What changed between two versions of a code tree, codes being matched by identifier, else by path.

    Parameters
    ----------
    before, after : CodedProject

    Returns
    -------
    DataFrame
        ``change`` (added, removed, merged, renamed, moved, redefined, recoloured), ``before after`` (paths),
        ``codings_before codings_after``. A code may have several lines; merges are known from the log of ``after``.

    Examples
    --------
    >>> from optima_research.coding.qualitative.projects.project import coded_project
    >>> text = pd.DataFrame({"name": ["E"], "text": ["Le budget."]})
    >>> old = coded_project(text, pd.DataFrame({"source": ["E"], "start": [3], "end": [9], "code": ["argent"]}))
    >>> new = rename_code(old, "argent", "budget", reason="le mot des interviewés")
    >>> diff_code_trees(old, new)[["change", "before", "after"]].values.tolist()
    [['renamed', 'argent', 'budget']]
    """
    old, new = _indexed(before), _indexed(after)
    by_guid = {row["guid"]: path for path, row in new.iterrows()}
    pairs = {
        path: by_guid.get(row["guid"], path if path in new.index else None) for path, row in old.iterrows()
    }
    n_before, n_after = before.codings["code"].value_counts(), after.codings["code"].value_counts()
    merged = _merged(before, after)
    rows = []
    for path, other in pairs.items():
        if other is None:
            other = merged.get(path)
            changes = ["removed" if other is None else "merged"]
        else:
            changes = _changes(path, other, old.loc[path], new.loc[other])
        rows += [(c, path, other or "", n_before.get(path, 0), n_after.get(other, 0)) for c in changes]
    kept = set(pairs.values())
    rows += [("added", "", path, 0, n_after.get(path, 0)) for path in new.index if path not in kept]
    return pd.DataFrame(rows, columns=["change", "before", "after", "codings_before", "codings_after"])


def _merged(before: CodedProject, after: CodedProject) -> dict[str, str]:
    """Where each code of the first version that disappeared was merged, as the log of the second tells."""
    where = {path: path for path in before.codes["path"]}
    for row in after.log.iloc[len(before.log) :].itertuples():
        *gone, kept = str(row.codes).split(" → ")
        moves = {"merge": dict.fromkeys(gone, kept), "rename": {gone[0]: kept} if gone else {}}
        moves["move"] = moves["rename"]
        where = {path: _moved(now, moves.get(str(row.action), {})) for path, now in where.items()}
    known = set(after.codes["path"])
    return {path: now for path, now in where.items() if now != path and now in known}


def _place(
    project: CodedProject,
    path: str,
    target: str,
    name: str | None,
    action: str,
    reason: str,
    who: str,
    when: str,
) -> CodedProject:
    if target != path and target in set(project.codes["path"]):
        raise CodebookError(
            _("There is already a code « {path} ».", path=target), hint=_("Merge them: merge_codes(…).")
        )
    if name is not None:
        codes = project.codes.copy()
        codes.loc[codes["path"] == path, "name"] = name
        project = project.evolve(codes=codes)
    return _relabel(project, {path: target}, action, [path, target], reason, who, when)


def _relabel(
    project: CodedProject,
    moves: dict[str, str],
    action: str,
    named: list[str],
    reason: str,
    who: str,
    when: str,
) -> CodedProject:
    """Apply path changes to everything that names a code; branches follow their head."""
    paths = {path: _moved(path, moves) for path in project.codes["path"]}
    touched = int(project.codings["code"].isin([p for p, new in paths.items() if p != new]).sum())
    codes = project.codes.assign(order=project.codes["path"].isin(list(moves)))
    codes["path"] = codes["path"].map(paths)
    # The code that was already there keeps its identifier and definition.
    codes = (
        codes.sort_values("order", kind="stable").drop_duplicates("path").sort_values("path", kind="stable")
    )
    codes["parent"] = [p.rpartition(SEPARATOR)[0] for p in codes["path"]]
    spans = project.codings.assign(code=project.codings["code"].map(paths))
    spans = spans.drop_duplicates(_SPAN)
    sets, notes = project.sets.copy(), project.notes.copy()
    sets["member"] = sets["member"].where(
        sets["kind"] != "code", sets["member"].map(lambda p: paths.get(p, p))
    )
    notes["target"] = notes["target"].where(
        notes["about"] != "code", notes["target"].map(lambda p: paths.get(p, p))
    )
    changed = project.evolve(
        codes=codes.drop(columns="order").reset_index(drop=True),
        codings=spans,
        regions=project.regions.assign(code=project.regions["code"].map(lambda p: paths.get(p, p))),
        sets=sets.drop_duplicates(ignore_index=True),
        notes=notes,
    )
    return _logged(finish(changed), (action, named), reason, touched, who, when)


def _logged(
    project: CodedProject, what: tuple[str, list[str]], reason: str, codings: int, who: str, when: str
) -> CodedProject:
    if not reason.strip():
        raise CodebookError(
            _("A change of the code tree needs a reason."),
            parameter="reason",
            hint=_('Write why you do this, as a referee would want to read it: reason="…".'),
        )
    row = pd.DataFrame(
        [(what[0], _told(*what), reason, codings, who, when)], columns=LOG_COLUMNS, dtype=object
    )
    return project.evolve(log=pd.concat([project.log, row], ignore_index=True))


def _told(action: str, codes: list[str]) -> str:
    """The codes of a change: what they were, an arrow, what they became."""
    return " → ".join([", ".join(codes[:-1]), codes[-1]] if action == "merge" and codes[:-1] else codes)


def _with_code(project: CodedProject, path: str) -> CodedProject:
    codes = code_table(project.codes, pd.Series([path], dtype=object))
    codes.loc[codes["path"] == path, "codable"] = True
    return project.evolve(codes=codes)


def _moved(path: str, moves: dict[str, str]) -> str:
    for old, new in moves.items():
        if path == old or path.startswith(old + SEPARATOR):
            return new + path[len(old) :]
    return path


def _under(parent: str, name: str) -> str:
    return f"{parent}{SEPARATOR}{name}" if parent else name


def _indexed(project: CodedProject) -> pd.DataFrame:
    return project.codes.drop_duplicates("path").set_index("path")


def _changes(path: str, other: str, old: pd.Series, new: pd.Series) -> list[str]:
    found = []
    if old["name"] != new["name"]:
        found.append("renamed")
    if path.rpartition(SEPARATOR)[0] != other.rpartition(SEPARATOR)[0]:
        found.append("moved")
    if old["description"] != new["description"]:
        found.append("redefined")
    if old["color"] != new["color"]:
        found.append("recoloured")
    return found
