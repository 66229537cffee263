"""The tables of a fleet as Parquet, written from the journal bundle by bundle: the same bundles give the same bytes.

`verdicts` has a row for each bundle, the others any number; `bundle` joins them. Times are timestamps in UTC with microseconds.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from backuptrace.errors import BackuptraceError
from backuptrace.fleet.columns import column
from backuptrace.fleet.rows import Entry

if TYPE_CHECKING:
    import pyarrow as pa

ROWS = 20_000
"""Rows that are kept in memory before they are written."""
TIMES = {"time", "first", "last", "started", "ended", "from", "to", "focus_from", "focus_to", "since"}
NUMBERS = {"rank", "hits", "line", "record", "offset", "size"}
LISTS = {"causes"}
COLUMNS: dict[str, tuple[str, ...]] = {
    "verdicts": (
        "bundle", "path", "vm", "vm_id", "state", "os", "outcome", "cause", "causes", "since", "sentence", "code",
        "from", "to", "focus_from", "focus_to", "size", "report",
    ),
    "causes": ("bundle", "cause", "rank", "status", "confidence", "root", "first", "last", "hits"),
    "evidence": ("bundle", "cause", "signature", "time", "uncertainty_s", "source", "line", "record", "offset", "text", "role"),
    "attempts": ("bundle", "attempt", "kind", "started", "ended", "result", "code", "reached", "causes", "keys"),
    "facts": ("bundle", "name", "value", "source"),
    "problems": ("bundle", "kind", "where", "what", "fix"),
}  # fmt: skip


class Named(NamedTuple):
    """An entry with what the run knows of its bundle: label, path, name and id of the VM, bytes."""

    label: str
    path: str
    vm: str
    vm_id: str
    size: int
    entry: Entry


def possible() -> bool:
    """Whether tables can be written here: pyarrow has no wheel for some systems."""
    return find_spec("pyarrow") is not None


def prepare() -> None:
    """Loads what writing needs, if it is there: it takes a fifth of a second, in which workers may start."""
    if possible():
        import pyarrow.parquet  # noqa: F401  only to be loaded


def path_of(folder: Path, name: str) -> Path:
    """The file of a table."""
    return folder / f"{name}.parquet"


def write(folder: Path, rows: Iterable[Named]) -> None:
    """Writes all tables; each is replaced only when it is complete. Raises BackuptraceError."""
    import pyarrow.parquet as pq

    temporaries = {name: path_of(folder, name).with_suffix(".parquet.tmp") for name in COLUMNS}
    writers: dict[str, Any] = {}
    try:
        for name, columns in COLUMNS.items():
            writers[name] = pq.ParquetWriter(temporaries[name], schema(columns), compression="zstd")
        waiting: dict[str, list[dict[str, Any]]] = {name: [] for name in COLUMNS}
        for row in rows:
            for name, make in _MAKERS.items():
                waiting[name] += make(row)
                if len(waiting[name]) >= ROWS:
                    _flush(writers[name], name, waiting[name])
        for name, writer in writers.items():
            _flush(writer, name, waiting[name])
            writer.close()
        for name, temporary in temporaries.items():
            _synced(temporary)
            temporary.replace(path_of(folder, name))
    except OSError as error:
        raise BackuptraceError("cannot write the tables", where=str(folder), why=error.strerror or str(error), fix="is there room on the disk?") from error
    finally:
        for writer in writers.values():
            writer.close()
        for temporary in temporaries.values():
            temporary.unlink(missing_ok=True)


def schema(columns: Iterable[str]) -> pa.Schema:
    """The types of the columns: by their names, the same in every table."""
    import pyarrow as pa

    def type_of(name: str) -> pa.DataType:
        if name in TIMES:
            return pa.timestamp("us", tz="UTC")
        if name in LISTS:
            return pa.list_(pa.string())
        return pa.int64() if name in NUMBERS else pa.bool_() if name == "root" else pa.float64() if name == "uncertainty_s" else pa.string()

    return pa.schema([(name, type_of(name)) for name in columns])


def _flush(writer: Any, name: str, rows: list[dict[str, Any]]) -> None:
    import pyarrow as pa

    if not rows:
        return
    types = schema(COLUMNS[name])
    arrays = [column([row[field.name] for row in rows], field.type) for field in types]
    writer.write_table(pa.Table.from_arrays(arrays, schema=types))
    rows.clear()


def _synced(path: Path) -> None:
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def _verdicts(row: Named) -> list[dict[str, Any]]:
    entry = row.entry
    supported = [cause for cause in entry.causes if cause.status == "supported"]
    return [
        {
            "bundle": row.label, "path": row.path, "vm": row.vm, "vm_id": row.vm_id or None, "state": entry.state, "os": entry.os,
            "outcome": entry.outcome, "cause": entry.cause, "causes": [cause.cause for cause in supported],
            "since": next((cause.first for cause in supported if cause.cause == entry.cause), None),
            "sentence": entry.sentence, "code": entry.code, "from": entry.from_, "to": entry.to,
            "focus_from": entry.focus_from, "focus_to": entry.focus_to, "size": row.size, "report": f"reports/{entry.report}.json" if entry.report else None,
        }
    ]  # fmt: skip


def _listed(of: Callable[[Entry], Iterable[Any]]) -> Callable[[Named], list[dict[str, Any]]]:
    return lambda row: [{"bundle": row.label, **msgspec.structs.asdict(item)} for item in of(row.entry)]


def _attempts(row: Named) -> list[dict[str, Any]]:
    keys = [msgspec.json.encode(dict(sorted(one.keys.items()))).decode() for one in row.entry.attempts]
    return [{"bundle": row.label, **msgspec.structs.asdict(one), "keys": text} for one, text in zip(row.entry.attempts, keys, strict=True)]


_MAKERS: dict[str, Callable[[Named], list[dict[str, Any]]]] = {
    "verdicts": _verdicts,
    "causes": _listed(lambda entry: entry.causes),
    "evidence": _listed(lambda entry: entry.evidence),
    "attempts": _attempts,
    "facts": _listed(lambda entry: entry.facts),
    "problems": _listed(lambda entry: entry.problems),
}
