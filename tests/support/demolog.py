"""A small line log, as data: its format, selections of every kind, and the cause they speak for."""

from __future__ import annotations

from backuptrace.knowledge import library
from backuptrace.knowledge.compiling import compile_library
from backuptrace.knowledge.library import Source
from backuptrace.knowledge.loading import Knowledge, Ready

FORMAT = r"""
schema: 1
id: demo
title: Demo log
os: linux
kind: indexed
reader: lines
path: [var/log/demo.log]
records:
  - {start: '^(?P<stamp>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z) (?P<level>[A-Z]+) (?P<thread>\w+) ', time: iso, zone: utc}
fields: {level: ' {} '}
heartbeat: 30m
milestones:
  boot: {match: {'message|re': '^Agent version (?P<version>\S+)'}, summary: 'starts {version}', facts: {agent: version}}
"""
SIGNATURE = r"""
schema: 1
id: linux.demo
title: Demo
select:
  refused: {source: demo, 'message|contains': connection refused}
  fatal: {source: demo, level: ERROR, 'message|startswith': Fetch failed}
  inner: {source: demo, 'message|re': 'Inner error: \[\d+\] .*denied'}
  ends: {source: demo, 'message|endswith': status unknown}
  loud: {source: demo, level: [ERROR, FATAL]}
  early: {source: demo, 'text|re': ':0[0-9]\.[0-9]+Z .*status unknown'}
  other: {source: demo, 'message|contains': connection, 'message|contains|not': refused}
verdicts:
  - {cause: demo-cause, when: 1 of them, why: it is so}
"""
CAUSE = """
schema: 1
id: demo-cause
os: [linux]
title: {en: Demo, de: Demo}
observable: guest
explanation: {en: Demo, de: Demo}
steps: [{en: Do, de: Tu}]
doc: {url: 'https://example.org'}
source: {id: S1}
"""


def build(extra: str = "") -> Ready:
    items = [
        Source("demo.yml", "linux/demo", FORMAT.encode(), "parsers", own=False),
        Source("sig.yml", "linux/demo", SIGNATURE.replace("verdicts:", extra + "verdicts:").encode(), "signatures", own=False),
        Source("cause.yml", "causes/demo-cause", CAUSE.encode(), "signatures", own=False),
    ]
    return Knowledge(compile_library(library.shape(items), "test"), {}, []).formats["demo"]
