"""Projects made of coded passages without their texts: what tables export."""

from __future__ import annotations

import pandas as pd

from optima_research.coding.qualitative.projects.import_report import ReportBuilder
from optima_research.coding.qualitative.projects.project import CodedProject, coded_project, lf_text
from optima_research.language import _


def project_of_segments(frame: pd.DataFrame, report: ReportBuilder, **parts: pd.DataFrame) -> CodedProject:
    """One line of text a passage, so that positions exist and passages coded several times stay together.

    Parameters
    ----------
    frame : DataFrame of text
        ``source text code`` and, if known, ``segment`` (what makes two rows the same passage), ``coder memo date``.
    report : ReportBuilder
    **parts
        Other tables of the project.
    """
    rows = with_code_and_source(frame, report)
    rows["text"] = rows["text"].astype(str).map(lf_text)
    rows["segment"] = rows["segment"].astype(str) if "segment" in rows else rows["text"]
    for column in ("coder", "memo", "date"):
        rows[column] = rows[column].fillna("").astype(str) if column in rows else ""
    passages = rows.drop_duplicates(["source", "segment"])[["source", "segment", "text"]].copy()
    length = passages["text"].str.len() + 1
    passages["start"] = length.groupby(passages["source"]).cumsum() - length
    passages["end"] = passages["start"] + length - 1
    texts = passages.groupby("source", sort=False)["text"].agg("\n".join)
    coded = rows.drop(columns="text").merge(
        passages.drop(columns="text"), on=["source", "segment"], how="left"
    )
    message = _("Texts hold only the coded passages, one a line: nothing can be said of what was not coded.")
    report.add("lost", report.file, message)
    codings = coded[["source", "start", "end", "code", "coder", "memo", "date"]]
    return coded_project(
        pd.DataFrame({"name": texts.index, "text": texts.to_numpy(), "kind": "segments"}, dtype=object),
        codings.drop_duplicates(ignore_index=True),
        report=report.build(),
        **parts,
    )


def with_code_and_source(frame: pd.DataFrame, report: ReportBuilder) -> pd.DataFrame:
    """Rows that bear a code, each with a document; what is left out or named here is reported."""
    source = frame["source"].astype(str).str.strip()
    coded = frame["code"] != ""
    report.add("lost", report.file, _("Rows without a code were left out."), int((~coded).sum()))
    report.add("repaired", report.file, _("Rows without a document."), int((coded & (source == "")).sum()))
    return frame.assign(source=source.where(source != "", _("unnamed source")))[coded].reset_index(drop=True)
