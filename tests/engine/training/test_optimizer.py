"""The optimiser, its learning rates and their schedule, early stopping, and the average of the weights."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.optim.swa_utils import AveragedModel

from engine.contract.architectures import with_recipe
from engine.contract.jobs import TrainJob
from engine.models.model_file import load_model
from engine.training.optimizer import average_weights, build_optimizer, count_frozen_epochs
from engine.training.schedule import EarlyStopping, Schedule


def test_warm_up_guards_pretrained_encoders_only() -> None:
    assert count_frozen_epochs(with_recipe(TrainJob())[0]) == 0
    assert (
        count_frozen_epochs(with_recipe(TrainJob(pretrained="folder", preset="dualstream"))[0]) == 2
    )
    assert count_frozen_epochs(TrainJob(warmup_epochs=7)) == 7


def test_learning_rates_by_part_and_their_schedule(make_model) -> None:
    model, _ = load_model(make_model())
    optimizer = build_optimizer(
        model,
        with_recipe(TrainJob(pretrained="folder", preset="dualstream", learning_rate=1e-3))[0],
    )
    rates = {(group["name"], group["lr"]) for group in optimizer.param_groups}
    assert rates == {
        ("encoders", 1e-4),
        ("auxiliary encoder", 5e-4),
        ("fusion", 1e-3),
        ("decoder", 1e-3),
    }
    held = [p for group in optimizer.param_groups for p in group["params"]]
    assert len(held) == len({id(p) for p in held}) == len(list(model.parameters()))
    factors = [Schedule("cosine", 100).factor(step) for step in range(100)]
    assert factors[0] == pytest.approx(0.2) and max(factors) == pytest.approx(1)
    assert factors[-1] == pytest.approx(0.01, abs=2e-3)


def test_on_a_plateau_the_learning_rate_falls_to_a_third() -> None:
    schedule = Schedule("plateau", 100)
    assert [schedule.factor(step) for step in (0, 4, 50, 99)] == pytest.approx([0.2, 1, 1, 1])
    for score in (0.5, 0.6, 0.6, 0.55):
        schedule.update(score)
    assert schedule.factor(50) == 1
    schedule.update(0.59)
    assert schedule.factor(51) == pytest.approx(1 / 3)


def test_by_steps_the_learning_rate_falls_to_a_tenth_every_ten_epochs() -> None:
    """As torch's own StepLR(10, 0.1), stepped once an epoch of 7 batches: no rise at the start."""
    schedule = Schedule("step", 25 * 7, 25)
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], 1.0)
    reference = torch.optim.lr_scheduler.StepLR(optimizer, 10, 0.1)
    for epoch in range(25):
        shares = [schedule.factor(epoch * 7 + step) for step in range(7)]
        assert shares == pytest.approx([reference.get_last_lr()[0]] * 7)
        optimizer.step()
        reference.step()


def test_annealing_is_torchs_cosine_after_the_frozen_epochs() -> None:
    """Two frozen epochs at the full rate, then CosineAnnealingLR(T_max=40, eta_min=1e-6), stepped once an epoch."""
    schedule = Schedule("annealing", 1)
    schedule.plan(42 * 7, 42, frozen=2)
    assert [schedule.factor(step) for step in range(3 * 7)] == [1.0] * 21
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], 3e-4)
    reference = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 40, 1e-6)
    for epoch in range(2, 42):
        shares = [schedule.factor(epoch * 7 + step) for step in range(7)]
        assert shares == pytest.approx([reference.get_last_lr()[0] / 3e-4] * 7)
        optimizer.step()
        reference.step()


def test_in_a_planned_training_the_steps_are_quarters_of_it() -> None:
    schedule = Schedule("step", 1)
    schedule.plan(96, 12, is_fixed=False)
    factors = [schedule.factor(step) for step in range(96)]
    assert factors == pytest.approx([rate for rate in (1, 0.1, 0.01, 0.001) for _ in range(24)])


def test_adam_decays_through_the_gradient_and_adamw_beside_it(make_model) -> None:
    """At a gradient of 0 a first step of Adam moves by the rate, one of AdamW by rate * decay."""
    moved = {}
    for name in ("adam", "adamw"):
        model, _ = load_model(make_model())
        job = TrainJob(optimizer=name, learning_rate=1e-3, weight_decay=0.5)
        optimizer = build_optimizer(model, job)
        weight = next(p for p in model.parameters() if p.ndim > 1)
        before = weight.detach().clone()
        weight.grad = torch.zeros_like(weight)
        optimizer.step()
        moved[name] = before - weight.detach()
    torch.testing.assert_close(moved["adam"], 1e-3 * before.sign(), atol=1e-5, rtol=1e-3)
    torch.testing.assert_close(moved["adamw"], 0.5e-3 * before, atol=1e-7, rtol=1e-3)


def test_patience_counts_validations_without_a_smaller_loss() -> None:
    patience = EarlyStopping(2)
    losses = (1.0, 1.0, 0.9, 0.95, 0.9)
    assert [patience.should_stop(loss) for loss in losses] == [False, False, False, False, True]
    assert not any(EarlyStopping(0).should_stop(1.0) for _ in range(9))
    assert [EarlyStopping(1).should_stop(loss) for loss in (float("nan"),)] == [True]


def test_the_average_is_torchs_own_to_the_bit() -> None:
    def update(means: Any, current: Any, count: Any) -> None:
        number = int(count)
        for mean, value in zip(means, current, strict=True):
            if mean.is_floating_point():
                mean.lerp_(value, 1.0 - min(0.9, (1 + number) / (10 + number)))
            else:
                mean.copy_(value)

    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Conv2d(2, 3, 1), torch.nn.BatchNorm2d(3))
    reference = AveragedModel(model, multi_avg_fn=update, use_buffers=True)
    average = average_weights(model, 0.9)
    for _ in range(5):
        with torch.no_grad():
            for parameter in model.parameters():
                parameter += torch.randn_like(parameter)
        model(torch.randn(4, 2, 5, 5))
        reference.update_parameters(model), average.update_parameters(model)
        expected, found = reference.state_dict(), average.state_dict()
        assert expected.keys() == found.keys()
        assert all(torch.equal(expected[name], found[name]) for name in expected)
    assert found["n_averaged"] == 5 and found["module.1.num_batches_tracked"] == 5


def test_the_average_counts_on_the_processor() -> None:
    """A tensor of the device meta has no value: whoever asked for one would fail."""
    mean = average_weights(torch.nn.BatchNorm1d(1), 0.5).to("meta")
    assert mean.module.weight.device.type == "meta" and mean.n_averaged.device.type == "cpu"
    mean.update_parameters(torch.nn.BatchNorm1d(1, device="meta"))
    mean.update_parameters(torch.nn.BatchNorm1d(1, device="meta"))
    assert mean.n_averaged == 2
