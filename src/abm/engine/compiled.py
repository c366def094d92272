"""How kernels are compiled: decorators with one set of options.

The error model is NumPy's: a division by zero gives infinity and no exception, so that loops stay free of checks and
can be vectorised; formulas guard their denominators.
"""

from __future__ import annotations

from numba import config, njit

from abm.engine.kernel_cache import SourcesLocator, cache_base, hash_of_all

_OURS = f"{SourcesLocator.__module__}.{SourcesLocator.__name__}"
_USUAL = "UserProvidedCacheLocator,InTreeCacheLocator,UserWideCacheLocator,IPythonCacheLocator,ZipCacheLocator"

if hasattr(config, "CACHE_LOCATOR_CLASSES"):
    config.CACHE_LOCATOR_CLASSES = f"{_OURS},{config.CACHE_LOCATOR_CLASSES or _USUAL}"
else:  # an older Numba: any change compiles everything again
    config.CACHE_DIR = str(cache_base() / hash_of_all())

_OPTIONS = {"cache": True, "error_model": "numpy", "no_cfunc_wrapper": True}
"""No kernel is handed to C: the wrapper for it, which unpacks every column once more, took time to compile."""

kernel = njit(**_OPTIONS)
"""A formula or loop over columns."""

inlined = njit(**_OPTIONS, forceinline=True)
"""A small piece of a loop, or a piece whose call would cost more than what it does."""

driver = njit(**_OPTIONS, nogil=True)
"""A loop over blocks that gives up the interpreter's lock, for threads."""

slicing = njit(**_OPTIONS, nogil=True, _nrt=False)
"""A loop that takes many slices and makes no array.

Numba counts the references to every slice with locked instructions, which took a sixth of the household pass; here it
does not. What makes an array is refused by the compiler, so work space comes from outside.
"""
