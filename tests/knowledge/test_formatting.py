"""The formatter: canonical, idempotent, and it never loses data or a comment."""

from __future__ import annotations

import pytest
import yaml

from backuptrace.errors import Fault
from backuptrace.knowledge import yamlfile
from backuptrace.knowledge.eventdict import EventsShape
from backuptrace.knowledge.formatting import formatted
from backuptrace.knowledge.library import TABLES, sources
from backuptrace.knowledge.shapes import CauseShape, CodeShape, FormatShape, SignatureShape

UNTIDY = """\
# above all


id:   "linux.x"   # the id
schema: 1


title: 'Short'
verdicts:
# the verdict
- why: "It fails."
  when: failed
  # which cause
  cause: dhcp   # a cause
select:
    failed:
        'message|re': "^a: [0-9]+"
        level: [ WARNING,ERROR ]
        source: waagent
    other: {message|contains: 'x, y', source: waagent}   # flow

    # last selection
    numbers: {source: a, code: [ '76', 76, "yes", 010 ]}
tests:
  - files:
      var/log/waagent.log: |
          first: line   # no comment
            indented

          # nor this
      second.log: |-
          x
    expect: none
    name: "a \\u00e4 \\x1b[0m"
# the end
"""
TIDY = """\
# above all

schema: 1
id: linux.x  # the id

title: Short
select:
  failed:
    source: waagent
    message|re: '^a: [0-9]+'
    level: [WARNING, ERROR]
  other: {source: waagent, message|contains: 'x, y'}  # flow

  # last selection
  numbers: {source: a, code: ['76', 76, 'yes', '010']}
verdicts:
  # the verdict
  # which cause
  - cause: dhcp  # a cause
    when: failed
    why: It fails.
tests:
  - name: "a ä \\e[0m"
    expect: none
    files:
      var/log/waagent.log: |
        first: line   # no comment
          indented

        # nor this
      second.log: |-
        x
# the end
"""


def neat(text: str) -> str:
    faults: list[Fault] = []
    out = formatted("x.yml", text.encode(), SignatureShape, faults)
    assert not faults
    assert out is not None
    return out


def test_canonical_form() -> None:
    assert neat(UNTIDY) == TIDY


def test_idempotent() -> None:
    once = neat(UNTIDY)
    assert neat(once) == once


def test_the_data_is_the_same() -> None:
    before, after = yamlfile.read("a", UNTIDY.encode(), []), yamlfile.read("a", neat(UNTIDY).encode(), [])
    assert before
    assert after
    assert before.data == after.data


def comments(text: str) -> list[str]:
    return sorted(line.split("#", 1)[1].strip() for line in text.splitlines() if "#" in line)


def test_no_comment_is_lost() -> None:
    assert comments(neat(UNTIDY)) == comments(UNTIDY)
    assert len(comments(UNTIDY)) == 10


@pytest.mark.parametrize(
    "text",
    [
        "a: |  # behind the bar\n  text\n",
        "a: [1,  # inside\n  2]\nb: 'x\n  y'  # behind a text of two lines\n",
        "a: >2-  # with a number\n    deeper\n   less\n",
        "- # behind a dash\n  a: 1\n",
        "a: 'text' # one\nb:\n  # two\n  - 1 # three\n  # four\n",
    ],
)
def test_either_all_comments_are_kept_or_the_file_is_refused(text: str) -> None:
    faults: list[Fault] = []
    out = formatted("x.yml", text.encode(), SignatureShape, faults)
    if out is None:
        assert [fault.what for fault in faults] == ["it cannot be formatted without loss, so it is left as it is"]
        assert faults[0].fix
    else:
        assert comments(out) == comments(text)
        assert yaml.safe_load(out) == yaml.safe_load(text)


def test_a_comment_behind_a_bar_is_refused() -> None:
    faults: list[Fault] = []
    assert formatted("x.yml", b"a: |  # behind the bar\n  text\n", SignatureShape, faults) is None
    assert len(faults) == 1


@pytest.mark.parametrize(
    "value",
    [
        "yes",
        "null",
        "~",
        "1.5",
        "010",
        "0x1f",
        "1:30",
        "a: b",
        "a #b",
        "- a",
        "",
        " a",
        "a ",
        "'",
        '"',
        "\\d",
        "{a}",
        "[a]",
        "*a",
        "&a",
        "!a",
        "%a",
        "@a",
        "`a",
        "a,b",
        "a\nb",
        "a\tb",
        "ä",
        "🙂",
        "\u2028",
        "\x7f",
        "=",
        "<<",
        "?",
        ":",
        "a:",
        "2026-11-22",
    ],
)
def test_any_text_survives(value: str) -> None:
    text = yaml.safe_dump({"title": value, "select": {"a": {"x": [value]}}}, allow_unicode=True)
    read = yamlfile.read("x", neat(text).encode(), [])
    assert read
    assert read.data["title"] == (value or "")
    assert read.data["select"]["a"]["x"] == [value]


@pytest.mark.parametrize("item", [item for item in sources() if item.path not in TABLES], ids=lambda item: item.name)
def test_built_in_files_can_be_formatted(item: object) -> None:
    name, path, folder, raw = (getattr(item, key) for key in ("name", "path", "folder", "raw"))
    formats = EventsShape if path.startswith("windows/events/") else FormatShape
    kind = formats if folder == "parsers" else CauseShape if path.startswith("causes/") else CodeShape if path.startswith("errors/") else SignatureShape
    faults: list[Fault] = []
    once = formatted(name, raw, kind, faults)
    assert not faults
    assert once is not None
    assert formatted(name, once.encode(), kind, faults) == once


def test_a_file_that_is_no_yaml_is_a_fault() -> None:
    faults: list[Fault] = []
    assert formatted("x.yml", b"a: [", SignatureShape, faults) is None
    assert faults[0].where.startswith("x.yml:")
