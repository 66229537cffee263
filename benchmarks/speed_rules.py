"""A folder of made-up signatures for the speed measurements, and the byte patterns that they are compiled to, written for ripgrep.

About 60 % literals, 33 % regexes with captures, 7 % that ignore case, of all these 3 % poor ones, whose literals are common in everyday
lines; a third also demands a level, a third judges an absence. The first 50 find the failure lines of the synthetic log.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from speed_words import FAILING_PARTS, FAILURES, REASONS

THINGS = ["volume", "lun", "slot", "mount", "bridge", "tenant", "fabric", "vault", "replica", "token", "route", "disk set", "queue", "lease file", "socket"]
VERBS = ["could not attach", "refused to detach", "lost contact with", "gave up on", "cannot validate", "failed to enumerate", "will not retry"]


def write(folder: Path, count: int, causes: Sequence[str], seed: int = 11) -> None:
    """One file a signature in folder/speed/. `causes`: ids of the catalogue, used in turn."""
    rng = random.Random(seed)
    target = folder / "speed"
    target.mkdir(parents=True, exist_ok=True)
    for n in range(count):
        (target / f"rule-{n:05d}.yml").write_text(_signature(n, causes[n % len(causes)], rng), encoding="utf-8")


def _signature(n: int, cause: str, rng: random.Random) -> str:
    lines = ["schema: 1", f"id: speed.rule-{n:05d}", f"title: made-up fault {n}", "select:", "  fault:", "    source: waagent"]
    lines.append(f"    {_condition(n, rng)}")
    if n % 3 == 0:
        lines.append("    level: [WARNING, ERROR]")
    when = "fault"
    if n % 3 == 1:
        lines += ["  recovered:", "    source: waagent", f"    'message|contains': 'fault {n} of the {THINGS[n % len(THINGS)]} is over'"]
        when = "fault then no recovered within 30m"
    lines += ["verdicts:", f"  - cause: {cause}", f"    when: {when}", f"    why: Fault {n} of the speed measurement."]
    if n % 3 == 1:
        lines.append("    refuted_by: [recovered]")
    return "\n".join(lines) + "\n"


def _condition(n: int, rng: random.Random) -> str:
    kind = rng.random()
    if n % 33 == 5:
        return f"'message|re': 'exit code {n % 20} from .*pid (?P<pid>[0-9]{{1,6}})'"
    if n < len(FAILURES):
        part, reason = FAILING_PARTS[n // len(REASONS)], REASONS[n % len(REASONS)]
        words, tail = f"[FAULT-{n:02d}] The {part}", reason
    else:
        words = f"{rng.choice(VERBS)} {rng.choice(THINGS)} {n}"
        tail = f"reason {rng.randrange(1000, 10_000)}"
    if kind < 0.60:
        return f"'message|contains': '{words}'"
    if kind < 0.93:
        escaped = words.replace("[", r"\[").replace("]", r"\]")
        return f"'message|re': '{escaped} .*{tail}, attempt (?P<attempt>[0-9]+) of (?P<most>[0-9]+)'"
    return f"'message|re|i': '\\b{words.removeprefix(f'[FAULT-{n:02d}] ').upper()}\\b.{{0,60}}{tail}'"


def write_patterns(signatures: Path, target: Path) -> int:
    """The byte patterns of the agent's log (built-in signatures and milestones as well), one a line, as bytes regexes. Returns their number."""
    from backuptrace.knowledge.loading import load  # heavy: only the process that prepares needs it

    patterns = load([signatures]).formats["waagent"].shape.patterns
    target.write_text("".join(f"(?{'i' if p.ignore_case else ''}-u:{p.block})\n" for p in patterns), encoding="ascii")
    return len(patterns)


def cause_ids() -> list[str]:
    """The catalogue's causes."""
    from backuptrace.knowledge.loading import load

    return [cause.id for cause in load().pack.causes]
