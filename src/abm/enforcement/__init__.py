"""Enforcement: patrols, circles, leads, cases and courts."""
