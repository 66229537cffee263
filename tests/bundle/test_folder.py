"""A folder: order, links, pipes, permissions, names, archives in place."""

from __future__ import annotations

import gzip
import inspect
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backuptrace.bundle.limits import Limits

Read = Callable[..., Any]
Make = Callable[..., bytes]


def test_files_come_sorted_by_their_whole_path(tmp_path: Path, read: Read) -> None:
    for name in ("b/z.log", "a/y.log", "a-b/x.log", "a.log", "a/b/c.log", "B.log"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    seen = read(tmp_path)
    assert seen.order == sorted(seen.order) == ["B.log", "a-b/x.log", "a.log", "a/b/c.log", "a/y.log", "b/z.log"]
    assert seen.texts["a/y.log"] == b"a/y.log"
    assert (seen.kind, seen.name, seen.problems) == ("folder", tmp_path.name, [])
    artifact = seen.artifacts["a.log"]
    assert (artifact.size, artifact.modified, artifact.cut, artifact.encoding) == (5, None, False, "utf-8")


def test_archives_in_a_folder_are_opened_in_their_place(tmp_path: Path, read: Read, make_zip: Make, make_tar: Make) -> None:
    history = make_zip({"GoalState.xml": b"<GoalState/>"})
    (tmp_path / "logs.zip").write_bytes(make_zip({"var/log/waagent.log": b"one\n", "var/lib/waagent/history/1.zip": history}))
    (tmp_path / "more").write_bytes(make_tar({"var/log/syslog": b"two\n"}, "w:gz"))
    (tmp_path / "a.log").write_bytes(b"three\n")
    (tmp_path / "waagent.log.1.gz").write_bytes(gzip.compress(b"old\n"))
    seen = read(tmp_path)
    assert seen.texts == {
        "a.log": b"three\n",
        "logs.zip!var/log/waagent.log": b"one\n",
        "logs.zip!var/lib/waagent/history/1.zip!GoalState.xml": b"<GoalState/>",
        "more!var/log/syslog": b"two\n",
        "waagent.log.1.gz": b"old\n",
    }
    assert seen.order == list(seen.texts)
    assert not seen.problems


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no symbolic links on this system")
def test_links_are_not_followed_and_loops_do_not_hang(tmp_path: Path, read: Read) -> None:
    secret = tmp_path / "outside.txt"
    secret.write_text("not part of the bundle")
    root = tmp_path / "bundle"
    (root / "var").mkdir(parents=True)
    (root / "a.log").write_text("x")
    (root / "secret.log").symlink_to(secret)
    (root / "var" / "loop").symlink_to(root, target_is_directory=True)
    (root / "dangling").symlink_to("nowhere")
    seen = read(root)
    assert seen.texts == {"a.log": b"x"}
    assert {(p.kind, p.where) for p in seen.problems} == {("link", "secret.log"), ("link", "var/loop"), ("link", "dangling")}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_pipes_and_sockets_are_not_opened(tmp_path: Path, read: Read) -> None:
    (tmp_path / "a.log").write_text("x")
    os.mkfifo(tmp_path / "pipe")  # opening it would wait for a writer for ever
    with socket.socket(socket.AF_UNIX) as listener:
        here = Path.cwd()
        os.chdir(tmp_path)  # the path of a socket may have 108 bytes at most
        try:
            listener.bind("socket")
        finally:
            os.chdir(here)
        seen = read(tmp_path)
    assert seen.order == ["a.log"]
    assert {(p.kind, p.where) for p in seen.problems} == {("special", "pipe"), ("special", "socket")}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_named(tmp_path: Path, read: Read) -> None:
    check_permission(tmp_path, read)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root to become another user")
def test_what_may_not_be_read_is_named_as_another_user(tmp_path: Path, read: Read) -> None:
    for parent in (tmp_path, *list(tmp_path.parents)[:3]):
        if parent.stat().st_uid == os.geteuid() and parent != Path("/tmp"):
            parent.chmod(0o755)
    os.chown(tmp_path, 65534, 65534)
    child = os.fork()
    if not child:
        status = 1
        try:
            os.setgid(65534)
            os.setuid(65534)
            check_permission(tmp_path, read)
            status = 0
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0


def check_permission(tmp_path: Path, read: Read) -> None:
    (tmp_path / "a.log").write_text("x")
    (tmp_path / "closed.log").write_text("x")
    (tmp_path / "closed.log").chmod(0)
    (tmp_path / "closed").mkdir()
    (tmp_path / "closed").chmod(0)
    try:
        seen = read(tmp_path)
    finally:
        (tmp_path / "closed").chmod(0o755)
    assert seen.order == ["a.log"]
    assert {(p.kind, p.where) for p in seen.problems} == {("permission", "closed.log"), ("permission", "closed/")} or {
        (p.kind, p.where) for p in seen.problems
    } == {
        ("permission", "closed.log"),
        ("permission", "closed"),
    }
    assert all("root" in p.fix for p in seen.problems)


@pytest.mark.skipif(os.name == "nt", reason="such names cannot exist on Windows")
def test_any_byte_may_stand_in_a_name(tmp_path: Path, read: Read) -> None:
    names = [b"a\x1b[31mred\n.log", b"\xff\xfe.log", b"var\\log\\waagent.log", "ä\u202egol.log".encode(), b"..\\x.log", b"history 2018-04-06T08:21:37_1"]
    for number, name in enumerate(names):
        (tmp_path / os.fsdecode(name)).write_text(str(number))
    seen = read(tmp_path)
    assert sorted(seen.texts.values()) == [b"0", b"1", b"2", b"3", b"4", b"5"]
    assert all(path.isprintable() for path in seen.texts)
    assert seen.texts["var/log/waagent.log"] == b"2"
    assert ".." not in {part for path in seen.texts for part in path.split("/")}


@pytest.mark.skipif(os.name == "nt", reason="such names cannot exist on Windows")
def test_names_that_look_the_same_stay_apart(tmp_path: Path, read: Read) -> None:
    for name in (b"\xff.log", b"\xfe.log", b"a\\b.log"):
        (tmp_path / os.fsdecode(name)).write_bytes(name)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.log").write_bytes(b"plain")
    seen = read(tmp_path)
    assert sorted(seen.texts) == ["a/b.log", "~2/a/b.log", "~2/\ufffd.log", "\ufffd.log"]
    assert seen.kinds() == ["duplicate", "duplicate"]


def test_more_files_than_the_limit(tmp_path: Path, read: Read) -> None:
    for number in range(30):
        (tmp_path / f"{number}.log").write_text("x")
    seen = read(tmp_path, Limits(count=20))
    assert len(seen.order) == 20
    assert seen.kinds() == ["limit"]


def test_a_deep_tree_does_not_exhaust_the_stack(tmp_path: Path, read: Read) -> None:
    (tmp_path / "/".join("d" * 400)).mkdir(parents=True)
    (tmp_path / "a.log").write_text("x")
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 100)
    try:
        seen = read(tmp_path)
    finally:
        sys.setrecursionlimit(limit)
    assert seen.order == ["a.log"]


def test_long_paths_are_a_problem(tmp_path: Path, read: Read) -> None:
    (tmp_path / ("x" * 60)).write_text("x")
    (tmp_path / "a").write_text("x")
    seen = read(tmp_path, Limits(path=50))
    assert seen.order == ["a"]
    assert seen.kinds() == ["limit"]
