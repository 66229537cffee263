"""Bombs: bounded in memory and in time, each named, and the rest of the bundle is read."""

from __future__ import annotations

import gzip
import struct
import subprocess
import sys
import tarfile
import textwrap
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backuptrace.bundle.limits import Limits
from backuptrace.bundle.opening import open_bundle

Read = Callable[..., Any]
Make = Callable[..., bytes]

MIB = 1 << 20
ZEROS = zlib.compressobj(9, zlib.DEFLATED, -15)
ZEROS_48 = ZEROS.compress(b"\0" * (48 * MIB)) + ZEROS.flush()


def raw_zip(members: list[tuple[bytes, bytes, int, int]], entries: int | None = None) -> bytes:
    """A zip of (name, deflated data, crc, size)."""
    out, central = bytearray(), bytearray()
    for name, data, crc, size in members:
        central += struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\x01\x02", 20, 20, 0, 8, 0, 0x21, crc, len(data), size, len(name), 0, 0, 0, 0, 0, len(out)) + name
        out += struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", 20, 0, 8, 0, 0x21, crc, len(data), size, len(name), 0) + name + data
    count = min(entries or len(members), 0xFFFF)
    return bytes(out + central + struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, count, count, len(central), len(out), 0))


def test_a_zip_bomb_is_cut_and_the_rest_is_read(tmp_path: Path, read: Read) -> None:
    data = raw_zip([(b"bomb.log", ZEROS_48, 0, 48 * MIB), (b"good.log", zlib.compress(b"good")[2:-4], zlib.crc32(b"good"), 4)])
    (tmp_path / "x.zip").write_bytes(data)
    seen = read(tmp_path / "x.zip")
    assert seen.texts["good.log"] == b"good"
    assert seen.artifacts["bomb.log"].cut and not seen.artifacts["good.log"].cut
    assert 16 * MIB <= len(seen.texts["bomb.log"]) <= 36 * MIB  # judged with every 16 KiB that go in
    assert [(p.kind, p.where) for p in seen.problems] == [("limit", "bomb.log")]


def test_16_mib_of_zeros_are_no_bomb(tmp_path: Path, read: Read, make_zip: Make) -> None:
    (tmp_path / "x.zip").write_bytes(make_zip({"a.log": b"\0" * (16 * MIB)}))
    seen = read(tmp_path / "x.zip")
    assert len(seen.texts["a.log"]) == 16 * MIB
    assert not seen.problems


def test_a_gzip_bomb_in_a_folder(tmp_path: Path, read: Read) -> None:
    (tmp_path / "bomb.gz").write_bytes(gzip.compress(b"\0" * (48 * MIB), 9))
    (tmp_path / "good.log").write_bytes(b"good")
    seen = read(tmp_path)
    assert seen.artifacts["bomb.gz"].cut
    assert seen.texts["good.log"] == b"good"
    assert [(p.kind, p.where) for p in seen.problems] == [("limit", "bomb.gz")]


def test_a_bomb_in_a_tar_gz_is_cut_and_the_rest_is_read(tmp_path: Path, read: Read, make_tar: Make) -> None:
    (tmp_path / "x.tgz").write_bytes(make_tar({"a.log": b"a", "bomb.log": b"\0" * (48 * MIB), "z.log": b"z"}, "w:gz"))
    seen = read(tmp_path / "x.tgz")
    assert (seen.texts["a.log"], seen.texts["z.log"]) == (b"a", b"z")
    assert seen.artifacts["bomb.log"].cut
    assert [(p.kind, p.where) for p in seen.problems] == [("limit", "bomb.log")]


@pytest.mark.parametrize("pack", ["zip", "tar", "tgz", "gz"])
def test_a_member_larger_than_the_limit(tmp_path: Path, read: Read, make_zip: Make, make_tar: Make, pack: Any) -> None:
    text = b"0123456789" * 1000
    members = {"big": text, "exact": text[:4096], "small": b"small"}
    if pack != "gz":
        (tmp_path / "x").write_bytes(make_zip(members) if pack == "zip" else make_tar(members, "w:gz" if pack == "tgz" else "w"))
        seen = read(tmp_path / "x", Limits(member=4096))
        assert seen.texts["exact"] == text[:4096] and not seen.artifacts["exact"].cut
        assert seen.texts["small"] == b"small"
        big = "big"
    else:
        (tmp_path / "x").write_bytes(gzip.compress(text))
        seen = read(tmp_path / "x", Limits(member=4096))
        big = "x"
    assert seen.texts[big] == text[:4096] and seen.artifacts[big].cut
    assert "limit" in seen.kinds(big)


