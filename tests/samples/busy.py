"""Two healthy weeks of a busy VM, with the noise that such machines write: retries, recoveries, short outages, restarts, foreign extensions.

Every night's backup works but one, which the next night makes good. What each line says and how often it comes is taken from the source of the
agent and of the extension and from runs of both; ids, names and times are made up. The same profile and seed give the same bundle.
"""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterable
from datetime import datetime, timedelta

from .machine import DAY, EXTENSION, FOREIGN, HANDLER, HOUR, MINUTE, WEEKS, Profile, Streams
from .writing import Files


def start(out: Streams, at: datetime, version: str, *, boot: bool) -> datetime:
    """The agent starts, on a fresh boot or by hand; returns when it works."""
    log, second = out.log, timedelta(seconds=1)
    if boot:
        out.sys(at - 20 * second, "kernel: [    0.000000] Linux version 5.15.0-1064-azure (buildd@lcy02) #73 SMP")
        out.sys(at - 18 * second, "kernel: [    2.311002] EXT4-fs (sda1): mounted filesystem with ordered data mode")
        out.sys(at - 9 * second, "dhclient[611]: DHCPACK of 10.0.0.4 from 168.63.129.16")
    out.sys(at - second, "systemd[1]: Started Azure Linux Agent.")
    for text, level in (
        (f"Azure Linux Agent Version: {out.profile.agent}", "INFO"),
        (f"OS: {out.profile.distro}", "INFO"),
        (f"Python: {out.profile.python}", "INFO"),
        ("Run daemon", "INFO"),
        ("Provisioning already completed, skipping.", "INFO"),
        ("Detect protocol endpoint", "INFO"),
        ("WireServer endpoint is not found. Rerun dhcp handler", "INFO"),
        ("Test for route to 168.63.129.16", "INFO"),
        ("No route exists to 168.63.129.16", "WARNING"),
        ("Send dhcp request", "INFO"),
        ("Wire server endpoint:168.63.129.16", "INFO"),
        ("Fabric preferred wire protocol version:2015-04-05", "INFO"),
        ("Wire protocol version:2012-11-30", "INFO"),
        ("RDMA capabilities are not enabled, skipping", "INFO"),
    ):
        log(at, text, level, "Daemon", "Daemon")
        at += timedelta(milliseconds=7)
    if out.old("2.2.48"):
        log(at, "Could not mount cgroups: [Errno 2] No such file or directory: '/sys/fs/cgroup/memory'", "WARNING", "Daemon", "Daemon")
    else:
        log(at, f"Failed to decrypt /var/lib/waagent/Certificates.p7m (return code: 1)\n[stdout]\n\n[stderr]\n{'00DED7:error:0308010C:digital envelope routines:unsupported'}",
            "ERROR", "Daemon", "Daemon") if boot and "redhat" in out.profile.distro else None  # fmt: skip
    at += second
    if not out.old("2.2.49"):
        log(at, f"Azure Linux Agent (Goal State Agent version {version})")
    log(at, f"WALinuxAgent-{version} running as process {900 + at.day}")
    log(at, "Cgroup monitoring is not supported on ['busy', '1']" if out.old("2.13") else "[CGI] Agent cgroups enabled: False")
    log(at, "Dhcp client is not running.", "WARNING", "EnvHandler")
    if not out.old("2.11"):
        log(
            at,
            "Failed to completely clear the /var/log/azure/Contoso/events directory. Exception: [Errno 21] Is a directory: 'x'",
            "ERROR",
            "TelemetryEventsCollector",
        )
    log(at + second, "Goal state initialization completed.")
    return at + 2 * second


def stop(out: Streams, at: datetime, version: str, *, reboot: bool) -> None:
    if reboot:
        out.sys(at - timedelta(seconds=2), "systemd-logind[611]: System is rebooting.")
    out.sys(at - timedelta(seconds=1), "systemd[1]: Stopping Azure Linux Agent...")
    out.log(at, f"Agent WALinuxAgent-{out.profile.agent} forwarding signal 15 to WALinuxAgent-{version}", thread="Daemon", prefix="Daemon")
    if reboot:
        out.sys(at + timedelta(seconds=1), "systemd[1]: Reached target Reboot.")


