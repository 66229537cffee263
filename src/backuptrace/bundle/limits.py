"""How much a bundle may cost. Bundles come from strangers: a few kilobytes can expand to petabytes, or list themselves for ever."""

from __future__ import annotations

import msgspec

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30


class Limits(msgspec.Struct, frozen=True):
    """Bounds for one pass over a bundle; sizes in bytes. Plain files of a folder are no expansion: only `count` and `path` hold for them.

    member: one decompressed member (waagent cuts its own logs.zip at 150 MB in all; the longest real logs are some GB);
    ratio: decompressed to compressed, judged once a member has given `ratio_from` bytes (deflate reaches 1032:1 at most, logs 10:1 to 50:1);
    total: everything that is decompressed or spooled in one pass, members that are only skipped included;
    depth: archives within archives (logs.zip in a tar.gz with history/*.zip in it is 3); count: entries seen, links and folders included;
    path: the length of one name in characters (Linux: PATH_MAX); spool: a nested archive that needs seeking, of which `spool_memory` stay in memory.
    """

    member: int = 8 * GIB
    ratio: int = 1000
    ratio_from: int = 16 * MIB
    total: int = 64 * GIB
    depth: int = 4
    count: int = 200_000
    path: int = 4096
    spool: int = 2 * GIB
    spool_memory: int = 32 * MIB


class StreamError(Exception):
    """Why a stream ends before its time, or was not as declared (`cut` False: all its bytes were handed out). Never leaves this package."""

    def __init__(self, kind: str, what: str, fix: str, *, cut: bool = True) -> None:
        super().__init__(what)
        self.kind, self.what, self.fix, self.cut = kind, what, fix, cut
        self.reported = False


class Budget:
    """What is left of `Limits.total` and `Limits.count` in one pass; `spent`: no byte may be decompressed any more; `full`: no further entry.

    error: that the total was passed, one and the same however often it comes up. Who looks ahead may swallow it: the end of the pass tells it.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits, self._bytes, self._count = limits, 0, 0
        self.spent = self.full = False
        self.error: StreamError | None = None

    def take(self, size: int) -> None:
        """Books `size` decompressed bytes. Raises StreamError (limit) when the total is passed."""
        self._bytes += size
        if self._bytes > self._limits.total:
            self.spent = True
            self.error = self.error or StreamError(
                "limit",
                f"the bundle expands to more than {plain(self._limits.total)} in all; reading stopped here",
                "allow more with --max-total, or pass single logs",
            )
            raise self.error

    def entry(self) -> None:
        """Books one entry. Raises StreamError (limit) when there are too many."""
        self._count += 1
        if self._count > self._limits.count:
            self.full = True
            raise StreamError(
                "limit", f"the bundle has more than {self._limits.count} entries; reading stopped here", "allow more with --max-members, or pass only the logs"
            )

    @property
    def over(self) -> bool:
        """The pass must stop."""
        return self.spent or self.full

    @property
    def left(self) -> int:
        """Entries that may still come."""
        return max(0, self._limits.count - self._count)


def plain(size: int) -> str:
    """`8 GiB`, `1.5 MiB`, `700 bytes`: a size for people."""
    for unit, name in ((GIB, "GiB"), (MIB, "MiB"), (KIB, "KiB")):
        if size >= unit:
            return f"{size / unit:.4g} {name}"
    return f"{size} bytes"
