"""Full-size sets: the second mirror or a clear error, and nothing half-written, whatever the network does."""

import gzip
import io
import multiprocessing
import os
import re
import resource
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
import torch
from mirrors import fashion_mnist, registry, serving

import dlbook_utils as dl
from dlbook_utils.datasets import downloads
from tools.notebooks import read
from tools.run import execute

CHAPTERS = Path(__file__).parents[2] / "chapters"

IMAGES = "train-images-idx3-ubyte.gz"
FAULTS = {
    "truncated": "does not match the known hash",
    "wrong": "does not match the known hash",
    "404": "404 Client Error",
    "503": "503 Server Error",
    "stall": "Read timed out|timed out",
    "cut": "IncompleteRead|broken",
}


@pytest.fixture
def served(tmp_path, monkeypatch):
    """A server, and a function that sets the mirrors up by their behaviour."""
    monkeypatch.setenv("DLBOOK_DATA", str(tmp_path / "cache"))
    files = fashion_mnist()
    with serving(files) as (address, requests):

        def mirrors(*behaviours):
            if "stall" in behaviours:
                monkeypatch.setattr(downloads, "TIMEOUT", (10.0, 0.5))
            path = tmp_path / "downloads.toml"
            path.write_text(registry(files, [f"{address}/{behaviour}/" for behaviour in behaviours]))
            monkeypatch.setenv("DLBOOK_DOWNLOADS", str(path))
            return requests

        yield mirrors


def cached(tmp_path):
    return sorted(path.name for path in (tmp_path / "cache").rglob("*") if path.is_file())


class TestFashionMNIST:
    def test_parts_and_their_values(self, served):
        served("ok")
        data = dl.load("fashion-mnist", seed=1)
        assert [tuple(part[0].shape) for part in (data.train, data.val, data.test)] == [
            (1000, 1, 28, 28),
            (200, 1, 28, 28),
            (200, 1, 28, 28),
        ]
        x, y = data.train
        assert (x.dtype, y.dtype) == (torch.float32, torch.int64)
        assert x.min() == 0
        assert x.max() == 1
        assert torch.bincount(y).tolist() == [100] * 10
        assert torch.equal(x[:, 0].mean(2)[:, 4:24:2].argmax(1), y)  # pictures kept their labels
        assert len(data.classes) == 10

    def test_the_seed_draws_the_validation_part_and_leaves_the_test_part(self, served):
        served("ok")
        first, again, other = (dl.load("fashion-mnist", seed=seed) for seed in (0, 0, 1))
        assert torch.equal(first.val[0], again.val[0])
        assert not torch.equal(first.val[0], other.val[0])
        assert torch.equal(first.test[0], other.test[0])
        pictures = {bytes(x.numpy().tobytes()) for part in (first.train, first.val) for x in part[0]}
        assert len(pictures) == 1200

    def test_it_is_downloaded_once(self, served):
        requests = served("ok")
        dl.load("fashion-mnist")
        dl.load("fashion-mnist")
        assert len(requests) == len(set(requests)) == 4

    def test_what_the_book_writes_down_is_whole(self):
        entry = tomllib.loads((Path(__file__).parents[2] / "data" / "downloads.toml").read_text())
        assert all(mirror.endswith("/") for kept in entry.values() for mirror in kept["mirrors"])
        assert set(entry["fashion-mnist"]["files"]) == set(fashion_mnist())
        assert downloads._registry() == entry


