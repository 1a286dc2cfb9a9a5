"""Coded interviews beside the survey: projects of coding tools, agreement, saturation, French text statistics."""

from optima_research.coding.qualitative.coders.agreement import Agreement, agreement
from optima_research.coding.qualitative.coders.agreement_planning import units_to_double_code
from optima_research.coding.qualitative.coders.coding_agreement import CodingAgreement, coding_agreement
from optima_research.coding.qualitative.coders.consensus import settle
from optima_research.coding.qualitative.coders.unitizing import UnitizingAgreement, unitizing_alpha
from optima_research.coding.qualitative.codes.code_matrix import CodeMatrix, code_matrix
from optima_research.coding.qualitative.codes.coding_frame import CodingFrame, coding_frame
from optima_research.coding.qualitative.codes.cooccurrence import Cooccurrence, cooccurrence
from optima_research.coding.qualitative.codes.saturation import Saturation, saturation
from optima_research.coding.qualitative.codes.verbatims import Verbatims, verbatims
from optima_research.coding.qualitative.files.coded_table import read_coded_table, read_nvivo_matrix
from optima_research.coding.qualitative.files.maxqda import read_maxqda
from optima_research.coding.qualitative.files.qualcoder import read_qualcoder
from optima_research.coding.qualitative.files.refi_qda import read_qdc, read_qdpx
from optima_research.coding.qualitative.files.refi_qda_validate import repair, validate
from optima_research.coding.qualitative.files.refi_qda_write import write_qdc, write_qdpx
from optima_research.coding.qualitative.files.taguette import read_taguette
from optima_research.coding.qualitative.mixed.classes_and_codes import ClassesAndCodes, classes_and_codes
from optima_research.coding.qualitative.mixed.heard_apart import HeardApart, heard_apart
from optima_research.coding.qualitative.mixed.joint_display import JointDisplay, Reading, joint_display
from optima_research.coding.qualitative.mixed.linking import (
    InterviewQuotas,
    Linkage,
    interview_quotas,
    link_by_pseudonym,
)
from optima_research.coding.qualitative.mixed.two_readings import TwoReadings, two_readings
from optima_research.coding.qualitative.projects.code_tree import (
    diff_code_trees,
    merge_codes,
    move_code,
    redefine_code,
    rename_code,
)
from optima_research.coding.qualitative.projects.coding_units import coding_units
from optima_research.coding.qualitative.projects.combine import combine_projects
from optima_research.coding.qualitative.projects.import_report import ImportReport
from optima_research.coding.qualitative.projects.project import CodedProject, coded_project
from optima_research.coding.qualitative.projects.project_scope import project_scope
from optima_research.coding.qualitative.projects.retrieval import Query, coded, kwic, retrieve
from optima_research.coding.qualitative.words.corpus import Corpus
from optima_research.coding.qualitative.words.iramuteq import read_iramuteq, write_iramuteq
from optima_research.coding.qualitative.words.keyness import keyness
from optima_research.coding.qualitative.words.lexical_table import lexical_correspondence
from optima_research.coding.qualitative.words.lexicon_fr import Lexicon
from optima_research.coding.qualitative.words.project_corpus import project_corpus
from optima_research.coding.qualitative.words.reinert import Reinert, reinert
from optima_research.coding.qualitative.words.reinert_double import DoubleReinert, reinert_double
from optima_research.coding.qualitative.words.similarity import SimilarityGraph, similarity_graph
from optima_research.coding.qualitative.words.specificities import (
    SpecificForms,
    specific_forms,
    specificities,
)
from optima_research.coding.qualitative.words.term_matrix import TermMatrix
from optima_research.coding.qualitative.words.tokens import tokenize

__all__ = [
    "Agreement",
    "ClassesAndCodes",
    "CodeMatrix",
    "CodedProject",
    "CodingAgreement",
    "CodingFrame",
    "Cooccurrence",
    "Corpus",
    "DoubleReinert",
    "HeardApart",
    "ImportReport",
    "InterviewQuotas",
    "JointDisplay",
    "Lexicon",
    "Linkage",
    "Query",
    "Reading",
    "Reinert",
    "Saturation",
    "SimilarityGraph",
    "SpecificForms",
    "TermMatrix",
    "TwoReadings",
    "UnitizingAgreement",
    "Verbatims",
    "agreement",
    "classes_and_codes",
    "code_matrix",
    "coded",
    "coded_project",
    "coding_agreement",
    "coding_frame",
    "coding_units",
    "combine_projects",
    "cooccurrence",
    "diff_code_trees",
    "heard_apart",
    "interview_quotas",
    "joint_display",
    "keyness",
    "kwic",
    "lexical_correspondence",
    "link_by_pseudonym",
    "merge_codes",
    "move_code",
    "project_corpus",
    "project_scope",
    "read_coded_table",
    "read_iramuteq",
    "read_maxqda",
    "read_nvivo_matrix",
    "read_qdc",
    "read_qdpx",
    "read_qualcoder",
    "read_taguette",
    "redefine_code",
    "reinert",
    "reinert_double",
    "rename_code",
    "repair",
    "retrieve",
    "saturation",
    "settle",
    "similarity_graph",
    "specific_forms",
    "specificities",
    "tokenize",
    "two_readings",
    "unitizing_alpha",
    "units_to_double_code",
    "validate",
    "verbatims",
    "write_iramuteq",
    "write_qdc",
    "write_qdpx",
]
