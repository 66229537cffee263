"""Records of .evtx files that ask for more than any reader can write out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from evtxwriter import NESTED, SID, TEXT, TEXTS, ChunkWriter, Gap, Node, Value, sealed

Write = Callable[[ChunkWriter], None]


def bomb(depth: int, gaps: int, text: str) -> Write:
    """A template that holds itself, `gaps` times in each of `depth` levels."""

    def level(left: int) -> Write:
        value = Value(NESTED, fragment=level(left - 1)) if left else Value(TEXT, text.encode("utf-16-le"))
        node = Node("Data", [Gap(0, value.kind)] * gaps)
        return lambda chunk: chunk.fragment(f"level {bool(left)}", node, [value])

    return level(depth)


def chunk_of(write: Write) -> bytes:
    """A chunk with a record of this and a harmless one."""
    writer = ChunkWriter()
    assert writer.record(1, 0, write)
    assert writer.record(2, 0, lambda chunk: chunk.fragment("ok", Node("Event", [Node("System", [Node("EventID", ["7"])])]), []))
    return writer.closed(1)


def masked() -> bytes:
    """Three arrays in one element, the byte behind each kind, which no reader looks at, is not zero."""
    values = [Value(TEXTS, b"x\0\0\0" * 500)] * 3
    chunk = chunk_of(lambda chunk: chunk.fragment("arrays", Node("Event", [Node("Data", [Gap(n, TEXTS) for n in range(3)])]), values))
    return sealed(chunk.replace(b"\xd0\x07\x81\0", b"\xd0\x07\x81\x01"))


def divided(depth: int) -> bytes:
    """A template in itself, and before each the bytes with which a record begins."""

    def level(left: int) -> Write:
        inner = Value(NESTED, fragment=level(left - 1)) if left else Value(TEXT, b"x\0")
        return lambda chunk: chunk.fragment(f"level {bool(left)}", Node("Data", [Gap(1, inner.kind)] * 4), [Value(TEXT, b"**\0\0" * 8), inner])

    return chunk_of(level(depth))


def literal(depth: int) -> bytes:
    """Each template holds the one before it twice, as a fragment that stands in it."""

    writer, inside = ChunkWriter(), "x"
    for n in range(depth):
        node = Node("Data", [inside] * 2)
        writer.record(1 + n, 0, partial(ChunkWriter.fragment, key=f"level {n}", root=node, values=[]))
        inside = (b"\x0f\x01\x01\0\x0c\x01" + bytes(4) + writer.templates[f"level {n}"].to_bytes(4, "little") + bytes(4)).decode("utf-16-le")
    text, fragment = b"\x05\x01\x09\0\x0f\x01\x01\0\x0c", b"\x05\x21\x12\0\x0f\x01\x01\0\x0c"
    return sealed(writer.closed(1).replace(text, fragment).replace(b"\x45" + text[1:], b"\x45" + fragment[1:]))


def repeated() -> bytes:
    """One array, of which each item repeats ten thousand characters."""
    return chunk_of(lambda chunk: chunk.fragment("long", Node("Event", [Node("Data", ["x" * 10_000, Gap(0, TEXTS)])]), [Value(TEXTS, b"\0\0" * 20_000)]))


def overlapping() -> bytes:
    """A value that reaches into the next record."""
    chunk = chunk_of(lambda chunk: chunk.fragment("text", Node("Event", [Gap(0)]), [Value(TEXT, b"x\0" * 300)]))
    return sealed(chunk.replace((600).to_bytes(2, "little") + b"\x01\0", (700).to_bytes(2, "little") + b"\x01\0"))


def overrun() -> bytes:
    """A SID that tells more parts than its value has bytes: the package reads on, and takes what follows from a later place."""
    sid = bytes([1, 200]) + bytes(10)
    return chunk_of(lambda chunk: chunk.fragment("sid", Node("Event", [Gap(0, SID), Gap(1)]), [Value(SID, sid), Value(TEXT, b"x\0" * 600)]))
