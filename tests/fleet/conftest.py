"""Small bundles in folders."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parents[2] / "sample_logs" / "linux"
Bundles = Callable[..., Path]


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
