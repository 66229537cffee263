"""The frame of every HTML file: one style, one script, and a policy that lets a browser run and load nothing else."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.resources import files

from backuptrace.knowledge.texts import Language
from backuptrace.report.html_tags import REMEMBERED, Child, Html, Mould, join, raw, tag
from backuptrace.report.phrases import Tongue


def page(title: str, body: Html, *, language: Language, footer: Child = None, more_style: str = "", script: str = "page.js") -> str:
    """A whole self-contained document. The policy in its head allows the style and the script by their hashes, and no connection to anywhere.

    more_style: the name of a file to follow page.css; script: the one script of the page.
    """
    return _frame(language, more_style, script)(title, body, join(footer))


def laid_out(top: str, head: Html, parts: Sequence[tuple[str, str, Html]], speak: Tongue) -> Html:
    """The body: a way past everything to the head, whose id is `top`, the head, a list of contents, and (anchor, title, content) of each section."""
    contents = _contents(tuple((name, title) for name, title, _ in parts), speak.say("page.contents"))
    sections = (_titled(name, title)(content) for name, title, content in parts)
    return join(tag("a", speak.say("page.skip"), href=f"#{top}", class_="skip"), head, tag("div", contents, tag("main", *sections), class_="columns"))


@lru_cache(REMEMBERED)
def _contents(parts: tuple[tuple[str, str], ...], label: str) -> Html:
    return tag("nav", tag("ol", (tag("li", tag("a", title, href=f"#{name}")) for name, title in parts)), aria_label=label)


@lru_cache(REMEMBERED)
def _titled(name: str, title: str) -> Mould:
    return Mould(lambda content: tag("section", tag("h2", title, id=f"{name}-title"), content, id=name, aria_labelledby=f"{name}-title"), 1)


@cache
def _frame(language: Language, more_style: str, script: str) -> Mould:
    """What all such pages have in common; the holes are for the title, the body and the footer."""
    style, script = asset("page.css") + (asset(more_style) if more_style else ""), asset(script)
    policy = f"default-src 'none'; style-src '{digest(style)}'; script-src '{digest(script)}'; base-uri 'none'; form-action 'none'"

    def whole(title: Html, body: Html, footer: Html) -> Html:
        head = tag(
            "head",
            tag("meta", charset="utf-8"),
            tag("meta", http_equiv="Content-Security-Policy", content=policy),
            tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
            tag("meta", name="color-scheme", content="light dark"),
            tag("meta", name="referrer", content="no-referrer"),
            tag("meta", name="robots", content="noindex"),
            tag("title", title),
            tag("style", raw(style)),
        )
        return join(raw("<!doctype html>\n"), tag("html", head, tag("body", body, footer, tag("script", raw(script))), lang=language), "\n")

    return Mould(whole, 3)


@cache
def asset(name: str) -> str:
    """A file of this package, which must not hold its own end tag."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def digest(content: str) -> str:
    """The hash by which a policy names a style or script (Content Security Policy Level 3, 2.3.1)."""
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
