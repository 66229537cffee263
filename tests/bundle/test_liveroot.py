"""`/` of a running VM or a mounted disk: only declared paths are opened, links stay inside, and the walk is short however large the disk."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backuptrace.bundle.limits import Limits
from backuptrace.bundle.liveroot import LISTED, Declared, is_root
from backuptrace.bundle.opening import Bundle, open_bundle
from backuptrace.errors import BundleError
from backuptrace.knowledge.recognition import base_path

GLOBS = (
    "var/log/waagent.log", "var/log/syslog", "etc/waagent.conf", "var/lib/waagent/*/config/HandlerStatus", "var/log/azure/Microsoft.*/extension.log",
    "proc/mounts", "commands/*", "**/anywhere.log", "var/lib/waagent/history/**", "run/systemd/netif/leases/*", "WindowsAzure/Logs/WaAppAgent.log",
)  # fmt: skip
DECLARED = Declared(lambda: GLOBS, base_path)
posix = pytest.mark.skipif(os.name != "posix", reason="links are followed on POSIX only")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    disk = tmp_path / "disk"
    for name in (
        "etc/waagent.conf", "etc/shadow", "var/log/waagent.log", "var/log/waagent.log.1", "var/log/syslog", "var/log/auth.log", "usr/bin/env", "home/a/waagent.log",
        "var/log/azure/Microsoft.X/extension.log", "var/log/azure/Other/deep/er/CommandExecution.log", "var/lib/waagent/X-1.0/config/HandlerStatus",
        "var/lib/waagent/X-1.0/config/0.settings", "var/lib/waagent/secret.prv", "var/lib/waagent/history/2026/a/GoalState.xml", "var/lib/mysql/data",
        "proc/mounts", "sys/kernel/x", "dev/null", "run/systemd/netif/leases/2", "run/other", "anywhere.log", "opt/anywhere.log",
    ):  # fmt: skip
        (disk / name).parent.mkdir(parents=True, exist_ok=True)
        (disk / name).write_text(name)
    return disk


def opened(bundle: Bundle) -> tuple[dict[str, bytes], list[str]]:
    """(text of each opened file, the files only listed)"""
    texts, listed = {}, []
    view = memoryview(bytearray(4096))
    for artifact in bundle.artifacts():
        if artifact.listed:
            assert artifact.readinto(view) == 0
            listed.append(artifact.path)
        else:
            texts[artifact.path] = bytes(view[: artifact.readinto(view)])
    return texts, listed


def look(path: Path, limits: Limits | None = None, *, root: bool | None = None) -> tuple[dict[str, bytes], list[str], list[tuple[str, str]]]:
    with open_bundle(path, limits, declared=DECLARED, root=root) as bundle:
        assert bundle.live
        texts, listed = opened(bundle)
        assert bundle.problems[0].kind == "live-root"
        return texts, listed, [(problem.kind, problem.where) for problem in bundle.problems[1:]]


def test_only_declared_paths_are_opened_and_the_agents_folders_listed(root: Path) -> None:
    texts, listed, problems = look(root)
    assert list(texts) == [
        "etc/waagent.conf", "run/systemd/netif/leases/2", "var/lib/waagent/X-1.0/config/HandlerStatus", "var/lib/waagent/history/2026/a/GoalState.xml",
        "var/log/azure/Microsoft.X/extension.log", "var/log/syslog", "var/log/waagent.log", "var/log/waagent.log.1",
    ]  # fmt: skip
    assert all(text.decode() == path for path, text in texts.items())
    assert listed == ["var/lib/waagent/X-1.0/config/0.settings", "var/lib/waagent/secret.prv", "var/log/azure/Other/deep/er/CommandExecution.log"]
    assert problems == []


def test_what_is_a_root(root: Path, tmp_path: Path) -> None:
    assert is_root(root)
    (root / "usr/bin/env").unlink()
    assert not is_root(root), "an unpacked bundle has etc and var/log, too, but no programs"
    with open_bundle(root, declared=DECLARED) as bundle:
        assert not bundle.live
        assert "home/a/waagent.log" in opened(bundle)[0]
    assert "home/a/waagent.log" not in look(root, root=True)[0]
    with open_bundle(root) as bundle:
        assert not bundle.live, "nobody said what may be opened"
    (tmp_path / "c" / "Windows" / "system32").mkdir(parents=True)
    assert not is_root(tmp_path / "c")
    (tmp_path / "c" / "Windows" / "system32" / "NTOSKRNL.EXE").write_bytes(b"")
    assert is_root(tmp_path / "c")


def test_a_mounted_windows_disk(tmp_path: Path) -> None:
    for name in (
        "Windows/System32/ntoskrnl.exe",
        "windowsazure/logs/WaAppAgent.LOG",
        "WindowsAzure/x" if os.name == "nt" else "windowsazure/x",
        "Packages/Plugins/a/b",
        "Users/a",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    texts, listed, problems = look(tmp_path)
    assert list(texts) == ["windowsazure/logs/WaAppAgent.LOG"]
    assert listed == ["Packages/Plugins/a/b", "windowsazure/x"]
    assert problems == []


def test_no_root_reads_everything(root: Path) -> None:
    with open_bundle(root, declared=DECLARED, root=False) as bundle:
        assert "etc/shadow" in opened(bundle)[0]


def test_root_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("x")
    with pytest.raises(BundleError, match="no root"):
        open_bundle(tmp_path / "a.log", declared=DECLARED, root=True)


def test_a_root_without_a_declared_file(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "passwd").write_text("x")
    with pytest.raises(BundleError) as caught:
        open_bundle(tmp_path, declared=DECLARED, root=True)
    assert "--no-root" in caught.value.fix and "only files that a format declares" in caught.value.why


@posix
@pytest.mark.parametrize(
    "link, target, text",
    [
        ("var/log/waagent.log", "/srv/log/waagent.log", "inside"),
        ("var/log/waagent.log", "../../srv/log/waagent.log", "inside"),
        ("var/log/waagent.log", "../../../../../../../../srv/log/waagent.log", "inside"),
        ("var/log", "/srv/log", "inside"),
        ("var", "srv/../srv/var", "inside"),
        ("var/log/waagent.log", "/srv/second", "inside"),
        ("var/log/waagent.log", "{outside}", None),
        ("var/log/waagent.log", "{climb}", None),
        ("var/log", "{outside_folder}", None),
        ("var/log/waagent.log", "/proc/mounts", None),
        ("var/log/waagent.log", "/dev/../proc/mounts", None),
        ("var/log/waagent.log", "/srv/proc/mounts", None),
        ("var/log", "/sys/log", None),
        ("var/log/waagent.log", "waagent.log", None),
        ("var/log/waagent.log", "/var/log/other", None),
        ("var/log", "../var/log", None),
    ],
)
def test_links_resolve_inside_the_root_and_never_leave_it(tmp_path: Path, link: str, target: str, text: str | None) -> None:
    disk, outside = tmp_path / "disk", tmp_path / "outside" / "waagent.log"
    for path, content in (
        (outside, "outside"), (disk / "srv/log/waagent.log", "inside"), (disk / "srv/var/log/waagent.log", "inside"), (disk / "proc/mounts", "proc"),
        (disk / "sys/log/waagent.log", "sys"), (disk / "dev/null", ""), (disk / "etc/waagent.conf", "conf"),
    ):  # fmt: skip
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    (disk / "srv/second").symlink_to("log/waagent.log")
    (disk / "srv/proc").symlink_to("/proc", target_is_directory=True)
    (disk / link).parent.mkdir(parents=True, exist_ok=True)
    names = {"{outside}": str(outside), "{climb}": "../../../outside/waagent.log", "{outside_folder}": str(outside.parent)}
    (disk / link).symlink_to(names.get(target, target))
    texts, _, problems = look(disk, root=True)
    assert texts == {"etc/waagent.conf": b"conf", **({"var/log/waagent.log": text.encode()} if text else {})}
    assert bool(problems) is not bool(text), "what could not be read is named"


@posix
def test_one_file_under_two_names_is_read_once(root: Path) -> None:
    (root / "var/log/syslog.1").symlink_to("syslog")
    (root / "var/log/azure/Microsoft.Loop").symlink_to("..", target_is_directory=True)
    texts, _, _ = look(root)
    assert "var/log/syslog" in texts and "var/log/syslog.1" not in texts


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_pipes_and_devices_are_not_opened(root: Path) -> None:
    (root / "var/log/syslog").unlink()
    os.mkfifo(root / "var/log/syslog")
    texts, _, problems = look(root)
    assert "var/log/syslog" not in texts
    assert problems == [("special", "var/log/syslog")]


def test_listing_has_an_end(root: Path) -> None:
    for number in range(LISTED + 10):
        (root / "var/lib/waagent" / f"{number}.prv").write_text("")
    _, listed, problems = look(root)
    assert len(listed) == LISTED
    assert problems == [("limit", ".")]
    deep = root / "var/lib/waagent" / "/".join("d" * 60)
    deep.mkdir(parents=True)
    (deep / "x").write_text("")
    assert len(look(root, Limits(count=100_000))[0]) == 8


def test_the_limit_of_entries_holds(root: Path) -> None:
    texts, _, problems = look(root, Limits(count=12))
    assert ("limit" in {kind for kind, _ in problems}) and len(texts) < 8


def test_the_walk_of_a_large_disk_is_short(root: Path) -> None:
    """Nothing below usr, home, opt is even listed, nor what lies beside the logs."""
    many = root / "usr" / "lib"
    for number in range(300):
        (many / f"{number}" / "deep").mkdir(parents=True)
    program = textwrap.dedent("""
        import sys
        from pathlib import Path
        from backuptrace.bundle.liveroot import Declared
        from backuptrace.bundle.opening import open_bundle
        from backuptrace.knowledge.recognition import base_path
        import struct
        touched = []
        sys.addaudithook(lambda event, args: touched.append((event, str(args[0]))) if event in ("open", "os.scandir", "os.listdir") else None)
        with open_bundle(sys.argv[1], declared=Declared(lambda: sys.argv[2:], base_path)) as bundle:
            for artifact in bundle.artifacts():
                pass
        for event, path in touched:
            print(event, path)
    """)
    done = subprocess.run([sys.executable, "-c", program, str(root), *GLOBS], capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    files = {line.removeprefix(f"open {root}/") for line in lines if line.startswith(f"open {root}")}
    folders = {line.removeprefix(f"os.scandir {root}").strip("/") for line in lines if line.startswith("os.scandir ")}
    assert files == {
        "etc/waagent.conf", "run/systemd/netif/leases/2", "var/lib/waagent/X-1.0/config/HandlerStatus", "var/lib/waagent/history/2026/a/GoalState.xml",
        "var/log/azure/Microsoft.X/extension.log", "var/log/syslog", "var/log/waagent.log", "var/log/waagent.log.1",
    }  # fmt: skip
    assert not [folder for folder in folders if folder.split("/")[0] in ("usr", "home", "opt", "proc", "sys", "dev")]
    assert "var/lib/mysql" not in folders
    assert len(lines) < 60


@pytest.mark.skipif(not is_root(Path("/")), reason="no installed system around the tests")
def test_this_very_system() -> None:
    """Whatever this machine is: it ends soon and touches nothing in /proc, /sys, /dev."""
    began = time.process_time()
    try:
        texts, _, _ = look(Path("/"))
    except BundleError:
        texts = {}
    assert time.process_time() - began < 3
    assert not [path for path in texts if path.split("/")[0] in ("proc", "sys", "dev")]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root to become another user")
def test_what_another_user_may_not_read_is_named(root: Path) -> None:
    (root / "etc/waagent.conf").chmod(0)
    (root / "var/lib/waagent").chmod(0o700)
    for parent in list(root.parents)[:4]:
        if parent.stat().st_uid == os.geteuid() and parent != Path("/tmp"):
            parent.chmod(0o755)

    def check() -> None:
        texts, _, problems = look(root)
        assert "var/log/waagent.log" in texts and "etc/waagent.conf" not in texts
        assert ("permission", "etc/waagent.conf") in problems and ("permission", "var/lib/waagent") in [(kind, where.rstrip("/")) for kind, where in problems]

    assert as_nobody(check) == 0


def as_nobody(work: Callable[[], Any]) -> int:
    child = os.fork()
    if not child:
        status = 1
        try:
            os.setgid(65534)
            os.setuid(65534)
            work()
            status = 0
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1]
