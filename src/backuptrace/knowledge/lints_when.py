"""Lints on `when` and its verdict: expressions that can never be true, windows that cannot be, absences that nobody can know."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from backuptrace.errors import Fault
from backuptrace.knowledge import when as ast
from backuptrace.knowledge.durations import duration, duration_text
from backuptrace.knowledge.lints import Severity, SignatureLint, SignatureView
from backuptrace.model import DAY, MINUTE

FAILURE = 15 * MINUTE
"""What `at failure` looks at (docs/signatures.md)."""
LONGEST_LOG = 366 * DAY


class NeverTrue(SignatureLint):
    """A verdict that no log can fulfil: `a and not a`, `a unless a`, `a then first(a)`, `last(a) then a`."""

    name = "never-true"
    bad = """
verdicts:
  - {cause: linux-agent-not-running, when: failed and repaired and not failed, why: Never., refuted_by: [repaired]}
"""
    good = """
verdicts:
  - {cause: linux-agent-not-running, when: failed unless repaired, why: The service says that it cannot start.}
"""

    def check(self, view: SignatureView) -> Iterator[Fault]:
        for n, when in view.whens:
            for part in ast.nodes(when):
                if why := _contradiction(part):
                    yield Fault(view.when_place(n), f"the verdict can never be true: {why}", "remove one of the two, or name another selection")


class WrongSystem(SignatureLint):
    """The cause must be one of the system that writes the logs; on any other it is not applicable."""

    name = "cause-of-another-system"
    bad = """
verdicts:
  - {cause: vss-writer, when: failed, why: A writer., refuted_by: [repaired]}
tests:
  - {name: it fails, expect: supported, files: {var/log/app.log: '2026-11-22T03:00:00Z ERROR cannot start the service'}}
  - {name: it starts, expect: none, files: {var/log/app.log: '2026-11-22T03:00:00Z INFO service started'}}
"""
    good = """
verdicts:
  - {cause: linux-agent-not-running, when: failed, why: The service says that it cannot start., refuted_by: [repaired]}
"""

    def check(self, view: SignatureView) -> Iterator[Fault]:
        for n, when in view.whens:
            cause = view.library.causes.get(view.shape.verdicts[n].cause)
            written = {shape.os for name in ast.names_of(when) if (shape := view.format_of(name))} - {"any"}
            if cause and written and not written & set(cause[0].os):
                what = f"the cause {cause[0].id!r} is one of {' and '.join(cause[0].os)}, the sources are logs of {' and '.join(sorted(written))}"
                yield Fault(view.file.place(f"$.verdicts[{n}].cause"), what, "choose a cause of the same system, or add it to the cause's `os`")


class SilenceUnheard(SignatureLint):
    """`silence(format)` measures only what is longer than the format's `heartbeat`: a shorter or missing one can never be reached."""

    name = "silence-below-heartbeat"
    bad = """
verdicts:
  - {cause: linux-agent-not-running, when: failed and silence(app) >= 10m, why: Silent since., refuted_by: [repaired]}
"""
    good = """
verdicts:
  - {cause: linux-agent-not-running, when: failed and silence(app) >= 2h, why: Silent since., refuted_by: [repaired]}
"""

    def check(self, view: SignatureView) -> Iterator[Fault]:
        for n, when in view.whens:
            for part in ast.nodes(when):
                if not isinstance(part, ast.Silence) or part.format not in view.library.formats:
                    continue
                heartbeat = duration(view.library.formats[part.format][0].heartbeat) or 0
                if not heartbeat:
                    what = f"the format {part.format} has no heartbeat, so its silence is never measured"
                    yield Fault(view.when_place(n), what, "add `heartbeat:` to the format")
                elif part.duration < heartbeat:
                    what = f"a silence of {duration_text(part.duration)} is normal for {part.format}: its heartbeat is {duration_text(heartbeat)}"
                    yield Fault(view.when_place(n), what, f"ask for more than {duration_text(heartbeat)}")


