"""Makes or refreshes the clone's .venv; `./kg` calls it whenever its stamp is out of date.

In goes the list of extras and the stamp to write when all is well; out comes an environment with
the project (editable) and the versions that constraints.txt names. It uses the standard library
alone, for it runs before anything is installed.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import fetch_pip

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UNFINISHED = VENV / "unfinished"
UV = VENV / "bin" / "uv"
CONSTRAINTS = ROOT / "constraints.txt"

Command = list[str]


class SetUpError(Exception):
    """The environment could not be made; the message says what to do."""


def main(extras: str, stamp: str) -> None:
    """Bring .venv up to date with ``extras`` ("lab" or "e2e,cc"), then write ``stamp``."""
    with only_one():
        ready = VENV / f"ready-{extras}"
        if ready.is_file() and ready.read_text() == f"{stamp}\n":
            return  # another ./kg did it while this one waited
        began = time.monotonic()
        make_environment()
        with marked_unfinished():
            install(extras)
        ready.write_text(f"{stamp}\n")
        say(f"ready after {time.monotonic() - began:.1f} s")


def say(text: str) -> None:
    print(f"kg: {text}", file=sys.stderr, flush=True)


@contextmanager
def only_one() -> Generator[None]:
    """Hold the clone's lock, which the kernel frees even if this process is killed."""
    try:
        import fcntl
    except ImportError:  # not a POSIX system
        yield
        return
    with (ROOT / ".venv.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another ./kg is setting up this clone; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        except OSError:  # a network drive without locks: as well as can be
            pass
        yield


@contextmanager
def marked_unfinished() -> Generator[None]:
    """Leave a mark in .venv only if this process dies: then packages may be there by halves."""
    UNFINISHED.touch()
    try:
        yield
    finally:
        UNFINISHED.unlink()


# ---- the environment itself ----------------------------------------------------------------------


def make_environment() -> None:
    """Leave a .venv whose Python starts; it may or may not have a pip."""
    home = VENV / "home"
    stands_here = home.is_file() and home.read_text() == str(ROOT)
    if stands_here and not UNFINISHED.exists() and works([str(PYTHON), "-V"]):
        return
    say(f"making .venv with Python {'.'.join(map(str, sys.version_info[:3]))}")
    with_pip = importlib.util.find_spec("ensurepip") is not None
    options = ["--clear"] if with_pip else ["--clear", "--without-pip"]
    if not works([sys.executable, "-m", "venv", *options, str(VENV)]):
        # Some systems ship ensurepip without the wheel that it unpacks.
        run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(VENV)])
    home.write_text(str(ROOT))


# ---- installers ----------------------------------------------------------------------------------


def install(extras: str) -> None:
    """Install the project with ``extras``: with uv if it can be had, else with pip."""
    pip = None
    if not has_uv():
        pip = pip_install()
        say("installing uv")
        runs([*pip, "--quiet", "-c", str(CONSTRAINTS), "uv"])
    project = f"{ROOT}[{extras}]"
    say(f"installing kernelgraph[{extras}] (a few hundred megabytes the first time)")
    if has_uv() and runs([*uv_install(str(UV)), *quiet(), *pins(), "-e", project]):
        return
    say("uv could not do it; trying pip")
    pip = pip or pip_install()
    os.environ["PIP_CONSTRAINT"] = str(CONSTRAINTS)  # pins what builds the project, too
    if not runs([*pip, *quiet(), "-e", project]):
        raise SetUpError(
            "the packages could not be installed; what pip says above tells why. "
            "Behind a proxy or with a mirror, set pip up first (pip config), then run this again."
        )


def has_uv() -> bool:
    return works([str(UV), "--version"])


def pins() -> Command:
    return ["-c", str(CONSTRAINTS), "--build-constraints", str(CONSTRAINTS)]


def quiet() -> Command:
    """A progress display is for people; a log gets errors alone."""
    return [] if sys.stderr.isatty() else ["--quiet"]


def uv_install(uv: str) -> Command:
    """The start of an installing command of uv's."""
    return [uv, "pip", "install", "--python", str(PYTHON)]


def pip_install() -> Command:
    """The start of an installing command of the best pip that there is (or of a uv on PATH)."""
    inside = [str(PYTHON), "-m", "pip"]
    if works([*inside, "--version"]):
        return [*inside, "install"]
    if uv := shutil.which("uv"):
        return uv_install(uv)
    for outside in ([sys.executable, "-m", "pip"], ["pip3"], ["pip"]):
        command = [*outside, "--python", str(PYTHON)]
        if works([*command, "--version"]):
            return [*command, "install"]
    say("this Python has neither ensurepip nor pip; fetching pip")
    try:
        return [str(PYTHON), str(fetch_pip.fetch(VENV)), "install"]
    except fetch_pip.FetchError as error:
        raise SetUpError(
            f"{error}\n    Any one of these helps: install pip for {sys.executable}, "
            "put uv on PATH, or set PIP_INDEX_URL to the package index that you use."
        ) from error


# ---- processes -----------------------------------------------------------------------------------


def environment() -> dict[str, str]:
    """This process's variables, fit for installing.

    Those that send pip's work somewhere else are left out; pip's own index and certificates are
    repeated in the words of uv, which does not read pip's settings.
    """
    elsewhere = {"PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PYTHONHOME", "PYTHONPATH"}
    kept = {name: value for name, value in os.environ.items() if name not in elsewhere}
    words = {"PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    if (index := fetch_pip.configured_index()) and "UV_INDEX_URL" not in kept:
        words["UV_DEFAULT_INDEX"] = index
    if certificates := fetch_pip.configured_certificates():
        words["SSL_CERT_FILE"] = certificates
    return words | kept


def runs(command: Sequence[str]) -> bool:
    return subprocess.run(command, env=environment()).returncode == 0


def works(command: Sequence[str]) -> bool:
    """Whether ``command`` exists and succeeds; what it prints is dropped."""
    try:
        return subprocess.run(command, env=environment(), capture_output=True).returncode == 0
    except OSError:
        return False


def run(command: Sequence[str]) -> None:
    if not runs(command):
        raise SetUpError(f"this failed: {' '.join(command)}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except SetUpError as error:
        say(str(error))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
