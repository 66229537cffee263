"""What stands in the synthetic agent log: `{a}` is a small number, `{b}` a large one."""

from __future__ import annotations

NOISE = [
    "INFO ExtHandler ExtHandler Fetching goal state [incarnation {a}] from WireServer, correlation {b:x}",
    "INFO ExtHandler ExtHandler Looked at {a} goal state settings in the cache in {b} us, none of them is new",
    "INFO ExtHandler ExtHandler Checking for agent updates (family: Prod), {a} candidates known, newest seen at {b}",
    "VERBOSE ExtHandler ExtHandler HTTP connection [GET] [/machine/?comp=goalstate] [None] [x-ms-agent-name: WALinuxAgent; id {b:x}]",
    "VERBOSE ExtHandler ExtHandler [HTTP Response] Status Code 200, {a} bytes, x-ms-request-id {b:x}, keep-alive off",
    "VERBOSE ExtHandler ExtHandler Report vm agent status: incarnation {a}, blob etag 0x8D{b:X}, GuestAgent ready",
    "VERBOSE MonitorHandler ExtHandler Executing PollResourceUsage: cgroup walinuxagent.service, CPU {a} ticks, memory {b} bytes",
    "VERBOSE MonitorHandler ExtHandler Executing SendHostPluginHeartbeat, sequence {a}, container {b:x}",
    "VERBOSE TelemetryEventsCollector ExtHandler Collected {a} events, sent {a}, dropped 0, batch {b:x}",
    "VERBOSE EnvHandler ExtHandler Executing RemovePersistentNetworkRules, {a} rules looked at in {b} us",
    "INFO EnvHandler ExtHandler Set block dev timeout: sd{a} with timeout: 300, was {b}",
    "INFO ExtHandler [Contoso.Monitoring.Agent-1.{a}.7] Target handler state: enabled [incarnation_{a}] activity {b:x}",
    "INFO ExtHandler [Contoso.Monitoring.Agent-1.{a}.7] Command: bin/enable.sh ended with exit code 0, pid {a}, duration {b} us",
    "INFO ExtHandler [Contoso.Security.Scanner-2.{a}.1] Enable finished with exit code 0 after {a} ms, log offset {b}",
    "VERBOSE ExtHandler [Contoso.Security.Scanner-2.{a}.1] Collect extension status for sequence {a}, heartbeat of pid {a} seen at {b}",
    "WARNING ExtHandler ExtHandler The status blob was written slowly: {a} ms for block {b:x}, the next one is due",
    "WARNING MonitorHandler ExtHandler Throttled CPU time above the usual: {a} ms in cgroup slice azure-{b:x}",
    "INFO ExtHandler ExtHandler Extension slot {a} is up to date, requested version equals the installed one ({b:x})",
]

FAILING_PARTS = [
    "download of the extension package", "goal state fetch", "status upload", "certificate import", "handler enable command",
    "snapshot request", "freeze of the file systems", "thaw of the file systems", "lease renewal", "settings decryption",
]  # fmt: skip
REASONS = ["connection reset by peer", "no space left on device", "permission denied by policy", "timed out waiting for the host", "unexpected reply"]
FAILURES = [
    f"{level} ExtHandler ExtHandler [FAULT-{n:02d}] The {part} failed: {reason}, attempt {{a}} of 6, exit code {n % 20} from pid {{a}}, correlation {{b:x}}"
    for n, (level, part, reason) in enumerate(
        (("ERROR" if (i + j) % 2 else "WARNING"), part, reason) for i, part in enumerate(FAILING_PARTS) for j, reason in enumerate(REASONS)
    )
]
"""50 kinds, each with its own code word."""
