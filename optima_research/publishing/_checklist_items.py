"""What referees of surveys and interviews ask for, in our words, with the places in the published checklists.

Kinds: ``"automatic"`` comes from the data and the study, ``"prefilled"`` is completed by the author, ``"manual"`` is
the author's alone. Item numbers follow CROSS (Sharma et al. 2021), CHERRIES (Eysenbach 2004), COREQ (Tong et al. 2007),
STROBE (2007), MMAT (2018) and GRAMMS (O'Cathain et al. 2008); check them against the journal's form before printing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from optima_research.language import _

Kind = Literal["automatic", "prefilled", "manual"]


@dataclass(frozen=True)
class Item:
    """One thing a referee asks: a key for its answer, the question, where it stands in each standard, who answers."""

    key: str
    question: str
    standards: tuple[tuple[str, str], ...]
    kind: Kind


def items() -> tuple[Item, ...]:
    """Every item, in the order of an article."""
    return (*_collection(), *_quality(), *_analysis(), *_interviews(), *_mixed(), *_conduct())


def _collection() -> tuple[Item, ...]:
    return (
        _item("flow", _("Flow: invited, opened, completed, excluded with reasons, analysed"),
              "automatic", CROSS="11", CHERRIES="3", STROBE="13"),
        _item("response_rates", _("Response rates, with their definition"),
              "automatic", CROSS="11", CHERRIES="3", AAPOR="RR"),
        _item("fieldwork", _("Dates, mode, reminders, language, incentive"), "prefilled", CROSS="7", CHERRIES="2"),
        _item("instrument", _("Instrument: number of questions, scoring, scales"), "automatic", CROSS="5a-5b"),
        _item("reliability", _("Reliability of each scale, with intervals"), "automatic", CROSS="5b"),
        _item("questionnaire", _("Full questionnaire as an annex"), "automatic", CROSS="5d"),
        _item("pretest", _("Pretest of the questionnaire"), "prefilled", CROSS="5c"),
        _item("sample_size", _("Sample size: reasoning, margin of error, smallest detectable difference"),
              "automatic", CROSS="6"),
    )  # fmt: skip


def _quality() -> tuple[Item, ...]:
    return (
        _item("representativeness", _("Respondents compared with the population they stand for"),
              "automatic", CROSS="6", MMAT="4.2"),
        _item("missing", _("Missing data: how much, where, what was done about it"),
              "automatic", CROSS="10", STROBE="12"),
        _item("nonresponse", _("Non-response: early and late answers, weights, crude beside weighted"),
              "automatic", CROSS="10", MMAT="4.4"),
        _item("careless", _("Duplicates, hasty and uniform answers"), "automatic", CHERRIES="4"),
        _item("attrition", _("Between waves: linkage, losses, who was lost"), "automatic", CROSS="10"),
    )  # fmt: skip


def _analysis() -> tuple[Item, ...]:
    return (
        _item("effects", _("Effect sizes with intervals, crude and adjusted"), "automatic", CROSS="13", APA="JARS"),
        _item("multiplicity", _("Multiple tests: the family declared, the correction"), "automatic", APA="JARS"),
        _item("sensitivity", _("Sensitivity of the results to the choices made"), "automatic", CROSS="10"),
        _item("software", _("Software, versions, seed"),
              "automatic", CROSS="10", CHERRIES="5", STROBE="12", APA="JARS"),
        _item("hypotheses", _("Hypotheses dated before the data; the rest said to be exploratory"),
              "automatic", CROSS="3", APA="JARS"),
    )  # fmt: skip


def _interviews() -> tuple[Item, ...]:
    return (
        _item("coders", _("Coders, coding tree, how themes were derived"), "prefilled", COREQ="24-26", MMAT="1.3"),
        _item("agreement", _("Agreement between coders, before discussion"), "automatic", COREQ="24", MMAT="1.4"),
        _item("participants", _("Participants: how chosen, refusals, duration, setting"),
              "prefilled", COREQ="10-16, 21"),
        _item("saturation", _("Saturation, or why it does not apply"), "automatic", COREQ="22"),
        _item("quotations", _("Quotations with the number of the participant, from several of them"),
              "automatic", COREQ="29"),
        _item("member_checking", _("Results given back to participants, and what they said"), "automatic", COREQ="28"),
        _item("divergence", _("Cases that do not fit"), "prefilled", COREQ="32", MMAT="5.4"),
        _item("reflexivity", _("The researcher's position in the organisation studied"), "manual", COREQ="1-8"),
    )  # fmt: skip


def _mixed() -> tuple[Item, ...]:
    return (
        _item("mixed_justification", _("Why two methods, in which order, which first"),
              "prefilled", GRAMMS="1-2", MMAT="5.1"),
        _item("mixed_methods", _("Each method: sampling, collection, analysis"), "automatic", GRAMMS="3", MMAT="5.5"),
        _item("integration", _("Where and how the two were put together"), "automatic", GRAMMS="4", MMAT="5.2"),
        _item("mixed_limits", _("What one method limits in the other; what joining them taught"),
              "prefilled", GRAMMS="5-6", MMAT="5.3"),
    )  # fmt: skip


def _conduct() -> tuple[Item, ...]:
    return (
        _item("ethics", _("Legal basis, data protection officer, information and consent"),
              "prefilled", CROSS="9", CHERRIES="1"),
        _item("disclosure", _("How nobody can be recognised in what is published"), "automatic", CROSS="9"),
        _item("data_access", _("Where data, codebook and code can be had"), "prefilled", CROSS="18", APA="JARS"),
        _item("limits", _("Limits: what the design cannot tell"), "prefilled", CROSS="14", STROBE="19"),
        _item("funding", _("Funding, interests, role of the partner"), "manual", CROSS="17", STROBE="22"),
    )  # fmt: skip


def _item(key: str, question: str, kind: Kind, **standards: str) -> Item:
    return Item(key, question, tuple(standards.items()), kind)
