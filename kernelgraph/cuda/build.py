"""From CUDA text to code for an architecture: the compile cache first, then NVRTC, then nvcc.

No GPU and no driver are needed: what a GPU would run can be compiled and looked at anywhere.
"""

from __future__ import annotations

import hashlib
import json
import re

from kernelgraph.c import entry
from kernelgraph.c.cache import Cache, open_cache
from kernelgraph.c.diagnostics import blame
from kernelgraph.c.entry import DamagedEntryError
from kernelgraph.cuda import nvcc, nvrtc
from kernelgraph.cuda.compiled import Compiled, packed, unpacked
from kernelgraph.errors import CompileError, DeviceError
from kernelgraph.writer import Source

Compiler = nvrtc.Nvrtc | nvcc.Nvcc

_ERROR = re.compile(rf"{re.escape(nvrtc.FILE.strip('/'))}\(([0-9]+)\): error")


def build(source: Source | str, arch: str, cache: Cache | None = None) -> Compiled:
    """A program compiled for an architecture, as "sm_90"; from the cache, or compiled and kept.

    Raises `CompileError` for a program that the compiler refuses, at the user's line where the
    source knows it; `DeviceError` (KG-X001) where there is no compiler or it does not know the
    architecture; `CacheSecurityError` when others could have written what is in the cache.
    """
    compiler = find()
    text = str(source)
    key = _key(compiler, text, arch)
    cache = cache or open_cache()
    if found := _kept(cache, key):
        return found
    with cache.lock(f"cuda-{key[:2]}"):
        if found := _kept(cache, key):
            return found
        try:
            made = compiler.compile(text, arch)
        except CompileError as error:
            if path := cache.keep_refused(key, text, error.log):
                error.hint = f"see what was compiled: {path}"
            if isinstance(source, Source):
                locate(error, source)
            raise
        cache.store(key, packed(made), {"compiler": made.compiler, "arch": arch})
    return made


def find() -> Compiler:
    """NVRTC, or nvcc where there is none; raises `DeviceError` where there is neither."""
    try:
        return nvrtc.find()
    except DeviceError as error:
        try:
            return nvcc.find()
        except DeviceError as other:
            error.because = "; ".join(filter(None, (error.because, other.message)))
        raise


def _key(compiler: Compiler, text: str, arch: str) -> str:
    options = nvrtc.OPTIONS if isinstance(compiler, nvrtc.Nvrtc) else nvcc.OPTIONS
    parts = [entry.FORMAT, "cuda", compiler.identity, options, arch, text]
    return hashlib.sha256(json.dumps(parts).encode("ascii")).hexdigest()


def _kept(cache: Cache, key: str) -> Compiled | None:
    try:
        body = cache.load(key)
        return None if body is None else unpacked(body)
    except DamagedEntryError as error:
        cache.quarantine(key, str(error))
        return None


def locate(error: CompileError, source: Source) -> None:
    """Give an error the place of the nodes that are on the line which the compiler refused."""
    found = _ERROR.search(error.log)
    if found:
        blame(error, source, int(found.group(1)))
