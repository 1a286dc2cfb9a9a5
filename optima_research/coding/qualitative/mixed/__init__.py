"""Interviews beside something else: a survey, indicators, a machine's classes, another coder's ears."""
