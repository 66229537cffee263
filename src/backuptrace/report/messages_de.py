"""German for the sentences that the lower floors say in English: problems, notes, limits, the judged moment. See `phrases`.

The key is the English sentence, `{name}` for what is filled in; what is filled in is translated as well where it is known.
A test compares the keys with the source.
"""

from backuptrace.report.fleet_de import SENTENCES
from backuptrace.report.messages_events_de import EVENTS

MESSAGES: dict[str, str] = {
    # the judged moment
    "the last backup attempt seen in the guest, which failed": "der letzte im Gast zu sehende Sicherungsversuch, der fehlschlug",
    "an excerpt: its few lines are judged as they stand": "ein Ausschnitt: Seine wenigen Zeilen werden beurteilt, wie sie dastehen",
    "the last backup attempt seen in the guest, of which no end is recorded, up to the end of the logs": (
        "der letzte im Gast zu sehende Sicherungsversuch, dessen Ende nicht verzeichnet ist, bis zum Ende der Protokolle"
    ),
    "the end of the logs, after the last backup attempt, which succeeded": "das Ende der Protokolle nach dem letzten Sicherungsversuch, der gelang",
    "the end of the logs: they show no backup attempt": "das Ende der Protokolle: Sie zeigen keinen Sicherungsversuch",
    "the backup attempt at the time given": "der Sicherungsversuch zur angegebenen Zeit",
    "the time given; the backup attempt near it succeeded": "die angegebene Zeit; der Sicherungsversuch in ihrer Nähe gelang",
    "the time given; no backup attempt was seen near it": "die angegebene Zeit; in ihrer Nähe ist kein Sicherungsversuch zu sehen",
    "the end of the logs: a fault that began after the last failed backup attempt is still open": (
        "das Ende der Protokolle: Eine Störung, die nach dem letzten fehlgeschlagenen Sicherungsversuch begann, besteht noch"
    ),
    # clocks and recognition
    "inferred: events in local time and lines of the agent in UTC tell the same moments": (
        "erschlossen: Ereignisse in Ortszeit und Zeilen des Agents in UTC nennen dieselben Augenblicke"
    ),
    "inferred: records tell one moment both in local time and in UTC": "abgeleitet: Datensätze nennen denselben Augenblick in Ortszeit und in UTC",
    "inferred: the agent's start of the backup extension and the extension's own first line tell the same moment": (
        "erschlossen: Der Start der Sicherungserweiterung durch den Agent und deren eigene erste Zeile nennen denselben Augenblick"
    ),
    "given": "angegeben",
    "named by the machine's own configuration": "in der Konfiguration der Maschine genannt",
    "assumed: nothing in the bundle tells the zone": "angenommen: Nichts im Paket nennt die Zeitzone",
    "its path": "Pfad",
    "its path and first lines": "Pfad und erste Zeilen",
    "its name and first lines": "Name und erste Zeilen",
    "its first lines": "erste Zeilen",
    "no format is declared for this path": "für diesen Pfad ist kein Format bekannt",
    "nothing in the bundle tells the year of its lines: 2000 stands for it": "nichts im Paket nennt das Jahr der Zeilen: 2000 steht dafür",
    "the clock went back inside this log": "in diesem Protokoll sprang die Uhr zurück",
    "the file is empty": "die Datei ist leer",
    # several outputs in one text
    "the prompts of a shell in it": "Eingabezeilen einer Shell darin",
    "the first lines of several formats in it": "erste Zeilen mehrerer Formate darin",
    "line {number}": "Zeile {number}",
    "lines {first} to {last}": "Zeilen {first} bis {last}",
    "the command above {where}": "der Befehl über {where}",
    "what stands in {where}": "was in {where} steht",
    "{where}: not read, as the outputs of this bundle hold more than {size} of logs": (
        "{where}: nicht gelesen, denn die Ausgaben dieses Pakets enthalten mehr als {size} an Protokollen"
    ),
    "{where}: not counted, as the bundle holds such a log itself": "{where}: nicht gezählt, denn das Paket enthält ein solches Protokoll selbst",
    "{where}: no format is known for the output of `{typed}`": "{where}: für die Ausgabe von `{typed}` ist kein Format bekannt",
    "{where}: no format is known for this": "{where}: dafür ist kein Format bekannt",
    "{where}: not read, as the prompt or `{typed}` tells of another machine or system": (
        "{where}: nicht gelesen, denn die Eingabezeile oder `{typed}` nennt eine andere Maschine oder ein anderes System"
    ),
    "{where}: `{typed}` was run again further down, and what it told then counts": (
        "{where}: `{typed}` steht weiter unten noch einmal, und es zählt die spätere Ausgabe"
    ),
    "{count} more outputs of this text were not read": "{count} weitere Ausgaben dieses Textes wurden nicht gelesen",
    "a text of several outputs above {size}: they were not told apart": "ein Text mit mehreren Ausgaben über {size}: Sie wurden nicht auseinandergehalten",
    "a text of more than {outputs} outputs or {lines} lines, or with too many headings: its outputs were not told apart": (
        "ein Text mit mehr als {outputs} Ausgaben oder {lines} Zeilen oder zu vielen Überschriften: Seine Ausgaben wurden nicht auseinandergehalten"
    ),
    "save each output in a file of its own": "jede Ausgabe in einer eigenen Datei speichern",
    # limits of what is kept
    "{selection}: {hits} hits in {path}, text kept of {kept}": "{selection}: {hits} Treffer in {path}, der Text von {kept} ist aufgehoben",
    "{path}: records after the first {number} were not read": "{path}: Datensätze nach den ersten {number} wurden nicht gelesen",
    # the cache
    "cache not used: {why}": "Zwischenspeicher nicht verwendet: {why}",
    "cache not used: {path} is damaged; it is made anew": "Zwischenspeicher nicht verwendet: {path} ist beschädigt und wird neu angelegt",
    "cache not used: made by another version; it is made anew": "Zwischenspeicher nicht verwendet: von einer anderen Version; er wird neu angelegt",
    "cache not written: {why}": "Zwischenspeicher nicht geschrieben: {why}",
    "{path} is a link": "{path} ist ein Link",
    "{path} is no folder": "{path} ist kein Ordner",
    "{path} is no regular file": "{path} ist keine gewöhnliche Datei",
    "the home folder is not known": "der persönliche Ordner ist nicht bekannt",
    "{path} is larger than {size} bytes": "{path} ist größer als {size} Byte",
    "{path} belongs to another user": "{path} gehört einem anderen Benutzer",
    "{path} may be written by others": "{path} ist für andere schreibbar",
    "{path} replaces {other}": "{path} ersetzt {other}",
    "`backuptrace signatures check` names the selection": "`backuptrace signatures check` nennt die Auswahl",
    # logs
    "a line longer than {size} bytes at offset {offset}": "eine Zeile von mehr als {size} Byte ab Position {offset}",
    "it was searched in pieces; its times may be missing": "sie wurde in Stücken durchsucht; ihre Zeiten können fehlen",
    "NUL bytes from offset {offset} on": "NUL-Bytes ab Position {offset}",
    "usual after a crash or on a full disk: what stood there is lost": "üblich nach einem Absturz oder auf vollem Datenträger: Was dort stand, ist verloren",
    "a structured file above {size} bytes: only its beginning was read": "eine strukturierte Datei von mehr als {size} Byte: Nur ihr Anfang wurde gelesen",
    "look whether this really is the file its name says": "sehen Sie nach, ob sie wirklich ist, was ihr Name sagt",
    "no {form}: {error}": "kein {form}: {error}",
    "collect the file again; the agent writes such a file when the disk is full or a process was killed": (
        "sammeln Sie die Datei erneut ein; so schreibt sie der Agent, wenn der Datenträger voll ist oder ein Prozess beendet wurde"
    ),
    # folders
    "is a symbolic link; links are not followed, so that nothing outside the bundle is read": (
        "ist ein symbolischer Link; Links wird nicht gefolgt, damit nichts außerhalb des Pakets gelesen wird"
    ),
    "copy the file it points to into the bundle": "kopieren Sie die Datei, auf die er zeigt, in das Paket",
    "is {kind} and was not opened": "ist {kind} und wurde nicht geöffnet",
    "nothing needs to be done, unless a log should stand there": "nichts ist zu tun, außer wenn dort ein Protokoll stehen sollte",
    "nothing needs to be done": "nichts ist zu tun",
    "may not be read by this user": "ist für diesen Benutzer nicht lesbar",
    "run as root (sudo), or copy the logs as root and give them to this user": (
        "führen Sie backuptrace als root aus (sudo), oder kopieren Sie die Protokolle als root und übereignen Sie sie diesem Benutzer"
    ),
    "went away while the folder was read": "verschwand, während der Ordner gelesen wurde",
    "the file changed after it was searched": "die Datei wurde geändert, nachdem sie durchsucht worden war",
    "copy it first, then scan the copy": "kopieren Sie sie zuerst, und untersuchen Sie die Kopie",
    "pass a copy of the folder, not one that is being written": "geben Sie eine Kopie des Ordners an, keinen, in den gerade geschrieben wird",
    "a path of {number} characters; the file was skipped": "ein Pfad von {number} Zeichen; die Datei wurde übergangen",
    "move the folder up": "verschieben Sie den Ordner weiter nach oben",
    "reading failed: {error}": "das Lesen scheiterte: {error}",
    "check the disk or the share, copy the bundle again, then repeat": (
        "prüfen Sie Datenträger oder Freigabe, kopieren Sie das Paket erneut und wiederholen Sie"
    ),
    "the folder holds no readable file": "der Ordner enthält keine lesbare Datei",
    "nothing in it can be read": "nichts darin ist lesbar",
    "pass the folder or archive that holds the logs": "geben Sie den Ordner oder das Archiv mit den Protokollen an",
    "a named pipe": "eine benannte Pipe",
    "a socket": "ein Socket",
    "a device": "ein Gerät",
    "a folder": "ein Ordner",
    "no regular file": "keine gewöhnliche Datei",
    "a character device": "ein zeichenorientiertes Gerät",
    "a block device": "ein blockorientiertes Gerät",
    "a hard link": "ein fester Link",
    "a symbolic link": "ein symbolischer Link",
    # the root of an installed system
    "the root of an installed system: only files that a format declares were opened": (
        "die Wurzel eines installierten Systems: Nur Dateien, für deren Pfad ein Format bekannt ist, wurden geöffnet"
    ),
    "to read every file below it, pass --no-root": "um jede Datei darunter zu lesen, geben Sie --no-root an",
    "no format is declared for this path; on an installed system it was listed, not opened": (
        "für diesen Pfad ist kein Format bekannt; auf einem installierten System wurde sie aufgeführt, nicht geöffnet"
    ),
    "is a link that cannot be followed": "ist ein Link, dem sich nicht folgen lässt",
    "pass the file it points to alone": "geben Sie die Datei, auf die er zeigt, allein an",
    "leads into /{folder}, where nothing is opened": "führt nach /{folder}, wo nichts geöffnet wird",
    "lies in a file system of the kernel and was not opened": "liegt in einem Dateisystem des Kernels und wurde nicht geöffnet",
    "more than {number} unknown files in the agent's folders; the others are not listed": (
        "mehr als {number} unbekannte Dateien in den Ordnern des Agents; die übrigen sind nicht aufgeführt"
    ),
    # archives
    "{number} further problems of the kind '{kind}' are not listed": "{number} weitere Probleme der Art „{kind}“ sind nicht aufgeführt",
    "see those that are listed": "siehe die aufgeführten",
    "a name of {number} characters; the member was skipped": "ein Name von {number} Zeichen; die Datei im Archiv wurde übergangen",
    "rename it and make the archive again": "benennen Sie sie um und legen Sie das Archiv neu an",
    "the name {way}; the member was skipped": "der Name {way}; die Datei im Archiv wurde übergangen",
    "is an absolute path": "ist ein absoluter Pfad",
    "climbs out of the bundle with '..'": "führt mit „..“ aus dem Paket hinaus",
    "names a drive": "nennt ein Laufwerk",
    "make the archive again with relative names (tar without -P)": "legen Sie das Archiv mit relativen Namen neu an (tar ohne -P)",
    "archives within archives, more than {depth} deep; it was not opened": "Archive in Archiven, tiefer als {depth}; es wurde nicht geöffnet",
    "allow more with --max-depth, or unpack it and pass it alone": ("erlauben Sie mehr mit --max-depth, oder entpacken Sie es und geben Sie es allein an"),
    "allow more with --max-member, or unpack it and pass it alone": ("erlauben Sie mehr mit --max-member, oder entpacken Sie es und geben Sie es allein an"),
    "an archive within an archive, larger than {size}; it was not opened": "ein Archiv in einem Archiv, größer als {size}; es wurde nicht geöffnet",
    "is {kind}, which cannot be opened here": "ist {kind}; das lässt sich hier nicht öffnen",
    "unpack it and pass the folder": "entpacken Sie es und geben Sie den Ordner an",
    "the name stands again (number {number}); that one is read as ~{count}/...": (
        "der Name steht noch einmal da (Nummer {number}); diese wird als ~{count}/... gelesen"
    ),
    "compare both; tar -r appends newer versions": "vergleichen Sie beide; tar -r hängt neuere Fassungen an",
    "the bundle expands to more than {size} in all; reading stopped here": "das Paket entpackt sich auf mehr als {size}; das Lesen endete hier",
    "allow more with --max-total, or pass single logs": ("erlauben Sie mehr mit --max-total, oder geben Sie einzelne Protokolle an"),
    "the bundle has more than {number} entries; reading stopped here": "das Paket hat mehr als {number} Einträge; das Lesen endete hier",
    "allow more with --max-members, or pass only the logs": ("erlauben Sie mehr mit --max-members, oder geben Sie nur die Protokolle an"),
    "allow more with --max-member, or unpack it yourself and pass the file": (
        "erlauben Sie mehr mit --max-member, oder entpacken Sie die Datei selbst und geben Sie sie an"
    ),
    "if the member is genuine, allow more with --max-ratio": ("ist die Datei echt, erlauben Sie mehr mit --max-ratio"),
    "the member is larger than {size}; the rest of it was not read": "die Datei im Archiv ist größer als {size}; ihr Rest wurde nicht gelesen",
    "the member expands more than {ratio}:1 ({packed} to {size} so far); the rest of it was not read": (
        "die Datei im Archiv entpackt sich mehr als {ratio}:1 (bisher {packed} auf {size}); ihr Rest wurde nicht gelesen"
    ),
    "unpack it yourself and pass the file": "entpacken Sie sie selbst und geben Sie die Datei an",
    "the archive has too large a member to pass over; the members after it were not read": (
        "das Archiv enthält eine Datei, die zum Überspringen zu groß ist; was dahinter steht, wurde nicht gelesen"
    ),
    "the archive is damaged or hostile: make it again": "das Archiv ist beschädigt oder bösartig: Legen Sie es neu an",
    "make the archive again, or copy it again": "legen Sie das Archiv neu an, oder kopieren Sie es erneut",
    "make the archive again; what stands before was read": "legen Sie das Archiv neu an; was davor steht, wurde gelesen",
    "copy or collect it again": "kopieren oder sammeln Sie es erneut ein",
    "copy or collect it again: the last members may be missing": "kopieren oder sammeln Sie es erneut ein: Die letzten Dateien können fehlen",
    "copy or collect it again; compare the check sum with the original": (
        "kopieren oder sammeln Sie es erneut ein; vergleichen Sie die Prüfsumme mit dem Original"
    ),
    "copy or collect it again; do not rely on single lines": "kopieren oder sammeln Sie es erneut ein; verlassen Sie sich nicht auf einzelne Zeilen",
    "collect or copy it again (was the upload interrupted?); what stands before was read": (
        "sammeln oder kopieren Sie es erneut ein (wurde das Hochladen unterbrochen?); was davor steht, wurde gelesen"
    ),
    "collect or copy it again (was the upload interrupted?); what stands before the cut was read": (
        "sammeln oder kopieren Sie es erneut ein (wurde das Hochladen unterbrochen?); was vor dem Abbruch steht, wurde gelesen"
    ),
    "collect the file it points to, under its own name": "sammeln Sie die Datei, auf die er zeigt, unter ihrem eigenen Namen ein",
    # compressed data
    "the compressed data are cut off": "die komprimierten Daten brechen ab",
    "the compressed data are damaged after {bytes} bytes ({error}); up to {lost} bytes before that are lost too": (
        "die komprimierten Daten sind nach {bytes} Byte beschädigt ({error}); auch bis zu {lost} Byte davor sind verloren"
    ),
    "is compressed with zstd, for which a Python package is missing": ("ist mit zstd komprimiert, wofür ein Python-Paket fehlt"),
    "pip install backports.zstd, or unpack it with zstd -d": ("führen Sie pip install backports.zstd aus, oder entpacken Sie sie mit zstd -d"),
    "other bytes follow after the compressed data; they were ignored": "hinter den komprimierten Daten folgen andere Bytes; sie wurden übergangen",
    "the file is made of too many compressed parts; the rest of it was not read": (
        "die Datei besteht aus zu vielen komprimierten Teilen; ihr Rest wurde nicht gelesen"
    ),
    "the gzip header is not valid": "der gzip-Kopf ist ungültig",
    "the name in the gzip header does not end": "der Name im gzip-Kopf endet nicht",
    "the check sum is wrong: some bytes are not those that were packed": "die Prüfsumme ist falsch: Einige Bytes sind nicht die eingepackten",
    # tar
    "a size in the archive is no number": "eine Größe im Archiv ist keine Zahl",
    "extended headers without an entry; reading stopped here": "erweiterte Köpfe ohne Eintrag; das Lesen endete hier",
    "an extended header of {size}; reading stopped here": "ein erweiterter Kopf von {size}; das Lesen endete hier",
    "a header in the archive is damaged; reading goes on at the next one, members may be missing": (
        "ein Kopf im Archiv ist beschädigt; das Lesen geht beim nächsten weiter, Dateien können fehlen"
    ),
    "the archive breaks off": "das Archiv bricht ab",
    "the archive has no end mark: members may be missing at its end": "das Archiv hat keine Endmarke: Am Ende können Dateien fehlen",
    "the archive ends inside this member": "das Archiv endet mitten in dieser Datei",
    "was packed without its holes; places in it are lower than in the original": (
        "wurde ohne ihre Löcher gepackt; Positionen darin sind kleiner als im Original"
    ),
    "is {kind} in the archive; links are not followed": "ist {kind} im Archiv; Links wird nicht gefolgt",
    "is {kind} in the archive and holds no data": "ist {kind} im Archiv und enthält keine Daten",
    # zip
    "the zip has no list of members at its end (cut off?); its members are read one after the other, as far as they go": (
        "das Zip hat an seinem Ende kein Inhaltsverzeichnis (abgeschnitten?); seine Dateien werden der Reihe nach gelesen, so weit sie reichen"
    ),
    "the list of members in the zip is damaged; those after this place were not read": (
        "das Inhaltsverzeichnis des Zips ist beschädigt; was hinter dieser Stelle steht, wurde nicht gelesen"
    ),
    "the member does not stand where the list says; it was skipped": "die Datei steht nicht, wo das Inhaltsverzeichnis sagt; sie wurde übergangen",
    "the members of the zip overlap; this one was skipped": "Dateien des Zips überlappen sich; diese wurde übergangen",
    "the zip is hostile or damaged: make it again": "das Zip ist bösartig oder beschädigt: Legen Sie es neu an",
    "is a symbolic link in the archive; links are not followed": "ist ein symbolischer Link im Archiv; Links wird nicht gefolgt",
    "is a device, pipe or socket in the archive and holds no data": "ist ein Gerät, eine Pipe oder ein Socket im Archiv und enthält keine Daten",
    "is encrypted; it was skipped": "ist verschlüsselt; sie wurde übergangen",
    "unpack the zip with its password and pass the folder": "entpacken Sie das Zip mit seinem Kennwort und geben Sie den Ordner an",
    "is compressed with method {method} ({name}); it was skipped": "ist mit Verfahren {method} ({name}) komprimiert; sie wurde übergangen",
    "deflate64, as Windows Explorer makes above 2 GB": "deflate64, wie es der Windows-Explorer über 2 GB erzeugt",
    "AES encryption": "AES-Verschlüsselung",
    "unpack the zip and pass the folder": "entpacken Sie das Zip und geben Sie den Ordner an",
    "stands twice in the zip with the same content; it was read once": "steht mit gleichem Inhalt zweimal im Zip; sie wurde einmal gelesen",
    "the member should have {size} bytes and has {got}": "die Datei im Archiv sollte {size} Byte haben und hat {got}",
    # exports of the control plane
    "the time of the last backup job that the service tells, which failed": (
        "die Zeit des letzten Sicherungsauftrags, den der Dienst nennt und der fehlschlug"
    ),
    "its content: {form} of the control plane": "Inhalt: {form} der Steuerungsebene",
    "its name, as the list in it is empty": "Name, da die Liste darin leer ist",
    "object {number} (line {line}) is no JSON and was left out: {error}": "Objekt {number} (Zeile {line}) ist kein JSON und fehlt: {error}",
    "object {number} (line {line}) is no YAML: {error}": "Objekt {number} (Zeile {line}) ist kein YAML: {error}",
    "JSON that is not whole: {why}; the objects before that count": "unvollständiges JSON: {why}; die Objekte davor zählen",
    "an item above {size} bytes": "ein Objekt von mehr als {size} Byte",
    "it ends in the middle": "es endet mittendrin",
    "{count} objects are no JSON and were left out": "{count} Objekte sind kein JSON und fehlen",
    "export it again": "exportieren Sie es erneut",
    "an export above {size} bytes: only its beginning was read": "ein Export von mehr als {size} Byte: Nur sein Anfang wurde gelesen",
    "export the time around the failed backup only": "exportieren Sie nur die Zeit um die fehlgeschlagene Sicherung",
    "what it tells of other machines ({names}) does not count": "was es über andere Maschinen ({names}) aussagt, zählt nicht",
    "{path}: of objects that may matter, those after the first {alike} alike or {number} in all were not kept": (
        "{path}: Von Objekten, die zählen könnten, fehlen die nach den ersten {alike} gleichartigen oder {number} insgesamt"
    ),
    "saved by ConvertTo-Json without -Depth: values that lie deeper are lost": (
        "von ConvertTo-Json ohne -Depth gespeichert: Tiefer liegende Werte sind verloren"
    ),
    "save it again with ConvertTo-Json -Depth 10": "speichern Sie es mit ConvertTo-Json -Depth 10 erneut",
    "the exports speak of several machines ({names}), and nothing tells which one the bundle is about: what concerns one machine does not count": (
        "die Exporte handeln von mehreren Maschinen ({names}), und nichts sagt, um welche es geht: Was eine einzelne Maschine betrifft, zählt nicht"
    ),
    "the exports speak of several machines: taken for the one of the bundle is {name}, the only one whose newest job failed": (
        "die Exporte handeln von mehreren Maschinen: Als die des Pakets gilt {name}, die einzige, deren neuester Auftrag fehlschlug"
    ),
    "add the output of `az vm get-instance-view -g <group> -n <vm>`, or export for this machine only": (
        "fügen Sie die Ausgabe von `az vm get-instance-view -g <Gruppe> -n <VM>` hinzu, oder exportieren Sie nur für diese Maschine"
    ),
    # files of data
    "the id {id} differs from the file's path": "die Kennung {id} weicht vom Pfad der Datei ab",
    "a {kind} in the folder that was given to --{folder}": "{kind} in dem Ordner, der mit --{folder} angegeben wurde",
    "keep signatures and formats in two folders, and give one to --signatures and the other to --parsers": (
        "halten Sie Signaturen und Formate in zwei Ordnern, und geben Sie den einen mit --signatures an, den anderen mit --parsers"
    ),
    "signature": "eine Signatur",
    "format": "ein Format",
    "cause": "eine Ursache",
    "{id} is declared twice, also in {path}": "{id} ist zweimal angegeben, auch in {path}",
    "the engine refuses a pattern: {why}": "die Suchmaschine lehnt ein Muster ab: {why}",
    **EVENTS,
    **SENTENCES,
}
