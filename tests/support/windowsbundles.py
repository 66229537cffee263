"""Events as the files of a bundle, in every form in which people save them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from zoneinfo import ZoneInfo

import eventforms
from eventforms import Told
from evtxwriter import Entry, entry_of, written

from backuptrace.readers.winevent import WinEvent

Files = dict[str, bytes]
BERLIN, TOKYO, UTC = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Tokyo"), ZoneInfo("UTC")
ZONES: Mapping[str, ZoneInfo] = {"en": UTC, "de": BERLIN, "ja": TOKYO}
CULTURES: Mapping[str, str] = {"en": "en-US", "de": "de-DE", "ja": "ja-JP"}
LOGS = "Windows/System32/winevt/Logs/"


def entry(told: Told) -> Entry:
    """For an .evtx file."""
    user = ["RuleAndFileData"] if told.user_data else []
    event = WinEvent(told.time, 0, told.number, told.channel, told.provider, told.event_id, told.level, told.computer, list(told.data))
    return entry_of(event, user=user)


def by_channel(events: Iterable[Told]) -> dict[str, list[Told]]:
    out: dict[str, list[Told]] = {}
    for told in events:
        out.setdefault(told.channel, []).append(told)
    return out


def evtx(events: Iterable[Told], folder: str = LOGS, *, minor: int = 1) -> Files:
    """One log a channel, where Windows keeps them."""
    return {f"{folder}{channel.replace('/', '%4')}.evtx": written(map(entry, some), minor=minor) for channel, some in by_channel(events).items()}


FORMS: Mapping[str, tuple[str, Callable[[list[Told], str], bytes]]] = {
    "viewer xml": ("xml", lambda told, lang: eventforms.viewer_xml(told, rendered=CULTURES[lang], language=lang).encode()),
    "bare xml": ("xml", lambda told, lang: eventforms.wevtutil_xml(told).encode("utf-16")),
    "viewer csv": ("csv", lambda told, lang: eventforms.viewer_table(told, lang, culture=CULTURES[lang], zone=ZONES[lang]).encode("utf-8-sig")),
    "viewer txt": ("txt", lambda told, lang: eventforms.viewer_table(told, lang, culture=CULTURES[lang], zone=ZONES[lang], delimiter="\t").encode("utf-8")),
    "wevtutil text": ("txt", lambda told, lang: eventforms.wevtutil_text(told, lang, zone=ZONES[lang]).encode("utf-16")),
    "get-winevent csv": ("csv", lambda told, lang: eventforms.get_winevent_csv(told, lang, culture=CULTURES[lang], zone=ZONES[lang]).encode("utf-8-sig")),
    "list": ("txt", lambda told, lang: eventforms.format_list(told, lang, culture=CULTURES[lang], zone=ZONES[lang]).encode("utf-16")),
    "clixml": ("xml", lambda told, lang: eventforms.clixml(told, lang, zone=ZONES[lang]).encode("utf-16")),
    "details": ("txt", lambda told, lang: eventforms.details(told, lang, culture=CULTURES[lang], zone=ZONES[lang], xml=False).encode("utf-8")),
}
"""Name -> (ending, writer)."""


def exports(events: Iterable[Told], form: str, language: str, folder: str = "events/") -> Files:
    """One export a channel, named after it."""
    ending, write = FORMS[form]
    return {f"{folder}{channel.replace('/', '%4')}.{ending}": write(some, language) for channel, some in by_channel(events).items()}
