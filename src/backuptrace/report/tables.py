"""The report as a table for spreadsheets (CSV) and programs (Parquet): one row for each event, with the original line where it was kept.

Rows: the timeline in order, then evidence without a time of its own. Columns, the same in both forms, in `COLUMNS`.
"""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import msgspec

from backuptrace.errors import BackuptraceError
from backuptrace.report.document import Evidence, Report
from backuptrace.report.safe import safe_line, without_surrogates

_FORMULA = re.compile(r"(^|[;\t\r\n])([\s\"']*)(?=[=+\-@＝＋－＠])")
"""Where a spreadsheet that splits at `;` or tabs, as in many countries, would see the beginning of a formula."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One row. time: UTC text, None for a state such as a setting; uncertainty_s: seconds; line and record count from 1; `text`: the original record."""

    time: str | None
    uncertainty_s: float
    kind: str
    source: str
    line: int | None
    record: int | None
    summary: str
    text: str
    causes: list[str]
    signatures: list[str]
    bundle: str
    host: str | None


COLUMNS = Event.__struct_fields__


def events(report: Report) -> list[Event]:
    """All rows of a report."""
    texts: dict[tuple[str, int | None, int | None], list[tuple[str, Evidence]]] = {}
    for cause in report.causes:
        for item in cause.evidence:
            texts.setdefault((item.source, item.line, item.record), []).append((cause.id, item))
    rows: list[Event] = []
    told: set[int] = set()
    for entry in report.timeline:
        key = (entry.source, entry.line, entry.record)
        kept = [item for _, item in texts.get(key, ()) if item.time == entry.time]
        told.update(id(item) for item in kept)
        rows.append(
            Event(
                time=entry.time,
                uncertainty_s=entry.uncertainty_s,
                kind=entry.kind,
                source=entry.source,
                line=entry.line,
                record=entry.record,
                summary=entry.summary,
                text=kept[0].text if kept else "",
                causes=entry.causes,
                signatures=list(dict.fromkeys(item.signature for item in kept)),
                bundle=report.bundle.name,
                host=report.bundle.host,
            )
        )
    for (source, line, record), pairs in texts.items():
        left = [(name, item) for name, item in pairs if id(item) not in told]
        if left:
            first = left[0][1]
            rows.append(
                Event(
                    time=first.time,
                    uncertainty_s=first.uncertainty_s,
                    kind="evidence" if any(item.role == "supports" for _, item in left) else "context",
                    source=source,
                    line=line,
                    record=record,
                    summary="",
                    text=first.text,
                    causes=list(dict.fromkeys(name for name, _ in left)),
                    signatures=list(dict.fromkeys(item.signature for _, item in left)),
                    bundle=report.bundle.name,
                    host=report.bundle.host,
                )
            )
    return rows


def to_csv(report: Report) -> bytes:
    """RFC 4180 with a byte order mark, without which spreadsheets garble umlauts; every field is one harmless line, lists are joined by blanks.

    A text that a spreadsheet would take for a formula, at its beginning or behind a `;`, gets an apostrophe there.
    """
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in events(report):
        writer.writerow([_cell(value) for value in msgspec.structs.astuple(row)])
    return out.getvalue().encode("utf-8-sig")


def _cell(value: object) -> str | float:
    if value is None:
        return ""
    if isinstance(value, (int, float)):
        return value
    return _FORMULA.sub(r"\1'\2", safe_line(" ".join(value) if isinstance(value, list) else str(value)))


def to_parquet(report: Report) -> bytes:
    """The rows with their types: time as timestamp[us, UTC], numbers, lists of text. Raises BackuptraceError where pyarrow is not installed."""
    rows = events(report)
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise BackuptraceError("cannot write Parquet", why=f"pyarrow is not usable here: {error}", fix="pip install pyarrow, or write .csv") from error
    texts, whole = pa.list_(pa.string()), pa.int64()
    types: dict[str, Any] = {"uncertainty_s": pa.float64(), "line": whole, "record": whole, "causes": texts, "signatures": texts}
    columns = {}
    for n, name in enumerate(COLUMNS):
        values = [without_surrogates(msgspec.structs.astuple(row)[n]) for row in rows]
        if name == "time":
            columns[name] = pa.array([_micros(value) for value in values], pa.int64()).cast(pa.timestamp("us", "UTC"))
        else:
            columns[name] = pa.array(values, types.get(name, pa.string()))
    out = io.BytesIO()
    parquet.write_table(pa.table(columns), out, compression="zstd")
    return out.getvalue()


def _micros(stamp: str | None) -> int | None:
    from datetime import datetime, timezone

    if stamp is None:
        return None
    since = datetime.fromisoformat(stamp[:-1] + "+00:00") - datetime(1970, 1, 1, tzinfo=timezone.utc)
    return (since.days * 86400 + since.seconds) * 1_000_000 + since.microseconds
