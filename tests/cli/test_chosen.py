"""Which signatures a command means."""

from __future__ import annotations

from pathlib import Path

from backuptrace.cli.signature_text import chosen, chosen_formats
from backuptrace.knowledge import library

FORMAT = """\
schema: 1
id: my-log
title: {en: a log, de: ein Protokoll}
os: linux
kind: indexed
reader: lines
path: [var/log/my.log]
records:
  - start: '(?P<stamp>[0-9T:.-]+Z) '
    time: iso
    zone: utc
"""


def test_without_a_name_all_are_meant_or_only_the_users_own(tmp_path: Path) -> None:
    shelf = library.shape(library.sources((), ()))
    assert chosen(shelf, [], others=chosen_formats(shelf, [])) == sorted(shelf.signatures)
    (tmp_path / "my-log.yml").write_text(FORMAT)
    own = library.shape(library.sources((), (tmp_path,)))
    assert chosen_formats(own, []) == ["my-log"]
    assert chosen(own, [], others=["my-log"]) == []
