"""A private JupyterLab server for browser tests.

In goes a temporary folder; out comes the address of a server that shares nothing with the
user's own Jupyter: settings, workspaces, kernels' start-up files and port are all its own.
It exists so that a browser test meets the same JupyterLab on every machine.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TOKEN = "kernelgraph-e2e"
START_SECONDS = 60.0
ANSWER_SECONDS = 10.0
STOP_SECONDS = 10.0

# The news toast covers part of the page, windowed rendering drops the cells that are out of
# sight, and autosave would write into the notebook while a test looks at it.
SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
    },
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
}


@dataclass(frozen=True)
class Server:
    """A running JupyterLab: its address, the folder it serves, and where it writes its log."""

    url: str
    root: Path
    log: Path

    def address(self, path: str) -> str:
        """The whole address of ``path``, token included."""
        return f"{self.url}/{path}?token={TOKEN}"

    def end_kernels(self) -> None:
        """Shut down every kernel that a notebook has started."""
        with urllib.request.urlopen(self.address("api/sessions"), timeout=ANSWER_SECONDS) as answer:
            sessions = json.load(answer)
        for session in sessions:
            request = urllib.request.Request(
                self.address(f"api/sessions/{session['id']}"), method="DELETE"
            )
            urllib.request.urlopen(request, timeout=ANSWER_SECONDS).close()


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment(home: Path) -> dict[str, str]:
    """The variables that keep every file of this Jupyter inside ``home``."""
    folders = {
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_DATA_DIR": home / "data",
        "JUPYTER_RUNTIME_DIR": home / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": home / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": home / "workspaces",
        "IPYTHONDIR": home / "ipython",
    }
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    overrides = home / "config" / "labconfig" / "default_setting_overrides.json"
    overrides.parent.mkdir()
    overrides.write_text(json.dumps(SETTINGS), encoding="utf-8")
    return {**os.environ, **{name: str(folder) for name, folder in folders.items()}}


def command(port: int, root: Path) -> list[str]:
    """The command line that serves ``root`` on ``port``."""
    return [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        "--allow-root",
        # Lets a test await the commands behind the menus: the page says "idle" before its kernel
        # is connected, and whatever is clicked in that moment is dropped without a word.
        "--expose-app-in-browser",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={root}",
        f"--IdentityProvider.token={TOKEN}",
    ]


def wait_until_ready(process: subprocess.Popen[bytes], server: Server) -> None:
    """Return when the server answers; raise with its log when it dies or stays silent."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(server.address("api"), timeout=2):
                return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.1)
    log = server.log.read_text(encoding="utf-8", errors="replace")
    raise RuntimeError(f"JupyterLab did not start. Its log:\n{log}")


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the server and its kernels: politely first, for good after a while."""
    for signal_number in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            return
        os.killpg(process.pid, signal_number)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue


@contextmanager
def running(home: Path) -> Iterator[Server]:
    """A JupyterLab that lives as long as the block, with all its files under ``home``."""
    root = home / "notebooks"
    root.mkdir(parents=True)
    port = free_port()
    server = Server(f"http://127.0.0.1:{port}", root, home / "jupyterlab.log")
    with server.log.open("wb") as log:
        process = subprocess.Popen(
            command(port, root),
            env=environment(home),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            wait_until_ready(process, server)
            yield server
        finally:
            stop(process)
