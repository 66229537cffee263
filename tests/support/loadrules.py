"""Rules that the loading itself enforces, for scans as well as for `check`: shown here with examples, tested like lints.

`says` stands in the loader's message for the bad example.
"""

from __future__ import annotations

from typing import ClassVar

from backuptrace.knowledge.checking import FORMAT_LINTS, SIGNATURE_LINTS
from backuptrace.knowledge.lints import Rule

_GOOD_SELECT = """
select:
  failed: {source: app, message|startswith: cannot start the service}
  repaired: {source: app, message|startswith: service started}
"""
_GOOD_VERDICT = """
verdicts:
  - {cause: linux-agent-not-running, when: failed, why: The service says that it cannot start., refuted_by: [repaired]}
"""


class LoadRule(Rule):
    """A rule of the loader."""

    says: ClassVar[str]


class KnownKeys(LoadRule):
    """Only the keys of the schema: a mistyped key would silently do nothing."""

    name, says = "known-keys", "unknown key"
    bad = "tittle: The service cannot start\n"
    good = "title: The service cannot start\n"


class UsedSelection(LoadRule):
    """Each selection is used in a `when` or in `refuted_by`."""

    name, says = "dangling-selection", "is used nowhere"
    bad = _GOOD_SELECT + "  idle: {source: app, message|startswith: service idles}\n"
    good = _GOOD_SELECT


class DeclaredSelection(LoadRule):
    """A `when` names selections of its own file only."""

    name, says = "unknown-selection", "unknown selection"
    bad = _GOOD_VERDICT.replace("when: failed", "when: faild")
    good = _GOOD_VERDICT


class FreeName(LoadRule):
    """No selection has the name of a word of the language."""

    name, says = "selection-name", "cannot be the name of a selection"
    bad = _GOOD_SELECT + "  within: {source: app, message|startswith: service idles}\n"
    good = _GOOD_SELECT


class UsedDefinition(LoadRule):
    """Each name under `define` is used in a `when`, or by a definition that is."""

    name, says = "dangling-definition", "the definition 'soon(x)' is used nowhere"
    bad = "define:\n  soon(x): x then repaired within 5m\n"
    good = bad + _GOOD_VERDICT.replace("when: failed", "when: failed unless soon(failed)")


class FreeDefinition(LoadRule):
    """A definition is called `name` or `name(x)`; neither is a word of the language nor the name of a selection or of another definition."""

    name, says = "definition-name", "cannot be the name of a definition"
    bad = "define:\n  failed(x): x then repaired within 5m\n"
    good = UsedDefinition.good


class DefinedAbove(LoadRule):
    """A definition uses only selections and the definitions above it, so that none leads back to itself."""

    name, says = "definition-above", "unknown selection `soon`"
    bad = "define:\n  ends: soon or repaired\n  soon: failed then repaired within 5m\n" + _GOOD_VERDICT.replace("when: failed", "when: failed unless ends")
    good = "define:\n  soon: failed then repaired within 5m\n  ends: soon or repaired\n" + _GOOD_VERDICT.replace("when: failed", "when: failed unless ends")


class WeakPattern(LoadRule):
    """Each selection on a line log yields a byte pattern with certain characters: that is what keeps a scan fast."""

    name, says = "weak-pattern", "too weak"
    bad = _GOOD_SELECT.replace("message|startswith: cannot start the service", "message|re: '[a-z]+ .*'")
    good = _GOOD_SELECT.replace("message|startswith: cannot start the service", "message|re: '[a-z]+ cannot start'")


class PortablePattern(LoadRule):
    """Patterns use only what every engine reads alike: no look-around, no back references, one line."""

    name, says = "portable-pattern", "look-ahead"
    bad = _GOOD_SELECT.replace("message|startswith: cannot start the service", "message|re: 'cannot start (?!now)'")
    good = _GOOD_SELECT.replace("message|startswith: cannot start the service", "message|re: 'cannot start (?:later|the service)'")


class KnownModifier(LoadRule):
    """Only the modifiers of the guide."""

    name, says = "known-modifier", "unknown modifier"
    bad = _GOOD_SELECT.replace("message|startswith: cannot", "message|begins: cannot")
    good = _GOOD_SELECT


class KnownField(LoadRule):
    """Only fields that the format has: a condition on another one never holds."""

    name, says = "known-field", "has no field"
    bad = _GOOD_SELECT.replace("app, message|startswith: cannot", "app, levle: ERROR, message|startswith: cannot")
    good = _GOOD_SELECT.replace("app, message|startswith: cannot", "app, level: ERROR, message|startswith: cannot")


class KnownSource(LoadRule):
    """A source is the id of a format."""

    name, says = "known-source", "unknown source"
    bad = _GOOD_SELECT.replace("source: app, message|startswith: cannot", "source: application, message|startswith: cannot")
    good = _GOOD_SELECT


class KnownMilestone(LoadRule):
    """A milestone is named as format.milestone."""

    name, says = "known-milestone", "unknown milestone"
    bad = _GOOD_SELECT.replace("source: app, message|startswith: cannot start the service", "milestone: waagent.agent-begin")
    good = _GOOD_SELECT.replace("source: app, message|startswith: cannot start the service", "milestone: waagent.agent-start")


class KnownCause(LoadRule):
    """A verdict points to a cause of signatures/causes/."""

    name, says = "known-cause", "unknown cause"
    bad = _GOOD_VERDICT.replace("linux-agent-not-running", "linux-agent-not-runing")
    good = _GOOD_VERDICT


class IdIsPath(LoadRule):
    """The id is the file's path with dots, so that a report leads to the file."""

    name, says = "id-is-path", "differs from the file's path"
    bad = "id: linux.other\n"
    good = "id: linux.example\n"


class NoTimeInState(LoadRule):
    """Settings have no time: `then`, `near`, `within` and `count` make no sense on them."""

    name, says = "state-has-no-time", "has no time"
    bad = (
        "select:\n  failed: {source: app, message|startswith: cannot start the service}\n  off: {source: waagent-conf, Extensions.Enabled: n}\n"
        + _GOOD_VERDICT.replace("when: failed", "when: failed near off within 5m").replace(", refuted_by: [repaired]", "")
    )
    good = bad.replace("near off within 5m", "and off")


class SaidWithin(LoadRule):
    """`then no`, `near` and `with no .. before` say how long."""

    name, says = "window-needed", "needs a `within`"
    bad = _GOOD_VERDICT.replace("when: failed", "when: failed near repaired").replace(", refuted_by: [repaired]", "")
    good = bad.replace("near repaired", "near repaired within 5m")


RULES: tuple[LoadRule, ...] = (
    KnownKeys(), UsedSelection(), DeclaredSelection(), FreeName(), UsedDefinition(), FreeDefinition(), DefinedAbove(), WeakPattern(), PortablePattern(),
    KnownModifier(), KnownField(), KnownSource(), KnownMilestone(), KnownCause(), IdIsPath(), NoTimeInState(), SaidWithin(),
)  # fmt: skip
ALL: tuple[Rule, ...] = (*RULES, *FORMAT_LINTS, *SIGNATURE_LINTS)


def reason(rule: Rule) -> str:
    """The first paragraph of the docstring, on one line."""
    return " ".join((rule.__doc__ or "").split("\n\n")[0].split())
