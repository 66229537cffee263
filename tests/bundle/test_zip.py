"""Zip archives, healthy and broken."""

from __future__ import annotations

import bz2
import io
import random
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backuptrace.bundle.limits import Limits
from backuptrace.errors import BundleError

Read = Callable[..., Any]
Make = Callable[..., bytes]

LOG = b"".join(b"2026/11/22 03:12:%02d.000000 INFO ExtHandler line %d\n" % (number % 60, number) for number in range(20_000))
UT_2026 = 1_795_000_000


class Pipe(io.RawIOBase):
    """A target that cannot seek: zipfile then writes sizes behind the data."""

    def __init__(self) -> None:
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:  # type: ignore[no-untyped-def]
        self.data += bytes(data)
        return len(data)


def test_members_come_in_the_order_of_the_archive(tmp_path: Path, read: Read, make_zip: Make) -> None:
    path = tmp_path / "x.bin"  # the name does not matter
    path.write_bytes(make_zip({"var/log/waagent.log": LOG, "etc/": b"", "etc/waagent.conf": b"a=b\n", "empty.log": b""}))
    seen = read(path)
    assert seen.order == ["var/log/waagent.log", "etc/waagent.conf", "empty.log"]
    assert seen.texts["var/log/waagent.log"] == LOG
    assert (seen.kind, seen.problems, seen.artifacts["var/log/waagent.log"].size) == ("zip", [], len(LOG))


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
@pytest.mark.parametrize("block", [1000, 4096, 1 << 20])
def test_every_method_and_block_size(tmp_path: Path, read: Read, make_zip: Make, method: int, block: int) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(make_zip({"a.log": LOG}, method))
    seen = read(path, block=block)
    assert seen.texts == {"a.log": LOG}
    assert not seen.problems


def test_an_unknown_method_is_named(tmp_path: Path, read: Read, make_zip: Make) -> None:
    raw = bytearray(make_zip({"a.log": LOG, "b.log": b"b"}))
    at = raw.index(b"PK\x01\x02")
    struct.pack_into("<H", raw, at + 10, 9)
    (tmp_path / "x.zip").write_bytes(raw)
    seen = read(tmp_path / "x.zip")
    assert seen.order == ["b.log"]
    assert [(p.kind, p.where) for p in seen.problems] == [("unsupported", "a.log")]
    assert "deflate64" in seen.problems[0].what


def test_times(tmp_path: Path, read: Read) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        dos = zipfile.ZipInfo("dos.log", (2026, 11, 22, 3, 12, 8))
        archive.writestr(dos, b"x")
        unix = zipfile.ZipInfo("unix.log", (2026, 11, 22, 4, 0, 0))
        unix.extra = struct.pack("<HHBi", 0x5455, 5, 1, UT_2026)
        archive.writestr(unix, b"x")
        ntfs = zipfile.ZipInfo("ntfs.log", (2026, 11, 22, 4, 0, 0))
        ntfs.extra = struct.pack("<HHIHHQQQ", 0x000A, 32, 0, 1, 24, (UT_2026 + 11_644_473_600) * 10**7 + 15, 0, 0)
        archive.writestr(ntfs, b"x")
        archive.writestr(zipfile.ZipInfo("none.log"), b"x")  # 1980-01-01 00:00
    (tmp_path / "x.zip").write_bytes(out.getvalue())
    seen = read(tmp_path / "x.zip")
    times = {path: (artifact.modified, artifact.modified_uncertain) for path, artifact in seen.artifacts.items()}
    assert times == {
        "dos.log": (1_795_317_128_000_000, True),
        "unix.log": (UT_2026 * 1_000_000, False),
        "ntfs.log": (UT_2026 * 1_000_000 + 1, False),
        "none.log": (None, False),
    }


def test_names_that_lead_out_are_skipped(tmp_path: Path, read: Read, make_zip: Make) -> None:
    bad = ["../evil", "a/../../evil", "/etc/passwd", "C:/evil", "c:evil", "..\\evil", "\\\\host\\share\\x"]
    (tmp_path / "x.zip").write_bytes(make_zip({"good.log": b"x", "history/2018-04-06T08:21:37_1/a": b"y", "./b.log": b"z"} | dict.fromkeys(bad, b"evil")))
    seen = read(tmp_path / "x.zip")
    assert seen.order == ["good.log", "history/2018-04-06T08:21:37_1/a", "b.log"]
    assert seen.kinds() == ["path"] * len(bad)


