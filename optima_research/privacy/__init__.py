"""Nobody is exposed: disclosure policies, identifiers, pseudonyms, re-identification risk."""

from optima_research.privacy.disclosure import group_sizes_hidden, protect
from optima_research.privacy.policies import AUDIENCES, POLICIES, Policy, named_policy

__all__ = ["AUDIENCES", "POLICIES", "Policy", "group_sizes_hidden", "named_policy", "protect"]
