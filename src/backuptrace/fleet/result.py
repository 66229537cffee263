"""What a run leaves in `fleet.json`: the summary, and the bundles of which nothing came."""

from __future__ import annotations

from typing import Literal

import msgspec

from backuptrace.fleet.summary import Summary
from backuptrace.knowledge.texts import Language
from backuptrace.model import Problem

SCHEMA: Literal["backuptrace.fleet/1"] = "backuptrace.fleet/1"


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """A bundle without a report. kind: crashed, timeout, memory, internal or unreadable."""

    bundle: str
    kind: str
    what: str
    fix: str = ""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """The whole fleet. with_problems: scanned bundles in which something could not be read; aside: what was no bundle in the sources;
    titles: of the causes of the summary, in `language`.

    The same bundles, knowledge and options give the same result, however often the run was interrupted.
    """

    schema: Literal["backuptrace.fleet/1"] = SCHEMA
    version: str
    signatures: str
    language: Language
    redacted: bool
    bundles: int
    scanned: int
    with_problems: int
    summary: Summary
    titles: dict[str, str] = {}
    failed: list[Failure] = []
    unreadable: list[Failure] = []
    aside: list[Problem] = []
