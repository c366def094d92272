"""Journeys: cohorts under way, and how they come home."""
