"""How kernels are compiled: decorators with one set of options.

The error model is NumPy's: a division by zero gives infinity and no exception, so that loops stay free of checks and
can be vectorised; formulas guard their denominators.

References to arrays are counted only in kernels that make some. Numba does so with locked instructions, for every
column of a table that is handed on: it took nine tenths of a loop over cohorts. What makes an array elsewhere is
refused by the compiler; what returns one has to be `making` too.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import FunctionType
from typing import Any

from numba import njit, types

from abm.engine.kernel_cache import KernelCache


def _compiled(
    *, from_python: bool = True, counted: bool = False, **options: bool
) -> Callable[[Callable[..., Any]], Any]:
    """Make a decorator. What is not called `from_python` has no wrapper for it, which unpacks all columns.

    No kernel has one for C. References to arrays are `counted`, or not.
    """
    options |= {"no_cfunc_wrapper": True, "no_cpython_wrapper": not from_python, "_nrt": counted}
    decorate = njit(error_model="numpy", **options)

    def compile_when_called(function: Callable[..., Any]) -> Any:
        found = decorate(function)
        found._cache = KernelCache(function)
        if not counted:
            found._compiler._compile_core = _returning_no_array(found._compiler._compile_core, function.__name__)
        if not from_python:
            found._insert = _keep_from_python
            found._compile_for_args = lambda *values, **named: _callable(function, counted)
        return found

    return compile_when_called


def _returning_no_array(compile_core: Callable[..., Any], name: str) -> Callable[..., Any]:
    """Refuse to compile what returns an array uncounted: whoever is given it would free it."""

    def compile_checked(arguments: Any, return_type: Any) -> Any:
        found = compile_core(arguments, return_type)
        if _holds_array(found.signature.return_type):
            raise TypeError(f"'{name}' returns an array, of which references must be counted: make it `making`")
        return found

    return compile_checked


def _holds_array(kind: Any) -> bool:
    """Whether values of a type are arrays, or tuples that hold some."""
    return isinstance(kind, types.Array) or (isinstance(kind, types.BaseTuple) and any(map(_holds_array, kind)))


def _keep_from_python(*signature: object, **how: object) -> None:
    """Do not register machine code that has no wrapper: a call from Python would crash."""


@cache
def _callable(function: FunctionType, counted: bool) -> Any:
    """Compile, with its wrapper, what is called from Python after all, as in tests."""
    twin = FunctionType(function.__code__, function.__globals__, function.__name__, function.__defaults__)
    twin.__qualname__ = f"{function.__qualname__}_from_python"  # a name of its own in the cache
    return making(twin) if counted else kernel(twin)


kernel = _compiled()
"""A formula or loop over columns."""

inlined = _compiled(from_python=False, forceinline=True)
"""A small piece of a loop, or a piece whose call would cost more than what it does."""

called = _compiled(from_python=False)
"""A piece that kernels call, too long to stand in each of them."""

driver = _compiled(nogil=True)
"""A loop that gives up the interpreter's lock, for threads."""

making = _compiled(nogil=True, counted=True)
"""A loop that makes arrays, or returns one."""

called_making = _compiled(from_python=False, counted=True)
"""A piece that makes arrays."""
