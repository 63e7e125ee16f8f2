"""The table of the race is what today's code gives: every hash is looked at, and one row is run again."""

import random

import nbformat
import pytest

import dlbook_utils as dl
from dlbook_utils import racing
from tools.notebooks import setup_source
from tools.race import code_hash, contestants, entries, race_code, rows

LAYERS = "def tiny():\n    return nn.Sequential(nn.Flatten(), nn.Linear(28 * 28, 36))"


def section(*cells):
    """A notebook whose cells after the set-up enter the race."""
    notebook = nbformat.v4.new_notebook()
    setup = setup_source() + "\n\nfrom torch import nn"
    notebook.cells = [nbformat.v4.new_code_cell(setup), nbformat.v4.new_code_cell("raise RuntimeError")]
    notebook.cells += [
        nbformat.v4.new_code_cell(source, metadata={"dlbook": {"race": True}}) for source in cells
    ]
    return notebook


class TestTool:
    def test_only_marked_cells_are_run(self):
        made = contestants(section(LAYERS, "contestants = {'tiny': tiny}"))
        assert list(made) == ["tiny"]
        assert dl.cost(made["tiny"](), racing._glyphs(0).test[0][:1])[0] == 28 * 28 * 36 + 36

    def test_no_contestants(self):
        with pytest.raises(ValueError, match="to define contestants"):
            contestants(section(LAYERS))

    def test_the_hash_sees_the_networks_and_the_rules(self, monkeypatch):
        before = code_hash(LAYERS)
        assert code_hash(LAYERS) == before
        assert code_hash(LAYERS.replace("36", "37")) != before
        monkeypatch.setattr("inspect.getsource", lambda module: "MAX_LR = 0.1")
        assert code_hash(LAYERS) != before

    def test_a_row_a_network_and_seed(self, monkeypatch):
        run = racing.Race((0.51239,), 10, 20, (1.239,))
        monkeypatch.setattr(racing, "race", lambda make_model, seeds: run)
        table = list(rows("here", section(LAYERS, "contestants = {'tiny': tiny, 'again': tiny}")))
        assert [(row["network"], row["seed"]) for row in table] == [
            (name, seed) for name in ("tiny", "again") for seed in range(3)
        ]
        assert table[0]["accuracy"] == "0.5124"
        assert table[0]["code"] == code_hash(f"{LAYERS}\n\ncontestants = {{'tiny': tiny, 'again': tiny}}")


class TestTable:
    def test_every_row_is_from_the_code_as_it_is(self):
        stored = {(row["section"], row["code"]) for row in dl.table("cnn-race")}
        assert stored == {(name, code_hash(race_code(notebook))) for name, notebook in entries()}, (
            "make race renews the table"
        )

    def test_one_row_drawn_at_random_comes_out_again(self):
        row = random.SystemRandom().choice(dl.table("cnn-race"))
        notebook = dict(entries())[row["section"]]
        again = dl.race(contestants(notebook)[row["network"]], seeds=[row["seed"]])
        assert (again.parameters, again.multiply_adds) == (row["parameters"], row["multiply_adds"]), row
        # Other processors round otherwise, and training makes much of little.
        assert again.accuracy[0] == pytest.approx(row["accuracy"], abs=0.05), row
