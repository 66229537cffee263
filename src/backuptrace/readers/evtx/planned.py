"""The events of a sound chunk from its binary form, by the plans of its templates: no XML is written and none is read.

Each record is an instance of a template, and one of its values is an instance of a further template, with the data. Of both only the values are read
that the event is made of, so a record costs no more than the bytes that it has. A record that is in any way unlike that is left to the other readers,
which give the same event for every record that is read here.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from backuptrace.model import UTC_CLOCK
from backuptrace.readers.evtx.layout import CHUNK, FIRST_RECORD, LEAST_RECORD, RECORD_MAGIC, ChunkHeader
from backuptrace.readers.evtx.plans import DEFINITION, Data, Piece, Plan, Plans
from backuptrace.readers.evtx.screening import MOST_VALUES, values_of
from backuptrace.readers.evtx.values import NESTED, NULL, WIDE
from backuptrace.readers.evtx.writers import DELICATE, Writer, decoded, items, moment, refused, several, usual_text, writer
from backuptrace.readers.winevent import WinEvent

MOST_PLANNED = 2 * CHUNK
"""Bytes of templates that are made plans of in one chunk; real ones have a third of it. More is only where templates lie in each other."""
MOST_PLANS, MOST_LAYOUTS, MOST_NAMES = 2048, 256, 64
LONGEST = 1024
MOST_KEPT = 1 << 20
"""Bytes of data that are kept for records with the same ones, each of LONGEST at most."""
_EPOCH = 11_644_473_600_000_000
"""Microseconds from 1601 to 1970."""
_TOO_LATE = 2_650_467_744_000_000_000
"""The year 10000 as a FILETIME."""
_FRAGMENT, _INSTANCE = 0x0F, 0x0C
_RECORD = struct.Struct("<4sIQ8xB3xB5xII")
"""Magic, size and number of a record; the tokens of a fragment and an instance; the place of its template; how many values."""
_HEAD = struct.Struct("<B5xII")
"""The same of an instance alone."""
_record, _head, _descriptor = _RECORD.unpack_from, _HEAD.unpack_from, struct.Struct("<HBx").unpack_from
_RECORD_SIZE, _HEAD_SIZE = _RECORD.size, _HEAD.size
_LAST_PLACE = CHUNK - _RECORD_SIZE
_U32 = struct.Struct("<I")
_DESCRIPTOR = struct.Struct("<HBx")
_OWN = ((0x04, "B"), (0x06, "H"), (0x11, "Q"), (0x0A, "Q"))
"""Kinds of level, event id, time and number, and how they are unpacked, in the order in which Windows puts them."""

_UNEASY = (several, moment, refused)
_EMPTY = (NESTED, NULL)
Found = list[tuple[str, str]]
Texts = str | tuple[int, int]
"""A text, or from where to where it stands in the values."""


class _Layout(NamedTuple):
    """Where the values of an instance are. size: of all but the one with the data, which is the last; own: gives level, event id, time and number;
    sid: where a SID tells how many parts it has, and how many fit. told: provider, channel and computer if the template tells them all; else `texts`,
    which stand in `names` of the values and are `known` by all bytes there.
    """

    size: int
    own: Callable[[bytes, int], tuple[int, int, int, int]]
    sid: int
    parts: int
    told: tuple[str, str, str] | None
    texts: tuple[Texts, Texts, Texts]
    names: slice
    known: dict[bytes, tuple[str, str, str] | None]


_Spans = tuple[int, "tuple[tuple[int, int], ...]", "list[tuple[Writer, int, int]]", int]
"""Of the values of an instance: the size of all; where SIDs are and how long; of each how it is written, from where to where; how many
there are at which a reader may fail although nobody needs them.
"""


class _Inner(NamedTuple):
    """The data of a template. known: data by the bytes of the instance."""

    data: Data
    known: dict[bytes, Found]


class _Use(NamedTuple):
    """A plan in use. nested: the value with the data, -1 in a template of data alone; in_user: see `Plan`; layouts: by descriptors; inner: the data that
    it tells by itself, and inside of UserData.
    """

    nested: int
    in_user: bool
    layouts: dict[bytes, _Layout | None]
    inner: tuple[_Inner | None, _Inner | None]
    plan: Plan


_UNKNOWN = _Use(-1, False, {}, (None, None), Plan(None))


class Planned:
    """Reads the chunks of one log. Events with equal data may share the list of them."""

    def __init__(self) -> None:
        self._plans = Plans()
        self._planned = 0
        self._uses: dict[int, _Use] = {}
        self._known: dict[Plan, _Use] = {}
        self._kept = 0
        self.missing: list[int] = []
        self.others = 0

    def events(self, chunk: bytes, header: ChunkHeader) -> list[WinEvent | None] | None:
        """Of each record its event, None for one that is not usual. None for a chunk whose records are not those that its header tells.

        `missing` are the places of what is None in the list, `others` how many events tell another number than their record's header.
        """
        out: list[WinEvent | None] = []
        self.missing, self.others, self._planned = [], 0, 0
        uses = self._uses = {}
        at, free, expected = FIRST_RECORD, header.free, header.first
        # One loop without a call for what most records are: this is what reading a log costs.
        while at < free:
            if at > _LAST_PLACE:
                return None
            magic, size, told, fragment, token, place, count = _record(chunk, at)
            if magic != RECORD_MAGIC or told != expected or not LEAST_RECORD <= size <= free - at:
                return None
            if chunk[at + size - 4 : at + size] != chunk[at + 4 : at + 8]:  # the size stands at both ends of a record that was written whole
                return None
            event = None
            if fragment == _FRAGMENT and token == _INSTANCE:
                nested, in_user, layouts, _, plan = uses.get(place) or self._use(chunk, place)
                start, end = at + _RECORD_SIZE, at + size - 4
                if place == start - 4:
                    start, count = _behind(chunk, place)
                values = start + 4 * count
                if nested == count - 1 and nested >= 0 and values <= end and count <= MOST_VALUES:
                    key = chunk[start : values - 4]
                    layout = layouts[key] if key in layouts else _laid(plan, key, layouts)
                    if layout is not None:
                        length, kind = _descriptor(chunk, values - 4)
                        inside = values + layout[0]
                        after = inside + length
                        if after == end or (after < end and not chunk[after]):
                            if length:
                                data = self._nested(chunk, inside, after, in_user) if kind == NESTED else None
                            else:
                                data = [] if kind in _EMPTY else None
                            _, own, sid, parts, named, _, names, known = layout
                            level, event_id, time, number = own(chunk, values)
                            if named is None:
                                raw = chunk[values + names.start : values + names.stop]
                                named = known[raw] if raw in known else _named(raw, layout)
                            if data is not None and named is not None and time < _TOO_LATE and chunk[values + sid] <= parts:
                                provider, channel, computer = named
                                event = WinEvent(time // 10 - _EPOCH, UTC_CLOCK, number, channel, provider, event_id, level, computer, data)
            if event is None:
                self.missing.append(len(out))
            elif event.number != told:
                self.others += 1
            out.append(event)
            at += size
            expected += 1
        return out if expected == header.last + 1 else None

    def _use(self, chunk: bytes, place: int) -> _Use:
        self._planned += _size(chunk, place)
        plan = self._plans.at(chunk, place) if self._planned < MOST_PLANNED else None
        if plan is None:
            self._uses[place] = _UNKNOWN
            return _UNKNOWN
        known = self._known.get(plan)
        if known is None:
            if len(self._known) >= MOST_PLANS:
                self._known.clear()
            event, user = (None if data is None else _Inner(data, {}) for data in (plan.data, plan.user_data))
            known = self._known[plan] = _Use(plan.nested, plan.in_user, {}, (event, user), plan)
        self._uses[place] = known
        return known

    def _nested(self, chunk: bytes, at: int, end: int, in_user: bool) -> Found | None:
        """The data of an instance between two places, alone or in a fragment."""
        if chunk[at] == _FRAGMENT:
            at += 4
        start = at + _HEAD_SIZE
        if start > end:
            return None
        token, place, count = _head(chunk, at)
        if token != _INSTANCE:
            return None
        use = self._uses.get(place) or self._use(chunk, place)
        inner = use.inner[in_user]
        if inner is None or use.nested >= 0:
            return None
        if place == start - 4:
            start, count = _behind(chunk, place)
        key = chunk[start - 4 : end]
        data = inner.known.get(key)
        if data is None:
            data = _data(chunk, inner.data, count, start, end)
            if data is not None and len(key) <= LONGEST:
                self._kept += len(key)
                if self._kept > MOST_KEPT:
                    self._kept = len(key)
                    for one in (one for known in self._known.values() for one in known.inner if one is not None):
                        one.known.clear()
                inner.known[key] = data
        return data


def _data(chunk: bytes, wanted: Data, count: int, start: int, end: int) -> Found | None:
    """The data of an instance whose descriptors start there; None if it is not usual, or something stands between its values and the end."""
    at = start + 4 * count
    if at > end or count > MOST_VALUES or (told := spans(chunk[start:at])) is None:
        return None
    size, sids, places, uneasy = told
    after = at + size
    if after > end or (after < end and chunk[after]):
        return None
    for offset, length in sids:
        if 8 + 4 * chunk[at + offset + 1] > length:
            return None
    raw = chunk[at:after]
    out: Found = []
    try:
        for name, piece in wanted:
            if isinstance(piece, str):
                out.append((name, piece))
                continue
            written, begin, stop = places[piece]
            if written is several:
                uneasy -= 1
                out += [(name, usual_text(text)) for text in items(raw[begin:stop])]
            else:
                uneasy -= written is moment
                out.append((name, written(raw[begin:stop])))
    except (ValueError, IndexError):
        return None
    return None if uneasy else out


@lru_cache(4096)
def spans(descriptors: bytes) -> _Spans | None:
    """By the descriptors of an instance; None where one of its values is an instance itself."""
    values = values_of(descriptors)
    if values is None or values.nested:
        return None
    places: list[tuple[Writer, int, int]] = []
    at = 0
    for length, kind in _DESCRIPTOR.iter_unpack(descriptors):
        places.append((writer(kind, length), at, at := at + length))
    return values.size, values.sids, places, sum(one[0] in _UNEASY for one in places)


def _size(chunk: bytes, place: int) -> int:
    """Of the template that is defined at a place, 0 if none can be."""
    return int(_U32.unpack_from(chunk, place + 20)[0]) if place <= CHUNK - DEFINITION else 0


def _behind(chunk: bytes, place: int) -> tuple[int, int]:
    """Where the descriptors of the instance are in which this template is defined, and how many."""
    at = place + DEFINITION + _size(chunk, place)
    return at + 4, _U32.unpack_from(chunk, at)[0] if at <= CHUNK - 4 else CHUNK


def _laid(plan: Plan, descriptors: bytes, layouts: dict[bytes, _Layout | None]) -> _Layout | None:
    if len(layouts) >= MOST_LAYOUTS:
        layouts.clear()
    layout = layouts[descriptors] = _layout(plan, descriptors)
    return layout


def _layout(plan: Plan, descriptors: bytes) -> _Layout | None:
    values, system = values_of(descriptors), plan.system
    if values is None or values.nested or values.arrays or len(values.sids) > 1 or system is None:
        return None
    places: list[tuple[int, int, int]] = []
    at = 0
    for length, kind in _DESCRIPTOR.iter_unpack(descriptors):
        places.append((kind, at, at := at + length))
    form, end, order = "<", 0, list[int]()
    numbers = (system.level, system.event_id, system.time, system.number)
    for number, which in sorted(zip(numbers, range(4), strict=True)):
        kind, begin, stop = places[number] if number < len(places) else (NULL, 0, 0)
        letter = _OWN[which][1]
        if _OWN[which][0] != kind or begin < end or stop - begin != struct.calcsize("<" + letter):
            return None
        form += f"{begin - end}x{letter}"
        end = stop
        order.append(which)
    if any(kind in DELICATE or writer(kind, stop - begin) is refused for n, (kind, begin, stop) in enumerate(places) if n != system.time):
        return None
    texts = [_placed(piece, places) for piece in (system.provider, system.channel, system.computer)]
    provider, channel, computer = texts
    if provider is None or channel is None or computer is None:
        return None
    told = (provider, channel, computer) if isinstance(provider, str) and isinstance(channel, str) and isinstance(computer, str) else None
    spread = [one for one in (provider, channel, computer) if not isinstance(one, str)]
    names = slice(min((begin for begin, _ in spread), default=0), max((stop for _, stop in spread), default=0))
    sid, length = values.sids[0] if values.sids else (-1, 8 + 4 * 255)
    own = _own(struct.Struct(form), order)
    return _Layout(values.size, own, sid + 1, (length - 8) // 4, told, (provider, channel, computer), names, {})


def _own(form: struct.Struct, order: list[int]) -> Callable[[bytes, int], tuple[int, int, int, int]]:
    """Gives level, event id, time and number, which stand in this order, by their places in `_OWN`."""
    if order == [0, 1, 2, 3]:
        return form.unpack_from
    level, event_id, time, number = map(order.index, range(4))

    def own(chunk: bytes, at: int) -> tuple[int, int, int, int]:
        told = form.unpack_from(chunk, at)
        return told[level], told[event_id], told[time], told[number]

    return own


def _named(raw: bytes, layout: _Layout) -> tuple[str, str, str] | None:
    """Provider, channel and computer by all bytes in which they stand. None if they are not usual."""
    if len(layout.known) >= MOST_NAMES:
        layout.known.clear()
    first = layout.names.start
    provider, channel, computer = [one if isinstance(one, str) else _wide(raw[one[0] - first : one[1] - first]) for one in layout.texts]
    named = layout.known[raw] = (provider, channel, computer) if provider and channel is not None and computer is not None else None
    return named


def _placed(piece: Piece, places: list[tuple[int, int, int]]) -> Texts | None:
    if isinstance(piece, str):
        return piece
    kind, begin, end = places[piece] if piece < len(places) else (NULL, 0, 0)
    return (begin, end) if kind == WIDE else None


def _wide(raw: bytes) -> str | None:
    try:
        text = decoded(raw, "strict", True)[0].partition("\0")[0]
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() and text == text.strip() else None
