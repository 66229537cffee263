"""Single logs, plain and compressed; the fast decompressor and the one of the standard library give the same."""

from __future__ import annotations

import bz2
import gzip
import lzma
import random
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backuptrace.bundle import inflate
from backuptrace.bundle.limits import Limits
from backuptrace.errors import BundleError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    zstd = pytest.importorskip("backports.zstd")

Read = Callable[..., Any]

LOG = b"".join(b"2026/11/22 03:12:%02d.000000 INFO ExtHandler line %d\n" % (number % 60, number) for number in range(20_000))
NOISE = bytes(random.Random(3).choices(b"abcdefghijklmnop \n", k=600_000))


def quick_xz(data: bytes) -> bytes:
    return lzma.compress(data, preset=0)


@pytest.fixture(params=["isal", "zlib"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "zlib":
        monkeypatch.setattr(inflate, "_deflate", inflate.ZlibCodec)
        monkeypatch.setattr(inflate, "crc32", zlib.crc32)
    elif inflate._deflate is inflate.ZlibCodec:
        pytest.skip("isal is not installed")
    return str(request.param)


def test_a_single_log(tmp_path: Path, read: Read) -> None:
    (tmp_path / "waagent.log").write_bytes(LOG)
    seen = read(tmp_path / "waagent.log")
    assert (seen.kind, seen.name, seen.texts, seen.problems) == ("file", "waagent.log", {"waagent.log": LOG}, [])
    assert seen.artifacts["waagent.log"].size == len(LOG)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, quick_xz, zstd.compress])
@pytest.mark.parametrize("block", [999, 1 << 20])
def test_a_single_compressed_log(tmp_path: Path, read: Read, pack: Any, block: int, engine: str) -> None:
    (tmp_path / "waagent.log.1.gz").write_bytes(pack(LOG) + pack(b"") + pack(NOISE))  # parts one after the other, as `cat a.gz b.gz` makes
    seen = read(tmp_path / "waagent.log.1.gz", block=block)
    assert (seen.kind, seen.texts, seen.problems) == ("file", {"waagent.log.1.gz": LOG + NOISE}, [])


def test_the_time_in_a_gzip_header(tmp_path: Path, read: Read) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(LOG, mtime=1_795_000_000))
    artifact = read(tmp_path / "a.gz").artifacts["a.gz"]
    assert (artifact.modified, artifact.modified_uncertain) == (1_795_000_000_000_000, False)


def test_every_field_of_a_gzip_header(tmp_path: Path, read: Read, engine: str) -> None:
    deflated = zlib.compressobj(6, zlib.DEFLATED, -15)
    body = deflated.compress(LOG) + deflated.flush()
    header = b"\x1f\x8b\x08\x1e" + struct.pack("<IBB", 0, 0, 3) + struct.pack("<H", 300) + b"e" * 300 + b"name.log\0" + b"comment\0" + b"hc"
    tail = struct.pack("<II", zlib.crc32(LOG), len(LOG))
    (tmp_path / "a.gz").write_bytes(header + body + tail + b"\0" * 40_000)  # zeros as from a tape are no problem
    seen = read(tmp_path / "a.gz")
    assert (seen.texts, seen.problems) == ({"a.gz": LOG}, [])
    (tmp_path / "b.gz").write_bytes(b"\x1f\x8b\x08\x08" + struct.pack("<IBB", 0, 0, 3) + b"n" * 200_000)
    with pytest.raises(BundleError, match="header"):
        read(tmp_path / "b.gz")


def test_a_cut_gzip(tmp_path: Path, read: Read, engine: str) -> None:
    raw = gzip.compress(NOISE)
    for keep in (len(raw) // 2, len(raw) - 3, len(raw) - 8):
        (tmp_path / "a.gz").write_bytes(raw[:keep])
        seen = read(tmp_path / "a.gz")
        assert NOISE.startswith(seen.texts["a.gz"]) and len(seen.texts["a.gz"]) > len(NOISE) * 0.4
        assert seen.artifacts["a.gz"].cut
        assert seen.kinds() == ["truncated"]
    assert seen.texts["a.gz"] == NOISE


def test_a_wrong_check_sum_hides_nothing(tmp_path: Path, read: Read, engine: str) -> None:
    raw = bytearray(gzip.compress(LOG))
    raw[-5] ^= 1
    (tmp_path / "a.gz").write_bytes(raw + gzip.compress(b"tail\n"))
    seen = read(tmp_path / "a.gz")
    assert seen.texts == {"a.gz": LOG + b"tail\n"}
    assert seen.kinds() == ["crc"]


def test_damage_in_the_middle(tmp_path: Path, read: Read, engine: str) -> None:
    raw = bytearray(gzip.compress(NOISE))
    raw[200_000:200_300] = b"\xff" * 300
    (tmp_path / "a.gz").write_bytes(raw)
    seen = read(tmp_path / "a.gz")
    assert NOISE[:250_000] == seen.texts["a.gz"][:250_000]
    assert seen.kinds() and seen.kinds()[0] in ("damaged", "crc", "truncated")


def test_bytes_after_the_end(tmp_path: Path, read: Read, engine: str) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(LOG) + b"garbage")
    seen = read(tmp_path / "a.gz")
    assert seen.texts == {"a.gz": LOG}
    assert seen.kinds() == ["trailing"]
    assert not seen.artifacts["a.gz"].cut


