"""German for what the readers of Windows events say: see `messages_de`."""

_COUNTED = {
    "quotes that do not close": "Anführungszeichen, die nicht schließen",
    "records that do not fit the columns": "Datensätze, die nicht zu den Spalten passen",
    "events that are no sound XML": "Ereignisse, die kein gültiges XML sind",
    "lines above the limit, cut": "Zeilen über der Grenze, gekürzt",
    "events above the limit, cut": "Ereignisse über der Grenze, gekürzt",
    "events whose time cannot be read": "Ereignisse, deren Zeit nicht lesbar ist",
    "dates in another order of day and month than the others": "Daten mit anderer Reihenfolge von Tag und Monat als die übrigen",
    "pieces of text in another encoding than the rest": "Textstücke in anderer Zeichenkodierung als der Rest",
}
"""What is told with its number, and perhaps with the reason of the first."""

EVENTS: dict[str, str] = {
    # event logs (.evtx)
    "no Windows event log: it holds no chunk of events": "kein Windows-Ereignisprotokoll: Es enthält keinen Block mit Ereignissen",
    "the event log holds no events": "das Ereignisprotokoll enthält keine Ereignisse",
    "save the log again: wevtutil epl <log> <file>.evtx": "das Protokoll erneut speichern: wevtutil epl <log> <file>.evtx",
    "the file header is missing or destroyed; the chunks of events were found without it": (
        "der Dateikopf fehlt oder ist zerstört; die Blöcke mit Ereignissen wurden ohne ihn gefunden"
    ),
    "the checksum of the file header is wrong; the chunks of events were found without it": (
        "die Prüfsumme des Dateikopfs ist falsch; die Blöcke mit Ereignissen wurden ohne ihn gefunden"
    ),
    "the last chunk lacks {size} bytes; what is there was read": "dem letzten Block fehlen {size} Byte; was da ist, wurde gelesen",
    "copy the file again": "die Datei erneut kopieren",
    "{size} bytes at {offset} are no event log": "{size} Byte ab Position {offset} sind kein Ereignisprotokoll",
    "checksums are wrong in {number} of {chunks} chunks; they were read record by record": (
        "in {number} von {chunks} Blöcken sind Prüfsummen falsch; sie wurden Datensatz für Datensatz gelesen"
    ),
    "{lost} records could not be read, of {partial} only the beginning: {places}; and {more} further places": (
        "{lost} Datensätze waren nicht lesbar, von {partial} nur der Anfang: {places}; und {more} weitere Stellen"
    ),
    "{lost} records could not be read, of {partial} only the beginning: {places}{more}": (
        "{lost} Datensätze waren nicht lesbar, von {partial} nur der Anfang: {places}{more}"
    ),
    "save the log again from the machine": "das Protokoll erneut auf der Maschine speichern",
    "so many records are damaged that not all were tried one by one; those are counted as lost": (
        "so viele Datensätze sind beschädigt, dass nicht alle einzeln versucht wurden; diese zählen als verloren"
    ),
    "only {size} bytes could be kept for reading: {why}": "nur {size} Byte konnten zum Lesen aufgehoben werden: {why}",
    "make room for temporary files": "Platz für temporäre Dateien schaffen",
    "its end is missing or overwritten": "sein Ende fehlt oder ist überschrieben",
    "not tried, see below": "nicht versucht, siehe unten",
    "it has no System part": "ihm fehlt der Teil System",
    "{size} bytes hold no record": "{size} Byte enthalten keinen Datensatz",
    "{size} bytes hold no record, how many were lost is not known": "{size} Byte enthalten keinen Datensatz; wie viele verloren sind, ist nicht bekannt",
    # exports
    "table saved by the Event Viewer": "von der Ereignisanzeige gespeicherte Tabelle",
    "text of wevtutil": "Text von wevtutil",
    "list of PowerShell": "Liste von PowerShell",
    "objects of PowerShell (Clixml)": "Objekte von PowerShell (Clixml)",
    "copied event details": "kopierte Einzelheiten eines Ereignisses",
    "text of events, parts left out": "Text von Ereignissen mit Auslassungen",
    "CSV of PowerShell": "CSV von PowerShell",
    "table of PowerShell on a console": "Tabelle von PowerShell auf einer Konsole",
    "JSON of PowerShell": "JSON von PowerShell",
    "an object without an end": "ein Objekt ohne Ende",
    "it tells local time without a zone": "sie nennt Ortszeit ohne Zeitzone",
    "its text is in an OEM code page (read as 850)": "ihr Text steht in einer OEM-Codepage (gelesen als 850)",
    "dates such as {date} do not tell day from month; read as {order}": "Daten wie {date} unterscheiden Tag und Monat nicht; gelesen als {order}",
    "save the events as .evtx or .xml, whose times are UTC": "die Ereignisse als .evtx oder .xml speichern: Deren Zeiten sind UTC",
    "{what}, first at event {number}: {why}": "{what}, zuerst bei Ereignis {number}: {why}",
    "{what}, first at event {number}": "{what}, zuerst bei Ereignis {number}",
    **{f"{{count}} {english}": f"{{count}} {german}" for english, german in _COUNTED.items()},
    **{f"{{count}} {english}: {{why}}": f"{{count}} {german}: {{why}}" for english, german in _COUNTED.items()},
    "the file ends in the middle of an event": "die Datei endet mitten in einem Ereignis",
    "no event in it": "kein Ereignis darin",
    "a document type or entities, which are not used": "ein Dokumenttyp oder Entitäten; sie bleiben unbenutzt",
    "the table was read on from the next line that begins a record": "die Tabelle wurde ab der nächsten Zeile weitergelesen, die einen Datensatz beginnt",
    "they are left out": "sie fehlen",
    "save the log once more": "das Protokoll noch einmal speichern",
    "save the events once more": "die Ereignisse noch einmal speichern",
    "they stand without a time": "sie stehen ohne Zeit",
    "taken as Windows-1252": "gelesen als Windows-1252",
    "an event without an end": "ein Ereignis ohne Ende",
    "no beginning": "kein Anfang",
    # several files
    "{count} events that another file tells too were counted there": "{count} Ereignisse, die auch eine andere Datei nennt, wurden dort gezählt",
    "more than {number} events in several files of one log: later ones that two files tell are counted twice": (
        "mehr als {number} Ereignisse in mehreren Dateien eines Protokolls: Spätere, die zwei Dateien nennen, zählen doppelt"
    ),
    "give one file of each log": "von jedem Protokoll nur eine Datei mitgeben",
    "its local time is {zone}, by events that another file tells in UTC": "ihre Ortszeit ist {zone}, nach Ereignissen, die eine andere Datei in UTC nennt",
    "a file of Windows events that holds none": "eine Datei für Windows-Ereignisse, die keine enthält",
    "events that other machines sent to this one, whose own event logs are there": (
        "Ereignisse, die andere Maschinen an diese gesandt haben; die eigenen Ereignisprotokolle dieser Maschine liegen vor"
    ),
    # selections
    "the file looks filtered: it holds {count} events of the record numbers {first} to {last}; what it does not show counts as unknown": (
        "die Datei sieht gefiltert aus: Sie enthält {count} Ereignisse der Datensatznummern {first} bis {last}; was sie nicht zeigt, gilt als unbekannt"
    ),
    "the file looks filtered: it holds errors and warnings only; what it does not show counts as unknown": (
        "die Datei sieht gefiltert aus: Sie enthält nur Fehler und Warnungen; was sie nicht zeigt, gilt als unbekannt"
    ),
    "save the whole log: wevtutil epl <log> <file>.evtx": "das ganze Protokoll speichern: wevtutil epl <log> <file>.evtx",
}
