"""Compiled fates of journeys and contracts."""
