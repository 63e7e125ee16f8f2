"""fit does what the loop by hand does, to the last bit; it stops, goes on and fails as it promises."""

import os
import pickle
import queue

import nbformat
import pytest
import torch
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient
from torch import nn
from torch.nn.functional import cross_entropy

import dlbook_utils as dl
from dlbook_utils import training

N_EPOCHS = 4
N, BATCH = 50, 16  # the last batch is shorter
STEPS = 4  # an epoch


def task(seed=0):
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(N, 6, generator=generator)
    return x, (x[:, 0] > x[:, 1]).long()


TRAIN, VAL = task(0), task(1)


def network(seed=0, dropout=0.2):
    dl.seed_everything(seed)
    return nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Dropout(dropout), nn.Linear(8, 2))


def set_up(**options):
    model = network(**options)
    return model, torch.optim.Adam(model.parameters(), lr=0.05)


def set_up_scheduled(**options):
    """With everything that has a state of its own."""
    model, optimizer = set_up(**options)
    total = N_EPOCHS * STEPS
    return model, optimizer, torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.05, total_steps=total)


def weights(model):
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()])


def fit(model, optimizer, loss=cross_entropy, train=TRAIN, n_epochs=N_EPOCHS, **options):
    return dl.fit(model, optimizer, loss, train, n_epochs=n_epochs, batch_size=BATCH, **options)


def interrupted(after):
    """A loss that is interrupted like a kernel, at a step."""
    steps = iter(range(after))

    def loss(outputs, y):
        if outputs.requires_grad and next(steps, None) is None:
            raise KeyboardInterrupt
        return cross_entropy(outputs, y)

    return loss


