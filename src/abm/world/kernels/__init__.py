"""Compiled moves of members away."""
