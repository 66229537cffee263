"""Tar archives, healthy and broken, plain and compressed."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backuptrace.bundle.limits import Limits
from backuptrace.errors import BundleError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    zstd = pytest.importorskip("backports.zstd")

Read = Callable[..., Any]
Make = Callable[..., bytes]

LOG = b"".join(b"2026/11/22 03:12:%02d.000000 INFO ExtHandler line %d\n" % (number % 60, number) for number in range(20_000))
NOISE = bytes(random.Random(3).choices(b"abcdefghijklmnop \n", k=600_000))


def quick_xz(data: bytes) -> bytes:
    return lzma.compress(data, preset=0)


def rewritten(header: bytes, at: int, value: bytes) -> bytes:
    """A header with other bytes and the check sum that fits."""
    raw = bytearray(header)
    raw[at : at + len(value)] = value
    raw[148:156] = b" " * 8
    raw[148:156] = b"%06o\0 " % sum(raw)
    return bytes(raw)


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, quick_xz, zstd.compress])
@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_members_come_in_the_order_of_the_archive(tmp_path: Path, read: Read, pack: Any, form: Any) -> None:
    out = io.BytesIO()
    long_name = "var/log/azure/" + "/".join("d" * 60 for _ in range(2)) + "/extension.log"
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, data in {"./var/log/waagent.log": LOG, long_name: b"long\n", "odd.log": b"x" * 513, "empty.log": b""}.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(data), 1_795_000_000
            archive.addfile(info, io.BytesIO(data))
        folder = tarfile.TarInfo("etc")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
    (tmp_path / "x").write_bytes(pack(out.getvalue()))
    for block in (1000, 1 << 20):
        seen = read(tmp_path / "x", block=block)
        assert seen.texts == {"var/log/waagent.log": LOG, long_name: b"long\n", "odd.log": b"x" * 513, "empty.log": b""}
        assert (seen.kind, seen.problems) == ("tar", [])
        assert {(a.modified, a.modified_uncertain) for a in seen.artifacts.values()} == {(1_795_000_000_000_000, False)}
        assert seen.artifacts["odd.log"].size == 513


def test_pax_keeps_parts_of_seconds_and_names_in_utf8(tmp_path: Path, read: Read, make_tar: Make) -> None:
    (tmp_path / "x").write_bytes(make_tar({"täst.log": b"x"}, mtime=1_795_000_000.25))
    artifact = read(tmp_path / "x").artifacts["täst.log"]
    assert artifact.modified == 1_795_000_000_250_000


def test_members_that_are_not_read_are_passed_over(tmp_path: Path, make_tar: Make) -> None:
    from backuptrace.bundle.opening import open_bundle

    for mode in ("w", "w:gz"):
        (tmp_path / "x").write_bytes(make_tar({"a.log": LOG, "b.log": NOISE, "c.log": b"c"}, mode))
        with open_bundle(tmp_path / "x") as bundle:
            view = memoryview(bytearray(700))
            parts = {}
            for artifact in bundle.artifacts():
                parts[artifact.path] = bytes(view[: artifact.readinto(view)]) if artifact.path != "b.log" else b""
            assert parts == {"a.log": LOG[:700], "b.log": b"", "c.log": b"c"}
            assert not bundle.problems


@pytest.mark.parametrize(
    "kind, expected",
    [(tarfile.SYMTYPE, "link"), (tarfile.LNKTYPE, "link"), (tarfile.FIFOTYPE, "special"), (tarfile.CHRTYPE, "special"), (tarfile.BLKTYPE, "special")],
)
def test_links_and_devices_are_named(tmp_path: Path, read: Read, kind: Any, expected: str) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("bad")
        info.type, info.linkname = kind, "/etc/shadow"
        archive.addfile(info)
        good = tarfile.TarInfo("good.log")
        good.size = 4
        archive.addfile(good, io.BytesIO(b"good"))
    (tmp_path / "x.tar").write_bytes(out.getvalue())
    seen = read(tmp_path / "x.tar")
    assert seen.texts == {"good.log": b"good"}
    assert [(p.kind, p.where) for p in seen.problems] == [(expected, "bad")]


def test_names_that_lead_out_are_skipped(tmp_path: Path, read: Read, make_tar: Make) -> None:
    bad = ["../evil", "a/../../evil", "/etc/passwd", "C:\\evil", "..\\evil"]
    (tmp_path / "x.tar").write_bytes(make_tar({"a.log": b"a"} | dict.fromkeys(bad, LOG) | {"b.log": b"b"}))
    seen = read(tmp_path / "x.tar")
    assert seen.texts == {"a.log": b"a", "b.log": b"b"}
    assert seen.kinds() == ["path"] * len(bad)


def test_undecodable_names(tmp_path: Path, read: Read, make_tar: Make) -> None:
    raw = make_tar({"XXXXX.log": b"x"}, "w")
    (tmp_path / "x.tar").write_bytes(rewritten(raw[:512], 0, b"\xff\x1b[1m") + raw[512:])
    seen = read(tmp_path / "x.tar")
    assert seen.order == ["\ufffd\ufffd[1m.log"]


def test_a_name_that_stands_twice_is_read_twice(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "x.tar"
    for text in (b"old\n", b"old\nnew\n"):  # tar -r
        with tarfile.open(path, "a") as archive:
            info = tarfile.TarInfo("var/log/a.log")
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text))
    seen = read(path)
    assert seen.texts == {"var/log/a.log": b"old\n", "~2/var/log/a.log": b"old\nnew\n"}
    assert seen.kinds() == ["duplicate"]


def test_a_tar_gz_cut_in_the_middle(tmp_path: Path, read: Read, make_tar: Make) -> None:
    raw = make_tar({"a.log": LOG, "b.log": NOISE, "c.log": b"c"}, "w:gz")
    (tmp_path / "x.tar.gz").write_bytes(raw[: len(raw) // 2])
    seen = read(tmp_path / "x.tar.gz")
    assert seen.order == ["a.log", "b.log"]
    assert seen.texts["a.log"] == LOG
    assert NOISE.startswith(seen.texts["b.log"]) and len(seen.texts["b.log"]) > 100_000
    assert (seen.artifacts["a.log"].cut, seen.artifacts["b.log"].cut) == (False, True)
    assert [(p.kind, p.where) for p in seen.problems] == [("truncated", "b.log")]


def test_a_cut_is_told_although_nobody_reads_the_member(tmp_path: Path, make_tar: Make) -> None:
    from backuptrace.bundle.opening import open_bundle

    raw = make_tar({"a.log": LOG, "b.log": NOISE, "c.log": b"c"}, "w:gz")
    (tmp_path / "x.tar.gz").write_bytes(raw[: len(raw) // 2])
    with open_bundle(tmp_path / "x.tar.gz") as bundle:
        assert [artifact.path for artifact in bundle.artifacts()] == ["a.log", "b.log"]
        assert [(p.kind, p.where) for p in bundle.problems] == [("truncated", "b.log")]


@pytest.mark.parametrize("keep", [512 + 100, 512 * 40 + 10, 512 * 3])
def test_a_plain_tar_cut_in_the_middle(tmp_path: Path, read: Read, make_tar: Make, keep: int) -> None:
    raw = make_tar({"a.log": NOISE, "b.log": LOG}, "w", mtime=5)
    (tmp_path / "x.tar").write_bytes(raw[:keep])
    seen = read(tmp_path / "x.tar")
    assert seen.texts == {"a.log": NOISE[: keep - 512]}
    assert seen.artifacts["a.log"].cut
    assert [(p.kind, p.where) for p in seen.problems] == [("truncated", "a.log")]


def test_a_tar_cut_between_two_members(tmp_path: Path, read: Read, make_tar: Make) -> None:
    raw = make_tar({"a.log": b"a", "b.log": LOG}, "w")
    for keep in (1024, 1024 + 100):
        (tmp_path / "x.tar").write_bytes(raw[:keep])
        seen = read(tmp_path / "x.tar")
        assert seen.texts == {"a.log": b"a"}
        assert [(p.kind, p.where) for p in seen.problems] == [("truncated", "x.tar")]


def test_a_damaged_header_costs_one_member(tmp_path: Path, read: Read, make_tar: Make) -> None:
    raw = bytearray(make_tar({"a.log": b"a", "b.log": LOG, "c.log": b"c", "d.log": b"d"}, "w"))
    raw[1024:1030] = b"XXXXXX"
    (tmp_path / "x.tar").write_bytes(raw)
    seen = read(tmp_path / "x.tar")
    assert seen.texts == {"a.log": b"a", "c.log": b"c", "d.log": b"d"}
    assert seen.kinds() == ["damaged"]


def test_a_wrong_check_sum_of_the_gzip_around_it(tmp_path: Path, read: Read, make_tar: Make) -> None:
    raw = bytearray(make_tar({"a.log": LOG}, "w:gz"))
    raw[-8] ^= 1
    (tmp_path / "x.tgz").write_bytes(raw)
    seen = read(tmp_path / "x.tgz")
    assert seen.texts == {"a.log": LOG}
    assert [(p.kind, p.where) for p in seen.problems] == [("crc", "x.tgz")]


@pytest.mark.parametrize("field", [b"\x80" + b"\xff" * 11, b"77777777777\0", b"\xff" * 12, b"12x45678901\0", b"-0000000100\0"])
def test_sizes_that_cannot_be(tmp_path: Path, read: Read, make_tar: Make, field: bytes) -> None:
    raw = make_tar({"a.log": b"a", "b.log": b"b"}, "w")
    for pack in (bytes, gzip.compress):
        (tmp_path / "x").write_bytes(pack(raw[:1024] + rewritten(raw[1024:1536], 124, field) + raw[1536:]))
        seen = read(tmp_path / "x")
        assert seen.texts["a.log"] == b"a"
        assert seen.kinds() in (["truncated"], ["damaged"], ["limit"])


def test_a_hostile_extended_header_is_not_read_into_memory(tmp_path: Path, read: Read, make_tar: Make) -> None:
    import tracemalloc

    raw = make_tar({"a.log": b"a", "x" * 150: b"b"}, "w", pax_headers={})
    at = raw.index(b"x", 1024 + 156)  # the type of the pax header of the second member
    assert raw[at - 156 : at - 150] != b"\0" * 6
    header = rewritten(raw[at - 156 : at + 356], 124, b"%011o\0" % (1 << 30))
    (tmp_path / "x").write_bytes(gzip.compress(raw[: at - 156] + header + b"\0" * (20 << 20)))
    tracemalloc.start()
    try:
        seen = read(tmp_path / "x", block=1 << 16)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert seen.texts == {"a.log": b"a"}
    assert seen.kinds() == ["limit"]
    assert peak < 4 << 20


def test_endless_extended_headers(tmp_path: Path, read: Read, make_tar: Make) -> None:
    raw = make_tar({"a.log": b"a", "x" * 150: b"b"}, "w", pax_headers={})
    at = raw.index(b"x", 1024 + 156) - 156
    (tmp_path / "x").write_bytes(raw[:1024] + raw[at : at + 1024] * 1000 + raw[at:])
    seen = read(tmp_path / "x")
    assert seen.texts == {"a.log": b"a"}
    assert seen.kinds() == ["damaged"]


def test_gnu_sparse_members_are_read_without_their_holes(tmp_path: Path, read: Read) -> None:
    header = tarfile.TarInfo("sparse.log").tobuf(tarfile.GNU_FORMAT)
    header = rewritten(header, 124, b"%011o\0" % 6)
    header = rewritten(header, 156, b"S")
    # The map: 6 bytes at 1 GiB; the file is 1 GiB + 6 long. One further map block follows.
    header = rewritten(header, 386, b"%011o\0%011o\0" % (1 << 30, 6))
    header = rewritten(header, 482, b"\1%011o\0" % ((1 << 30) + 6))
    after = tarfile.TarInfo("after.log")
    after.size = 1
    tail = after.tobuf() + b"y".ljust(512, b"\0") + b"\0" * 1024
    (tmp_path / "x.tar").write_bytes(header + b"\0" * 512 + b"sparse".ljust(512, b"\0") + tail)
    seen = read(tmp_path / "x.tar")
    assert seen.texts == {"sparse.log": b"sparse", "after.log": b"y"}
    assert [(p.kind, p.where) for p in seen.problems] == [("sparse", "sparse.log")]
    assert not seen.artifacts["sparse.log"].cut


def test_pax_sparse_members_are_read_without_their_map(tmp_path: Path, read: Read) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo("GNUSparseFile.0/sparse.log")
        data = b"1\n1073741824\n6\n".ljust(512, b"\0") + b"sparse"
        info.size = len(data)
        info.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "sparse.log", "GNU.sparse.realsize": "1073741830"}
        archive.addfile(info, io.BytesIO(data))
    (tmp_path / "x.tar").write_bytes(out.getvalue())
    seen = read(tmp_path / "x.tar")
    assert seen.texts == {"sparse.log": b"sparse"}
    assert seen.kinds() == ["sparse"]


def test_old_tar_without_magic(tmp_path: Path, read: Read) -> None:
    raw = tarfile.TarInfo("a.log")
    raw.size = 3
    header = raw.tobuf(tarfile.USTAR_FORMAT)[:257] + b"\0" * 255
    header = rewritten(header, 0, b"a.log")
    (tmp_path / "x").write_bytes(header + b"abc".ljust(512, b"\0") + b"\0" * 1024)
    seen = read(tmp_path / "x")
    assert (seen.kind, seen.texts) == ("tar", {"a.log": b"abc"})


def test_a_log_of_zero_bytes_is_no_tar(tmp_path: Path, read: Read) -> None:
    (tmp_path / "x.log").write_bytes(b"\0" * 4096)
    assert read(tmp_path / "x.log").kind == "file"


def test_a_tar_without_files_is_an_error(tmp_path: Path, read: Read, make_tar: Make) -> None:
    (tmp_path / "x.tar").write_bytes(make_tar({"../a": b"x"}))
    with pytest.raises(BundleError, match=r"climbs out"):
        read(tmp_path / "x.tar")


def test_a_nested_zip_in_a_cut_tar_gz_is_read_as_far_as_it_goes(tmp_path: Path, read: Read, make_tar: Make, make_zip: Make) -> None:
    inner = make_zip({"first.log": LOG, "second.log": NOISE})
    raw = make_tar({"a.log": b"a", "logs.zip": inner}, "w:gz")
    (tmp_path / "x.tgz").write_bytes(raw[: len(raw) * 2 // 3])
    seen = read(tmp_path / "x.tgz")
    assert seen.order == ["a.log", "logs.zip!first.log", "logs.zip!second.log"]
    assert seen.texts["logs.zip!first.log"] == LOG
    assert NOISE.startswith(seen.texts["logs.zip!second.log"]) and seen.artifacts["logs.zip!second.log"].cut
    assert seen.kinds() == ["truncated"] * 3
    assert {p.where for p in seen.problems} == {"logs.zip", "logs.zip!second.log"}


def test_archives_in_archives(tmp_path: Path, read: Read, make_tar: Make, make_zip: Make) -> None:
    history = make_zip({"GoalState.xml": b"<GoalState/>"})
    logs = make_zip({"var/log/waagent.log": LOG, "var/lib/waagent/history/2026-11-23T00-12-11__2.zip": history})
    inner_tar = make_tar({"var/log/syslog.1.gz": gzip.compress(b"old\n")}, "w:gz")
    (tmp_path / "x").write_bytes(make_zip({"vm/more.tgz": make_tar({"logs.zip": logs, "t.tar.gz": inner_tar}, "w:gz"), "z": b"z"}))
    seen = read(tmp_path / "x")
    assert seen.texts == {
        "vm/more.tgz!logs.zip!var/log/waagent.log": LOG,
        "vm/more.tgz!logs.zip!var/lib/waagent/history/2026-11-23T00-12-11__2.zip!GoalState.xml": b"<GoalState/>",
        "vm/more.tgz!t.tar.gz!var/log/syslog.1.gz": b"old\n",
        "z": b"z",
    }
    assert not seen.problems
    seen = read(tmp_path / "x", Limits(depth=3))
    assert seen.kinds() == ["limit"]
    assert len(seen.order) == 3


def test_a_second_pass_starts_over(tmp_path: Path, make_tar: Make) -> None:
    from backuptrace.bundle.opening import open_bundle

    (tmp_path / "x").write_bytes(make_tar({"a.log": LOG, "../b": b"b", "c.log": b"c"}, "w:gz"))
    with open_bundle(tmp_path / "x") as bundle:
        for _ in range(2):
            assert [artifact.path for artifact in bundle.artifacts()] == ["a.log", "c.log"]
            assert [p.kind for p in bundle.problems] == ["path"]
        first = next(iter(bundle.artifacts()))
    with pytest.raises(ValueError, match="gone on"):
        first.readinto(memoryview(bytearray(10)))
