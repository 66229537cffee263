"""What is known of Windows events, as plain rows: the names of positional data, the texts in which they are rendered, and words in several languages.

The rows come from parsers/windows/events/ and travel in the Pack; eventdict.py works with them.
"""

from __future__ import annotations

import msgspec


class EventText(msgspec.Struct, frozen=True):
    """One event of a provider.

    fields: names of its inserts in order, %1 first; level: 1 to 5 as in System/Level, None where it varies; channel: "" for that of the provider;
    kinds: field -> how its value is made language-free (`service`, `code`, `number`, `hresult`, `hex`, `drop`, a word table;
    `localised`: it cannot be);
    texts: templates in any language, with %1, %2; shapes: `re` patterns without words of a language, named groups are fields, `{service}`
    stands for any known name of a service, the first must be found, the others add; extract: field -> patterns whose named groups become further data;
    quoted: templates of its first words, by which it is known where people quote the text alone.
    """

    fields: list[str] = []
    level: int | None = None
    channel: str = ""
    kinds: dict[str, str] = {}
    texts: list[str] = []
    shapes: list[str] = []
    extract: dict[str, list[str]] = {}
    quoted: list[str] = []


class Provider(msgspec.Struct, frozen=True):
    """A provider: its name as in System/Provider, other names it is shown by, renames: field names of other builds -> ours."""

    name: str
    channel: str = ""
    aliases: list[str] = []
    renames: dict[str, str] = {}
    events: dict[int, EventText] = {}


class Words(msgspec.Struct, frozen=True):
    """All of it.

    services: key -> display names; codes: Win32 code -> its texts; tables: name -> word -> its spellings;
    channels: channel -> names shown for it; levels: 1 to 5 -> words; zones: name of the time zone database -> names that Windows gives it;
    undescribed: `re` patterns of what stands before the bare inserts of an event whose text is not installed.
    """

    providers: list[Provider] = []
    services: dict[str, list[str]] = {}
    codes: dict[int, list[str]] = {}
    tables: dict[str, dict[str, list[str]]] = {}
    channels: dict[str, list[str]] = {}
    levels: dict[int, list[str]] = {}
    zones: dict[str, list[str]] = {}
    undescribed: list[str] = []
