"""New data files from commented templates; each passes `signatures check` and `signatures test` as it is."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

from backuptrace.errors import UsageError

ID = {
    "signature": (re.compile(r"[a-z0-9][a-z0-9-]*(?:\.[a-z0-9][a-z0-9-]*)+"), "small letters, digits and -, in parts with dots: linux.agent.my-fault"),
    "format": (re.compile(r"[a-z0-9][a-z0-9-]*"), "small letters, digits and -: my-log"),
    "cause": (re.compile(r"[a-z0-9][a-z0-9-]*"), "small letters, digits and -: my-cause"),
}
FOLDERS = {"signature": "signatures", "format": "parsers", "cause": "signatures"}


def new_text(kind: str, name: str) -> str:
    """The template with its id. Raises UsageError for an id that cannot be one."""
    pattern, advice = ID[kind]
    if not pattern.fullmatch(name):
        raise UsageError("not an id", where=name, fix=f"write {advice}")
    return (files(__package__) / "templates" / f"{kind}.yml").read_text("utf-8").replace("__ID__", name)


def write_new(kind: str, name: str, folder: str | None) -> Path:
    """Writes the file below the folder (by default ./signatures or ./parsers), which is made if need be. Raises UsageError where one is there."""
    text = new_text(kind, name)
    root = Path(folder or FOLDERS[kind])
    below = {"signature": name.replace(".", "/"), "format": name, "cause": f"causes/{name}"}[kind]
    path = root / f"{below}.yml"
    if path.exists():
        raise UsageError("the file is there already", where=str(path), fix="choose another id, or edit the file")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError("cannot write the file", where=str(path), why=error.strerror or str(error), fix="name another folder") from error
    return path
