"""The compiled knowledge on disk, so that a warm scan parses no YAML and no grammar.

One file a key: a JSON header line (check sum and length of each part), then the pack as JSON, then the engine's databases. No pickle, no marshal.
It is used only if the folder and the file belong to the effective user and nobody else may write to them, and if the sums fit;
anything else is ignored, rebuilt in memory and reported as a note.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import platform
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from backuptrace.version import __version__

MAX_BYTES = 256 << 20
KEPT = 8
"""Cache files that are kept, the newest ones: one for each set of rule files, engine and version that was used."""
LEFT_S = 3600.0
"""Seconds after which a half-written file is no longer somebody's work."""
_SAFE = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class Header(msgspec.Struct, frozen=True):
    """First line of a cache file: part name -> (SHA-256 as `_sum`, length in bytes), in file order."""

    key: str
    parts: dict[str, tuple[str, int]]


class _UntrustedError(Exception):
    """Why a file or folder must not be trusted."""


def folder() -> Path:
    """$BACKUPTRACE_CACHE, else the user's cache folder. Raises RuntimeError where there is no home."""
    if own := os.environ.get("BACKUPTRACE_CACHE"):
        return Path(own)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        # The XDG Base Directory Specification: a relative path is to be ignored. It would lie in the current folder, maybe in a bundle.
        wanted = Path(os.environ.get("XDG_CACHE_HOME", ""))
        base = wanted if wanted.is_absolute() else Path.home() / ".cache"
    if not base.is_absolute():
        raise RuntimeError("the home folder is not known")
    return base / "backuptrace"


def key(fingerprint: str, engine: str) -> str:
    """Cache key: rule files, the engine, versions of tool, Python and engine, and the processor the databases were made for."""
    parts = [fingerprint, engine, platform.python_version(), platform.machine(), _cpu_flags(), __version__, msgspec.__version__]
    if engine == "hyperscan":  # the only one whose databases are kept
        import hyperscan

        parts.append(getattr(hyperscan, "__version__", ""))  # its annotations do not know it
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def load(name: str, notes: list[str]) -> dict[str, bytes] | None:
    """The parts of a trusted, undamaged cache file; None where there is none. Why one was not used goes to `notes`."""
    try:
        path = folder() / f"{name}.cache"
        raw = _read(path)
    except FileNotFoundError:
        return None
    except (OSError, RuntimeError, ValueError, _UntrustedError) as error:
        notes.append(f"cache not used: {error}")
        return None
    parts = _unpacked(name, raw)
    if parts is None:
        notes.append(f"cache not used: {path} is damaged; it is made anew")
    return parts


