"""The compile cache: whole entries or none, private or refused, never in the way."""

from __future__ import annotations

import errno
import os
import re
import stat
import time
from collections.abc import Generator
from contextlib import ExitStack
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
