"""The competition's score, computed from runs, equals that from counted pixels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.commands.evaluate import evaluate
from engine.contract.errors import JobError, LabelError
from engine.contract.file_jobs import EvaluateJob


def plain_dice(one: str, other: str) -> float | None:
    """Pixel by pixel, with sets."""
    sets = []
    for text in (one, other):
        numbers = [int(word) for word in text.split()] if text != "-1" else []
        pairs = zip(numbers[::2], numbers[1::2])
        sets.append({p for start, length in pairs for p in range(start, start + length)})
    if not sets[0] and not sets[1]:
        return None
    return (2 * len(sets[0] & sets[1]) + 1e-7) / (len(sets[0]) + len(sets[1]) + 1e-7)


def written(path: Path, masks: dict[str, str]) -> str:
    rows = "".join(f"{name},{text}\n" for name, text in masks.items())
    path.write_text(f"img_id,mask_rle\n{rows}")
    return str(path)


def test_mean_dice_is_that_of_sets_of_pixels(tmp_path: Path, events: Any) -> None:
    draws = np.random.default_rng(3)

    def mask() -> str:
        edges = np.sort(draws.choice(np.arange(1, 400), 2 * draws.integers(0, 12), replace=False))
        pairs = [f"{a} {b - a}" for a, b in zip(edges[::2], edges[1::2])]
        return " ".join(pairs) or "-1"

    truth = {f"i{n}": mask() for n in range(60)} | {"touching": "2 2 4 2", "both": "-1"}
    given = {name: mask() for name in [*truth][::-1]} | {"both": "-1", "touching": "3 9"}
    expected = [d for n in truth if (d := plain_dice(given[n], truth[n])) is not None]
    paths = written(tmp_path / "s.csv", given), written(tmp_path / "t.csv", truth)
    done = evaluate(EvaluateJob(*paths), events)
    assert done.outputs["images"] == len(expected) > 50
    assert done.outputs["skipped"] == 62 - len(expected) >= 1
    assert done.outputs["mean_dice"] == pytest.approx(np.mean(expected), abs=1e-12)
    assert f"Mean Dice {np.mean(expected):.4f} over {len(expected)} images" in done.message


def test_no_mask_at_all_is_no_score(tmp_path: Path, events: Any) -> None:
    masks = {"a": "-1", "b": ""}
    paths = written(tmp_path / "s.csv", masks), written(tmp_path / "t.csv", masks)
    done = evaluate(EvaluateJob(*paths), events)
    assert done.outputs == {"mean_dice": None, "images": 0, "skipped": 2}
    assert "There is no score: both tables have empty masks only, of 2 images" in done.message


def test_tables_that_do_not_match_are_refused(tmp_path: Path, events: Any) -> None:
    truth = written(tmp_path / "t.csv", dict.fromkeys("abcdefgh", "1 2"))
    some = written(tmp_path / "s.csv", {"a": "1 2", "z": "1 1"})
    with pytest.raises(
        LabelError, match=r"s\.csv lacks 7 images of .*t\.csv \(b, c, d, e, f and 2 more\)"
    ):
        evaluate(EvaluateJob(some, truth), events)
    evaluate(EvaluateJob(truth, written(tmp_path / "one.csv", {"a": "1 1"})), events)
    assert [e.message for e in events.heard if "not scored" in getattr(e, "message", "")]
    wrong = written(tmp_path / "w.csv", {"a": "5 2 6 1"})
    with pytest.raises(
        LabelError, match=r"Line 2 of .*w\.csv, img_id 'a': .* run 6 1 is impossible"
    ):
        evaluate(EvaluateJob(truth, wrong), events)
    with pytest.raises(JobError, match=r"t\.csv and l\.tif cannot be compared"):
        evaluate(EvaluateJob(truth, "l.tif"), events)
    with pytest.raises(JobError, match="leave out area"):
        evaluate(EvaluateJob(truth, truth, area="a.gpkg"), events)


def test_real_masks_against_themselves_and_against_none(
    data: Callable[[str], Path], tmp_path: Path, events: Any
) -> None:
    truth = str(data("buildings_rle") / "train.csv")
    assert evaluate(EvaluateJob(truth, truth), events).outputs["mean_dice"] == 1
    nothing = {f"TRAIN_{number:04}": "-1" for number in range(12)}
    done = evaluate(EvaluateJob(written(tmp_path / "s.csv", nothing), truth), events)
    assert done.outputs["mean_dice"] < 1e-10 and done.outputs["images"] == 12
