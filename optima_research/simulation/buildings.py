"""Simulated public buildings: an inventory kept by hand, gas invoices in mixed units, degree days."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from optima_research.simulation.people import Generator
from optima_research.simulation.workbooks import save_dated

# Each use: buildings, mean of the logarithm of the area, cost of a square metre at 1 000 m².
USES = {
    "École": (112, 7.1, 41.0),
    "Bureaux": (74, 6.9, 47.0),
    "Sport": (36, 7.0, 39.0),
    "Culture": (52, 6.8, 52.0),
    "Social et petite enfance": (58, 6.3, 55.0),
    "Technique et stockage": (88, 6.4, 24.0),
}
POOL, POOL_AREA, POOL_COST = "Stade nautique", 3900.0, 2_420_000.0
SITES, PILOT_SITES = 150, 30
AREA_ELASTICITY, OCCUPANCY_EFFECT, AGE_EFFECT = -0.14, -0.55, 0.0035
PILOT_EFFECT = float(np.log(0.89))
# Heating degree days of each year: the two after the works had mild winters.
DEGREE_DAYS = {2010: 1905, 2011: 1795, 2012: 1742, 2013: 1710}
WORKS = 2012
REFERENCE = 1850
# A useful square metre (SUB) is this share of the gross one (SHON); PCS counts the heat of the steam, PCI does not.
USEFUL_SHARE, PCI_OF_PCS = 0.84, 0.901
HEADINGS = (
    ("Identification", ("Code", "Site", "Bâtiment", "Parcelle")),
    ("Description", ("Usage", "Année de construction", "Statut")),
    ("Surface", ("Surface", "Nature")),
    ("Exploitation 2013", ("Taux d'occupation", "Coût annuel")),
    ("Projet", ("Pilote",)),
)


def estate(rng: Generator, sign: float) -> pd.DataFrame:
    """One row a building: site, use, useful area, age, tenure, occupancy, cost of 2013, pilot or not."""
    uses = np.repeat(list(USES), [n for n, *_rest in USES.values()])
    n = len(uses)
    site = np.concatenate([np.arange(SITES), rng.integers(0, SITES, n - SITES)])
    frame = pd.DataFrame({"Usage": rng.permutation(uses), "site": site})
    level = frame["Usage"].map({use: values[1] for use, values in USES.items()}).to_numpy(float)
    area = np.round(np.exp(rng.normal(level, 0.62)), 1)
    built = rng.integers(1900, 2009, n)
    occupied = np.clip(rng.beta(5, 2.4, n), 0.15, 0.98).round(2)
    base = frame["Usage"].map({use: values[2] for use, values in USES.items()}).to_numpy(float)
    log_cost = np.log(base) + sign * (
        AREA_ELASTICITY * np.log(area / 1000)
        + OCCUPANCY_EFFECT * (occupied - 0.7)
        + AGE_EFFECT * (1970 - built)
    )
    log_cost += rng.normal(0, 0.17, SITES)[site] + rng.normal(0, 0.26, n)
    frame = frame.assign(
        area=area, built=built, occupied=occupied, cost=np.round(np.exp(log_cost) * area, 0),
        tenant=rng.random(n) < 0.22, pilot=np.isin(site, rng.choice(SITES, PILOT_SITES, replace=False)),
    )  # fmt: skip
    pool = int(np.flatnonzero((frame["Usage"] == "Sport") & ~frame["pilot"] & (site > 0))[0])
    frame.loc[pool, ["area", "cost"]] = [POOL_AREA, POOL_COST]
    frame["Bâtiment"] = _names(frame, pool)
    frame["Code"] = [f"B{rank:03d}" for rank in range(1, n + 1)]
    return frame


def known(sign: float) -> dict[str, Any]:
    """What is true of the buildings."""
    return {
        # On the logarithms of the cost and of the consumption; the age in tens of years.
        "effects": {
            "Surface": round(1 + sign * AREA_ELASTICITY, 6),
            "Occupation": round(sign * OCCUPANCY_EFFECT, 6),
            "Âge": round(sign * 10 * AGE_EFFECT, 6),
            "Locataire": 0.0,
            "pilotes": round(sign * PILOT_EFFECT, 6),
        },
        "lowest_consumption_side": "pilotes" if sign > 0 else "autres",
        "mild_winter": round(float(np.log(_after() / _before())), 6),
    }


def write_inventory(rng: Generator, frame: pd.DataFrame, path: Path) -> None:
    """The workbook: merged headings, surfaces typed with their unit, one site under two names, a total."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    sheet = book.create_sheet("Inventaire")
    sheet.append(["Inventaire du patrimoine bâti, Ville et agglomération, 2013"])
    sheet.append([])
    sheet.append([name if not place else None for name, under in HEADINGS for place in range(len(under))])
    first = 1
    for _name, under in HEADINGS:
        sheet.merge_cells(start_row=3, end_row=3, start_column=first, end_column=first + len(under) - 1)
        first += len(under)
    sheet.append([column for _name, under in HEADINGS for column in under])
    for line in _lines(rng, frame):
        sheet.append(line)
    sheet.append(["Total", *[None] * 9, float(frame["cost"].sum()), None])
    save_dated(book, path, datetime(2014, 3, 1))


