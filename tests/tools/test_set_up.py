"""`tools/set_up.py`: the parts that need no network; `./kg` itself is the test of the whole."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import fetch_pip
import pytest
import set_up

TOOLS = Path(set_up.__file__).parent


@pytest.mark.skipif(os.name != "posix", reason="only POSIX systems have flock")
def test_two_starts_at_once_take_turns(tmp_path: Path) -> None:
    script = f"""
import sys, time
sys.path.insert(0, {str(TOOLS)!r})
import set_up, pathlib
set_up.ROOT = pathlib.Path({str(tmp_path)!r})
print("start", flush=True)
with set_up.only_one():
    inside = set_up.ROOT / "inside"
    inside.touch(exist_ok=False)
    time.sleep(0.3)
    inside.unlink()
"""
    starts = [
        subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = [start.communicate()[1] for start in starts]
    assert [start.returncode for start in starts] == [0, 0, 0], said
    assert any("waiting" in text for text in said)


@pytest.fixture
def pip_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The one file with pip's settings; nothing else says anything of an index or certificates."""
    names = ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_CERT", "SSL_CERT_FILE")
    for name in names:
        monkeypatch.delenv(name, raising=False)
    settings = tmp_path / "pip.conf"
    monkeypatch.setattr(fetch_pip, "pip_files", lambda: [settings])
    return settings


def test_where_pip_is_told_to_install_elsewhere_it_is_told_not_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PIP_TARGET", "/somewhere")
    monkeypatch.setenv("PIP_TIMEOUT", "60")
    assert "PIP_TARGET" not in set_up.environment()
    assert set_up.environment()["PIP_TIMEOUT"] == "60"


def test_uv_obeys_pips_settings(pip_settings: Path) -> None:
    pip_settings.write_text(
        "[global]\nindex-url = https://mirror.example/simple\ncert = /etc/ssl/school.pem\n"
    )
    told = set_up.environment()
    assert told["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"
    assert told["SSL_CERT_FILE"] == "/etc/ssl/school.pem"


def test_uvs_own_settings_stand(pip_settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pip_settings.write_text("[global]\nindex-url = https://mirror.example/simple\n")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://other.example/simple")
    assert set_up.environment()["UV_DEFAULT_INDEX"] == "https://other.example/simple"
    assert "SSL_CERT_FILE" not in set_up.environment()


def test_a_killed_set_up_leaves_a_mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = tmp_path / "unfinished"
    monkeypatch.setattr(set_up, "UNFINISHED", mark)
    with pytest.raises(set_up.SetUpError), set_up.marked_unfinished():
        raise set_up.SetUpError("no network")
    assert not mark.exists()

    script = (
        "import os, pathlib, sys; sys.path.insert(0, sys.argv[1]); import set_up\n"
        "set_up.UNFINISHED = pathlib.Path(sys.argv[2])\n"
        "with set_up.marked_unfinished(): os._exit(9)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(TOOLS), str(mark)], check=False)
    assert mark.exists()
