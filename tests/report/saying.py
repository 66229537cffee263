"""The English sentences that the lower floors say to people, found in their source: f-strings with `{}` for what is filled in."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import backuptrace

ROOT = Path(backuptrace.__file__).parent
FLOORS = [
    "bundle",
    "scanning",
    "readers",
    "timeline",
    "reason",
    "knowledge/cache.py",
    "knowledge/loading.py",
    "knowledge/library.py",
    "knowledge/recognition.py",
    "knowledge/sectioning.py",
    "api.py",
    "fleet/sources.py",
    "fleet/pool.py",
    "fleet/work.py",
    "fleet/running.py",
]
SAID_BY = {"StreamError": (1, 2), "Problem": (2, 3), "warn": (1, 2), "note": (0,), "Focus": (2,), "Fault": (1,), "_aside": (2, 3), "at_attempt": (3,)}
"""Name of what is called -> which of its arguments are sentences."""
KEPT_IN = {"notes", "capped"}
LABELS = {"posted.py", "viewer.py", "eventvalues.py"}
"""Files whose constants are labels in logs, not sentences."""
VARIABLES = {"what", "fix", "basis", "how", "why"}


def sentences() -> dict[str, str]:
    """Sentence -> file:line."""
    found: dict[str, str] = {}
    for name in FLOORS:
        path = ROOT / name
        for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            labels = {id(node) for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign)} if file.name in LABELS else set()
            for node in ast.walk(tree):
                for said in _said(node) if id(node) not in labels else ():
                    for text in _texts(said):
                        if " " in text.strip():
                            found.setdefault(text, f"{file.relative_to(ROOT)}:{said.lineno}")
    return found


def _said(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.Call):
        name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr if isinstance(node.func, ast.Attribute) else ""
        yield from (node.args[n] for n in SAID_BY.get(name, ()) if n < len(node.args))
        if name == "append" and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            if (owner.attr if isinstance(owner, ast.Attribute) else owner.id if isinstance(owner, ast.Name) else "") in KEPT_IN:
                yield node.args[0]
    elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = [name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]
        if VARIABLES.intersection(names) or any(name.isupper() for name in names):
            values = node.value.elts if isinstance(node.value, ast.Tuple) else node.value.values if isinstance(node.value, ast.Dict) else [node.value]
            yield from (value for value in values if any(name in VARIABLES for name in names) or _is_prose(value))


def _is_prose(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"[a-z][\w ,;:()'?-]+", node.value) is not None


def _texts(node: ast.expr) -> Iterator[str]:
    """Every text that the expression can be."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else "{}" for part in node.values)
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from _texts(value)
