"""How kernels are compiled: decorators with one set of options.

The error model is NumPy's: a division by zero gives infinity and no exception, so that loops stay free of checks and
can be vectorised; formulas guard their denominators.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import FunctionType
from typing import Any

from numba import njit

from abm.engine.kernel_cache import KernelCache


def _compiled(*, from_python: bool = True, **options: bool) -> Callable[[Callable[..., Any]], Any]:
    """Make a decorator. What is not called `from_python` has no wrapper for it, which unpacks all columns.

    No kernel has one for C.
    """
    decorate = njit(error_model="numpy", no_cfunc_wrapper=True, no_cpython_wrapper=not from_python, **options)

    def compile_when_called(function: Callable[..., Any]) -> Any:
        found = decorate(function)
        found._cache = KernelCache(function)
        if not from_python:
            found._insert = _keep_from_python
            found._compile_for_args = lambda *values, **named: _callable(function)
        return found

    return compile_when_called


def _keep_from_python(*signature: object, **how: object) -> None:
    """Do not register machine code that has no wrapper: a call from Python would crash."""


@cache
def _callable(function: FunctionType) -> Any:
    """Compile, with its wrapper, what is called from Python after all, as in tests."""
    twin = FunctionType(function.__code__, function.__globals__, function.__name__, function.__defaults__)
    twin.__qualname__ = f"{function.__qualname__}_from_python"  # a name of its own in the cache
    return kernel(twin)


kernel = _compiled()
"""A formula or loop over columns."""

inlined = _compiled(from_python=False, forceinline=True)
"""A small piece of a loop, or a piece whose call would cost more than what it does."""

called = _compiled(from_python=False)
"""A piece that kernels call, too long to stand in each of them."""

driver = _compiled(nogil=True)
"""A loop over blocks that gives up the interpreter's lock, for threads."""

slicing = _compiled(nogil=True, _nrt=False)
"""A loop that takes many slices and makes no array.

Numba counts the references to every slice with locked instructions, which took a sixth of the household pass; here it
does not. What makes an array is refused by the compiler, so work space comes from outside.
"""

called_slicing = _compiled(from_python=False, nogil=True, _nrt=False)
"""A piece of such a loop."""