def test_the_total_stops_the_pass(tmp_path: Path, read: Read, make_zip: Make) -> None:
    text = b"0123456789" * 1000
    (tmp_path / "x.zip").write_bytes(make_zip({f"{number}.log": text for number in range(10)}))
    seen = read(tmp_path / "x.zip", Limits(total=35_000))
    assert sum(map(len, seen.texts.values())) == 40_000  # what was decompressed in the last step is handed out
    assert seen.order == ["0.log", "1.log", "2.log", "3.log"]
    assert seen.artifacts["3.log"].cut
    assert seen.kinds() == ["limit"]


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_too_many_members_of_a_tar(tmp_path: Path, read: Read, make_tar: Make, mode: Any) -> None:
    (tmp_path / "x").write_bytes(make_tar({f"{number}.log": b"" for number in range(100)}, mode))
    seen = read(tmp_path / "x", Limits(count=60))
    assert len(seen.order) == 60
    assert [(p.kind, p.where) for p in seen.problems] == [("limit", "60.log")]


def test_a_million_empty_members_of_a_tar_gz(tmp_path: Path) -> None:
    """2.5 MB that hold a million members: a gzip part of 1,000 headers, repeated."""
    part = gzip.compress(b"".join(tarfile.TarInfo(f"{number}.log").tobuf(tarfile.USTAR_FORMAT) for number in range(1000)), 9)
    (tmp_path / "x.tgz").write_bytes(part * 1000)
    began = time.process_time()
    with open_bundle(tmp_path / "x.tgz", Limits(count=20_000)) as bundle:
        count = sum(1 for _ in bundle.artifacts())
        assert count == 20_000
        assert len(bundle.problems) < 300  # 19,000 duplicates are not listed one by one
        assert {p.kind for p in bundle.problems} == {"limit", "duplicate"}
        assert any("18800 further problems" in p.what for p in bundle.problems)
    assert time.process_time() - began < 10


def test_a_million_empty_members_of_a_zip(tmp_path: Path) -> None:
    """All of one local header; the list alone has 47 MB and is read piece by piece."""
    import tracemalloc

    local = struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", 20, 0, 0, 0, 0x21, 0, 0, 0, 1, 0) + b"a"
    entry = struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\x01\x02", 20, 20, 0, 0, 0, 0x21, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(entry) * 1_000_000, len(local), 0)
    (tmp_path / "x.zip").write_bytes(local + entry * 1_000_000 + end)
    tracemalloc.start()
    try:
        with open_bundle(tmp_path / "x.zip", Limits(count=20_000)) as bundle:
            assert sum(1 for _ in bundle.artifacts()) == 1
            assert {p.kind for p in bundle.problems} == {"limit", "duplicate"}
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8 * MIB


def test_overlapping_members(tmp_path: Path, read: Read) -> None:
    """All entries of the list share one kernel, as in the first bomb of Fifield."""
    name, size = b"0", 48 * MIB
    local = struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", 20, 0, 8, 0, 0x21, 0, len(ZEROS_48), size, 1, 0) + name
    entries = b"".join(
        struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\x01\x02", 20, 20, 0, 8, 0, 0x21, number, len(ZEROS_48), size, 4, 0, 0, 0, 0, 0, 0) + b"%04d" % number
        for number in range(5000)
    )
    start = len(local) + len(ZEROS_48)
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 5000, 5000, len(entries), start, 0)
    (tmp_path / "x.zip").write_bytes(local + ZEROS_48 + entries + end)
    seen = read(tmp_path / "x.zip")
    # The list is 12 times as long as the kernel here, so that some members pass before the sum is exceeded.
    assert len(seen.order) < 20
    assert set(seen.kinds()) == {"limit", "overlap"}


def test_a_zip_that_holds_itself_for_ever(tmp_path: Path, read: Read) -> None:
    """A zip whose only member is the zip: a list that declares the whole file as a stored member."""
    name = b"r.zip"
    head = struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", 20, 0, 0, 0, 0x21, 0, 0, 0, len(name), 0) + name
    total = len(head) + 46 + len(name) + 22
    entry = struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\x01\x02", 20, 20, 0, 0, 0, 0x21, 0, total, total, len(name), 0, 0, 0, 0, 0, 0) + name
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 1, 1, len(entry), len(head), 0)
    (tmp_path / "r.zip").write_bytes(head + entry + end)
    (tmp_path / "a.log").write_bytes(b"a")
    seen = read(tmp_path)
    assert seen.order == ["a.log"]
    assert "overlap" in seen.kinds() or "limit" in seen.kinds()


