"""What the tests of the C back end share: compilers that misbehave, one cache for a whole run."""

from __future__ import annotations

import os
import stat
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kernelgraph.c.build import Builder
from kernelgraph.c.cache import Cache
from kernelgraph.c.toolchain import find

MakeCompiler = Callable[[str], str]
MakeBuilder = Callable[[str | os.PathLike[str]], Builder]


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings of whoever runs the tests do not count."""
    for name in ("CC", "CFLAGS", "KERNELGRAPH_CC", "KERNELGRAPH_CACHE", "KERNELGRAPH_ISA"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def shared_builder(tmp_path_factory: pytest.TempPathFactory) -> Builder:
    """One cache for all tests that only need something compiled."""
    cache = Cache(str(tmp_path_factory.mktemp("cache") / "kernelgraph"))
    return Builder(cache, find(cache.remember))


@pytest.fixture
def make_builder() -> MakeBuilder:
    """A builder with a cache of its own in the folder given."""

    def make(root: str | os.PathLike[str]) -> Builder:
        cache = Cache(os.fspath(root))
        return Builder(cache, find(cache.remember))

    return make


@pytest.fixture
def fake_compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeCompiler:
    """Write a shell script and make it the C compiler; it sees real requests only.

    What is asked to learn about a compiler (its version, a probe of its flags) goes to the real
    one; the script may do so too, with `exec gcc "$@"`.
    """

    def make(script: str) -> str:
        path = tmp_path / "fake cc"
        path.write_text(
            "#!/bin/sh\n"
            'case " $* " in *" --version "*|*" -E "*) exec gcc "$@";; esac\n'
            f"cd {quoted(tmp_path)} && here=$PWD && cd - >/dev/null\n" + textwrap.dedent(script)
        )
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("KERNELGRAPH_CC", quoted(path))
        return str(path)

    return make


@pytest.fixture
def run_python(tmp_path: Path) -> Callable[..., Any]:
    """Start a fresh Python that imports this package, with its output in pipes."""
    import subprocess

    def start(code: str, **settings: str) -> subprocess.Popen[str]:
        root = Path(__file__).parents[2]
        environment = {**os.environ, "PYTHONPATH": str(root), **settings}
        return subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(code)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


def quoted(path: str | os.PathLike[str]) -> str:
    import shlex

    return shlex.quote(os.fspath(path))


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(str(tmp_path / "kernelgraph"))
