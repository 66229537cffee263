"""Sample bundles read, changed and packed again.

A bundle is a dict: inner path -> bytes. Rotated `.gz` logs stay packed in it; changes of text reach into them.
"""

from __future__ import annotations

import gzip
import io
import re
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path, PurePosixPath
from typing import Literal

import msgspec

Files = dict[str, bytes]
TICKS_OF_A_DAY = 864_000_000_000
"""In units of 100 ns, as commandStartTimeUTCTicks counts them since the year 1."""
LOGS = "var/log/"
SYSTEM_LOGS = ("syslog", "messages")


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """case.yml: what is wrong in a sample. `cause` is `none` where nothing is; `also` are causes that may be supported besides."""

    origin: str
    cause: str
    outcome: Literal["explained", "recovered", "no-failure-seen", "unexplained"]
    code: str | None
    evidence: str
    note: str
    also: list[str] = []


class Sample(msgspec.Struct, frozen=True):
    """One folder below sample_logs/<os>: the case and the bundle, which is the folder itself or an archive in it."""

    name: str
    case: Case
    bundle: Path

    @property
    def faulty(self) -> bool:
        return self.case.cause != "none"

    @property
    def supported(self) -> set[str]:
        """The causes that may be supported."""
        return ({self.case.cause} if self.faulty else set()) | set(self.case.also)

    def files(self) -> Files:
        """The bundle without case.yml, whatever it is packed in; paths without the prefix that an archive may put before them."""
        if self.bundle.is_dir():
            found = sorted(path for path in self.bundle.rglob("*") if path.is_file() and path.name != "case.yml")
            return {path.relative_to(self.bundle).as_posix(): path.read_bytes() for path in found}
        files = dict(_unpacked(self.bundle))
        prefix = next((path.removesuffix("etc/waagent.conf") for path in files if path.endswith("etc/waagent.conf")), "")
        return {path.removeprefix(prefix): data for path, data in files.items()}


def samples(root: Path, system: str = "linux") -> list[Sample]:
    """All samples of a system below a folder such as sample_logs, by name."""
    out = []
    for path in sorted(root.glob(f"{system}/*/case.yml")):
        case = msgspec.yaml.decode(path.read_bytes(), type=Case)
        archives = sorted(path.parent.glob("bundle.*"))
        out.append(Sample(path.parent.name, case, archives[0] if archives else path.parent))
    return out


def _unpacked(archive: Path) -> Iterator[tuple[str, bytes]]:
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as packed:
            yield from ((name, packed.read(name)) for name in packed.namelist())
        return
    with tarfile.open(archive) as bundle:
        for member in bundle:
            stream = bundle.extractfile(member)
            if stream is not None:
                yield member.name, stream.read()


def folder(files: Files, to: Path) -> Path:
    """Writes a bundle as a folder."""
    for name, data in files.items():
        path = to / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return to


