"""Whole chunks through the `evtx` package: some of them behind a made file header, their records as XML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from importlib.util import find_spec
from io import BytesIO

from backuptrace.readers.evtx.layout import CHUNK, FIRST_RECORD, LEAST_RECORD, RECORD_HEADER, RECORD_MAGIC, TABLES, Walk, made_header

NO_ID = 1 << 62
"""Ids of what fills a hole: above those of any record."""
_ANY_LAST = (1 << 64) - 1
_BLANK = bytes(TABLES.stop - TABLES.start)


@cache
def available() -> bool:
    """Whether the `evtx` package is there; it has no wheel for rare platforms, where binxml reads everything."""
    return find_spec("evtx") is not None


def bare(chunk: bytes, end: int = CHUNK) -> bytes:
    """A chunk as the package gets it: without what lies behind its records, which end there, and without its tables of names and templates.

    The package does without them, and a circle in a table would keep it going for ever.
    """
    return b"".join((chunk[: TABLES.start], _BLANK, chunk[TABLES.stop : end], bytes(CHUNK - end)))


def without(chunk: bytes, records: Iterable[int]) -> bytes:
    """A bare chunk in which the records that begin there are empty; the templates that are defined in them stay."""
    out = bytearray(chunk)
    for at in records:
        out[at + RECORD_HEADER] = 0
    return bytes(out)


def read_xml(chunks: Sequence[bytes]) -> tuple[list[tuple[int, str]], list[str]]:
    """(record id in the record's header, its XML) of all records that the package reads in bare chunks, and its errors.

    It stops in a chunk at a bad record header.
    """
    from evtx import PyEvtxParser

    read: list[tuple[int, str]] = []
    errors: list[str] = []
    try:
        following = iter(PyEvtxParser(BytesIO(b"".join((made_header(len(chunks)), *chunks))), number_of_threads=1, indent=False).records()).__next__
    except (RuntimeError, OSError, ValueError) as error:
        return read, [str(error)]
    while True:
        try:
            record = following()
        except StopIteration:
            return read, errors
        except RuntimeError as error:
            errors.append(str(error))
        except BaseException as error:
            # A panic of the package is derived from BaseException; it ends the batch, not the scan.
            if type(error).__module__ != "pyo3_runtime":
                raise
            errors.append(f"the reader gave up: {error}")
            return read, errors
        else:
            read.append((record["event_record_id"], record["data"]))  # type: ignore[index]  # the package calls it optional; it never is


def mended(chunk: bytes, walk: Walk) -> bytes:
    """The chunk so that the package gets from its first record to its last: each hole becomes one record (that it will refuse), the header agrees."""
    out = bytearray(chunk)
    out[:8] = b"ElfChnk\0"
    out[32:40] = _ANY_LAST.to_bytes(8, "little")
    out[40:44] = (128).to_bytes(4, "little")
    out[48:52] = walk.end.to_bytes(4, "little")
    for place in walk.places:
        # An impossible time in the record's header, which nobody needs, would make the package leave the chunk.
        out[place.offset + 16 : place.offset + 24] = bytes(8)
    for number, (start, end) in enumerate(walk.holes):
        size = end - start
        if size >= LEAST_RECORD:
            out[start : start + 16] = RECORD_MAGIC + size.to_bytes(4, "little") + (NO_ID + number).to_bytes(8, "little")
            out[start + 16 : start + 25] = bytes(9)
        elif start > FIRST_RECORD:
            # Too short for a record: the one before it takes it in.
            before, _ = walk.around(start)
            if before is not None:
                out[before.offset + 4 : before.offset + 8] = (end - before.offset).to_bytes(4, "little")
    return bytes(out)
