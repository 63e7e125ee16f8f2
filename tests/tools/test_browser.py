"""The browser: which one is taken, and what is said where there is none."""

import pytest

from tools import browser


def test_the_browser_that_is_named_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", "/opt/my-browser")
    assert browser.find() == "/opt/my-browser"


def test_without_a_browser_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(browser.NoBrowser, match="install chromium, or set CHROMIUM"):
        browser.find()
