"""XML documents as plain trees that jsontree.walk can step through: `GoalState.Container.ContainerId`, `Plugin.@name`, `RuntimeSettings.#text`.

An element without attributes and children is its text; any other is a mapping of `@attribute`, child names (a list where one repeats) and
`#text`. Prefixes of namespaces are dropped. A bundle comes from strangers: a document type or an entity of its own is refused (expanding
entities can eat all memory, external ones would open files), and depth and size are bounded.
"""

from __future__ import annotations

from typing import Any, NoReturn
from xml.parsers import expat

MAX_DEPTH = 60
MAX_ELEMENTS = 200_000


class _Building:
    """The tree while its elements open and close: for each open element its name, content and pieces of text."""

    def __init__(self) -> None:
        self.open: list[tuple[str, dict[str, Any], list[str]]] = [("", {}, [])]
        self.elements = 0

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        if len(self.open) > MAX_DEPTH or self.elements > MAX_ELEMENTS:
            raise ValueError(f"more than {MAX_DEPTH} levels or {MAX_ELEMENTS} elements")
        content: dict[str, Any] = {"@" + _local(key): value for key, value in attributes.items()}
        self.open.append((_local(name), content, []))

    def text(self, piece: str) -> None:
        self.open[-1][2].append(piece)

    def end(self, _: str) -> None:
        name, content, pieces = self.open.pop()
        text = "".join(pieces).strip()
        value: Any = content or text
        if content and text:
            content["#text"] = text
        above = self.open[-1][1]
        if name not in above:
            above[name] = value
        elif isinstance(above[name], list):
            above[name].append(value)
        else:
            above[name] = [above[name], value]


def read(raw: bytes) -> dict[str, Any]:
    """`{name of the root: its tree}`. Raises ValueError with the reason for what is no XML, is cut, or declares a document type or entities."""
    parser, building = expat.ParserCreate(), _Building()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = building.begin, building.end, building.text
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = _refused
    try:
        parser.Parse(raw.strip(b"\0 \t\r\n"), True)
    except expat.ExpatError as error:
        raise ValueError(str(error)) from error
    return building.open[0][1]


def _refused(*_: object) -> NoReturn:
    raise ValueError("it declares a document type or entities")


def _local(name: str) -> str:
    return name.rpartition(":")[2]
