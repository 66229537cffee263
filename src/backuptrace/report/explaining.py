"""Pages of the catalogue for an engineer: one code, one cause, or the list of causes. Pure: what they hold comes from the knowledge alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal

import msgspec

from backuptrace.knowledge.catalogue import YEAR, Stale
from backuptrace.knowledge.shapes import CauseShape, CodeShape, Provenance
from backuptrace.knowledge.texts import Hint, Language
from backuptrace.report.document import Doc
from backuptrace.report.layout import Page, columns
from backuptrace.report.phrases import Tongue, tongue


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One step or sign, and the system that it concerns."""

    text: str
    os: str = "any"


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """What to look at, and one read-only command that shows it."""

    what: str
    command: str | None = None
    os: str = "any"


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Where the facts come from; dates as YYYY-MM-DD or YYYY-MM, "" where not known."""

    id: str
    title: str
    published: str = ""
    checked: str = ""


class CausePage(msgspec.Struct, frozen=True, kw_only=True, tag="cause", tag_field="kind"):
    """A cause of the catalogue in one language."""

    id: str
    title: str
    os: list[str]
    observable: str
    explanation: str
    codes: list[str]
    steps: list[Item]
    proves: list[Item]
    refutes: list[Item]
    commands: list[Command]
    caveats: str
    doc: Doc
    source: Source
    language: Language


class CodeCause(msgspec.Struct, frozen=True, kw_only=True):
    """A cause in a code's list."""

    id: str
    title: str
    os: list[str]


class CodePage(msgspec.Struct, frozen=True, kw_only=True, tag="code", tag_field="kind"):
    """A code of the portal in one language, its causes in the documented order."""

    code: str
    aliases: list[str]
    message: str
    causes: list[CodeCause]
    steps: list[Item]
    caveats: str
    doc: Doc | None
    source: Source
    language: Language


def cause_page(cause: CauseShape, language: Language) -> CausePage:
    """The page of a cause."""
    speak = tongue(language)
    return CausePage(
        id=cause.id,
        title=speak.text(cause.title),
        os=list(cause.os),
        observable=cause.observable,
        explanation=speak.text(cause.explanation),
        codes=cause.error_codes,
        steps=_items(cause.steps, speak),
        proves=_items(cause.proves, speak),
        refutes=_items(cause.refutes, speak),
        commands=[Command(what=speak.text(need.what), command=need.command, os=need.os) for need in cause.needs],
        caveats=speak.text(cause.caveats),
        doc=Doc(url=cause.doc.url, anchor=cause.doc.anchor, section=cause.doc.section),
        source=_source(cause.source, speak),
        language=language,
    )


def code_page(code: CodeShape, causes: Iterable[CauseShape], language: Language) -> CodePage:
    """The page of a code; `causes`: the whole catalogue."""
    speak = tongue(language)
    known = {cause.id: cause for cause in causes}
    return CodePage(
        code=code.code,
        aliases=[str(alias) for alias in code.aliases],
        message=speak.text(code.message),
        causes=[CodeCause(id=name, title=speak.text(known[name].title), os=list(known[name].os)) for name in code.causes if name in known],
        steps=_items(code.steps, speak),
        caveats=speak.text(code.caveats),
        doc=None if code.doc is None else Doc(url=code.doc.url, anchor=code.doc.anchor, section=code.doc.section),
        source=_source(code.source, speak),
        language=language,
    )


def _items(hints: Iterable[str | Hint], speak: Tongue) -> list[Item]:
    return [Item(text=speak.text(hint), os="any" if isinstance(hint, str) else hint.os) for hint in hints]


def _source(source: Provenance, speak: Tongue) -> Source:
    return Source(id=source.id, title=speak.word("source", source.id), published=source.published, checked=source.checked)


# text


def cause_text(page: CausePage, *, width: int = 80, color: bool = False) -> str:
    """The page of a cause as text of `width` columns."""
    out, say = Page(width, color=color), tongue(page.language).say
    out.heading(say("explain.cause", id=page.id))
    out.prose(page.title, style="heading")
    out.lines.append("")
    out.prose(page.explanation)
    out.lines.append("")
    speak = tongue(page.language)
    systems = ", ".join(speak.word("os", name) for name in page.os)
    rows = [("systems", systems), ("visible", speak.word("observable", page.observable)), ("codes", ", ".join(page.codes))]
    _facts(out, [(say(f"explain.{label}"), text) for label, text in rows if text])
    _listed(out, say("heading.to-do"), page.steps, page.os, speak, numbered=True)
    _listed(out, say("explain.heading-proves"), page.proves, page.os, speak)
    _listed(out, say("explain.heading-refutes"), page.refutes, page.os, speak)
    if page.commands:
        out.heading(say("explain.heading-commands"))
        for item in page.commands:
            out.prose(_marked(item.what, item.os, page.os, speak))
            if item.command:
                out.line(item.command, indent=4)
    _end(out, page.caveats, page.doc, page.source, speak)
    return out.text()


