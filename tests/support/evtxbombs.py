"""Records of .evtx files that ask for more than any reader can write out."""

from __future__ import annotations

from collections.abc import Callable

from evtxwriter import NESTED, TEXT, ChunkWriter, Gap, Node, Value

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
