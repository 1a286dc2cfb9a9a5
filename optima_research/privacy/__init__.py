"""Nobody is exposed: disclosure policies, identifiers, pseudonyms, re-identification risk."""

from optima_research.codebook.identifiers import IdentifierKind, count_identifiers, find_identifiers, is_nir
from optima_research.privacy.differencing import Differences, Guard, Release
from optima_research.privacy.disclosure import group_sizes_hidden, protect
from optima_research.privacy.hierarchy import ProtectedCube, protected_counts
from optima_research.privacy.keys import Key, create_key, destroy_key, read_key
from optima_research.privacy.merges import MergePlan, propose_merges
from optima_research.privacy.policies import AUDIENCES, POLICIES, Policy, named_policy
from optima_research.privacy.pseudonyms import pseudonym, pseudonymise, pseudonyms
from optima_research.privacy.risk import RiskReport, profile_sizes, reidentification_risk
from optima_research.privacy.scan import IdentifierScan, quarantine, scan
from optima_research.privacy.values import value_table
from optima_research.privacy.verbatims import Vault, anonymise_texts
from optima_research.sources.nir import refuse_nir

__all__ = [
    "AUDIENCES",
    "POLICIES",
    "Differences",
    "Guard",
    "IdentifierKind",
    "IdentifierScan",
    "Key",
    "MergePlan",
    "Policy",
    "ProtectedCube",
    "Release",
    "RiskReport",
    "Vault",
    "anonymise_texts",
    "count_identifiers",
    "create_key",
    "destroy_key",
    "find_identifiers",
    "group_sizes_hidden",
    "is_nir",
    "named_policy",
    "profile_sizes",
    "propose_merges",
    "protect",
    "protected_counts",
    "pseudonym",
    "pseudonymise",
    "pseudonyms",
    "quarantine",
    "read_key",
    "refuse_nir",
    "reidentification_risk",
    "scan",
    "value_table",
]
