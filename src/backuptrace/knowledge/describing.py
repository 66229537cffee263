"""One sentence on every key of the data files: for editors (JSON Schema) and for messages about a missing or mistyped key."""

from __future__ import annotations

NOTES: dict[str, dict[str, str]] = {
    "RecordStart": {
        "start": "regular expression for the head of a record's first line; (?P<stamp>...) around its time, further named groups are fields",
        "time": (
            "how the stamp is written: iso 2026-11-22T03:12:07Z, us 11/22/2026 03:12:07.85 (month first), syslog Nov 22 03:12:07, "
            "unixdate Sun Nov 22 03:12:07 UTC 2026, "
            "rfc2822 Sun, 22 Nov 2026 03:12:07 +0000, epoch 1795317127.5, uptime: seconds since the start, no time of day"
        ),
        "zone": "what a stamp without a zone means: utc, or local time of a zone that the log does not tell",
    },
    "JsonRecords": {
        "each": "dotted path to the list of records, `$` for the document itself; `*` walks lists",
        "stamp": "dotted path to a record's time; $path: the time in the name of its folder in the agent's history",
        "time": "how that time is written: iso, ticks (100 ns since the year 1), epoch (seconds since 1970)",
        "covers": "false: these times are not the machine's own and do not say how far the bundle reaches",
        "fields": "field -> dotted path in a record; `~` reads a string as JSON, [name=like] picks items of a list, @name is an XML attribute, #text its text",
    },
    "AttemptResult": {
        "field": "the field that tells the result",
        "succeeded": "its values that mean success; any other means failure",
        "ignore": "its values that tell nothing",
    },
    "MilestoneShape": {
        "match": "conditions on the fields of a record, as in a selection without `source`",
        "summary": "its line in the report; {field} stands for a field or a named group of `match`",
        "role": "what it means for a backup attempt",
        "result": "for attempt-end: failed, succeeded, or the field that tells; for attempt-step: succeeded, where nothing else tells the end",
        "code": "the field that holds the code of the result",
        "keys": "name -> field: what milestones of one attempt share, such as a task id",
        "facts": "name -> field: what it tells of the machine, such as agent_version",
        "show": "false: used, but not shown on the timeline",
    },
    "Expected": {
        "always": "false: some sound machines do not have it",
        "why": "what cannot be answered without it",
        "command": "one read-only command that gets it",
    },
    "Sample": {
        "text": "a line as the format writes it",
        "fields": "the fields that must come out of it, `message` included",
    },
    "FormatShape": {
        "schema": "1",
        "id": "the file's name without .yml; signatures name it as `source`",
        "title": "what the report calls it",
        "os": "where such logs are written",
        "kind": "indexed: a log of lines; parsed: a document of records; state: settings without a time",
        "reader": "lines, json, xml, conf (Key=Value) or rows (lines without a time, such as the output of a command)",
        "path": "globs on the end of the path, rotation marks such as .1 or .gz left out; * stays inside a folder, ** does not",
        "not_path": "globs of paths that are never this format",
        "name": "globs on the bare name or the end of the path, for files that come without their folders; `head` must match as well",
        "head": "regular expressions searched in the first 64 KB, line by line",
        "expected": "what its absence from a bundle means and how to get it; leave out for what bundles seldom hold",
        "records": "lines: the ways in which a record starts; json and xml: where the records are",
        "rows": "rows: regular expressions of the lines that count; named groups are fields",
        "carry": "rows: fields that hold for the lines below, such as the name in a headline; a new value ends those behind it in this list",
        "fields": "field -> how it stands on the line before the message, {} for its value: makes patterns fast",
        "defaults": "conf: values of keys that the file does not set",
        "heartbeat": "the longest normal silence, such as 30m; a longer one is what silence(..) measures",
        "milestones": "name -> what is worth knowing even when nothing fails",
        "samples": "lines that prove `records`",
        "notes": "where the facts come from",
    },
    "Need": {
        "what": "what would settle the matter",
        "command": "one read-only command that gets it",
        "source": "the format that holds it",
    },
    "VerdictShape": {
        "cause": "id of a file in signatures/causes/",
        "when": "expression over the selections, such as `count(failed) >= 3 within 1h unless repaired`",
        "why": "one plain sentence for the report",
        "refuted_by": "selections: a hit newer than all support shows that the fault was over",
        "root": "false: a consequence, ranked below deeper causes",
        "lasting": "true: a good backup does not end this fault, so older evidence counts too",
        "needs": "what to look at to be sure",
    },
    "TestShape": {
        "name": "what the small bundle shows",
        "expect": "the status that the cause must get; none: anything but supported",
        "files": "path in the bundle -> its text",
        "cause": "which cause, if the signature has several; by default that of the first verdict",
        "at": "when the backup failed, such as 2026-11-22T03:12Z; by default as a scan would choose",
        "whole": "true: even these few lines are whole logs, and what came after them is not known; by default they are an excerpt",
    },
    "SignatureShape": {
        "schema": "1",
        "id": "the file's path below its folder, with dots: linux/agent/x.yml is linux.agent.x",
        "title": "what was seen, in one line",
        "status": "experimental: rests on synthetic logs; test: seen in real ones; stable: no false alarm for long",
        "select": "name -> which records: `source`, then conditions `field|modifier: value`",
        "verdicts": "when which cause holds",
        "notes": "where the facts come from, and what looks alike but is not it",
        "tests": "small bundles: at least one supported, one none or contradicted, one unknown for an absence",
    },
    "Translated": {"en": "the text in English", "de": "the text in German"},
    "Hint": {"en": "the text in English", "de": "the text in German", "os": "the operating system that it concerns"},
    "Doc": {"url": "page of the documentation", "anchor": "its section's anchor", "section": "its section's title"},
    "Provenance": {"id": "short name of the source", "published": "YYYY-MM-DD", "checked": "YYYY-MM-DD"},
    "CauseNeed": {
        "what": "what would settle it",
        "command": "one read-only command that gets it",
        "source": "the format that holds it",
        "os": "where the command runs: linux, windows, any",
    },
    "CauseShape": {
        "schema": "1",
        "id": "the file's name without .yml; never renamed",
        "os": "linux, windows or both",
        "catalogue": "its number in the documentation's list",
        "title": "the cause in one line, by language",
        "observable": "where it can be seen: guest (logs of the VM), control-plane (Azure only), both",
        "error_codes": "codes of the portal that it can lead to",
        "explanation": "what happens and why the backup fails, by language",
        "steps": "what to do, in order, by language",
        "proves": "what in a bundle speaks for it",
        "refutes": "what in a bundle speaks against it",
        "needs": "what would settle it",
        "doc": "the section of the documentation that describes it",
        "source": "where the facts come from, and when they were checked",
        "caveats": "what the documentation gets wrong or leaves out, by language",
    },
    "CodeShape": {
        "schema": "1",
        "code": "the name that the portal shows",
        "aliases": "other names and the number",
        "message": "what the portal says, in own words, by language",
        "causes": "ids of causes in the documented order",
        "steps": "what to do, where no cause tells it",
        "doc": "the section of the documentation that describes the code",
        "caveats": "what the documentation gets wrong or leaves out, by language",
        "source": "where the facts come from",
    },
    "ReleaseShape": {
        "program": "agent or extension",
        "version": "regular expression on the whole version number",
        "only": "fact -> regular expression: what else must be known and fit, such as the version of Python",
        "defect": "what goes wrong, in one half sentence, by language",
        "symptom": "words of the log that show it",
        "fixed_in": "the first release without it",
        "source": "where the facts come from, and when they were checked",
    },
    "ReleasesShape": {"schema": "1", "releases": "the releases, oldest first"},
    "ConfidenceShape": {"schema": "1", "fired": "signature id -> [cases in which it fired, of those with the right cause]"},
}


def note(kind: type, key: str) -> str:
    """The sentence on a key of a shape, "" where there is none."""
    return NOTES.get(kind.__name__, {}).get(key, "")
