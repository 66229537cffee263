"""XML and JSON documents as trees, and values in them by path."""

from __future__ import annotations

import pytest

from backuptrace.readers import jsontree, xmltree
from backuptrace.readers.encodings import utf8

BOMB = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><a>&b;</a>"""
EXTERNAL = b"""<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>"""


def test_attributes_children_and_text() -> None:
    tree = xmltree.read(b'<E goal="2"><P name="x"/><P name="y">text</P><T> t </T><Empty/></E>')
    assert tree == {"E": {"@goal": "2", "P": [{"@name": "x"}, {"@name": "y", "#text": "text"}], "T": "t", "Empty": ""}}


def test_prefixes_of_namespaces_are_dropped() -> None:
    tree = xmltree.read(b'<w:A xmlns:w="urn:x"><w:B w:c="1">d</w:B></w:A>')
    assert jsontree.first(tree, "A.B.@c") == "1"
    assert jsontree.first(tree, "A.B.#text") == "d"


@pytest.mark.parametrize("raw", [BOMB, EXTERNAL, b"<!DOCTYPE html><html/>"])
def test_document_types_and_entities_are_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match="declares a document type or entities"):
        xmltree.read(raw)


@pytest.mark.parametrize("raw", [b"", b"Error redacting text: Could not redact InVMArtifactsProfileBlob", b"<a><b></a>", b"<a>cut", b"\xff\xfe<\0a"])
def test_what_is_no_xml_has_a_reason(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        xmltree.read(raw)


def test_depth_is_bounded() -> None:
    with pytest.raises(ValueError, match="levels"):
        xmltree.read(b"<a>" * 1000)


def test_other_encodings_and_a_byte_order_mark() -> None:
    assert xmltree.read("\ufeff<a>ä</a>".encode()) == {"a": "ä"}
    assert xmltree.read("<?xml version='1.0' encoding='iso-8859-1'?><a>ä</a>".encode("latin-1")) == {"a": "ä"}
    assert xmltree.read(utf8("<?xml version='1.0' encoding='utf-16'?><a>ä</a>".encode("utf-16"))) == {"a": "ä"}
    assert jsontree.read(utf8('{"a": "ä"}'.encode("utf-16"))) == {"a": "ä"}


TREE = {"h": [{"name": "Contoso.A", "v": 1}, {"name": "X.VMSnapshotLinux", "v": 2, "s": '{"k": [true]}'}], "a.b": {"c": None}, "one": {"name": "q", "v": 3}}


@pytest.mark.parametrize(
    ("path", "want"),
    [
        ("h.[name=*VMSnapshotLinux].v", "2"),
        ("h.[name=Nothing].v", ""),
        ("h.[name=!Contoso.*].v", "2"),
        ("h.[name=!Contoso.*].[v=1].v", ""),
        ("one.[name=q].v", "3"),
        ("h.*.v", "1"),
        ("h.v", "1"),
        ("h.1.v", "2"),
        ("h.9.v", ""),
        ("h.[name=X*].s.~.k.0", "true"),
        (r"a\.b.c", ""),
        ("h.0.v.deeper", ""),
    ],
)
def test_paths(path: str, want: str) -> None:
    assert jsontree.first(TREE, path) == want
