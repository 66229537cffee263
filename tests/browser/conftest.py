"""Chromium without a window, driven from Python; and reports of real scans as files on disk."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

import backuptrace
from backuptrace.knowledge.texts import Language
from backuptrace.report.document import Report
from backuptrace.report.forms import written

SAMPLES = Path(__file__).parents[2] / "sample_logs"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
Save = Callable[[Report], str]


class Browser:
    """One window. `open` forgets what was logged before; `requests` and `complaints` tell what the page opened last did."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def open(self, address: str, *, width: int = 1280, scheme: str = "light", scripts: bool = True) -> None:
        self.run("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.run("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.run("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        self.driver.get("about:blank")
        for kind in ("browser", "performance"):
            self.driver.get_log(kind)  # type: ignore[no-untyped-call]
        self.driver.get(address)

    def run(self, command: str, **arguments: Any) -> Any:
        return self.driver.execute_cdp_cmd(command, arguments)

    def js(self, script: str) -> Any:
        return self.driver.execute_script(script)

    def network(self) -> dict[str, str]:
        """Address -> why the browser refused to load it, "" where it did not; of everything that the page wanted to load."""
        entries = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]  # type: ignore[no-untyped-call]
        wanted = {e["params"]["requestId"]: e["params"]["request"]["url"] for e in entries if e["method"] == "Network.requestWillBeSent"}
        refused = {e["params"]["requestId"]: e["params"].get("blockedReason", "") for e in entries if e["method"] == "Network.loadingFailed"}
        return {url: refused.get(name, "") for name, url in wanted.items() if url != "about:blank"}

    def requests(self) -> set[str]:
        return set(self.network())

    def complaints(self) -> list[str]:
        """What stands in the console."""
        return [entry["message"] for entry in self.driver.get_log("browser")]  # type: ignore[no-untyped-call]


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip("needs Debian's packages chromium and chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    chrome = webdriver.Chrome(options=options, service=Service(driver))
    yield Browser(chrome)
    chrome.quit()


@pytest.fixture(scope="session")
def scanned() -> Callable[..., Report]:
    """The report of a sample, scanned once."""
    known: dict[tuple[str, Language], Report] = {}

    def get(name: str, language: Language = "en") -> Report:
        if (name, language) not in known:
            archive = next(iter(sorted((SAMPLES / name).glob("bundle.*"))), SAMPLES / name)
            known[name, language] = backuptrace.scan(archive, language=language)
        return known[name, language]

    return get


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """Writes the report as an HTML file and tells its address."""

    def put(report: Report) -> str:
        file = tmp_path / "case.html"
        file.write_bytes(written(report, "html"))
        return file.as_uri()

    return put
