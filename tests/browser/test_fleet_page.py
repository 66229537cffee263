"""fleet.html as people open it: from disk, 500 VMs, whose names and versions are whatever somebody wrote into their logs."""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from backuptrace.fleet.page import Row, render
from backuptrace.fleet.result import Failure, Result
from backuptrace.fleet.summary import Supported, Vm, summarize
from backuptrace.knowledge.texts import Language
from backuptrace.model import Problem

from .conftest import Browser

TITLES = {
    "wireserver-unreachable": "168.63.129.16 cannot be reached",
    "disk-full": "No space left for agent or extension",
    "vss-writer": "A VSS writer failed or timed out",
}
HOSTILE = "<img src=x onerror=\"document.title='owned'\">'\"><script>document.title='owned'</script>\u202e"
BEGIN = datetime(2026, 3, 1, tzinfo=timezone.utc)


def fleet(count: int) -> tuple[list[Vm], list[Row]]:
    """Machines of which some have lost the host since their agent is 2.2.46, and a few have other troubles."""
    rng = random.Random(5)
    vms, rows = [], []
    for number in range(count):
        windows = number % 4 == 0
        old = not windows and rng.random() < 0.2
        causes = ["vss-writer"] if windows and rng.random() < 0.1 else ["wireserver-unreachable"] if rng.random() < (0.7 if old else 0.03) else []
        causes += ["disk-full"] if rng.random() < 0.04 else []
        since = f"{BEGIN + timedelta(minutes=rng.randrange(60 * 24 * 20)):%Y-%m-%dT%H:%M:%S.000000Z}"
        known = {
            "agent_version": "2.7.41491.1172" if windows else "2.2.46" if old else rng.choice(["2.9.1.1", "2.11.1.4"]),
            "system": "Windows Server 2022 20348" if windows else rng.choice(["Debian GNU/Linux 12 (bookworm)", "Ubuntu 22.04", "RHEL 9.4"]),
            "region": rng.choice(["westeurope", "germanywestcentral", HOSTILE if number == 17 else "northeurope"]),
        }
        name = HOSTILE if number == 3 else f"{rng.choice(['web', 'sql', 'app'])}-{number:03}"
        outcome = "explained" if causes else rng.choice(["no-failure-seen", "no-failure-seen", "recovered"])
        supported = [Supported(cause, since, place == 0) for place, cause in enumerate(causes)]
        vms.append(
            Vm(id=str(number), name=name, bundle=f"{name}.zip", os="windows" if windows else "linux", outcome=outcome, causes=supported, properties=known)
        )
        link = f"{name}-0123456789ab.html"
        rows.append(Row(vm=name, bundle=f"{name}.zip", report=link, outcome=outcome, causes=causes, since=since if causes else None, properties=known))
    return vms, rows


def written(folder: Path, count: int = 500, language: Language = "en") -> str:
    vms, rows = fleet(count)
    result = Result(
        version="1", signatures="abc", language=language, redacted=True, bundles=count + 2, scanned=count, with_problems=3, summary=summarize(vms), titles=TITLES,
        failed=[Failure(bundle=HOSTILE, kind="crashed", what="the worker was ended by SIGSEGV", fix=HOSTILE)],
        unreadable=[Failure(bundle="empty.zip", kind="unreadable", what="the file is empty")],
        aside=[Problem("loose", HOSTILE, HOSTILE, HOSTILE)],
    )  # fmt: skip
    path = folder / "fleet.html"
    path.write_text(render(result, rows), encoding="utf-8")
    return path.as_uri()


@pytest.mark.parametrize("language", ["en", "de"])
def test_it_opens_without_a_request_or_a_complaint_and_runs_nothing_of_others(language: Language, browser: Browser, tmp_path: Path) -> None:
    address = written(tmp_path, language=language)
    browser.open(address)
    assert browser.requests() == {address}
    assert browser.complaints() == []
    title = browser.js("return document.title")
    assert "500 VMs" in title
    assert browser.js("return document.scripts.length") == 1
    assert browser.js("return document.querySelectorAll('img, iframe, object, base, form').length") == 0
    assert "<img src=x onerror=" in browser.js("return document.body.innerText")
    links = browser.js("return [...document.querySelectorAll('a')].map(a => a.getAttribute('href')).filter(href => !href.startsWith('#'))")
    assert len(links) == 499, "the hostile name is no link"
    assert all(link.startswith("reports/") and link.endswith("-0123456789ab.html") and "<" not in link for link in links)


def shown(browser: Browser) -> list[str]:
    return browser.js("return [...document.querySelectorAll('tr[data-outcome]')].filter(row => row.offsetParent).map(row => row.dataset.causes)")  # type: ignore[no-any-return]


def picked(browser: Browser, name: str, value: str) -> None:
    browser.js(f"const one = document.getElementById('{name}'); one.value = '{value}'; one.dispatchEvent(new Event('change'));")


def test_the_table_can_be_searched(browser: Browser, tmp_path: Path) -> None:
    browser.open(written(tmp_path))
    everything = shown(browser)
    assert len(everything) == 500
    picked(browser, "cause", "disk-full")
    assert shown(browser) == [causes for causes in everything if "disk-full" in causes.split()]
    assert "of 500" in browser.js("return document.getElementById('shown').textContent")
    picked(browser, "cause", "")
    picked(browser, "outcome", "recovered")
    assert set(shown(browser)) == {""}
    picked(browser, "outcome", "")
    browser.js("document.querySelector('a[data-cause=\"vss-writer\"]').click()")
    assert {causes.split()[0] for causes in shown(browser)} == {"vss-writer"}
    assert browser.js("return location.hash") == "#vms"
    picked(browser, "cause", "")
    browser.js("const one = document.getElementById('find'); one.value = 'SQL westeurope'; one.dispatchEvent(new Event('input'));")
    browser.driver.execute_async_script("setTimeout(arguments[0], 300)")
    names = browser.js("return [...document.querySelectorAll('tr[data-outcome]')].filter(row => row.offsetParent).map(row => row.innerText)")
    assert names
    assert all("sql-" in name and "westeurope" in name for name in names)


def test_without_scripts_everything_is_there(browser: Browser, tmp_path: Path) -> None:
    browser.open(written(tmp_path), scripts=False)
    browser.run("Emulation.setScriptExecutionDisabled", value=False)
    assert len(shown(browser)) == 500
    assert browser.js("return document.getElementById('pick').offsetParent") is None


@pytest.mark.parametrize("width", [380, 1280])
def test_the_page_itself_is_never_wider_than_the_window(width: int, browser: Browser, tmp_path: Path) -> None:
    browser.open(written(tmp_path), width=width)
    assert browser.js("return document.documentElement.scrollWidth") <= width
