"""A cache that anybody else may have written, or that is damaged, is never used, never an error, always named; the scan's answer stays the same."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import stat
import subprocess
import sys
import textwrap
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from backuptrace.knowledge import cache, library

posix = pytest.mark.skipif(os.name != "posix", reason="owners and modes are those of POSIX")
as_root = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root to give a file away")
PARTS = {"pack": b'{"version":"1"}', "db:waagent": bytes(range(256)) * 40}
NAME = "0123456789abcdef"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "cache"
    monkeypatch.setenv("BACKUPTRACE_CACHE", str(root))
    return root


@pytest.fixture
def stored(home: Path) -> Path:
    notes: list[str] = []
    cache.save(NAME, PARTS, notes)
    assert notes == []
    return home / f"{NAME}.cache"


def loaded(name: str = NAME) -> tuple[dict[str, bytes] | None, list[str]]:
    notes: list[str] = []
    return cache.load(name, notes), notes


def refused(words: str) -> None:
    parts, notes = loaded()
    assert parts is None
    assert len(notes) == 1
    assert notes[0].startswith("cache not used: ") and words in notes[0]


def test_what_was_written_is_read(stored: Path) -> None:
    assert loaded() == (PARTS, [])
    assert loaded("another") == (None, [])
    assert [path.name for path in stored.parent.iterdir()] == [stored.name]
    if os.name == "posix":
        assert stat.S_IMODE(stored.stat().st_mode) == 0o600 and stat.S_IMODE(stored.parent.stat().st_mode) == 0o700


def test_every_flipped_byte_is_noticed(stored: Path) -> None:
    good = stored.read_bytes()
    places = [*range(good.index(b"\n") + 30), *random.Random(1).sample(range(len(good)), 60), len(good) - 1]
    for at in places:
        stored.write_bytes(good[:at] + bytes([good[at] ^ 0x15]) + good[at + 1 :])
        refused("damaged")


def test_a_part_under_another_name_is_damage(stored: Path) -> None:
    """The databases of two formats must not be exchanged: a sound one of other patterns would find other lines."""
    stored.write_bytes(stored.read_bytes().replace(b'"db:waagent"', b'"db:message"', 1))
    refused("damaged")


@pytest.mark.parametrize("change", [lambda raw: raw[: len(raw) // 2], lambda raw: raw[:-1], lambda raw: raw + b"x", lambda raw: b"", lambda raw: b"\n" * 100,
                                    lambda raw: b"[" * 100_000, lambda raw: raw.replace(b"\n", b"", 1), lambda raw: raw[:20], lambda raw: os.urandom(5000)])  # fmt: skip
def test_another_length_is_damage(stored: Path, change: Callable[[bytes], bytes]) -> None:
    stored.write_bytes(change(stored.read_bytes()))
    refused("damaged")


def made(key: str, parts: list[tuple[str, bytes, int | None]]) -> bytes:
    """A cache file whose sums are right; a part's length may be stated otherwise."""
    header = {"key": key, "parts": {name: [cache._sum(key, name, data), len(data) if size is None else size] for name, data, size in parts}}
    return json.dumps(header).encode() + b"\n" + b"".join(data for _, data, _ in parts)


def test_a_sound_file_of_another_key_is_damage(stored: Path) -> None:
    stored.write_bytes(made(NAME, [("pack", b"{}", None)]))
    assert loaded()[0] == {"pack": b"{}"}, "the maker of this test makes what is read"
    stored.write_bytes(made("fedcba9876543210", [("pack", b"{}", None)]))
    refused("damaged")


@pytest.mark.parametrize("sizes", [(-1, 3), (3, -1), (0, 2), (1 << 62, -(1 << 62) + 2)])
def test_lengths_that_cannot_be_are_damage(stored: Path, sizes: tuple[int, int]) -> None:
    stored.write_bytes(made(NAME, [("pack", b"{}", sizes[0]), ("db:waagent", b"", sizes[1])]))
    refused("damaged")


def test_the_key_tells_everything_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {cache.key("rules", "hyperscan"), cache.key("other rules", "hyperscan"), cache.key("rules", "re2")}
    for module in ("hyperscan", "msgspec"):
        monkeypatch.setattr(f"{module}.__version__", "0.0.1")
        keys.add(cache.key("rules", "hyperscan"))
    monkeypatch.setattr(cache, "__version__", "0.0.1")
    keys.add(cache.key("rules", "hyperscan"))
    monkeypatch.setattr(cache, "_cpu_flags", lambda: "flags: another processor")
    keys.add(cache.key("rules", "hyperscan"))
    monkeypatch.setattr("platform.python_version", lambda: "3.99")
    keys.add(cache.key("rules", "hyperscan"))
    assert len(keys) == 8


@posix
@pytest.mark.parametrize("mode", [0o666, 0o620, 0o602, 0o777])
def test_a_file_that_others_may_write(stored: Path, mode: int) -> None:
    stored.chmod(mode)
    refused("may be written by others")


