"""From source to address: once for any number of processes, whatever lies in the cache."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import numpy as np
import pytest

from kernelgraph.c import build as build_module
from kernelgraph.c import library, runtime_ctypes
from kernelgraph.c.build import Builder
from kernelgraph.c.cache import CacheWarning
from kernelgraph.c.runtime_native import runtime_unit
from kernelgraph.c.toolchain import Unit
from kernelgraph.errors import CacheSecurityError, CompileError


def source(number: int) -> str:
    return f'__attribute__((visibility("default"))) int answer(void) {{ return {number}; }}\n'


def answer(builder: Builder, number: int = 42) -> int:
    library = builder.build(source(number), "answer")
    return ctypes.CFUNCTYPE(ctypes.c_int)(library.address)()


def entry_of(builder: Builder, number: int = 42) -> Path:
    return Path(builder.cache.path(builder.toolchain.key(Unit(source(number)))))


class TestBuild:
    def test_compiled_once(self, tmp_path: Path, make_builder) -> None:
        builder = make_builder(tmp_path)
        library = builder.build(source(1), "answer")
        assert builder.build(source(1), "answer") is library
        assert Path(library.path).is_file()
        assert library.symbol == "answer"

    def test_two_programs_are_two(self, shared_builder: Builder) -> None:
        """The loader would take the second for the first if both came by the same path."""
        assert [answer(shared_builder, number) for number in (1, 2, 3)] == [1, 2, 3]

    def test_without_files_in_memory(
        self, shared_builder: Builder, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delattr(library.os, "memfd_create")
        assert [answer(shared_builder, number) for number in (4, 5)] == [4, 5]

    def test_no_descriptor_is_left_open(self, shared_builder: Builder) -> None:
        answer(shared_builder, 6)
        before = os.listdir("/proc/self/fd")
        assert answer(shared_builder, 7) == 7
        assert os.listdir("/proc/self/fd") == before

    def test_the_public_functions_follow_the_environment(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("one", "two"):
            monkeypatch.setenv("KERNELGRAPH_CACHE", str(tmp_path / name))
            library = build_module.build(source(8), "answer")
            assert library.path.startswith(str(tmp_path / name))
            assert hasattr(build_module.runtime(), "CompiledFunction")

    def test_nothing_is_made_without_a_compiler(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("KERNELGRAPH_CACHE", str(tmp_path / "cache"))
        monkeypatch.setenv("KERNELGRAPH_CC", "/nonexistent/cc")
        with pytest.raises(CompileError, match="/nonexistent/cc") as caught:
            build_module.build(source(1), "answer")
        assert caught.value.code == "KG-K001"
        assert list(tmp_path.iterdir()) == []

    def test_a_missing_function(self, tmp_path: Path, make_builder) -> None:
        builder = make_builder(tmp_path)
        with pytest.warns(CacheWarning), pytest.raises(CompileError, match="unknown") as caught:
            builder.build(source(9), "unknown")
        assert caught.value.code == "KG-K006"

    def test_a_refused_program_is_kept(self, tmp_path: Path, make_builder) -> None:
        builder = make_builder(tmp_path)
        with pytest.raises(CompileError) as caught:
            builder.build("int main(", "main")
        assert caught.value.code == "KG-K005"
        assert caught.value.hint is not None
        kept = Path(caught.value.hint.partition(": ")[2])
        assert kept.read_text().startswith("int main(")

    @pytest.mark.parametrize("name", ["a b", "q'u\"o$(te)", "new\nline", "ünïcödé"])
    def test_any_path(self, name: str, tmp_path: Path, make_builder) -> None:
        builder = make_builder(tmp_path / name)
        assert answer(builder, 10) == 10
        assert entry_of(builder, 10).is_file()

    def test_floating_point_mode_of_the_process_is_untouched(self, shared_builder: Builder) -> None:
        answer(shared_builder, 11)
        smallest = np.float32(1e-45)
        assert smallest > 0
        assert smallest * np.float32(1) == smallest


class TestDamage:
    """What lies in the cache is wrong: it is made again, with one warning."""

    @pytest.mark.parametrize("position", [0, 100, -1, -40, -100])
    def test_a_changed_byte(self, position: int, tmp_path: Path, make_builder) -> None:
        first = make_builder(tmp_path)
        answer(first)
        path = entry_of(first)
        data = bytearray(path.read_bytes())
        data[position] ^= 0x10
        path.write_bytes(data)
        builder = make_builder(tmp_path)
        with pytest.warns(CacheWarning, match="KG-C020"):
            assert answer(builder) == 42
        assert path.read_bytes() != data
        assert answer(make_builder(tmp_path)) == 42

    @pytest.mark.parametrize("length", [0, 1, 4096, -1])
    def test_a_torn_entry(self, length: int, tmp_path: Path, make_builder) -> None:
        first = make_builder(tmp_path)
        answer(first)
        path = entry_of(first)
        path.write_bytes(path.read_bytes()[:length])
        with pytest.warns(CacheWarning, match="KG-C020"):
            assert answer(make_builder(tmp_path)) == 42

    @pytest.mark.parametrize("body", [b"no program", b"\x7fELF" + bytes(100), b""])
    def test_an_entry_that_cannot_be_loaded(
        self, body: bytes, tmp_path: Path, make_builder
    ) -> None:
        builder = make_builder(tmp_path)
        builder.cache.store(entry_of(builder).stem, body, {})
        with pytest.warns(CacheWarning, match="KG-C020"):
            assert answer(builder) == 42

    def test_a_runtime_that_cannot_be_loaded(self, tmp_path: Path, make_builder) -> None:
        builder = make_builder(tmp_path)
        key = builder.toolchain.key(runtime_unit())
        builder.cache.store(key, b"no module", {})
        with pytest.warns(CacheWarning, match="KG-C020"):
            assert builder.runtime().__name__ == "kernelgraph_runtime"

    def test_a_breach_of_trust_is_no_damage(self, tmp_path: Path, make_builder) -> None:
        first = make_builder(tmp_path)
        answer(first)
        entry_of(first).chmod(0o666)
        with pytest.raises(CacheSecurityError):
            answer(make_builder(tmp_path))


class TestRuntime:
    def test_native_where_it_can_be(self, shared_builder: Builder) -> None:
        assert shared_builder.runtime().__name__ == "kernelgraph_runtime"
        assert shared_builder.native_problem is None

    def test_python_without_headers(
        self, tmp_path: Path, make_builder, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sysconfig, "get_path", lambda _name: "/nonexistent")
        monkeypatch.setattr(sys, "base_prefix", "/nonexistent")
        builder = make_builder(tmp_path)
        assert answer(builder) == 42
        assert builder.runtime() is runtime_ctypes
        assert "Python.h" in (builder.native_problem or "")

    def test_python_when_the_compiler_refuses(
        self, tmp_path: Path, make_builder, fake_compiler
    ) -> None:
        fake_compiler('case "$*" in *numpy*) echo "error: no" >&2; exit 1;; esac; exec gcc "$@"')
        builder = make_builder(tmp_path / "cache")
        assert answer(builder) == 42
        assert builder.runtime() is runtime_ctypes
        assert "error: no" in (builder.native_problem or "")

    def test_two_compilers_side_by_side(self, tmp_path: Path, make_builder, fake_compiler) -> None:
        """Each waits until the other has started, and would fail if it had not."""
        fake_compiler("""
            case "$*" in *numpy*) mine=runtime other=program;; *) mine=program other=runtime;; esac
            touch "$here/$mine"
            tries=0
            until [ -e "$here/$other" ]; do
                tries=$((tries+1)); [ $tries -lt 200 ] || exit 1; sleep 0.05
            done
            exec gcc "$@"
        """)
        builder = make_builder(tmp_path / "cache")
        assert answer(builder) == 42
        assert builder.native_problem is None


COLD = f"""
import ctypes, warnings
warnings.simplefilter("error")
from kernelgraph.c import build
library = build.build({source(42)!r}, "answer")
print(ctypes.CFUNCTYPE(ctypes.c_int)(library.address)(), build.runtime().__name__)
"""


class TestProcesses:
    def test_eight_cold_processes_compile_once(
        self, tmp_path: Path, fake_compiler, run_python
    ) -> None:
        fake_compiler('echo run >> "$here/runs"; exec gcc "$@"')
        children = [run_python(COLD, KERNELGRAPH_CACHE=str(tmp_path / "cache")) for _ in range(8)]
        for child in children:
            assert child.communicate(timeout=120) == ("42 kernelgraph_runtime\n", "")
        assert len((tmp_path / "runs").read_text().split()) == 2, "the program and the runtime"
        assert list((tmp_path / "cache" / "tmp").iterdir()) == []

    def test_killed_while_compiling(
        self, tmp_path: Path, fake_compiler, run_python, make_builder
    ) -> None:
        fake_compiler('echo $$ >> "$here/pids"; sleep 1; exec gcc "$@"')
        root = tmp_path / "cache"
        child = run_python(
            f"from kernelgraph.c import build; build.build({source(42)!r}, 'answer')",
            KERNELGRAPH_CACHE=str(root),
        )
        deadline = time.monotonic() + 30
        while not (tmp_path / "pids").exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        child.kill()
        child.communicate()
        assert list((root / "tmp").iterdir()) != []
        start = time.monotonic()
        assert answer(make_builder(root)) == 42
        assert time.monotonic() - start < 10, "the lock of the dead is free"
        assert list((root / "tmp").iterdir()) == []

    def test_interrupt_ends_a_loop_that_polls(self, tmp_path: Path, run_python) -> None:
        for runtime in ("build.runtime()", "runtime_ctypes"):
            code = f"""
                import signal, sys, time
                from kernelgraph.c import build, runtime_ctypes
                from kernelgraph.c.prelude import host_header
                library = build.build(host_header() + '''
                KG_EXPORT int32_t forever(kg_host *host) {{
                    for (volatile int64_t i = 0;; i++)
                        if (i % 262144 == 0 && host->poll(host)) return KG_PYTHON_ERROR;
                }}''', "forever")
                fail = lambda *_: None
                cell = [None]
                tables = [(-1, 0)], [], [(0, cell)], [], [], [(0, cell)], [], fail, False
                program = {runtime}.CompiledFunction(library.address, *tables)
                before = signal.getsignal(signal.SIGINT)
                print("ready", flush=True)
                try:
                    program()
                except KeyboardInterrupt:
                    print("interrupted", signal.getsignal(signal.SIGINT) is before)
            """
            child = run_python(code, KERNELGRAPH_CACHE=str(tmp_path / "cache"))
            assert child.stdout.readline() == "ready\n"
            time.sleep(0.2)
            start = time.monotonic()
            child.send_signal(signal.SIGINT)
            assert child.communicate(timeout=30) == ("interrupted True\n", "")
            assert time.monotonic() - start < 2


@pytest.mark.skipif(
    os.geteuid() != 0
    or shutil.which("unshare") is None
    or subprocess.run(
        ["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"], check=False, capture_output=True
    ).returncode
    != 0,
    reason="needs the right to mount",
)
class TestDisks:
    """Real file systems that are full, read-only, or refuse to run what lies on them."""

    def run(
        self, tmp_path: Path, mount: str, prepare: str = ""
    ) -> subprocess.CompletedProcess[str]:
        root = Path(__file__).parents[2]
        disk = tmp_path / "disk"
        disk.mkdir()
        code = f"""
