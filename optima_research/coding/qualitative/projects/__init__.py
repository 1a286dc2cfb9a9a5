"""Coded interviews in hand: the project, its tree of codes, its units, speakers and passages."""
