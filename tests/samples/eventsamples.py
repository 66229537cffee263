"""Samples of event logs alone, each story of `windowsfaults` as somebody else saves it: as .evtx, in a table, as XML, as text; the healthy one lies beside
the agent's logs.

`python -m tests.samples.eventsamples` from the top folder writes them anew, after a change of the stories or of the writers.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))

import windowsbundles as bundles
from windowsfaults import FAULTS, events

from .writing import Files, zipped

ROOT = Path(__file__).resolve().parents[2] / "sample_logs" / "windows"
BY_NAME = {fault.name: fault for fault in FAULTS}
HEALTHY = "healthy-events"
NAMES = ("agent-ends", "com-disabled", "writes-not-held", "updates-wait", "shut-down-inside", HEALTHY)


def files(name: str) -> Files:
    """The bundle of a sample: each is collected in another way."""
    fault = BY_NAME.get(name)
    if fault is None:
        agent = ROOT / "healthy"
        logs = {path.relative_to(agent).as_posix(): path.read_bytes() for path in sorted(agent.rglob("*")) if path.is_file() and path.name != "case.yml"}
        return logs | bundles.evtx(events(None))
    if name == "agent-ends":
        return {_german(path): raw for path, raw in bundles.evtx(events(fault, "de"), "Protokolle/").items()}
    if name == "com-disabled":
        return bundles.exports(events(fault, "de"), "viewer csv", "de", "Protokolle/")
    if name == "writes-not-held":
        return bundles.exports(events(fault), "viewer xml", "en", "logs/")
    if name == "updates-wait":
        return bundles.exports(events(fault), "wevtutil text", "en", "logs/")
    return {"results.txt": b"### Event Logs ###\r\n"} | fault.others | bundles.evtx(events(fault), "device_0/" + bundles.LOGS)


def _german(path: str) -> str:
    """As somebody at a German machine names what he saves."""
    return path.replace("Application.evtx", "Anwendung.evtx").replace("System.evtx", "System vom Server.evtx")


def case(name: str) -> str:
    """The text of case.yml."""
    fault = BY_NAME.get(name)
    if fault is None:
        lines = ["none", "no-failure-seen", "null", '""', "A good night with good backups: event logs with the noise of every day, and the agent's own logs."]
    else:
        lines = [fault.cause, "explained", f'"{fault.code}"', f"'{fault.evidence}'", fault.note]
    cause, outcome, code, evidence, note = lines
    return f'origin: synthetic\ncause: {cause}\noutcome: {outcome}\ncode: {code}\nevidence: {evidence}\nnote: "{note}"\n'


def main() -> None:
    for name in NAMES:
        (ROOT / name).mkdir(exist_ok=True)
        (ROOT / name / "case.yml").write_bytes(case(name).encode())
        zipped(files(name), ROOT / name / "bundle.zip")


if __name__ == "__main__":
    main()
