"""XML exports of Windows events: how fast they are read, against xml.etree.ElementTree.iterparse on the same bytes.

    python benchmarks/exports.py [--megabytes 32] [--rounds 7] [--write results.json]

The export is that of an ordinary System log: mostly service states, few events that a signature looks for. Three ways: `iterparse` over all elements,
cleared as it goes, with the few values of each event taken; every event read; and as a scan does it, with the shipped selections, where only events with a hit
are parsed. Processor seconds, in turns; printed are the medians of the rounds.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from xml.etree import ElementTree as ET

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "support"))

from eventday import day
from eventforms import Told, event_xml
from turns import ratio, taken

from backuptrace.knowledge.loading import load
from backuptrace.readers.exports import Form, Reading, read
from backuptrace.readers.exports.account import Wanted
from backuptrace.scanning.eventroutes import Routes

NAMESPACE = "{http://schemas.microsoft.com/win/2004/08/events/event}"
START = 1_795_396_327_000_000
BINARY = "540072007500730074006500640049006E007300740061006C006C00650072002F0031000000"
SLOW = "iterparse"
EVERY = 400
"""One event in so many is of the kind that signatures look for."""


def export(size: int) -> tuple[bytes, int]:
    """(bytes of the export, number of its events)."""
    states = (
        ("Windows Modules Installer", "stopped"),
        ("WMI Performance Adapter", "running"),
        ("Software Protection", "stopped"),
        ("Windows Update", "running"),
    )
    quiet = [Told(0, "Service Control Manager", 7036, "System", data=[("param1", name), ("param2", state), ("Binary", BINARY)]) for name, state in states]
    loud = [told for told in day("en") if told.channel == "System"]
    pieces, length, number = ['<?xml version="1.0" encoding="utf-8" standalone="yes"?>\r\n<Events>'], 0, 0
    bodies = [event_xml(told) for told in quiet]
    rare = [event_xml(told) for told in loud]
    while length < size:
        number += 1
        body = rare[number // EVERY % len(rare)] if number % EVERY == 0 else bodies[number % len(bodies)]
        pieces.append(body)
        length += len(body)
    pieces.append("</Events>")
    return "".join(pieces).encode(), number


def iterparse(raw: bytes) -> int:
    """Every event with provider, id, time, record number and data, the way the standard library offers."""
    count = 0
    for _, element in ET.iterparse(io.BytesIO(raw)):
        if element.tag == NAMESPACE + "Event":
            system = element.find(NAMESPACE + "System")
            data = element.find(NAMESPACE + "EventData")
            if system is not None:
                count += system.findtext(NAMESPACE + "EventID") is not None
            _ = [] if data is None else [(datum.get("Name"), datum.text) for datum in data]
            element.clear()
    return count


def reading(raw: bytes, wanted: Wanted | None) -> Callable[[], Reading]:
    def run() -> Reading:
        account = Reading("export.xml")
        for _ in read(io.BytesIO(raw), Form("xml", "utf-8"), account, wanted=wanted):
            pass
        return account

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--megabytes", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    raw, events = export(options.megabytes << 20)
    routes = Routes(load().formats.values())
    scanned = reading(raw, routes.ends)
    account = scanned()
    seconds = taken({SLOW: lambda: iterparse(raw), "every event": reading(raw, None), "wanted events": scanned}, options.rounds, {"wanted events": 5})
    mb = len(raw) / 1e6
    print(f"{mb:.0f} MB, {events} events; wanted: {account.records} parsed, {account.skipped} passed over")
    for name, times in seconds.items():
        value = median(times)
        print(f"{name:>14}: {value:7.3f} s {mb / value:8.0f} MB/s {events / value:10.0f} events/s {ratio(seconds[SLOW], times):6.1f} x")
    if options.write:
        medians = {name: median(times) for name, times in seconds.items()}
        options.write.write_text(
            json.dumps({"megabytes": mb, "events": events, "parsed": account.records, "seconds": medians}, indent=2) + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
