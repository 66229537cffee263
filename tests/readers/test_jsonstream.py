"""Objects of JSON texts, one by one: as the whole document would give them, wherever the pieces end."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backuptrace.readers import jsonstream
from backuptrace.readers.jsonstream import CutShortError, Item

SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.sampled_from(['"', "\\", '\\"', "{", "]}", "\n  }", "ä€"])
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3), max_leaves=12)
OBJECTS = st.dictionaries(st.text(max_size=6), VALUES, max_size=4)


def items(text: bytes, block: int = 1 << 20) -> list[Item]:
    return list(jsonstream.items(io.BytesIO(text), block))


def values(text: bytes, block: int = 1 << 20) -> list[Any]:
    return [json.loads(item.raw) for item in items(text, block)]


@given(listed=st.lists(OBJECTS, max_size=5), block=st.integers(1, 64), indent=st.sampled_from([None, 0, 1, 2, 4]), ascii_only=st.booleans())
def test_a_list_gives_its_objects(listed: list[Any], block: int, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(listed, indent=indent, ensure_ascii=ascii_only).encode()
    assert values(text, block) == listed
    for item in items(text, block):
        assert text[item.offset : item.offset + len(item.raw)] == item.raw
        assert item.line == text.count(b"\n", 0, item.offset) + 1


@given(one=OBJECTS, listed=st.lists(OBJECTS, max_size=3), block=st.integers(1, 64), indent=st.sampled_from([None, 2]))
def test_documents_and_answers_of_rest_one_behind_the_other(one: Any, listed: list[Any], block: int, indent: int | None) -> None:
    first = {"x": one}  # no answer of REST, whatever its keys
    text = "\n".join(
        ["WARNING: in preview", json.dumps(first, indent=indent), json.dumps({"nextLink": None, "value": listed}, indent=indent), json.dumps([first])]
    )
    assert values(text.encode(), block) == [first, *listed, first]


def test_which_objects_are_of_a_list() -> None:
    assert [item.listed for item in items(b'{"a": 1}\n[{"b": 2}]\n{"value": [{"c": 3}]}')] == [False, True, True]


@pytest.mark.parametrize("text", [b"", b"[]", b"  [ ]\n", b'{"value": []}', b"no JSON at all", b"[1, 2, null]"])
def test_without_an_object(text: bytes) -> None:
    assert items(text) == []


@pytest.mark.parametrize("block", [1, 3, 1 << 20])
def test_what_stands_before_a_cut_is_given(block: int) -> None:
    text = b'[\n  {\n    "a": "x"\n  },\n  {\n    "b": "y"\n  }\n]'
    ends = [text.index(b"},") + 1, text.rindex(b"}") + 1]
    for cut in range(2, len(text)):
        found: list[Item] = []
        with pytest.raises(CutShortError, match="in the middle"):  # noqa: PT012
            for item in jsonstream.items(io.BytesIO(text[:cut]), block):
                found.append(item)  # noqa: PERF402
        assert len(found) == sum(end <= cut for end in ends)


def test_lines_that_are_not_indented_alike() -> None:
    """The end of an object is first looked for by its indentation, and where that finds no JSON, by its brackets."""
    text = b'[\n  {"a": {\n  }, "b": 1},\n  {\n "c": [\n  {}\n ]}\n]'
    assert values(text) == [{"a": {}, "b": 1}, {"c": [{}]}]


def test_an_object_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonstream, "MOST_ITEM", 1000)
    with pytest.raises(CutShortError, match="above 1000 bytes"):
        items(b'[{"a": "' + b"x" * 5000, 100)
