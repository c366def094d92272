"""Compiled loops over households."""
