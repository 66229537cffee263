"""Whatever is done to an archive: reading it ends, and nothing but BundleError is raised."""

from __future__ import annotations

import gzip
import io
import random
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backuptrace.bundle.limits import Limits
from backuptrace.errors import BundleError

Read = Callable[..., Any]

TEXT = b"2026/11/22 03:12:07.000000 INFO ExtHandler text\n" * 40
SMALL = Limits(member=1 << 20, total=4 << 20, count=100, spool=1 << 20)


def healthy() -> list[bytes]:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("GoalState.xml", TEXT)
    zipped, tarred = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("var/log/waagent.log", TEXT)
        archive.writestr("h.zip", inner.getvalue())
        archive.writestr("a.gz", gzip.compress(TEXT))
    with tarfile.open(fileobj=tarred, mode="w") as archive:
        for name, data in (("a.log", TEXT), ("n" * 120, b"x"), ("h.zip", inner.getvalue()), ("ä.gz", gzip.compress(TEXT))):
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(data), 1.5
            archive.addfile(info, io.BytesIO(data))
    return [zipped.getvalue(), tarred.getvalue(), gzip.compress(tarred.getvalue()), gzip.compress(TEXT) * 2]


HEALTHY = healthy()


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True, database=None)
@given(which=st.sampled_from(range(len(HEALTHY))), seed=st.integers(0, 2**32), changes=st.integers(1, 12), cut=st.booleans())
def test_damage_never_raises(tmp_path: Path, read: Read, which: int, seed: int, changes: int, cut: bool) -> None:
    dice = random.Random(seed)
    raw = bytearray(HEALTHY[which])
    for _ in range(changes):
        raw[dice.randrange(len(raw))] = dice.choice((0, 0xFF, dice.randrange(256)))
    if cut:
        del raw[dice.randrange(len(raw)) :]
    check(tmp_path, read, bytes(raw))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True, database=None)
@given(head=st.sampled_from([b"", b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b\x08", b"BZh91AY&SY", b"\xfd7zXZ\0", b"\xff\xfe"]), rest=st.binary(max_size=2000))
def test_any_bytes_never_raise(tmp_path: Path, read: Read, head: bytes, rest: bytes) -> None:
    check(tmp_path, read, head + rest)


def check(tmp_path: Path, read: Read, raw: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(raw)
    try:
        seen = read(path, SMALL, block=1 << 14)
    except BundleError:
        return
    assert len(seen.order) <= 100


@pytest.mark.parametrize("step", [37])
def test_every_cut(tmp_path: Path, read: Read, step: int) -> None:
    for raw in HEALTHY:
        for keep in range(1, len(raw), step if len(raw) < 5000 else step * 7):
            check(tmp_path, read, raw[:keep])