def test_nothing_left_of_a_single_log_is_an_error(tmp_path: Path, read: Read) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(LOG)[:12])
    with pytest.raises(BundleError, match="cut off"):
        read(tmp_path / "a.gz")


def test_but_in_a_folder_it_is_a_problem(tmp_path: Path, read: Read) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(LOG)[:12])
    (tmp_path / "b.log").write_bytes(b"b")
    seen = read(tmp_path)
    assert seen.texts == {"a.gz": b"", "b.log": b"b"}
    assert seen.artifacts["a.gz"].cut
    assert seen.kinds("a.gz") == ["truncated"]


def test_compressed_twice(tmp_path: Path, read: Read) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(lzma.compress(LOG)))
    assert read(tmp_path / "a.gz").texts == {"a.gz": LOG}


def test_xz_that_wants_too_much_memory(tmp_path: Path, read: Read) -> None:
    packed = lzma.compress(b"x" * 1000, filters=[{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 512 << 20}])
    (tmp_path / "a.xz").write_bytes(packed)
    (tmp_path / "b").write_bytes(b"b")
    seen = read(tmp_path)
    assert seen.kinds("a.xz") == ["damaged"]


@pytest.mark.parametrize("magic, name", [(b"7z\xbc\xaf\x27\x1c", "7z"), (b"Rar!\x1a\x07\0", "RAR"), (b"\x04\x22\x4d\x18", "lz4")])
def test_archives_that_cannot_be_opened_are_named(tmp_path: Path, read: Read, magic: bytes, name: str) -> None:
    (tmp_path / "logs").write_bytes(magic + bytes(range(256)))
    with pytest.raises(BundleError, match=name):
        read(tmp_path / "logs")
    (tmp_path / "a.log").write_bytes(b"a")
    seen = read(tmp_path)
    assert seen.order == ["a.log"]
    assert [(p.kind, p.where) for p in seen.problems] == [("unsupported", "logs")]


def test_text_that_begins_like_bzip2(tmp_path: Path, read: Read) -> None:
    (tmp_path / "a.log").write_bytes(b"BZh9 is what this line begins with\n")
    assert read(tmp_path / "a.log").kind == "file"


def test_too_many_parts(tmp_path: Path, read: Read) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"x") * 300)
    seen = read(tmp_path / "a.gz", Limits(count=200))
    assert seen.texts == {"a.gz": b"x" * 200}
    assert seen.kinds() == ["limit"]


def test_without_isal_the_standard_library_is_used() -> None:
    program = """
import sys
sys.modules["isal"] = None
from backuptrace.bundle import inflate
assert inflate.deflate().__class__ is inflate.ZlibCodec
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_zstd_log_in_every_shape(tmp_path: Path, read: Read) -> None:
    skipped = b"\x53\x2a\x4d\x18\x04\0\0\0note"
    (tmp_path / "a.log.zst").write_bytes(zstd.compress(LOG) + skipped + zstd.compress(NOISE, options={zstd.CompressionParameter.checksum_flag: 1}))
    (tmp_path / "p.zst").write_bytes(b"\x50\x2a\x4d\x18\x04\0\0\0size" + zstd.compress(LOG))  # as pzstd writes it
    seen = read(tmp_path, block=777)
    assert seen.texts == {"a.log.zst": LOG + NOISE, "p.zst": LOG}
    assert not seen.problems


def test_a_cut_or_damaged_zstd(tmp_path: Path, read: Read) -> None:
    raw = zstd.compress(NOISE, options={zstd.CompressionParameter.checksum_flag: 1})
    for keep in (len(raw) // 2, len(raw) - 1):
        (tmp_path / "a.zst").write_bytes(raw[:keep])
        seen = read(tmp_path / "a.zst")
        assert NOISE.startswith(seen.texts["a.zst"]) and len(seen.texts["a.zst"]) > len(NOISE) * 0.3
        assert seen.artifacts["a.zst"].cut
        assert seen.kinds() == ["truncated"]
    (tmp_path / "a.zst").write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
    seen = read(tmp_path / "a.zst")
    assert seen.kinds() == ["damaged"]
    assert len(seen.texts["a.zst"]) > len(NOISE) * 0.7


def test_without_a_zstd_package_the_fix_is_told(tmp_path: Path, read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inflate, "_zstd", None)
    (tmp_path / "a.zst").write_bytes(zstd.compress(LOG))
    with pytest.raises(BundleError) as caught:
        read(tmp_path / "a.zst")
    assert "zstd" in caught.value.why and "pip install" in caught.value.fix
    (tmp_path / "b.log").write_bytes(b"b")
    seen = read(tmp_path)
    assert seen.texts["b.log"] == b"b"
    assert seen.kinds("a.zst") == ["unsupported"]
