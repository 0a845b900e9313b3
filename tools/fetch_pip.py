"""Fetches pip where a Python comes without it, with nothing but the standard library.

In goes a folder; out comes the path of a pip in it that ``python PATH install …`` runs. It comes
from the package index that pip or uv is set up for; where none is set up, from the pip project.
"""

from __future__ import annotations

import configparser
import hashlib
import json
import os
import re
import ssl
import sys
import urllib.request
from pathlib import Path
from typing import cast
from urllib.parse import urljoin

ZIPAPP = "https://bootstrap.pypa.io/pip/pip.pyz"
SIMPLE_JSON = "application/vnd.pypi.simple.v1+json"


class FetchError(Exception):
    """No pip could be fetched; the message says from where and why."""


def fetch(folder: Path) -> Path:
    """Put a pip into ``folder``; raise FetchError where that cannot be done."""
    index = configured_index()
    try:
        if index:
            return fetch_wheel(index, folder)
        pip = folder / "pip.pyz"
        pip.write_bytes(download(ZIPAPP))
        return pip
    except (OSError, ValueError) as error:
        raise FetchError(f"pip could not be fetched from {index or ZIPAPP}: {error}") from error


# ---- the index -----------------------------------------------------------------------------------


def configured_index() -> str | None:
    """The index that the environment or pip's files name; None where they name none."""
    for name in ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL"):
        if os.environ.get(name):
            return os.environ[name]
    return setting("index-url")


def configured_certificates() -> str | None:
    """The certificates that the environment or pip's files name; None for the usual ones."""
    return os.environ.get("PIP_CERT") or setting("cert")


def setting(name: str) -> str | None:
    """What pip's files say of ``name``; the last file that speaks of it is right."""
    found = None
    for path in pip_files():
        settings = configparser.RawConfigParser()
        try:
            settings.read(path, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError):
            continue  # pip itself will say what is wrong with it
        for section in ("global", "install"):
            found = settings.get(section, name, fallback=found)
    return found


def pip_files() -> list[Path]:
    """Pip's settings, from the least to the most binding, as pip's documentation lists them."""
    home = Path.home()
    user = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    files = [
        Path("/etc/xdg/pip/pip.conf"),
        Path("/Library/Application Support/pip/pip.conf"),
        Path("/etc/pip.conf"),
        home / ".pip" / "pip.conf",
        home / "Library" / "Application Support" / "pip" / "pip.conf",
        user / "pip" / "pip.conf",
    ]
    if "PIP_CONFIG_FILE" in os.environ:
        files.append(Path(os.environ["PIP_CONFIG_FILE"]))
    return files


# ---- the wheel -----------------------------------------------------------------------------------


def fetch_wheel(index: str, folder: Path) -> Path:
    """Fetch the newest pip that ``index`` (a simple index, PEP 503 or PEP 691) offers."""
    page = f"{index.rstrip('/')}/pip/"
    offers = list_wheels(download(page).decode(), page)
    if not offers:
        raise ValueError("it offers no wheel of pip for this Python")
    _, address, sha256 = max(offers)
    content = download(address)
    if sha256 and hashlib.sha256(content).hexdigest() != sha256:
        raise ValueError(f"{address} is not what the index's checksum says")
    wheel = folder / address.rsplit("/", 1)[-1]
    wheel.write_bytes(content)
    return wheel / "pip"  # Python runs the folder pip inside the wheel


def list_wheels(page: str, base: str) -> list[tuple[tuple[int, ...], str, str]]:
    """Released wheels of pip on an index page, as (version, address, sha256 or "")."""
    wheels: list[tuple[tuple[int, ...], str, str]] = []
    for address, sha256 in list_json(page) if page.lstrip().startswith("{") else list_html(page):
        release = re.fullmatch(r"pip-([0-9.]+)-py3-none-any\.whl", address.rsplit("/", 1)[-1])
        if release:
            version = tuple(int(part) for part in release[1].split("."))
            wheels.append((version, urljoin(base, address), sha256))
    return wheels


def list_json(page: str) -> list[tuple[str, str]]:
    files = cast(list[dict[str, object]], json.loads(page)["files"])
    return [
        (str(file["url"]), str(cast(dict[str, str], file.get("hashes", {})).get("sha256", "")))
        for file in files
        if not file.get("yanked")
    ]


def list_html(page: str) -> list[tuple[str, str]]:
    files: list[tuple[str, str]] = []
    for attributes in re.findall(r"<a\s([^>]*)>", page):
        href = re.search(r'href="([^"]*)"', attributes)
        if href and "data-yanked" not in attributes:
            address, _, fragment = href[1].partition("#")
            files.append((address, fragment.removeprefix("sha256=") if fragment else ""))
    return files


def download(address: str) -> bytes:
    """The body that ``address`` answers with; the certificates are pip's where it has its own."""
    context = ssl.create_default_context(cafile=configured_certificates())
    headers = {"Accept": f"{SIMPLE_JSON}, text/html;q=0.5, */*;q=0.1"}
    request = urllib.request.Request(address, headers=headers)
    with urllib.request.urlopen(request, timeout=60, context=context) as answer:
        return cast(bytes, answer.read())


if __name__ == "__main__":
    print(fetch(Path(sys.argv[1])))
