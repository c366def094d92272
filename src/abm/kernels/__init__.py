"""Compiled formulas and loops over columns: NumPy and Numba only, no model, no configuration."""