def test_names_are_made_printable(tmp_path: Path, read: Read) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in (b"XXXXXXXX.log", b"var/log/YY.log", b"win/log/a.log", b"NUL_NAME.log"):
            archive.writestr(name.decode(), b"x")
    raw = out.getvalue()
    raw = raw.replace(b"XXXXXXXX", b"\x1b[31m\x00\xff\n").replace(b"log/YY", b"log/\xc3\xa4").replace(b"win/log/a.log", b"win\\log\\a.log")
    (tmp_path / "x.zip").write_bytes(raw)
    seen = read(tmp_path / "x.zip")
    assert all(path.isprintable() for path in seen.order)
    assert seen.order[1:3] == ["var/log/ä.log", "win/log/a.log"]
    assert not seen.problems


def test_a_wrong_check_sum_is_named_and_the_bytes_are_read(tmp_path: Path, read: Read, make_zip: Make) -> None:
    raw = make_zip({"a.log": b"some text\n", "b.log": b"b"}, zipfile.ZIP_STORED).replace(b"some text", b"sXme text")
    (tmp_path / "x.zip").write_bytes(raw)
    seen = read(tmp_path / "x.zip")
    assert seen.texts == {"a.log": b"sXme text\n", "b.log": b"b"}
    assert [(p.kind, p.where) for p in seen.problems] == [("crc", "a.log")]
    assert not seen.artifacts["a.log"].cut


def test_damaged_data_end_the_member_only(tmp_path: Path, read: Read, make_zip: Make) -> None:
    text = bytes(random.Random(1).choices(b"abcdefgh \n", k=400_000))  # hardly compressible, so that the damage is met late
    raw = bytearray(make_zip({"a.log": text, "b.log": b"b"}))
    raw[90_000:90_100] = b"\xff" * 100
    (tmp_path / "x.zip").write_bytes(raw)
    seen = read(tmp_path / "x.zip")
    assert seen.texts["b.log"] == b"b"
    assert [p.where for p in seen.problems] == ["a.log"]
    assert seen.kinds()[0] in ("damaged", "crc", "truncated", "size")
    assert len(seen.texts["a.log"]) > 100_000
    assert text.startswith(seen.texts["a.log"][:100_000])


@pytest.mark.parametrize("declared, kind, cut", [(5, "size", False), (5_000_000, "truncated", True)])
def test_a_wrong_size_is_named(tmp_path: Path, read: Read, make_zip: Make, declared: int, kind: Any, cut: bool) -> None:
    raw = bytearray(make_zip({"a.log": LOG}))
    struct.pack_into("<I", raw, raw.index(b"PK\x01\x02") + 24, declared)
    (tmp_path / "x.zip").write_bytes(raw)
    seen = read(tmp_path / "x.zip")
    assert seen.texts["a.log"] == LOG
    assert seen.kinds() == [kind]
    assert seen.artifacts["a.log"].cut is cut


def test_an_encrypted_member_is_skipped(tmp_path: Path, read: Read, make_zip: Make) -> None:
    raw = bytearray(make_zip({"a.log": b"a", "b.log": b"b"}))
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "x.zip").write_bytes(raw)
    seen = read(tmp_path / "x.zip")
    assert seen.order == ["b.log"]
    assert [(p.kind, p.where) for p in seen.problems] == [("encrypted", "a.log")]
    assert "password" in seen.problems[0].fix


def test_only_encrypted_members_is_an_error(tmp_path: Path, read: Read, make_zip: Make) -> None:
    raw = bytearray(make_zip({"a.log": b"a"}))
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "x.zip").write_bytes(raw)
    with pytest.raises(BundleError, match="encrypted"):
        read(tmp_path / "x.zip")


