"""Archives made to harm, as a table: each is refused or cut and named, in bounded memory and time, and the log beside it is read.

Every attack is read in a process of its own that may take `MEMORY` more than it has and `SECONDS` of the processor.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import stat
import struct
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from backuptrace.bundle.inflate import _zstd
from backuptrace.bundle.limits import Limits
from backuptrace.bundle.opening import open_bundle

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    zstd = pytest.importorskip("backports.zstd")

assert _zstd is not None
MIB = 1 << 20
MEMORY = 160 * MIB
SECONDS = 10
SECRET = b"root:secret"
GOOD = b"2026-11-22T03:12:07.000000Z INFO ExtHandler a good line\n"


# makers of archives


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


ZEROS = raw_deflate(bytes(48 * MIB))


@dataclass
class Entry:
    """One member of a handmade zip; None: the truth."""

    name: bytes
    data: bytes = b""
    method: int = 0
    crc: int = 0
    size: int | None = None
    flags: int = 0
    mode: int = 0
    at: int | None = None
    packed: int | None = None
    extra: bytes = b""
    local_name: bytes | None = None


def zipped(*entries: Entry, count: int | None = None, tail: bytes = b"", comment: bytes = b"", start: int | None = None) -> bytes:
    out, central = bytearray(), bytearray()
    for entry in entries:
        size = len(entry.data) if entry.size is None else entry.size
        packed = len(entry.data) if entry.packed is None else entry.packed
        at = len(out) if entry.at is None else entry.at
        central += struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\x01\x02", 3 << 8 | 20, 20, entry.flags, entry.method, 0, 0x21, entry.crc, packed, size,
                               len(entry.name), len(entry.extra), 0, 0, 0, entry.mode << 16, at) + entry.name + entry.extra  # fmt: skip
        name = entry.name if entry.local_name is None else entry.local_name
        out += struct.pack(
            "<4sHHHHHIIIHH", b"PK\x03\x04", 20, entry.flags, entry.method, 0, 0x21, entry.crc, packed & 0xFFFFFFFF, size & 0xFFFFFFFF, len(name), 0
        )
        out += name + entry.data
    number = len(entries) if count is None else count
    where = len(out) if start is None else start
    return bytes(out + central) + tail + struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, number, number, len(central), where, len(comment)) + comment


def plain(name: bytes, data: bytes = SECRET, **fields: Any) -> Entry:
    return Entry(name, data, crc=zlib.crc32(data), **fields)


def header(name: str | bytes, size: int = 0, kind: bytes = b"0", link: str = "", **fields: tuple[int, bytes]) -> bytes:
    """A GNU tar header; fields: (place, bytes) written over it, the check sum made to fit."""
    info = tarfile.TarInfo("x")
    info.size, info.type, info.linkname = min(size, 1 << 33), kind, link
    raw = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    name = name.encode() if isinstance(name, str) else name
    raw[:100] = name[:100].ljust(100, b"\0")
    for at, value in fields.values():
        raw[at : at + len(value)] = value
    raw[148:156] = b" " * 8
    raw[148:156] = b"%06o\0 " % sum(raw)
    return bytes(raw)


def member(name: str | bytes, data: bytes = SECRET, kind: bytes = b"0", **more: Any) -> bytes:
    return header(name, len(data), kind, **more) + data + bytes(-len(data) % 512)


END = bytes(1024)
AFTER = member("after.log", b"after")


def pax(**records: str) -> bytes:
    text = b""
    for key, value in records.items():
        body = f" {key.replace('_', '.')}={value}\n".encode()
        size = len(body) + 1
        while len(str(size)) + len(body) != size:
            size += 1
        text += str(size).encode() + body
    return member("pax", text, b"x")


def nested(levels: int, fan: int = 1) -> bytes:
    level = b"bottom"
    for number in range(levels):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for copy in range(fan):
                archive.writestr(f"{copy}.zip" if number else f"{copy}.log", level)
        level = out.getvalue()
    return level


def repeated(pack: Callable[[bytes], bytes], levels: int) -> bytes:
    data = b"bottom"
    for _ in range(levels):
        data = pack(data)
    return data


def kernel(files: int) -> bytes:
    """Fifield's first form: every entry of the list points to the same member."""
    one = Entry(b"0", ZEROS, method=8, size=48 * MIB)
    others = [Entry(b"%05d" % n, b"", method=8, size=48 * MIB, packed=len(ZEROS), at=0, crc=n, local_name=b"") for n in range(files)]
    return zipped(one, *others)


