"""How kernels are compiled: decorators with one set of options.

The error model is NumPy's: a division by zero gives infinity and no exception, so that loops stay free of checks and
can be vectorised; formulas guard their denominators.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit

from abm.engine.kernel_cache import KernelCache


def _compiled(**options: bool) -> Callable[[Callable[..., Any]], Any]:
    """Make a decorator. No kernel is handed to C: the wrapper for it, which unpacks columns once more, took time."""
    decorate = njit(error_model="numpy", no_cfunc_wrapper=True, **options)

    def compile_when_called(function: Callable[..., Any]) -> Any:
        found = decorate(function)
        found._cache = KernelCache(function)
        return found

    return compile_when_called


kernel = _compiled()
"""A formula or loop over columns."""

inlined = _compiled(forceinline=True)
"""A small piece of a loop, or a piece whose call would cost more than what it does."""

driver = _compiled(nogil=True)
"""A loop over blocks that gives up the interpreter's lock, for threads."""

slicing = _compiled(nogil=True, _nrt=False)
"""A loop that takes many slices and makes no array.

Numba counts the references to every slice with locked instructions, which took a sixth of the household pass; here it
does not. What makes an array is refused by the compiler, so work space comes from outside.
"""
