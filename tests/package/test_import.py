"""The package's front door: light to import, complete, and clear about what it does not have."""

import subprocess
import sys

import pytest

import dlbook_utils as dl


def test_every_public_name_is_there():
    assert sorted(dl.__all__) == dir(dl)
    assert all(callable(getattr(dl, name)) for name in dl.__all__)


def test_unknown_name():
    with pytest.raises(AttributeError, match=r"no 'explode'; it has .*explore"):
        dl.explode  # noqa: B018


def test_importing_loads_nothing_heavy():
    code = "import sys, dlbook_utils; print({'torch', 'matplotlib', 'numpy', 'sklearn'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "set()"