def quoted(files: int) -> bytes:
    """Fifield's better bomb: each member quotes the header of the next one in a stored block, then goes on as that one."""
    data, chain = ZEROS, b""
    entries: list[tuple[bytes, int, int, int]] = []
    for number in reversed(range(files)):
        name = b"%04d" % number
        block = b"" if not chain else b"\x00" + struct.pack("<HH", len(chain), len(chain) ^ 0xFFFF) + chain
        data = block + data
        chain = struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", 20, 0, 8, 0, 0x21, 0, len(data) & 0xFFFFFFFF, 48 * MIB, len(name), 0) + name
        entries.append((name, len(data), len(chain), len(chain) + len(data)))
    whole = chain + data
    central = b"".join(
        struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\x01\x02", 20, 20, 0, 8, 0, 0x21, n, size, 48 * MIB, len(name), 0, 0, 0, 0, 0, len(whole) - reach) + name
        for n, (name, size, _, reach) in enumerate(reversed(entries))
    )
    return whole + central + struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, files, files, len(central), len(whole), 0)


def itself() -> bytes:
    """A zip whose only member is the zip."""
    name = b"r.zip"
    total = 30 + len(name) + 46 + len(name) + 22
    return zipped(Entry(name, b"", size=total, packed=total, local_name=name))


def many_in_tar_gz() -> bytes:
    return gzip.compress(b"".join(header(f"{n}.log") for n in range(1000)), 9) * 1000


def many_in_zip() -> bytes:
    local = struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", 20, 0, 0, 0, 0x21, 0, 0, 0, 1, 0) + b"a"
    entry = struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\x01\x02", 20, 20, 0, 0, 0, 0x21, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    return local + entry * 1_000_000 + struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(entry) * 1_000_000, len(local), 0)


def deflated_often(block: bytes, times: int, before: bytes = b"") -> bytes:
    """`before` and then `block`, `times` over, without the work of packing them all."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    start = packer.compress(before) + packer.flush(zlib.Z_FULL_FLUSH)
    middle = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    return start + middle * times + packer.flush()


def gz(deflated: bytes) -> bytes:
    return b"\x1f\x8b\x08\0\0\0\0\0\0\x03" + deflated + bytes(8)


def wide(size: int, packed: int, at: int) -> bytes:
    return struct.pack("<HHQQQ", 1, 24, size, packed, at)


# the table


@dataclass
class Attack:
    """kinds: of the problems that are told, exactly; file: the attack's name; gives: what may be read of it at most, in bytes."""

    name: str
    make: Callable[[], bytes | dict[str, bytes]]
    kinds: set[str]
    gives: int = 0
    limits: dict[str, int] = field(default_factory=dict)