class TestLoop:
    def test_is_the_loop_by_hand_to_the_last_bit(self):
        by_hand, optimizer, scheduler = set_up_scheduled()
        order = torch.Generator().manual_seed(3)
        train_loss, val_loss = [], []
        for _ in range(N_EPOCHS):
            by_hand.train()
            total = 0.0
            for x, y in dl.batches(*TRAIN, batch_size=BATCH, seed=order):
                optimizer.zero_grad()
                loss = cross_entropy(by_hand(x), y)
                loss.backward()
                optimizer.step()
                scheduler.step()
                total += loss.item() * len(y)
            train_loss.append(total / N)
            by_hand.eval()
            with torch.no_grad():
                val_loss.append(cross_entropy(by_hand(VAL[0]), VAL[1]).item())

        model, optimizer, scheduler = set_up_scheduled()
        history = fit(model, optimizer, seed=3, val=VAL, metric=dl.accuracy, scheduler=scheduler)
        assert torch.equal(weights(model), weights(by_hand))
        assert history.train_loss == train_loss
        assert history.val_loss == pytest.approx(val_loss, abs=1e-12)
        assert len(history.step_loss) == len(history.lr) == N_EPOCHS * STEPS
        assert len(history.val_metric) == N_EPOCHS

    def test_another_seed_takes_another_order(self):
        models = [network(), network()]
        for seed, model in enumerate(models):
            fit(model, torch.optim.SGD(model.parameters(), lr=0.1), seed=seed)
        assert not torch.equal(*map(weights, models))

    def test_it_learns(self):
        model, optimizer = set_up(dropout=0.0)
        history = fit(model, optimizer, n_epochs=40)
        assert history.train_loss[-1] < history.train_loss[0] / 4
        assert dl.evaluate(model, TRAIN, dl.accuracy) > 0.95

    def test_the_scheduler_is_told_after_every_step(self):
        model, optimizer, scheduler = set_up_scheduled()
        history = fit(model, optimizer, scheduler=scheduler)
        _, optimizer, scheduler = set_up_scheduled()
        expected = []
        for _ in range(N_EPOCHS * STEPS):
            expected.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()
        assert history.lr == expected

    def test_a_model_may_have_several_inputs(self):
        class Sum(nn.Module):
            def __init__(self):
                super().__init__()
                self.layer = nn.Linear(6, 2)

            def forward(self, a, b):
                return self.layer(a + b)

        model = Sum()
        x, y = TRAIN
        history = fit(model, torch.optim.SGD(model.parameters(), lr=0.1), train=(x, x, y), val=(x, x, y))
        assert history.val_loss[-1] < history.val_loss[0]

    def test_clip_bounds_the_step(self):
        model = network(dropout=0.0)
        before = weights(model)
        fit(model, torch.optim.SGD(model.parameters(), lr=1.0), train=(TRAIN[0][:BATCH], TRAIN[1][:BATCH]),
            n_epochs=1, clip=0.01)  # fmt: skip
        assert (weights(model) - before).norm().item() == pytest.approx(0.01, rel=1e-3)

    @pytest.mark.parametrize("parts", [2, 3, 100])
    def test_parts_of_a_batch_make_the_same_step(self, parts):
        whole, in_parts = network(dropout=0.0), network(dropout=0.0)
        longest = []
        in_parts.register_forward_hook(lambda _, inputs, __: longest.append(len(inputs[0])))
        losses = [
            fit(model, torch.optim.SGD(model.parameters(), lr=0.1), accumulate=n).step_loss
            for model, n in [(whole, 1), (in_parts, parts)]
        ]
        assert torch.allclose(weights(whole), weights(in_parts), atol=1e-6)
        assert losses[0] == pytest.approx(losses[1], abs=1e-6)
        assert max(longest) == -(-BATCH // parts)

    def test_amp_changes_nothing_without_cuda(self):
        models = [network(dropout=0.0), network(dropout=0.0)]
        for model, amp in zip(models, [False, True], strict=True):
            fit(model, torch.optim.SGD(model.parameters(), lr=0.1), amp=amp)
        assert torch.equal(*map(weights, models))

    @pytest.mark.skipif(not torch.cuda.is_available(), reason="float16 is for CUDA")
    def test_amp_learns_on_cuda(self):
        model, optimizer = set_up(dropout=0.0)
        history = fit(model.cuda(), optimizer, n_epochs=40, amp=True)
        assert history.train_loss[-1] < history.train_loss[0] / 4


class TestStopping:
    def overfitting(self):
        """Labels without rhyme or reason: the validation loss rises soon."""
        x, y = TRAIN
        return x, y[torch.randperm(N, generator=torch.Generator().manual_seed(0))]

    def test_patience_stops_and_returns_to_the_best_weights(self):
        model, optimizer = set_up(dropout=0.0)
        history = fit(model, optimizer, train=self.overfitting(), n_epochs=200, val=VAL, patience=3)
        assert len(history.val_loss) == history.best_epoch + 1 + 3 < 200
        assert dl.evaluate(model, VAL, cross_entropy) == pytest.approx(min(history.val_loss), abs=1e-7)

    def test_without_patience_it_goes_to_the_end(self):
        model, optimizer = set_up(dropout=0.0)
        history = fit(model, optimizer, train=self.overfitting(), n_epochs=30, val=VAL)
        assert len(history.val_loss) == 30
        assert dl.evaluate(model, VAL, cross_entropy) > min(history.val_loss) + 0.01

    def test_an_interrupt_keeps_the_history(self, capsys):
        model, optimizer = set_up()
        history = fit(model, optimizer, loss=interrupted(after=2 * STEPS + 1))
        assert capsys.readouterr().out == "interrupted after 2 whole epochs; the history is kept\n"
        assert len(history.train_loss) == 2
        assert len(history.step_loss) == 2 * STEPS + 1

    def test_divergence_says_where_and_what_to_try(self):
        model = nn.Linear(6, 1)
        optimizer = torch.optim.SGD(model.parameters(), lr=1e12)
        x, y = TRAIN
        with pytest.raises(
            dl.DivergedError, match=r"step 3 \(epoch 1\).*learning rate \(1e\+12\), clip=1.0"
        ) as caught:
            fit(
                model, optimizer, lambda outputs, y: (outputs[:, 0] - y).square().mean(), train=(x, y.float())
            )
        assert len(caught.value.history.step_loss) == 2
        assert weights(model).isfinite().all()

    def test_divergence_points_to_the_data_if_they_are_broken(self):
        x, y = TRAIN
        x = x.clone()
        x[7, 2] = torch.nan
        model, optimizer = set_up()
        with pytest.raises(dl.DivergedError, match="data in that batch: look for nan and inf"):
            fit(model, optimizer, train=(x, y))


class TestResume:
    def uninterrupted(self, **options):
        model, optimizer, scheduler = set_up_scheduled()
        return model, fit(model, optimizer, scheduler=scheduler, val=VAL, metric=dl.accuracy, **options)

    def broken_and_resumed(self, path, stop, **options):
        """Stop in the middle of an epoch, and go on with everything made anew, as in a new process."""
        model, optimizer, scheduler = set_up_scheduled()
        options |= {"scheduler": scheduler, "val": VAL, "metric": dl.accuracy, "checkpoint": path}
        fit(model, optimizer, loss=interrupted(stop * STEPS + 2), **options)
        model, optimizer, options["scheduler"] = set_up_scheduled(seed=99)
        return model, fit(model, optimizer, resume=True, **options)

    @pytest.mark.parametrize("patience", [None, 1])
    @pytest.mark.parametrize("stop", range(1, N_EPOCHS))
    def test_a_run_that_was_stopped_after_any_epoch_ends_alike(self, tmp_path, stop, patience):
        model, history = self.uninterrupted(patience=patience)
        resumed, its_history = self.broken_and_resumed(tmp_path / "run.pt", stop, patience=patience)
        assert torch.equal(weights(resumed), weights(model))
        assert its_history == history

    def test_without_the_states_of_chance_it_would_not(self, tmp_path, monkeypatch):
        model, _ = self.uninterrupted()
        monkeypatch.setattr(training._Chance, "load_state_dict", lambda self, state: None)
        resumed, _ = self.broken_and_resumed(tmp_path / "run.pt", stop=2)
        assert not torch.equal(weights(resumed), weights(model))

    def test_a_finished_run_is_not_run_again(self, tmp_path):
        model, optimizer, scheduler = set_up_scheduled()
        first = fit(model, optimizer, scheduler=scheduler, checkpoint=tmp_path / "run.pt")
        again, optimizer, scheduler = set_up_scheduled(seed=5)
        second = fit(again, optimizer, scheduler=scheduler, checkpoint=tmp_path / "run.pt", resume=True)
        assert torch.equal(weights(again), weights(model))
        assert first == second

    def test_a_missing_file_means_from_the_start(self, tmp_path):
        model, optimizer = set_up()
        assert len(fit(model, optimizer, checkpoint=tmp_path / "run.pt", resume=True).train_loss) == N_EPOCHS
        assert os.listdir(tmp_path) == ["run.pt"]

    def test_an_old_run_is_not_overwritten_unasked(self, tmp_path):
        (tmp_path / "run.pt").write_text("precious")
        model, optimizer = set_up()
        with pytest.raises(FileExistsError, match="resume=True"):
            fit(model, optimizer, checkpoint=tmp_path / "run.pt")
        assert (tmp_path / "run.pt").read_text() == "precious"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"metric": dl.accuracy}, "give val="),
        ({"patience": 2}, "give val="),
        ({"accumulate": 0}, "at least 1, but 0 came"),
        ({"resume": True}, "needs checkpoint="),
        ({"train": TRAIN[0]}, "train= as a tuple of tensors, such as data.train, got Tensor"),
        ({"val": dl.batches(*VAL, batch_size=2, seed=0)}, "val= as a tuple of tensors.*got generator"),
        ({"seed": -1}, "a seed is a whole number"),
    ],
)
def test_settings_that_cannot_be_meant(options, message):
    model, optimizer = set_up()
    with pytest.raises(ValueError, match=message):
        fit(model, optimizer, **options)


