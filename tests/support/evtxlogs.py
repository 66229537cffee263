"""The log that most tests of the reader of .evtx files want."""

from __future__ import annotations

from pathlib import Path

from evtxwriter import Entry

START = 1_795_393_984_123_456
"""2026-11-23 00:33:04.123456 UTC"""
MINUTE = 60_000_000
REAL = Path(__file__).resolve().parents[3] / "shared" / "evtx"


Data = list[tuple[str, "str | int | bytes"]]


def entries(count: int = 30, first: int = 100) -> list[Entry]:
    """A minute apart: service failures, and every fifth is a VSS error of a classic source."""
    out = []
    for n in range(first, first + count):
        if n % 5:
            data: Data = [("param1", f"Service {n}"), ("param2", str(n)), ("Binary", f"Svc{n}/4".encode("utf-16-le"))]
            out.append(Entry("Service Control Manager", 7031, START + n * MINUTE, n, data=data, level=2, guid="{555908d1-a6d7-4695-8e1e-26931d2012f4}"))
        else:
            texts: Data = [("", f"{n}"), ("", ""), ("", "0x80042314"), ("Binary", b"- Code: 1")]
            out.append(Entry("VSS", 12298, START + n * MINUTE, n, data=texts, level=2, classic=True, qualifiers=0))
    return out


def real_files() -> list[Path]:
    """Real event logs, where they are there."""
    return sorted(REAL.glob("*/*.evtx"))