class WindowTooWide(SignatureLint):
    """A window wider than what is looked at limits nothing: `at failure` is 15 minutes, no collected log reaches back a year.

    A silence cannot be longer than that either.
    """

    name = "impossible-window"
    bad = """
verdicts:
  - {cause: linux-agent-not-running, when: count(failed) >= 3 within 2h at failure, why: Three times., refuted_by: [repaired]}
"""
    good = """
verdicts:
  - {cause: linux-agent-not-running, when: count(failed) >= 3 within 5m at failure, why: Three times., refuted_by: [repaired]}
"""

    def check(self, view: SignatureView) -> Iterator[Fault]:
        for n, when in view.whens:
            for width, at_failure in _windows(when, False):
                if at_failure and width > FAILURE:
                    what = f"`at failure` looks at 15 minutes, the window of {duration_text(width)} is wider"
                    yield Fault(view.when_place(n), what, "make the window smaller, or write `in attempt`")
                elif width > LONGEST_LOG:
                    yield Fault(view.when_place(n), f"no log reaches back {duration_text(width)}", "make the window smaller, or leave it out")


class NeverCollected(SignatureLint):
    """An absence can be known only where the log is there; a format without `expected` is one that bundles seldom hold.

    `unless` asks the same and lets the verdict stand while it is unknown.
    """

    name = "absence-never-collected"
    bad = """
select:
  failed: {source: app, message|startswith: cannot start the service}
  repaired: {source: app, message|startswith: service started}
  killed: {source: rare, message|contains: killed by hand}
verdicts:
  - {cause: linux-agent-not-running, when: failed and not killed, why: It fails by itself., refuted_by: [repaired]}
tests:
  - {name: it fails, expect: supported, files: {var/log/app.log: '2026-11-22T03:00:00Z ERROR cannot start the service'}}
  - {name: it starts, expect: none, files: {var/log/app.log: '2026-11-22T03:00:00Z INFO service started'}}
  - {name: it fails without the other log, expect: unknown, files: {var/log/app.log: '2026-11-22T03:00:00Z ERROR cannot start the service'}}
"""
    good = """
select:
  failed: {source: app, message|startswith: cannot start the service}
  repaired: {source: app, message|startswith: service started}
  killed: {source: rare, message|contains: killed by hand}
verdicts:
  - {cause: linux-agent-not-running, when: failed unless killed, why: It fails by itself., refuted_by: [repaired]}
"""

    def check(self, view: SignatureView) -> Iterator[Fault]:
        for n, when in view.whens:
            for name in sorted(ast.absences(when)):
                shape = view.format_of(name)
                if shape and shape.expected is None:
                    what = f"the absence of {name!r} decides, but usual bundles do not hold {shape.id}: it will nearly always be unknown"
                    yield Fault(view.when_place(n), what, f"write `unless {name}`, or declare `expected` in the format {shape.id}")


class NothingSeen(SignatureLint):
    """A verdict needs something that was seen: absences alone also hold on a machine that simply does other work."""

    name = "rests-on-absence-alone"
    bad = """
select:
  repaired: {source: app, message|startswith: service started}
verdicts:
  - {cause: linux-agent-not-running, when: not repaired, why: It never starts.}
tests:
  - {name: it fails, expect: supported, files: {var/log/app.log: '2026-11-22T03:00:00Z ERROR cannot start the service'}}
  - {name: it starts, expect: none, files: {var/log/app.log: '2026-11-22T03:00:00Z INFO service started'}}
  - {name: no log, expect: unknown, files: {etc/hostname: sample}}
"""
    good = """
verdicts:
  - {cause: linux-agent-not-running, when: failed and not repaired, why: It never starts.}
tests:
  - {name: it fails, expect: supported, files: {var/log/app.log: '2026-11-22T03:00:00Z ERROR cannot start the service'}}
  - {name: it starts, expect: none, files: {var/log/app.log: '2026-11-22T03:00:00Z INFO service started'}}
  - {name: no log, expect: unknown, files: {etc/hostname: sample}}
"""

    def check(self, view: SignatureView) -> Iterator[Fault]:
        for n, when in view.whens:
            if not ast.positive_names(when) and not any(isinstance(part, ast.Silence) for part in ast.nodes(when)):
                yield Fault(view.when_place(n), "the verdict rests on absences alone", "add what the fault itself writes: `failed and not repaired`")


class RefutesItself(SignatureLint):
    """A selection that supports a verdict cannot refute it: no hit of it is newer than the newest support."""

    name = "refutes-itself"
    bad = """
verdicts:
  - {cause: linux-agent-not-running, when: failed, why: The service says that it cannot start., refuted_by: [failed, repaired]}
"""
    good = """
verdicts:
  - {cause: linux-agent-not-running, when: failed, why: The service says that it cannot start., refuted_by: [repaired]}
"""

    def check(self, view: SignatureView) -> Iterator[Fault]:
        for n, when in view.whens:
            simple = {name for part in ast.nodes(when) if isinstance(part, ast.Hit | ast.Union) for name in ast.operand_names(part)}
            for m, name in enumerate(view.shape.verdicts[n].refuted_by):
                if name in simple & ast.positive_names(when):
                    what = f"{name!r} supports this verdict and cannot refute it"
                    yield Fault(view.file.place(f"$.verdicts[{n}].refuted_by[{m}]"), what, "name what shows the recovery, or leave it out")


