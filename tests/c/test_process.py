"""Compilers that are noisy, lie, crash, hang or stay: each has its error."""

from __future__ import annotations

import os
import signal
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from kernelgraph.c import process
from kernelgraph.c.toolchain import Unit, find
from kernelgraph.errors import CompileError
from tests.c.test_toolchain import SOURCE, compiled, forget, refused


def is_running(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def wait_until(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.01)
    return condition()


class TestMisbehaviour:
    def test_a_noisy_wrapper_works(self, fake_compiler) -> None:
        fake_compiler("""
            i=0; while [ $i -lt 2000 ]; do echo "warning: noise $i"; i=$((i+1)); done
            echo 'warning: more noise' >&2
            exec gcc "$@"
        """)
        assert compiled().startswith(b"\x7fELF")

    def test_success_without_output(self, fake_compiler) -> None:
        fake_compiler("exit 0")
        error = refused()
        assert error.code == "KG-K001"
        assert "made nothing" in str(error)

    def test_empty_output(self, fake_compiler) -> None:
        fake_compiler(": > program.so")
        assert refused().code == "KG-K001"

    def test_a_program_that_is_no_c(self) -> None:
        error = refused(Unit("int main( {\n"))
        assert error.code == "KG-K005"
        assert "program.c:1" in str(error)

    def test_not_a_program_at_all(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "cc").write_bytes(b"\x00\x01")
        (tmp_path / "cc").chmod(0o700)
        monkeypatch.setenv("CC", str(tmp_path / "cc"))
        error = refused()
        assert error.code == "KG-K001"
        assert "cannot be run" in str(error)

    @pytest.mark.parametrize(
        ("script", "code"),
        [
            ("kill -SEGV $$", "KG-K002"),
            ("echo 'program.c:1: internal compiler error: Segmentation fault'; exit 1", "KG-K002"),
            ("kill -KILL $$", "KG-K004"),
            ("echo 'gcc: fatal error: Killed signal terminated program cc1'; exit 1", "KG-K004"),
            ("exit 3", "KG-K005"),
        ],
    )
    def test_ways_to_fail(self, script: str, code: str, fake_compiler) -> None:
        fake_compiler(script)
        assert refused().code == code

    def test_a_flood_of_messages_is_bounded(self, fake_compiler) -> None:
        fake_compiler("exec yes 'error: a line that is repeated without end'")
        tracemalloc.start()
        try:
            error = refused()
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert error.code == "KG-K004"
        assert peak < 4 * 2**20

    def test_time_limit(
        self, tmp_path: Path, fake_compiler, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fake_compiler('sleep 60 & echo $$ $! > "$here/pids"; wait')
        found = find(forget)
        monkeypatch.setattr(process, "TIME_LIMIT", 0.5)
        start = time.monotonic()
        with pytest.raises(CompileError) as caught:
            found.compile(SOURCE)
        assert caught.value.code == "KG-K003"
        assert time.monotonic() - start < 5
        pids = [int(word) for word in (tmp_path / "pids").read_text().split()]
        assert wait_until(lambda: not any(map(is_running, pids)))

    def test_a_server_left_behind_is_not_waited_for(self, tmp_path: Path, fake_compiler) -> None:
        fake_compiler('sleep 30 & echo $! > "$here/pid"; gcc "$@"')
        start = time.monotonic()
        try:
            assert compiled().startswith(b"\x7fELF")
            assert time.monotonic() - start < 10
        finally:
            os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)

    def test_interrupt_kills_the_compiler(self, tmp_path: Path, fake_compiler, run_python) -> None:
        fake_compiler('sleep 60 & echo $$ $! >> "$here/pids"; wait')
        root = tmp_path / "cache"
        child = run_python(
            """
            from kernelgraph.c import build
            try:
                build.build("int x;", "x")
            except KeyboardInterrupt:
                print("interrupted")
            """,
            KERNELGRAPH_CACHE=str(root),
        )
        file = tmp_path / "pids"
        # Two compilers, one for the program and one for the runtime, each with a child.
        assert wait_until(lambda: file.exists() and len(file.read_text().split()) == 4)
        time.sleep(0.2)
        start = time.monotonic()
        child.send_signal(signal.SIGINT)
        output, errors = child.communicate(timeout=30)
        assert time.monotonic() - start < 2
        assert (output, errors) == ("interrupted\n", "")
        pids = [int(word) for word in file.read_text().split()]
        assert wait_until(lambda: not any(map(is_running, pids)))
        # What is left is the folders, the locks, and what is known of the compiler.
        assert list((root / "tmp").iterdir()) == []
        assert len(list(root.glob("??/*.kg"))) == 1

    def test_environment_of_the_compiler(self, tmp_path: Path, fake_compiler) -> None:
        fake_compiler('echo "$LC_ALL $TMPDIR $PWD" > "$here/seen"; exec gcc "$@"')
        compiled()
        language, temporary, working = (tmp_path / "seen").read_text().split()
        assert language == "C"
        assert temporary == working
        assert not os.path.exists(temporary)