import ctypes, warnings
from kernelgraph.c import build
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    for text in {[source(1), source(2)]!r}:
        library = build.build(text, "answer")
        print(ctypes.CFUNCTYPE(ctypes.c_int)(library.address)(), end=" ")
print(build.runtime().__name__, *(str(warning.message)[:7] for warning in caught))
"""
        (tmp_path / "code.py").write_text(code)
        mounted = f"mount -t tmpfs {mount} none {disk}"
        script = f'{mounted} && {prepare or ":"} && exec "$0" {tmp_path}/code.py'
        return subprocess.run(
            ["unshare", "-m", "sh", "-c", script, sys.executable],
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, "PYTHONPATH": str(root), "KERNELGRAPH_CACHE": f"{disk}/cache"},
        )

    def test_full(self, tmp_path: Path) -> None:
        done = self.run(tmp_path, "-o size=64k")
        assert (done.stdout, done.stderr) == ("1 2 kernelgraph_runtime KG-C001\n", "")

    def test_hardly_any_room(self, tmp_path: Path) -> None:
        done = self.run(tmp_path, "-o size=8k")
        assert (done.stdout, done.stderr) == ("1 2 kernelgraph_runtime KG-C001\n", "")

    def test_read_only(self, tmp_path: Path) -> None:
        done = self.run(tmp_path, "-o ro")
        assert (done.stdout, done.stderr) == ("1 2 kernelgraph_runtime KG-C001\n", "")

    def test_became_read_only(self, tmp_path: Path) -> None:
        disk = tmp_path / "disk"
        prepare = f"mkdir -m 700 {disk}/cache && mount -o remount,ro {disk}"
        done = self.run(tmp_path, "", prepare)
        assert (done.stdout, done.stderr) == ("1 2 kernelgraph_runtime KG-C001\n", "")

    def test_no_running_of_programs(self, tmp_path: Path) -> None:
        done = self.run(tmp_path, "-o noexec")
        assert (done.stdout, done.stderr) == ("1 2 kernelgraph_runtime\n", "")
