"""Whoever writes to a log cannot make the report run, load or fake anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

import backuptrace
from backuptrace.knowledge.texts import Language
from backuptrace.report.document import Report
from backuptrace.report.forms import written

from .conftest import Browser, Save

OWN = "document.title='owned'"
PAYLOADS = (
    f"<script>{OWN}</script>",
    f'<img src=x onerror="{OWN}">',
    f"<svg onload={OWN}><animate onbegin={OWN}></svg>",
    f"]]><script>{OWN}</script><![CDATA[",
    f"--><script>{OWN}</script><!--",
    f"</pre></style></script></title><script>{OWN}</script>",
    f"\"' autofocus onfocus={OWN} x='\"",
    f'<a href="javascript:{OWN}">javascript:{OWN}</a>',
    f"<iframe srcdoc='<script>parent.{OWN}</script>'></iframe><object data=//203.0.113.1></object>",
    "<base href=//203.0.113.1/><meta http-equiv=refresh content=0><form action=//203.0.113.1><input></form><style>*{display:none}</style>",
    f"\x00<scr\x00ipt>{OWN}</scr\x00ipt>\x1b]0;owned\x07",
    "\u202ederever\u2066\u200b\ufeff\udc80",
    f"&lt;script&gt;{OWN}&lt;/script&gt; {{{{7*7}}}} ${{7*7}}",
)
HIT = "INFO Daemon Daemon Protocol endpoint not found: [ProtocolError] [Wireserver Exception] [HttpError] [HTTP Failed] GET http://168.63.129.16/ -- IOError timed out"
FOUND = """
const known = new Set('html head meta title style script body a header p span h1 dl div dt dd nav ol ul li main section h2 h3 small strong em code pre time mark details \
summary table thead tbody tr th td figure figcaption article footer wbr label input output button svg defs pattern rect path g text circle'.split(' '));
const parts = [...document.querySelectorAll('*')];
return {
  title: document.title,
  scripts: document.scripts.length,
  strange: [...new Set(parts.map(part => part.localName).filter(name => !known.has(name)))],
  handlers: parts.flatMap(part => part.getAttributeNames()).filter(name => name.startsWith('on') || name === 'style' || name === 'src' || name === 'srcdoc'),
  links: [...document.querySelectorAll('a')].map(a => a.getAttribute('href')).filter(href => !/^(#|https:\\/\\/learn\\.microsoft\\.com\\/)/.test(href)),
  bidi: /[\\u0000-\\u0009\\u000b-\\u001f\\u007f-\\u009f\\u202a-\\u202e\\u2066-\\u2069\\u200b\\ufeff]/.test(document.documentElement.textContent),
};
"""
CLEAN = {"scripts": 1, "strange": [], "handlers": [], "links": [], "bidi": False}


def bundle(folder: Path, payloads: Sequence[str]) -> Path:
    """A log whose hits, the lines around them, its folder and the name of the machine are hostile; one line has 10,000 characters more."""
    root = folder / f"case {PAYLOADS[1].replace('/', '')}" / f"<script>{OWN}<"
    log = root / "var" / "log" / "waagent.log"
    log.parent.mkdir(parents=True)
    (root / "etc").mkdir()
    (root / "etc" / "hostname").write_text(f"{PAYLOADS[0]}\n", encoding="utf-8")
    lines = ["2026-11-22T03:00:01.000001Z INFO Daemon Daemon Azure Linux Agent Version: 2.11.1.4"]
    for n, payload in enumerate(payloads):
        lines.append(f"2026-11-22T03:{n:02d}:40.000000Z INFO Daemon Daemon {payload}")
        lines.append(f"2026-11-22T03:{n:02d}:41.000000Z {HIT} {payload}")
    lines.append(f"2026-11-22T03:50:41.000000Z {HIT} {'<b onclick=x>' * 1000}")
    log.write_bytes("\n".join(lines).encode("utf-8", "surrogateescape") + b"\n")
    return root.parent


@pytest.mark.parametrize(
    "language, payloads, shown",
    [
        ("en", PAYLOADS[:7], ["<script>document", "<img src=x onerror=", "<svg onload=", "]]><script>", "--><script>", "</style></script>", "' autofocus"]),
        (
            "de",
            PAYLOADS[7:],
            ['href="javascript:', "<iframe srcdoc=", "<base href", "\\x00<scr\\x00ipt>", "\\x1b]0;", "\\u202ederever\\u2066", "&lt;script&gt;"],
        ),
    ],
)
def test_a_hostile_bundle_runs_no_script(
    language: Language, payloads: Sequence[str], shown: Sequence[str], tmp_path: Path, browser: Browser, save: Save
) -> None:
    report = backuptrace.scan(bundle(tmp_path, payloads), language=language, cache=False)
    assert report.verdict.cause == "wireserver-unreachable"
    address = save(report)
    browser.open(address)
    found = browser.js(FOUND)
    assert found.pop("title").startswith(("Backup report: ", "Sicherungsbericht: "))
    assert found == CLEAN
    assert browser.requests() == {address}
    assert browser.complaints() == []
    text = browser.js("return document.querySelector('main').textContent")
    assert [payload for payload in shown if payload not in text] == [], "a log's words are shown as they are"


def poisoned(value: Any, key: str, kept: set[str]) -> Any:
    if isinstance(value, dict):
        return {name: poisoned(item, name, kept) for name, item in value.items()}
    if isinstance(value, list):
        return [poisoned(item, key, kept) for item in value]
    return "".join(PAYLOADS) + value if isinstance(value, str) and key not in kept else value


def test_no_text_of_the_document_can_act(browser: Browser, scanned: Callable[..., Report], save: Save) -> None:
    """Every text that is no word of the contract is hostile, those of the catalogue and its addresses included."""
    kept = {
        "schema",
        "outcome",
        "os",
        "status",
        "confidence",
        "role",
        "result",
        "kind",
        "time",
        "from",
        "to",
        "at",
        "started",
        "ended",
        "first",
        "last",
        "language",
    }
    for name in ("windows/vss-hangs", "linux/wireserver-unreachable"):
        plain = msgspec.to_builtins(scanned(name))
        for cause in plain["causes"]:
            for item in cause["evidence"]:
                item["text"] = item["text"][:300]
        report = msgspec.convert(poisoned(plain, "", kept), Report)
        address = save(msgspec.structs.replace(report, bundle=msgspec.structs.replace(report.bundle, host="vm", name="bundle")))
        browser.open(address)
        found = browser.js(FOUND)
        assert found.pop("title").endswith("vm")
        assert found == CLEAN
        assert browser.requests() == {address}
        assert browser.complaints() == []


def test_an_address_that_is_no_https_is_no_link(browser: Browser, scanned: Callable[..., Report], save: Save) -> None:
    report = scanned("linux/wireserver-unreachable")
    for address in (f"javascript:{OWN}", "http://example.org/", 'https://example.org/"onclick="x', "data:text/html,x", "//example.org", "file:///etc/passwd"):
        causes = [msgspec.structs.replace(cause, doc=msgspec.structs.replace(cause.doc, url=address, anchor="")) for cause in report.causes]
        browser.open(save(msgspec.structs.replace(report, causes=causes)))
        assert browser.js("return [...document.querySelectorAll('a')].filter(a => !a.getAttribute('href').startsWith('#')).length") == 0
        assert address in browser.js("return document.getElementById('to-do').textContent")


def test_the_policy_holds_where_an_escape_is_forgotten(browser: Browser, scanned: Callable[..., Report], tmp_path: Path) -> None:
    report = scanned("linux/wireserver-unreachable")
    leak = (
        f"<script>{OWN}</script><img src=x onerror=\"{OWN}\"><img src=http://203.0.113.1/a.png><style>main{{display:none}}</style><p style='color:red' id=leak>"
    )
    page = tmp_path / "leak.html"
    page.write_bytes(written(report, "html").replace(b"<main>", b"<main>" + leak.encode(), 1))
    browser.open(page.as_uri())
    assert browser.driver.title.endswith(report.bundle.host or report.bundle.name)
    assert browser.js("return getComputedStyle(document.querySelector('main')).display") == "block"
    assert browser.js("return getComputedStyle(document.getElementById('leak')).color") != "rgb(255, 0, 0)"
    assert browser.network()["http://203.0.113.1/a.png"] == "csp"
    assert browser.complaints(), "the browser tells what it refused"
