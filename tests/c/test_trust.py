"""What others could have written is refused, and is never read."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from kernelgraph.c.cache import Cache
from kernelgraph.c.entry import DamagedEntryError
from kernelgraph.errors import CacheSecurityError
from tests.c.test_cache import BODY, KEY, mode, needs_root, refusal, stored


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
