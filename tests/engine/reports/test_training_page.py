"""The page of a training: complete, self-contained, small, and with the numbers of the card."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.contract.class_table import class_table
from engine.contract.errors import RasterError
from engine.reports.page import format_whole
from engine.reports.training_charts import band_chart, learning_curves
from engine.reports.training_page import write_training_report
from engine.reports.training_values import (
    FINISHED,
    INTERRUPTED,
    RUNNING,
    Choice,
    Panels,
    SceneBlocks,
    TrainingValues,
)
from engine.scores.confusion import Scores


def values(classes: int = 3, epochs: int = 5, scenes: int = 1, **others: Any) -> TrainingValues:
    table = class_table({value: f"class <{value}>" for value in range(classes)})
    blocks = ((0, 0, 64, 64), (64, 0, 64, 64)), ((0, 64, 64, 64),)
    noise = np.random.default_rng(0)
    matrix = noise.integers(1, 90, (classes, classes)) + 400 * np.eye(classes, dtype=int)
    names = [f"class <{value}>" for value in range(classes)]
    iou = [0.5] * classes
    bands = [{"stream": "image", "name": f"B{n}", "lost": 0.1 * n} for n in range(4)]
    curve = [[0.6, 0.5, 0.4], [0.9, 0.95, 0.6]]
    metrics = {
        "epoch": 3,
        **Scores.of(torch.from_numpy(matrix)).as_dict(names),
        "calibration": {
            "temperature": 1.5,
            "ece_before": 0.1234,
            "ece_after": 0.0456,
            "curve_before": curve,
            "curve_after": curve[:1],
        },
        "contribution": {
            "windows": 8,
            "of": 20,
            "bands": bands,
            "miou": {"both": 0.8125, "image": 0.7, "auxiliary": 0.2},
            "iou": {"both": iou, "image": iou, "auxiliary": iou},
        },
    }
    history = [
        {
            "epoch": n,
            "learning_rate": 1e-3,
            "seconds": 2.0 * n,
            "loss": 1 / n,
            "validation_loss": 1.1 / n,
            "miou": 1 - 1 / n,
            "iou": dict(zip(names, iou)),
        }
        for n in range(1, epochs + 1)
    ]
    picture = noise.integers(0, 255, (256, 256, 3)).astype(np.uint8)
    parts = tuple((caption, picture) for caption in ("Image", "Auxiliary", "Truth", "Difference"))
    basic = {
        "name": "m&m.safetensors",
        "classes": table,
        "training_pixels": tuple(range(10_000, 10_000 + classes)),
        "validation_pixels": tuple(range(5_000, 5_000 + classes)),
        "streams": ("Image: 4 bands.",),
        "scenes": tuple(SceneBlocks(f"scene {number}", *blocks) for number in range(scenes)),
        "options": (("tile_size", "64", "0"),),
        "facts": (("seed", "0"),),
        "lineage": ("Started from a.safetensors",),
        "state": FINISHED,
        "epochs": epochs,
        "seconds": 100.0,
        "device": "CPU",
        "metrics": metrics,
        "history": history,
        "choices": (Choice("encoder", "lite0", "no GPU"),),
        "warnings": ("Few <pixels>.",),
        "panels": tuple(Panels(f"Tile {n}", parts) for n in range(6)),
    }
    return TrainingValues(**{**basic, **others})


def page(tmp_path: Path, what: TrainingValues) -> str:
    path = tmp_path / "a.html"
    write_training_report(path, what)
    return path.read_text("utf-8")


def test_a_finished_page_has_everything_and_needs_nothing_else(tmp_path: Path) -> None:
    text = page(tmp_path, values())
    headings = re.findall("<h2>(.*?)</h2>", text)
    assert headings == [
        "What to do next",
        "Learning curves",
        "Classes in validation",
        "Confusion of classes",
        "What streams and bands contribute",
        "Sample tiles, the worst first",
        "Training and validation",
        "How far probabilities can be trusted",
        "Warnings",
        "What was chosen automatically",
        "Options that you set",
        "Versions and origin",
    ]
    assert "http-equiv" not in text and "<script" not in text
    assert not re.search(r'src="(?!data:image/)', text)
    assert "Few &lt;pixels&gt;." in text and "class &lt;1&gt;" in text and "m&amp;m" in text
    assert "Measured on 8 of 20 validation tiles." in text and "0.812" in text


def test_numbers_are_those_of_the_metrics(tmp_path: Path) -> None:
    what = values()
    text = re.sub(r"\s+", " ", page(tmp_path, what))
    metrics = what.metrics
    for name in ("iou", "dice"):
        for score in metrics[name].values():
            assert f'<td class="number">{score:.3f}</td>' in text
    assert f"<b>{metrics['miou']:.3f}</b>mIoU" in text
    truth = [sum(row) for row in metrics["confusion"]]
    assert sum(truth) == metrics["pixels"]
    counts = [*truth, *what.training_pixels]
    assert all(f'<td class="number">{n:,}</td>'.replace(",", " ") in text for n in counts)


def test_the_page_says_on_how_many_marks_its_scores_rest(tmp_path: Path) -> None:
    said, interval = "marked pixels on which the scores rest", "95 % interval of the mIoU"
    marked = values(has_marks=True)
    text = page(tmp_path, marked)
    assert f"<b>{format_whole(marked.metrics['pixels'])}</b>{said}" in text
    found = re.search(rf"<b>([\d.]+) – ([\d.]+)</b>{interval}", text)
    assert found and float(found[1]) < marked.metrics["miou"] < float(found[2])
    text = page(tmp_path, values())
    assert said not in text and interval not in text


def test_300_epochs_and_20_classes_stay_below_5_mb(tmp_path: Path) -> None:
    text = page(tmp_path, values(20, 300, scenes=40))
    assert len(text.encode()) < 5_000_000
    assert "of the first 12 divided scenes" in text


def test_only_the_page_of_a_running_training_renews_itself(tmp_path: Path) -> None:
    running = page(tmp_path, values(state=RUNNING, epochs=9))
    assert '<meta http-equiv="refresh" content="15">' in running and "is running" in running
    stopped = page(tmp_path, values(state=INTERRUPTED, epochs=9))
    assert "http-equiv" not in stopped and "was interrupted after epoch 9 of 9" in stopped


def test_before_the_first_validation_there_is_a_page(tmp_path: Path) -> None:
    history = [{"epoch": 1, "learning_rate": 1e-3, "seconds": 2.0, "loss": 0.5}]
    what = values(state=RUNNING, metrics={}, history=history, panels=(), choices=(), warnings=())
    text = page(tmp_path, what)
    assert "The first validation has not been made yet." in text
    assert "Learning curves" in text and "Confusion" not in text


def test_whole_scenes_for_validation_need_no_map(tmp_path: Path) -> None:
    whole = SceneBlocks("a", ((0, 0, 8, 8),), ()), SceneBlocks("b", (), ((0, 0, 8, 8),))
    text = page(tmp_path, replace(values(), scenes=whole))
    assert "1 scene for training, 1 for validation, 0 divided" in text
    assert "Map of the training" not in text


def test_write_error_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RasterError, match="could not be written"):
        write_training_report(tmp_path / "file" / "a.html", values())


def test_what_the_largest_class_alone_and_a_pixel_classifier_reach(tmp_path: Path) -> None:
    what = values(baseline={"miou": 0.4321, "pixels": 1000})
    text = re.sub(r"\s+", " ", page(tmp_path, what))
    true = [sum(row) for row in what.metrics["confusion"]]
    largest = (
        f"class &lt;{true.index(max(true))}&gt; alone gives {100 * max(true) / sum(true):.3g} %"
    )
    assert f"of the pixels right; {largest}" in text
    miou = what.metrics["miou"]
    assert f"A pixel classifier reaches 0.432, this network {miou:.3f}." in text
    assert 'mean of a pixel classifier</th><td class="number">0.432</td>' in text
    assert "pixel classifier" not in page(tmp_path, values())


def test_curves_start_at_zero_and_bands_have_their_names() -> None:
    curves = learning_curves([{"epoch": n, "miou": 0.8 + n / 100} for n in range(1, 4)], None)
    assert ">0.0<" in curves and ">0.8<" in curves
    names = ("blue", "003: NO2 – 003: SO2", "003: HCHO")
    streams = ("image", "auxiliary", "auxiliary")
    bands = [{"stream": s, "name": n, "lost": 0.1} for s, n in zip(streams, names)]
    chart = band_chart(bands)
    for name in ("blue (image)", "NO2 – SO2 (auxiliary)", "HCHO (auxiliary)"):
        assert f">{name}<" in chart
    bands[2]["name"] = "other: HCHO"
    assert ">other: HCHO (auxiliary)<" in band_chart(bands)


def test_few_tiles_are_said_before_what_was_measured_on_them(tmp_path: Path) -> None:
    what = values()
    what.metrics["contribution"]["windows"] = 4  # type: ignore[index]
    text = page(tmp_path, what)
    assert "On so few tiles only large differences count." in text
    assert text.index("Measured on 4 of 20") < text.index("IoU if the network sees")
    assert "On so few tiles" not in page(tmp_path, values())
