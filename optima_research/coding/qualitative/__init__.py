"""Coded interviews beside the survey: projects of coding tools, agreement, saturation, French text statistics."""
