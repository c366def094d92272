"""Shipped figures and outlines; no code. What each file is stands in ``PROVENANCE.md``."""
