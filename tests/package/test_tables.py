"""Tables of data/ are read by name, wherever the package is."""

import pytest

import dlbook_utils as dl
from dlbook_utils.datasets import tables


def test_what_reads_as_a_number_is_one(tmp_path, monkeypatch):
    (tmp_path / "README.md").write_text("")
    (tmp_path / "a.csv").write_text("name,year,share\nLeNet,1998,0.25\n中文,-3,nan of it\n")
    monkeypatch.setattr(tables, "_FOLDERS", [tmp_path / "nowhere", tmp_path])
    assert dl.table("a") == [
        {"name": "LeNet", "year": 1998, "share": 0.25},
        {"name": "中文", "year": -3, "share": "nan of it"},
    ]


def test_no_such_table():
    with pytest.raises(ValueError, match=r"no 'nothing.csv' in data/"):
        dl.table("nothing")
