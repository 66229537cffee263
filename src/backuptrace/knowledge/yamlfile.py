"""A knowledge file: YAML restricted to plain data, with the place of every value kept.

No aliases (their expansion can explode), no tags, no duplicate keys, one document, limits of size and depth: files may come from strangers.
Only `true`, `false`, `null`, empty and plain whole numbers are more than text: YAML 1.1 would read `on`, `010` and `1:30` as something else.
"""

from __future__ import annotations

import contextlib
import re
from typing import Any, NamedTuple, TypeVar

import msgspec
import yaml

from backuptrace.errors import Fault

MAX_BYTES = 1 << 20
MAX_DEPTH = 30
T = TypeVar("T")
_WHOLE_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_UNUSUAL = re.compile(r"(?:^|[\s\[{,:])[&*!]", re.MULTILINE)
"""Where an anchor, an alias or a tag may stand; also in texts, which costs only time."""
_KEY = "\0"
"""Behind a path: the place of its key."""
_ADVICE = (
    ("'\\t'", "indent with blanks, not with tabs"),
    ("mapping values are not allowed", "a text with `: ` in it belongs in quotes; else look at the indentation of this line and the one above"),
    ("found another document", "one file is one document: remove the second `---`"),
    ("unknown escape character", r"in double quotes \ is special: use single quotes"),
    ("found unexpected end of stream", "close the quote; inside single quotes write '' for the character itself"),
    ("could not find expected ':'", "write `key: value`"),
    ("block end", "look at the indentation: entries of one level start in the same column; a quote inside single quotes is written twice"),
    ("flow", "look for a missing comma, ] or }; texts with , [ ] { } in them belong in quotes"),
)
_ELSE = "a text that starts with one of % @ ` & * ! | > ' \" [ ] { } # belongs in quotes"


class _Mark(NamedTuple):
    """Where a value starts, from 1; `inside`: how far behind it the text begins, -1 where the text is spread over lines."""

    line: int
    column: int
    inside: int = 0


class KnowledgeFile:
    """The data of one file; `place(path)` gives file:line:column of a value, such as `$.verdicts[0].when`."""

    def __init__(self, name: str, data: Any, marks: dict[str, _Mark]) -> None:
        self.name, self.data, self._marks = name, data, marks

    def place(self, path: str = "$", column: int = 0) -> str:
        """file:line:column of the value at a path (the nearest known parent), moved right by `column` characters of its text.

        A text that is spread over lines is pointed at by its start.
        """
        while path not in self._marks and path.startswith("$") and path != "$":
            path = path[: max(path.rfind("."), path.rfind("["), 1)]
        mark = self._marks.get(path, _Mark(1, 1))
        moved = mark.column + mark.inside + column if column and mark.inside >= 0 else mark.column
        return f"{self.name}:{mark.line}:{moved}"

    def holds(self, path: str) -> bool:
        """Whether the file has a value at this path."""
        return path in self._marks

    def key(self, path: str) -> str:
        """file:line:column of the key of a value, of the value itself where it has none."""
        mark = self._marks.get(path + _KEY)
        return f"{self.name}:{mark.line}:{mark.column}" if mark else self.place(path)

    def convert(self, kind: type[T], faults: list[Fault]) -> T | None:
        """The data as a struct; its mistakes are added to `faults` and give None."""
        if self.data is None:
            faults.append(Fault(self.place(), "the file is empty", "write a file with `backuptrace signatures new`, or remove this one"))
            return None
        try:
            return msgspec.convert(self.data, kind)
        except msgspec.ValidationError as error:
            from backuptrace.knowledge.fitting import misfits

            found = misfits(self.data, kind)
            faults += [Fault(self.key(path) if at_key else self.place(path), what, fix) for path, what, fix, at_key in found]
            if not found:
                faults.append(Fault(self.place(), str(error), "see the guide in docs/ and the files beside this one"))
            return None


class _RefusedError(Exception):
    def __init__(self, mark: Any, what: str, fix: str = "") -> None:
        super().__init__(what)
        self.what, self.fix = what, fix
        self.line: int = mark.line + 1 if mark else 1
        self.column: int = mark.column + 1 if mark else 1


def read(name: str, raw: bytes, faults: list[Fault], *, ours: bool = False) -> KnowledgeFile | None:
    """Reads one file; every reason for refusal becomes a fault with its place. ours: it comes with the package and is taken to be harmless."""
    marks: dict[str, _Mark] = {}
    try:
        node = (_quickly(raw) if ours else None) or _composed(raw)
        data = _plain(node, "$", marks) if node is not None else None
    except _RefusedError as error:
        faults.append(Fault(f"{name}:{error.line}:{error.column}", error.what, error.fix))
        return None
    return KnowledgeFile(name, data, marks)


