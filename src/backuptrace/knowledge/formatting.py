"""The canonical form of a data file: order of keys, quotes, indentation. Comments, blank lines between entries and block texts stay.

The file is composed, every comment is kept by its line, and all is written anew: a comment on a line of its own stays above the entry that
follows it, one behind a value stays behind it. What comes out is read again: if data or comments were not the same, the file is refused.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml
from msgspec import inspect

from backuptrace.errors import Fault
from backuptrace.knowledge import yamlfile
from backuptrace.knowledge.quoting import key_text, value_text

WIDTH = 160
"""Columns up to which a flow mapping or list stays on its line."""
_FIRST = {
    "VerdictShape": ("cause", "when", "why", "refuted_by", "root", "lasting", "needs"),
    "TestShape": ("name", "expect", "cause", "at", "whole", "files"),
}
"""Where the order of keys is not that of the struct."""
_OF_SELECTION = ("source", "milestone")
_BLOCK = ("|", ">")


def formatted(name: str, raw: bytes, kind: Any, faults: list[Fault]) -> str | None:
    """The file's text in canonical form; None with a fault where it cannot be read, or not be written without loss."""
    before = yamlfile.read(name, raw, faults)
    if before is None or before.data is None:
        return None
    text = raw.decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n")
    node: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    writer = _Writer(text, node)
    out = "\n".join(writer.document(node, inspect.type_info(kind))).rstrip("\n") + "\n"
    after = yamlfile.read(name, out.encode(), [])
    lost = writer.left() or after is None or after.data != before.data or _told(out) != writer.told
    if lost:
        fix = "move each comment onto a line of its own above an entry, and format it again"
        faults.append(Fault(before.place(), "it cannot be formatted without loss, so it is left as it is", fix))
        return None
    return out


class _Comment(NamedTuple):
    line: int
    text: str
    own: bool
    """Whether it has the line for itself; so has a blank line, whose text is empty."""


class _Writer:
    def __init__(self, text: str, node: Any) -> None:
        self.source = text.split("\n")
        found = list(_comments(text, node))
        self.told = sorted(comment.text for comment in found if comment.text)
        starts = sorted(set(_starts(node)))
        self.head: list[str] = []
        self.tail: list[str] = []
        self.above: dict[int, list[str]] = {}
        self.behind = {comment.line: comment.text for comment in found if not comment.own}
        for comment in found:
            if comment.own:
                after = next((line for line in starts if line > comment.line), None)
                place = self.tail if after is None else self.head if after == starts[0] else self.above.setdefault(after, [])
                if comment.text or (place and place[-1]) or place is not self.head:
                    place.append(comment.text)

    def left(self) -> bool:
        """Whether a comment was not written."""
        return bool(self.behind) or any(any(texts) for texts in self.above.values())

    def document(self, node: Any, info: inspect.Type) -> list[str]:
        body = self.mapping(node, info, 0) if isinstance(node, yaml.MappingNode) else self.value(node, info, 0, "")
        return [*self.head, *body, *_squeezed(self.tail)]

    def comments(self, line: int, indent: int) -> list[str]:
        return [" " * indent + text if text else "" for text in _squeezed(self.above.pop(line, []))]

    def mapping(self, node: Any, info: inspect.Type | None, indent: int) -> list[str]:
        lines: list[str] = []
        for key_node, value in _ordered(node, info):
            key = str(key_node.value)
            lines += self.comments(key_node.start_mark.line, indent)
            lines += self.entry(" " * indent + key_text(key) + ":", key_node, value, _inside(info, key), indent, key)
        return lines

    def sequence(self, node: Any, info: inspect.Type | None, indent: int, key: str) -> list[str]:
        inner = info.item_type if isinstance(info, inspect.ListType) else None
        lines: list[str] = []
        for item in node.value:
            lines += self.comments(item.start_mark.line, indent)
            if isinstance(item, yaml.MappingNode) and self.flow(item, inner, indent) is None:
                body = self.mapping(item, inner, indent + 2)
                first = next(n for n, line in enumerate(body) if line and not line.lstrip().startswith("#"))
                lines += [line[2:] for line in body[:first]]
                lines += [f"{' ' * indent}- {body[first].lstrip()}", *body[first + 1 :]]
            else:
                lines += self.entry(" " * indent + "-", item, item, inner, indent, key)
        return lines

    def entry(self, lead: str, start: Any, node: Any, info: inspect.Type | None, indent: int, key: str) -> list[str]:
        """A key or dash with its value, and the comment that ends its line."""
        body = self.value(node, info, indent + 2, key)
        block = isinstance(node, yaml.CollectionNode) and not (len(body) == 1 and body[0][:1] in ("{", "["))
        first, last = start.start_mark.line, start.end_mark.line if block or len(body) > 1 else node.end_mark.line
        behind = "".join(f"  {self.behind.pop(line)}" for line in range(first, last + 1) if line in self.behind)
        if block:
            return [lead + behind, *body]
        above = [" " * indent + behind.strip()] if behind and len(body) > 1 else []
        return [*above, f"{lead} {body[0]}".rstrip() + ("" if above else behind), *body[1:]]

    def value(self, node: Any, info: inspect.Type | None, indent: int, key: str) -> list[str]:
        """Its lines; the first of a scalar or flow collection continues the line of the key."""
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node, indent, key)
        flow = self.flow(node, info, indent, key)
        if flow is not None:
            return [flow]
        return self.mapping(node, info, indent) if isinstance(node, yaml.MappingNode) else self.sequence(node, info, indent, key)

    def flow(self, node: Any, info: inspect.Type | None, indent: int, key: str = "") -> str | None:
        """A collection on one line if it was written so and still fits, None otherwise."""
        if not node.value:
            return "{}" if isinstance(node, yaml.MappingNode) else "[]"
        if not node.flow_style or node.end_mark.line != node.start_mark.line:
            return None
        if isinstance(node, yaml.SequenceNode):
            out = f"[{', '.join(self.inline(item, None, key) for item in node.value)}]"
        else:
            pairs = [(str(name.value), value) for name, value in _ordered(node, info)]
            out = f"{{{', '.join(f'{key_text(name, flow=True)}: {self.inline(value, _inside(info, name), name)}' for name, value in pairs)}}}"
        return out if len(out) + indent <= WIDTH else None

    def inline(self, node: Any, info: inspect.Type | None, key: str) -> str:
        if isinstance(node, yaml.ScalarNode):
            return value_text(node, key, flow=True)
        return self.flow(node, info, 0, key) or "?" * (WIDTH + 1)

    def scalar(self, node: Any, indent: int, key: str) -> list[str]:
        if node.style in _BLOCK:
            return self.block(node, indent)
        text = value_text(node, key)
        value = str(node.value)
        if len(text) + indent > WIDTH and node.end_mark.line > node.start_mark.line and value == " ".join(value.split()):
            folded = textwrap.wrap(value, WIDTH - indent, break_long_words=False, break_on_hyphens=False)
            return [">-", *(" " * indent + line for line in folded)]
        return [text]

    def block(self, node: Any, indent: int) -> list[str]:
        """A block text with its lines as they are, moved to the indentation."""
        begin, end = node.start_mark, node.end_mark
        head = self.source[begin.line][begin.column :].rstrip()
        lines = self.source[begin.line + 1 : end.line + bool(end.column)]
        while lines and not lines[-1].strip() and "+" not in head:
            lines.pop()
        explicit = re.search(r"[1-9]", head)
        depth = min((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), default=0)
        if explicit:
            depth = begin.column  # compared below: a wrong guess is refused
        return [head, *(" " * indent + line[depth:] if line.strip() else "" for line in lines)]