def test_nesting_without_end(tmp_path: Path, read: Read, make_zip: Make) -> None:
    """Zips in zips, three in each, deeper than the limit: 3 ** 4 are opened at most."""
    level = b"bottom"
    for _ in range(8):
        level = make_zip({name + (".zip" if level[:2] == b"PK" else ".log"): level for name in "abc"})
    (tmp_path / "x.zip").write_bytes(level)
    (tmp_path / "a.log").write_bytes(b"a")
    seen = read(tmp_path)
    assert seen.order == ["a.log"]
    assert set(seen.kinds()) == {"limit"}
    assert len(seen.problems) == 81


def test_gzip_in_gzip_without_end(tmp_path: Path, read: Read) -> None:
    level = b"bottom"
    for _ in range(30):
        level = gzip.compress(level)
    (tmp_path / "x.gz").write_bytes(level)
    (tmp_path / "a.log").write_bytes(b"a")
    seen = read(tmp_path)
    assert seen.order == ["a.log"]
    assert seen.kinds("x.gz") == ["limit"]


def test_an_announced_size_costs_nothing(tmp_path: Path, read: Read) -> None:
    """A tar header that says 8 EiB, and a zip entry that says 4 GiB."""
    info = tarfile.TarInfo("huge.log")
    info.size = 1 << 62
    (tmp_path / "x.tar").write_bytes(info.tobuf(tarfile.GNU_FORMAT) + b"only this")
    (tmp_path / "y.zip").write_bytes(raw_zip([(b"huge.log", zlib.compress(b"only this")[2:-4], 0, 0xFFFFFFFE)]))
    seen = read(tmp_path)
    assert seen.texts == {"x.tar!huge.log": b"only this", "y.zip!huge.log": b"only this"}
    assert seen.kinds() == ["truncated", "truncated"]


def deflated(block: bytes, repeats: int, before: bytes = b"", after: bytes = b"") -> tuple[bytes, int, int]:
    """Deflate data of before + block * repeats + after, without doing the work `repeats` times; with check sum and size."""
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    start = packer.compress(before) + packer.flush(zlib.Z_FULL_FLUSH)
    middle = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    crc = zlib.crc32(before)
    for _ in range(repeats):
        crc = zlib.crc32(block, crc)
    return start + middle * repeats + packer.compress(after) + packer.flush(), zlib.crc32(after, crc), len(before) + len(block) * repeats + len(after)


def gzipped(data: tuple[bytes, int, int]) -> bytes:
    return b"\x1f\x8b\x08\0\0\0\0\0\0\x03" + data[0] + struct.pack("<II", data[1], data[2])


@pytest.mark.parametrize("form", ["tgz", "zip", "gz", "zip in tgz"])
def test_memory_is_constant_for_a_member_of_300_mb(tmp_path: Path, form: str) -> None:
    pytest.importorskip("resource", reason="no resource module on Windows")
    line = b"2026/11/22 03:12:07.%06d INFO ExtHandler [HEARTBEAT] Agent is running as the goal state agent\n"
    block = b"".join(line % number for number in range(11_000))
    repeats = 300 * MIB // len(block) + 1
    info = tarfile.TarInfo("a.log")
    info.size = repeats * len(block)
    if form == "gz":
        raw = gzipped(deflated(block, repeats))
    elif form == "tgz":
        raw = gzipped(deflated(block, repeats, info.tobuf(), b"\0" * (-info.size % 512 + 1024)))
    else:
        raw = raw_zip([(b"a.log", *deflated(block, repeats))])
    if form == "zip in tgz":
        info.name, info.size = "logs.zip", len(raw)
        raw = gzip.compress(info.tobuf() + raw + b"\0" * (-len(raw) % 512 + 1024), 1)
    path = tmp_path / "x"
    path.write_bytes(raw)
    program = textwrap.dedent("""
        import resource, sys
        from backuptrace.bundle.opening import open_bundle
        peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        view = memoryview(bytearray(1 << 20))
        view[:] = bytes(1 << 20)
        before, total = peak(), 0
        with open_bundle(sys.argv[1]) as bundle:
            for artifact in bundle.artifacts():
                while got := artifact.readinto(view):
                    total += got
            assert not bundle.problems, bundle.problems
        print(total, peak() - before)
    """)
    done = subprocess.run([sys.executable, "-c", program, str(path)], check=True, capture_output=True, text=True)
    total, grown = map(int, done.stdout.split())
    assert total == repeats * len(block)
    # KiB; a nested zip may keep up to 32 MiB in memory, here the 30 MB of the packed zip.
    assert grown < (48 << 10 if form == "zip in tgz" else 8 << 10)
