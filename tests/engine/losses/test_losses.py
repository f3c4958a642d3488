"""Losses against references in float64, written from the papers' definitions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from engine.contract import joined_names
from engine.contract.class_table import IGNORE_INDEX
from engine.contract.errors import JobError
from engine.contract.options import AUTOMATIC
from engine.contract.recipe_options import RECIPE_FIELDS
from engine.losses.loss_functions import LOSSES, PIXEL_LOSSES
from engine.losses.segmentation_loss import (
    AUXILIARY_WEIGHTS,
    code_files,
    compute_logit_adjustment,
    parse_loss,
)

NAMES = sorted(LOSSES)


def batch(classes: int, seed: int = 0, size: tuple[int, int] = (6, 7)) -> tuple[Tensor, Tensor]:
    """Logits (2, K, H, W) and a target with a third of its pixels ignored; class 2 is absent."""
    torch.manual_seed(seed)
    logits = 3 * torch.randn(2, classes, *size)
    target = torch.randint(0, 2, (2, *size))
    if classes > 3:
        target[target == 1] = torch.randint(0, 2, (int((target == 1).sum()),)) * 2 + 1
    target[torch.rand(target.shape) < 0.33] = IGNORE_INDEX
    return logits, target


def labelled(logits: Tensor, target: Tensor) -> tuple[np.ndarray, np.ndarray]:
    pairs = [
        (logits[b, :, r, c].double().numpy(), int(target[b, r, c]))
        for b, r, c in np.ndindex(*target.shape)
        if int(target[b, r, c]) != IGNORE_INDEX
    ]
    return np.array([p for p, _ in pairs]), np.array([t for _, t in pairs])


def true_class_log(scores: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Log-probability of the true class."""
    if scores.shape[1] == 1:
        scores = np.concatenate([np.zeros_like(scores), scores], axis=1)
    top = scores.max(axis=1, keepdims=True)
    total = top[:, 0] + np.log(np.exp(scores - top).sum(axis=1))
    return scores[np.arange(len(truth)), truth] - total


def softmax(scores: np.ndarray) -> np.ndarray:
    return np.stack(
        [np.exp(true_class_log(scores, np.full(len(scores), k))) for k in range(scores.shape[1])], 1
    )


def lovasz_extension(errors: np.ndarray, member: np.ndarray) -> float:
    """Sum of sorted errors times the growth of the Jaccard loss as pixels are got wrong one by one."""
    wrong: set[int] = set()
    truth = set(np.flatnonzero(member))
    before = total = 0.0
    for pixel in np.argsort(-errors, kind="stable"):
        wrong.add(int(pixel))
        loss = len(wrong) / len(wrong | truth)
        total += errors[pixel] * (loss - before)
        before = loss
    return total