def _squeezed(texts: list[str]) -> list[str]:
    """With one blank line where several were."""
    return [text for n, text in enumerate(texts) if text or not n or texts[n - 1]]


def _told(text: str) -> list[str]:
    return sorted(comment.text for comment in _comments(text, yaml.compose(text, Loader=yaml.SafeLoader)) if comment.text)


def _comments(text: str, node: Any) -> Iterator[_Comment]:
    """Every comment and blank line outside of texts; what stands behind the `|` of a block text too."""
    inside = sorted(_spans(node))
    at = 0
    for line, content in enumerate(text.split("\n")):
        end = at + len(content)
        spans = [(low, high) for low, high in inside if low < end and high > at]
        if not content.strip() and not any(low <= at < high for low, high in inside):
            yield _Comment(line, "", True)
        for found in re.finditer(r"(?:^|(?<=[ \t]))#.*", content):
            if not any(low <= at + found.start() < high for low, high in spans):
                yield _Comment(line, found[0].rstrip(), not content[: found.start()].strip())
                break
        at = end + 1


def _spans(node: Any) -> Iterator[tuple[int, int]]:
    """(from, to) of every scalar, in characters; of a block text without its first line, where a comment may stand."""
    for part in _nodes(node):
        if isinstance(part, yaml.ScalarNode):
            low, high = part.start_mark.index, part.end_mark.index
            if part.style in _BLOCK and part.start_mark.buffer is not None:
                low = part.start_mark.buffer.find("\n", part.start_mark.pointer) - part.start_mark.pointer + low
            yield low, high


def _nodes(node: Any) -> Iterator[Any]:
    yield node
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield key
            yield from _nodes(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _nodes(item)


def _starts(node: Any) -> Iterator[int]:
    """The lines on which an entry begins: a key, or an item of a list."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield key.start_mark.line
            yield from _starts(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield item.start_mark.line
            yield from _starts(item)


def _ordered(node: Any, info: inspect.Type | None) -> list[tuple[Any, Any]]:
    struct = _branch(info, inspect.StructType)
    order: tuple[str, ...] = ()
    if isinstance(struct, inspect.StructType):
        order = _FIRST.get(struct.cls.__name__, tuple(field.encode_name for field in struct.fields))
    elif isinstance(info, inspect.DictType) and isinstance(info.value_type, inspect.UnionType):
        order = _OF_SELECTION
    rank = {name: n for n, name in enumerate(order)}
    return sorted(node.value, key=lambda pair: rank.get(str(pair[0].value), len(rank)))


def _inside(info: inspect.Type | None, key: str) -> inspect.Type | None:
    struct = _branch(info, inspect.StructType)
    if isinstance(struct, inspect.StructType):
        found = next((field.type for field in struct.fields if field.encode_name == key), None)
        return _branch(found, inspect.ListType) if isinstance(found, inspect.UnionType) and _branch(found, inspect.ListType) else found
    return info.value_type if isinstance(info, inspect.DictType) else None


def _branch(info: inspect.Type | None, kind: type) -> inspect.Type | None:
    """The type itself or the branch of a union that is of this kind."""
    if isinstance(info, inspect.UnionType):
        return next((branch for branch in info.types if isinstance(branch, kind)), None)
    return info if isinstance(info, kind) else None
