"""Writes .evtx files: chunks with their tables of names and templates, checksums, the two-level templates of real logs.

A record is an instance of a System template, whose last value is a fragment of its own: an instance of a template for EventData or UserData.
A template is written where it is used first in a chunk. Classic sources have no Version, Opcode, Correlation, Execution, and their strings
are one array. Damage is done afterwards, see evtxdamage.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from zlib import crc32

from backuptrace.readers.winevent import WinEvent

CHUNK, HEADER, FIRST = 65_536, 4096, 512
NULL, TEXT, BYTE, WORD, DWORD, QWORD, BINARY, FILETIME, SID, HEX, NESTED, TEXTS = 0x00, 0x01, 0x04, 0x06, 0x08, 0x0A, 0x0E, 0x11, 0x13, 0x15, 0x21, 0x81
NAMESPACE = "http://schemas.microsoft.com/win/2004/08/events/event"
EPOCH_1601 = 11_644_473_600 * 1_000_000
Tree = tuple[str, "str | list[Tree]"]
"""A name with its text or what is inside of it."""


@dataclass(frozen=True)
class Gap:
    """A place in a template for value `number`."""

    number: int
    kind: int = TEXT


@dataclass
class Node:
    """An element of a template; what is inside: texts, gaps, elements."""

    name: str
    inside: Sequence[str | Gap | Node] = ()
    attributes: Sequence[tuple[str, str | Gap]] = ()


@dataclass(frozen=True)
class Value:
    """A value of a template instance as it stands in the file; `fragment` writes a nested one."""

    kind: int
    raw: bytes = b""
    fragment: Callable[[ChunkWriter], None] | None = None


@dataclass(frozen=True)
class Entry:
    """One event to be written. number: the EventRecordID; header_number, header_time: what the record's header says, where that differs.

    time: microseconds UTC; data: named, or positional with the name ""; user: the tree inside UserData; sid as `S-1-5-18`.
    """

    provider: str
    event_id: int
    time: int
    number: int
    channel: str = "System"
    computer: str = "VM01"
    level: int = 4
    data: Sequence[tuple[str, str | int | bytes]] = ()
    user: Tree | None = None
    classic: bool = False
    guid: str = ""
    source: str = ""
    qualifiers: int | None = None
    process: int = 4
    sid: str = ""
    header_number: int | None = None
    header_time: int | None = None


def entry_of(event: WinEvent, *, user: Sequence[str] = (), classic: bool | None = None) -> Entry:
    """The entry for an event. user: names of elements inside UserData, from the outside, in which the data stand; classic: if not said, for positional data."""
    positional = any(not name for name, _ in event.data)
    inner: Tree | None = None
    if user:
        leaves: list[Tree] = [(name, value) for name, value in event.data]
        inner = (user[-1], leaves)
        for name in reversed(user[:-1]):
            inner = (name, [inner])
    data = [(name, bytes.fromhex(value) if name == "Binary" else value) for name, value in event.data]
    return Entry(
        event.provider, event.event_id, event.time or 0, event.number or 1, event.channel, event.computer, 4 if event.level is None else event.level,
        data=[] if inner else data, user=inner, classic=positional if classic is None else classic,
    )  # fmt: skip


@dataclass
class ChunkWriter:
    """One chunk being written. Names and templates are kept by what they say; `out` is the chunk from its start."""

    out: bytearray = field(default_factory=lambda: bytearray(FIRST))
    names: dict[str, int] = field(default_factory=dict)
    templates: dict[str, int] = field(default_factory=dict)
    name_table: list[int] = field(default_factory=lambda: [0] * 64)
    template_table: list[int] = field(default_factory=lambda: [0] * 32)
    numbers: list[int] = field(default_factory=list)
    last: int = FIRST

    def record(self, number: int, time: int, write: Callable[[ChunkWriter], None]) -> bool:
        """Adds a record whose binary XML `write` writes; False, and nothing is changed, if it does not fit."""
        before = len(self.out), dict(self.names), dict(self.templates), list(self.name_table), list(self.template_table)
        start = len(self.out)
        self.out += struct.pack("<4sIQQ", b"**\0\0", 0, number, (time + EPOCH_1601) * 10)
        write(self)
        self.out += bytes(-(len(self.out) + 4 - start) % 8)
        size = len(self.out) + 4 - start
        if start + size > CHUNK:
            length, self.names, self.templates, self.name_table, self.template_table = before
            del self.out[length:]
            return False
        self.out += struct.pack("<I", size)
        struct.pack_into("<I", self.out, start + 4, size)
        self.numbers.append(number)
        self.last = start
        return True

    def fragment(self, key: str, root: Node, values: Sequence[Value]) -> None:
        """A fragment that is an instance of a template, which is defined here if it is used for the first time in the chunk."""
        self.out += b"\x0f\x01\x01\0\x0c\x01"
        guid = hashlib.md5(key.encode()).digest()
        known = self.templates.get(key)
        place = len(self.out) + 8 if known is None else known
        self.out += guid[:4] + struct.pack("<I", place)
        if known is None:
            self.templates[key] = place
            bucket = int.from_bytes(guid[:4], "little") % 32
            self.out += struct.pack("<I", self.template_table[bucket]) + guid + bytes(4)
            self.template_table[bucket] = place
            begin = len(self.out)
            self.out += b"\x0f\x01\x01\0"
            self.element(root)
            self.out += b"\0"
            struct.pack_into("<I", self.out, begin - 4, len(self.out) - begin)
        self.values(values)
        self.out += b"\0"

    def values(self, values: Sequence[Value]) -> None:
        """The values of an instance, behind a list of their sizes and kinds."""
        self.out += struct.pack("<I", len(values))
        at = len(self.out)
        self.out += bytes(4 * len(values))
        for value in values:
            start = len(self.out)
            if value.fragment:
                value.fragment(self)
            self.out += value.raw
            struct.pack_into("<HBB", self.out, at, (len(self.out) - start) & 0xFFFF, value.kind, 0)
            at += 4

    def element(self, node: Node, *, in_template: bool = True) -> None:
        """An element with all that is in it."""
        self.out += bytes([0x41 if node.attributes else 0x01]) + (b"\xff\xff" if in_template else b"")
        size_at = len(self.out)
        self.out += bytes(4)
        self.name(node.name)
        if node.attributes:
            list_at = len(self.out)
            self.out += bytes(4)
            for place, (name, value) in enumerate(node.attributes):
                self.out += bytes([0x46 if place + 1 < len(node.attributes) else 0x06])
                self.name(name)
                self.content(value)
            struct.pack_into("<I", self.out, list_at, len(self.out) - list_at - 4)
        if node.inside:
            self.out += b"\x02"
            for part in node.inside:
                if isinstance(part, Node):
                    self.element(part, in_template=in_template)
                else:
                    self.content(part)
            self.out += b"\x04"
        else:
            self.out += b"\x03"
        struct.pack_into("<I", self.out, size_at, len(self.out) - size_at - 4)

    def content(self, part: str | Gap) -> None:
        """A text or a gap."""
        if isinstance(part, Gap):
            self.out += struct.pack("<BHB", 0x0E, part.number, part.kind)
        else:
            raw = part.encode("utf-16-le")
            self.out += struct.pack("<BBH", 0x05, 1, len(raw) // 2) + raw

    def name(self, text: str) -> None:
        """A name: where it lies, and itself if it is used for the first time in the chunk."""
        if text in self.names:
            self.out += struct.pack("<I", self.names[text])
            return
        place = self.names[text] = len(self.out) + 4
        value = 0
        for letter in text:
            value = (value * 65_599 + ord(letter)) & 0xFFFFFFFF
        bucket = (value & 0xFFFF) % 64
        raw = text.encode("utf-16-le")
        self.out += struct.pack("<IIHH", place, self.name_table[bucket], value & 0xFFFF, len(raw) // 2) + raw + b"\0\0"
        self.name_table[bucket] = place

    def closed(self, first_number: int) -> bytes:
        """The chunk of 65,536 bytes. first_number: of its first record, counted in the file."""
        free = len(self.out)
        out = self.out.ljust(CHUNK, b"\0")
        count = len(self.numbers)
        ids = (self.numbers[0], self.numbers[-1]) if count else (0, 0)
        struct.pack_into("<8sQQQQIIII", out, 0, b"ElfChnk\0", first_number, first_number + count - 1, *ids, 128, self.last, free, 0)
        struct.pack_into("<64I32I", out, 128, *self.name_table, *self.template_table)
        return sealed(bytes(out))


def sealed(chunk: bytes) -> bytes:
    """The chunk with right checksums."""
    out = bytearray(chunk)
    free = struct.unpack_from("<I", out, 48)[0]
    struct.pack_into("<I", out, 52, crc32(out[FIRST:free]))
    struct.pack_into("<I", out, 124, crc32(out[:120] + out[128:512]))
    return bytes(out)


def file_of(chunks: Sequence[bytes], *, minor: int = 1, dirty: bool = False, told: int | None = None, spare: int = 0, following: int = 1) -> bytes:
    """The file of these chunks. told: the number of chunks that the header tells, if another; spare: chunks of zeros at the end."""
    count = len(chunks) if told is None else told
    head = bytearray(HEADER)
    struct.pack_into("<8sQQQIHHHH", head, 0, b"ElfFile\0", 0, max(count - 1, 0), following, 128, minor, 3, HEADER, count & 0xFFFF)
    struct.pack_into("<II", head, 120, int(dirty), crc32(head[:120]))
    return bytes(head) + b"".join(chunks) + bytes(CHUNK * spare)


def chunks_of(entries: Iterable[Entry], *, most: int = 10_000) -> list[bytes]:
    """The entries in as many chunks as they need, at most `most` records in each."""
    out: list[bytes] = []
    writer, written = ChunkWriter(), 1
    for entry in entries:
        if len(writer.numbers) >= most or not _add(writer, entry):
            out.append(writer.closed(written))
            written += len(writer.numbers)
            writer = ChunkWriter()
            if not _add(writer, entry):
                raise ValueError("the event does not fit into a chunk")
    if writer.numbers:
        out.append(writer.closed(written))
    return out


def written(entries: Iterable[Entry], *, most: int = 10_000, minor: int = 1, dirty: bool = False, told: int | None = None, spare: int = 0) -> bytes:
    """The entries as a file; see chunks_of and file_of."""
    return file_of(chunks_of(entries, most=most), minor=minor, dirty=dirty, told=told, spare=spare)


def _add(writer: ChunkWriter, entry: Entry) -> bool:
    number = entry.number if entry.header_number is None else entry.header_number
    time = entry.time if entry.header_time is None else entry.header_time
    return writer.record(number, time, lambda chunk: _event(chunk, entry))


def _event(chunk: ChunkWriter, entry: Entry) -> None:
    provider: list[tuple[str, str | Gap]] = [("Name", Gap(0) if entry.classic else entry.provider)]
    provider += [(name, text) for name, text in (("Guid", entry.guid), ("EventSourceName", entry.source)) if text]
    system = [
        Node("Provider", (), provider),
        Node("EventID", [Gap(1, WORD)], [("Qualifiers", Gap(2, WORD))]),
        *([] if entry.classic else [Node("Version", [Gap(3, BYTE)])]),
        Node("Level", [Gap(4, BYTE)]),
        Node("Task", [Gap(5, WORD)]),
        *([] if entry.classic else [Node("Opcode", [Gap(6, BYTE)])]),
        Node("Keywords", [Gap(7, HEX)]),
        Node("TimeCreated", (), [("SystemTime", Gap(8, FILETIME))]),
        Node("EventRecordID", [Gap(9, QWORD)]),
        *([] if entry.classic else [Node("Correlation", (), [("ActivityID", Gap(13))])]),
        *([] if entry.classic else [Node("Execution", (), [("ProcessID", Gap(10, DWORD)), ("ThreadID", Gap(10, DWORD))])]),
        Node("Channel", [Gap(11) if entry.classic else entry.channel]),
        Node("Computer", [Gap(12)]),
        Node("Security", (), [("UserID", Gap(14, SID))]),
    ]
    root = Node("Event", [Node("System", system), Gap(15, NESTED)], [("xmlns", NAMESPACE)])
    key = "classic" if entry.classic else f"{entry.provider}|{entry.channel}|{entry.guid}|{entry.source}"
    inner = _inner(entry)
    values = [
        _text(entry.provider),
        _number(WORD, entry.event_id),
        Value(NULL) if entry.qualifiers is None and not entry.classic else _number(WORD, entry.qualifiers or 0),
        _number(BYTE, 0), _number(BYTE, entry.level), _number(WORD, 0), _number(BYTE, 0), _number(HEX, 0x80 << 48),
        _number(FILETIME, (entry.time + EPOCH_1601) * 10),
        _number(QWORD, entry.number), _number(DWORD, entry.process), _text(entry.channel), _text(entry.computer), Value(NULL), _sid(entry.sid),
        Value(NESTED, fragment=inner) if inner else Value(NULL),
    ]  # fmt: skip
    chunk.fragment(key, root, values)


def _inner(entry: Entry) -> Callable[[ChunkWriter], None] | None:
    """EventData or UserData as a fragment of its own."""
    if entry.user is not None:
        values: list[Value] = []
        user = Node("UserData", [_user(entry.user, values, top=True)])
        return lambda chunk: chunk.fragment(f"user|{_shape(user)}", user, values)
    if not entry.data:
        return None
    named = [(name, value) for name, value in entry.data if name and name != "Binary"]
    positional = [str(value) for name, value in entry.data if not name]
    binary = next((value for name, value in entry.data if name == "Binary" and isinstance(value, bytes)), None)
    nodes: list[Node] = []
    values = []
    if positional:
        nodes.append(Node("Data", [Gap(0, TEXTS)]))
        values.append(Value(TEXTS, "".join(text + "\0" for text in positional).encode("utf-16-le")))
    for name, value in named:
        nodes.append(Node("Data", [Gap(len(values), _value(value).kind)], [("Name", name)]))
        values.append(_value(value))
    if binary is not None:
        nodes.append(Node("Binary", [Gap(len(values), BINARY)]))
        values.append(Value(BINARY, binary))
    data = Node("EventData", nodes)
    return lambda chunk: chunk.fragment(f"data|{_shape(data)}", data, values)


def _user(tree: Tree, values: list[Value], *, top: bool = False) -> Node:
    name, inside = tree
    attributes = [("xmlns", "http://schemas.example/events")] if top else []
    if isinstance(inside, str):
        values.append(_text(inside))
        return Node(name, [Gap(len(values) - 1)], attributes)
    return Node(name, [_user(child, values) for child in inside], attributes)


def _shape(node: Node) -> str:
    inside = ",".join(_shape(part) if isinstance(part, Node) else repr(part) for part in node.inside)
    return f"{node.name}({node.attributes!r})[{inside}]"


def _value(value: str | int | bytes) -> Value:
    if isinstance(value, bytes):
        return Value(BINARY, value)
    return _number(DWORD, value) if isinstance(value, int) else _text(value)


def _text(text: str) -> Value:
    return Value(TEXT, text.encode("utf-16-le"))


_FORMS = {BYTE: "<B", WORD: "<H", DWORD: "<I", QWORD: "<Q", FILETIME: "<Q", HEX: "<Q"}


def _number(kind: int, number: int) -> Value:
    return Value(kind, struct.pack(_FORMS[kind], number))


def _sid(text: str) -> Value:
    if not text:
        return Value(NULL)
    revision, authority, *parts = (int(part) for part in text.split("-")[1:])
    return Value(SID, bytes([revision, len(parts)]) + authority.to_bytes(6, "big") + struct.pack(f"<{len(parts)}I", *parts))
