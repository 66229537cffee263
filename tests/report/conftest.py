"""Reports to render: a failed backup with everything in it, and the same with every other outcome."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from backuptrace.model import Problem
from backuptrace.report.document import (
    Attempt,
    BundleInfo,
    Cause,
    Clock,
    Coverage,
    Doc,
    Evidence,
    Fact,
    Focus,
    Hits,
    Hole,
    Identifiers,
    Missing,
    Need,
    Next,
    Outcome,
    Report,
    Reported,
    Step,
    TimelineEntry,
    Tool,
    Unexplained,
    Verdict,
)

DAY = "2026-11-22T"
HIT = "OSError(113, 'No route to host')"
LOG_LINE = (
    "2026-11-22T03:11:05.482913Z WARNING ExtHandler ExtHandler [PERIODIC] Failed to fetch the goal state: HTTP GET http://168.63.129.16/machine/?comp=goalstate "
    f"[ProtocolError] IOError {HIT} -- 6 attempts made; the HostGAPlugin was tried as well; the next try follows in 6 seconds, see the log of the firewall"
)
CURL = """sudo curl -sS -m 10 "http://168.63.129.16/?comp=versions" && sudo curl -sS -m 10 http://168.63.129.16:32526/versions"""
DOC = Doc(
    url="https://learn.microsoft.com/azure/backup/backup-azure-troubleshoot-vm-backup-fails-snapshot-timeout",
    anchor="step-4-check-azure-backup-extension-health",
    section="Step 4: Check Azure Backup Extension health",
)


def at(clock: str) -> str:
    """UTC text of a time on the day of the failure."""
    return f"{DAY}{clock}.000000Z"


def evidence(line: int, clock: str, **more: Any) -> Evidence:
    begin = LOG_LINE.index(HIT)
    return Evidence(
        signature="linux.agent.wireserver-unreachable",
        time=at(clock),
        source="var/log/waagent.log",
        line=line,
        offset=line * 100,
        text=LOG_LINE,
        hit_from=begin,
        hit_to=begin + len(HIT),
        **more,
    )


def cause(name: str, status: str, **more: Any) -> Cause:
    values: dict[str, Any] = {"id": name, "status": status, "title": f"Title of {name}", "doc": DOC, **more}
    return msgspec.convert(values, Cause)


WIRESERVER = Cause(
    id="wireserver-unreachable",
    status="supported",
    confidence="high",
    title="168.63.129.16 cannot be reached",
    explanation="The agent gets its orders from the Azure host address 168.63.129.16 (port 80) and from the HostGAPlugin on port 32526.",
    error_codes=["UserErrorGuestAgentStatusUnavailable"],
    doc=DOC,
    steps=[
        Step(text=f"Test from the VM: `{CURL}`."),
        Step(text="Allow outbound TCP 80, 443 and 32526 to 168.63.129.16 in the firewall of the VM (look at nftables too when iptables is empty)."),
    ],
    why="The agent could not reach 168.63.129.16 during the attempt, and nothing shows that it could afterwards.",
    hits=Hits(total=37, shown=8, first=at("03:10:05"), last=at("03:12:00")),
    evidence=[evidence(1200 + number, f"03:11:{number:02d}") for number in range(7)] + [evidence(900, "02:00:00", role="context")],
    needs=[Need(what="Linux: firewall rules", command="sudo iptables-save")],
    caveats="Port 443 is named by the backup article only.",
)
SENTENCES = {
    "explained": "The backup attempt at 2026-11-22 03:12 UTC failed: 168.63.129.16 cannot be reached.",
    "recovered": "1 earlier attempt failed, but the backup at 2026-11-16 03:12 UTC succeeded and no fault is open at the end of the logs.",
    "no-failure-seen": "No failure is seen: no backup attempt, and no signature matches. Not in the bundle: journal.",
    "unexplained": "The backup attempt at 2026-11-22 03:12 UTC failed, and no signature explains it.",
    "cannot-tell": "Cannot tell: nothing in the bundle shows why.",
}


