"""The event dictionary: faults are told with their place, and what is shipped can do what it says."""

from __future__ import annotations

import re

import pytest
from eventforms import render

from backuptrace.knowledge.eventdict import FOLDER, words_of
from backuptrace.knowledge.library import Library, Source, shape, sources
from backuptrace.model import LOCAL_CLOCK
from backuptrace.readers.eventdict import EventDictionary
from backuptrace.readers.eventtexts import Template
from backuptrace.readers.eventwords import EventText, Provider, Words
from backuptrace.readers.winevent import WinEvent

SHIPPED = [source for source in sources() if source.path.startswith(FOLDER)]


def faults(text: str, *others: str) -> list[str]:
    """What is told of a file, with others around it."""
    named = [("x", text), *((f"y{n}", other) for n, other in enumerate(others))]
    library: Library = shape([Source(f"own/{name}.yml", f"{FOLDER}{name}", body.encode(), "parsers", own=True, root="own") for name, body in named])
    words_of(library.events, library.faults)
    return [f"{fault.where} {fault.what}" for fault in library.faults]


SOUND = "schema: 1\nid: x\nproviders:\n  A:\n    channel: System\n    events:\n      7:\n        fields: [Name, Count]\n        en: ['%1 did it %2 times.']\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (SOUND, []),
        (SOUND.replace("id: x", "id: z"), ["own/x.yml:2:5 the id 'z' differs from the file's path"]),
        (SOUND.replace("%2", "%3"), ["own/x.yml:9:14 the text has %3, the event 2 fields"]),
        (SOUND.replace("%1 did", "%1 %2"), ["own/x.yml:9:14 two inserts with nothing between them cannot be told apart"]),
        (SOUND.replace("      7:", "      seven:"), ["own/x.yml:7:7 'seven' is no event id"]),
        (SOUND + "        kinds: {Name: servise}\n", ["own/x.yml:10:23 unknown kind 'servise'"]),
        (SOUND + "        kinds: {Nmae: service}\n", ["own/x.yml:10:17 the event has no field 'Nmae'"]),
        (SOUND + "        shapes: ['(?P<Name>x', '(?P<Other>y)', 'z']\n", [
            "own/x.yml:10:18 no regular expression: missing ), unterminated subpattern",
            "own/x.yml:10:32 the event has no field 'Other'",
            "own/x.yml:10:48 the pattern names no group",
        ]),
        (SOUND + "        extract: {Name: ['(']}\n", ["own/x.yml:10:26 no regular expression: missing ), unterminated subpattern"]),
        (SOUND + "codes: {x1: [a]}\n", ["own/x.yml:10:9 'x1' is no Win32 code"]),
        (SOUND + "levels: {worse: [a]}\n", ["own/x.yml:10:10 unknown level 'worse'"]),
        (SOUND + "undescribed: ['(']\n", ["own/x.yml:10:15 no regular expression: missing ), unterminated subpattern"]),
        (SOUND.replace("fields:", "feilds:"), None),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_place(text: str, told: list[str] | None) -> None:
    found = faults(text)
    if told is None:
        assert len(found) == 1 and found[0].startswith("own/x.yml:8:9 ")
    else:
        assert found == told


def test_what_two_files_declare_is_a_fault() -> None:
    other = SOUND.replace("id: x", "id: y0")
    assert faults(SOUND + "services: {VSS: [a]}\n", other + "services: {VSS: [b]}\n") == [
        "own/y0.yml:4:3 the provider 'A' is declared twice",
        "own/y0.yml:10:12 'VSS' is declared twice",
    ]


@pytest.fixture(scope="module")
def words() -> Words:
    library = shape(SHIPPED)
    made = words_of(library.events, library.faults)
    assert not library.faults
    return made


def every(words: Words) -> list[tuple[Provider, int, EventText]]:
    return [(provider, number, text) for provider in words.providers for number, text in provider.events.items()]


def test_every_text_gives_its_inserts_back(words: Words) -> None:
    """Rendered with values that hold what stands in real ones: blanks, commas, colons, paths, several lines."""
    values = (r"C:\Program Files\a b.exe", "x, y", "12", "(a)", "line\nline")
    for provider, number, event in every(words):
        for text in event.texts:
            template = Template(text)
            inserts = {n: values[n % len(values)] for n in template.inserts}
            rendered = render(template.text, [inserts.get(n, "") for n in range(1, 24)])
            assert template.match(rendered) == inserts, (provider.name, number, text)
            assert template.match(rendered.replace(" ", "\n   ")) is not None, (provider.name, number, text)


