"""Compiled offers and adaptation of offices."""
