"""Writes Windows events in every form in which people save them: XML, tables, text, PowerShell objects, copied details; in several languages.

The message of an event is given by its writer, or rendered from the templates of the event dictionary. Forms without a zone show local time.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone, tzinfo

NAMESPACE = "http://schemas.microsoft.com/win/2004/08/events/event"
CULTURES: Mapping[str, str] = {
    "en-US": "{0.month}/{0.day}/{0.year} {hour12}:{0.minute:02}:{0.second:02} {half}",
    "en-GB": "{0.day:02}/{0.month:02}/{0.year} {0.hour:02}:{0.minute:02}:{0.second:02}",
    "de-DE": "{0.day:02}.{0.month:02}.{0.year} {0.hour:02}:{0.minute:02}:{0.second:02}",
    "nl-NL": "{0.day}-{0.month}-{0.year} {0.hour:02}:{0.minute:02}:{0.second:02}",
    "ja-JP": "{0.year}/{0.month:02}/{0.day:02} {0.hour}:{0.minute:02}:{0.second:02}",
    "sv-SE": "{0.year}-{0.month:02}-{0.day:02} {0.hour:02}:{0.minute:02}:{0.second:02}",
}
HEADS: Mapping[str, Sequence[str]] = {
    "en": ("Level", "Date and Time", "Source", "Event ID", "Task Category"),
    "de": ("Ebene", "Datum und Uhrzeit", "Quelle", "Ereignis-ID", "Aufgabenkategorie"),
    "fr": ("Niveau", "Date et heure", "Source", "ID de l’événement", "Catégorie de la tâche"),
    "ja": ("レベル", "日付と時刻", "ソース", "イベント ID", "タスクのカテゴリ"),
}
LEVELS: Mapping[str, Sequence[str]] = {
    "en": ("Information", "Critical", "Error", "Warning", "Information", "Verbose"),
    "de": ("Informationen", "Kritisch", "Fehler", "Warnung", "Informationen", "Ausführlich"),
    "fr": ("Information", "Critique", "Erreur", "Avertissement", "Information", "Détaillé"),
    "ja": ("情報", "重大", "エラー", "警告", "情報", "詳細"),
}
NONE = {"en": "None", "de": "Keine", "fr": "Aucun", "ja": "なし"}
DETAILS: Mapping[str, Sequence[str]] = {
    "en": ("Log Name", "Source", "Date", "Event ID", "Task Category", "Level", "Keywords", "User", "Computer", "Description", "Event Xml"),
    "de": (
        "Protokollname",
        "Quelle",
        "Datum",
        "Ereignis-ID",
        "Aufgabenkategorie",
        "Ebene",
        "Schlüsselwörter",
        "Benutzer",
        "Computer",
        "Beschreibung",
        "Ereignis-XML",
    ),
    "fr": (
        "Nom du journal",
        "Source",
        "Date",
        "ID de l’événement",
        "Catégorie de la tâche",
        "Niveau",
        "Mots clés",
        "Utilisateur",
        "Ordinateur",
        "Description",
        "XML de l’événement",
    ),
    "ja": ("ログの名前", "ソース", "日付", "イベント ID", "タスクのカテゴリ", "レベル", "キーワード", "ユーザー", "コンピューター", "説明", "イベント XML"),
}


@dataclass(frozen=True)
class Told:
    """One event to be written. time: microseconds UTC; data: named, or positional with the name ""; texts: the message by language (`en`, `de`, ..)."""

    time: int
    provider: str
    event_id: int
    channel: str
    level: int = 4
    number: int = 1
    computer: str = "vm1"
    data: Sequence[tuple[str, str]] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    user_data: str = ""
    """XML inside UserData instead of EventData."""
    source: str = ""
    """The name in the column Source, where it is not that of the provider."""

    def message(self, language: str) -> str:
        """The text in a language, in English where there is none; lines end in LF."""
        return self.texts.get(language) or self.texts.get("en", "")


def moment(time: int, zone: tzinfo = timezone.utc) -> datetime:
    """A time as a datetime in a zone."""
    return (datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(microseconds=time)).astimezone(zone)


def date_text(time: int, culture: str, zone: tzinfo) -> str:
    """Whole seconds of local time as a culture writes them."""
    at = moment(time, zone)
    return CULTURES[culture].format(at, hour12=at.hour % 12 or 12, half="AM" if at.hour < 12 else "PM")


def quoted(value: str, delimiter: str = ",") -> str:
    """A value of a table of the Event Viewer: in quotes only where it must be."""
    return '"' + value.replace('"', '""') + '"' if any(char in value for char in (delimiter, '"', "\n", "\r")) else value


def viewer_table(
    events: Iterable[Told], language: str = "en", *, culture: str = "en-US", zone: tzinfo = timezone.utc, delimiter: str = ",", newest_first: bool = True
) -> str:
    """`Save All Events As` .csv (comma) or .txt (tab): five names over six columns."""
    rows = [delimiter.join(HEADS[language])]
    for event in _ordered(events, newest_first):
        values = [LEVELS[language][event.level], date_text(event.time, culture, zone), event.source or event.provider, str(event.event_id), NONE[language]]
        message = event.message(language).replace("\n", "\r\n")
        rows.append(delimiter.join([*(quoted(value, delimiter) for value in values), quoted(message, delimiter)]))
    return "\r\n".join(rows) + "\r\n"


def event_xml(event: Told, *, rendered: str = "", language: str = "en", quote: str = "'") -> str:
    """One `<Event>` as the Event Viewer and wevtutil write it; `rendered`: the culture of a RenderingInfo, "" for none."""
    esc = _escaped
    q = quote
    at = moment(event.time)
    system = (
        f"<Provider Name={q}{esc(event.provider)}{q}/><EventID Qualifiers={q}0{q}>{event.event_id}</EventID><Version>0</Version><Level>{event.level}</Level><Task>0</Task>"
        f"<Opcode>0</Opcode><Keywords>0x80000000000000</Keywords><TimeCreated SystemTime={q}{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond:06}000Z{q}/>"
        f"<EventRecordID>{event.number}</EventRecordID><Correlation/><Execution ProcessID={q}4{q} ThreadID={q}8{q}/><Channel>{esc(event.channel)}</Channel>"
        f"<Computer>{esc(event.computer)}</Computer><Security/>"
    )
    if event.user_data:
        data = f"<UserData>{event.user_data}</UserData>"
    else:
        data = "<EventData>" + "".join(_datum(name, value, q) for name, value in event.data) + "</EventData>"
    info = ""
    if rendered:
        level = LEVELS.get(language, LEVELS["en"])[event.level]
        info = (
            f"<RenderingInfo Culture={q}{rendered}{q}><Message>{esc(event.message(language))}</Message><Level>{level}</Level><Task></Task><Opcode></Opcode>"
            f"<Channel>{esc(event.channel)}</Channel><Provider>{esc(event.provider)}</Provider><Keywords><Keyword>Klassisch</Keyword></Keywords></RenderingInfo>"
        )
    return f"<Event xmlns={q}{NAMESPACE}{q}><System>{system}</System>{data}{info}</Event>"


def _datum(name: str, value: str, q: str) -> str:
    if name == "Binary":
        return f"<Binary>{value}</Binary>"
    return f"<Data Name={q}{_escaped(name)}{q}>{_escaped(value)}</Data>" if name else f"<Data>{_escaped(value)}</Data>"


def viewer_xml(events: Iterable[Told], *, rendered: str = "", language: str = "en") -> str:
    """`Save All Events As` .xml: one root, everything on one line."""
    return (
        '<?xml version="1.0" encoding="utf-8" standalone="yes"?>\r\n<Events>'
        + "".join(event_xml(e, rendered=rendered, language=language) for e in _ordered(events, True))
        + "</Events>"
    )


def wevtutil_xml(events: Iterable[Told], *, rendered: str = "", language: str = "en") -> str:
    """`wevtutil qe /f:xml`: an event a line, no root."""
    return "".join(event_xml(event, rendered=rendered, language=language) + "\r\n" for event in events)


def wevtutil_text(events: Iterable[Told], language: str = "en", *, zone: tzinfo | None = timezone.utc, colon: bool = True) -> str:
    """`wevtutil qe /f:text`; zone None: the newer builds, whose dates are UTC and end in Z."""
    out = []
    for n, event in enumerate(events):
        at = moment(event.time, zone or timezone.utc)
        date = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}" + ("0000Z" if zone is None else "")
        pairs = [
            ("Log Name", event.channel), ("Source", event.provider), ("Date", date), ("Event ID", str(event.event_id)), ("Task", "N/A"), ("Level", LEVELS[language][event.level]),
            ("Opcode", "N/A"), ("Keyword", "N/A"), ("User", "N/A"), ("User Name", "N/A"), ("Computer", event.computer),
        ]  # fmt: skip
        out.append(f"Event[{n}]{':' if colon else ''}\r\n" + "".join(f"  {name}: {value}\r\n" for name, value in pairs))
        out.append("  Description: \r\n" + event.message(language).replace("\n", "\r\n") + "\r\n\r\n")
    return "".join(out)


def get_winevent_csv(
    events: Iterable[Told],
    language: str = "en",
    *,
    culture: str = "en-US",
    zone: tzinfo = timezone.utc,
    delimiter: str = ",",
    type_line: bool = True,
    names: Sequence[str] = (),
) -> str:
    """`Get-WinEvent | Export-Csv`, with `names` after a `Select-Object`."""
    names = names or (
        "Message", "Id", "Version", "Qualifiers", "Level", "Task", "Opcode", "Keywords", "RecordId", "ProviderName", "ProviderId", "LogName", "ProcessId", "ThreadId",
        "MachineName", "UserId", "TimeCreated", "ActivityId", "RelatedActivityId", "ContainerLog", "MatchedQueryIds", "Bookmark", "LevelDisplayName", "OpcodeDisplayName",
        "TaskDisplayName", "KeywordsDisplayNames", "Properties",
    )  # fmt: skip
    rows = ["#TYPE System.Diagnostics.Eventing.Reader.EventLogRecord"] if type_line else []
    rows.append(delimiter.join(f'"{name}"' for name in names))
    for event in _ordered(events, True):
        known = {
            "Message": event.message(language).replace("\n", "\r\n"), "Id": str(event.event_id), "Version": "0", "Level": str(event.level), "RecordId": str(event.number),
            "ProviderName": event.provider, "LogName": event.channel, "MachineName": event.computer, "TimeCreated": date_text(event.time, culture, zone),
            "LevelDisplayName": LEVELS[language][event.level], "Properties": "System.Collections.Generic.List`1[System.Diagnostics.Eventing.Reader.EventProperty]",
        }  # fmt: skip
        rows.append(delimiter.join('"' + known.get(name, "").replace('"', '""') + '"' for name in names))
    return "\r\n".join(rows) + "\r\n"


def get_eventlog_csv(events: Iterable[Told], language: str = "en", *, culture: str = "en-US", zone: tzinfo = timezone.utc, delimiter: str = ",") -> str:
    """`Get-EventLog | Export-Csv`, which tells no log."""
    names = (
        "EventID",
        "MachineName",
        "Data",
        "Index",
        "Category",
        "CategoryNumber",
        "EntryType",
        "Message",
        "Source",
        "ReplacementStrings",
        "InstanceId",
        "TimeGenerated",
        "TimeWritten",
        "UserName",
        "Site",
        "Container",
    )
    rows = ["#TYPE System.Diagnostics.EventLogEntry#System", delimiter.join(f'"{name}"' for name in names)]
    for event in _ordered(events, True):
        date = date_text(event.time, culture, zone)
        known = {
            "EventID": str(event.event_id), "MachineName": event.computer, "Index": str(event.number), "EntryType": ("Information", "Error", "Error", "Warning", "Information")[event.level],
            "Message": event.message(language).replace("\n", "\r\n"), "Source": event.source or event.provider, "ReplacementStrings": "System.String[]",
            "InstanceId": str(0xC0000000 | event.event_id), "TimeGenerated": date, "TimeWritten": date, "Data": "System.Byte[]",
        }  # fmt: skip
        rows.append(delimiter.join('"' + known.get(name, "").replace('"', '""') + '"' for name in names))
    return "\r\n".join(rows) + "\r\n"


def format_list(events: Iterable[Told], language: str = "en", *, culture: str = "en-US", zone: tzinfo = timezone.utc, width: int = 0) -> str:
    """`Get-WinEvent | Format-List -Property *`-like dump; `width`: the console cuts lines there, between words."""
    out = ["", ""]
    for event in _ordered(events, True):
        pairs = (
            ("TimeCreated", date_text(event.time, culture, zone)), ("ProviderName", event.provider), ("Id", str(event.event_id)), ("LevelDisplayName", LEVELS[language][event.level]),
            ("LogName", event.channel), ("MachineName", event.computer), ("RecordId", str(event.number)), ("Message", event.message(language)),
        )  # fmt: skip
        for name, value in pairs:
            lines = [piece for line in value.split("\n") for piece in _wrapped(line, width - 19 if width else 0)]
            out.append(f"{name:<16} : {lines[0]}")
            out += [" " * 19 + line for line in lines[1:]]
        out += ["", ""]
    return "\r\n".join(out)


def _wrapped(line: str, width: int) -> list[str]:
    out = []
    while width and len(line) > width:
        cut = line.rfind(" ", 0, width)
        cut = cut if cut > 0 else width
        out.append(line[:cut])
        line = line[cut:].lstrip()
    return [*out, line]


def clixml(events: Iterable[Told], language: str = "en", *, zone: tzinfo = timezone.utc, properties: bool = True) -> str:
    """`Get-WinEvent | Export-Clixml`; `properties`: with a depth at which the inserts are written as objects."""
    out = ['<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">']
    ref = 0
    for event in _ordered(events, True):
        at = moment(event.time, zone)
        offset = at.strftime("%z")
        time = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond:06}0{offset[:3]}:{offset[3:]}"
        values = "".join(
            f'<Obj RefId="{ref + 3 + n}"><TN RefId="2"><T>System.Diagnostics.Eventing.Reader.EventProperty</T></TN><Props><S N="Value">{_clixml(value)}</S></Props></Obj>'
            for n, (name, value) in enumerate(event.data)
            if name != "Binary"
        )
        out.append(
            f'<Obj RefId="{ref}"><TN RefId="0"><T>System.Diagnostics.Eventing.Reader.EventLogRecord</T><T>System.Object</T></TN><ToString>System.Diagnostics.Eventing.Reader.EventLogRecord</ToString>'
            f'<Props><I32 N="Id">{event.event_id}</I32><By N="Version">0</By><By N="Level">{event.level}</By><I64 N="RecordId">{event.number}</I64>'
            f'<S N="ProviderName">{_clixml(event.provider)}</S><Nil N="ProviderId" /><S N="LogName">{_clixml(event.channel)}</S><S N="MachineName">{_clixml(event.computer)}</S>'
            f'<DT N="TimeCreated">{time}</DT><S N="LevelDisplayName">{LEVELS[language][event.level]}</S>'
            + (
                f'<Obj N="Properties" RefId="{ref + 1}"><TN RefId="1"><T>System.Collections.Generic.List`1</T></TN><LST>{values}</LST></Obj>'
                if properties
                else ""
            )
            + f'</Props><MS><S N="Message">{_clixml(event.message(language))}</S></MS></Obj>'
        )
        ref += 3 + len(event.data)
    return "\r\n".join([*out, "</Objs>"])


def details(events: Iterable[Told], language: str = "en", *, culture: str = "en-US", zone: tzinfo = timezone.utc, xml: bool = True) -> str:
    """Details as `Copy details as text` gives them, one event behind the other."""
    out = []
    for event in events:
        values = [
            event.channel,
            event.source or event.provider,
            date_text(event.time, culture, zone),
            str(event.event_id),
            NONE[language],
            LEVELS[language][event.level],
            "",
            "N/A",
            event.computer,
        ]
        out += [f"{name + ':':<15}{value}" for name, value in zip(DETAILS[language], values, strict=False)]
        out += [f"{DETAILS[language][9]}:", event.message(language)]
        if xml:
            out += [f"{DETAILS[language][10]}:", event_xml(event, quote='"').replace("><", ">\n  <")]
        out.append("")
    return "\r\n".join(line.replace("\n", "\r\n") for line in out)


def render(template: str, values: Sequence[str]) -> str:
    """A template of the dictionary with its inserts filled in."""
    out = template
    for number in range(len(values), 0, -1):
        out = out.replace(f"%{number}", values[number - 1])
    return out


def texts_of(templates: Mapping[str, str], values: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The messages by language, from a template and the inserts of each."""
    return {language: render(template, values.get(language) or values["en"]) for language, template in templates.items()}


def _ordered(events: Iterable[Told], newest_first: bool) -> list[Told]:
    return sorted(events, key=lambda event: event.time, reverse=newest_first)


def _escaped(text: str) -> str:
    return html.escape(text, quote=True).replace("&#x27;", "&apos;").replace("\r\n", "\n").replace("\n", "\r\n")


def _clixml(text: str) -> str:
    return html.escape(text, quote=False).replace("\n", "_x000D__x000A_")


FORMS: Mapping[str, Callable[..., str]] = {
    "viewer.csv": viewer_table, "wevtutil.txt": wevtutil_text, "get-winevent.csv": get_winevent_csv, "get-eventlog.csv": get_eventlog_csv, "list.txt": format_list,
    "clixml.xml": clixml, "details.txt": details, "viewer.xml": viewer_xml, "wevtutil.xml": wevtutil_xml,
}  # fmt: skip