def test_a_model_without_parameters():
    _, optimizer = set_up()
    with pytest.raises(ValueError, match="no parameters; are its layers attributes"):
        fit(nn.ReLU(), optimizer)


class TestEvaluate:
    def test_every_example_counts_alike(self):
        model = network()
        logits = model.eval()(VAL[0])
        expected = cross_entropy(logits, VAL[1]).item()
        # 50 examples in batches of 16: the mean of the batches' means would be another number
        assert dl.evaluate(model, VAL, cross_entropy, batch_size=16) == pytest.approx(expected, abs=1e-6)

    @pytest.mark.parametrize("training", [True, False])
    def test_leaves_the_mode_as_it_was_and_does_not_drop_out(self, training):
        model = network(dropout=0.9).train(training)
        values = {dl.evaluate(model, VAL, cross_entropy) for _ in range(3)}
        assert len(values) == 1
        assert model.training is training

    def test_accuracy(self):
        logits = torch.tensor([[2.0, 1.0], [0.0, 3.0], [1.0, 0.0], [0.0, 1.0]])
        assert dl.accuracy(logits, torch.tensor([0, 1, 1, 1])).item() == 0.75
        in_time = torch.stack([logits, -logits], dim=2)  # (4, classes, 2)
        assert dl.accuracy(in_time, torch.tensor([[0, 1], [1, 0], [0, 1], [1, 1]])).item() == 0.875


