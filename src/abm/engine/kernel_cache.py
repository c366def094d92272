"""Where Numba keeps compiled kernels: under a name made of all sources that went into one.

Numba looks at the file of a kernel alone, so it would not notice that a kernel in another file, which this one calls,
has changed, or the columns that it takes. Here a kernel is known by the text of its file, of all modules that this one
imports, directly or not, and of the records that kernels take. A changed file recompiles what depends on it and nothing
else; copies of the same version share their compiled kernels, wherever they lie.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import stat
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Self

from llvmlite import binding as llvm
from numba import __version__ as numba_version
from numba.core.caching import CompileResultCacheImpl, FunctionCache, IndexDataCacheFile
from numba.core.codegen import JITCodeLibrary, JITCPUCodegen
from numba.core.runtime.nrt import rtsys

from abm.engine.errors import AbmError
from abm.engine.version import code_hash

PACKAGE = Path(__file__).parents[1]
"""Folder of all of our modules."""

SHIPPED = PACKAGE / "compiled_kernels"
"""Folder of kernels that come with a wheel; nowhere else is there one."""

SHIPPED_FOR = "x86-64-v3"
"""Level of processors that these are compiled for, common since 2013 to 2015. They give the same bits as those compiled
for the processor at hand, and fill narrower registers."""

LEVEL_NEEDS = (
    "avx", "avx2", "bmi", "bmi2", "cx16", "f16c", "fma", "lzcnt", "movbe", "popcnt", "sahf", "sse4.2", "xsave",
)  # fmt: skip
"""What a processor of that level can do. Source: x86-64 psABI 1.0, table 3.1."""


def cache_base() -> Path:
    """Folder below which kernels are kept: NUMBA_CACHE_DIR, or the user's cache, or where temporary files go.

    Kernels are code, which Numba unpickles: only a folder that nobody else can write to is used.

    Raises
    ------
    AbmError
        If there is none that only the user may write to.
    """
    wanted = os.environ.get("NUMBA_CACHE_DIR")
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    usual = (os.path.join(home, "abm", "kernels"), os.path.join(tempfile.gettempdir(), f"abm-kernels-{os.geteuid()}"))
    refusals = []
    for base in map(Path, (wanted,) if wanted else usual):
        problem = _make_private(base)
        if not problem:
            return base
        refusals.append(f"'{base}' {problem}")
    raise AbmError(
        f"there is no folder for compiled kernels: {'; '.join(refusals)}. They are code, so that the folder has to be "
        "yours, and writable by nobody else; name another in NUMBA_CACHE_DIR, which is created if it does not exist"
    )


def mark_of_shipped(folder: Path) -> Path:
    """File that says: this folder holds all kernels as they are now, for this system, Python and Numba."""
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return folder / f"{hash_of_all()}-{llvm.get_process_triple()}-{python}-numba{numba_version}"


def are_shipped() -> bool:
    """Whether the package brings its kernels, in a form that this processor, Python and Numba can use."""
    if not SHIPPED.exists():
        return False
    can = llvm.get_host_cpu_features()
    return all(can.get(need, False) for need in LEVEL_NEEDS) and mark_of_shipped(SHIPPED).exists()


def _make_private(folder: Path) -> str:
    """Make a folder private to the user, or accept one that only they can write to; else say why not."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode):
            return "is a link" if stat.S_ISLNK(found.st_mode) else "is not a folder"
        if found.st_uid != os.geteuid():
            return f"belongs to another user ({found.st_uid})"
        if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            return f"may be written to by others (mode {stat.S_IMODE(found.st_mode):o})"
    except OSError as error:
        return f"cannot be made ({error.strerror})"
    return "" if os.access(folder, os.W_OK) else "cannot be written to"


def hash_of_all() -> str:
    """Hash of the sources of all kernels, and of all that they take."""
    return hashlib.sha256(repr(_hashes()).encode()).hexdigest()[:16]


def hash_of(path: Path) -> str:
    """Hash of all sources that go into the kernels of a file."""
    return _hashes()[str(path.relative_to(PACKAGE))]


@cache
def _hashes() -> dict[str, str]:
    """Hash by file of kernels; kept by the hash of the whole package, which a run needs anyway."""
    kept = cache_base() / f"hashes-{code_hash()[:16]}"
    with suppress(OSError, ValueError):
        return json.loads(kept.read_text(encoding="utf-8"))
    found = {str(path.relative_to(PACKAGE)): _hash_of(path) for path in _kernel_files()}
    with suppress(OSError):
        kept.write_text(json.dumps(found), encoding="utf-8")
    return found


def _hash_of(path: Path) -> str:
    found: set[Path] = set()
    todo = {path}
    while todo:
        found |= todo
        todo = {other for one in todo for other in _imported(one)} - found
    return _hash(found)


@cache
def _texts() -> dict[Path, str]:
    """Text of every module of ours."""
    return {path: path.read_text(encoding="utf-8") for path in sorted(PACKAGE.rglob("*.py"))}


@cache
def _kernel_files() -> tuple[Path, ...]:
    """Files that hold kernels: those that import how kernels are compiled."""
    return tuple(path for path, text in _texts().items() if f"from {__package__}.compiled import" in text)


_IMPORT = re.compile(rf"^\s*from ({PACKAGE.name}[\w.]*) import (\([^)]*\)|.*)", re.MULTILINE)


@cache
def _imported(path: Path) -> tuple[Path, ...]:
    """Modules of ours that one imports."""
    found = _IMPORT.findall(path.read_text(encoding="utf-8"))
    names = {
        name for module, what in found for name in (module, *(f"{module}.{part}" for part in re.findall(r"\w+", what)))
    }
    files = {PACKAGE.joinpath(*name.split(".")[1:]).with_suffix(".py") for name in names if "." in name}
    return tuple(sorted(file for file in files if file.is_file()))


