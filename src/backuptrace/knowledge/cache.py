"""The compiled knowledge on disk, so that a warm scan parses no YAML and no grammar.

One file a key: a JSON header line (SHA-256 and length of each part), then the pack as JSON, then the engine's databases. No pickle, no marshal.
It is used only if the folder and the file belong to the effective user and nobody else may write to them, and if the sums fit;
anything else is ignored, rebuilt in memory and reported as a note.
"""

from __future__ import annotations

import hashlib
import os
import platform
import stat
import sys
import tempfile
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec

MAX_BYTES = 256 << 20


class Header(msgspec.Struct, frozen=True):
    """First line of a cache file: part name -> (SHA-256, length in bytes), in file order."""

    key: str
    parts: dict[str, tuple[str, int]]


def folder() -> Path:
    """$BACKUPTRACE_CACHE, else the user's cache folder."""
    if own := os.environ.get("BACKUPTRACE_CACHE"):
        return Path(own)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "backuptrace"


def key(fingerprint: str, engine: str) -> str:
    """Cache key: rule files, the engine, versions of tool, Python and engine, and the processor the databases were made for."""
    parts = [fingerprint, engine, platform.python_version(), platform.machine(), _cpu_flags()]
    for package in ("backuptrace", "hyperscan", "msgspec"):
        try:
            parts.append(version(package))
        except PackageNotFoundError:
            parts.append("-")
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def load(name: str, notes: list[str]) -> dict[str, bytes] | None:
    """The parts of a trusted, undamaged cache file; None where there is none. Why one was not used goes to `notes`."""
    path = folder() / f"{name}.cache"
    try:
        if why := _untrusted(folder()) or _untrusted(path):
            notes.append(f"cache not used: {why}")
            return None
        raw = path.read_bytes()
    except FileNotFoundError:
        return None
    except (OSError, RuntimeError) as error:
        notes.append(f"cache not used: {error}")
        return None
    parts = _unpacked(name, raw)
    if parts is None:
        notes.append(f"cache not used: {path} is damaged; it is made anew")
    return parts


def save(name: str, parts: Mapping[str, bytes], notes: list[str]) -> None:
    """Writes the parts for the next scan, atomically; a failure is only a note."""
    header = Header(name, {part: (hashlib.sha256(data).hexdigest(), len(data)) for part, data in parts.items()})
    try:
        root = folder()
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        if why := _untrusted(root):
            notes.append(f"cache not written: {why}")
            return
        handle, temporary = tempfile.mkstemp(dir=root, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(msgspec.json.encode(header) + b"\n")
                for data in parts.values():
                    out.write(data)
            Path(temporary).replace(root / f"{name}.cache")
        except OSError:
            Path(temporary).unlink(missing_ok=True)
            raise
    except (OSError, RuntimeError) as error:
        notes.append(f"cache not written: {error}")


def _unpacked(name: str, raw: bytes) -> dict[str, bytes] | None:
    line, _, body = raw.partition(b"\n")
    try:
        header = msgspec.json.decode(line, type=Header)
    except (msgspec.DecodeError, RecursionError):
        return None
    if header.key != name or sum(length for _, length in header.parts.values()) != len(body):
        return None
    parts, at = {}, 0
    for part, (digest, length) in header.parts.items():
        data = body[at : at + length]
        at += length
        if hashlib.sha256(data).hexdigest() != digest:
            return None
        parts[part] = data
    return parts


def _untrusted(path: Path) -> str:
    """Why this file or folder must not be trusted, "" if it may. Raises OSError where it cannot be looked at."""
    found = path.lstat()
    if stat.S_ISLNK(found.st_mode):
        return f"{path} is a link"
    if found.st_size > MAX_BYTES:
        return f"{path} is larger than {MAX_BYTES} bytes"
    if os.name != "posix":
        return ""
    if found.st_uid != os.geteuid():
        return f"{path} belongs to another user"
    return f"{path} may be written by others" if found.st_mode & 0o022 else ""


def _cpu_flags() -> str:
    try:
        with Path("/proc/cpuinfo").open("rb") as lines:
            return next((line.decode("ascii", "replace") for line in lines if line.startswith((b"flags", b"Features"))), "")
    except OSError:
        return platform.processor()
