"""case.html as a browser sees it: opens from disk without a request, works with and without its script, at every width and in both colour schemes."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from backuptrace.report.document import Report

from .conftest import Browser, Save

LINUX, WINDOWS = "linux/wireserver-unreachable", "windows/vss-hangs"
SHOWN = "return [...document.querySelectorAll('tr[data-causes]')].filter(row => row.offsetParent).length"
CONTRAST = """
const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
  .reduce((sum, v, n) => sum + v * [.2126, .7152, .0722][n], 0);
const parse = text => text.match(/[\\d.]+/g).map(Number);
const ground = part => { for (; part; part = part.parentElement) {
  const colour = parse(getComputedStyle(part).backgroundColor); if (colour.length < 4 || colour[3] === 1) return colour; } return null; };
const weak = new Set();
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const part = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim() || part.closest('script, title, [hidden]')) continue;
  const svg = part.closest('svg');
  const [one, other] = [light(parse(getComputedStyle(part)[svg ? 'fill' : 'color'])), light(ground(svg ? svg.parentElement : part) || [255, 255, 255])];
  const ratio = (Math.max(one, other) + .05) / (Math.min(one, other) + .05);
  if (ratio < 4.5) weak.add(`${part.localName}.${part.getAttribute('class')}: ${ratio.toFixed(2)}`);
}
return [...weak];
"""


@pytest.mark.parametrize("name", [LINUX, WINDOWS, "windows/healthy-after-fault", "linux/healthy"])
def test_it_opens_from_disk_without_a_request_or_a_complaint(name: str, browser: Browser, scanned: Callable[..., Report], save: Save) -> None:
    report = scanned(name)
    address = save(report)
    browser.open(address)
    assert browser.requests() == {address}
    assert browser.complaints() == []
    assert browser.js("return document.querySelector('h1').textContent") in report.verdict.sentence
    assert browser.js("return document.querySelectorAll('tbody.status tr th[scope=row]').length") == len(report.causes)


def test_requests_and_complaints_would_be_seen(browser: Browser, tmp_path: Path) -> None:
    """The two probes above see what they look for."""
    page = tmp_path / "bad.html"
    page.write_text("<img src='http://127.0.0.1:9/x.png'><script>nothing.there()</script>", encoding="utf-8")
    browser.open(page.as_uri())
    assert "http://127.0.0.1:9/x.png" in browser.requests()
    assert any("nothing is not defined" in text for text in browser.complaints())


def test_unticked_causes_and_sources_disappear_from_picture_and_list(browser: Browser, scanned: Callable[..., Report], save: Save) -> None:
    browser.open(save(scanned(WINDOWS)))
    total = browser.js(SHOWN)
    click = "document.querySelector('input[data-filter={kind}][value=\"{value}\"]').click()"
    marks = "return [...document.querySelectorAll('g.lane [data-causes]')].filter(mark => getComputedStyle(mark).display !== 'none').length"
    drawn = browser.js(marks)

    browser.js(click.format(kind="cause", value="step"))
    evidence = browser.js(SHOWN)
    assert evidence == browser.js("return document.querySelectorAll('tr.evidence').length")
    assert 0 < evidence < total
    assert 0 < browser.js(marks) < drawn
    assert str(evidence) in browser.js("return document.getElementById('shown').textContent")

    browser.js(click.format(kind="source", value="0"))
    rest = "return [...document.querySelectorAll('tr[data-causes]')].filter(row => row.offsetParent).map(row => row.dataset.source)"
    assert "0" not in browser.js(rest)
    assert browser.js("return getComputedStyle(document.querySelector('g.lane[data-source=\"0\"]')).display") == "none"

    browser.js("document.getElementById('show-all').click()")
    assert browser.js(SHOWN) == total
    assert browser.js(marks) == drawn
    assert browser.complaints() == []


def test_a_row_of_two_causes_stays_until_both_are_unticked(browser: Browser, scanned: Callable[..., Report], save: Save) -> None:
    browser.open(save(scanned(WINDOWS)))
    both = "return [...document.querySelectorAll('tr[data-causes=\"0 1\"]')].filter(row => row.offsetParent).length"
    before = browser.js(both)
    browser.js("document.querySelector('input[data-filter=cause][value=\"0\"]').click()")
    assert browser.js(both) == before > 0
    browser.js("document.querySelector('input[data-filter=cause][value=\"1\"]').click()")
    assert browser.js(both) == 0


def test_a_mark_leads_to_its_row_by_keyboard_even_where_the_list_is_folded(browser: Browser, scanned: Callable[..., Report], save: Save) -> None:
    from selenium.webdriver.common.keys import Keys

    browser.open(save(scanned(LINUX)))
    browser.js("document.getElementById('events').open = false; document.querySelector('g.lane a').focus()")
    browser.driver.switch_to.active_element.send_keys(Keys.ENTER)
    assert browser.js("return document.querySelector('tr:target').offsetParent !== null")
    assert browser.js("return document.querySelector('tr:target').className") == "evidence"


def test_without_scripts_everything_is_there_and_nothing_pretends_to_work(browser: Browser, scanned: Callable[..., Report], save: Save) -> None:
    browser.open(save(scanned(LINUX)), scripts=False)
    text = browser.driver.find_element("tag name", "main").text
    assert "Protocol endpoint not found" in text
    assert "steps of agent and backup" in text
    assert len(browser.driver.find_elements("css selector", "g.lane a")) == 8
    assert not [box for box in browser.driver.find_elements("css selector", "input, button") if box.is_displayed()]
    browser.run("Emulation.setScriptExecutionDisabled", value=False)


@pytest.mark.parametrize("width", [340, 800, 1600])
@pytest.mark.parametrize("name", [LINUX, WINDOWS])
def test_only_tables_and_the_picture_scroll_sideways(name: str, width: int, browser: Browser, scanned: Callable[..., Report], save: Save) -> None:
    browser.open(save(scanned(name, "de")), width=width)
    assert browser.js("return document.documentElement.scrollWidth") <= width
    assert browser.js("return document.documentElement.lang") == "de"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", [LINUX, WINDOWS, "windows/healthy-after-fault"])
def test_texts_stand_out_from_the_ground(name: str, scheme: str, browser: Browser, scanned: Callable[..., Report], save: Save) -> None:
    """WCAG 2, 1.4.3: 4.5 to 1."""
    browser.open(save(scanned(name)), scheme=scheme)
    ground = browser.js("return getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(255, 255, 255)") is (scheme == "light")
    assert browser.js(CONTRAST) == []


def test_it_can_be_walked_by_landmarks_headings_and_keys(browser: Browser, scanned: Callable[..., Report], save: Save) -> None:
    browser.open(save(scanned(WINDOWS)))
    count = "return ['header', 'nav', 'main', 'footer', 'h1'].map(name => document.querySelectorAll(name).length)"
    assert browser.js(count) == [1, 1, 1, 1, 1]
    levels = browser.js("return [...document.querySelectorAll('h1, h2, h3, h4')].map(part => Number(part.localName[1]))")
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert browser.js("return [...document.querySelectorAll('nav a')].filter(a => !document.querySelector(a.getAttribute('href'))).length") == 0
    assert browser.js("return [...document.querySelectorAll('.scroll')].filter(part => part.tabIndex !== 0 || !part.ariaLabel).length") == 0
    ids = browser.js("return [...document.querySelectorAll('[id]')].map(part => part.id)")
    assert len(ids) == len(set(ids))


def test_it_prints_with_everything_unfolded(browser: Browser, scanned: Callable[..., Report], save: Save) -> None:
    browser.open(save(scanned(LINUX)))
    browser.js("document.getElementById('events').open = false; addEventListener('afterprint', () => { window.printed = true; })")
    opened = "addEventListener('beforeprint', () => { window.folded = document.querySelectorAll('details:not([open])').length; })"
    browser.js(opened)
    assert len(browser.run("Page.printToPDF")["data"]) > 20_000
    assert browser.js("return [window.folded, window.printed]") == [0, True]
    assert browser.js("return document.getElementById('events').open") is False


def test_a_report_without_anything_opens_too(browser: Browser, scanned: Callable[..., Report], save: Save) -> None:
    bare = msgspec.structs.replace(
        scanned(LINUX), causes=[], attempts=[], timeline=[], coverage=[], facts=[], next=[], problems=[], capped=[], missing=[], unexplained=[]
    )
    browser.open(save(bare))
    assert browser.complaints() == []
    assert browser.js("return document.querySelectorAll('main section').length") == 0