@posix
@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702, 0o1777])
def test_a_folder_that_others_may_write(stored: Path, mode: int) -> None:
    stored.parent.chmod(mode)
    refused("may be written by others")
    notes: list[str] = []
    cache.save("new", PARTS, notes)
    assert len(notes) == 1 and "cache not written" in notes[0]
    assert not (stored.parent / "new.cache").exists()


@as_root
@pytest.mark.parametrize("which", ["file", "folder"])
def test_what_belongs_to_another_user(stored: Path, which: str) -> None:
    os.chown(stored if which == "file" else stored.parent, 65534, 65534)
    refused("belongs to another user")
    notes: list[str] = []
    cache.save(NAME, PARTS, notes)
    if which == "folder":
        assert "belongs to another user" in notes[0]
    else:
        assert notes == [] and loaded() == (PARTS, []), "the foreign file was replaced by an own one"


@posix
def test_links_are_not_followed(stored: Path, tmp_path: Path) -> None:
    raw = stored.read_bytes()
    (tmp_path / "elsewhere").write_bytes(raw)
    stored.unlink()
    stored.symlink_to(tmp_path / "elsewhere")
    refused("is a link")
    notes: list[str] = []
    cache.save(NAME, PARTS, notes)
    assert notes == [] and not stored.is_symlink()
    assert (tmp_path / "elsewhere").read_bytes() == raw, "nothing was written through the link"
    stored.parent.rename(tmp_path / "real")
    stored.parent.symlink_to(tmp_path / "real", target_is_directory=True)
    refused("is a link")
    cache.save("new", PARTS, notes)
    assert "is a link" in notes[0]
    assert not (tmp_path / "real" / "new.cache").exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_pipe_or_a_folder_in_its_place_does_not_hang(stored: Path) -> None:
    stored.unlink()
    os.mkfifo(stored, 0o600)
    refused("no regular file")
    stored.unlink()
    stored.mkdir(mode=0o700)
    refused("no regular file")
    notes: list[str] = []
    cache.save(NAME, PARTS, notes)
    assert "cache not written" in notes[0]
    assert [path.name for path in stored.parent.iterdir()] == [stored.name], "nothing half-written stays"


def test_a_file_in_the_place_of_the_folder(home: Path) -> None:
    home.write_bytes(b"")
    notes: list[str] = []
    assert cache.load(NAME, notes) is None
    cache.save(NAME, PARTS, notes)
    assert len(notes) == 2


def test_a_file_that_is_too_large_is_not_read(stored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MAX_BYTES", 5000)
    refused("larger than 5000 bytes")


# where the folder is


@posix
def test_without_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BACKUPTRACE_CACHE", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)

    def nobody(path: object = None) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nobody)
    notes: list[str] = []
    assert cache.load(NAME, notes) is None
    cache.save(NAME, PARTS, notes)
    assert [note.partition(":")[0] for note in notes] == ["cache not used", "cache not written"]


@posix
@pytest.mark.parametrize("variables", [{"XDG_CACHE_HOME": "relative"}, {"HOME": "relative"}, {"HOME": "relative", "XDG_CACHE_HOME": "."}])
def test_nothing_is_written_to_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "home").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for name, value in {"BACKUPTRACE_CACHE": "", "XDG_CACHE_HOME": "", "HOME": str(tmp_path / "home"), **variables}.items():
        monkeypatch.setenv(name, value)
    notes: list[str] = []
    cache.save(NAME, PARTS, notes)
    assert list((tmp_path / "here").iterdir()) == []
    assert bool(notes) is ("HOME" in variables)


@posix
def test_a_home_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BACKUPTRACE_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    for home in ("/proc/1", "/dev/null", str(tmp_path / "not" / "there")):
        monkeypatch.setenv("HOME", home)
        notes: list[str] = []
        assert cache.load(NAME, notes) is None
        cache.save(NAME, PARTS, notes)
        if home.startswith(str(tmp_path)):
            assert notes == [] and cache.load(NAME, notes) == PARTS
        else:
            assert "cache not written" in notes[-1]


@as_root
def test_root_leaves_nothing_in_the_home_of_another_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`sudo backuptrace` with the user's HOME: a cache folder of root would shut the user out of his own cache."""
    monkeypatch.delenv("BACKUPTRACE_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    (tmp_path / "user").mkdir()
    os.chown(tmp_path / "user", 65534, 65534)
    notes: list[str] = []
    cache.save(NAME, PARTS, notes)
    assert "belongs to another user" in notes[0]
    assert list((tmp_path / "user").iterdir()) == []


# writing


def test_many_writers_and_readers_at_once(stored: Path) -> None:
    notes: list[str] = []

    def work(number: int) -> bool:
        if number % 2:
            cache.save(NAME, PARTS, notes)
            return True
        return cache.load(NAME, notes) == PARTS

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(200)))
    assert notes == []
    assert [path.name for path in stored.parent.iterdir()] == [stored.name]


