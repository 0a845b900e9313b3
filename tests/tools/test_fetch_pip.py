"""`tools/fetch_pip.py`: pip from the index that the user's settings name."""

from __future__ import annotations

import functools
import hashlib
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import fetch_pip
import pytest


@pytest.fixture
def no_index(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Nothing names a package index, except what the test writes into the file returned."""
    for name in ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_CERT"):
        monkeypatch.delenv(name, raising=False)
    settings = tmp_path / "pip.conf"
    monkeypatch.setattr(fetch_pip, "pip_files", lambda: [settings])
    return settings


def test_the_index_comes_from_pips_settings(no_index: Path) -> None:
    assert fetch_pip.configured_index() is None
    no_index.write_text("[global]\nindex-url = https://mirror.example/simple\n")
    assert fetch_pip.configured_index() == "https://mirror.example/simple"


def test_the_environment_outweighs_pips_settings(
    no_index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_index.write_text("[global]\nindex-url = https://mirror.example/simple\n")
    monkeypatch.setenv("PIP_INDEX_URL", "https://other.example/simple")
    assert fetch_pip.configured_index() == "https://other.example/simple"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, str]]:
    """A package index on this machine, as (its folder of pip, its address)."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    folder = tmp_path / "simple" / "pip"
    folder.mkdir(parents=True)
    handler = functools.partial(QuietHandler, directory=str(tmp_path / "simple"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


def offer(folder: Path, *names: str, sha256: str | None = None) -> None:
    links: list[str] = []
    for name in names:
        (folder / name).write_text(f"this is {name}")
        digest = sha256 or hashlib.sha256(f"this is {name}".encode()).hexdigest()
        links.append(f'<a href="{name}#sha256={digest}">{name}</a>')
    (folder / "index.html").write_text("".join(links))


def test_the_newest_release_is_fetched(
    index: tuple[Path, str], no_index: Path, tmp_path: Path
) -> None:
    folder, address = index
    no_index.write_text(f"[global]\nindex-url = {address}\n")
    offer(
        folder,
        "pip-9.0-py3-none-any.whl",
        "pip-10.0.1-py3-none-any.whl",
        "pip-11.0b1-py3-none-any.whl",
        "pip-12.0.tar.gz",
    )
    fetched = fetch_pip.fetch(tmp_path)
    assert fetched == tmp_path / "pip-10.0.1-py3-none-any.whl" / "pip"
    assert fetched.parent.read_text() == "this is pip-10.0.1-py3-none-any.whl"


def test_a_wheel_that_was_tampered_with_is_refused(
    index: tuple[Path, str], no_index: Path, tmp_path: Path
) -> None:
    folder, address = index
    no_index.write_text(f"[global]\nindex-url = {address}\n")
    offer(folder, "pip-9.0-py3-none-any.whl", sha256="0" * 64)
    with pytest.raises(fetch_pip.FetchError, match="checksum"):
        fetch_pip.fetch(tmp_path)
    assert list(tmp_path.glob("*.whl")) == []


def test_an_index_without_pip_is_named(
    index: tuple[Path, str], no_index: Path, tmp_path: Path
) -> None:
    folder, address = index
    no_index.write_text(f"[global]\nindex-url = {address}/nothing\n")
    with pytest.raises(fetch_pip.FetchError, match="nothing: HTTP Error 404"):
        fetch_pip.fetch(tmp_path)
    no_index.write_text(f"[global]\nindex-url = {address}\n")
    offer(folder)
    with pytest.raises(fetch_pip.FetchError, match="no wheel of pip"):
        fetch_pip.fetch(tmp_path)


def test_an_index_that_speaks_json_is_read() -> None:
    page = """{"files": [
        {"filename": "pip-9.0-py3-none-any.whl", "url": "../files/pip-9.0-py3-none-any.whl",
         "hashes": {"sha256": "abc"}},
        {"filename": "pip-9.1-py3-none-any.whl", "url": "pip-9.1-py3-none-any.whl",
         "hashes": {}, "yanked": "broken"}]}"""
    wheels = fetch_pip.list_wheels(page, "https://mirror.example/simple/pip/")
    address = "https://mirror.example/simple/files/pip-9.0-py3-none-any.whl"
    assert wheels == [((9, 0), address, "abc")]
