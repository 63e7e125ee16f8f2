"""Zip files: the same bytes from the same files, and never half of one."""

import os
import time
from pathlib import Path
from zipfile import ZipFile

import pytest

from tools.archive import files, pack


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {"b.txt": "b", "a/c.txt": "c", "a/.d": "d"}.items():
        (tmp_path / "top" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "top" / name).write_text(text, encoding="utf-8")
    return tmp_path / "top"


def test_it_holds_the_folder(folder: Path) -> None:
    target = folder.parent / "top.zip"
    pack(target, files(folder))
    with ZipFile(target) as archive:
        assert archive.namelist() == ["top/a/.d", "top/a/c.txt", "top/b.txt"]
        assert archive.read("top/a/c.txt") == b"c"
        assert {entry.external_attr >> 16 for entry in archive.infolist()} == {0o644}


def test_neither_the_date_nor_who_may_read_a_file_changes_it(folder: Path) -> None:
    packed = []
    for mode in (0o600, 0o755):
        for path in files(folder).values():
            path.chmod(mode)
            os.utime(path, (time.time(), 1e9 + mode))
        pack(folder.parent / "top.zip", files(folder))
        packed.append((folder.parent / "top.zip").read_bytes())
    assert packed[0] == packed[1]


def test_when_it_fails_the_old_one_stays(folder: Path) -> None:
    target = folder.parent / "top.zip"
    target.write_bytes(b"old")
    with pytest.raises(FileNotFoundError):
        pack(target, files(folder) | {"top/z.txt": folder / "gone"})
    assert target.read_bytes() == b"old"
    assert sorted(path.name for path in folder.parent.iterdir()) == ["top", "top.zip"]