class TestCheckpoint:
    def test_states_come_back_and_the_rest_is_returned(self, tmp_path):
        model, optimizer = set_up()
        fit(model, optimizer)
        dl.save_checkpoint(tmp_path / "a.pt", model=model, optimizer=optimizer, note={"epoch": 3})
        other, other_optimizer = set_up(seed=1)
        rest = dl.load_checkpoint(tmp_path / "a.pt", model=other, optimizer=other_optimizer)
        assert rest == {"note": {"epoch": 3}}
        assert torch.equal(weights(other), weights(model))
        steps = [state["step"] for state in other_optimizer.state.values()]
        assert all(step == N_EPOCHS * STEPS for step in steps)

    def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(self, tmp_path, monkeypatch):
        model = network()
        dl.save_checkpoint(tmp_path / "a.pt", model=model)
        before = (tmp_path / "a.pt").read_bytes()

        def full_disk(_, file):
            file.write(b"half")
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(torch, "save", full_disk)
        with pytest.raises(OSError, match="No space left"):
            dl.save_checkpoint(tmp_path / "a.pt", model=network(1))
        assert (tmp_path / "a.pt").read_bytes() == before
        assert os.listdir(tmp_path) == ["a.pt"]

    def test_no_such_file(self, tmp_path):
        with pytest.raises(FileNotFoundError, match=r"there is no checkpoint .*nowhere"):
            dl.load_checkpoint(tmp_path / "nowhere.pt", model=network())

    @pytest.mark.parametrize("damage", ["cut", "text", "empty"])
    def test_no_checkpoint_or_only_part_of_one(self, tmp_path, damage):
        path = tmp_path / "a.pt"
        dl.save_checkpoint(path, model=network())
        whole = path.read_bytes()
        path.write_bytes({"cut": whole[: len(whole) // 2], "text": b"hello", "empty": b""}[damage])
        with pytest.raises(ValueError, match="no checkpoint, or only part of one"):
            dl.load_checkpoint(path, model=network())

    def test_code_in_a_file_is_not_run(self, tmp_path):
        class Trap:
            def __reduce__(self):
                return os.mkdir, (str(tmp_path / "sprung"),)

        (tmp_path / "a.pt").write_bytes(pickle.dumps({"model": Trap()}, protocol=2))
        with pytest.raises(ValueError, match="no checkpoint"):
            dl.load_checkpoint(tmp_path / "a.pt", model=network())
        torch.save({"model": Trap()}, tmp_path / "b.pt")
        with pytest.raises(ValueError, match="no checkpoint"):
            dl.load_checkpoint(tmp_path / "b.pt", model=network())
        assert sorted(os.listdir(tmp_path)) == ["a.pt", "b.pt"]

    def test_a_part_that_the_file_does_not_have(self, tmp_path):
        model, optimizer = set_up()
        dl.save_checkpoint(tmp_path / "a.pt", model=model)
        with pytest.raises(ValueError, match="has no optimizer; it has model"):
            dl.load_checkpoint(tmp_path / "a.pt", model=model, optimizer=optimizer)

    def test_another_model_leaves_every_part_as_it_was(self, tmp_path):
        dl.save_checkpoint(tmp_path / "a.pt", other=network(1), model=network())
        # the first layer would fit
        wider = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Dropout(), nn.Linear(8, 3))
        other = network(2)
        before = weights(wider), weights(other)
        with pytest.raises(ValueError, match=r"(?s)the model in .* does not fit .*size mismatch"):
            dl.load_checkpoint(tmp_path / "a.pt", other=other, model=wider)
        assert torch.equal(weights(wider), before[0])
        assert torch.equal(weights(other), before[1])


FIT = """
import torch, dlbook_utils as dl
x = torch.randn(64, 3)
model = torch.nn.Linear(3, 2)
dl.fit(model, torch.optim.SGD(model.parameters(), lr=0.1), torch.nn.functional.cross_entropy,
       (x, (x[:, 0] > 0).long()), n_epochs=2);
"""


class TestProgress:
    def test_a_stored_notebook_shows_no_trace(self):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(FIT)])
        NotebookClient(notebook, kernel_name="python3").execute()
        assert notebook.cells[0].outputs == []

    def test_a_reader_at_a_live_notebook_sees_a_bar(self):
        manager, client = start_new_kernel(kernel_name="python3")
        try:
            client.execute(FIT, allow_stdin=True)
            seen = []
            while not seen or seen[-1] != "idle":
                message = client.get_iopub_msg(timeout=60)
                seen.append(message["content"].get("execution_state", message["msg_type"]))
        except queue.Empty:
            pytest.fail("the kernel fell silent")
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
        assert "error" not in seen
        assert {"display_data", "stream"} & set(seen)

    def test_the_bar_of_a_terminal_is_wiped_away(self, monkeypatch, capsys):
        monkeypatch.setattr(training, "watched", lambda: True)
        model, optimizer = set_up()
        fit(model, optimizer)
        shown = capsys.readouterr().err
        assert f"/{N_EPOCHS * STEPS} " in shown
        assert shown.split("\r")[-1].strip() == ""