def test_the_longest_text_that_fits_is_taken(words: Words) -> None:
    """Of texts that begin alike the shorter one would take the rest for its last insert."""
    text = "A fatal error occurred while creating a TLS client credential. The internal error state is 10013. The SSPI client process is svchost (PID: 1)."
    found = EventDictionary(words).complete(event("Schannel", 36871, text))
    assert found.data == [("ErrorState", "10013"), ("Process", "svchost"), ("Pid", "1")]


def unbounded(pattern: str) -> bool:
    """Whether something may repeat without end behind the beginning: on a crafted text that takes long."""
    return re.search(r"(?<!\\)(?:[*+]|\{\d+,\})", re.sub(r"\\.|\[(?:\\.|[^\]])*\]", "x", pattern)) is not None


def test_shapes_repeat_nothing_without_end(words: Words) -> None:
    for provider, number, event in every(words):
        for pattern in [*event.shapes, *(one for patterns in event.extract.values() for one in patterns)]:
            assert not unbounded(pattern.replace("[\\d.]{0,11}", "x")), (provider.name, number, pattern)


def test_names_that_a_provider_is_shown_by(words: Words) -> None:
    dictionary = EventDictionary(words)
    for shown, name in (
        ("dcom", "Microsoft-Windows-DistributedCOM"),
        ("Kernel-Power", "Microsoft-Windows-Kernel-Power"),
        ("USER32", "User32"),
        ("volsnap", "Volsnap"),
    ):
        found = dictionary.provider(shown, 1)
        assert found is not None and found.name == name
    assert dictionary.provider("Contoso", 1) is None


def event(provider: str, number: int, message: str) -> WinEvent:
    return WinEvent(1, LOCAL_CLOCK, 1, "", provider, number, None, "", [], message)


