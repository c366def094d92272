"""How kernels are compiled: three decorators, one set of options.

The error model is NumPy's: a division by zero gives infinity and no exception, so that loops stay free of checks and
can be vectorised; formulas guard their denominators.
"""

from __future__ import annotations

from numba import njit

kernel = njit(cache=True, error_model="numpy")
"""A formula or loop over columns."""

inlined = njit(cache=True, error_model="numpy", inline="always")
"""A small piece of a loop, or a piece whose call would cost more than what it does."""

driver = njit(cache=True, error_model="numpy", nogil=True)
"""A loop over blocks that gives up the interpreter's lock, for threads."""
