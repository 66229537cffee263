"""Small bundles in folders, and a cache of compiled signatures that all of these tests share."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parents[2] / "sample_logs" / "linux"
Bundles = Callable[..., Path]


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def _own_cache(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Environment, so that the workers have it too."""
    monkeypatch.setenv("BACKUPTRACE_CACHE", str(cache))


@pytest.fixture
def bundles(tmp_path: Path) -> Bundles:
    """Makes a folder of archives with these names, each a copy of a sample in turn."""

    def make(*names: str, samples: tuple[str, ...] = ("wireserver-unreachable", "disk-full", "selinux")) -> Path:
        folder = tmp_path / "bundles"
        folder.mkdir(exist_ok=True)
        for number, name in enumerate(names):
            source = next((SAMPLES / samples[number % len(samples)]).glob("bundle.*"))
            shutil.copy(source, folder / f"{name}{''.join(source.suffixes)}")
        return folder

    return make
