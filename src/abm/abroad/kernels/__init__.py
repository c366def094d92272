"""Compiled loops over claims."""
