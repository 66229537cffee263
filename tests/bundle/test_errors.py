"""Only a bundle without anything readable is an error; it says what, where, why and what to do."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from backuptrace.bundle.opening import open_bundle
from backuptrace.errors import BundleError


def refused(path: Path | str) -> BundleError:
    with pytest.raises(BundleError) as caught:
        open_bundle(path)
    error = caught.value
    assert error.exit_status == 4
    assert error.what and error.why and error.fix
    assert str(error).isprintable() or "\n" in str(error)
    return error


def test_not_there(tmp_path: Path) -> None:
    assert refused(tmp_path / "nothing").what == "not found"
    assert str(tmp_path) in refused(tmp_path / "nothing").where
    (tmp_path / "file").write_text("x")
    assert refused(tmp_path / "file" / "below").what == "not found"


def test_names_that_cannot_be() -> None:
    refused("")
    refused("a\0b")
    refused("x" * 5000)


def test_empty_file(tmp_path: Path) -> None:
    (tmp_path / "empty.zip").write_bytes(b"")
    assert "empty" in refused(tmp_path / "empty.zip").what


def test_empty_folder(tmp_path: Path) -> None:
    assert "no readable file" in refused(tmp_path).what
    (tmp_path / "below").mkdir()
    refused(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")  # opening it would wait for ever
    assert "named pipe" in refused(tmp_path / "pipe").what


@pytest.mark.skipif(os.name == "nt", reason="no /dev on Windows")
def test_device() -> None:
    assert "device" in refused("/dev/zero").what


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_no_permission(tmp_path: Path) -> None:
    (tmp_path / "closed.log").write_text("x")
    (tmp_path / "closed.log").chmod(0)
    assert refused(tmp_path / "closed.log").what == "no permission"


def test_nothing_in_an_archive(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK\x03\x04 and then nothing that makes sense")
    assert "list of members" in refused(tmp_path / "x.zip").why


def test_problems_of_the_members_are_the_reason(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("/etc/passwd")
    error = refused(tmp_path)
    assert "symbolic link" in error.why and "copy the file" in error.fix


def test_a_closed_bundle_is_not_readable(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(b"a")
    with open_bundle(tmp_path) as bundle:
        artifact = next(iter(bundle.artifacts()))
    with pytest.raises(ValueError, match=r"a\.log"):
        artifact.readinto(memoryview(bytearray(4)))


def test_an_artifact_ends_with_the_next(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).write_bytes(b"text")
    with open_bundle(tmp_path) as bundle:
        artifacts = bundle.artifacts()
        first = next(artifacts)
        next(artifacts)
        with pytest.raises(ValueError, match="gone on"):
            first.readinto(memoryview(bytearray(4)))


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs /proc")
def test_no_file_stays_open(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / name).write_bytes(b"text")
    before = len(list(Path("/proc/self/fd").iterdir()))
    with open_bundle(tmp_path) as bundle:
        next(iter(bundle.artifacts()))
        assert len(list(Path("/proc/self/fd").iterdir())) == before + 1
    assert len(list(Path("/proc/self/fd").iterdir())) == before
