"""One catalogue, two languages: every word a reader sees passes through here."""

from optima_research.language.catalogue import _, current_language, set_language, using_language

__all__ = ["_", "current_language", "set_language", "using_language"]