class SameVerdict(SignatureLint):
    """The same `when` for the same cause twice adds nothing."""

    name = "same-verdict-twice"
    severity: ClassVar[Severity] = "warning"
    bad = """
verdicts:
  - {cause: linux-agent-not-running, when: failed, why: The service says that it cannot start., refuted_by: [repaired]}
  - {cause: linux-agent-not-running, when: (failed), why: It cannot start.}
"""
    good = """
verdicts:
  - {cause: linux-agent-not-running, when: failed, why: The service says that it cannot start., refuted_by: [repaired]}
  - {cause: linux-agent-not-running, when: count(failed) >= 3 within 1h, why: It cannot start.}
"""

    def check(self, view: SignatureView) -> Iterator[Fault]:
        seen: list[tuple[str, ast.When]] = []
        for n, when in view.whens:
            one = (view.shape.verdicts[n].cause, when)
            if one in seen:
                yield Fault(view.when_place(n), "an earlier verdict of the same cause says the same", "keep one of the two")
            seen.append(one)


class OneMeaning(SignatureLint):
    """A definition with a parameter is a word that readers meet in several signatures: it says the same in all of them."""

    name = "one-word-two-meanings"
    severity: ClassVar[Severity] = "warning"
    bad = """
define:
  mended(x): last(x) then repaired within 1h
verdicts:
  - {cause: linux-agent-not-running, when: failed unless mended(failed), why: The service says that it cannot start., refuted_by: [repaired]}
"""
    good = """
define:
  mended_soon(x): last(x) then repaired within 1h
verdicts:
  - {cause: linux-agent-not-running, when: failed unless mended_soon(failed), why: The service says that it cannot start., refuted_by: [repaired]}
"""

    def check(self, view: SignatureView) -> Iterator[Fault]:
        for key, text in view.shape.define.items():
            others = [(shape.id, shape.define[key]) for shape, _ in view.library.signatures.values() if "(" in key and key in shape.define]
            for other, meaning in others:
                if meaning.split() != text.split():
                    what = f"{key!r} means something else in {other}: {' '.join(meaning.split())}"
                    yield Fault(view.file.key(f"$.define.{key}"), what, "write the same, or choose another name")
                    break


def _contradiction(part: ast.When) -> str:
    if isinstance(part, ast.And):
        denied = [item.item for item in part.items if isinstance(item, ast.Not)]
        both = [item for item in part.items if item in denied]
        return "it asks that the same holds and does not hold" if both else ""
    if isinstance(part, ast.Unless):
        return "it asks for something unless it holds" if part.base == part.but else ""
    if isinstance(part, ast.Then):
        for before, after in zip(part.steps, part.steps[1:], strict=False):
            same = set(ast.operand_names(before)) == set(ast.operand_names(after))
            if same and (isinstance(before, ast.Last) or isinstance(after, ast.First)):
                return "nothing comes after the last event, nor before the first"
    return ""


def _windows(node: ast.When, at_failure: bool) -> Iterator[tuple[int, bool]]:
    """(width in microseconds, whether it lies inside `at failure`) of every window and silence."""
    if isinstance(node, ast.Scoped):
        yield from _windows(node.item, at_failure or node.scope == "failure")
    elif isinstance(node, ast.And | ast.Or):
        for item in node.items:
            yield from _windows(item, at_failure)
    elif isinstance(node, ast.Not | ast.Defined):
        yield from _windows(node.item, at_failure)
    elif isinstance(node, ast.Unless):
        yield from _windows(node.base, at_failure)
        yield from _windows(node.but, at_failure)
    elif isinstance(node, ast.Silence):
        yield node.duration, at_failure
    else:
        within = getattr(node, "within", None)
        if within is not None:
            yield within, at_failure


LINTS: tuple[SignatureLint, ...] = (
    NeverTrue(), WrongSystem(), SilenceUnheard(), WindowTooWide(), NeverCollected(), NothingSeen(), RefutesItself(), SameVerdict(),
    OneMeaning(),
)  # fmt: skip
