"""Every lint finds its bad example and nothing in its good one; the built-in files have no finding at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from loadrules import ALL, LoadRule, reason

from backuptrace.knowledge import checking, library, lints, yamlfile
from backuptrace.knowledge.checking import check, counted
from backuptrace.knowledge.library import Library, Source, shape, sources
from backuptrace.knowledge.lints import Finding, FormatLint, Rule
from backuptrace.matcher import Pattern, compile_patterns

BUILT_IN = sources()
NAMED = {"linux/waagent", "linux/waagent-conf", "causes/linux-agent-not-running", "causes/vss-writer", "causes/dhcp"}
AROUND = [source for source in BUILT_IN if source.path in NAMED]
"""What the examples speak of; the other signatures say nothing about them."""
RARE = """\
schema: 1
id: rare
title: A log that nobody collects
os: linux
kind: indexed
reader: lines
path: [var/log/rare.log]
records: [{start: '(?P<stamp>[0-9-]{10}T[0-9:]{8}Z) '}]
samples: [{text: '2026-11-22T03:00:00Z killed by hand', fields: {message: killed by hand}}]
"""
OTHER = """\
schema: 1
id: linux.other
title: The service cannot start, and it is mended the same day
select:
  failed: {source: app, message|startswith: cannot start the service}
  repaired: {source: app, message|startswith: service started}
define:
  mended(x): last(x) then repaired within 1d
verdicts:
  - {cause: linux-agent-not-running, when: failed unless mended(failed), why: It cannot start.}
"""


def replaced(base: str, example: str) -> bytes:
    """The base with the keys of the example in place of its own."""
    data: dict[str, Any] = {**read(base), **(read(example) or {})}
    return yaml.safe_dump(data, sort_keys=False).encode()


def read(text: str) -> Any:
    loaded = yamlfile.read("example", text.encode(), [])
    assert loaded
    return loaded.data


def findings(rule: Rule, example: str) -> list[Finding]:
    """What is found in the example of a rule, among sound files."""
    of_format = isinstance(rule, FormatLint)
    app = Source("app.yml", "linux/app", replaced(lints.FORMAT, example if of_format else ""), "parsers", own=True)
    rare = Source("rare.yml", "linux/rare", RARE.encode(), "parsers", own=True)
    signature = Source("example.yml", "linux/example", replaced(lints.SIGNATURE, "" if of_format else example), "signatures", own=True)
    other = Source("other.yml", "linux/other", OTHER.encode(), "signatures", own=True)
    names = ("app.yml:", "rare.yml:", "example.yml:")
    return [finding for finding in check(shape([*AROUND, app, rare, signature, other])) if finding.fault.where.startswith(names)]


@pytest.mark.parametrize("rule", ALL, ids=[rule.name for rule in ALL])
def test_bad_example(rule: Rule) -> None:
    found = findings(rule, rule.bad)
    if isinstance(rule, LoadRule):
        assert any(finding.rule == "load" and rule.says in finding.fault.what for finding in found), found
    else:
        mine = [finding for finding in found if finding.rule == rule.name]
        assert mine, found
        assert all(finding.severity == rule.severity and finding.fault.fix for finding in mine)
        assert not [finding for finding in found if finding.rule == "load"]


@pytest.mark.parametrize("rule", ALL, ids=[rule.name for rule in ALL])
def test_good_example(rule: Rule) -> None:
    assert [str(finding) for finding in findings(rule, rule.good) if finding.rule in (rule.name, "load") or isinstance(rule, LoadRule)] == []


def test_the_base_of_the_examples_is_clean() -> None:
    assert findings(ALL[-1], "") == []


def test_names_are_told_apart_and_every_rule_gives_its_reason() -> None:
    assert len({rule.name for rule in ALL}) == len(ALL)
    assert all(reason(rule).endswith((".", ")", "`")) and len(reason(rule)) > 30 for rule in ALL)


def test_the_built_in_files_are_clean() -> None:
    found = check(shape(BUILT_IN))
    assert not found, "\n".join(map(str, found))


def test_a_pattern_that_the_engine_refuses_is_told_at_its_selection(monkeypatch: pytest.MonkeyPatch) -> None:
    """No such pattern is known: what is portable is also taken. So the engine is made to refuse one."""
    real = compile_patterns

    def stubborn(patterns: list[Pattern]) -> object:
        if any("cannot start" in pattern.block for pattern in patterns):
            raise ValueError("pattern too large")
        return real(patterns)

    monkeypatch.setattr(checking, "compile_patterns", stubborn)
    (found,) = findings(ALL[-1], "")
    assert (found.rule, found.fault.where) == ("matcher-refuses", "example.yml:5:3")
    assert "pattern too large" in found.fault.what


def test_findings_come_in_the_order_of_the_file() -> None:
    found = findings(ALL[-1], "tests: []\nstatus: stable\n")
    places = [tuple(map(int, finding.fault.where.split(":")[1:])) for finding in found]
    assert len(places) == 3
    assert places == sorted(places)
    assert counted(found) == (3, 0)


def _bad_whens() -> Iterator[tuple[str, str]]:
    yield "failed and (repaired or failed) and not failed", "never-true"
    yield "last(failed) then failed", "never-true"
    yield "failed then first(failed) within 1h", "never-true"
    yield "failed unless failed", "never-true"
    yield "(failed and silence(app) >= 1h) at failure", "impossible-window"
    yield "failed near repaired within 400d", "impossible-window"
    yield "failed and silence(rare) >= 1h", "silence-below-heartbeat"
    yield "not failed or not repaired", "rests-on-absence-alone"
    yield "failed and count(repaired) < 3", "unknown-for-absence"
    yield "failed with no repaired before within 5m", "unknown-for-absence"


@pytest.mark.parametrize("when, name", list(_bad_whens()))
def test_more_expressions_that_a_lint_finds(when: str, name: str) -> None:
    example = f"verdicts: [{{cause: linux-agent-not-running, when: '{when}', why: Because.}}]"
    assert name in [finding.rule for finding in findings(ALL[-1], example)]


@pytest.mark.parametrize(
    "when",
    [
        "failed and repaired",
        "last(failed) then repaired within 1h",
        "failed then failed within 1h",
        "failed and silence(app) >= 31m",
        "silence(app) >= 2h and repaired or failed",
    ],
)
def test_expressions_that_are_fine(when: str) -> None:
    verdict = f"verdicts: [{{cause: linux-agent-not-running, when: '{when}', why: Because.}}]"
    assert [str(finding) for finding in findings(ALL[-1], verdict) if "used nowhere" not in finding.fault.what] == []


def test_the_library_remembers_what_could_not_be_read() -> None:
    shelf: Library = library.shape([Source("app.yml", "linux/app", b"schema: 2", "parsers", own=True)])
    assert shelf.broken == {"app"}
    assert shelf.faults
