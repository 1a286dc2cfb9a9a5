"""Coding: from answers and interviews to scores, axes, classes and codes."""
