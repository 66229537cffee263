"""A Windows event, and the one text line in which every event is scanned, whatever file it came from.

The line holds, parted by tabs: time, number, channel, provider, event id, level, computer, then `Name=value` for each datum, and last
`Message=text` for an event whose localised text could not be taken apart, or only in part. What is not known is `-` (time, number) or nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from backuptrace.model import LOCAL_AGAIN_CLOCK, UTC_CLOCK

LEVELS = ("information", "critical", "error", "warning", "information", "verbose")
"""System/Level as a word. 0 (LogAlways, the Security log) is shown as information by the Event Viewer too."""

MESSAGE = "Message"
"""Name under which a text is written that says more than the data."""

MOST_VALUE = 65_536
"""Characters of one value; an event in an .evtx file is never larger, an export can claim anything."""

CUT = "…[cut]"

SEPARATOR = "\t"
START = (
    r"(?P<stamp>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+[Z~]?|-)\t(?P<number>[0-9]+|-)\t(?P<channel>[^\t\n]*)\t(?P<provider>[^\t\n]*)"
    r"\t(?P<event_id>-?[0-9]+)\t(?P<level>[a-z]*)\t(?P<computer>[^\t\r\n]*)"
)
"""The head of the line as a regular expression; what stands behind it are the data."""
TEMPLATES = {"channel": r"\t{}\t", "provider": r"{}\t", "event_id": r"{}\t", "level": r"{}\t", "computer": "{}"}
"""How each field of the head stands on the line, in its order, each template free of what the one before it takes."""
PAIRS = {"data": r"\t{}="}
WITHOUT_CASE = ["channel", "provider", "computer"]
"""Windows compares these without regard to case, and writes them in several ways (User32, USER32)."""

_ENDS = {UTC_CLOCK: "Z", LOCAL_AGAIN_CLOCK: "~"}
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  # the clock is said by the event

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ESCAPES = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}


class WinEvent(msgspec.Struct, frozen=True):
    """One event of a Windows log, in its language-free form as far as the file tells it.

    time: microseconds since 1970 on `clock` (UTC, or local time where an export names no zone), None where it cannot be read;
    number: the EventRecordID, else the 1-based line of the record in the export; channel: "" where the form does not tell it;
    level: 0 to 5 as in System/Level, None where it is not told; data: (name, value) in order, the name "" for positional data,
    `Binary` as hexadecimal digits; message: the rendered text where the form has it; the event dictionary leaves it only where the
    data do not say all that it says.
    """

    time: int | None
    clock: int
    number: int | None
    channel: str
    provider: str
    event_id: int
    level: int | None = None
    computer: str = ""
    data: list[tuple[str, str]] = []
    message: str = ""


def visible(text: str) -> str:
    r"""The text on one line: tab, line breaks and other control characters as `\t`, `\n`, `\r`, `\x1f`; a backslash stays as it is."""
    if len(text) > MOST_VALUE:
        text = text[:MOST_VALUE] + CUT
    return _CONTROL.sub(_escape, text) if _CONTROL.search(text) else text


def _escape(found: re.Match[str]) -> str:
    letter = found[0]
    code = ord(letter)
    return _ESCAPES.get(letter) or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")


def level_word(level: int | None) -> str:
    """`critical`, `error`, `warning`, `information` or `verbose`; "" for None; custom levels count as verbose."""
    if level is None:
        return ""
    return LEVELS[level] if 0 <= level < len(LEVELS) else "verbose"


def time_text(time: int | None, clock: int) -> str:
    """`2026-11-23T03:10:01.123456Z`; on the local clock without the Z, in the second pass of a doubled hour with ~.

    `-` for None and for times outside the years 1 to 9999.
    """
    if time is None:
        return "-"
    try:
        moment = EPOCH + timedelta(microseconds=time)
    except OverflowError:
        return "-"
    return moment.isoformat(timespec="microseconds") + _ENDS.get(clock, "")


def line_of(event: WinEvent) -> str:
    """The canonical line, without a line break at its end. Positional data are named by their place: `1`, `2`, ..."""
    parts = [
        time_text(event.time, event.clock),
        "-" if event.number is None else str(event.number),
        visible(event.channel),
        visible(event.provider),
        str(event.event_id),
        level_word(event.level),
        visible(event.computer),
    ]
    parts.extend(_data(event.data))
    if event.message:
        parts.append(f"{MESSAGE}={visible(event.message)}")
    return "\t".join(parts)


def _data(data: Iterable[tuple[str, str]]) -> Iterable[str]:
    place = 0
    for name, value in data:
        if not name:
            place += 1
            name = str(place)
        elif "=" in name:
            name = name.replace("=", "_")
        yield f"{visible(name)}={visible(value)}"


def event_of(line: str) -> WinEvent:
    """The event of a canonical line, with values as they stand there; its time is left out, as is its level's number."""
    _, number, channel, provider, event_id, _, computer, *data = line.rstrip("\r\n").split(SEPARATOR)
    told = [(name, value) for name, _, value in (datum.partition("=") for datum in data)]
    message = told.pop()[1] if told and told[-1][0] == MESSAGE else ""
    return WinEvent(None, UTC_CLOCK, int(number) if number.isdigit() else None, channel, provider, int(event_id), None, computer, told, message)
