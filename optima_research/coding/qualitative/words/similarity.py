"""Similarity analysis (ADS): the strongest links between forms, as a tree that is the same on every machine, and the
communities they make.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
import pandas as pd

from optima_research.coding.qualitative._protection import may_be_told
from optima_research.coding.qualitative.words._communities import greedy_communities
from optima_research.coding.qualitative.words._similarity_indices import Index, index_label, weights
from optima_research.coding.qualitative.words._speakers import speakers_of
from optima_research.coding.qualitative.words._words_of import refuse_project
from optima_research.coding.qualitative.words.corpus import Corpus
from optima_research.coding.qualitative.words.term_matrix import TermMatrix
from optima_research.coding.quantitative.items import require_choice
from optima_research.errors import AnalysisError
from optima_research.language import _
from optima_research.language.numbers import format_count, format_number, format_percent
from optima_research.results import Column, Estimate, Protect, PublicationTable, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NAMED = 6

CommunitiesOf = Literal["tree", "links"]


def similarity_graph(
    matrix: TermMatrix | Corpus,
    *,
    index: Index = "cooccurrence",
    n_terms: int = 60,
    terms: Collection[str] | None = None,
    min_weight: float = 0.0,
    communities_of: CommunitiesOf = "tree",
) -> SimilarityGraph:
    """Maximum spanning tree of the similarity of forms over the segments they share, and its communities.

    Parameters
    ----------
    matrix : TermMatrix or Corpus
        Segments × terms; a corpus that is not cut yet is cut into segments of 40 words.
    index : str
        ``cooccurrence``: segments with both forms; ``percent``: over all segments. ``jaccard`` (over segments with
        either), ``dice``, ``ochiai``, ``simpson`` (over those of the rarer form), ``phi``: the coefficients of these
        names. ``binomial``: probability that two independent forms share fewer segments than these do.
    n_terms : int
        The forms in most segments (ties by alphabet).
    terms : collection of str, optional
        These forms instead.
    min_weight : float
        Weaker links are left out before the tree is grown, which may fall into several trees. At 0, forms that avoid
        each other (negative phi) are not linked.
    communities_of : {"tree", "links"}
        Look for communities in the tree that is drawn, as IRaMuTeQ does, or among all links: slower to read, but free
        of the choice of a tree among others of the same weight.

    Returns
    -------
    SimilarityGraph
        ``edges`` (the tree: ``term1 term2 weight together jaccard``), ``links`` (every link), ``sizes`` (segments with
        each form), ``components``, ``total_weight``, ``tied`` (edges of the tree whose weight another link bears),
        ``communities`` (number of each linked form), ``hubs`` (form that stands for each community), ``modularity``,
        ``users`` (people who use each form).

    Raises
    ------
    AnalysisError
        Fewer than two forms, an unknown form.

    Notes
    -----
    Many links have the same number of co-occurrences, and libraries then draw different trees of the same total
    weight. Here ties are settled by weight, then Jaccard, then alphabet. The forms × forms table is sparse.

    Communities: greedy modularity (Clauset, Newman and Moore 2004, IRaMuTeQ's ``fastgreedy``) on the weights, ties by
    alphabet. A tree has a high modularity by construction, so compare modularities only between graphs of one kind.
    Binomial as in IRaMuTeQ: P(X ≤ together − 1), X ~ B(segments, share of the one × share of the other); it comes so
    close to 1 on large corpora that many links tie.

    Examples
    --------
    >>> corpus = Corpus(["budget dette", "budget dette", "budget agent", "agent équipe"]).segments()
    >>> similarity_graph(corpus.term_matrix(min_docfreq=1)).edges[["term1", "term2", "weight"]].values.tolist()
    [['budget', 'dette', 2.0], ['agent', 'équipe', 1.0], ['agent', 'budget', 1.0]]
    >>> similarity_graph(corpus.term_matrix(min_docfreq=1)).communities.to_dict()
    {'agent': 2, 'budget': 1, 'dette': 1, 'équipe': 2}
    """
    require_choice("index", index, Index)
    require_choice("communities_of", communities_of, CommunitiesOf)
    table = matrix if isinstance(matrix, TermMatrix) else _cut(matrix).term_matrix()
    table = table.select(_chosen(table, n_terms, terms))
    if len(table.terms) < 2:
        raise AnalysisError(_("A similarity graph needs two forms."), parameter="n_terms")
    sizes = table.frequency()["documents"].reindex(table.terms)
    links = _links(table, sizes.to_numpy(dtype=np.int64), index)
    links = links[links["weight"] >= min_weight].reset_index(drop=True)
    kept, components = _tree(links, table.terms)
    edges = links[kept].reset_index(drop=True)
    found = greedy_communities(edges if communities_of == "tree" else links, sizes)
    return SimilarityGraph(
        edges=edges,
        links=links,
        sizes=sizes.rename("segments"),
        components=components,
        index=index,
        n_segments=table.n,
        tied=int(links["weight"].duplicated(keep=False)[kept].sum()),
        communities=found.of_form,
        hubs=found.hubs,
        modularity=found.modularity,
        communities_of=communities_of,
        users=speakers_of(table),
    )


@dataclass(frozen=True, eq=False, repr=False)
class SimilarityGraph(Result):
    """The tree, every link it was chosen among, and the frequency of the forms."""

    edges: pd.DataFrame
    links: pd.DataFrame
    sizes: pd.Series
    components: pd.Series
    index: str
    n_segments: int
    tied: int
    communities: pd.Series = field(repr=False)
    hubs: pd.Series = field(repr=False)
    modularity: float
    communities_of: str
    users: pd.Series = field(repr=False)
    shown: PublicationTable | None = None

    @property
    def total_weight(self) -> float:
        """Sum of the weights of the tree: what any correct program finds, whatever its edges."""
        return float(self.edges["weight"].sum())

    @property
    def degrees(self) -> pd.Series:
        """Number of links of each form in the tree, the hubs first."""
        ends = pd.concat([self.edges["term1"], self.edges["term2"]])
        counted = ends.value_counts().reindex(self.sizes.index, fill_value=0)
        return counted.sort_values(ascending=False, kind="stable").rename("links")

    @property
    def groups(self) -> pd.DataFrame:
        """Communities, the largest first: ``hub``, ``n_forms``, ``segments`` of all forms added, ``forms``."""
        sizes = self.sizes.reindex(self.communities.index)
        ordered = sizes.sort_values(ascending=False, kind="stable")
        parts = {int(c): ordered[(self.communities == c).reindex(ordered.index)] for c in self.hubs.index}
        return pd.DataFrame(
            {
                "hub": self.hubs,
                "n_forms": [len(part) for part in parts.values()],
                "segments": [int(part.sum()) for part in parts.values()],
                "forms": [", ".join(map(str, part.index)) for part in parts.values()],
            },
            index=pd.Index(list(parts), name="community", dtype="int64"),
        )

    def table(self) -> PublicationTable:
        """The twenty strongest links of the tree."""
        return self.shown if self.shown is not None else self._table()

    def protected(self, protect: Protect) -> Self:
        """The graph without the forms that too few people use, nor their links."""
        told = set(self.users.index[may_be_told(self.users, protect)])
        edges, links = (
            frame[frame["term1"].isin(told) & frame["term2"].isin(told)].reset_index(drop=True)
            for frame in (self.edges, self.links)
        )
        kept = self.sizes.index.isin(list(told))
        communities = self.communities[self.communities.index.isin(list(told))]
        hubs = self.hubs[self.hubs.isin(list(told)) & self.hubs.index.isin(communities)]
        rest = replace(
            self, edges=edges, links=links, sizes=self.sizes[kept], components=self.components[kept],
            users=self.users[list(self.sizes.index[kept])], communities=communities[communities.isin(hubs.index)],
            hubs=hubs,
        )  # fmt: skip
        table = protect(rest._table())
        rest = replace(rest, shown=table)
        return replace(rest, shown=table.with_notes(reading=rest.sentence()))

    def _table(self) -> PublicationTable:
        top = self.edges.head(20)
        body = top.set_axis(pd.Index([f"{r.term1} – {r.term2}" for r in top.itertuples()]))
        fewest = np.minimum(*(top[name].map(self.users).to_numpy(dtype=float) for name in ("term1", "term2")))
        columns = (
            Column("together", _("Segments with both"), kind="count"),
            Column("jaccard", _("Jaccard"), decimals=2),
        )
        return PublicationTable(
            title=_("Strongest links between forms"), body=body, columns=columns, stub=_("Forms"),
            reading=self.sentence(), note=self.method_note(), name="similarity",
            bases=pd.DataFrame(dict.fromkeys(body.columns, fewest), index=body.index),
            attributes={"additive_rows": False},
        )  # fmt: skip

    def sentence(self) -> str:
        """The strongest link, the form that holds the tree together, and what the communities gather around."""
        if self.edges.empty:
            told = self.shown is None
            return (
                _("No two forms share a segment.")
                if told
                else _("Too few people use the forms of this graph.")
            )
        top, hub = self.edges.iloc[0], self.degrees
        values = {
            "one": top["term1"], "two": top["term2"], "n": format_count(int(top["together"])),
            "all": format_count(self.n_segments), "hub": hub.index[0], "links": format_count(int(hub.iloc[0])),
        }  # fmt: skip
        if self.index in {"cooccurrence", "percent"}:
            said = _(
                "« {one} » and « {two} » share most segments ({n} of {all}); « {hub} » has most links in the tree "
                "({links}).",
                **values,
            )
        else:
            said = _(
                "« {one} » and « {two} » are closest ({index}: {weight}; together in {n} segments of {all}); « {hub} » "
                "has most links in the tree ({links}).",
                index=index_label(self.index), weight=format_number(top["weight"], 2), **values,
            )  # fmt: skip
        return f"{said} {self._communities_sentence()}".strip()

    def _communities_sentence(self) -> str:
        groups = self.groups.head(_NAMED)
        named = ", ".join(f"« {row.hub} » ({format_count(row.n_forms)})" for row in groups.itertuples())
        values = {"n": format_count(len(self.hubs)), "modularity": format_number(self.modularity, 2)}
        if len(self.hubs) < 2:
            return _("The forms make one community.") if len(self.hubs) else ""
        if len(self.hubs) > _NAMED:
            return _(
                "The forms make {n} communities (modularity {modularity}); the largest gather around {named}, number "
                "of forms in brackets.",
                named=named, **values,
            )  # fmt: skip
        return _(
            "The forms make {n} communities (modularity {modularity}), around {named}, number of forms in brackets.",
            named=named, **values,
        )  # fmt: skip

    def method_note(self) -> str:
        """Index, tie rule, and how many edges hang on it."""
        share = self.tied / len(self.edges) if len(self.edges) else 0.0
        tree = _(
            "Maximum spanning tree of {n} forms, index: {what}, total weight {weight}; ties by Jaccard, then alphabet "
            "({tied} of the links have a weight that others share: other programs may draw them otherwise).",
            n=format_count(len(self.sizes)), what=index_label(self.index),
            weight=format_number(self.total_weight, 0 if self.index == "cooccurrence" else 2),
            tied=format_percent(share, 0),
        )  # fmt: skip
        where = _("the tree") if self.communities_of == "tree" else _("all links")
        return f"{tree} " + _(
            "Communities: greedy modularity (Clauset, Newman and Moore 2004) on {where}.", where=where
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """The tree laid out by levels around its middle; a community is a colour and a mark, named after its hub."""
        from optima_research.coding.qualitative.words._similarity_figure import similarity_tree

        return similarity_tree(self.edges, self.sizes, self.communities, self.hubs, ax=ax)

    def statistics(self) -> dict[str, Estimate | float]:
        """Total weight, edges, trees, communities and their modularity."""
        return {
            "total_weight": self.total_weight,
            "edges": float(len(self.edges)),
            "trees": float(self.components.nunique()),
            "communities": float(len(self.hubs)),
            "modularity": self.modularity,
        }


def _cut(corpus: Corpus) -> Corpus:
    refuse_project(corpus)
    return corpus if corpus.origin is not None else corpus.segments()


def _chosen(table: TermMatrix, n_terms: int, terms: Collection[str] | None) -> list[str]:
    """In alphabetical order, so that the last tie rule is the order of the columns."""
    if terms is not None:
        return sorted(set(terms))
    counted = table.frequency()["documents"]
    ranked = sorted(counted.index, key=lambda term: (-int(counted[term]), str(term)))
    return sorted(ranked[:n_terms])


def _links(table: TermMatrix, sizes: Any, index: Index) -> pd.DataFrame:
    """Every pair that shares a segment, the strongest first."""
    from scipy.sparse import triu

    present = table.presence
    both = triu(present.T @ present, k=1).tocoo()
    i, j, together = both.row, both.col, both.data.astype(np.float64)
    jaccard = together / (sizes[i] + sizes[j] - together)
    weight = weights(index, together, sizes[i], sizes[j], max(table.n, 1))
    order = np.lexsort([j, i, -jaccard, -weight])
    frame = pd.DataFrame(
        {
            "term1": table.terms[i].to_numpy(),
            "term2": table.terms[j].to_numpy(),
            "weight": weight,
            "together": together.astype(np.int64),
            "jaccard": jaccard,
        }
    )
    return frame.iloc[order].reset_index(drop=True)


def _tree(links: pd.DataFrame, terms: pd.Index) -> tuple[Any, pd.Series]:
    """Places of the links kept, and the tree each form belongs to; the rank of a link is its length, so none tie."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

    i, j = terms.get_indexer(links["term1"]), terms.get_indexer(links["term2"])
    lengths = coo_array((np.arange(1.0, len(links) + 1), (i, j)), shape=(len(terms), len(terms))).tocsr()
    kept = np.sort(minimum_spanning_tree(lengths).data.astype(np.int64)) - 1
    _n, labels = connected_components(lengths, directed=False)
    mask = np.zeros(len(links), dtype=bool)
    mask[kept] = True
    return mask, pd.Series(labels + 1, index=terms, name="component")
