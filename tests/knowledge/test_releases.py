"""The table of releases with known defects, and which of them fit a machine."""

from __future__ import annotations

import re
from datetime import date

import pytest

from backuptrace.knowledge import library
from backuptrace.knowledge.compiling import compile_library
from backuptrace.knowledge.releases import defects
from backuptrace.knowledge.texts import Translated

RELEASES = [release for shape, _ in library.shape(library.sources()).releases for release in shape.releases]


def symptoms(**facts: str) -> list[str]:
    return [release.symptom for release, _ in defects(RELEASES, facts)]


@pytest.mark.parametrize(
    ("facts", "want"),
    [
        ({"agent_version": "2.2.19"}, ["GoalState.1.xml is missing"]),
        ({"agent_version": "2.2.190"}, []),
        ({"agent_version": "2.2.46", "python": "3.8.10"}, []),
        ({"agent_version": "2.2.46", "python": "3.10.12"}, ["str expected, not NoneType", "'array.array' object has no attribute 'tostring'"]),
        ({"agent_version": "2.2.47"}, []),
        ({"agent_version": "2.7.3.0", "python": "3.11.2"}, ["format_exception() got an unexpected keyword argument 'etype'"]),
        ({"agent_version": "2.9.0.4", "python": "3.11.2"}, []),
        ({"agent_version": "2.15.0.1", "agent_package_version": "2.2.46", "python": "3.11.2"}, []),
        ({"agent_package_version": "2.3.1.1"}, ["name 'get_python_cmd' is not defined"]),
        ({"extension_version": "1.0.9217.0", "python": "3.12.3"}, ["No module named 'imp'"]),
        ({"extension_version": "1.0.9220.0", "python": "3.12.3"}, []),
        ({}, []),
    ],
)
def test_the_version_that_runs_counts(facts: dict[str, str], want: list[str]) -> None:
    assert symptoms(**facts) == want


def test_every_row_has_a_dated_source_and_both_languages() -> None:
    for release in RELEASES:
        re.compile(release.version)
        assert isinstance(release.defect, Translated)
        assert date.fromisoformat(release.source.published) <= date.fromisoformat(release.source.checked)


def test_a_faulty_expression_is_told_with_its_place() -> None:
    table = library.Source(
        "own/releases.yml", "releases.yml", b"schema: 1\nreleases:\n  - {program: agent, version: '2(', defect: x, source: {id: y}}\n", "signatures", True
    )
    shaped = library.shape([table])
    with pytest.raises(Exception, match=r"own/releases.yml:3:.*no regular expression"):
        compile_library(shaped, "x")
