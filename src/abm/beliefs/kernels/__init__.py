"""Compiled learning of villages."""
