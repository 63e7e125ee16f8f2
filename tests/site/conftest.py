"""The browser that looks at the pages."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if executable is None:
        reason = "no browser to look at the pages with: install chromium, or set CHROMIUM to its executable"
        if os.environ.get("DLBOOK_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=QUIET)
        yield chromium
        chromium.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which page weighs most and which takes longest to load."""
    measured = [
        (report.nodeid, dict(report.user_properties))
        for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
        if dict(report.user_properties).keys() >= {"bytes", "seconds"}
    ]
    for key, unit in (("bytes", "bytes of its own"), ("seconds", "s to load")):
        if measured:
            node, values = max(measured, key=lambda item: item[1][key])
            page = node.partition("[")[2].rstrip("]")
            terminalreporter.write_line(f"most {unit}: {values[key]:,.10g} ({page})")
