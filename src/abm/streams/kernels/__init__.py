"""Compiled bondage."""