BOMB = 40 * MIB
ATTACKS = [
    # bombs
    Attack("zip, deflate", lambda: zipped(Entry(b"bomb.log", ZEROS, 8, size=48 * MIB)), {"limit"}, BOMB),
    Attack("zip, bzip2", lambda: zipped(Entry(b"bomb.log", bz2.compress(bytes(256 * MIB)), 12, size=256 * MIB)), {"limit"}, BOMB),
    Attack("zip, said to be small", lambda: zipped(Entry(b"bomb.log", ZEROS, 8, size=10)), {"limit"}, BOMB),
    Attack("gzip", lambda: gz(ZEROS), {"limit"}, BOMB),
    Attack("bzip2", lambda: bz2.compress(bytes(256 * MIB)), {"limit"}, BOMB),
    Attack("xz", lambda: lzma.compress(bytes(256 * MIB), preset=0), {"limit"}, BOMB),
    Attack("zstd", lambda: zstd.compress(bytes(256 * MIB)), {"limit"}, BOMB),
    Attack("zstd with a window of 128 MiB", lambda: b"\x28\xb5\x2f\xfd\x00\x88" + bytes([3, 0, 0, 0x41]) * 10, {"damaged"}),
    Attack("zstd with a window of 2 GiB", lambda: b"\x28\xb5\x2f\xfd\x00\xa8" + bytes([3, 0, 0, 0x41]) * 10, {"damaged"}),
    Attack("xz that wants 512 MiB", lambda: lzma.compress(b"x" * 1000, filters=[{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 512 * MIB}]), {"damaged"}),
    Attack("tar.gz", lambda: gz(deflated_often(bytes(MIB), 48, header("bomb.log", 48 * MIB))), {"limit", "crc"}, BOMB),
    Attack("tar.zst", lambda: zstd.compress(header("bomb.log", 256 * MIB) + bytes(256 * MIB) + END), {"limit"}, BOMB),
    Attack("gzip in gzip, a bomb", lambda: gzip.compress(gz(ZEROS)), {"limit"}, BOMB),
    Attack("a gzip in a zip with 40 GiB of padding", lambda: zipped(Entry(b"a.gz", deflated_often(bytes(MIB), 40_000, gzip.compress(b"x")), 8, size=1)), {"trailing"}, 1),
    Attack("a zstd in a zip with skipped frames of 40 GiB",
           lambda: zipped(Entry(b"a.zst", deflated_often(b"\x50\x2a\x4d\x18\xf8\xff\x0f\0" + bytes(MIB - 8), 40_000), 8, size=1)), {"limit"}, 0, {"member": 1 << 30}),
    Attack("a tar.gz of damaged headers", lambda: gz(deflated_often(b"\1" * MIB, 40_000, member("a.log", b"a"))), {"damaged"}, 1),
    Attack("the whole is too much", lambda: {"z.bin": zipped(*(Entry(b"%d.log" % n, raw_deflate(b"0123456789" * 5000), 8, zlib.crc32(b"0123456789" * 5000), 50_000) for n in range(40)))}, {"limit"}, 1_100_000, {"total": 1_000_000}),
    Attack("a member too large", lambda: gzip.compress(b"0123456789" * 500_000), {"limit"}, 1_000_000, {"member": 1_000_000}),
    # the same bytes again and again
    Attack("members that share one kernel", lambda: kernel(5000), {"overlap", "limit"}, 10 * BOMB),
    Attack("members that quote each other", lambda: quoted(250), {"overlap", "limit"}, 3 * BOMB),
    Attack("a zip in itself", itself, {"overlap"}),
    Attack("zips in zips, 30 deep", lambda: nested(30), {"limit"}),
    Attack("zips in zips, 7 in each", lambda: nested(6, 7), {"limit"}),
    Attack("gzip in gzip, 60 deep", lambda: repeated(gzip.compress, 60), {"limit"}),
    Attack("zstd in bzip2 in xz, 20 deep", lambda: repeated(lambda data: lzma.compress(bz2.compress(zstd.compress(data))), 20), {"limit"}),
    Attack("tars in tars, 200 deep", lambda: repeated(lambda data: member("x.tar", data) + END, 200), {"limit"}),
    # numbers
    Attack("a million members of a tar.gz", many_in_tar_gz, {"limit", "duplicate"}, 0, {"count": 50_000}),
    Attack("a million members of a zip", many_in_zip, {"limit", "duplicate"}, 0, {"count": 50_000}),
    Attack("300,000 gzip parts in one file", lambda: gzip.compress(b"") * 300_000, {"limit"}),
    Attack("300,000 skipped zstd frames", lambda: b"\x50\x2a\x4d\x18\0\0\0\0" * 300_000, {"limit"}),
    # ways out
    Attack("zip: paths that climb", lambda: zipped(*(plain(n) for n in (b"../evil", b"a/../../evil", b"..\\evil", b"a\\..\\..\\evil", b"..", b"../"))), {"path"}),
    Attack("zip: absolute paths", lambda: zipped(*(plain(n) for n in (b"/etc/passwd", b"//etc/passwd", b"\\windows\\evil", b"\\\\host\\share\\evil"))), {"path"}),
    Attack("zip: drives", lambda: zipped(*(plain(n) for n in (b"C:/evil", b"c:evil", b"C:\\evil", b"C:"))), {"path"}),
    Attack("tar: paths that climb or are absolute", lambda: b"".join(member(n) for n in ("../evil", "a/../../evil", "/etc/passwd", "..\\evil", "C:\\evil")) + END, {"path"}),
    Attack("tar: a path that climbs, in a pax header", lambda: pax(path="../../evil") + member("harmless.log") + END, {"path"}),
    Attack("tar: a path that climbs, as a GNU long name", lambda: member("././@LongLink", b"../" * 60 + b"evil\0", b"L") + member("harmless.log") + END, {"path"}),
    Attack("tar: a path that climbs, by its prefix", lambda: member("evil", prefix=(345, b"../.."), magic=(257, b"ustar\x0000")) + END, {"path"}),
    Attack("tar: a sparse name that climbs", lambda: pax(GNU_sparse_name="/etc/shadow", GNU_sparse_major="1") + member("x", b"1\n0\n1\n".ljust(512, b"\0") + b"y") + END, {"path"}),
    Attack("a path of 60,000 letters", lambda: zipped(plain(b"d/" * 30_000 + b"x")), {"limit"}),
    # no files
    Attack("zip: a symbolic link", lambda: zipped(plain(b"link.log", b"/etc/shadow", mode=stat.S_IFLNK | 0o777)), {"link"}),
    Attack("zip: devices and pipes", lambda: zipped(*(plain(b"%d" % m, mode=m) for m in (stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK))), {"special"}),
    Attack("tar: a symbolic link, then a file through it", lambda: header("d", kind=b"2", link="/etc") + member("d/evil", b"through") + END, {"link"}, 7),
    Attack("tar: hard links out", lambda: header("a", kind=b"1", link="/etc/shadow") + header("b", kind=b"1", link="../../etc/shadow") + END, {"link"}),
    Attack("tar: devices and pipes", lambda: b"".join(header(f"{k}.log", kind=k.encode()) for k in "346") + END, {"special"}),
    Attack("tar: a link that says it has 8 GiB of data", lambda: header("a", 1 << 33, b"2", "/etc/shadow") + AFTER + END, {"link"}, 5),
    # numbers that lie
    Attack("zip: sizes too small and too large", lambda: zipped(plain(b"a", b"text", size=2), plain(b"b", b"text", size=4000)), {"size", "truncated"}, 8),
    Attack("zip: 16 EiB", lambda: zipped(plain(b"a", b"text", size=0xFFFFFFFF, packed=0xFFFFFFFF, extra=wide(1 << 63, 1 << 63, 0))), {"overlap"}),
    Attack("zip: members outside the file", lambda: zipped(plain(b"a", at=0xFFFFFF00), plain(b"b", at=0xFFFFFFFF, extra=wide(1, 1, 1 << 62))), {"damaged"}),
    Attack("zip: more members than there are", lambda: zipped(plain(b"a", b"x"), count=65_000), set(), 1),
    Attack("zip: a list that begins elsewhere", lambda: zipped(plain(b"a", b"x"), start=7), {"truncated"}, 1),
    Attack("zip: another name before the data", lambda: zipped(plain(b"harmless.log", b"text", local_name=b"../../evil")), set(), 4),
    Attack("zip: a second list in the comment", lambda: zipped(plain(b"a", b"x"), comment=b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, 46, 0, 0)), set(), 1),
    Attack("zip: a wrong check sum", lambda: zipped(Entry(b"a", b"text", crc=1)), {"crc"}, 4),
    Attack("tar: 8 EiB", lambda: member("a.log", b"a") + header("huge.log", size_=(124, b"\x80" + (1 << 62).to_bytes(11, "big"))) + AFTER, {"truncated"}, 4000),
    Attack("tar: less than nothing", lambda: member("a.log", b"a") + header("b.log", size_=(124, b"\xff" * 12)) + AFTER, {"damaged"}, 1),
    Attack("tar: no number", lambda: member("a.log", b"a") + header("b.log", size_=(124, b"12x45678901\0")) + AFTER, {"damaged"}, 1),
    Attack("tar: a pax size of 400 digits", lambda: member("a.log", b"a") + pax(size="9" * 400) + member("b.log") + END, {"damaged"}, 1),
    # headers
    Attack("tar: a pax header of 1 GiB", lambda: gz(deflated_often(bytes(MIB), 1024, member("a.log", b"a") + header("p", 1 << 30, b"x"))), {"limit"}, 1),
    Attack("tar: a GNU long name of 1 GiB", lambda: gz(deflated_often(bytes(MIB), 1024, member("a.log", b"a") + header("n", 1 << 30, b"L"))), {"limit"}, 1),
    Attack("tar: extended headers without end", lambda: member("a.log", b"a") + pax(path="b") * 5000, {"damaged"}, 1),
    Attack("tar: extended headers of 40 GiB in all", lambda: gz(deflated_often((member("p", bytes(MIB - 512), b"g") * 7 + header("e/", kind=b"5")), 6000, member("a.log", b"a"))),
           {"limit"}, 1),
    Attack("tar: pax records whose lengths lie", lambda: member("p", b"99999999999 path=../evil\n0 a=b\n-5 c=d\n", b"x") + member("a.log", b"a") + END, set(), 1),
    Attack("tar: 1 TiB of holes", lambda: header("s", 6, b"S", map_=(386, b"%011o\0%011o\0" % (1 << 33, 6)), real=(483, b"%011o\0" % ((1 << 33) + 6))) + b"sparse".ljust(512, b"\0") + END,
           {"sparse"}, 6),
    Attack("gzip: a name without end", lambda: b"\x1f\x8b\x08\x08\0\0\0\0\0\x03" + b"n" * 3_000_000, {"damaged"}),
    # the rest
    Attack("zip: one name twice", lambda: zipped(plain(b"a.log", b"one"), plain(b"a.log", b"two"), plain(b"a.log", b"one")), {"duplicate"}, 6),
    Attack("tar: one name a hundred times", lambda: b"".join(member("a.log", b"%d" % n) for n in range(100)) + END, {"duplicate"}, 190),
    Attack("zip: names that differ in what cannot be seen", lambda: zipped(*(plain(b"a%sb.log" % c, b"x") for c in (b"\0", b"\1", b"\x1b", b"\n"))), {"duplicate"}, 4),
    Attack("zip: encrypted", lambda: zipped(plain(b"a", flags=1), plain(b"b", flags=0x41), Entry(b"c", SECRET, 99)), {"encrypted", "unsupported"}),
    Attack("zip: control characters, colours and right-to-left in names",
           lambda: zipped(plain(b"\x1b]0;x\x07\x1b[31mred\0.log", b"x"), plain("\u202egol.exe\u2066".encode(), b"y", flags=0x800), plain(b"\xff\xfe\r\nINFO ok", b"z")), set(), 3),
    Attack("tar: control characters in names and problems", lambda: header(b"\x1b[2J\nb", kind=b"2", link="x") + member(b"\xff\x1b[1m\r.log", b"x") + END, {"link"}, 1),
    Attack("text that says PK", lambda: b"PK\x03\x04 is how a zip begins; PK\x05\x06 is how it ends\n" * 1000, {"truncated", "limit"}),
    Attack("a folder of unreadable things", lambda: {"a.zip": b"PK\x05\x06" + bytes(18), "b.gz": b"\x1f\x8b\x08", "c.xz": b"\xfd7zXZ\0", "d.zst": b"\x28\xb5\x2f\xfd", "e.bz2": b"BZh91AY&SY"},
           {"truncated"}),
]  # fmt: skip