def _composed(raw: bytes) -> Any:
    if len(raw) > MAX_BYTES:
        raise _RefusedError(None, f"the file is larger than {MAX_BYTES} bytes", "split it: one signature a file")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        mark = _at(raw[: error.start].decode("utf-8"), error.start)
        raise _RefusedError(mark, f"no UTF-8: {error.reason} at byte {error.start}", "save the file as UTF-8") from None
    try:
        return yaml.compose(text, Loader=_Plain)
    except yaml.reader.ReaderError as error:
        what = f"no valid YAML: the character U+{int(error.character):04X} is not allowed"
        raise _RefusedError(_at(text, error.position), what, 'remove it, or write it as an escape in double quotes, such as "\\x1b"') from None
    except yaml.MarkedYAMLError as error:
        what = ", ".join(part for part in (error.context, error.problem) if part)
        fix = _unclosed(text) or next((advice for sign, advice in _ADVICE if sign in what), _ELSE)
        raise _RefusedError(error.problem_mark or error.context_mark, f"no valid YAML: {what}", fix) from None
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise _RefusedError(None, f"no valid YAML: {error}") from None


def _quickly(raw: bytes) -> Any:
    """The same nodes by libyaml, eight times as fast, if it is there and finds nothing to refuse; else None. Its nesting has no bound."""
    if not yaml.__with_libyaml__ or len(raw) > MAX_BYTES:
        return None
    with contextlib.suppress(yaml.YAMLError, ValueError):
        text = raw.decode("utf-8")
        return None if _UNUSUAL.search(text) else yaml.compose(text, Loader=yaml.CSafeLoader)
    return None


def _unclosed(text: str) -> str:
    """Advice where a quoted text swallowed the lines below it, as the error itself is told far from the forgotten quote."""
    with contextlib.suppress(yaml.YAMLError):
        for token in yaml.scan(text):
            quoted = isinstance(token, yaml.ScalarToken) and token.style in ("'", '"')
            if quoted and re.search(r"\n *[\w|]+:", text[token.start_mark.index : token.end_mark.index]):
                return f"close the quote that is opened in line {token.start_mark.line + 1}, column {token.start_mark.column + 1}"
    return ""


def _at(text: str, position: int) -> yaml.Mark:
    before = text[:position]
    return yaml.Mark("", position, before.count("\n"), len(before) - before.rfind("\n") - 1, None, 0)


class _Plain(yaml.SafeLoader):
    """Refuses while it composes: a hostile file must not get as far as the interpreter's limits."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent):
            raise _RefusedError(event.start_mark, f"the alias *{event.anchor} is refused", "write the value out")
        if event.tag is not None:
            raise _RefusedError(event.start_mark, f"the tag {event.tag} is refused", "write plain data, in quotes if need be")
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _RefusedError(event.start_mark, f"nested more than {MAX_DEPTH} deep", "make it flat")
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def _plain(node: Any, path: str, marks: dict[str, _Mark]) -> Any:
    line, column = node.start_mark.line + 1, node.start_mark.column + 1
    if isinstance(node, yaml.MappingNode):
        marks[path] = _Mark(line, column)
        out: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise _RefusedError(key_node.start_mark, "a key must be plain text", "write it as one word")
            key = _text(key_node)
            if key in out:
                raise _RefusedError(key_node.start_mark, f"the key {key!r} stands twice", "keep one of them")
            marks[f"{path}.{key}{_KEY}"] = _Mark(key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            out[key] = _plain(value_node, f"{path}.{key}", marks)
        return out
    if isinstance(node, yaml.SequenceNode):
        marks[path] = _Mark(line, column)
        return [_plain(item, f"{path}[{n}]", marks) for n, item in enumerate(node.value)]
    marks[path] = _Mark(line, column, -1 if node.style in ("|", ">") or node.end_mark.line + 1 > line else int(bool(node.style)))
    text = _text(node)
    kind = node.tag.rpartition(":")[2]
    if kind == "int" and _WHOLE_NUMBER.fullmatch(text):
        return int(text)
    if kind == "bool" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    return None if kind == "null" else text


def _text(node: yaml.ScalarNode) -> str:
    text = str(node.value)
    if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
        raise _RefusedError(node.start_mark, "half of a surrogate pair", "write the whole character")
    return text
