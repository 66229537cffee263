"""docs/causes.md: error code, cause, signatures and samples, made from the data.

`python -m tests.catalogue.causes_table` writes it anew; a test holds the file to the data.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import msgspec

from backuptrace.knowledge.catalogue import find_code
from backuptrace.knowledge.compiled import Pack
from backuptrace.knowledge.loading import load
from backuptrace.knowledge.texts import pick

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docs" / "causes.md"
SYSTEMS = {"linux": "Linux", "windows": "Windows"}
SEEN = {"guest": "logs of the VM", "control-plane": "exports of Azure", "both": "logs of the VM, exports of Azure"}
WITHOUT_SAMPLE: dict[str, str] = {}
"""Cause that a verdict can support -> why no sample can show it."""
HEAD = """\
# Codes, causes, signatures and samples

Made from signatures/, parsers/ and sample_logs/ by `python -m tests.catalogue.causes_table`; do not edit it by hand, a test compares it with the data.
`backuptrace explain CODE` and `backuptrace explain CAUSE` tell more of each, `backuptrace signatures show ID` of a signature.

"""


class Case(msgspec.Struct):
    """What the table needs of a sample's case.yml."""

    cause: str
    also: list[str] = []


def samples() -> dict[str, list[str]]:
    """Cause -> folders below sample_logs/ of which it is the first supported cause, then those in which it is supported as well."""
    first, more = defaultdict(list), defaultdict(list)
    for file in sorted((ROOT / "sample_logs").glob("*/*/case.yml")):
        case = msgspec.yaml.decode(file.read_bytes(), type=Case)
        name = file.parent.relative_to(ROOT / "sample_logs").as_posix()
        first[case.cause].append(name)
        for cause in case.also:
            more[cause].append(name)
    return {cause: [*first[cause], *more[cause]] for cause in first.keys() | more.keys()}


def signatures(pack: Pack) -> dict[str, list[str]]:
    """Cause -> ids of the signatures with a verdict on it."""
    found: dict[str, set[str]] = defaultdict(set)
    for verdict in pack.verdicts:
        found[verdict.cause].add(verdict.signature)
    return {cause: sorted(ids) for cause, ids in found.items()}


def text(pack: Pack) -> str:
    """The file."""
    telling, shown = signatures(pack), samples()
    rows = []
    for cause in sorted(pack.causes, key=lambda cause: cause.id):
        seen = f"{', '.join(SYSTEMS[name] for name in cause.os)}; {SEEN[cause.observable]}"
        codes = sorted(code.code for code in pack.codes if cause.id in code.causes)
        where = [f"[{name}](../sample_logs/{name})" for name in shown.get(cause.id, ())]
        looked = [f"`{name}`" for name in telling.get(cause.id, ())]
        rows.append(
            [
                f'<a id="{cause.id}"></a>`{cause.id}`: {pick(cause.title, "en")}',
                seen,
                ", ".join(codes) or "none",
                ", ".join(looked) or "none: it is never supported, only named with what would tell",
                ", ".join(where) or WITHOUT_SAMPLE.get(cause.id, "none: no signature looks for it" if not looked else "MISSING"),
            ]
        )
    out = HEAD + "## Causes\n\n" + _table(["cause", "seen on, in", "codes", "signatures", "samples"], rows)
    rows = []
    for code in sorted(pack.codes, key=lambda code: code.code.casefold()):
        alias = f" ({', '.join(map(str, code.aliases))})" if code.aliases else ""
        for number, name in enumerate(code.causes, 1):
            looked, where = telling.get(name, []), shown.get(name, [])
            sample = f"[{where[0]}](../sample_logs/{where[0]})" if where else "none"
            rows.append([f"{code.code}{alias}", str(number), f"[{name}](#{name})", str(len(looked)), sample])
        if not code.causes:
            rows.append([f"{code.code}{alias}", "", "no cause of its own in the catalogue, only steps", "", ""])
    return out + "\n## Codes\n\nCauses in the documented order.\n\n" + _table(["code", "order", "cause", "signatures", "a sample"], rows)


def unknown_codes(pack: Pack) -> list[tuple[str, str]]:
    """(cause, code) of codes that a cause names and the catalogue lacks."""
    return [(cause.id, name) for cause in pack.causes for name in cause.error_codes if find_code(name, pack.codes) is None]


def _table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


if __name__ == "__main__":
    FILE.write_text(text(load().pack), encoding="utf-8")
