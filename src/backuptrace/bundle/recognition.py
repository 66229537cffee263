"""What a file is, told by its first bytes and never by its name."""

from __future__ import annotations

from backuptrace.bundle.tarheader import BLOCK, valid

HEAD = BLOCK  # bytes that are looked at

ZIP, TAR, GZIP, BZIP2, XZ, ZSTD, LEAF = "zip", "tar", "gzip", "bzip2", "xz", "zstd", ""

_MAGIC = (
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),  # an empty one
    (b"PK\x07\x08PK\x03\x04", ZIP),  # written as if in several volumes
    (b"\x1f\x8b\x08", GZIP),
    (b"BZh", BZIP2),
    (b"\xfd7zXZ\x00", XZ),
    (b"\x28\xb5\x2f\xfd", ZSTD),
    (b"\x50\x2a\x4d\x18", ZSTD),  # the skippable frame with which pzstd begins
)
_CLOSED = (
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x04\x22\x4d\x18", "compressed with lz4"),
    (b"MSCF\0\0\0\0", "a cabinet archive"),
)
_TEXT = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"\xef\xbb\xbf", "utf-8-sig"))


def container(head: bytes) -> str:
    """ZIP, TAR, GZIP, BZIP2, XZ, ZSTD, or LEAF for everything that is handed out as it is."""
    for magic, kind in _MAGIC:
        # b'BZh' is plain text too; a bzip2 block follows with its level and the digits of pi.
        if head.startswith(magic) and (kind != BZIP2 or head[4:10] in (b"1AY&SY", b"\x17\x72\x45\x38\x50\x90")):
            return kind
    return TAR if len(head) == BLOCK and valid(head) else LEAF


def closed(head: bytes) -> str:
    """What kind of archive it is that cannot be opened here ('' for all else)."""
    return next((kind for magic, kind in _CLOSED if head.startswith(magic)), "")


def encoding(head: bytes) -> str:
    """`utf-16-le`, `utf-16-be`, `utf-8-sig` by the byte order mark, else `utf-8`."""
    return next((name for mark, name in _TEXT if head.startswith(mark)), "utf-8")
