"""Journeys: cohorts under way, and how their journeys end."""