def code_text(page: CodePage, *, width: int = 80, color: bool = False) -> str:
    """The page of a code as text of `width` columns: its causes with a line each."""
    out, speak = Page(width, color=color), tongue(page.language)
    out.heading(speak.say("explain.code", code=page.code))
    out.prose(page.message, style="heading")
    if page.aliases:
        out.prose(speak.say("explain.aliases", names=", ".join(page.aliases)))
    if page.causes:
        out.heading(speak.count("explain.heading-causes", len(page.causes)))
        digits = len(str(len(page.causes)))
        for number, cause in enumerate(page.causes, 1):
            only = f" ({speak.word('os', cause.os[0])})" if len(cause.os) == 1 else ""
            out.prose(f"{cause.title}{only}", first=f"{number:{digits}}. ")
            out.line(cause.id, indent=4 + digits, style="dim")
        out.lines.append("")
        out.prose(speak.say("explain.more", id=page.causes[0].id))
    else:
        out.lines.append("")
        out.prose(speak.say("explain.no-causes"))
    _listed(out, speak.say("heading.to-do"), page.steps, ["linux", "windows"], speak, numbered=True)
    _end(out, page.caveats, page.doc, page.source, speak)
    return out.text()


def list_text(causes: Sequence[CauseShape], language: Language, *, width: int = 80, color: bool = False) -> str:
    """All causes as a table: id and title."""
    out, speak = Page(width, color=color), tongue(language)
    wide = max((columns(cause.id) for cause in causes), default=0)
    out.prose(speak.say("list.title"), indent=0, first=f"{speak.say('list.id'):{wide}}  ", style="heading")
    for cause in causes:
        out.prose(speak.text(cause.title), indent=0, first=f"{cause.id:{wide}}  ")
    out.lines.append("")
    out.prose(speak.count("list.summary", len(causes)), indent=0)
    return out.text()


def stale_text(found: Sequence[Stale], total: int, today: date, language: Language, *, width: int = 80, color: bool = False) -> str:
    """Entries with an old source: when it was published and when somebody last compared the entry with it."""
    out, speak = Page(width, color=color), tongue(language)
    if not found:
        out.prose(speak.say("list.stale-none", days=YEAR, today=today.isoformat()), indent=0)
        return out.text()
    titles = (speak.say("list.published"), speak.say("list.checked"))
    rows = [(item.source.published or speak.say("list.undated"), item.source.checked or speak.say("list.undated"), item) for item in found]
    first, second = (max(columns(text) for text in column) for column in zip(titles, *(row[:2] for row in rows), strict=True))
    out.row(f"{titles[0]:{first}}  {titles[1]:{second}}  {speak.say('explain.source')}", indent=0, style="heading")
    for published, checked, item in rows:
        out.prose(f"{item.source.id:3}  {item.name}", indent=0, first=f"{published:{first}}  {checked:{second}}  ")
    out.lines.append("")
    out.prose(speak.say("list.stale-summary", n=len(found), all=total, days=YEAR, today=today.isoformat()), indent=0)
    for name in sorted({item.source.id for item in found}, key=lambda text: (len(text), text)):
        out.prose(speak.word("source", name), indent=0, first=f"{name:3}  ")
    return out.text()


def _facts(out: Page, rows: Sequence[tuple[str, str]]) -> None:
    widest = max(columns(label) for label, _ in rows)
    for label, text in rows:
        out.prose(text, first=f"{label:{widest}}  ")


def _listed(out: Page, heading: str, items: Sequence[Item], systems: Sequence[str], speak: Tongue, *, numbered: bool = False) -> None:
    if not items:
        return
    out.heading(heading)
    digits = len(str(len(items)))
    for number, item in enumerate(items, 1):
        out.prose(_marked(item.text, item.os, systems, speak), first=f"{number:{digits}}. " if numbered else "- ")


def _marked(text: str, system: str, systems: Sequence[str], speak: Tongue) -> str:
    """The system in front of what concerns one of several only."""
    return f"{speak.word('os', system)}: {text}" if system != "any" and len(systems) > 1 else text


def _end(out: Page, caveats: str, doc: Doc | None, source: Source, speak: Tongue) -> None:
    if caveats:
        out.heading(speak.say("explain.heading-known-mistakes"))
        out.prose(caveats)
    out.heading(speak.say("explain.heading-source"))
    dates: list[tuple[Literal["published", "checked"], str]] = [("published", source.published), ("checked", source.checked)]
    told = [speak.say(f"explain.{kind}", date=text) for kind, text in dates if text] or [speak.say("explain.no-date")]
    out.prose(f"{source.title}; {', '.join(told)}", first=f"{source.id}  ")
    if doc is not None:
        if doc.section:
            out.prose(speak.say("documented", section=doc.section))
        out.line(f"{doc.url}#{doc.anchor}" if doc.anchor else doc.url)
