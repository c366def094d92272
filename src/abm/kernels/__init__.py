"""Compiled formulas and loops over columns: NumPy and Numba only, no model, no configuration."""

from __future__ import annotations

from numba import config

from abm.kernels.cache import SourcesLocator, cache_base, hash_of_all

_OURS = f"{SourcesLocator.__module__}.{SourcesLocator.__name__}"
_USUAL = "UserProvidedCacheLocator,InTreeCacheLocator,UserWideCacheLocator,IPythonCacheLocator,ZipCacheLocator"

if hasattr(config, "CACHE_LOCATOR_CLASSES"):
    config.CACHE_LOCATOR_CLASSES = f"{_OURS},{config.CACHE_LOCATOR_CLASSES or _USUAL}"
else:  # an older Numba: any change compiles everything again
    config.CACHE_DIR = str(cache_base() / hash_of_all())
