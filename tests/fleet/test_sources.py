"""What counts as a bundle."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from backuptrace.errors import UsageError
from backuptrace.fleet.sources import find, measure


def tree(root: Path, *paths: str) -> Path:
    for path in paths:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")
    return root


def labels(*named: str | Path) -> list[str]:
    return [source.label for source in find([str(one) for one in named]).sources]


def test_a_folder_stands_for_the_bundles_in_it(tmp_path: Path) -> None:
    tree(
        tmp_path, "a.zip", "b.tar.gz", "vm1/var/log/waagent.log", "vm2/WindowsAzure/Logs/WaAppAgent.log", "group/vm3.TGZ", "group/vm4/device_0/etc/waagent.conf",
        "loose/extension.log", "README.md",
    )  # fmt: skip
    (tmp_path / "hollow").mkdir()
    found = find([str(tmp_path)])
    assert [source.label for source in found.sources] == ["a.zip", "b.tar.gz", "group/vm3.TGZ", "group/vm4/device_0", "loose", "vm1", "vm2"]
    assert {(problem.kind, Path(problem.where).name) for problem in found.problems} == {("loose", tmp_path.name), ("empty", "hollow")}
    assert "README.md" in next(problem.what for problem in found.problems if problem.kind == "loose")


def test_a_bundle_stays_whole(tmp_path: Path) -> None:
    """Its inner folders and archives are its own business."""
    tree(tmp_path / "vm", "var/log/waagent.log", "var/lib/waagent/history/1.zip", "more/var/log/waagent.log")
    assert labels(tmp_path / "vm") == ["vm"]
    assert labels(tmp_path) == ["vm"]


def test_files_that_are_named_are_bundles_whatever_they_are_called(tmp_path: Path) -> None:
    tree(tmp_path, "one", "two.log", "three.zip")
    assert labels(tmp_path / "two.log", tmp_path / "one") == ["one", "two.log"]


def test_globs_and_lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(tmp_path, "a/1.zip", "a/2.zip", "b/3.zip", "b/4.tar")
    (tmp_path / "list.txt").write_text(f"# those of today\n{tmp_path}/b/3.zip\n\n{tmp_path}/a/*.zip\r\n")
    assert labels(f"@{tmp_path}/list.txt") == ["a/1.zip", "a/2.zip", "b/3.zip"]
    assert labels(f"{tmp_path}/**/*.zip") == ["a/1.zip", "a/2.zip", "b/3.zip"]
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{tmp_path}/b/4.tar\n"))
    assert labels("@-") == ["4.tar"]


def test_each_bundle_once_however_it_is_named(tmp_path: Path) -> None:
    tree(tmp_path, "a/1.zip", "a/vm/var/log/waagent.log")
    (tmp_path / "link.zip").symlink_to(tmp_path / "a" / "1.zip")
    assert labels(tmp_path / "a", tmp_path / "a" / "1.zip", tmp_path / "link.zip", tmp_path / "a/../a/vm", f"{tmp_path}/a/*") == ["1.zip", "vm"]


def test_a_path_with_the_signs_of_a_glob_is_a_path(tmp_path: Path) -> None:
    tree(tmp_path, "[1]/vm*.zip", "1/vmx.zip")
    assert labels(f"{tmp_path}/[1]/vm*.zip") == ["vm*.zip"]


def test_links_to_folders_are_not_followed_and_told(tmp_path: Path) -> None:
    tree(tmp_path, "in/a.zip", "elsewhere/secret/b.zip")
    (tmp_path / "in" / "loop").symlink_to(tmp_path / "in")
    (tmp_path / "in" / "out").symlink_to(tmp_path / "elsewhere")
    found = find([str(tmp_path / "in")])
    assert [source.label for source in found.sources] == ["a.zip"]
    assert [(problem.kind, Path(problem.where).name) for problem in found.problems] == [("link", "loop"), ("link", "out")]


def test_results_are_no_bundles(tmp_path: Path) -> None:
    tree(tmp_path, "a.zip", "old/fleet.journal", "old/reports/x.json", "out/x.zip")
    assert [source.label for source in find([str(tmp_path)], without=str(tmp_path / "out")).sources] == ["a.zip"]


@pytest.mark.parametrize("named", ["missing", "missing/*.zip", "@missing.txt"])
def test_what_is_not_there_is_an_error(named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="missing"):
        find([named])


def test_a_change_in_a_bundle_is_seen(tmp_path: Path) -> None:
    root = tree(tmp_path / "vm", "var/log/waagent.log", "etc/waagent.conf")
    before = measure(root)
    assert measure(root) == before
    (root / "etc" / "waagent.conf").write_text("y")
    os.utime(root / "etc" / "waagent.conf", ns=(1, 1))
    changed = measure(root)
    assert changed != before
    (root / "etc" / "waagent.conf").rename(root / "etc" / "other.conf")
    assert measure(root) not in (before, changed)
