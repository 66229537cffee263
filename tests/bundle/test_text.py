"""UTF-16 text comes as UTF-8, whatever is around it."""

from __future__ import annotations

import codecs
import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Read = Callable[..., Any]
Make = Callable[..., bytes]

TEXT = "2026-11-22 03:12:07 Fehler: Prüfung fehlgeschlagen 😀\r\n" * 20_000


@pytest.mark.parametrize("mark, codec", [(codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")])
@pytest.mark.parametrize("block", [997, 4096, 1 << 20])
def test_utf16(tmp_path: Path, read: Read, make_zip: Make, make_tar: Make, mark: bytes, codec: str, block: int) -> None:
    raw = mark + TEXT.encode(codec)
    (tmp_path / "a.log").write_bytes(raw)
    (tmp_path / "b.gz").write_bytes(gzip.compress(raw))
    (tmp_path / "c.zip").write_bytes(make_zip({"c.log": raw}))
    (tmp_path / "d.tgz").write_bytes(make_tar({"d.log": raw}, "w:gz"))
    seen = read(tmp_path, block=block)
    assert set(seen.texts.values()) == {TEXT.encode()}
    assert {artifact.encoding for artifact in seen.artifacts.values()} == {codec}
    assert seen.artifacts["a.log"].size == len(raw)
    assert not seen.problems


def test_broken_utf16(tmp_path: Path, read: Read) -> None:
    (tmp_path / "a.log").write_bytes(codecs.BOM_UTF16_LE + "a".encode("utf-16-le") + b"\x00\xd8" + "b".encode("utf-16-le") + b"\x01")
    seen = read(tmp_path / "a.log")
    assert seen.texts["a.log"].decode("utf-8") == "a\ufffdb\ufffd"
    assert not seen.problems


def test_cut_utf16(tmp_path: Path, read: Read) -> None:
    raw = gzip.compress(codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"))
    (tmp_path / "a.gz").write_bytes(raw[: len(raw) // 2])
    seen = read(tmp_path / "a.gz")
    assert seen.kinds() == ["truncated"]
    assert seen.artifacts["a.gz"].cut
    assert TEXT.startswith(seen.texts["a.gz"].decode("utf-8").rstrip("\ufffd"))


def test_a_utf8_mark_stays(tmp_path: Path, read: Read) -> None:
    (tmp_path / "a.log").write_bytes(codecs.BOM_UTF8 + b"text")
    seen = read(tmp_path / "a.log")
    assert seen.texts["a.log"] == codecs.BOM_UTF8 + b"text"
    assert seen.artifacts["a.log"].encoding == "utf-8-sig"


def test_bytes_that_are_no_utf8_stay(tmp_path: Path, read: Read) -> None:
    (tmp_path / "a.log").write_bytes(bytes(range(256)))
    seen = read(tmp_path / "a.log")
    assert seen.texts["a.log"] == bytes(range(256))
    assert seen.artifacts["a.log"].encoding == "utf-8"