def backup(out: Streams, at: datetime, number: int, *, good: bool = True) -> None:
    """One night's job, through the agent and the extension; a bad one ends with code 121."""
    log, second, ms = out.log, timedelta(seconds=1), timedelta(milliseconds=1)
    handler = f"[{HANDLER}-1.0.9120.0]"
    task = f"5e0b7a10-0000-4000-8000-{number:012d}"
    name, colon = (f"[incarnation {number + 2}]", "") if out.old("2.3") else (f"[incarnation_{number + 2}]", ":")
    if out.old("2.3"):
        log(at, f"Fetching new goal state [incarnation {number + 2} (new incarnation)]")
    else:
        log(at, f"Fetched a new incarnation for the WireServer goal state [incarnation {number + 2}]", prefix="")
        log(
            at + ms,
            f"ProcessExtensionsGoalState started [incarnation_{number + 2} channel: WireServer source: Fabric activity: {task} correlation {task} created: x]",
            prefix="",
        )
    log(at + 2 * ms, f"Target handler state: enabled {name}", prefix=handler)
    log(at + 3 * ms, "[Enable] current handler state is: enabled", prefix=handler)
    log(at + 4 * ms, f"Update settings file: {number}.settings", prefix=handler)
    log(at + 5 * ms, f"Enable extension{colon} [main/handle.sh enable]", prefix=handler)
    out.sh(at + second, f"ConfigSequenceNumber from environment variable seqNo:{number}")
    out.sh(at + second, "python3 path exists")
    t = at + 2 * second
    for text in (
        "starting enable",
        "Successfully decrypted protected settings using CMS command",
        f"taskId: {task}",
        "Enable,success,4,Transitioning state in extension,False",
    ):
        out.ext(t, text)
        t += 31 * ms
    out.sh(t, "0 returned from handle.py")
    out.command.append(
        (
            t,
            f"{t:%Y-%m-%dT%H:%M:%S.%f}Z INFO ExtHandler {handler} Command: main/handle.sh enable\n[stdout]\n\n[stderr]\nenv: 'python': No such file or directory",
        )
    )
    log(t, "Command: main/handle.sh enable\n[stdout]\n\n[stderr]\nenv: 'python': No such file or directory", prefix=handler)
    log(
        t + second,
        f"ProcessGoalState completed [incarnation {number + 2}; 7228 ms]"
        if out.old("2.8")
        else f"ProcessExtensionsGoalState completed [incarnation_{number + 2} 7228 ms]",
    )
    t += 2 * second
    for text in (
        "starting daemon initially", f"taskId: {task}", "unable to detect disk topology", "start calling the presnapshot rest api", "PreSnapshot: Status Code: 200",
        "Plugin host file does not exist in the location /etc/azure/VMSnapshotScriptPluginConfig.json",
        "Triggering File System Consistent Backup because of error code StatusCode.FailedPrepostPluginConfigNotFound,", "Taking Snapshot through Host",
    ):  # fmt: skip
        out.ext(t, text)
        t += 57 * ms
    freeze = t
    t += 5 * second
    out.extension.append((t, "================== Logs during Freeze Start =============="))
    for after, text in ((0, "****** 1. Starting Freeze Binary "), (900, "****** 4. Freeze Completed (Signal=1 received)"), (950, "****** 5. Snaphotting (Host) Started"),
                        (1400, "****** 6. Snaphotting (Host) Completed"), (1420, "****** 7. Sending Thaw Signal to Binary")):  # fmt: skip
        if good or not after:
            out.frozen(freeze + after * ms, text)
    if not good:
        out.frozen(freeze + 900 * ms, "freeze failed for some mount")
    out.extension.append((t, "================== Logs during Freeze End =============="))
    if not good:
        out.ext(t, f"{out.local(t):%Y-%m-%d %H:%M:%S} Failed to FIFREEZE: /srv/data with error message: Device or resource busy")
    out.ext(t + second, "snapshot Failed to call http with error: timed out while writing the status blob; retrying")
    out.ext(t + 2 * second, "Enable,success,1,,False" if good else "Enable,error,121,T:S Enable failed with error: freeze failed for some mount,False")
    out.sh(t + 3 * second, "0 returned from handle.py")
    log(t + 6 * second, f"Extension status: [('{HANDLER}', 'success')]", prefix="")
    log(t + 6 * second, f"All extensions in the goal state have reached a terminal state: [('{HANDLER}', 'success')]", prefix="")