@cache
def _records() -> bytes:
    """Records that kernels take, as declared, without their texts."""
    held = (path for path, text in _texts().items() if re.search(r"= namedtuple\(|\(NamedTuple\):", text))
    return "".join(map(_bare, held)).encode()


def _bare(path: Path) -> str:
    """Named tuples of a file without units, texts and docstrings."""
    lines = [str(path.relative_to(PACKAGE))]
    for node in ast.parse(_texts()[path]).body:
        is_class = isinstance(node, ast.ClassDef) and "NamedTuple" in map(ast.unparse, node.bases)
        if is_class or (isinstance(node, ast.Assign) and "namedtuple(" in ast.unparse(node.value)):
            for call in (part for part in ast.walk(node) if isinstance(part, ast.Call)):
                call.keywords = [given for given in call.keywords if given.arg not in {"unit", "text"}]
            if isinstance(node, ast.ClassDef):
                node.body = [part for part in node.body if isinstance(part, ast.AnnAssign)]
            lines.append(ast.dump(node))
    return "\n".join(lines)


def _hash(paths: set[Path]) -> str:
    found = hashlib.sha256(_records())
    for path in sorted(paths):
        text = path.read_bytes()
        found.update(f"{path.relative_to(PACKAGE)} {len(text)} ".encode() + text)
    return found.hexdigest()[:16]


class SourcesLocator:
    """Tells Numba where the kernels of a file are kept; of its interface for this, ``NUMBA_CACHE_LOCATOR_CLASSES``."""

    def __init__(self, path: Path, line: int) -> None:
        self.stamp = hash_of(path)
        self.folder = cache_base() / f"{path.stem}-{self.stamp}"
        self.line = line

    @classmethod
    def from_function(cls, py_func: Callable[..., object], py_file: str) -> Self | None:
        """Locator of one of our kernels; None for any other function."""
        path = Path(py_file)
        if not path.is_relative_to(PACKAGE):
            return None
        found = cls(path, py_func.__code__.co_firstlineno)
        found.ensure_cache_path()
        return found

    def ensure_cache_path(self) -> None:
        """Make the folder, and see whether one may write there."""
        if problem := _make_private(self.folder):
            raise AbmError(f"compiled kernels cannot be kept: '{self.folder}' {problem}; remove it")

    def get_cache_path(self) -> str:
        """Folder of the compiled kernels of this file."""
        return str(self.folder)

    def get_source_stamp(self) -> str:
        """Stamp that has to match for a compiled kernel to be reused."""
        return self.stamp

    def get_disambiguator(self) -> str:
        """Tell kernels of one name in one file apart."""
        return str(self.line)


class _KernelCacheFiles(CompileResultCacheImpl):  # type: ignore[misc]
    _locator_classes = (SourcesLocator, *CompileResultCacheImpl._locator_classes)


class KernelCache(FunctionCache):  # type: ignore[misc]
    """Cache of one kernel, which is opened at the first call, and loads without preparing to compile."""

    _impl_class = _KernelCacheFiles

    takes_shipped = False
    """Whether kernels that are not in the cache are taken from `SHIPPED`, if there are any."""

    def __init__(self, py_func: Callable[..., object]) -> None:
        self._py_func = py_func

    def __getattr__(self, name: str) -> Any:
        """Open the cache, when something of it is needed."""
        super().__init__(self._py_func)
        return object.__getattribute__(self, name)

    def load_overload(self, sig: object, target_context: Any) -> object:
        """Load the kernel for a signature; None if it has to be compiled."""
        rtsys.initialize(target_context)
        found = self._load_overload(sig, target_context)
        return self._load_shipped(sig, target_context) if found is None and KernelCache.takes_shipped else found

    def _load_shipped(self, sig: object, target_context: Any) -> object:
        kept, (signature, (triple, *_), code) = self._impl, self._index_key(sig, target_context.codegen())
        folder = SHIPPED / kept.locator.folder.name
        files = IndexDataCacheFile(str(folder), kept.filename_base, kept.locator.stamp)
        data = files.load((signature, (triple, SHIPPED_FOR, ""), code))
        return None if data is None else kept.rebuild(target_context, data)


class _Library(JITCodeLibrary):  # type: ignore[misc]
    """Machine code from a cache, whose form for the compiler is read when another kernel is compiled from it."""

    _bitcode = b""
    _shared_module: Any

    @classmethod
    def _unserialize(cls, codegen: Any, state: Any) -> Any:
        name, kind, data = state
        if kind != "object":
            return super()._unserialize(codegen, state)
        found = cls(codegen, name)
        code, found._bitcode = data
        found.enable_object_caching()
        found._set_compiled_object(code)
        found._finalize_final_module()
        return found

    def _optimize_functions(self, ll_module: Any) -> None:
        """Leave it to the passes over the whole module, which are enough: a tenth of the time to compile."""
        ll_module.data_layout = self._codegen._data_layout

    def _get_module_for_linking(self) -> Any:
        if self._bitcode and self._shared_module is None:
            self._shared_module = llvm.parse_bitcode(self._bitcode)
            self._codegen._engine._load_defined_symbols(self._shared_module)
        return super()._get_module_for_linking()

    def get_pointer_to_function(self, name: str) -> int:
        """Address of a function of this library."""
        if self._bitcode:
            return self._codegen._engine.get_function_address(name)
        return super().get_pointer_to_function(name)


JITCPUCodegen._library_class = _Library