def zipped(files: Files, to: Path, prefix: str = "") -> Path:
    """Writes a bundle as a zip."""
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(prefix + name, (2026, 12, 30, 12, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return to


def tarred(files: Files, to: Path, prefix: str = "") -> Path:
    """Writes a bundle as a tar.gz whose members have no useful times."""
    with tarfile.open(to, "w:gz", compresslevel=1) as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(prefix + name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return to


def changed(files: Files, change: Callable[[bytes], bytes]) -> Files:
    """Every text of a bundle changed, those in rotated logs too; archives in the bundle are left as they are."""

    def one(name: str, data: bytes) -> bytes:
        if name.endswith(".gz"):
            return gzip.compress(change(gzip.decompress(data)), mtime=0)
        return data if name.endswith(".zip") else change(data)

    return {name: one(name, data) for name, data in files.items()}


def crlf(files: Files) -> Files:
    """With the line ends of Windows, as after a transfer in text mode."""
    return changed(files, lambda data: data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))


def without(files: Files, part: str) -> Files:
    """Without the files whose path holds `part`."""
    return {name: data for name, data in files.items() if part not in name}


def flat(files: Files) -> Files:
    """All files that are looked at first, in one folder by their base names, as people send them."""
    wanted = ("waagent.log", "waagent.conf", "syslog", "messages", "extension.log", "shell.log")
    return {PurePosixPath(name).name: data for name, data in files.items() if name.endswith(wanted)}


def joined(older: Files, newer: Files) -> Files:
    """The agent's logs of one time followed by those of a later time in the same files; all else, which tells the present state, is that of the later time."""
    logs = {name: data for name, data in older.items() if name.startswith(LOGS) and not name.endswith(SYSTEM_LOGS)}
    return {**logs, **{name: logs.get(name, b"") + data for name, data in newer.items()}}


_ISO = re.compile(rb"(?<![0-9])(20[0-9]{2})([-/])([01][0-9])\2([0-3][0-9])(?=[ T][0-2][0-9][:-])")
_SYSLOG = re.compile(rb"^([A-Z][a-z]{2}) ([ 0-9][0-9])(?= [0-2][0-9]:[0-5][0-9]:[0-5][0-9] )", re.MULTILINE)
_UNIX = re.compile(rb"^[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([ 0-9][0-9]) ([0-9:]{8} [A-Z]{3}) (20[0-9]{2})(?=- )", re.MULTILINE)
_MILLISECONDS = re.compile(rb"(?<=Date\()([0-9]{13})(?=\))")
_TICKS = re.compile(rb"(?<![0-9])(6[34][0-9]{16})(?![0-9])")


def newest(files: Files) -> datetime:
    """The latest stamp with a year that begins a line of a log (its day is what counts here)."""
    return max(_days(files))


def oldest(files: Files) -> datetime:
    return min(_days(files))


def _days(files: Files) -> list[datetime]:
    days: list[datetime] = []

    def note(data: bytes) -> bytes:
        days.extend(datetime(int(y), int(m), int(d), tzinfo=timezone.utc) for y, _, m, d in _ISO.findall(data))
        return data

    changed({name: data for name, data in files.items() if name.startswith(LOGS)}, note)
    return days


def moved(files: Files, days: int) -> Files:
    """All stamps later by whole days (earlier where negative): of lines, in lines, in JSON and in the ticks of the platform's command."""
    by = timedelta(days=days)
    year = newest(files).year

    def iso(found: re.Match[bytes]) -> bytes:
        y, sep, m, d = found.groups()
        return (datetime(int(y), int(m), int(d), tzinfo=timezone.utc) + by).strftime(f"%Y{sep.decode()}%m{sep.decode()}%d").encode()

    def syslog(found: re.Match[bytes]) -> bytes:
        day = datetime.strptime(f"{found[1].decode()} {found[2].decode()} {year} +0000", "%b %d %Y %z") + by
        return day.strftime("%b %e").encode()

    def unix(found: re.Match[bytes]) -> bytes:
        day = datetime.strptime(f"{found[1].decode()} {found[2].decode()} {found[4].decode()} +0000", "%b %d %Y %z") + by
        return day.strftime(f"%a %b %e {found[3].decode()} %Y").encode()

    def change(data: bytes) -> bytes:
        data = _UNIX.sub(unix, _SYSLOG.sub(syslog, _ISO.sub(iso, data)))
        data = _MILLISECONDS.sub(lambda found: b"%d" % (int(found[1]) + days * 86_400_000), data)
        return _TICKS.sub(lambda found: b"%d" % (int(found[1]) + days * TICKS_OF_A_DAY), data)

    return changed(files, change)


_AGENT_LINE = re.compile(rb"^(20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-9:]{8})(\.[0-9]+)Z ([A-Z]+) [A-Z][A-Za-z]+ ((?:Daemon|ExtHandler|\[\S+\]) )?", re.MULTILINE)


_PRINTED = re.compile(rb"(-1\.0\]|Info  )(20[0-9]{2}-[01][0-9]-[0-3][0-9] [0-9:]{8})(?= [^ ])")


def as_agent_2_2(files: Files, hours: int) -> Files:
    """waagent.log as agents up to 2.2.45 write it: local time without a zone (UTC plus `hours`), no thread, and no CommandExecution.log or system log beside it.

    What safefreeze printed into extension.log is local time too.
    """

    def line(found: re.Match[bytes]) -> bytes:
        local = datetime.fromisoformat(found[1].decode()) + timedelta(hours=hours)
        return local.strftime("%Y/%m/%d %H:%M:%S").encode() + found[2] + b" " + found[3] + b" " + (found[4] or b"ExtHandler ")

    old = {name: data for name, data in files.items() if "CommandExecution" not in name and not name.endswith(SYSTEM_LOGS)}

    def printed(found: re.Match[bytes]) -> bytes:
        return found[1] + (datetime.fromisoformat(found[2].decode()) + timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M:%S").encode()

    logs = {name: data for name, data in old.items() if PurePosixPath(name).name.startswith("waagent.log")}
    extension = {name: data for name, data in old.items() if name.endswith("extension.log")}
    return {**old, **changed(logs, lambda data: _AGENT_LINE.sub(line, data)), **changed(extension, lambda data: _PRINTED.sub(printed, data))}
