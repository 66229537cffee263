"""How often each signature was right in the labelled cases and their derived variants: writes signatures/confidence.yml.

    python benchmarks/confidence.py ../shared/cases --tools ../shared/tools

A signature counts as fired where it supports a cause, as right where that cause is the labelled one (or one also acceptable).
Confidence follows from it by the rule in knowledge/compiling.py: high from 95 % of five or more, medium from 80 %, else low.
"""

from __future__ import annotations

import argparse
import collections
import importlib
import sys
import tempfile
from pathlib import Path
from typing import Any

from backuptrace.api import scan_with
from backuptrace.errors import BackuptraceError
from backuptrace.knowledge.loading import Knowledge, load

KINDS = ("recovered", "older-fault", "noise", "shape", "shift", "foreign")
HEAD = """# How often each signature was right: [cases in which it fired, of those with the labelled cause].
# Written by benchmarks/confidence.py over the labelled cases and their derived variants; do not edit.
schema: 1
fired:
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=Path, nargs="+")
    parser.add_argument("--tools", type=Path, required=True, help="folder with score.py and derive.py")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent.parent / "signatures" / "confidence.yml")
    args = parser.parse_args()
    sys.path.insert(0, str(args.tools))
    derive, score = importlib.import_module("derive"), importlib.import_module("score")
    every = score.read_cases(args.cases)
    todo = [*every, *(variant for kind in KINDS for variant in derive.variants(kind, every, every)[0])]
    knowledge, fired, right = load(), collections.Counter[str](), collections.Counter[str]()
    for case in todo:
        accepted = set() if case.rule == "none" else case.accepted
        for signature, causes in supporting(score, case, knowledge).items():
            fired[signature] += 1
            right[signature] += bool(causes & accepted)
    rows = "".join(f"  {name}: [{fired[name]}, {right[name]}]\n" for name in sorted(fired))
    args.out.write_text(HEAD + (rows or "  {}\n"), encoding="utf-8")
    print(f"{len(todo)} cases, {len(fired)} signatures fired, {sum(fired.values())} times, {sum(right.values())} right")
    return 0


def supporting(score: Any, case: Any, knowledge: Knowledge) -> dict[str, set[str]]:
    """signature -> causes that it supports in this case"""
    found: dict[str, set[str]] = collections.defaultdict(set)
    with tempfile.TemporaryDirectory() as scratch:
        try:
            report = scan_with(knowledge, score.stage(case, Path(scratch)))
        except BackuptraceError:
            return found
    for cause in report.supported():
        for item in cause.evidence:
            if item.role == "supports":
                found[item.signature].add(cause.id)
    return found


if __name__ == "__main__":
    sys.exit(main())
