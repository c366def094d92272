"""The world of a run: its columns and state, codes, levers in use, and what a mechanism and a phase are."""