def work(folder: Path, limits: Limits) -> dict[str, Any]:
    view = memoryview(bytearray(MIB))
    paths, given, good, secret = [], 0, b"", False
    with open_bundle(folder, limits) as bundle:
        for artifact in bundle.artifacts():
            paths.append(artifact.path)
            while got := artifact.readinto(view):
                secret = secret or SECRET in bytes(view[:got])
                if artifact.path == "good.log":
                    good += bytes(view[:got])
                else:
                    given += got
        problems = [(problem.kind, problem.where, problem.what, problem.fix) for problem in bundle.problems]
    return {"paths": paths[:1000], "given": given, "good": good.decode(), "secret": secret, "problems": problems}


def confined(folder: Path, limits: Limits) -> dict[str, Any]:
    """The work in a child that is killed beyond its memory and time."""
    if os.name != "posix" or sys.platform == "darwin":  # macOS does not hold RLIMIT_AS
        return work(folder, limits)
    import resource

    out, back = os.pipe()
    child = os.fork()
    if not child:
        status = 1
        try:
            size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, size + MEMORY))
            resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
            with os.fdopen(back, "w") as pipe:
                json.dump(work(folder, limits), pipe)
            status = 0
        finally:
            os._exit(status)
    os.close(back)
    with os.fdopen(out) as pipe:
        told = pipe.read()
    status = os.waitpid(child, 0)[1]
    assert status == 0, "too much memory (an error above), or too long (signal 24)" + f": status {status}"
    done: dict[str, Any] = json.loads(told)
    return done


