"""The compile cache: whole entries or none, private or refused, never in the way."""

from __future__ import annotations

import errno
import multiprocessing
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import ExitStack
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from kernelgraph.c import cache as cache_module
from kernelgraph.c import entry, files
from kernelgraph.c.cache import Cache, CacheWarning, location, open_cache
from kernelgraph.c.entry import DamagedEntryError
from kernelgraph.errors import CacheSecurityError

KEY = "ab" + "0123456789" * 6 + "cd"
BODY = b"\x7fELF" + bytes(range(256)) * 3

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
needs_no_root = pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(str(tmp_path / "kernelgraph"))


@pytest.fixture(params=[0o000, 0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Generator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def stored(cache: Cache) -> Path:
    cache.store(KEY, BODY, {"compiler": "cc"})
    return Path(cache.path(KEY))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def refusal(cache: Cache) -> CacheSecurityError:
    """The error for what stands in the cache now, met when reading."""
    with pytest.raises(CacheSecurityError) as caught:
        cache.load(KEY)
    return caught.value


class TestEntries:
    def test_round_trip(self, cache: Cache) -> None:
        assert cache.load(KEY) is None
        path = stored(cache)
        assert cache.load(KEY) == BODY
        assert Cache(cache.root).load(KEY) == BODY
        assert path.read_bytes().startswith(BODY)

    def test_storing_again_replaces_and_does_not_truncate(self, cache: Cache) -> None:
        path = stored(cache)
        with path.open("rb") as before:
            cache.store(KEY, b"other", {})
            assert before.read().startswith(BODY)
        assert cache.load(KEY) == b"other"

    def test_private_whatever_the_umask(self, cache: Cache, umask: int) -> None:
        path = stored(cache)
        with cache.lock("ab"), cache.workspace() as workspace:
            assert mode(Path(workspace)) == 0o700
        root = Path(cache.root)
        assert all(mode(folder) == 0o700 for folder in (root, *root.glob("*/")))
        assert mode(path) == 0o600
        assert mode(root / "locks" / "ab") == 0o600

    def test_every_changed_byte_is_found(self, cache: Cache) -> None:
        path = stored(cache)
        whole = path.read_bytes()
        for position in range(len(whole)):
            damaged = bytearray(whole)
            damaged[position] ^= 1 << position % 8
            path.write_bytes(damaged)
            with pytest.raises(DamagedEntryError):
                cache.load(KEY)
        path.write_bytes(whole)
        assert cache.load(KEY) == BODY

    def test_every_truncation_is_found(self, cache: Cache) -> None:
        path = stored(cache)
        whole = path.read_bytes()
        for length in range(len(whole)):
            path.write_bytes(whole[:length])
            with pytest.raises(DamagedEntryError):
                cache.load(KEY)

    def test_appended_bytes_are_found(self, cache: Cache) -> None:
        path = stored(cache)
        path.write_bytes(path.read_bytes() + b"\0")
        with pytest.raises(DamagedEntryError):
            cache.load(KEY)

    def test_an_entry_of_another_key(self, cache: Cache) -> None:
        path = stored(cache)
        other = KEY[:-1] + "e"
        path.rename(cache.path(other))
        with pytest.raises(DamagedEntryError, match="another key"):
            cache.load(other)

    @pytest.mark.parametrize(
        "text",
        [
            b"",
            b"{",
            b"[]",
            b"null",
            b"7",
            b'{"key": 5}',
            b"[" * 100_000,
            b'{"a":' * 100_000,
            b"\xff",
        ],
        ids=lambda text: repr(text[:8]),
    )
    def test_a_strange_description_with_a_right_checksum(self, cache: Cache, text: bytes) -> None:
        path = stored(cache)
        lengths = entry._LENGTHS.pack(entry._MAGIC, entry.FORMAT, len(BODY), len(text))
        whole = BODY + text + lengths
        path.write_bytes(whole + entry._checksum(memoryview(whole)))
        with pytest.raises(DamagedEntryError):
            cache.load(KEY)

    def test_lengths_that_lie(self, cache: Cache) -> None:
        path = stored(cache)
        lengths = entry._LENGTHS.pack(entry._MAGIC, entry.FORMAT, 2**63, 2**64 - 2**63)
        path.write_bytes(lengths + entry._checksum(memoryview(lengths)))
        with pytest.raises(DamagedEntryError):
            cache.load(KEY)

    def test_an_entry_of_a_terabyte(self, cache: Cache) -> None:
        path = stored(cache)
        os.truncate(path, 2**40)
        with pytest.raises(DamagedEntryError, match="too long"):
            cache.load(KEY)

    def test_another_format(self, cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
        stored(cache)
        monkeypatch.setattr(entry, "FORMAT", entry.FORMAT + 1)
        with pytest.raises(DamagedEntryError, match="format"):
            cache.load(KEY)

    def test_a_folder_in_the_place_of_an_entry(self, cache: Cache) -> None:
        path = stored(cache)
        path.unlink()
        path.mkdir()
        with pytest.raises(DamagedEntryError):
            cache.load(KEY)
        with pytest.warns(CacheWarning, match="KG-C020"):
            cache.quarantine(KEY, "a folder")
        cache.store(KEY, BODY, {})
        assert cache.load(KEY) == BODY

    def test_quarantine_moves_and_warns_once(self, cache: Cache) -> None:
        path = stored(cache)
        with pytest.warns(CacheWarning, match="KG-C020: .*the reason"):
            cache.quarantine(KEY, "the reason")
        cache.quarantine(KEY, "the reason")  # a second warning would be an error
        assert not path.exists()
        assert len(list(Path(cache.root, "bad").iterdir())) == 1

    def test_remember_computes_once(self, cache: Cache) -> None:
        calls: list[int] = []

        def compute() -> bytes:
            calls.append(1)
            return b"facts"

        assert cache.remember(KEY, compute) == cache.remember(KEY, compute) == b"facts"
        Path(cache.path(KEY)).write_bytes(b"torn")
        assert cache.remember(KEY, compute) == cache.remember(KEY, compute) == b"facts"
        assert len(calls) == 2

    def test_a_cache_removed_while_running(self, cache: Cache) -> None:
        stored(cache)
        files.remove(cache.root)
        assert cache.load(KEY) is None
        stored(cache)
        assert cache.load(KEY) == BODY

    def test_refused_programs_are_kept_for_inspection(self, cache: Cache) -> None:
        path = cache.keep_refused(KEY, "int main(", "line one\nline two")
        assert path is not None
        assert Path(path).read_text() == "int main(\n// line one\n// line two\n"

    def test_no_code_is_ever_unpacked(self) -> None:
        """Nothing in this package turns data into Python objects but JSON."""
        folder = Path(cache_module.__file__).parent
        sources = list(folder.glob("*.py"))
        assert len(sources) > 5
        for path in sources:
            assert not re.search(r"pickle|marshal|\beval\(|\bexec\(", path.read_text()), path

    @pytest.mark.parametrize(
        "name",
        ["with space", 'quote\'s "and" $(touch x)', "new\nline", "ünïcödé 數", "-rf", "x" * 200],
    )
    def test_any_path(self, name: str, tmp_path: Path) -> None:
        cache = Cache(str(tmp_path / name))
        stored(cache)
        assert cache.load(KEY) == BODY

    def test_a_path_that_is_not_utf8(self, tmp_path: Path) -> None:
        cache = Cache(os.fsdecode(bytes(tmp_path) + b"/\xff\xfe"))
        stored(cache)
        assert cache.load(KEY) == BODY


class TestTrust:
    @pytest.mark.parametrize("wrong", [0o777, 0o770, 0o707, 0o720])
    def test_a_folder_that_others_can_write(self, wrong: int, cache: Cache) -> None:
        stored(cache)
        os.chmod(cache.root, wrong)
        error = refusal(cache)
        assert error.code == "KG-C010"
        assert f"{wrong:04o}" in str(error)
        remedy = str(error).partition("Try:")[2].strip()
        assert remedy.startswith("chmod")
        assert mode(Path(cache.root)) == wrong, "nothing is mended in silence"
        subprocess.run(["sh", "-c", remedy], check=True)
        assert cache.load(KEY) == BODY

    def test_an_inner_folder_that_others_can_write(self, cache: Cache) -> None:
        path = stored(cache)
        path.parent.chmod(0o777)
        assert refusal(cache).code == "KG-C010"

    def test_an_entry_that_others_can_write(self, cache: Cache) -> None:
        stored(cache).chmod(0o666)
        assert refusal(cache).code == "KG-C011"

    @needs_root
    def test_an_entry_of_another_user(self, cache: Cache) -> None:
        os.chown(stored(cache), 12345, -1)
        error = refusal(cache)
        assert error.code == "KG-C011"
        assert "12345" in str(error)

    @needs_root
    def test_a_folder_of_another_user(self, cache: Cache) -> None:
        stored(cache)
        os.chown(cache.root, 12345, -1)
        assert refusal(cache).code == "KG-C010"

    def test_a_link_in_the_place_of_the_folder(self, cache: Cache, tmp_path: Path) -> None:
        stored(cache)
        os.rename(cache.root, tmp_path / "elsewhere")
        os.symlink(tmp_path / "elsewhere", cache.root)
        assert refusal(cache).code == "KG-C010"

    def test_a_link_in_the_place_of_an_inner_folder(self, cache: Cache, tmp_path: Path) -> None:
        folder = stored(cache).parent
        folder.rename(tmp_path / "elsewhere")
        folder.symlink_to(tmp_path / "elsewhere")
        assert refusal(cache).code == "KG-C010"

    def test_a_symbolic_link_in_the_place_of_an_entry(self, cache: Cache, tmp_path: Path) -> None:
        path = stored(cache)
        path.rename(tmp_path / "elsewhere")
        path.symlink_to(tmp_path / "elsewhere")
        error = refusal(cache)
        assert error.code == "KG-C011"
        subprocess.run(["sh", "-c", str(error).partition("Try:")[2]], check=True)
        assert cache.load(KEY) is None

    def test_a_hard_link(self, cache: Cache, tmp_path: Path) -> None:
        os.link(stored(cache), tmp_path / "second name")
        assert refusal(cache).code == "KG-C011"

    @pytest.mark.parametrize("kind", ["fifo", "socket", "dangling link"])
    def test_what_is_no_file(self, kind: str, cache: Cache) -> None:
        path = stored(cache)
        path.unlink()
        if kind == "fifo":
            os.mkfifo(path)
        elif kind == "dangling link":
            path.symlink_to("/nonexistent")
        else:
            here = os.getcwd()
            os.chdir(path.parent)  # the path of a socket must be short
            with socket.socket(socket.AF_UNIX) as server:
                server.bind(path.name)
            os.chdir(here)
        start = time.monotonic()
        assert refusal(cache).code == "KG-C011"
        assert time.monotonic() - start < 1, "a FIFO must not be waited for"

    @pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/zero by number")
    @needs_root
    def test_a_device(self, cache: Cache) -> None:
        path = stored(cache)
        path.unlink()
        try:
            os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 5))
        except PermissionError:
            pytest.skip("this system makes no devices")
        assert refusal(cache).code == "KG-C011"

    def test_a_link_in_the_place_of_a_lock(self, cache: Cache, tmp_path: Path) -> None:
        stored(cache)
        target = tmp_path / "target"
        target.write_text("precious")
        lock = Path(cache.root, "locks", "x")
        lock.symlink_to(target)
        with pytest.raises(CacheSecurityError) as caught, cache.lock("x"):
            pass
        assert caught.value.code == "KG-C011"
        assert target.read_text() == "precious"

    def test_an_entry_swapped_while_it_is_read(self, cache: Cache, tmp_path: Path) -> None:
        """Whatever happens to the name, what is returned was checked."""
        path = stored(cache)
        good = path.read_bytes()
        evil = b"evil" * 300
        stop = threading.Event()

        def swap() -> None:
            flip = 0
            while not stop.is_set():
                flip += 1
                temporary = tmp_path / "swap"
                temporary.write_bytes(evil if flip % 2 else good)
                temporary.chmod(0o600)
                os.replace(temporary, path)

        thread = threading.Thread(target=swap)
        thread.start()
        seen = {"good": 0, "damaged": 0}
        try:
            for _ in range(2000):
                try:
                    assert cache.load(KEY) == BODY
                    seen["good"] += 1
                except DamagedEntryError:
                    seen["damaged"] += 1
        finally:
            stop.set()
            thread.join()
        assert seen["good"] > 0
        assert seen["damaged"] > 0


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


class TestTroubles:
    def test_a_full_disk(self, cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(cache_module, "write_durably", fail)
        with pytest.warns(CacheWarning, match="KG-C001.*No space left"):
            stored(cache)
        stored(cache)  # a second warning would be an error
        assert cache.load(KEY) is None
        assert os.listdir(os.path.join(cache.root, "tmp")) == []

    def test_a_workspace_elsewhere_when_there_is_no_room(self, cache: Cache) -> None:
        cache.prepare()
        Path(cache.root, "tmp").touch()
        with ExitStack() as stack:
            with pytest.warns(CacheWarning, match="KG-C001"):
                path = stack.enter_context(cache.workspace())
            assert not path.startswith(cache.root)
            assert mode(Path(path)) == 0o700
        assert not os.path.exists(path)

    @needs_no_root
    def test_a_read_only_cache_still_serves(self, cache: Cache) -> None:
        path = stored(cache)
        for folder in (path.parent, Path(cache.root)):
            folder.chmod(0o500)
        try:
            assert cache.load(KEY) == BODY
            with pytest.warns(CacheWarning, match="KG-C001"):
                cache.store(KEY[:-1] + "e", BODY, {})
        finally:
            for folder in (Path(cache.root), path.parent):
                folder.chmod(0o700)

    def test_no_place_at_all(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "file").touch()
        monkeypatch.setenv("KERNELGRAPH_CACHE", str(tmp_path / "file" / "cache"))
        with pytest.warns(CacheWarning, match="KG-C001") as caught:
            cache = open_cache()
        assert len(caught) == 1
        assert mode(Path(cache.root)) == 0o700
        stored(cache)
        assert cache.load(KEY) == BODY
        root = cache.root
        del cache
        assert not os.path.exists(root)

    def test_a_temporary_cache_outlives_a_forked_child(self, run_python) -> None:
        child = run_python(
            """
            import os, sys, warnings
            warnings.simplefilter("ignore")
            from kernelgraph.c.cache import open_cache
            cache = open_cache()
            if os.fork() == 0:
                sys.exit()
            os.wait()
            print(os.path.isdir(cache.root), cache.root)
            """,
            KERNELGRAPH_CACHE="/dev/null/cache",
        )
        output, errors = child.communicate(timeout=60)
        assert errors == ""
        still_there, _, root = output.strip().partition(" ")
        assert still_there == "True"
        assert not os.path.exists(root)

    def test_pruning_spares_the_young(self, cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(cache_module, "_BYTES_PER_FOLDER", 2 * len(BODY))
        keys = [KEY[:-2] + f"{number:02x}" for number in range(5)]
        for key in keys:
            cache.store(key, BODY, {})
        assert all(cache.load(key) == BODY for key in keys)
        two_hours_ago = time.time() - 7200
        for number, key in enumerate(keys):
            os.utime(cache.path(key), (0, two_hours_ago + number))
        os.utime(cache.path(keys[0]), (0, two_hours_ago + 99))  # used last
        cache.store(KEY, BODY, {})
        assert cache.load(KEY) == BODY
        assert [cache.load(key) for key in keys[1:]] == [None] * 4

    def test_reading_marks_as_used(self, cache: Cache) -> None:
        path = stored(cache)
        os.utime(path, (0, 0))
        cache.load(KEY)
        assert time.time() - path.stat().st_mtime < 60


class TestLocation:
    @pytest.fixture(autouse=True)
    def home(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
        return tmp_path

    def test_precedence(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        assert location() == str(home / ".cache" / "kernelgraph")
        monkeypatch.setenv("XDG_CACHE_HOME", str(home / "xdg"))
        assert location() == str(home / "xdg" / "kernelgraph")
        monkeypatch.setenv("KERNELGRAPH_CACHE", "~/mine/")
        assert location() == str(home / "mine")

    def test_a_relative_cache_home_does_not_count(
        self, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("XDG_CACHE_HOME", "relative")
        assert location() == str(home / ".cache" / "kernelgraph")

    def test_the_folders_on_the_way_are_private(self, home: Path) -> None:
        stored(open_cache())
        assert mode(home / ".cache") == 0o700

    def test_a_home_that_does_not_exist(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOME", "/dev/null/nobody")
        with pytest.warns(CacheWarning, match="KG-C001"):
            open_cache()

    @needs_root
    def test_root_leaves_nothing_in_the_home_of_another(self, home: Path) -> None:
        os.chown(home, 12345, -1)
        with pytest.warns(CacheWarning, match="another user"):
            cache = open_cache()
        stored(cache)
        assert list(home.iterdir()) == []

    def test_a_working_folder_that_is_gone(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        gone = tmp_path / "gone"
        gone.mkdir()
        monkeypatch.chdir(gone)
        gone.rmdir()
        stored(open_cache())
        monkeypatch.setenv("KERNELGRAPH_CACHE", "relative")
        with pytest.warns(CacheWarning, match="KG-C001"):
            open_cache()
