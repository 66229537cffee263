"""The demo: bundles that are those of sample_logs, and a verdict in one command from wherever one stands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from backuptrace.cli.demo import DEMOS

from .building import NAMES, TARGET, held, wanted

VERDICTS = {
    "wireserver-unreachable": ("explained", "wireserver-unreachable"),
    "fsfreeze-failed": ("explained", "fsfreeze-failed"),
    "healthy": ("no-failure-seen", None),
}


def run(cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": "80"}
    return subprocess.run(
        [sys.executable, "-m", "backuptrace", "demo", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment,
        check=False,
        timeout=120,
    )


def test_the_command_knows_just_the_bundles_in_the_package() -> None:
    assert set(DEMOS) == set(NAMES) == {path.name.removesuffix(".tar.gz") for path in TARGET.glob("*")} == set(VERDICTS)
    assert sum(path.stat().st_size for path in TARGET.glob("*")) < 100_000


@pytest.mark.parametrize("name", NAMES)
def test_the_bundle_is_that_of_sample_logs(name: str) -> None:
    assert held(TARGET / f"{name}.tar.gz") == wanted(name), "run: python tests/demo/building.py"


@pytest.mark.parametrize("name", NAMES)
def test_verdict(name: str, tmp_path: Path) -> None:
    done = run(tmp_path, name, "--format", "json")
    assert done.returncode == 0
    report = json.loads(done.stdout)
    assert (report["verdict"]["outcome"], report["verdict"]["cause"]) == VERDICTS[name]
    assert done.stderr.startswith("demo: a made-up bundle ")
    assert DEMOS[name] in done.stderr


def test_without_a_name_the_first_is_shown(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert done.returncode == 0
    assert "168.63.129.16 cannot be reached" in " ".join(done.stdout.split())
    assert not list(tmp_path.iterdir())


def test_in_german(tmp_path: Path) -> None:
    assert "nicht erreichbar" in " ".join(run(tmp_path, "--lang", "de").stdout.split())


def test_list(tmp_path: Path) -> None:
    done = run(tmp_path, "--list")
    assert [line.split("  ")[0] for line in done.stdout.splitlines()] == list(DEMOS)


def test_an_unknown_name(tmp_path: Path) -> None:
    done = run(tmp_path, "nope")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "no such demo" in done.stderr
    assert all(name in done.stderr for name in NAMES)
