"""A knowledge file: YAML restricted to plain data, with the place of every value kept.

No aliases (their expansion can explode), no tags, no duplicate keys, one document, a size limit: files may come from strangers.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
import yaml

from backuptrace.errors import Fault

MAX_BYTES = 1 << 20
MAX_DEPTH = 30
T = TypeVar("T")


class KnowledgeFile:
    """The data of one file; `place(path)` gives file:line:column of a value, such as `$.verdicts[0].when`."""

    def __init__(self, name: str, data: Any, marks: dict[str, tuple[int, int]]) -> None:
        self.name, self.data, self._marks = name, data, marks

    def place(self, path: str = "$", column: int = 0) -> str:
        """file:line:column of the value at a path (the nearest known parent), moved right by `column`."""
        while path not in self._marks and path != "$":
            path = path[: max(path.rfind("."), path.rfind("["), 1)]
        line, start = self._marks.get(path, (1, 1))
        return f"{self.name}:{line}:{start + column}"

    def convert(self, kind: type[T], faults: list[Fault]) -> T | None:
        """The data as a struct; a mistake is added to `faults` and gives None."""
        try:
            return msgspec.convert(self.data, kind)
        except msgspec.ValidationError as error:
            what, _, path = str(error).partition(" - at `")
            faults.append(Fault(self.place(path.rstrip("`").replace("[...]", "") or "$"), what, "see the guide in docs/ and the files beside this one"))
            return None


def read(name: str, raw: bytes, faults: list[Fault]) -> KnowledgeFile | None:
    """Reads one file; every reason for refusal becomes a fault with its place."""
    if len(raw) > MAX_BYTES:
        faults.append(Fault(f"{name}:1:1", f"the file is larger than {MAX_BYTES} bytes", "split it: one signature a file"))
        return None
    try:
        node = yaml.compose(raw.decode("utf-8"), Loader=_Plain)
    except UnicodeDecodeError as error:
        faults.append(Fault(f"{name}:1:1", f"no UTF-8: {error.reason} at byte {error.start}", "save the file as UTF-8"))
        return None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else f"{name}:1:1"
        faults.append(Fault(place, f"no valid YAML: {error.problem or error.context}"))
        return None
    except yaml.YAMLError as error:
        faults.append(Fault(f"{name}:1:1", f"no valid YAML: {error}"))
        return None
    marks: dict[str, tuple[int, int]] = {}
    try:
        data = _plain(node, "$", marks, 0) if node is not None else None
    except _RefusedError as error:
        faults.append(Fault(f"{name}:{error.line}:{error.column}", error.what, error.fix))
        return None
    return KnowledgeFile(name, data, marks)


class _Plain(yaml.SafeLoader):
    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()
            raise yaml.composer.ComposerError(None, None, "aliases are refused: write the value out", event.start_mark)
        return super().compose_node(parent, index)


class _RefusedError(Exception):
    def __init__(self, node: Any, what: str, fix: str) -> None:
        super().__init__(what)
        self.what, self.fix = what, fix
        self.line, self.column = node.start_mark.line + 1, node.start_mark.column + 1


def _plain(node: Any, path: str, marks: dict[str, tuple[int, int]], depth: int) -> Any:
    marks[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
    if depth > MAX_DEPTH:
        raise _RefusedError(node, f"nested more than {MAX_DEPTH} deep", "make it flat")
    if isinstance(node, yaml.MappingNode):
        out: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            if not isinstance(key, str):
                raise _RefusedError(key_node, "a key must be plain text", "write it as one word")
            if key in out:
                raise _RefusedError(key_node, f"the key {key!r} stands twice", "keep one of them")
            out[key] = _plain(value_node, f"{path}.{key}", marks, depth + 1)
        return out
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, f"{path}[{n}]", marks, depth + 1) for n, item in enumerate(node.value)]
    text = node.value
    kind = node.tag.rsplit(":", 1)[-1]
    if not node.tag.startswith("tag:yaml.org,2002:") or kind not in ("str", "int", "float", "bool", "null", "timestamp"):
        raise _RefusedError(node, f"the tag {node.tag} is refused", "write plain data")
    if kind == "int" and text.lstrip("-").isdigit():
        return int(text)
    if kind == "bool":
        lowered = text.lower()
        # YAML 1.1 reads y, yes and on as true; in waagent.conf they are values, so only the two unmistakable words are booleans.
        return lowered == "true" if lowered in ("true", "false") else text
    return None if kind == "null" else text