def reference(name: str, logits: Tensor, target: Tensor) -> float:
    if name == "lovasz-sigmoid":
        images = [labelled(logits[b : b + 1], target[b : b + 1]) for b in range(len(target))]
        return float(np.mean([lovasz_of_image(*image) for image in images]))
    scores, truth = labelled(logits, target)
    log = true_class_log(scores, truth)
    if name == "ce":
        return float(-log.mean())
    if name == "ohem":
        hard = [-value for value in log if np.exp(value) < 0.7]
        minimum = max(1, round(len(log) * 100_000 / (4 * 512 * 512)))
        return float(np.mean(hard if len(hard) >= minimum else sorted(-log)[-minimum:]))
    if name == "ohem-quarter":
        return float(np.mean(sorted(-log)[-(len(log) // 4) :]))
    if name == "alpha-focal":
        alpha = np.where(truth > 0, 0.25, 0.75)
        return float((-alpha * (1 - np.exp(log)) ** 2 * log).mean())
    if name == "focal":
        return float((-((1 - np.exp(log)) ** 2) * log).mean())
    binary = scores.shape[1] == 1
    if name == "lovasz":
        if binary:
            margins = np.maximum(1 - scores[:, 0] * (2 * truth - 1), 0)
            return lovasz_extension(margins, truth == 1)
        errors = [np.abs((truth == k) - p) for k, p in enumerate(softmax(scores).T)]
        return float(np.mean([lovasz_extension(errors[k], truth == k) for k in np.unique(truth)]))
    share = 1 / (1 + np.exp(-scores)) if binary else softmax(scores)
    if name == "focal-dice":
        return focal_dice_as_defined(share, truth, -log)
    assert name == "dice", f"{name} has no reference here"
    losses = []
    for column, k in enumerate([1] if binary else range(scores.shape[1])):
        member, p = truth == k, share[:, column]
        overlap = 2 * p[member].sum() / (p.sum() + member.sum())
        losses.append(1 - overlap if member.any() else 0.0)
    return float(np.mean(losses))


def lovasz_of_image(scores: np.ndarray, truth: np.ndarray) -> float:
    binary = scores.shape[1] == 1
    share = 1 / (1 + np.exp(-scores)) if binary else softmax(scores)[:, 1:]
    members = [truth == k for k in range(1, share.shape[1] + 1)]
    return float(
        np.mean([lovasz_extension(np.abs(m - p), m) for m, p in zip(members, share.T)])
        if len(truth)
        else 0
    )


def focal_dice_as_defined(share: np.ndarray, truth: np.ndarray, entropy: np.ndarray) -> float:
    """The formula as it is written down: probabilities, sums over the batch, smooth 1e-6."""
    true = np.exp(-entropy)
    dices = []
    for column in range(share.shape[1] > 1, share.shape[1]):
        member = truth == (column or 1)
        overlap = (share[:, column] * member).sum()
        dices.append((2 * overlap + 1e-6) / (share[:, column].sum() + member.sum() + 1e-6))
    return float(((1 - true) ** 2 * entropy).mean() + 1 - np.mean(dices))


@pytest.mark.parametrize("classes", [1, 2, 5])
@pytest.mark.parametrize("name", NAMES)
def test_equals_reference(name: str, classes: int) -> None:
    logits, target = batch(classes)
    loss = parse_loss(name).build(classes)({"logits": logits}, target)
    assert loss.item() == pytest.approx(reference(name, logits, target), rel=1e-5)


@pytest.mark.parametrize("classes", [1, 3])
@pytest.mark.parametrize("name", NAMES)
def test_ignored_pixels_have_no_influence(name: str, classes: int) -> None:
    logits, target = batch(classes)
    other = torch.where((target == IGNORE_INDEX)[:, None], 50.0, logits).requires_grad_()
    loss = parse_loss(name).build(classes)
    result = loss({"logits": other}, target)
    assert result.item() == pytest.approx(loss({"logits": logits}, target).item(), rel=1e-6)
    result.backward()
    gradient = other.grad.abs().sum(dim=1)
    assert not gradient[target == IGNORE_INDEX].any()
    assert gradient[target != IGNORE_INDEX].any()


@pytest.mark.parametrize("classes", [1, 3])
@pytest.mark.parametrize("name", NAMES)
def test_all_ignored_is_a_zero_with_gradient(name: str, classes: int) -> None:
    logits = torch.randn(2, classes, 4, 4, requires_grad=True)
    loss = parse_loss(name).build(classes)({"logits": logits}, torch.full((2, 4, 4), IGNORE_INDEX))
    loss.backward()
    assert loss.item() == 0.0
    assert torch.equal(logits.grad, torch.zeros_like(logits))


@pytest.mark.parametrize("extreme", [1e-30, 100.0, 6e4])
@pytest.mark.parametrize("classes", [1, 3])
@pytest.mark.parametrize("name", NAMES)
def test_extreme_logits_stay_finite(name: str, classes: int, extreme: float) -> None:
    logits, target = batch(classes)
    logits = (logits.sign() * extreme).requires_grad_()
    loss = parse_loss(name).build(classes)({"logits": logits}, target)
    loss.backward()
    assert loss.isfinite() and logits.grad.isfinite().all()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("classes", [1, 3])
@pytest.mark.parametrize("name", NAMES)
def test_computed_in_fp32(name: str, classes: int, dtype: torch.dtype) -> None:
    logits, target = batch(classes, size=(64, 64))
    logits = logits.to(dtype)
    with torch.autocast("cpu", torch.bfloat16):
        loss = parse_loss(name).build(classes)({"logits": logits}, target)
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(
        parse_loss(name).build(classes)({"logits": logits.float()}, target).item(), rel=1e-6
    )


def test_the_form_offers_every_loss_and_only_sums_of_losses() -> None:
    offered = [text for text in RECIPE_FIELDS["loss"].examples if text != AUTOMATIC]
    names = [parse_loss(text).names for text in offered]
    assert {parts[0] for parts in names if len(parts) == 1} == set(LOSSES) == {*joined_names.LOSSES}


def test_the_help_of_class_weights_names_the_losses_that_take_them() -> None:
    named = RECIPE_FIELDS["class_weights"].help.partition("They act on ")[2].partition(", and ")[0]
    assert set(named.replace(" and ", ", ").split(", ")) == set(PIXEL_LOSSES)


def test_the_loss_of_a_perfect_prediction_is_near_zero() -> None:
    _, target = batch(3)
    logits = 30.0 * torch.nn.functional.one_hot(target.clamp(min=0), 3).movedim(-1, 1).float()
    for name in NAMES:
        assert parse_loss(name).build(3)({"logits": logits}, target).item() < 1e-5


@pytest.mark.parametrize("value", [0, 1])
@pytest.mark.parametrize("name", NAMES)
def test_batches_of_one_class(name: str, value: int) -> None:
    logits = torch.randn(1, 1, 4, 4, requires_grad=True)
    target = torch.full((1, 4, 4), value)
    loss = parse_loss(name).build(1)({"logits": logits}, target)
    loss.backward()
    assert loss.item() == pytest.approx(reference(name, logits.detach(), target), rel=1e-5)
    assert logits.grad.isfinite().all()


def test_heads_are_weighted_and_enlarged() -> None:
    loss = parse_loss("ce").build(3)
    logits, target = batch(3, size=(8, 8))
    coarse = [torch.randn(2, 3, 4, 4), torch.randn(2, 3, 2, 2)]
    expected = loss({"logits": logits}, target)
    for weight, head in zip(AUXILIARY_WEIGHTS, coarse):
        enlarged = torch.nn.functional.interpolate(head, (8, 8), mode="bilinear")
        expected = expected + weight * loss({"logits": enlarged}, target)
    result = loss({"logits": logits, "auxiliary_logits": coarse}, target)
    assert result.item() == pytest.approx(expected.item())
    assert AUXILIARY_WEIGHTS == (0.3, 0.15)


@pytest.mark.parametrize(
    ("name", "weights"),
    [
        ("focal+lovasz", {"focal": 0.5, "lovasz": 0.5}),
        ("ce", {"ce": 1.0}),
        ("0.7*focal+0.3*dice", {"focal": 0.7, "dice": 0.3}),
        (" 2 * ce + 1*dice ", {"ce": 2.0, "dice": 1.0}),
    ],
)
def test_names_are_parsed_to_weighted_sums(name: str, weights: dict[str, float]) -> None:
    logits, target = batch(2)
    expected = sum(w * reference(part, logits, target) for part, w in weights.items())
    assert parse_loss(name).build(2)({"logits": logits}, target).item() == pytest.approx(
        expected, rel=1e-5
    )


def test_logit_adjustment_is_added_to_the_logits() -> None:
    logit_adjustment = compute_logit_adjustment([900, 90, 10], 0.5)
    assert logit_adjustment == pytest.approx([0.5 * np.log(share) for share in (0.9, 0.09, 0.01)])
    assert compute_logit_adjustment([900, 100], 1.0) == pytest.approx([np.log(0.1 / 0.9)])
    logits, target = batch(3)
    adjusted = logits + torch.tensor(logit_adjustment)[None, :, None, None]
    loss = parse_loss("ce").build(3, logit_adjustment)({"logits": logits}, target)
    assert loss.item() == pytest.approx(reference("ce", adjusted, target), rel=1e-5)


@pytest.mark.parametrize("classes", [1, 2, 5])
@pytest.mark.parametrize("name", ["ce", "focal"])
def test_a_class_of_weight_three_counts_as_if_its_pixels_were_there_three_times(
    name: str, classes: int
) -> None:
    logits, target = batch(classes)
    weights = [1.0, 3.0, 1.0, 1.0, 1.0][: max(classes, 2)]
    loss = parse_loss(name).build(classes, (), weights)({"logits": logits}, target)
    others = torch.where(target == 1, target, IGNORE_INDEX)
    thrice = torch.cat([logits, logits, logits]), torch.cat([target, others, others])
    assert loss.item() == pytest.approx(reference(name, *thrice), rel=1e-5)


def test_weights_apply_to_pixel_losses_only() -> None:
    """Not to a custom loss either; the mean of the focal loss in focal-dice and of ohem's hard pixels is weighted."""
    logits, target = batch(1)
    weights, results = (1.0, 4.0), {}
    for name in NAMES:
        spec = parse_loss(name)
        results[name] = spec.build(1, (), weights)({"logits": logits}, target).item()
        is_same = results[name] == spec.build(1)({"logits": logits}, target).item()
        assert is_same == (name not in PIXEL_LOSSES), name
    dice = reference("focal-dice", logits, target) - reference("focal", logits, target)
    assert results["focal-dice"] == pytest.approx(results["focal"] + dice, rel=1e-5)
    scores, truth = labelled(logits, target)
    entropy = -true_class_log(scores, truth)
    hard = np.exp(-entropy) < 0.7
    expected = np.average(entropy[hard], weights=np.where(truth[hard] == 1, 4, 1))
    assert results["ohem"] == pytest.approx(expected, rel=1e-5)
    half = parse_loss("0.5*ce+2*dice").build(1, (), weights)({"logits": logits}, target)
    assert half.item() == pytest.approx(0.5 * results["ce"] + 2 * results["dice"], rel=1e-5)


def test_ohem_keeps_a_tenth_of_easy_pixels() -> None:
    logits = torch.linspace(2.0, 8.0, 400).reshape(1, 1, 20, 20)
    target = torch.ones(1, 20, 20, dtype=torch.int64)
    kept = -torch.nn.functional.logsigmoid(logits.flatten().double())[: round(400 * 0.095367)]
    loss = parse_loss("ohem").build(1)({"logits": logits}, target)
    assert loss.item() == pytest.approx(kept.mean().item(), rel=1e-5)


def test_a_custom_loss_gets_the_labelled_pixels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my_losses.py").write_text(
        "def squared(logits, target):\n"
        "    return ((logits.sigmoid()[:, 0] - target) ** 2).mean()\n"
        "def wrong(logits, target):\n"
        "    return logits\n"
        "def failing(logits, target):\n"
        "    return logits[:, 7].mean()\n"
        "number = 3\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    with pytest.raises(JobError, match="a folder that you have named in .* PYTHONPATH"):
        parse_loss("my_losses:squared")  # found by Python, as in the current folder
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    logits, target = batch(1)
    scores, truth = labelled(logits, target)
    brier = float(((1 / (1 + np.exp(-scores[:, 0])) - truth) ** 2).mean())
    spec = parse_loss("0.5*my_losses:squared+1*ce")
    assert code_files(spec) == {"my_losses:squared": str(tmp_path / "my_losses.py")}
    loss = spec.build(1)({"logits": logits}, target)
    assert loss.item() == pytest.approx(0.5 * brier + reference("ce", logits, target), rel=1e-5)
    with pytest.raises(JobError, match="must return one number"):
        parse_loss("my_losses:wrong").build(1)({"logits": logits}, target)
    with pytest.raises(JobError, match=r"failed on logits \(\d+, 1\).*IndexError"):
        parse_loss("my_losses:failing").build(1)({"logits": logits}, target)
    (tmp_path / "broken_losses.py").write_text("def f(:")
    for name, says in (
        ("my_losses:number", "not a function but 3"),
        ("broken_losses:f", "invalid syntax"),
        ("my_losses:none", "no attribute 'none'"),
        ("nowhere:f", "nowhere"),
    ):
        with pytest.raises(JobError, match=says):
            parse_loss(name).build(1)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "part '' .*ce, ohem, .*focal, focal-dice, .*lovasz, .*dice"),
        ("focal+unknown", "'unknown'.*ce, ohem, .*focal, focal-dice, .*lovasz, .*dice"),
        ("focal+", "part ''"),
        ("0.5*focal+dice", "all its parts a weight"),
        ("0*ce", "above 0"),
        ("x*ce", "above 0"),
        ("nan*ce", "above 0"),
    ],
)
def test_wrong_names_are_refused(name: str, message: str) -> None:
    with pytest.raises(JobError, match=message):
        parse_loss(name)


def test_a_wrong_number_of_logits_is_a_defect() -> None:
    with pytest.raises(ValueError, match="3 logits"):
        parse_loss("ce").build(1)({"logits": torch.zeros(1, 3, 2, 2)}, torch.zeros(1, 2, 2).long())


@pytest.mark.parametrize("truth", [[1, 1, 0, 0, 1, 0], [0] * 6])
def test_focal_dice_is_exact_and_finite_at_extreme_logits(truth: list[int]) -> None:
    """Certain and right, certain and wrong, and uncertain; with and without foreground."""
    scores = np.array([50.0, -50.0, 50.0, -50.0, 0.3, -2.0])
    t = np.array(truth)
    p = 1 / (1 + np.exp(-scores))
    entropy = np.logaddexp(0, np.where(t == 1, -scores, scores))
    expected = focal_dice_as_defined(p[:, None], t, entropy)
    logits = torch.tensor(scores, dtype=torch.float32)[None, None, None].requires_grad_()
    loss = parse_loss("focal-dice").build(1)({"logits": logits}, torch.tensor(t)[None, None])
    assert loss.item() == pytest.approx(expected, rel=1e-6)
    loss.backward()
    assert logits.grad.isfinite().all() and logits.grad.any()


def test_labelled_pixels_are_selected_once() -> None:
    """Each ``nonzero`` makes the CPU wait for a GPU, and so does each index by a mask."""
    waits: list[str] = []

    class Recorder(TorchDispatchMode):
        def __torch_dispatch__(self, call: Any, _: Any, args: Any = (), kwargs: Any = None) -> Any:
            masks = args[1] if call is torch.ops.aten.index.Tensor else []
            waits.extend("mask" for mask in masks if mask is not None and mask.dtype == torch.bool)
            waits.extend(["nonzero"] * (call is torch.ops.aten.nonzero.default))
            return call(*args, **(kwargs or {}))

    logits, target = batch(3)
    heads = {"logits": logits, "auxiliary_logits": [logits[..., ::2, ::2], logits[..., ::3, ::3]]}
    with Recorder():
        parse_loss("focal").build(3)(heads, target)
    assert waits == ["nonzero"]
