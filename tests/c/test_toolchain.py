"""Finding a C compiler, and surviving all that compilers and environments do."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from kernelgraph.c import process, toolchain
from kernelgraph.c.cache import Cache
from kernelgraph.c.toolchain import (
    MOST_LINES,
    MOST_LOOPS,
    Toolchain,
    Unit,
    find,
    program_unit,
    quicker,
)
from kernelgraph.errors import CompileError

SOURCE = Unit('__attribute__((visibility("default"))) int answer(void) { return 42; }\n')


def forget(_key: str, compute: Callable[[], bytes]) -> bytes:
    """A memory that keeps nothing."""
    return compute()


def compiled(unit: Unit = SOURCE) -> bytes:
    return find(forget).compile(unit)


def refused(unit: Unit = SOURCE) -> CompileError:
    with pytest.raises(CompileError) as caught:
        compiled(unit)
    return caught.value


class TestFinding:
    def test_compiles_and_runs(self, tmp_path: Path) -> None:
        library = tmp_path / "answer.so"
        library.write_bytes(compiled())
        assert ctypes.CDLL(str(library)).answer() == 42

    def test_flags_keep_floating_point_strict(self) -> None:
        flags = find(forget).flags
        assert {"-ffp-contract=off", "-fwrapv", "-fno-strict-aliasing", "-shared"} <= set(flags)
        assert not any("fast" in flag for flag in flags)

    def test_the_more_special_variable_wins(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CC", "/nonexistent/cc")
        monkeypatch.setenv("KERNELGRAPH_CC", "gcc -g")
        found = find(forget)
        assert os.path.basename(found.command[0]) == "gcc"
        assert found.command[1:] == ("-g",)

    def test_no_shell_reads_the_variable(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        canary = tmp_path / "canary"
        canary.touch()
        monkeypatch.setenv("CC", f"gcc; rm -f {canary}")
        error = refused()
        assert error.code == "KG-K001"
        assert "gcc;" in str(error)
        assert canary.exists()

    def test_no_compiler(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.setattr(toolchain, "_zig", lambda: None)
        error = refused()
        assert error.code == "KG-K001"
        assert "ziglang" in str(error)

    def test_zig_is_found_in_its_package(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        package = tmp_path / "ziglang"
        package.mkdir()
        (package / "__init__.py").touch()
        (package / "zig").write_text('#!/bin/sh\nshift; exec gcc "$@"\n')
        (package / "zig").chmod(0o700)
        monkeypatch.syspath_prepend(str(tmp_path))
        assert toolchain._zig() == str(package / "zig")
        monkeypatch.setenv("KERNELGRAPH_CC", f"{package}/zig cc")
        assert compiled().startswith(b"\x7fELF")

    def test_a_relative_entry_of_path_is_not_searched(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "cc").write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / "cc").chmod(0o700)
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("PATH", f".:{os.environ['PATH']}")
        assert not find(forget).command[0].startswith(str(tmp_path))

    def test_only_posix(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(toolchain.os, "name", "nt")
        with pytest.raises(CompileError, match="WSL"):
            find(forget)


class TestFlags:
    @pytest.mark.parametrize(
        "flag",
        [
            "-ffast-math",
            "-Ofast",
            "-funsafe-math-optimizations",
            "-ffinite-math-only",
            "-fassociative-math",
            "-freciprocal-math",
            "-fno-signed-zeros",
            "-ffp-model=fast",
            "-mdaz-ftz",
            "@more-flags",
        ],
    )
    @pytest.mark.parametrize("variable", ["CFLAGS", "CC"])
    def test_unsafe_mathematics_is_refused(
        self, flag: str, variable: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(variable, flag if variable == "CFLAGS" else f"gcc {flag}")
        error = refused()
        assert error.code == "KG-K010"
        assert flag in str(error)

    def test_ours_win_over_the_users(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CFLAGS", "-O0 -ffp-contract=fast -DMARK='a b'")
        flags = find(forget).flags
        assert "-DMARK=a b" in flags
        assert flags.index("-O0") < flags.index("-O3")
        assert flags.index("-ffp-contract=fast") < flags.index("-ffp-contract=off")

    def test_an_open_quote_is_an_error(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CFLAGS", "-DX='")
        assert refused().code == "KG-K010"


class TestProcessor:
    def levels(self, monkeypatch: pytest.MonkeyPatch, flags: set[str]) -> tuple[str, ...]:
        monkeypatch.setattr(
            toolchain.os, "uname", lambda: os.uname_result(["Linux", "h", "r", "v", "x86_64"])
        )
        monkeypatch.setattr(toolchain, "_cpu_flags", lambda: flags)
        return toolchain._levels()

    def test_best_level_first(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.levels(monkeypatch, toolchain._V3)[0] == "x86-64-v3"
        assert self.levels(monkeypatch, toolchain._V3 - {"avx2"})[0] == "x86-64-v2"
        assert self.levels(monkeypatch, set()) == ("x86-64",)

    def test_the_level_can_be_lowered(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("KERNELGRAPH_ISA", "x86-64-v2")
        assert self.levels(monkeypatch, toolchain._V3)[0] == "x86-64-v2"

    def test_but_not_raised(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("KERNELGRAPH_ISA", "x86-64-v3")
        with pytest.raises(CompileError, match="x86-64-v2"):
            self.levels(monkeypatch, toolchain._V2)

    def test_another_processor_has_another_key(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.levels(monkeypatch, toolchain._V2)
        older = find(forget).key(SOURCE)
        self.levels(monkeypatch, toolchain._V3)
        assert find(forget).key(SOURCE) != older

    def test_a_compiler_older_than_the_processor(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        old = tmp_path / "old-gcc"
        old.write_text(
            '#!/bin/sh\ncase "$*" in *x86-64-v*) echo "bad value for -march" >&2; exit 1;; esac\n'
            'exec gcc "$@"\n'
        )
        old.chmod(0o700)
        monkeypatch.setenv("CC", str(old))
        self.levels(monkeypatch, toolchain._V3)
        assert find(forget).flags[-1] == "-march=x86-64"

    def test_the_spelling_of_zig(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        zig = tmp_path / "zig"
        zig.write_text(
            "#!/bin/sh\n"
            'case "$*" in *--version*|*-march=x86_64*) exit 0;; esac\n'
            "echo \"error: unknown CPU: 'x86'\" >&2; exit 1\n"
        )
        zig.chmod(0o700)
        monkeypatch.setenv("CC", f"{zig} cc")
        self.levels(monkeypatch, toolchain._V3)
        assert find(forget).flags[-1] == "-march=x86_64_v3"

    def test_native_code_belongs_to_one_processor(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CFLAGS", "-march=native")
        self.levels(monkeypatch, toolchain._V3)
        here = find(forget).identity
        self.levels(monkeypatch, toolchain._V3 | {"avx512f"})
        assert find(forget).identity != here


class TestIdentity:
    def test_a_warm_start_runs_no_compiler(self, tmp_path: Path, fake_compiler) -> None:
        kept: dict[str, bytes] = {}

        def remember(key: str, compute: Callable[[], bytes]) -> bytes:
            return kept[key] if key in kept else kept.setdefault(key, compute())

        path = Path(fake_compiler('exec gcc "$@"'))
        first = find(remember)

        def run_no_process(*_: object) -> bytes:
            raise AssertionError("a process was started")

        assert find(lambda key, _compute: kept.get(key) or run_no_process()) == first
        path.write_text(path.read_text() + "# changed\n")
        second = find(remember)
        assert len(kept) == 2
        assert second.key(SOURCE) != first.key(SOURCE)

    def test_key_covers_source_and_flags(self) -> None:
        found = find(forget)
        keys = {
            found.key(SOURCE),
            found.key(Unit(SOURCE.source + " ")),
            found.key(Unit(SOURCE.source, ("-g",))),
            Toolchain(found.command, (*found.flags, "-g"), found.identity).key(SOURCE),
            Toolchain(found.command, found.flags, "another").key(SOURCE),
        }
        assert len(keys) == 5
        assert all(len(key) == 64 for key in keys)

    def test_equal_programs_give_equal_bytes(self) -> None:
        assert compiled() == compiled()


class TestKeptFacts:
    """What the cache says of a compiler is believed only if it can be true."""

    @pytest.mark.parametrize(
        "garbage",
        [
            b"", b"{", b"null", b"[]", b'"text"', b"17", b"{}", b"\xff\xfe", b"[" * 100_000,
            b'{"version": "gcc"}', b'{"version": 5, "architecture": []}',
            b'{"version": "gcc", "architecture": "-O3"}', b'{"version": "gcc", "architecture": {}}',
            b'{"version": "gcc", "architecture": [5]}', b'{"version": null, "architecture": []}',
            b'{"version": "gcc", "architecture": ["-ffast-math"]}',
            b'{"version": "gcc", "architecture": ["-march=x86-64", "-march=x86-64-v3"]}',
            b'{"architecture": []}', b"\x7fELF" + bytes(1000),
            b'{"version": "gcc", "architecture": []}',
            b'{"version": "gcc", "architecture": [], "known": ["-ffast-math"]}',
        ],
        ids=lambda text: repr(text[:60]),
    )  # fmt: skip
    def test_garbage(self, tmp_path: Path, garbage: bytes) -> None:
        cache = Cache(str(tmp_path / "cache"))
        keys: list[str] = []

        def remember(key: str, compute: Callable[[], bytes]) -> bytes:
            keys.append(key)
            return cache.remember(key, compute)

        right = find(remember)
        kept = cache.load(keys[0])
        cache.store(keys[0], garbage, {})
        assert find(remember) == right
        assert cache.load(keys[0]) == kept
        assert find(lambda _key, _compute: garbage) == right


class TestLevels:
    def test_small_programs_keep_the_usual_flags(self) -> None:
        assert program_unit("for (;;) {}\n" * MOST_LOOPS).flags == ()

    @pytest.mark.parametrize(
        ("line", "most"), [("for (;;) {}\n", MOST_LOOPS), ("x;\n", MOST_LINES)]
    )
    def test_large_programs_are_compiled_at_a_lower_level(self, line: str, most: int) -> None:
        assert program_unit(line * (most + 1)).flags == ("-O1",)

    def test_each_attempt_is_quicker(self) -> None:
        second = quicker(Unit("int x;"))
        assert second.flags == ("-O1",)
        assert quicker(second).flags[-1] == "-O0"

    def test_what_takes_too_long_is_compiled_at_a_lower_level(
        self, tmp_path: Path, fake_compiler, make_builder, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fake_compiler(
            'case " $* " in *" -O1 "*) exec gcc "$@";; esac\necho late >> "$here/log"; sleep 30'
        )
        builder = make_builder(tmp_path / "cache")
        monkeypatch.setattr(process, "TIME_LIMIT", 3)
        with builder._obtaining(SOURCE) as finish:  # not beside the runtime, which takes longer
            body = finish().body
        (tmp_path / "answer.so").write_bytes(body)
        assert ctypes.CDLL(str(tmp_path / "answer.so")).answer() == 42
        assert (tmp_path / "log").read_text().split() == ["late"]
