"""Does ``import optima_research`` cost little more than ``import pandas``? Run: ``python -m bench.import_cost``."""

from __future__ import annotations

import sys

from bench._timing import command, compare, report


def main() -> int:
    """Compare fresh processes that import one or the other."""
    python = sys.executable
    ours = command(python, "-c", "import optima_research; optima_research.Survey")
    bare = command(python, "-c", "import optima_research")
    pandas = command(python, "-c", "import pandas")
    return report(
        "import_cost",
        [
            compare("import optima_research", bare, pandas, runs=15, promised=1.3),
            compare("... and its Survey", ours, pandas, runs=15, promised=1.3),
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
