"""Which encoding a text export has, and its lines as text.

Event Viewer writes UTF-8, PowerShell UTF-16 or ASCII, `wevtutil` the code page of the console. A mark settles it; else NUL bytes tell UTF-16,
valid UTF-8 is taken as such, and of single bytes those between letters tell Windows-1252 (ä is E4) from the OEM code page 850 (ä is 84).
Code page 437 has the letters of Western Europe at the places of 850.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from backuptrace.readers.breaks import unbroken
from backuptrace.readers.exports.account import Reading
from backuptrace.readers.stream import Readable

BLOCK = 256 << 10
MOST_LINE = 1 << 20
"""Characters of a line; longer ones are cut."""
_HIGH = re.compile(rb"(?<=[A-Za-z])[\x80-\xff]|[\x80-\xff](?=[a-z])")
_OEM = frozenset([*range(0x80, 0x92), *range(0x93, 0x96), 0x99, 0x9A, *range(0xA0, 0xA6), 0xE1])
"""Letters in code page 850 that are rare or no letters in Windows-1252. 92, 96 and 97 are the apostrophe and dashes of Windows-1252."""
_ANSI = frozenset([*range(0xC0, 0xD7), *range(0xD8, 0xE1), *range(0xE2, 0xF7), *range(0xF8, 0x100), 0x8A, 0x9A, 0x9E])
_LOST = re.compile("[\udc80-\udcff]+")


def encoding_of(head: bytes) -> str:
    """Codec name for a file that begins with these bytes."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    sample = head[:4096]
    if len(sample) >= 4:
        even, odd = sample[0::2].count(0), sample[1::2].count(0)
        if odd * 4 > len(sample) and odd > 4 * even:
            return "utf-16-le"
        if even * 4 > len(sample) and even > 4 * odd:
            return "utf-16-be"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return _single(head)
    return "utf-8"


def _single(head: bytes) -> str:
    oem = ansi = 0
    for found in _HIGH.finditer(head):
        code = found[0][0]
        oem += code in _OEM
        ansi += code in _ANSI
    return "cp850" if oem > ansi else "cp1252"


def texts(stream: Readable, encoding: str, reading: Reading) -> Iterator[str]:
    """The decoded text in pieces. Bytes that the encoding lacks are taken as Windows-1252 and told."""
    decoder = codecs.getincrementaldecoder(encoding)("surrogateescape" if encoding.startswith("utf-8") else "replace")
    buffer = bytearray(BLOCK)
    view = memoryview(buffer)
    while True:
        got = stream.readinto(view)
        text = decoder.decode(bytes(view[:got]), not got)
        if text:
            if not text.isascii() and _LOST.search(text):
                reading.tell("odd-bytes", count=len(_LOST.findall(text)))
                text = _LOST.sub(_ansi, text)
            yield text
        if not got:
            return


def _ansi(found: re.Match[str]) -> str:
    return found[0].encode("utf-8", "surrogateescape").decode("cp1252", "replace")


def lines(stream: Readable, encoding: str, reading: Reading) -> Iterator[tuple[int, str]]:
    """(1-based number, text without its end) of every line; only LF and CR LF end a line."""
    number, pending, skipping = 1, "", False
    for text in texts(stream, encoding, reading):
        parts = text.split("\n")
        for part in parts[:-1]:
            if skipping:
                skipping = False
            else:
                line = pending + part if pending else part
                if len(line) > MOST_LINE:
                    reading.tell("long-line", number)
                    line = line[:MOST_LINE]
                yield number, unbroken(line)
            number, pending = number + 1, ""
        if not skipping:
            pending += parts[-1]
            if len(pending) > MOST_LINE:
                reading.tell("long-line", number)
                yield number, pending[:MOST_LINE]
                pending, skipping = "", True
    if pending:
        yield number, unbroken(pending)
