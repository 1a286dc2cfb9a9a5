"""Simulated raw exports with known truth."""