@pytest.mark.parametrize("mode, kind", [(stat.S_IFLNK, "link"), (stat.S_IFIFO, "special"), (stat.S_IFCHR, "special"), (stat.S_IFSOCK, "special")])
def test_links_and_devices_are_named(tmp_path: Path, read: Read, mode: Any, kind: Any) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.log", b"a")
        info = zipfile.ZipInfo("b.log")
        info.create_system, info.external_attr = 3, (mode | 0o644) << 16
        archive.writestr(info, b"/etc/shadow")
    (tmp_path / "x.zip").write_bytes(out.getvalue())
    seen = read(tmp_path / "x.zip")
    assert seen.order == ["a.log"]
    assert [(p.kind, p.where) for p in seen.problems] == [(kind, "b.log")]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_stands_twice(tmp_path: Path, read: Read) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for text in (b"first", b"second", b"first"):
            archive.writestr("var/log/a.log", text)
    (tmp_path / "x.zip").write_bytes(out.getvalue())
    seen = read(tmp_path / "x.zip")
    assert seen.texts == {"var/log/a.log": b"first", "~2/var/log/a.log": b"second"}
    assert seen.kinds() == ["duplicate", "duplicate"]


@pytest.mark.parametrize("seekable", [True, False])
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_without_the_list_at_the_end_members_are_found_one_by_one(tmp_path: Path, read: Read, method: int, seekable: bool) -> None:
    target = io.BytesIO() if seekable else Pipe()
    with zipfile.ZipFile(target, "w", method) as archive:
        archive.writestr("a.log", LOG)
        archive.writestr("etc/", b"")
        archive.writestr("b.log", b"bbb")
        archive.writestr("c.log", bytes(random.Random(2).choices(b"abcdefgh \n", k=400_000)))
    raw = bytes(target.getvalue() if isinstance(target, io.BytesIO) else target.data)
    (tmp_path / "x.zip").write_bytes(raw[: raw.index(b"PK\x01\x02") - 70_000])
    seen = read(tmp_path / "x.zip")
    assert seen.order == ["a.log", "b.log", "c.log"]
    # A stored member that does not state its length is followed by its sizes (16 bytes); where it ends is known by the next header only.
    slop = 16 if method == zipfile.ZIP_STORED and not seekable else 0
    assert seen.texts["a.log"][: len(LOG)] == LOG and len(seen.texts["a.log"]) == len(LOG) + slop
    assert seen.texts["b.log"][:3] == b"bbb"
    assert len(seen.texts["c.log"]) > 100_000
    assert seen.problems[0].kind == "truncated" and seen.problems[0].where == "x.zip"
    if not slop:
        assert seen.artifacts["c.log"].cut
        assert seen.kinds("c.log") == ["truncated"]


def test_members_that_are_not_read_are_passed_over_without_a_list(tmp_path: Path) -> None:
    from backuptrace.bundle.opening import open_bundle

    target = Pipe()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(5):
            archive.writestr(f"{number}.log", LOG)
    (tmp_path / "x.zip").write_bytes(target.data[: target.data.index(b"PK\x01\x02")])
    with open_bundle(tmp_path / "x.zip") as bundle:
        assert [artifact.path for artifact in bundle.artifacts()] == [f"{number}.log" for number in range(5)]


def test_headers_inside_a_member_are_not_taken_for_members(tmp_path: Path, read: Read, make_zip: Make) -> None:
    """Deflate stores what it cannot shrink, so that the headers of a zip within the zip stand there in plain sight."""
    inner = make_zip({"inner.log": random.Random(4).randbytes(50_000)}, zipfile.ZIP_STORED)
    target = Pipe()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("logs.zip", inner)
        archive.writestr("z.log", b"z")
    assert target.data.count(b"PK\x03\x04") == 3
    (tmp_path / "x.zip").write_bytes(target.data[: target.data.rindex(b"PK\x01\x02") - 60])
    seen = read(tmp_path / "x.zip")
    assert seen.order == ["logs.zip!inner.log", "z.log"]