def build(outcome: Outcome = "explained", **more: Any) -> Report:
    """A failed backup; for another outcome than `explained` nothing is supported."""
    explained = outcome == "explained"
    failed = outcome in {"explained", "unexplained", "cannot-tell"}
    runs = [
        Attempt(
            id=f"a{number}",
            kind="snapshot",
            started=f"2026-11-{10 + number}T03:10:00.000000Z",
            ended=f"2026-11-{10 + number}T03:12:00.000000Z",
            result="succeeded",
            reached="snapshot taken",
        )
        for number in range(7)
    ]
    runs[2] = msgspec.structs.replace(runs[2], result="failed", causes=["dhcp"], reached=None)
    if failed:
        runs.append(
            Attempt(
                id="a9",
                kind="snapshot",
                started=at("03:10:00"),
                ended=at("03:12:07"),
                result="failed",
                code="ExtensionSnapshotFailedNoNetwork",
                reached="snapshot requested",
                causes=["wireserver-unreachable"] * explained,
            )
        )
    if outcome == "no-failure-seen":
        runs = []
    causes = [
        *(
            [
                WIRESERVER,
                cause("storage-access", "supported", confidence="low", root=False, why="The blob could not be written.", evidence=[evidence(1300, "03:11:30")]),
            ]
            if explained
            else []
        ),
        cause(
            "selinux",
            "unknown",
            why="The audit log is not in the bundle.",
            lacking=["linux-audit"],
            needs=[{"what": "The audit log", "command": "sudo ausearch -m avc -ts recent"}],
        ),
        cause("disk-full", "contradicted", why="df shows 40 GB free at 03:12."),
        cause("clock-wrong", "unknown", why="no signature looks for it yet"),
        cause("dhcp", "no-evidence"),
        cause("policy-denied", "not-visible"),
        cause("vss-writer", "not-applicable"),
    ]
    focus = (
        Focus(from_=at("03:10:00"), to=at("03:14:07"), basis="the last attempt, which failed")
        if failed
        else Focus(to=at("03:30:00"), basis="the end of the logs")
    )
    values: dict[str, Any] = {
        "tool": Tool(version="0.1.0", signatures="0123456789ab"),
        "bundle": BundleInfo(name="case.zip", kind="zip", os="linux", host="vm1", from_=at("00:00:01"), to=at("03:30:00")),
        "verdict": Verdict(outcome=outcome, cause=WIRESERVER.id if explained else None, sentence=SENTENCES[outcome]),
        "focus": focus,
        "reported": Reported(code="UserErrorGuestAgentStatusUnavailable", at=at("03:14:00"), message="VM agent is unable to communicate with Azure Backup."),
        "facts": [
            Fact(name="agent_version", value="2.9.1.1", source="var/log/waagent.log"),
            Fact(name="os_name", value="ubuntu 22.04", source="var/log/waagent.log"),
        ],
        "identifiers": Identifiers(task=["6c0e8b5a-1111-4222-8333-444455556666"]),
        "causes": causes,
        "next": [Next(command=CURL, settles=["wireserver-unreachable"], what="Is the host reachable")],
        "attempts": runs,
        "timeline": [
            TimelineEntry(time=at("03:10:00"), source="var/log/waagent.log", line=1190, kind="milestone", summary="backup attempt began"),
            *(
                TimelineEntry(
                    time=at(f"03:11:{n:02d}"), source="var/log/waagent.log", line=1200 + n, kind="evidence", summary=HIT, causes=["wireserver-unreachable"]
                )
                for n in range(7)
            ),
            TimelineEntry(
                time=at("03:12:07"),
                source="var/log/azure/vmsnapshot/extension.log",
                line=40,
                kind="milestone",
                summary="backup attempt failed",
                uncertainty_s=60,
            ),
        ],
        "coverage": [
            Coverage(source="var/log/waagent.log", format="waagent", from_=at("00:00:01"), to=at("03:30:00"), complete=True, records=12345),
            Coverage(
                source="logs.zip!var/log/syslog",
                format="syslog",
                from_=at("01:00:00"),
                to=at("03:00:00"),
                records=99,
                unreadable=2,
                holes=[Hole(from_=at("02:00:00"), to=at("02:10:00"), why="cut")],
                clock=Clock(zone="UTC+1", basis="the zone of the host, no stamp says it", skew_s=2.5),
            ),
        ],
        "missing": [Missing(source="journal", why_it_matters="It tells whether the agent was stopped.", command="sudo journalctl --since -2d --no-pager")],
        "unexplained": [Unexplained(template="Unknown error <*>", count=12, first=at("03:11:00"), last=at("03:12:00"), sample="Unknown error 5")],
        "problems": [
            Problem("damaged", "var/log/waagent.log.2.gz", "the archive ends early", "collect it again"),
            *(Problem("unknown-file", f"etc/unknown-{number}", "no format is declared for this path") for number in range(30)),
        ],
        "capped": ["evidence of wireserver-unreachable: 8 of 37 shown"],
        **more,
    }
    return Report(**values)


@pytest.fixture
def report() -> Report:
    return build()


@pytest.fixture
def report_of() -> Callable[..., Report]:
    return build
