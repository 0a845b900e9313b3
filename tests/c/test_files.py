"""Locks of the compile cache, its temporary folders, and pruning."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import threading
import time
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from kernelgraph.c import files
from kernelgraph.c.cache import Cache, CacheWarning
from tests.c.test_cache import BODY, KEY, stored


def hold_lock(root: str, ready: Event, seconds: float) -> None:
    with Cache(root).lock("x"):
        ready.set()
        time.sleep(seconds)


class TestLocks:
    def holder(self, cache: Cache, seconds: float) -> BaseProcess:
        context = multiprocessing.get_context("spawn")
        ready = context.Event()
        process = context.Process(target=hold_lock, args=(cache.root, ready, seconds))
        process.start()
        assert ready.wait(30)
        return process

    def test_one_at_a_time_in_one_process(self, cache: Cache) -> None:
        inside = 0
        most = 0

        def work() -> None:
            nonlocal inside, most
            for _ in range(5):
                with cache.lock("x"):
                    inside += 1
                    most = max(most, inside)
                    time.sleep(0.002)
                    inside -= 1

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert most == 1

    def test_the_wait_is_bounded(self, cache: Cache) -> None:
        process = self.holder(cache, 60)
        try:
            os.kill(process.pid or 0, signal.SIGSTOP)
            cache.patience = 0.3
            start = time.monotonic()
            with cache.lock("x"):
                assert 0.2 < time.monotonic() - start < 5
            with cache.lock("another"):
                pass
        finally:
            process.kill()
            process.join()

    def test_a_stopped_holder_is_not_waited_for(self, cache: Cache) -> None:
        """Nor for the next lock, whoever holds it."""
        process = self.holder(cache, 60)
        try:
            os.kill(process.pid or 0, signal.SIGSTOP)
            start = time.monotonic()
            with cache.lock("x"), cache.lock("x"), cache.lock("y"):
                assert time.monotonic() - start < 3
        finally:
            process.kill()
            process.join()

    def test_a_silent_holder_is_reported(
        self, cache: Cache, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """One of whom the system tells nothing, as on a file system of another machine."""
        monkeypatch.setattr(files, "_process_state", lambda process: ("", None))
        process = self.holder(cache, 60)
        monkeypatch.setattr(files, "_SILENCE", 0.4)
        cache.patience = 1.0
        try:
            start = time.monotonic()
            said = pytest.warns(CacheWarning, match=f"KG-C030: process {process.pid}")
            with said, cache.lock("x"):
                assert 0.8 < time.monotonic() - start < 5
        finally:
            process.kill()
            process.join()

    def test_a_frozen_holder_is_reported_and_given_up(
        self, cache: Cache, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(files, "_process_state", lambda process: ("S", 7))
        monkeypatch.setattr(files, "_SILENCE", 0.4)
        process = self.holder(cache, 60)
        try:
            start = time.monotonic()
            with pytest.warns(CacheWarning, match="KG-C030"), cache.lock("x"):
                assert time.monotonic() - start < 6
        finally:
            process.kill()
            process.join()

    def test_a_holder_at_work_is_waited_for(
        self, cache: Cache, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A longer time than one who seems frozen, and without a word."""
        monkeypatch.setattr(files, "_SILENCE", 0.2)
        turns = iter(range(10**6))
        monkeypatch.setattr(files, "_process_state", lambda process: ("S", next(turns)))
        process = self.holder(cache, 1.5)
        start = time.monotonic()
        with cache.lock("x"):
            assert not process.is_alive() or time.monotonic() - start > 1
        process.join()

    def test_the_lock_of_the_dead_is_free(self, cache: Cache) -> None:
        process = self.holder(cache, 60)
        process.kill()
        process.join()
        start = time.monotonic()
        with cache.lock("x"):
            assert time.monotonic() - start < 1

    def test_a_forked_child_does_not_keep_the_lock(self, cache: Cache, run_python) -> None:
        child = run_python(
            f"""
            import os, time
            from kernelgraph.c.cache import Cache
            cache = Cache({cache.root!r})
            reader, writer = os.pipe()
            with cache.lock("x"):
                forked = os.fork()
                if forked == 0:  # holds a copy of the descriptor until it is told to go
                    os.close(writer)
                    os.read(reader, 1)
                    os._exit(0)
            start = time.monotonic()
            with cache.lock("x"):
                print(time.monotonic() - start < 1)
            os.close(writer)
            os.waitpid(forked, 0)
            """
        )
        assert child.communicate(timeout=60) == ("True\n", "")

    def test_locks_removed_while_held(self, cache: Cache) -> None:
        with cache.lock("x"):
            files.remove(os.path.join(cache.root, "locks"))
            with cache.lock("x"):
                pass

    def test_interrupt_ends_the_wait(self, cache: Cache) -> None:
        process = self.holder(cache, 60)
        timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        start = time.monotonic()
        try:
            with pytest.raises(KeyboardInterrupt), cache.lock("x"):
                pass
            assert time.monotonic() - start < 2
        finally:
            timer.join()
            process.kill()
            process.join()

    def test_a_file_system_without_locks(
        self, cache: Cache, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import fcntl

        def refuse(*_: object) -> None:
            raise OSError(errno.ENOLCK, "No locks available")

        monkeypatch.setattr(fcntl, "flock", refuse)
        with cache.lock("x"):
            stored(cache)
        assert cache.load(KEY) == BODY


class TestWorkspaces:
    def test_removed_afterwards(self, cache: Cache) -> None:
        with cache.workspace() as path:
            assert path.startswith(cache.root)
            Path(path, "file").touch()
        assert not os.path.exists(path)

    def test_what_the_dead_left_is_swept(self, cache: Cache) -> None:
        with cache.workspace():
            pass
        litter = Path(cache.root, "tmp", "litter")
        litter.mkdir()
        (litter / "program.c").touch()
        (litter.parent / "file").touch()
        with cache.workspace() as path:
            assert os.listdir(litter.parent) == [os.path.basename(path)]

    def test_what_the_living_use_is_not(self, cache: Cache) -> None:
        with cache.workspace() as first, cache.workspace() as second:
            assert os.path.isdir(first)
            assert os.path.isdir(second)


def test_who_has_a_lock_writes_its_number_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.write_text("9" * 30)
    with open(path, "r+b") as stream:
        assert files.await_lock(stream.fileno(), 1.0, lambda holder: None)
        assert path.read_text() == str(os.getpid())
        files.free_lock(stream.fileno())
