"""Names of codes as steps of a path: short enough to be repeated in every code below, never mistaken for two steps."""

from __future__ import annotations

LONGEST_STEP = 250
LONGEST_PATH = 1_000
DEEPEST = 60


def step(name: str) -> str:
    """One name as a step: a slash of its own becomes ``∕``, a name as long as a paragraph is cut.

    Examples
    --------
    >>> step(" coûts/recettes ")
    'coûts∕recettes'
    """
    bare = name.strip().replace("/", "∕")
    return bare if len(bare) <= LONGEST_STEP else bare[: LONGEST_STEP - 1] + "…"


def path_of(name: str, separator: str) -> str:
    """A name whose levels are told by ``separator`` as a path; levels without a name are left out.

    Examples
    --------
    >>> path_of("pilotage > coûts/recettes", ">")
    'pilotage/coûts∕recettes'
    >>> path_of("a.b", "")
    'a.b'
    """
    pieces = name.split(separator) if separator else [name]
    steps = [found for piece in pieces if (found := step(piece))]
    path = "/".join(steps[:DEEPEST])
    return path if len(path) <= LONGEST_PATH else path[: LONGEST_PATH - 1].rstrip("/") + "…"


def too_long(path: str) -> bool:
    """Whether nothing more should hang under a path."""
    return path.count("/") >= DEEPEST or len(path) > LONGEST_PATH