def save(name: str, parts: Mapping[str, bytes], notes: list[str]) -> None:
    """Writes the parts for the next scan, atomically; a failure is only a note."""
    header = Header(name, {part: (_sum(name, part, data), len(data)) for part, data in parts.items()})
    try:
        root = folder()
        if not root.exists():
            _make(root)
        _judge(root, root.lstat(), stat.S_ISDIR)
        handle, temporary = tempfile.mkstemp(dir=root, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(msgspec.json.encode(header) + b"\n")
                for data in parts.values():
                    out.write(data)
            Path(temporary).replace(root / f"{name}.cache")
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        _prune(root)
    except (OSError, RuntimeError, ValueError, _UntrustedError) as error:
        notes.append(f"cache not written: {error}")


def _make(root: Path) -> None:
    """The folder and those above it; but root (`sudo` with the user's HOME) leaves no folder of his in another user's home."""
    above = next(parent for parent in root.parents if parent.exists())
    if os.name == "posix" and not os.environ.get("BACKUPTRACE_CACHE") and above.stat().st_uid != os.geteuid():
        raise _UntrustedError(f"{above} belongs to another user")
    for parent in reversed(root.parents):
        parent.mkdir(mode=0o700, exist_ok=True)
    root.mkdir(mode=0o700, exist_ok=True)


def _prune(root: Path) -> None:
    """Removes the caches that were written the longest time ago, and what a writer left that was killed."""
    with os.scandir(root) as found:
        entries = sorted(found, key=_written, reverse=True)
    old = [entry for entry in entries if entry.name.endswith(".cache")][KEPT:]
    left = [entry for entry in entries if entry.name.startswith(".new-") and _written(entry) < time.time() - LEFT_S]
    for entry in old + left:
        with contextlib.suppress(OSError):
            Path(entry.path).unlink()


def _written(entry: os.DirEntry[str]) -> float:
    try:
        return entry.stat(follow_symlinks=False).st_mtime
    except OSError:  # another process was quicker
        return 0.0


def _read(path: Path) -> bytes:
    """The bytes of a trusted file. Both are opened first and judged then, so that neither can be exchanged in between. Raises OSError, _UntrustedError."""
    if os.name != "posix":
        _judge(path.parent, path.parent.lstat(), stat.S_ISDIR)
        _judge(path, path.lstat(), stat.S_ISREG)
        return path.read_bytes()
    above = _opened(path.parent, os.O_RDONLY | os.O_DIRECTORY | _SAFE)
    try:
        _judge(path.parent, os.fstat(above), stat.S_ISDIR)
        handle = _opened(path, os.O_RDONLY | _SAFE, above)
    finally:
        os.close(above)
    try:
        _judge(path, os.fstat(handle), stat.S_ISREG)
        with os.fdopen(handle, "rb", closefd=False) as file:
            return file.read(MAX_BYTES + 1)
    finally:
        os.close(handle)


def _opened(path: Path, flags: int, above: int | None = None) -> int:
    """Opens without following a link at the end of the path. Raises OSError, _UntrustedError (a link)."""
    try:
        return os.open(path if above is None else path.name, flags, dir_fd=above)
    except OSError as error:
        if error.errno == errno.ELOOP or (error.errno == errno.ENOTDIR and path.is_symlink()):
            raise _UntrustedError(f"{path} is a link") from error
        raise


def _unpacked(name: str, raw: bytes) -> dict[str, bytes] | None:
    line, _, body = raw.partition(b"\n")
    try:
        header = msgspec.json.decode(line, type=Header)
    except (msgspec.DecodeError, RecursionError):
        return None
    lengths = [length for _, length in header.parts.values()]
    if header.key != name or min(lengths, default=-1) < 0 or sum(lengths) != len(body):
        return None
    parts, at = {}, 0
    for part, (digest, length) in header.parts.items():
        data = body[at : at + length]
        at += length
        if _sum(name, part, data) != digest:
            return None
        parts[part] = data
    return parts


def _sum(key_: str, part: str, data: bytes) -> str:
    """SHA-256 of a part with the names it goes by, so that none can be taken for another."""
    digest = hashlib.sha256(f"{key_}\0{part}\0".encode("utf-8", "surrogatepass"))
    digest.update(data)
    return digest.hexdigest()


def _judge(path: Path, found: os.stat_result, kind: Callable[[int], bool]) -> None:
    """Raises _UntrustedError unless the file or folder is one and nobody else can have written it."""
    if stat.S_ISLNK(found.st_mode):
        raise _UntrustedError(f"{path} is a link")
    if not kind(found.st_mode):
        raise _UntrustedError(f"{path} is no folder" if kind is stat.S_ISDIR else f"{path} is no regular file")
    if found.st_size > MAX_BYTES:
        raise _UntrustedError(f"{path} is larger than {MAX_BYTES} bytes")
    if os.name != "posix":
        return
    if found.st_uid != os.geteuid():
        raise _UntrustedError(f"{path} belongs to another user")
    if found.st_mode & 0o022:
        raise _UntrustedError(f"{path} may be written by others")


def _cpu_flags() -> str:
    try:
        with Path("/proc/cpuinfo").open("rb") as lines:
            return next((line.decode("ascii", "replace") for line in lines if line.startswith((b"flags", b"Features"))), "")
    except OSError:
        return platform.processor()