def outage(out: Streams, at: datetime) -> None:
    """Two minutes without the wire server, storage and the host's plug-in."""
    log, host = out.log, "http://168.63.129.16"
    if out.old("2.3"):
        reason = f"[ProtocolError] [Wireserver Exception] [HttpError] [HTTP Failed] GET {host}/machine/?comp=goalstate -- IOError timed out -- 6 attempts made"
        log(at, f"Exception processing goal state, giving up: [{reason}]", "ERROR")
        log(at + 2 * MINUTE, f"[PERIODIC] Request failed using the direct channel, switching to host plugin. Error: {reason}")
        log(at + 2 * MINUTE, "ProcessGoalState completed [incarnation 3; 51 ms]")
        return
    words = ("An error occurred while retrieving the goal state", "Retrieving") if out.old("2.8") else ("Error fetching the goal state", "Fetching")
    for n in range(3):
        reason = f"[ProtocolError] [Wireserver Exception] [HttpError] [HTTP Failed] GET {host}/machine/?comp=goalstate -- IOError timed out -- 6 attempts made"
        log(at + n * timedelta(seconds=36), f"{words[0]}: {reason}", "ERROR")
    log(at + MINUTE, f"Error in SendHostPluginHeartbeat: [HttpError] [HTTP Failed] GET {host}:32526/health -- IOError timed out -- 1 attempts made --- [NOTE: Will not log the same error for the next hour]",
        "WARNING", "MonitorHandler")  # fmt: skip
    log(
        at + MINUTE,
        f"HealthService: could not report observations: [HttpError] [HTTP Failed] POST {host}:80/HealthService -- IOError timed out -- 6 attempts made",
        "WARNING",
    )
    log(at + MINUTE, "Event: name=WALinuxAgent, op=ReportEventErrors, message=DroppedEventsCount: 1\nReasons (first 5 errors): [ProtocolError] [Wireserver Exception] "
        f"[HttpError] [HTTP Failed] POST {host}/machine?comp=telemetrydata -- IOError timed out -- 6 attempts made, duration=0", "ERROR", "SendTelemetryHandler")  # fmt: skip
    log(at + 2 * MINUTE, f"{words[1]} the goal state recovered from previous errors. Fetched incarnation_9 (certificates: ['7F00'])")


