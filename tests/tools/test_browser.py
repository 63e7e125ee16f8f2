"""The browser: what is said where there is none."""

import pytest

from tools.browser import NoBrowserError, chromium


def test_without_a_browser_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NoBrowserError, match="install chromium, or set CHROMIUM"), chromium():
        pass
