"""The two waves of the conseil général: what makes them hard to compare is in the raw files, and is refused or told."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

import optima_research as opt
from optima_research import cleaning
from optima_research.errors import ScaleError

RAW = Path(__file__).resolve().parents[2] / "data" / "raw" / "cg65_pilotage"


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("project") / "data" / "raw" / "cg65_pilotage"
    shutil.copytree(RAW, folder)
    return opt.Study.load(folder)


@pytest.fixture(scope="module")
def waves(study):
    return {year: study.survey(f"vague_{year}") for year in ("2008", "2010")}


def _stacked(waves, items):
    parts = [pd.DataFrame({item: wave.numeric(item) for item in items}) for wave in waves.values()]
    return pd.concat(parts, keys=list(waves), names=["vague"]).reset_index("vague").reset_index(drop=True)


def test_one_code_names_two_directions_and_the_mapping_takes_every_old_code(study, waves):
    old, new = (wave.codebook["DIR"].values for wave in waves.values())
    mapping = study.table("correspondance")
    assert old["D05"] != new["D05"]
    assert dict(zip(mapping["code_2008"], mapping["direction_2008"], strict=True)) == old
    assert dict(zip(mapping["code_2010"], mapping["direction_2010"], strict=True)) == new
    assert len(old) - 1 == len(new)


def test_the_mapping_is_a_step_of_the_trail(study, waves):
    mapping = study.table("correspondance")
    rules = "; ".join(
        f"{row.code_2008}={row.code_2010} [{row.direction_2010}]" for row in mapping.itertuples()
    )
    after = waves["2008"].pipe(cleaning.recode, "DIR", rules, reason="Table de la DRH")
    assert after.codebook["DIR"].values.keys() == waves["2010"].codebook["DIR"].values.keys()
    assert list(after.trail)[-1].rule == "recode"
    merged = waves["2008"].answers["DIR"].isin(["D02", "D03"]).sum()
    assert (after.answers["DIR"] == "D02").sum() == merged


def test_seven_points_are_refused_on_a_scale_of_five(waves):
    scale = waves["2008"].codebook.scale("CHG")
    with pytest.raises(ScaleError, match=r"CHG\[SQ001\].*6, 7"):
        opt.comparability(_stacked(waves, scale.items), scale, "vague")


def test_the_crude_mean_leans_towards_those_who_reply_more(study, waves):
    staff = study.table("effectifs")
    sizes = staff[staff["annee"] == 2010].groupby("categorie")["effectif"].sum().to_dict()
    scored = waves["2010"].pipe(opt.add_scores, "OBJ")
    design = opt.rake(opt.SurveyDesign(scored, population=sum(sizes.values())), {"CAT": sizes})
    shown = opt.crude_and_weighted(design, "OBJ", regime="descriptive").estimates.iloc[0]
    assert shown["crude"] > shown["high"]
