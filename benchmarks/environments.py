"""The peers' own Pythons: made on request, beside the project's and apart from it."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterable
from pathlib import Path

from benchmarks.session import ROOT, Peer

FOLDER = ROOT / ".venv-peers"

MODERN = ("numpy==2.4.6", "numexpr==2.14.2", "pytensor==3.0.7", "jax==0.10.2", "torch==2.13.0")
OLD = ("numpy<1.22", "scipy<1.8", "Theano==1.0.5")


def local_peers() -> list[Peer]:
    """kernelgraph, and NumPy out of the same environment."""
    return [
        Peer("kernelgraph", "kernelgraph", sys.executable),
        Peer("NumPy", "numpy", sys.executable),
    ]


def modern_peers() -> list[Peer]:
    """The peers of today, installed where they are missing."""
    python = _environment("modern", sys.executable, MODERN)
    return [
        Peer("numexpr", "numexpr", python),
        Peer("PyTensor", "pytensor", python),
        Peer("PyTensor C", "pytensor", python, {"PYTENSOR_FLAGS": "linker=cvm"}),
        Peer("JAX", "jax", python),
        Peer("torch", "torch", python),
    ]


def old_peers() -> list[Peer]:
    """Theano 1.0.5 where a Python 3.7 is found, else nothing."""
    found = find_old_python()
    if found is None:
        print("no Python 3.7 was found, so Theano 1.0.5 stays away; KERNELGRAPH_PYTHON37 names one")
        return []
    flags = "blas.ldflags=-lopenblas" if _links("-lopenblas") else "blas.ldflags="
    return [Peer("Theano", "theano", _environment("theano", found, OLD), {"THEANO_FLAGS": flags})]


def find_old_python() -> str | None:
    """A Python 3.7: the one that KERNELGRAPH_PYTHON37 names, one on PATH, or one of pyenv's."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    candidates = [
        os.environ.get("KERNELGRAPH_PYTHON37", ""),
        *map(str, sorted(root.glob("versions/3.7.*/bin/python"))),
        shutil.which("python3.7") or "",
    ]
    return next((python for python in candidates if python and _is_old(python)), None)


def _is_old(python: str) -> bool:
    check = "import sys; sys.exit(sys.version_info[:2] != (3, 7))"
    try:
        done = subprocess.run([python, "-c", check], capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


def _links(flag: str) -> bool:
    """Whether the C compiler finds a library to link with."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "main.c")
        source.write_text("int main(void) { return 0; }\n")
        command = ["cc", str(source), flag, "-o", str(Path(folder, "main"))]
        try:
            return subprocess.run(command, capture_output=True, check=False).returncode == 0
        except OSError:
            return False


def _environment(name: str, python: str, packages: Iterable[str]) -> str:
    """The Python of an environment with these packages; made anew when the list has changed."""
    folder = FOLDER / name
    inside = str(folder / "bin" / "python")
    listed = "\n".join((python, *packages))
    stamp = folder / f"ready-{hashlib.sha256(listed.encode()).hexdigest()[:16]}"
    if not stamp.exists():
        print(f"installing into {folder.relative_to(ROOT)}: {', '.join(packages)}", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        if python == sys.executable:
            venv.create(folder, with_pip=True)
        else:
            subprocess.run([python, "-m", "venv", str(folder)], check=True)
        command = [inside, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*command, *packages], check=True)
        stamp.touch()
    return inside