@pytest.mark.parametrize("attack", ATTACKS, ids=[attack.name for attack in ATTACKS])
def test_an_attack_is_refused_and_named(tmp_path: Path, attack: Attack) -> None:
    folder = tmp_path / "bundle"
    folder.mkdir()
    (folder / "good.log").write_bytes(GOOD)
    made = attack.make()
    for name, data in (made if isinstance(made, dict) else {"attack.bin": made}).items():
        (folder / name).write_bytes(data)
    before = files(tmp_path)
    done = confined(folder, Limits(**attack.limits))
    assert done["good"] == GOOD.decode(), "the log beside it is read"
    assert {kind for kind, *_ in done["problems"]} == attack.kinds
    assert done["given"] <= attack.gives
    assert not done["secret"]
    for path in done["paths"]:
        assert path.isprintable()
        assert not path.startswith("/") and ".." not in path.split("!")[-1].split("/") and ":" not in path
    for kind, where, what, fix in done["problems"]:
        assert what and (fix or kind == "sparse")
        assert (where.startswith("attack.bin") or isinstance(made, dict) or "not listed" in what) and where.isprintable() and what.isprintable()
    assert len(done["problems"]) <= 650
    assert files(tmp_path) == before, "nothing was written"


def files(folder: Path) -> Iterable[str]:
    return sorted(str(path) for path in folder.rglob("*"))


