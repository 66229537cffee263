"""An object of Azure against the formats that are told by keys: which of them it has, and the values of their fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from fnmatch import fnmatchcase
from typing import Any

from backuptrace.knowledge.loading import Ready
from backuptrace.knowledge.shapes import JsonRecords, ObjectsShape
from backuptrace.readers import folding, jsontree
from backuptrace.readers.stamps import PARSERS, Stamp

MOST_VALUE = 32_000
"""Characters of a field's value."""


class Keyed:
    """A format of the reader `objects`, its key conditions taken apart."""

    def __init__(self, ready: Ready, shape: ObjectsShape, records: JsonRecords) -> None:
        self.ready, self.shape, self.records = ready, shape, records
        self.untils = {milestone.until for milestone in ready.shape.milestones if milestone.until}
        self._ways = [[_condition(word) for word in way.split()] for way in shape.keys]
        self._tops = [frozenset(path.partition(".")[0] for path, wanted, _ in way if wanted) for way in self._ways]

    def may_fit(self, names: AbstractSet[str]) -> bool:
        """Whether an object with these keys can have all of one of the alternatives."""
        return any(tops <= names for tops in self._tops)

    def fits(self, item: dict[str, Any]) -> bool:
        """Whether the object has all keys of one of the alternatives."""
        return any(all(_met(item, *condition) for condition in way) for way in self._ways)

    def parts(self, item: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The records in an object: itself, or what stands at `each`, from the first alternative that has any."""
        for path in self.records.each.split("|"):
            parts = [part for part in jsontree.items(item, path.strip()) if isinstance(part, dict)]
            if parts:
                yield from parts
                return

    def fields(self, part: dict[str, Any], item: dict[str, Any]) -> dict[str, str]:
        """The values of all fields; "" where there is none."""
        return {name: value(part, item, path) for name, path in self.records.fields.items()}

    def stamp(self, part: dict[str, Any], item: dict[str, Any]) -> Stamp | None:
        """The record's time."""
        text = value(part, item, self.records.stamp) if self.records.stamp else ""
        return PARSERS[self.records.time](text.encode("utf-8", "replace")) if text else None

    def texts(self, part: dict[str, Any], item: dict[str, Any], paths: str) -> Iterator[str]:
        """All values at the paths, not only the first."""
        for path in paths.split("|"):
            source, step = _source(part, item, path)
            for found in jsontree.walk(source, step):
                if isinstance(found, str | int) and not isinstance(found, bool):
                    yield str(found)


def keyed(formats: Iterable[Ready]) -> list[Keyed]:
    """The formats of the reader `objects`."""
    return [Keyed(ready, ready.shape.objects, ready.shape.json) for ready in formats if ready.shape.objects is not None and ready.shape.json is not None]


def sample_fields(ready: Ready, text: str) -> dict[str, str]:
    """The fields of the first record in a JSON text. Raises ValueError where it is none, or has not the keys of the format."""
    item = folding.folded(jsontree.read(text.encode()))
    for one in keyed([ready]):
        if not isinstance(item, dict) or not one.fits(item):
            raise ValueError("the object has not the keys of the format")
        for part in one.parts(item):
            return one.fields(part, item)
    raise ValueError("the object has no record")


def value(part: Any, item: Any, paths: str) -> str:
    """The first value that is not empty at paths with alternatives behind `|`; a path behind `^` begins at the whole object."""
    for path in paths.split("|"):
        source, step = _source(part, item, path)
        if found := jsontree.first(source, step):
            return found[:MOST_VALUE]
    return ""


def _source(part: Any, item: Any, path: str) -> tuple[Any, str]:
    path = path.strip()
    return (item, path[1:]) if path.startswith("^") else (part, path)


def _condition(word: str) -> tuple[str, bool, str]:
    """(path, whether it must be there, glob for its value or "")."""
    path, _, glob = word.partition("=")
    return path.removeprefix("!"), not path.startswith("!"), glob.lower()


def _met(item: dict[str, Any], path: str, wanted: bool, glob: str) -> bool:
    found = [value for value in jsontree.walk(item, path) if value is not None]
    if glob:
        found = [value for value in found if isinstance(value, str) and fnmatchcase(value.lower(), glob)]
    return bool(found) is wanted
