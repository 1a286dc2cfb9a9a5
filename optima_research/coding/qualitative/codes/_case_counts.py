"""Passages, words and mentions of each code by each case, from which every measure of a code matrix is a sum."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from optima_research.coding.qualitative.projects.coding_units import merged
from optima_research.coding.qualitative.projects.project import CodedProject
from optima_research.coding.qualitative.projects.retrieval import case_attribute
from optima_research.errors import AnalysisError
from optima_research.language import _

SHARES = frozenset({"share_cases", "share_codings", "share_words"})
_WORDS = re.compile(r"\w+")


class CaseCounts:
    """Counts of each code in each case (in each case and coder, when coders are compared)."""

    def __init__(
        self,
        project: CodedProject,
        spans: pd.DataFrame,
        paths: list[str],
        groups: pd.Series,
        *,
        branch: bool,
        by_coder: bool,
    ) -> None:
        self.paths, self.groups = paths, groups
        case_of = project.case_of()
        rows = pd.Index(groups.index, tupleize_cols=False)
        owner = spans["source"].map(case_of)
        keys = list(zip(owner, spans["coder"], strict=True)) if by_coder else owner.tolist()
        where = rows.get_indexer(pd.Index(keys, tupleize_cols=False))
        texts = dict(zip(project.sources["name"], project.sources["text"], strict=True))
        self.passages, self.words = np.zeros((2, len(rows), len(paths)))
        for j, path in enumerate(paths):
            wanted = spans["code"].isin(project.branch(path) if branch else [path]).to_numpy() & (where >= 0)
            own = spans[wanted].assign(row=where[wanted])
            distinct = own.drop_duplicates(["row", "source", "start", "end"])
            self.passages[:, j] = np.bincount(distinct["row"], minlength=len(rows))
            for (row, source), part in distinct.groupby(["row", "source"]):
                self.words[row, j] += _words(texts[source], part)
        every = spans.assign(row=where)[where >= 0].drop_duplicates(["row", "source", "start", "end", "code"])
        self.coded = np.bincount(every["row"], minlength=len(rows)).astype(float)
        length = pd.Series(
            [len(_WORDS.findall(texts[str(s)])) for s in case_of.index], index=case_of.to_numpy()
        )
        of_case = length.groupby(level=0).sum()
        self.totals = np.array([of_case[key[0] if by_coder else key] for key in rows], dtype=float)
        self.names = list(dict.fromkeys(groups.dropna()))

    def cases_in_group(self) -> pd.Series:
        """Number of cases of each group."""
        return self.groups.value_counts().reindex(self.names).astype("int64")

    def measure(self, name: str) -> tuple[pd.DataFrame, pd.Series]:
        """The values of one measure (codes × groups), and the denominator of each group."""
        top, bottom = self._parts(name, self._indicator())
        values = top / bottom if bottom is not None else top
        base = pd.Series(bottom[0] if bottom is not None and len(bottom) else np.nan, index=self.names)
        return pd.DataFrame(values, index=pd.Index(self.paths, name="code"), columns=self.names), base

    def mentioned_together(self) -> pd.DataFrame:
        """Cases that mention both codes (codes × codes); on the diagonal, those that mention one."""
        mention = (self.passages > 0).astype(np.int64)
        return pd.DataFrame(mention.T @ mention, index=self.paths, columns=self.paths)

    def permutation_tests(self, name: str, draws: int, seed: int) -> pd.DataFrame | None:
        """Spread of a share between groups against whole cases dealt to groups at random."""
        from scipy.stats import false_discovery_control

        share = name if name in SHARES else "share_cases"
        if draws < 1 or self.cases_in_group().max() < 2 or len(self.names) < 2:
            return None
        member = self._indicator()
        observed = self._spread(share, member)
        rng = np.random.default_rng(seed)
        reached = np.zeros(len(self.paths))
        dealt = np.flatnonzero(self.groups.notna().to_numpy())
        for _draw in range(draws):
            shuffled = member.copy()
            shuffled[:, dealt] = member[:, rng.permutation(dealt)]
            reached += self._spread(share, shuffled) >= observed - 1e-12
        p = (reached + 1) / (draws + 1)
        frame = pd.DataFrame({"statistic": observed, "p_value": p}, index=pd.Index(self.paths, name="code"))
        return frame.assign(p_adjusted=false_discovery_control(p))

    def _indicator(self) -> Any:
        rows = [(self.groups == name).to_numpy(dtype=float) for name in self.names]
        return np.array(rows).reshape(len(self.names), len(self.groups))

    def _parts(self, name: str, member: Any) -> tuple[Any, Any]:
        source = {
            "cases": self.passages > 0,
            "share_cases": self.passages > 0,
            "codings": self.passages,
            "share_codings": self.passages,
            "words": self.words,
            "share_words": self.words,
        }[name]
        top = (member @ source.astype(float)).T
        bottoms = {
            "share_cases": member.sum(axis=1),
            "share_codings": member @ self.coded,
            "share_words": member @ self.totals,
        }
        if name not in bottoms:
            return top, None
        bottom = np.tile(bottoms[name], (len(self.paths), 1))
        return top, np.where(bottom > 0, bottom, np.nan)

    def _spread(self, name: str, member: Any) -> Any:
        """Between-group sum of squares of a share, weighted by the group's denominator."""
        top, bottom = self._parts(name, member)
        bottom = np.nan_to_num(bottom)
        whole = top.sum(axis=1, keepdims=True) / np.maximum(bottom.sum(axis=1, keepdims=True), 1e-300)
        share = np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0)
        return (bottom * (share - whole) ** 2).sum(axis=1)


def groups_of_cases(project: CodedProject, spans: pd.DataFrame, by: str, parameter: str) -> pd.Series:
    """Group of each case (or of each case and coder)."""
    case_of = project.case_of()
    cases = pd.Index(dict.fromkeys(case_of))
    if by == "case":
        return pd.Series(cases, index=cases)
    if by == "coder":
        pairs = list(dict.fromkeys(zip(spans["source"].map(case_of), spans["coder"], strict=True)))
        return pd.Series(
            [coder for _case, coder in pairs], index=pd.Index(pairs, tupleize_cols=False), dtype=object
        )
    if by == "source":
        if case_of.nunique() < len(case_of):
            raise AnalysisError(
                _("Some cases have several sources."), parameter=parameter, hint=_('Use "case" instead.')
            )
        return pd.Series(case_of.index, index=case_of.to_numpy())
    return case_attribute(project, by, parameter).reindex(cases)


def _words(text: str, spans: pd.DataFrame) -> int:
    first, last = merged(spans["start"].to_numpy(dtype=np.int64), spans["end"].to_numpy(dtype=np.int64))
    return sum(len(_WORDS.findall(text[a:b])) for a, b in zip(first.tolist(), last.tolist(), strict=True))