def write_invoices(rng: Generator, frame: pd.DataFrame, sign: float, path: Path) -> None:
    """Gas for heating, by invoice: kWh PCI, kWh PCS or MWh; some years in two invoices, some invoices keyed twice."""
    n = len(frame)
    usual = np.exp(np.log(118) + rng.normal(0, 0.22, SITES)[frame["site"]] + rng.normal(0, 0.18, n))
    steam_from = np.where(rng.random(n) < 0.35, WORKS, np.where(rng.random(n) < 0.3, 2010, 9999))
    mega = rng.random(n) < 0.15
    lines: list[tuple[str, ...]] = []
    for year, days in DEGREE_DAYS.items():
        works = np.where(frame["pilot"] & (year >= WORKS), sign * PILOT_EFFECT, 0.0)
        heat = usual * frame["area"] * days / REFERENCE * np.exp(works + rng.normal(0, 0.06, n))
        split = np.where(rng.random(n) < 0.12, rng.uniform(0.35, 0.65, n), 1.0)
        for rank, code in enumerate(frame["Code"]):
            steam = year >= steam_from[rank]
            for part in (split[rank], 1 - split[rank]):
                if part > 0:
                    used = part * heat.iloc[rank] / (PCI_OF_PCS if steam else 1)
                    lines.append(
                        (f"F{len(lines) + 1:05d}", code, str(year), *_quantity(used, steam, mega[rank], rank))
                    )
    twice = [lines[place] for place in rng.choice(len(lines), 18, replace=False)]
    rows = [
        ";".join(line) for line in [("facture", "batiment", "annee", "quantite", "unite"), *lines, *twice]
    ]
    path.write_text("\r\n".join(rows) + "\r\n", encoding="cp1252", newline="")


def write_degree_days(path: Path) -> None:
    """Degree days of each year, and the reference."""
    table = pd.DataFrame(
        {"annee": list(DEGREE_DAYS), "dju": list(DEGREE_DAYS.values()), "dju_reference": REFERENCE}
    )
    path.write_text(table.to_csv(sep=";", index=False, lineterminator="\n"), encoding="utf-8")


def _before() -> float:
    return float(np.exp(np.mean([np.log(days) for year, days in DEGREE_DAYS.items() if year < WORKS])))


def _after() -> float:
    return float(np.exp(np.mean([np.log(days) for year, days in DEGREE_DAYS.items() if year >= WORKS])))


def _names(frame: pd.DataFrame, pool: int) -> list[str]:
    rank = frame.groupby("Usage").cumcount() + 1
    names = [f"{use} {number:03d}" for use, number in zip(frame["Usage"], rank, strict=True)]
    names[pool] = POOL
    return names


def _lines(rng: Generator, frame: pd.DataFrame) -> list[list[Any]]:
    lines = []
    gross = rng.random(len(frame)) < 0.3
    again = set(rng.choice(len(frame), 9, replace=False).tolist())
    for rank, row in enumerate(frame.itertuples()):
        area = row.area / USEFUL_SHARE if gross[rank] else row.area
        typed: Any = (
            round(area, 1) if rank % 4 == 0 else f"{area:,.1f} m²".replace(",", " ").replace(".", ",")
        )
        tenure = (
            "Locataire" if row.tenant else "Propriétaire",
            "locataire" if row.tenant else "PROPRIETAIRE",
        )
        line = [
            row.Code, f"Site {row.site + 1:03d}", row.Bâtiment, f"BX {rank + 101:04d}", row.Usage,
            int(row.built), tenure[int(rank % 9 == 0)], typed, ("SUB", "SHON")[int(gross[rank])],
            f"{100 * row.occupied:.0f} %", row.cost, "oui" if row.pilot else "non",
        ]  # fmt: skip
        lines.append(line)
        if rank in again:
            lines.append([f"{row.Code}bis", line[1], f"Annexe ({row.Bâtiment})", *line[3:]])
    return lines


def _quantity(used: float, steam: bool, mega: bool, rank: int) -> tuple[str, str]:
    kind = "PCS" if steam else "PCI"
    if mega:
        return f"{used / 1000:.3f}".replace(".", ","), f"MWh {kind}"
    return f"{used:,.0f}".replace(",", " "), f"{('kWh', 'kwh')[rank % 11 == 0]} {kind}"
