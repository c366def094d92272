"""Runs and, later, sweeps of runs."""