def test_a_damaged_list_is_replaced_by_the_headers(tmp_path: Path, read: Read, make_zip: Make) -> None:
    raw = bytearray(make_zip({f"{number}.log": b"%d" % number for number in range(6)}))
    at = raw.index(b"PK\x01\x02")
    for _ in range(2):
        at = raw.index(b"PK\x01\x02", at + 1)
    raw[at : at + 4] = b"XXXX"
    (tmp_path / "x.zip").write_bytes(raw)
    seen = read(tmp_path / "x.zip")
    assert seen.texts == {f"{number}.log": b"%d" % number for number in range(6)}
    assert seen.kinds() == ["damaged"]


def test_a_member_that_is_not_where_the_list_says(tmp_path: Path, read: Read, make_zip: Make) -> None:
    raw = bytearray(make_zip({"a.log": b"a", "b.log": b"b"}))
    struct.pack_into("<I", raw, raw.index(b"PK\x01\x02") + 42, 7)
    (tmp_path / "x.zip").write_bytes(raw)
    seen = read(tmp_path / "x.zip")
    assert seen.order == ["b.log"]
    assert seen.kinds("a.log") == ["damaged"]


def test_bytes_behind_the_zip_do_no_harm(tmp_path: Path, read: Read, make_zip: Make) -> None:
    (tmp_path / "x.zip").write_bytes(make_zip({"a.log": LOG}) + b"\r\n--boundary--\r\n" * 100)
    seen = read(tmp_path / "x.zip")
    assert seen.texts == {"a.log": LOG}
    assert not seen.problems


def test_zip64(tmp_path: Path, read: Read) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("big.log", "w", force_zip64=True) as member:
            member.write(LOG)
        archive.writestr("b.log", b"b")
    raw = out.getvalue()
    (tmp_path / "x.zip").write_bytes(raw)
    assert read(tmp_path / "x.zip").texts == {"big.log": LOG, "b.log": b"b"}
    # The same with an end record that holds nothing but the way to the wide one.
    at = raw.index(b"PK\x05\x06")
    count, size, start = struct.unpack_from("<HII", raw, at + 10)
    wide = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, start)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, at, 1)
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    (tmp_path / "y.zip").write_bytes(raw[:at] + wide + locator + end)
    seen = read(tmp_path / "y.zip")
    assert seen.texts == {"big.log": LOG, "b.log": b"b"}
    assert not seen.problems


def test_an_empty_zip_is_an_error(tmp_path: Path, read: Read, make_zip: Make) -> None:
    (tmp_path / "x.zip").write_bytes(make_zip({}))
    with pytest.raises(BundleError) as caught:
        read(tmp_path / "x.zip")
    assert caught.value.exit_status == 4 and caught.value.fix


def test_rotated_logs_in_a_zip_come_unpacked(tmp_path: Path, read: Read, make_zip: Make) -> None:
    import gzip
    import lzma

    members = {
        "a.log.2.gz": gzip.compress(LOG) + gzip.compress(b"tail\n"),
        "m-20261101.xz": lzma.compress(LOG),
        "m.bz2": bz2.compress(LOG),
        "plain.gz": b"text\n",
    }
    (tmp_path / "x.zip").write_bytes(make_zip(members))
    seen = read(tmp_path / "x.zip")
    assert seen.texts == {"a.log.2.gz": LOG + b"tail\n", "m-20261101.xz": LOG, "m.bz2": LOG, "plain.gz": b"text\n"}
    assert seen.artifacts["a.log.2.gz"].size is None
    assert not seen.problems


def test_a_nested_archive_larger_than_the_memory_for_it(tmp_path: Path, read: Read, make_zip: Make) -> None:
    inner = make_zip({"a.log": LOG, "b.log": LOG[:1000]}, zipfile.ZIP_STORED)
    (tmp_path / "x.zip").write_bytes(make_zip({"logs.zip": inner, "z.log": b"z"}))
    seen = read(tmp_path / "x.zip", Limits(spool_memory=1000))
    assert seen.texts == {"logs.zip!a.log": LOG, "logs.zip!b.log": LOG[:1000], "z.log": b"z"}
    seen = read(tmp_path / "x.zip", Limits(spool=1000))
    assert seen.order == ["z.log"]
    assert seen.kinds("logs.zip") == ["limit"]
