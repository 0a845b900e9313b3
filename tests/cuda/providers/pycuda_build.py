"""PyCUDA built from its source against the stand-in for the driver library, where there is no CUDA
toolkit: with headers that pip has, and the functions that the stand-in lacks answering "not
supported".
"""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
from pathlib import Path

HERE = Path(__file__).parent
SOURCE = "pycuda==2026.1"
HEADERS = ("nvidia-cuda-runtime", "nvidia-cuda-crt", "nvidia-cuda-profiler-api")
NEEDED = ("pytools", "mako", "platformdirs")

_SETTINGS = """\
USE_SHIPPED_BOOST = True
CUDA_ENABLE_GL = CUDA_ENABLE_CURAND = False
CUDA_ROOT = CUDA_INC_DIR = [{headers!r}]
CUDADRV_LIB_DIR = CUDART_LIB_DIR = [{stand_in!r}]
CUDADRV_LIBNAME = ["cuda"]
CXXFLAGS = ["-O0", "-g0", "-w"]
LDFLAGS = []
"""


def build(folder: Path, stand_in: Path, constraints: Path) -> Path:
    """A folder for PYTHONPATH with PyCUDA in it. Raises CalledProcessError where it cannot be."""
    pip = [sys.executable, "-m", "pip", "--quiet"]
    site, headers = folder / "site", folder / "headers"
    into = ["install", "--constraint", str(constraints), "--target"]
    _run([*pip, *into, str(headers), "--no-deps", *HEADERS])
    _run([*pip, *into, str(site), *NEEDED])
    _run([*pip, "download", "--no-deps", "--dest", str(folder), SOURCE])  # it has no wheels
    (archive,) = folder.glob("pycuda-*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    source = folder / archive.name.removesuffix(".tar.gz")
    include = next(headers.rglob("cuda.h")).parent
    settings = _SETTINGS.format(headers=str(include), stand_in=str(stand_in))
    (source / "siteconf.py").write_text(settings)
    _run([*pip, "install", "--no-deps", "--target", str(site), str(source)])
    _complete(stand_in, next((site / "pycuda").glob("_driver*.so")))
    return site


def _complete(stand_in: Path, extension: Path) -> None:
    """Give the stand-in the functions that the extension wants besides."""
    command = ["nm", "-D", "--undefined-only", str(extension)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    text = (HERE / "driver.c").read_text()
    wanted = sorted(set(re.findall(r"\b(cu[A-Z]\w*)", said)))
    missing = [name for name in wanted if not re.search(rf"result {name}\(", text)]
    more = "".join(f"result {name}(void) {{ return 801; }}\n" for name in missing)
    (stand_in / "driver.c").write_text(text + more)
    library = stand_in / "libcuda.so.1"
    link = ["-Wl,-soname,libcuda.so.1", "-o", str(library), str(stand_in / "driver.c"), "-ldl"]
    _run(["gcc", "-w", "-shared", "-fPIC", *link])


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=600)
