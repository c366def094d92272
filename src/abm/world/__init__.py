"""The world of a run: households, villages and members away as columns, codes, and what a mechanism and a phase are."""
