"""Beliefs: what is true, what is heard, and what is believed."""