def test_there_are_forty_and_all_differ() -> None:
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS) >= 40


@pytest.mark.parametrize("seconds, kept", [(4_102_444_799, True), (4_102_444_800, False), (250_000_000_000, False), (1 << 60, False), (-5, False)])
def test_a_file_time_that_cannot_be_is_no_time(tmp_path: Path, seconds: int, kept: bool) -> None:
    """The collection time of a bundle may rest on them where its logs tell no year."""
    ntfs = struct.pack("<HHIHHQQQ", 0x000A, 32, 0, 1, 24, (seconds + 11_644_473_600) * 10**7 & (1 << 64) - 1, 0, 0)
    made = {
        "a.tar": pax(mtime=str(seconds)) + member("a.log", b"x") + END,
        "b.tar": member("a.log", b"x", mtime=(136, b"\x80" + seconds.to_bytes(11, "big") if seconds >= 0 else b"\xff" * 12)) + END,
        "c.zip": zipped(plain(b"a.log", b"x", extra=ntfs)),
        "d.gz": b"\x1f\x8b\x08\0" + struct.pack("<I", min(max(seconds, 0), 0xFFFFFFFF)) + b"\0\x03" + gzip.compress(b"x")[10:],
    }
    for name, data in made.items():
        (tmp_path / name).write_bytes(data)
    with open_bundle(tmp_path) as bundle:
        times = [artifact.modified for artifact in bundle.artifacts()]
    assert len(times) == 4
    assert [time == seconds * 1_000_000 for time in times] == [kept] * 4 if kept else times == [None] * 4