@posix
def test_a_full_disk(stored: Path) -> None:
    program = textwrap.dedent("""
        import resource, sys
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        from backuptrace.knowledge import cache
        notes = []
        cache.save("full", {"pack": b"x" * 100_000}, notes)
        print(notes)
    """)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "cache not written" in done.stdout and "too large" in done.stdout
    assert [path.name for path in stored.parent.iterdir()] == [stored.name], "nothing half-written stays"


@posix
def test_a_writer_that_is_killed_leaves_nothing_that_is_read(stored: Path) -> None:
    program = textwrap.dedent("""
        import os
        from pathlib import Path
        from backuptrace.knowledge import cache
        Path.replace = lambda *a: os.kill(os.getpid(), 9)
        cache.save("killed", {"pack": b"x"}, [])
    """)
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == -signal.SIGKILL
    assert loaded("killed") == (None, [])
    left = [path for path in stored.parent.iterdir() if path.name.startswith(".new-")]
    assert len(left) == 1
    os.utime(left[0], (1, 1))
    cache.save(NAME, PARTS, [])
    assert not left[0].exists(), "a later writer clears it away"


def test_only_the_newest_caches_are_kept(stored: Path) -> None:
    for number in range(20):
        cache.save(f"{number:016x}", PARTS, [])
        os.utime(stored.parent / f"{number:016x}.cache", (1_000_000 + number, 1_000_000 + number))
    cache.save("f" * 16, PARTS, [])
    names = sorted(path.name[:16] for path in stored.parent.iterdir())
    assert len(names) == cache.KEPT
    assert "f" * 16 in names and f"{19:016x}" in names and f"{5:016x}" not in names


# the whole scan


BUNDLE = Path(__file__).resolve().parents[2] / "sample_logs" / "linux" / "wireserver-unreachable"


@pytest.fixture(scope="module")
def rules() -> list[Any]:
    """Enough to judge the bundle: compiling all databases several times a test takes long and shows nothing more."""
    wanted = re.compile("linux/(?:waagent|linux-syslog|vmsnapshot-log)$|linux/network/wireserver|causes/|errors/|confidence")
    return [source for source in library.sources() if wanted.match(source.path)]


@pytest.fixture(autouse=True)
def one_set_of_rules(rules: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody may be writing at the signatures while the tests run."""
    monkeypatch.setattr(library, "sources", lambda *folders: rules)


@pytest.fixture
def answer(one_set_of_rules: None) -> dict[str, Any]:
    from backuptrace.api import scan

    told = said(scan(BUNDLE, cache=False))
    assert told["causes"]
    return told


def said(report: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(report.to_json())
    told["problems"] = [problem for problem in told["problems"] if problem["kind"] != "note"]
    return told


def notes_of(report: Any) -> list[str]:
    return [problem["what"] for problem in json.loads(report.to_json())["problems"] if problem["kind"] == "note"]


def flipped(file: Path) -> None:
    raw = bytearray(file.read_bytes())
    raw[-100] ^= 1  # inside the last database
    file.write_bytes(raw)


def foreign_pack(file: Path) -> None:
    """Sums that are right, of a pack that this version cannot read."""
    file.write_bytes(made(file.stem, [("pack", b'{"formats": 1}', None), ("db:waagent", b"hostile", None)]))


def no_pack(file: Path) -> None:
    file.write_bytes(made(file.stem, [("db:waagent", b"hostile", None)]))


@pytest.mark.parametrize(
    "spoil, mended",
    [(flipped, True), (foreign_pack, True), (no_pack, True), (lambda file: file.chmod(0o666), True), (lambda file: file.parent.chmod(0o777), False)],
    ids=["flipped", "foreign", "no pack", "file mode", "folder mode"],
)
def test_the_answer_is_the_same_and_no_hostile_database_is_loaded(
    home: Path, answer: dict[str, Any], monkeypatch: pytest.MonkeyPatch, spoil: Callable[[Path], None], mended: bool
) -> None:
    engine = pytest.importorskip("backuptrace.matcher.hyperscan_engine", reason="no hyperscan on this platform")
    from backuptrace.api import scan

    given: list[bytes] = []
    load = engine._load

    def watched(compiled: bytes) -> object:
        given.append(compiled)
        return load(compiled)

    monkeypatch.delenv("BACKUPTRACE_ENGINE", raising=False)
    monkeypatch.setattr(engine, "_load", watched)
    assert said(scan(BUNDLE)) == answer
    assert given == []
    assert said(scan(BUNDLE)) == answer
    assert given, "the warm scan loads what the first one wrote"
    (file,) = home.glob("*.cache")
    spoil(file)
    given.clear()
    report = scan(BUNDLE)
    assert given == []
    assert said(report) == answer
    assert notes_of(report)[0].startswith("cache not used")
    assert bool(notes_of(scan(BUNDLE))) is not mended
