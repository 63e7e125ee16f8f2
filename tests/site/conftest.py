"""The browser that looks at the pages."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tools.browser import NoBrowserError, chromium


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    try:
        with chromium() as started:
            yield started
    except NoBrowserError as error:
        if os.environ.get("DLBOOK_REQUIRE_BROWSER") == "1":
            pytest.fail(str(error))
        pytest.skip(str(error))


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
