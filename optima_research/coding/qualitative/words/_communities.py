"""Communities of a graph of forms by greedy modularity, numbered and named the same way on every machine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Communities:
    """Number of the community of each linked form, hub of each community, modularity of the partition."""

    of_form: pd.Series
    hubs: pd.Series
    modularity: float


def greedy_communities(links: pd.DataFrame, sizes: pd.Series) -> Communities:
    """Clauset, Newman and Moore's communities of the forms that positive links join.

    Parameters
    ----------
    links : DataFrame
        ``term1 term2 weight``.
    sizes : Series
        Segments of each form, in alphabetical order: its places settle ties.

    Notes
    -----
    Communities are numbered by their forms, then their segments, then the alphabet of their hubs. The hub is the form
    whose links inside its community weigh most, then the most frequent, then the first of the alphabet.
    """
    import networkx as nx

    links = links[links["weight"] > 0]
    ends = np.column_stack([sizes.index.get_indexer(links[name]) for name in ("term1", "term2")])
    if not len(links):
        return Communities(pd.Series(dtype="int64", name="community"), pd.Series(dtype=object), float("nan"))
    graph = nx.Graph()
    graph.add_nodes_from(np.unique(ends).tolist())
    order = np.lexsort([ends.max(axis=1), ends.min(axis=1)])
    weights = links["weight"].to_numpy(dtype=float)
    graph.add_weighted_edges_from((*ends[k].tolist(), float(weights[k])) for k in order)
    found = [sorted(group) for group in nx.community.greedy_modularity_communities(graph, weight="weight")]
    modularity = float(nx.community.modularity(graph, found, weight="weight"))
    number = np.full(len(sizes), -1)
    for i, group in enumerate(found):
        number[group] = i
    inside = number[ends[:, 0]] == number[ends[:, 1]]
    strength = np.bincount(ends[inside].ravel(), np.repeat(weights[inside], 2), minlength=len(sizes))
    frame = pd.DataFrame({"group": number, "size": sizes.to_numpy(), "strength": strength}, index=sizes.index)
    return _numbered(frame[number >= 0], modularity)


def _numbered(forms: pd.DataFrame, modularity: float) -> Communities:
    """Forms come in alphabetical order, and stable sorts keep it among equals."""
    hubs = forms.sort_values(["strength", "size"], ascending=False, kind="stable").reset_index(names="form")
    hubs = hubs.drop_duplicates("group").set_index("group")["form"]
    groups = forms.groupby("group")["size"].agg(["count", "sum"]).assign(hub=hubs.astype(str))
    order = groups.sort_values(["count", "sum", "hub"], ascending=[False, False, True], kind="stable").index
    rank = pd.Series(np.arange(1, len(order) + 1), index=order)
    of_form = forms["group"].map(rank).astype("int64").rename("community")
    return Communities(
        of_form, pd.Series(groups.loc[order, "hub"].to_numpy(), index=rank.to_numpy(), name="hub"), modularity
    )