class TestFaults:
    @pytest.mark.parametrize("fault", FAULTS)
    def test_the_second_mirror_helps(self, served, tmp_path, fault):
        requests = served(fault, "ok")
        assert downloads.fetch("fashion-mnist")[IMAGES].read_bytes() == fashion_mnist()[IMAGES]
        assert len(requests) == 8
        assert cached(tmp_path) == sorted(fashion_mnist())

    @pytest.mark.parametrize(("fault", "found"), FAULTS.items())
    def test_no_mirror_helps(self, served, tmp_path, fault, found):
        served(fault)
        with pytest.raises(downloads.DownloadError, match=f"(?s){found}") as caught:
            dl.load("fashion-mnist")
        text = str(caught.value)
        assert text.startswith(
            f"{IMAGES} of fashion-mnist could not be downloaded; expected a file with md5:"
        )
        assert f"/{fault}/{IMAGES}: " in text
        assert f"put it at {tmp_path / 'cache' / 'fashion-mnist' / IMAGES}" in text
        assert cached(tmp_path) == []

    def test_nobody_answers(self, served, tmp_path, monkeypatch):
        served("ok")
        path = tmp_path / "downloads.toml"
        path.write_text(registry(fashion_mnist(), ["http://127.0.0.1:9/"]))
        with pytest.raises(downloads.DownloadError, match=r"(?s)ConnectionError.*glyphs"):
            dl.load("fashion-mnist")

    def test_a_file_brought_by_hand_is_taken(self, served, tmp_path):
        requests = served("404")
        (tmp_path / "cache" / "fashion-mnist").mkdir(parents=True)
        for name, content in fashion_mnist().items():
            (tmp_path / "cache" / "fashion-mnist" / name).write_bytes(content)
        assert len(dl.load("fashion-mnist").test[1]) == 200
        assert requests == []

    def test_a_damaged_file_in_the_cache_is_fetched_again(self, served):
        served("ok")
        path = downloads.fetch("fashion-mnist")[IMAGES]
        path.write_bytes(path.read_bytes()[:100])
        assert downloads.fetch("fashion-mnist")[IMAGES].read_bytes() == fashion_mnist()[IMAGES]

    def test_eight_processes_at_once(self, served, tmp_path):
        served("ok")
        with multiprocessing.get_context("fork").Pool(8) as pool:
            paths = pool.map(downloads.fetch, ["fashion-mnist"] * 8)
        assert all(path[IMAGES].read_bytes() == fashion_mnist()[IMAGES] for path in paths)
        assert cached(tmp_path) == sorted(fashion_mnist())

    def test_a_full_disk(self, served, tmp_path):
        served("ok")
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))
        try:
            with pytest.raises(downloads.DownloadError, match=r"cannot be written.*Free some space"):
                downloads.fetch("fashion-mnist")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert cached(tmp_path) == []

    def test_a_cache_that_cannot_be_written_to(self, served, tmp_path):
        served("ok")
        (tmp_path / "cache").mkdir(mode=0o555)
        user = os.geteuid()
        if user == 0:  # root may write anywhere
            tmp_path.chmod(0o755)
            for folder in tmp_path.parents[:2]:
                folder.chmod(0o755)
            os.seteuid(65534)
        try:
            with pytest.raises(downloads.DownloadError, match=r"cannot be written.*set DLBOOK_DATA"):
                downloads.fetch("fashion-mnist")
        finally:
            os.seteuid(user)
        assert cached(tmp_path) == []

    def test_an_unknown_name(self, served):
        served("ok")
        with pytest.raises(ValueError, match="no download 'cora'; there are: fashion-mnist"):
            downloads.fetch("cora")

    def test_importing_and_bundled_sets_need_no_downloader(self):
        code = "import sys, dlbook_utils as dl; dl.load('digits'); assert 'requests' not in sys.modules"
        subprocess.run([sys.executable, "-c", code], check=True)


class TestIdx:
    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"\0\0\x0d\x01\0\0\0\x01\0", "begin 00 00 08, got 00 00 0d"),
            (b"", "begin 00 00 08"),
            (b"\0\0\x08\x01\0\0\0\x05abc", r"names the shape \(5,\), but has 3 bytes"),
        ],
    )
    def test_other_files_are_refused(self, tmp_path, content, message):
        path = tmp_path / "a.gz"
        path.write_bytes(gzip.compress(content))
        with pytest.raises(ValueError, match=message):
            downloads.read_idx(path)


def zipped(path, names):
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, "hello")


def tarred(path, names):
    with tarfile.open(path, "w:gz") as archive:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = 5
            archive.addfile(member, io.BytesIO(b"hello"))


class TestUnpack:
    @pytest.mark.parametrize("pack", [zipped, tarred])
    def test_files_and_folders(self, tmp_path, pack):
        pack(tmp_path / "a", ["one.txt", "deep/two.txt"])
        folder = downloads.unpack(tmp_path / "a", tmp_path / "out")
        assert (folder / "deep" / "two.txt").read_text() == "hello"
        assert sorted(os.listdir(tmp_path)) == ["a", "out"]

    @pytest.mark.parametrize("pack", [zipped, tarred])
    @pytest.mark.parametrize("name", ["../evil.txt", "/evil.txt", "a/../../evil.txt"])
    def test_what_climbs_out_is_refused(self, tmp_path, pack, name):
        pack(tmp_path / "a", ["one.txt", name])
        with pytest.raises(downloads.DownloadError, match="leads out of its folder"):
            downloads.unpack(tmp_path / "a", tmp_path / "out")
        assert os.listdir(tmp_path) == ["a"]

    def test_a_link_is_refused(self, tmp_path):
        with tarfile.open(tmp_path / "a", "w") as archive:
            link = tarfile.TarInfo("harmless")
            link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
            archive.addfile(link)
        with pytest.raises(downloads.DownloadError, match="is a link"):
            downloads.unpack(tmp_path / "a", tmp_path / "out")
        assert os.listdir(tmp_path) == ["a"]


class TestInTheBook:
    GLYPHS = 'data = dl.load("glyphs", n=3000, n_test=1000)\n# data = dl.load("fashion-mnist")'

    def test_one_line_trains_lenet_on_it(self, served):
        served("ok")
        path = CHAPTERS / "03-cnn" / "lenet.ipynb"
        notebook = read(path)
        ids = [cell.id for cell in notebook.cells]
        notebook.cells = notebook.cells[: ids.index("train-lenet") + 1]
        line = notebook.cells[ids.index("data")]
        assert self.GLYPHS in line.source
        line.source = line.source.replace(self.GLYPHS, 'data = dl.load("fashion-mnist")')
        execute(notebook, path.parent)
        assert "fashion-mnist: 10 classes" in line.outputs[0].text
        (share,) = re.findall(r"read right: (\d+)%", notebook.cells[-1].outputs[0].text)
        assert int(share) > 50  # one in ten by guessing
