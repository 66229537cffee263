"""The report as JSON lines for Timesketch: one event a line with `message`, `datetime` and `timestamp_desc`, which its importer asks for.

Besides the rows of `tables.events` the begin and end of every backup attempt, and the verdict. What has no time of its own stands at the end of the
logs, where it is the state that was found, and says so; where no time is known at all, at 1970-01-01, as plaso does with what is not a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from backuptrace.report.document import Report
from backuptrace.report.phrases import tongue
from backuptrace.report.safe import safe_json, without_surrogates
from backuptrace.report.tables import Event, events

NO_TIME = "1970-01-01T00:00:00.000000Z"


def to_jsonl(report: Report) -> str:
    """One JSON object a line, in order of time, texts in the language of the report."""
    rows = sorted(_rows(report), key=lambda row: str(row["datetime"]))
    lines = (msgspec.json.encode({key: without_surrogates(value) for key, value in row.items() if value not in (None, "", [])}).decode() for row in rows)
    return "".join(safe_json(line) + "\n" for line in lines)


def _rows(report: Report) -> Iterator[dict[str, Any]]:
    speak = tongue(report.language)
    about: dict[str, Any] = {"data_type": "backuptrace:event", "bundle": report.bundle.name, "hostname": report.bundle.host}
    until = report.bundle.to
    for event in events(report):
        when = event.time or until or NO_TIME
        desc = speak.say(f"sketch.{event.kind}") if event.time else speak.say("sketch.state" if until else "sketch.no-time")
        values: dict[str, Any] = {"source_file": event.source, "line": event.line, "record": event.record, "kind": event.kind, "original": event.text}
        values |= {"cause": event.causes, "signature": event.signatures, "tag": event.causes, "uncertainty_s": event.uncertainty_s or None}
        yield {"message": _message(event), "datetime": _iso(when), "timestamp_desc": desc, **about, **values}
    for attempt in report.attempts:
        for moment, key in ((attempt.started, "sketch.started"), (attempt.ended, "sketch.ended")):
            if moment is not None:
                result = speak.word("result", attempt.result)
                message = speak.say(key, attempt=attempt.id, result=result)
                values = {"kind": "attempt", "attempt": attempt.id, "result": attempt.result, "code": attempt.code, "cause": attempt.causes}
                yield {"message": message, "datetime": _iso(moment), "timestamp_desc": speak.say("sketch.attempt"), **about, **values}
    judged = report.focus.to or until or NO_TIME
    desc = speak.say("sketch.verdict")
    values = {"kind": "verdict", "outcome": report.verdict.outcome, "cause": [report.verdict.cause] if report.verdict.cause else []}
    yield {"message": report.verdict.sentence, "datetime": _iso(judged), "timestamp_desc": desc, **about, **values}


def _message(event: Event) -> str:
    return event.summary or event.text


def _iso(stamp: str) -> str:
    return f"{stamp[:-1]}+00:00"
