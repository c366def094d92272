"""Departure: options to leave, what those who chose one pay, and how they are refused or go."""
