"""The data files of the package are in the form that `backuptrace signatures fmt` gives them, so that a change shows only what changed."""

from __future__ import annotations

from pathlib import Path

from backuptrace.cli.format_files import format_files

ROOT = Path(__file__).resolve().parents[2]
FIX = "run `backuptrace signatures fmt parsers signatures` in the folder of the project, and look at what it changed"


def test_every_data_file_is_in_canonical_form() -> None:
    assert not format_files([ROOT / "parsers", ROOT / "signatures"], only_check=True), FIX
