"""Ordinal invariance (WLSMV) is lavaan's trade: a script ready to run, with its data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from optima_research.coding.quantitative.measurement_model import Model, read_model
from optima_research.coding.quantitative.merged_categories import merge_empty_categories
from optima_research.errors import ExportError, ScaleError
from optima_research.language import _

if TYPE_CHECKING:
    from optima_research.results.frames import Data

HEADER = """# Ordinal measurement invariance: WLSMV, theta parameterisation, identification of Wu and Estabrook (2016):
# thresholds first, then loadings, then intercepts. {merged}
library(lavaan)
options(width = 200)
data <- read.csv("{name}.csv", fileEncoding = "UTF-8")
items <- c({items})
"""
FOOTER = """
fit <- function(model) cfa(model, data = data, group = "group", ordered = items, estimator = "WLSMV",
                           parameterization = "theta", std.lv = TRUE, auto.var = FALSE)
fits <- list(configural = fit(configural), thresholds = fit(thresholds), metric = fit(metric), scalar = fit(scalar))
measures <- c("chisq.scaled", "df.scaled", "pvalue.scaled", "cfi.scaled", "tli.scaled", "rmsea.scaled", "srmr")
print(t(sapply(fits, fitMeasures, measures)), digits = 4)
print(do.call(lavTestLRT, c(unname(fits), list(model.names = names(fits)))))
"""


@dataclass(frozen=True)
class LavaanScript:
    """An R script and the answers it reads; nothing but item codes and group numbers leaves the survey."""

    name: str
    script: str
    answers: pd.DataFrame
    groups: pd.Series
    merged: pd.DataFrame

    def write(self, folder: str | Path) -> tuple[Path, Path]:
        """Write ``<name>.R`` and ``<name>.csv``; the folder must exist.

        Raises
        ------
        ExportError
            The folder does not exist or may not be written to.
        """
        target = Path(folder)
        script, table = target / f"{self.name}.R", target / f"{self.name}.csv"
        try:
            script.write_text(self.script, encoding="utf-8")
            self.answers.to_csv(table, index=False, lineterminator="\n")
        except OSError as error:
            raise ExportError(
                _("The script cannot be written."),
                where=str(target),
                hint=_("Choose an existing folder you may write to."),
            ) from error
        return script, table


def lavaan_script(
    data: Data, model: Model, by: str, *, minimum: int = 1, name: str = "ordinal_invariance"
) -> LavaanScript:
    """A lavaan script for the invariance of ordinal items, and the table it reads.

    Parameters
    ----------
    data : DataFrame or Survey
        Rows complete on the items and the group are used.
    model : mapping
        Factor -> items, ordinal with three categories at least once the empty ones are merged.
    by : str
        Column of the groups; the table holds their numbers, ``groups`` their names.
    minimum : int
        Smallest number of answers of a category in every group (see :func:`merge_empty_categories`).
    name : str
        Of both files.

    Returns
    -------
    LavaanScript
        ``script``, ``answers``, ``groups``, ``merged``, ``write(folder)``.

    Raises
    ------
    ScaleError
        An item with fewer than three categories, a model that cannot be identified.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> latent = rng.standard_normal((200, 1)) + rng.standard_normal((200, 3))
    >>> answers = pd.DataFrame(np.digitize(latent, [-1, 1]) + 1, columns=list("abc")).assign(g=[1, 2] * 100)
    >>> "parameterization" in lavaan_script(answers, {"climat": list("abc")}, "g").script
    True
    """
    items = tuple(dict.fromkeys(item for members in model.values() for item in members))
    merged = merge_empty_categories(data, items, by, minimum=minimum)
    read = read_model(merged.data, model, by)
    answers = pd.concat(
        [
            pd.DataFrame(rows, columns=list(read.items)).assign(group=g)
            for g, rows in enumerate(read.rows, start=1)
        ],
        ignore_index=True,
    ).astype(int)
    answers = answers.rename(columns={item: f"y{i}" for i, item in enumerate(read.items, start=1)})
    names = [f"y{i}" for i in range(1, len(read.items) + 1)]
    sizes = {name: int(answers[name].nunique()) for name in names}
    few = [item for item, column in zip(read.items, names, strict=True) if sizes[column] < 3]
    if few:
        raise ScaleError(
            _("Items with fewer than three categories: {names}.", names=", ".join(few)),
            hint=_(
                "Threshold invariance cannot be told from loading invariance there: leave them out, or set "
                "minimum lower."
            ),
        )
    factors = {f"f{k}": [f"y{i + 1}" for i in members] for k, members in enumerate(read.members, start=1)}
    legend = [f"# {column}: {item}" for item, column in zip(read.items, names, strict=True)]
    legend += [f"# f{k}: {factor}" for k, factor in enumerate(read.factors, start=1)]
    legend += [f"# group {g}: {group}" for g, group in enumerate(read.groups, start=1)]
    header = HEADER.format(merged=merged.sentence(), name=name, items=", ".join(f'"{y}"' for y in names))
    models = [f'{step} <- "\n{_syntax(step, factors, sizes, len(read.groups))}"' for step in STEPS]
    return LavaanScript(
        name=name,
        script=header + "\n".join(legend) + "\n\n" + "\n".join(models) + FOOTER,
        answers=answers,
        groups=pd.Series(read.groups, index=pd.RangeIndex(1, len(read.groups) + 1), name=by),
        merged=merged.merged,
    )


STEPS = ("configural", "thresholds", "metric", "scalar")


def _syntax(step: str, factors: dict[str, list[str]], sizes: dict[str, int], groups: int) -> str:
    """Lavaan syntax of one step: what is equal gets one label for all groups, what is free after it gets NA."""
    level = STEPS.index(step)
    lines = []
    for factor, members in factors.items():
        loadings = [_labelled(f"l_{factor}_{y}", groups, level >= 2) + f"*{y}" for y in members]
        lines.append(f"{factor} =~ {' + '.join(loadings)}")
        lines.append(f"{factor} ~~ {_freed_after_first('1', groups, level >= 2)}*{factor}")
        lines.append(f"{factor} ~ {_freed_after_first('0', groups, level >= 3)}*1")
    for y, size in sizes.items():
        cuts = [_labelled(f"t_{y}_{k}", groups, level >= 1) + f"*t{k}" for k in range(1, size)]
        lines.append(f"{y} | {' + '.join(cuts)}")
        lines.append(f"{y} ~ {_freed_after_first('0', groups, 1 <= level < 3)}*1")
        lines.append(f"{y} ~~ {_freed_after_first('1', groups, level >= 1)}*{y}")
    return "\n".join(lines) + "\n"


def _labelled(label: str, groups: int, shared: bool) -> str:
    return f"c({', '.join(label if shared else f'{label}_{g}' for g in range(1, groups + 1))})"


def _freed_after_first(fixed: str, groups: int, freed: bool) -> str:
    return f"c({', '.join([fixed, *(['NA' if freed else fixed] * (groups - 1))])})"
