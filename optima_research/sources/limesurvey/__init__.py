"""LimeSurvey: structures, archives, and every form of response export."""