def grumbles(out: Streams, at: datetime, day: int) -> None:
    """What else a day brings: every entry is harmless or was made good."""
    log, r = out.log, out.random
    foreign, soon = f"[{FOREIGN}]", timedelta(seconds=9)
    later = [at + timedelta(minutes=r.randrange(60, 1000)) for _ in range(10)]
    log(
        later[0],
        "Command: bin/enable.sh\n[stdout]\nwarning: cannot write /mnt/cache: [Errno 28] No space left on device\n[stderr]\nModuleNotFoundError: No module named 'imp'\nMemoryError",
        prefix=foreign,
    )
    log(later[1], "Event: name=Contoso.Monitoring.LinuxAgent, op=Enable, message=[ExtensionOperationError] Non-zero exit code: 51, /var/lib/waagent/Contoso.Monitoring.LinuxAgent-1.14.2/enable.sh\n"
        "[stderr]\nE: Could not get lock /var/lib/dpkg/lock, duration=4000", "ERROR") if day % 4 == 1 else None  # fmt: skip
    if day % 4 == 1:
        log(later[1] + 3 * MINUTE, "All extensions in the goal state have reached a terminal state: [('Contoso.Monitoring.LinuxAgent', 'success')]", prefix="")
    if not out.old("2.7"):
        log(
            later[2],
            "Error fetching the goal state: [ProtocolError] GET vmSettings [correlation ID: 0 eTag: 1]: [Internal error in HostGAPlugin] [HTTP Failed] [502: Bad Gateway] b''",
            "ERROR",
        )
        log(later[2] + soon, "Fetching the goal state recovered from previous errors. Fetched incarnation_4 (certificates: [])")
        log(later[3], "The HostGAPlugin stopped supporting the vmSettings API. If there is a pending FastTrack goal state, it will not be executed.", "WARNING")
        log(
            later[4],
            "Fetch failed from [https://store.blob.core.windows.net/m.xml]: [HttpError] [HTTP Failed] GET https://store.blob.core.windows.net/m.xml -- IOError timed out -- 6 attempts made",
            "WARNING",
        )
        log(later[4] + soon, "Default channel changed to HostGAPlugin channel.")
        log(later[4] + 2 * soon, "Default channel changed to Direct channel.")
        log(
            later[5],
            'Event: name=WALinuxAgent, op=HealthObservation, message={"ObservationName": "InstanceMetadataHeartbeat", "IsHealthy": false}, duration=0',
            "ERROR",
        )
        log(later[6], "The firewall is not configured correctly. The following rules are missing: ['ACCEPT DNS']. Will reset it. Current state:\n"
            "Chain OUTPUT (policy ACCEPT 0 packets, 0 bytes)\n       0        0 DROP       tcp  --  *      *       0.0.0.0/0            168.63.129.16        ctstate INVALID,NEW", "WARNING", "EnvHandler")  # fmt: skip
        log(
            later[7],
            "The extensions goal state is out of sync with the tenant cert. Certificate 00AA, needed by Contoso.Monitoring.LinuxAgent, is missing.",
            "WARNING",
        ) if day == 6 else None
        log(later[8], "[CGI] Disabling resource usage monitoring. Reason: the agent is within an unexpected slice: system.slice", "WARNING")
        log(later[9], "Successfully uploaded logs.", prefix="CollectLogsHandler", thread="CollectLogsHandler")
    else:
        log(later[2], "Agent auto-update is disabled.", "WARNING")
        log(later[3], "Failed to send DHCP request: [DhcpError] timed out", "WARNING") if day == 3 else None
        log(later[3] + soon, "Wire server endpoint:168.63.129.16") if day == 3 else None
    log(later[8], "Daemon is already running: 812", thread="Daemon", prefix="Daemon") if day == 8 else None
    if day % 5 == 2:
        outage(out, later[9])
    s = out.sys
    s(later[0], "kernel: [93811.1] Out of memory: Killed process 4711 (java) total-vm:9123440kB, anon-rss:7123440kB")
    s(later[1], "app[2201]: java.io.IOException: No space left on device")
    s(
        later[2],
        'kernel: audit: type=1400 audit(1772425867.1:12): avc:  denied  { write } for  pid=812 comm="waagent" name="x" scontext=u:r:waagent_t tcontext=u:o:var_t tclass=file permissive=1',
    )
    s(
        later[3],
        'kernel: audit: type=1400 audit(1772425867.2:13): avc:  denied  { getattr } for  pid=977 comm="httpd" path="/srv/www" scontext=u:r:httpd_t tclass=dir permissive=0',
    )
    s(later[4], "backupjob.py[1188]: ModuleNotFoundError: No module named 'yaml'")
    s(later[5], "sshd[2211]: Failed password for invalid user admin from 203.0.113.9 port 4022 ssh2")
    s(later[6], "systemd[1]: contoso.service: Main process exited, code=exited, status=1/FAILURE")
    s(later[6], "systemd[1]: contoso.service: Start request repeated too quickly.")
    s(later[7], "systemd-networkd[520]: eth0: DHCP lease lost")
    s(later[7] + soon, "systemd-networkd[520]: eth0: DHCPv4 address 10.0.0.4/24 via 10.0.0.1")
    s(later[8], "chronyd[540]: System clock wrong by 0.412204 seconds")


def lives(out: Streams, begin: datetime, end: datetime, version: str) -> None:
    """Heartbeats of the agent, every half hour, from a start to a stop, and the machine's own routine."""
    t, beat = begin, 0
    while t < end:
        if out.old("2.2.46"):
            out.log(t, "Event: name=WALinuxAgent, op=HeartBeat, message=, duration=0")
        elif out.old("2.2.49"):
            out.log(t, f"[HEARTBEAT] Agent WALinuxAgent-{version} is running as the goal state agent")
        else:
            out.log(
                t,
                f"[HEARTBEAT] Agent WALinuxAgent-{version} is running as the goal state agent [DEBUG HeartbeatCounter: {beat};HeartbeatId: 8B7DF1;UpdateGSErrors: {2 if beat % 40 == 9 else 0};AutoUpdate: 1]",
            )
        beat += 1
        t += 30 * MINUTE + timedelta(seconds=out.random.randrange(5))


