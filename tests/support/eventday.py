"""One day of a machine in English and in German: the same events, as a machine of that language logs and renders them."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Literal

from eventforms import Told

Language = Literal["en", "de"]
START = int(datetime(2026, 11, 23, 1, 12, 7, tzinfo=timezone.utc).timestamp()) * 1_000_000
_CRASH = ("IaaSBcdrExtension.exe", "1.0.0.0", "60f1fdae", "KERNELBASE.dll", "10.0.17763.1", "5f7d2c1e", "c0000409", "000000000003a1b9", "1a2c", "01dc5c1e2b3f4a55",
          r"C:\Packages\Plugins\Microsoft.Azure.RecoveryServices.VMSnapshot\1.0.80.0\IaaSBcdrExtension.exe", r"C:\Windows\System32\KERNELBASE.dll", "1f2e3d4c-0000-4a5b-8c9d-0123456789ab", "", "")  # fmt: skip
_CONTEXT_EN = "\n\nOperation:\n   Executing Asynchronous Operation\n\nContext:\n   Current State: DoSnapshotSet\n   Writer Name: SqlServerWriter\n   Writer Class Id: {a65faa63-5ea8-4ebc-9dbd-a0c4db26912a}"
_CONTEXT_DE = "\n\nVorgang:\n   Asynchroner Vorgang wird ausgeführt.\n\nKontext:\n   Aktueller Status: DoSnapshotSet\n   Writer Name: SqlServerWriter\n   Writer Class Id: {a65faa63-5ea8-4ebc-9dbd-a0c4db26912a}"
_VOLUME = "\\\\?\\Volume{3a5c1f00-0000-0000-0000-100000000000}\\"
RDAGENT = "520064004100670065006E0074000000"


def day(language: Language) -> list[Told]:
    """The events in order of time; times and numbers are the same in both languages."""
    de = language == "de"
    rows: list[tuple[str, int, str, int, list[tuple[str, str]], str]] = []

    def add(provider: str, event_id: int, channel: str, level: int, data: list[tuple[str, str]], text: str) -> None:
        rows.append((provider, event_id, channel, level, data, text))

    def positional(*values: str) -> list[tuple[str, str]]:
        return [("", value) for value in values]

    def named(*values: str) -> list[tuple[str, str]]:
        return [(f"param{n}", value) for n, value in enumerate(values, 1)]

    scm = "Service Control Manager"
    add("EventLog", 6005, "System", 4, [("Binary", "EA070B00")], "Der Ereignisprotokolldienst wurde gestartet." if de else "The Event log service was started.")
    add("Microsoft-Windows-Kernel-Power", 41, "System", 1, [],
        "Das System wurde neu gestartet, ohne dass es zuvor ordnungsgemäß heruntergefahren wurde. Dieser Fehler kann auftreten, wenn das System nicht mehr reagiert hat oder abgestürzt ist oder die Stromzufuhr unerwartet unterbrochen wurde."
        if de else "The system has rebooted without cleanly shutting down first. This error could be caused if the system stopped responding, crashed, or lost power unexpectedly.")  # fmt: skip
    shadow = "Volumeschattenkopie" if de else "Volume Shadow Copy"
    add(
        scm,
        7036,
        "System",
        4,
        named(shadow, "Beendet" if de else "stopped"),
        f'Dienst "{shadow}" befindet sich jetzt im Status "Beendet".' if de else f"The {shadow} service entered the stopped state.",
    )
    add(scm, 7040, "System", 4, [*named(shadow, *(("Bei Bedarf starten", "Deaktiviert") if de else ("demand start", "disabled")), "VSS")],
        f'Der Starttyp des Diensts "{shadow}" wurde von Bei Bedarf starten in Deaktiviert geändert.' if de else f"The start type of the {shadow} service was changed from demand start to disabled.")  # fmt: skip
    add(scm, 7031, "System", 2, [*named("RdAgent", "1", "60000", "1", "Neustart des Diensts" if de else "Restart the service"), ("Binary", RDAGENT)],
        'Der Dienst "RdAgent" wurde unerwartet beendet. Dies ist bereits 1 Mal passiert. Folgende Korrekturmaßnahmen werden in 60000 Millisekunden durchgeführt: Neustart des Diensts.'
        if de else "The RdAgent service terminated unexpectedly.  It has done this 1 time(s).  The following corrective action will be taken in 60000 milliseconds: Restart the service.")  # fmt: skip
    add(scm, 7034, "System", 2, named("Windows Azure Guest Agent", "2"),
        'Dienst "Windows Azure Guest Agent" wurde unerwartet beendet. Dies ist bereits 2 Mal vorgekommen.' if de else "The Windows Azure Guest Agent service terminated unexpectedly.  It has done this 2 time(s).")  # fmt: skip
    add(scm, 7009, "System", 2, named("120000", "RdAgent"),
        "Das Zeitlimit (120.000 ms) wurde beim Verbindungsversuch mit dem Dienst RdAgent erreicht." if de else "A timeout was reached (120000 milliseconds) while waiting for the RdAgent service to connect.")  # fmt: skip
    add(scm, 7000, "System", 2, named("COM+-Systemanwendung" if de else "COM+ System Application", "%%1053"),
        'Der Dienst "COM+-Systemanwendung" wurde aufgrund folgenden Fehlers nicht gestartet: \nDer Dienst antwortete nicht rechtzeitig auf die Start- oder Steuerungsanforderung.'
        if de else "The COM+ System Application service failed to start due to the following error: \nThe service did not respond to the start or control request in a timely fashion.")  # fmt: skip
    add(scm, 7045, "System", 4, [("ServiceName", "IaaSVmProvider"), ("ImagePath", r"C:\WINDOWS\system32\dllhost.exe /Processid:{1B2C}"), ("ServiceType", "Benutzermodusdienst" if de else "user mode service"),
                                 ("StartType", "Bei Bedarf starten" if de else "demand start"), ("AccountName", "LocalSystem")],
        ("Im System wurde ein Dienst installiert.\n\nDienstname:  IaaSVmProvider\nDienstdateiname:  C:\\WINDOWS\\system32\\dllhost.exe /Processid:{1B2C}\nDiensttyp:  Benutzermodusdienst\nDienststarttyp:  Bei Bedarf starten\nDienstkonto:  LocalSystem"
         if de else "A service was installed in the system.\n\nService Name:  IaaSVmProvider\nService File Name:  C:\\WINDOWS\\system32\\dllhost.exe /Processid:{1B2C}\nService Type:  user mode service\nService Start Type:  demand start\nService Account:  LocalSystem"))  # fmt: skip
    c = _CRASH
    add("Application Error", 1000, "Application", 2, positional(*c),
        (f"Name der fehlerhaften Anwendung: {c[0]}, Version: {c[1]}, Zeitstempel: 0x{c[2]}\nName des fehlerhaften Moduls: {c[3]}, Version: {c[4]}, Zeitstempel: 0x{c[5]}\nAusnahmecode: 0x{c[6]}\nFehleroffset: 0x{c[7]}\n"
         f"ID des fehlerhaften Prozesses: 0x{c[8]}\nStartzeit der fehlerhaften Anwendung: 0x{c[9]}\nPfad der fehlerhaften Anwendung: {c[10]}\nPfad des fehlerhaften Moduls: {c[11]}\nBerichtskennung: {c[12]}\n"
         "Vollständiger Name des fehlerhaften Pakets: \nAnwendungs-ID, die relativ zum fehlerhaften Paket ist: ")
        if de else
        (f"Faulting application name: {c[0]}, version: {c[1]}, time stamp: 0x{c[2]}\nFaulting module name: {c[3]}, version: {c[4]}, time stamp: 0x{c[5]}\nException code: 0x{c[6]}\nFault offset: 0x{c[7]}\n"
         f"Faulting process id: 0x{c[8]}\nFaulting application start time: 0x{c[9]}\nFaulting application path: {c[10]}\nFaulting module path: {c[11]}\nReport Id: {c[12]}\n"
         "Faulting package full name: \nFaulting package-relative application ID: "))  # fmt: skip
    runtime = (("Anwendung: WaAppAgent.exe\nFrameworkversion: v4.0.30319\nBeschreibung: Der Prozess wurde aufgrund einer unbehandelten Ausnahme beendet.\nAusnahmeinformationen: System.DllNotFoundException\n   bei A.B()")
               if de else ("Application: WaAppAgent.exe\nFramework Version: v4.0.30319\nDescription: The process was terminated due to an unhandled exception.\nException Info: System.DllNotFoundException\n   at A.B()"))  # fmt: skip
    add(".NET Runtime", 1026, "Application", 2, positional(runtime), runtime)
    prefix = "Volumeschattenkopie-Dienstfehler:" if de else "Volume Shadow Copy Service error:"
    context = _CONTEXT_DE if de else _CONTEXT_EN
    denied, held = (
        ("Zugriff verweigert", "Der Schattenkopieanbieter hat das Zeitlimit überschritten")
        if de
        else ("Access is denied", "The shadow copy provider timed out")
    )
    add("VSS", 8193, "Application", 2, positional("ConvertStringSidToSid(S-1-5-21-1.bak)", f"0x80070539, {denied}.\n", context),
        f'{prefix} Beim Aufrufen von Routine "ConvertStringSidToSid(S-1-5-21-1.bak)" ist ein unerwarteter Fehler aufgetreten. hr = 0x80070539, {denied}.\n.\n{context}'
        if de else f"{prefix} Unexpected error calling routine ConvertStringSidToSid(S-1-5-21-1.bak).  hr = 0x80070539, {denied}.\n.\n{context}")  # fmt: skip
    ok = ("0x00000000, Der Vorgang wurde erfolgreich beendet.\n" if de else "0x00000000, The operation completed successfully.\n")  # fmt: skip
    hold = f"0x80042314, {held}.\n"
    add("VSS", 12298, "Application", 2, positional(_VOLUME, "0", ok, ok, hold, ok, context),
        (f"{prefix} Die E/A-Schreibvorgänge können während des Schattenkopieerstellungszeitraums auf Volume {_VOLUME} nicht gehalten werden. Der Volumeindex im Schattenkopiesatz ist 0. Fehlerdetails: Open[{ok}], Flush[{ok}], Release[{hold}], OnRun[{ok}].{context}")
        if de else
        (f"{prefix} The I/O writes cannot be held during the shadow copy creation period on volume {_VOLUME}. The volume index in the shadow copy set is 0. Error details: Open[{ok}], Flush[{ok}], Release[{hold}], OnRun[{ok}].{context}"))  # fmt: skip
    add("Microsoft-Windows-DistributedCOM", 10005, "System", 2, named("1084", "COMSysApp", "Unavailable", "{ECABAFBC-7F19-11D2-978E-0000F8757E2A}"),
        'DCOM hat den Fehler "1084" beim Versuch, den Dienst "COMSysApp" mit den Argumenten "Unavailable" zu starten, um den folgenden Server auszuführen:\n{ECABAFBC-7F19-11D2-978E-0000F8757E2A}'
        if de else 'DCOM got error "1084" attempting to start the service COMSysApp with arguments "Unavailable" in order to run the server:\n{ECABAFBC-7F19-11D2-978E-0000F8757E2A}')  # fmt: skip
    add("Microsoft-Windows-WindowsUpdateClient", 19, "System", 4, [("updateTitle", "2026-11 Update (KB5001234)"), ("updateGuid", "{1-2}"), ("updateRevisionNumber", "200"), ("serviceGuid", "{3-4}")],
        "Installation erfolgreich: Das folgende Update wurde installiert. 2026-11 Update (KB5001234)" if de else "Installation Successful: Windows successfully installed the following update: 2026-11 Update (KB5001234)")  # fmt: skip
    add("MsiInstaller", 1033, "Application", 4, positional("Windows Azure VM Agent - 2.7.41491.1193", "2.7.41491.1193", "1033", "0", "Microsoft Corporation", "(NULL)"),
        "Das Produkt wurde durch Windows Installer installiert. Produktname: Windows Azure VM Agent - 2.7.41491.1193. Produktversion: 2.7.41491.1193. Produktsprache: 1033. Hersteller: Microsoft Corporation. Erfolg- bzw. Fehlerstatus der Installation: 0."
        if de else "Windows Installer installed the product. Product Name: Windows Azure VM Agent - 2.7.41491.1193. Product Version: 2.7.41491.1193. Product Language: 1033. Manufacturer: Microsoft Corporation. Installation success or error status: 0.")  # fmt: skip
    add("User32", 1074, "System", 4, named(r"C:\Windows\System32\RuntimeBroker.exe (VM1)", "VM1", "Sonstiges (nicht geplant)" if de else "Other (Unplanned)", "0x0", "Ausschalten" if de else "power off", "", r"VM1\Admin"),
        "Der Prozess C:\\Windows\\System32\\RuntimeBroker.exe (VM1) hat den/das Ausschalten von Computer VM1 für Benutzer VM1\\Admin aus folgendem Grund initialisiert: Sonstiges (nicht geplant)\n Begründungscode: 0x0\n Herunterfahrtyp: Ausschalten\n Kommentar: "
        if de else "The process C:\\Windows\\System32\\RuntimeBroker.exe (VM1) has initiated the power off of computer VM1 on behalf of user VM1\\Admin for the following reason: Other (Unplanned)\n Reason Code: 0x0\n Shutdown Type: power off\n Comment: ")  # fmt: skip
    add(
        "Microsoft-Windows-Dhcp-Client",
        50037,
        "System",
        4,
        [("DwordVal", "0")],
        "Der DHCPv4-Clientdienst wurde beendet. Der Wert des Flags zum Herunterfahren ist 0."
        if de
        else "DHCPv4 client service is stopped. ShutDown Flag value is 0",
    )
    sources = {
        "Microsoft-Windows-DistributedCOM": "DCOM",
        "Microsoft-Windows-Kernel-Power": "Kernel-Power",
        "Microsoft-Windows-WindowsUpdateClient": "WindowsUpdateClient",
        "Microsoft-Windows-Dhcp-Client": "Dhcp-Client",
    }
    return [
        Told(START + n * 61_000_000, provider, event_id, channel, level, 500 + n, "vm1", tuple(data), {language: text}, source=sources.get(provider, ""))
        for n, (provider, event_id, channel, level, data, text) in enumerate(rows)
    ]
