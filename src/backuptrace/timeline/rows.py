"""The hits of one selection on the common clock: runs inside one second in columns, and rows that look at them.

The hits come in parts, one for each time index of the scan. Most questions are answered part by part; only who walks from row to row has them put
in one order.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import chain, islice, repeat
from operator import le
from typing import NamedTuple, overload

from backuptrace.model import SECOND

Key = tuple[int, int, int]
"""(microseconds since 1970 UTC, rank of the source, byte offset): the total order of all events."""
_LOW = -(1 << 62)
NO_KEY: Key = (_LOW, _LOW, _LOW)
"""Before all events."""
FEW = 32
"""Rows of one second that are looked through as often as somebody asks."""
CHUNK = 256
"""Rows that are made at once for who walks over them."""


class Row(NamedTuple):
    """A run of hits of one selection inside one UTC second: its first and last hit, their number, the value of the keyed field."""

    first: Key
    last: Key
    count: int = 1  # type: ignore[assignment]  # hides tuple.count
    field: str = ""

    @property
    def second(self) -> int:
        """Seconds since 1970 UTC."""
        return self.first[0] // SECOND


class Columns(NamedTuple):
    """Rows in columns: microseconds UTC and offsets of first and last hits, the rank of their source, their numbers; fields: None where none is keyed."""

    first: array[int]
    rank: array[int]
    first_at: array[int]
    last: array[int]
    last_at: array[int]
    counts: array[int]
    fields: list[str] | None = None

    def row(self, at: int) -> Row:
        """The row at a place."""
        first, rank, first_at, last, last_at, counts, fields = self
        ends = (first[at], rank[at], first_at[at]), (last[at], rank[at], last_at[at])
        return Row(*ends, counts[at], "" if fields is None else fields[at])


def in_order(columns: Columns) -> Columns:
    """The rows sorted by their first hit: as they stand in the file, unless its clock went back."""
    return columns if all(map(le, columns.first, islice(columns.first, 1, None))) else _merged([columns])


class _Source:
    """What the views of one selection share: its parts, each sorted by first hits, and once it is asked for the whole in one order."""

    __slots__ = ("_crowded", "_whole", "parts")

    def __init__(self, parts: Sequence[Columns]) -> None:
        self.parts = parts
        self._whole = parts[0] if len(parts) == 1 else None
        self._crowded: dict[tuple[int, int], Key] = {}
        """(part, place behind its last row): newest hits that took long to find."""

    @property
    def ordered(self) -> bool:
        """Whether there is a whole already."""
        return self._whole is not None

    @property
    def whole(self) -> Columns:
        """All rows in order."""
        if self._whole is None:
            self._whole = _merged(self.parts)
        return self._whole

    def newest(self, part: Columns, low: int, high: int) -> Key:
        """The newest hit of the rows from `low` to below `high`: it lies in the second of the last of them."""
        begin = bisect_left(part.first, part.first[high - 1] // SECOND * SECOND, low, high)
        if high - begin <= FEW:
            return _newest(part, begin, high)
        key = id(part), high
        if key not in self._crowded:
            self._crowded[key] = _newest(part, begin, high)
        return self._crowded[key]


class Rows(Sequence[Row]):
    """Rows sorted by their first hit, in 48 bytes each; a Row is made when one is looked at. Equal to a list of them in all but time and memory."""

    __slots__ = ("_cuts", "_source")

    def __init__(self, source: _Source, cuts: list[tuple[Columns, int, int]]) -> None:
        """cuts: (part, from, to) of each part that has rows here."""
        self._source, self._cuts = source, cuts

    @classmethod
    def joined(cls, parts: Sequence[Columns]) -> Rows:
        """The rows of all parts. Each part must be in order (`in_order`)."""
        filled = [part for part in parts if part.first]
        return cls(_Source(filled), [(part, 0, len(part.first)) for part in filled])

    @property
    def parts(self) -> list[Columns]:
        """The columns, each part in order."""
        return [part if high - low == len(part.first) else _cut(part, low, high) for part, low, high in self._cuts]

    # what is told part by part

    def __len__(self) -> int:
        return sum([high - low for _, low, high in self._cuts])

    @property
    def total(self) -> int:
        """How many hits."""
        return sum([sum(part.counts[low:high]) for part, low, high in self._cuts])

    @property
    def newest(self) -> Key:
        """The newest hit; there must be one."""
        return max([self._source.newest(*cut) for cut in self._cuts])

    def before(self, stamp: int) -> int:
        """How many rows begin before a time, microseconds UTC."""
        return sum([bisect_left(part.first, stamp, low, high) - low for part, low, high in self._cuts])

    def between(self, low: int, high: int) -> Rows:
        """The rows from the second `low` to the second `high`."""
        if len(self._cuts) > 1 and self._source.ordered:
            self.ordered()
        begin, end = low * SECOND, (high + 1) * SECOND
        cuts = []
        for part, first, last in self._cuts:
            first = bisect_left(part.first, begin, first, last)
            last = bisect_left(part.first, end, first, last)
            if first < last:
                cuts.append((part, first, last))
        return self if cuts == self._cuts else Rows(self._source, cuts)

    def follows(self, key: Key, second: int) -> bool:
        """Whether a hit lies after `key` and not after `second`."""
        end = (second + 1) * SECOND
        for part, low, high in self._cuts:
            high = bisect_left(part.first, end, low, high)
            if low < high:
                stamp = part.first[high - 1]
                if stamp > key[0] or (stamp // SECOND == key[0] // SECOND and self._source.newest(part, low, high) > key):
                    return True
        return False

    def precedes(self, key: Key, second: int) -> bool:
        """Whether a hit lies before `key` and not before `second`."""
        return any(low < (end := _at_key(part, key, low, high)) and part.first[end - 1] // SECOND >= second for part, low, high in self._cuts)

    # what goes from row to row

    def ordered(self) -> tuple[Columns, int, int]:
        """The rows in one order: columns, from and to (exclusive)."""
        if not self._cuts:
            return _NOTHING, 0, 0
        if len(self._cuts) > 1:
            whole, size = self._source.whole, len(self)
            low = bisect_left(whole.first, min(part.first[low] for part, low, _ in self._cuts) // SECOND * SECOND)
            self._cuts = [(whole, low, low + size)]
        return self._cuts[0]

    def __iter__(self) -> Iterator[Row]:
        part, low, high = self.ordered()
        for begin in range(low, high, CHUNK):
            yield from _made(part, begin, min(begin + CHUNK, high))

    def __reversed__(self) -> Iterator[Row]:
        part, low, high = self.ordered()
        for end in range(high, low, -CHUNK):
            yield from reversed(list(_made(part, max(end - CHUNK, low), end)))

    @overload
    def __getitem__(self, at: int) -> Row: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Row]: ...
    def __getitem__(self, at: int | slice) -> Row | Sequence[Row]:
        if isinstance(at, slice):
            return [self[place] for place in range(*at.indices(len(self)))]
        if at == 0 and self._cuts:
            return min([part.row(low) for part, low, _ in self._cuts])
        if at == -1 and self._cuts:
            return max([part.row(high - 1) for part, _, high in self._cuts])
        whole, low, high = self.ordered()
        place = at + (low if at >= 0 else high)
        if not low <= place < high:
            raise IndexError(at)
        return whole.row(place)


_NOTHING = Columns._make([*[array("q")] * 6, None])


def _merged(parts: Sequence[Columns]) -> Columns:
    """All rows in one order."""
    keyed = any(part.fields is not None for part in parts)
    rows = sorted(chain.from_iterable(zip(*part[:6], part.fields if part.fields is not None else repeat(""), strict=False) for part in parts))
    *numbers, fields = zip(*rows, strict=True)
    return Columns._make([*(array("q", column) for column in numbers), list(fields) if keyed else None])


def _cut(part: Columns, low: int, high: int) -> Columns:
    return Columns._make([None if column is None else column[low:high] for column in part])


def _made(part: Columns, low: int, high: int) -> Iterator[Row]:
    first, rank, first_at, last, last_at, counts, fields = _cut(part, low, high)
    return map(Row, zip(first, rank, first_at, strict=True), zip(last, rank, last_at, strict=True), counts, repeat("") if fields is None else fields)


def _newest(part: Columns, low: int, high: int) -> Key:
    if high - low == 1:
        return part.last[low], part.rank[low], part.last_at[low]
    return max(zip(part.last[low:high], part.rank[low:high], part.last_at[low:high], strict=True))


def _at_key(part: Columns, key: Key, low: int, high: int) -> int:
    """Behind the last row whose first hit lies before `key`."""
    at = bisect_left(part.first, key[0], low, high)
    while at < high and (part.first[at], part.rank[at], part.first_at[at]) < key:
        at += 1
    return at


def at_key(rows: Sequence[Row], key: Key) -> int:
    """How many rows have their first hit before `key`."""
    if isinstance(rows, Rows):
        part, low, high = rows.ordered()
        return _at_key(part, key, low, high) - low
    return bisect_left(rows, Row(key, NO_KEY, 0))


def between(rows: Sequence[Row], low: int, high: int) -> Sequence[Row]:
    """The rows from the second `low` to the second `high`."""
    return rows.between(low, high) if isinstance(rows, Rows) else rows[at_second(rows, low) : at_second(rows, high + 1)]


def at_second(rows: Sequence[Row], second: int) -> int:
    """How many rows lie before the second."""
    if isinstance(rows, Rows):
        return rows.before(second * SECOND)
    return bisect_left(rows, Row((second * SECOND, _LOW, _LOW), NO_KEY, 0))


def united(several: Sequence[Sequence[Row]]) -> Sequence[Row]:
    """The rows of several selections in one order."""
    columns = [rows.parts for rows in several if isinstance(rows, Rows)]
    if len(columns) == len([rows for rows in several if rows]):
        return Rows.joined(list(chain.from_iterable(columns)))
    return sorted(chain.from_iterable(several))


def newest(rows: Sequence[Row], second: int | None = None) -> Key:
    """The newest hit, or that of a second; there must be one. It lies in the second of the last row."""
    if second is not None:
        rows = between(rows, second, second)
    return rows.newest if isinstance(rows, Rows) else max(row.last for row in rows[at_second(rows, rows[-1].second) :])


def total(rows: Sequence[Row]) -> int:
    """How many hits."""
    return rows.total if isinstance(rows, Rows) else sum(row.count for row in rows)