def routine(out: Streams, begin: datetime, end: datetime) -> None:
    t = begin
    while t < end:
        if out.profile.cron:
            out.sys(t, "CRON[4711]: (root) CMD (   cd / && run-parts --report /etc/cron.hourly)")
        if out.profile.dense:
            out.sys(t + MINUTE, "systemd[1]: Starting Refresh fwupd metadata and update motd...")
            out.sys(t + MINUTE, "systemd[1]: Finished Refresh fwupd metadata and update motd.")
        t += (20 * MINUTE if out.profile.dense else 3 * HOUR) + timedelta(seconds=out.random.randrange(90))


def weeks(profile: Profile, seed: int, *, backups: bool = True) -> Files:
    """The bundle of two weeks; without `backups` the noise alone."""
    r = random.Random(seed)
    begun = profile.begin
    out = Streams(profile, r)
    end = begun + WEEKS + timedelta(minutes=r.randrange(600))
    reboot = begun + 9 * DAY + timedelta(minutes=r.randrange(300))
    hand = begun + 3 * DAY + timedelta(minutes=r.randrange(300))
    cuts = [(begun, True), (hand, False), (reboot, True)]
    if profile.off:
        cuts.append((begun + profile.off[1] * DAY, True))
    cuts.sort()
    version = profile.agent
    for place, (begin, boot) in enumerate(cuts):
        until = cuts[place + 1][0] - timedelta(seconds=40 if cuts[place + 1][1] else 3) if place + 1 < len(cuts) else end
        if profile.off and begin < begun + profile.off[0] * DAY < until:
            until = begun + profile.off[0] * DAY
        if begin >= reboot and profile.newer:
            version = profile.newer
        works = start(out, begin, version, boot=boot)
        lives(out, works, until, version)
        routine(out, works, until)
        if until != end:
            stop(out, until, version, reboot=boot)
    for day in range(14):
        at = begun + day * DAY + 18 * HOUR + timedelta(minutes=r.randrange(40))
        asleep = profile.off and profile.off[0] * DAY - DAY <= at - begun <= profile.off[1] * DAY
        if not asleep:
            if backups:
                backup(out, at, day, good=day != 10)
            grumbles(out, begun + day * DAY + HOUR, day)
    last = max(when for when, _ in out.agent if when < end)
    collected = min(end, last + profile.quiet_end)
    return _files(out, collected)


def _files(out: Streams, collected: datetime) -> Files:
    profile = out.profile
    files = {
        **_rotated("var/log/waagent.log", sorted(out.agent), collected, timedelta(minutes=20) if profile.fresh else 5 * DAY),
        EXTENSION + "extension.log": _text(line for when, line in out.extension if when <= collected),
        EXTENSION + "shell.log": _text(line for when, line in out.shell if when <= collected),
        EXTENSION + "CommandExecution.log": _text(line for when, line in out.command if when <= collected),
        "etc/waagent.conf": b"Extensions.Enabled=y\nProvisioning.Agent=auto\nLogs.Verbose=n\nAutoUpdate.Enabled=y\n",
        "etc/os-release": f'ID={profile.distro.split()[0]}\nVERSION_ID="{profile.distro.split()[1]}"\n'.encode(),
    }
    if profile.syslog:
        out.sys(collected - timedelta(seconds=2), "sudo: admin : TTY=pts/0 ; PWD=/home/admin ; USER=root ; COMMAND=/usr/bin/tar czf /tmp/logs.tgz /var/log")
        files |= _rotated(f"var/log/{profile.syslog}", sorted(out.system), collected, 7 * DAY)
    if profile.named:
        files["etc/timezone"] = (profile.zone or {0: "Etc/UTC", 2: "Africa/Johannesburg", -7: "America/Phoenix"}[profile.hours]).encode() + b"\n"
    return files


def _rotated(path: str, lines: list[tuple[datetime, str]], collected: datetime, newest: timedelta) -> Files:
    """As logrotate leaves them: the newest part plain (perhaps empty), older ones of five days packed."""
    parts: dict[int, list[str]] = {0: []}
    for when, line in lines:
        if when <= collected:
            parts.setdefault(0 if collected - when < newest else 1 + (collected - when - newest) // (5 * DAY), []).append(line)
    return {path if not age else f"{path}.{age}.gz": _text(part) if not age else gzip.compress(_text(part), mtime=0) for age, part in sorted(parts.items())}


def _text(lines: Iterable[str]) -> bytes:
    return b"".join(line.encode() + b"\n" for line in lines)
