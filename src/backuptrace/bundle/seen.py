"""Names that stand more than once in an archive. Tar writes the newer version behind the older one; zips made by faulty tools hold a file twice;
in a folder two names may differ only in bytes that cannot be shown.
"""

from __future__ import annotations

from backuptrace.bundle.limits import StreamError


class Seen:
    """The names of one archive or folder, as hashes (about 100 bytes each)."""

    def __init__(self) -> None:
        self._names: dict[int, int] = {}
        self._contents: set[int] = set()

    def unique(self, path: str) -> tuple[str, StreamError | None]:
        """The path under which this member is handed out; for the second of a name that is '~2/<path>', and a problem says so."""
        key = hash(path)
        count = self._names[key] = self._names.get(key, 0) + 1
        if count == 1:
            return path, None
        error = StreamError(
            "duplicate",
            f"the name stands again (number {count}); that one is read as ~{count}/...",
            "compare both; tar -r appends newer versions",
        )
        return f"~{count}/{path}", error

    def same(self, path: str, crc: int, size: int) -> bool:
        """A member of this name with this content was there before."""
        before = len(self._contents)
        self._contents.add(hash((path, crc, size)))
        return len(self._contents) == before