@pytest.mark.parametrize(
    ("provider", "number", "message", "data"),
    [
        ("Service Control Manager", 7009, "Das Zeitlimit (120.000 ms) wurde beim Verbindungsversuch mit dem Dienst Windows Azure Guest Agent erreicht.", [("param1", "120000"), ("param2", "WindowsAzureGuestAgent")]),
        ("Service Control Manager", 7000, 'Der Dienst "Volumeschattenkopie" wurde aufgrund folgenden Fehlers nicht gestartet: \nZugriff verweigert', [("param1", "VSS"), ("param2", "%%5")]),
        ("Service Control Manager", 7000, "The VSS service failed to start due to the following error: \n%%1053", [("param1", "VSS"), ("param2", "%%1053")]),
        ("Service Control Manager", 7036, "The Contoso Agent service entered the running state.", [("param1", "Contoso Agent"), ("param2", "running")]),
        ("Application Error", 1000, "Name der fehlerhaften Anwendung: WaAppAgent.exe, Version: 2.7.41491.1018, Zeitstempel: 0x60f1fdae\nName des fehlerhaften Moduls: KERNELBASE.dll, Version: 10.0.14393.4467, Zeitstempel: 0x60c83eb5\nAusnahmecode: 0xe0434352\nFehleroffset: 0x0000000000034c48\nID des fehlerhaften Prozesses: 0x%9\nStartzeit der fehlerhaften Anwendung: 0x%10\nPfad der fehlerhaften Anwendung: %11\nPfad des fehlerhaften Moduls: %12\nBerichtskennung: %13\nVollst?ndiger Name des fehlerhaften Pakets: %14\nAnwendungs-ID, die relativ zum fehlerhaften Paket ist: %15",
         [("AppName", "WaAppAgent.exe"), ("AppVersion", "2.7.41491.1018"), ("AppTimeStamp", "60f1fdae"), ("ModuleName", "KERNELBASE.dll"), ("ExceptionCode", "e0434352"), ("ProcessId", "")]),
        ("VSS", 8229, "A VSS writer has rejected an event with error 0x800423f4, The writer experienced a non-transient error.\n. Changes that the writer made to the writer components while handling the event will not be available to the requester. Check the event log for related events from the application hosting the VSS writer.\n\nOperation:\n   PrepareForSnapshot event\n\nContext:\n   Writer Class Id: {a65faa63-5ea8-4ebc-9dbd-a0c4db26912a}\n   Writer Name: SqlServerWriter\n   Writer Instance Name: SQL",
         [("hr", "0x800423f4"), ("WriterName", "SqlServerWriter"), ("WriterClassId", "{a65faa63-5ea8-4ebc-9dbd-a0c4db26912a}")]),
        (".NET Runtime", 1026, "Anwendung: WaAppAgent.exe\nFrameworkversion: v4.0.30319\nBeschreibung: x.\nAusnahmeinformationen: System.Configuration.ConfigurationErrorsException\n   bei A", [("AppName", "WaAppAgent.exe"), ("Exception", "System.Configuration.ConfigurationErrorsException")]),
        ("Microsoft-Windows-CodeIntegrity", 3077, r"Code Integrity determined that a process (\Device\HarddiskVolume4\Windows\System32\services.exe) attempted to load \Device\HarddiskVolume4\Packages\Plugins\x\IaaSBcdrExtension.exe that did not meet the Enterprise signing level requirements or violated code integrity policy (Policy ID:{1}).",
         [("File Name", r"\Device\HarddiskVolume4\Packages\Plugins\x\IaaSBcdrExtension.exe"), ("Process Name", r"\Device\HarddiskVolume4\Windows\System32\services.exe")]),
        ("AppLocker", 8004, r"%OSDRIVE%\PACKAGES\X\IAASBCDREXTENSION.EXE was prevented from running.", [("FilePath", r"%OSDRIVE%\PACKAGES\X\IAASBCDREXTENSION.EXE")]),
        ("Service Control Manager", 7024, "Distributed Transaction Coordinator サービスは、サービス固有エラー %%3221229584 で終了しました。", [("param1", "MSDTC")]),
        ("Service Control Manager", 7040, "Le type de démarrage du service Application système COM+ est passé de Démarrage à la demande à Désactivé.", [("param1", "COMSysApp"), ("param3", "disabled")]),
        ("MSDTC 2", 4202, "MSDTC は次の設定で開始されました:\n\nMSDTC 通信セキュリティ = Mutual Authentication Required、\nアカウント = LocalSystem、", [("param9", "LocalSystem")]),
        ("Microsoft-Windows-Dhcp-Client", 50037, "DHCPv4 クライアント サービスが停止しました。シャットダウン フラグの値は 0 です", [("DwordVal", "0")]),
        ("AppLocker", 8004, r"Die Ausführung von %OSDRIVE%\PACKAGES\X\IAASBCDREXTENSION.EXE wurde verhindert.", [("FilePath", r"%OSDRIVE%\PACKAGES\X\IAASBCDREXTENSION.EXE")]),
    ],
)  # fmt: skip
def test_texts_of_real_machines_become_data(provider: str, number: int, message: str, data: list[tuple[str, str]], words: Words) -> None:
    found = EventDictionary(words).complete(event(provider, number, message))
    assert [datum for datum in data if datum not in found.data] == [], found.data
    assert found.channel and found.level


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("障害が発生しているアプリケーション名: x.exe、バージョン: 10.0.1.1、タイム スタンプ: \n例外コード: 0xc0000374", ("Application Error", 1000)),
        ("Nom de l’application défaillante x.exe, version : 1.0", ("Application Error", 1000)),
        ("RdAgent サービスは予期せぬ原因により終了しました。このサービスの強制終了は 3 回目です。", ("Service Control Manager", 7034)),
        ("RdAgent サービスは予期せぬ原因により終了しました。このサービスの強制終了は 3 回目です。次の修正操作が 60000 ミリ秒以内に実行されます: サービスの再開。", ("Service Control Manager", 7031)),
        ("Ein VSS Writer hat ein Ereignis mit dem Fehler 0x800423f4 zurückgewiesen.", ("VSS", 8229)),
        ("x.exe, version 1", ("", 0)),
    ],
)  # fmt: skip
def test_a_text_quoted_alone_is_known_by_its_beginning(message: str, told: tuple[str, int], words: Words) -> None:
    found = EventDictionary(words).identified(event("", 0, message))
    assert (found.provider, found.event_id) == told


def test_a_service_is_found_in_every_spelling_that_a_file_may_have(words: Words) -> None:
    found = EventDictionary(words).spellings("VSS")
    assert {"VSS", "Volume Shadow Copy", "Volumeschattenkopie", "560053005300"} <= set(found)
    assert "2F0034000000" in EventDictionary(words).spellings("running")


def test_the_state_of_a_service_comes_from_its_binary(words: Words) -> None:
    binary = "560053005300" + "2F0034000000"
    told = WinEvent(1, LOCAL_CLOCK, 1, "System", "Service Control Manager", 7036, 4, "", [("param1", "ボリューム"), ("param2", "実行中"), ("Binary", binary)])
    assert EventDictionary(words).complete(told).data[:2] == [("param1", "VSS"), ("param2", "running")]


def test_a_text_made_to_take_long_does_not(words: Words) -> None:
    """The number of steps that each pattern may take is bounded by what it repeats; here it only must come to an end."""
    dictionary = EventDictionary(words)
    for provider, number, text in every(words):
        if text.shapes or text.texts:
            for piece in ("a", "0x0", "C:\\a", "{-", "Windows Azure Guest Agent 1 ", "\n: 0x", "1."):
                dictionary.complete(event(provider.name, number, piece * (4096 // len(piece))))
